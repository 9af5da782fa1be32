"""Records without a usable title: which good record tells what each is, whose job it is, and what to do.

Source: domain facts 4.3 (order of the keys) and 4.5 (texts). Which record is junk was settled when it was normalised
(column `junk`); which pairs lead from one to a good record is settled by the rows `junk.*` of the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dedup.codes import Code, filled, read_codes
from dedup.normalise.mojibake import mojibake
from dedup.rules import RuleSet
from dedup.stages.context import Context
from dedup.tables import JUNK

FILE = """
SELECT s.record_id, j.code, s.has_items::INTEGER AS has_holdings, t.record_id AS rescue_record_id,
       t.rule AS rescue_key, s.library, nullif(j.reason, '') AS reason, j.responsible, j.correction_zh, j.correction_en
FROM junk j JOIN shelf s ON s.rid = j.rid
LEFT JOIN rescue t ON t.rid = j.rid ORDER BY s.record_id
"""
"""The rows of junk.csv."""

# The usable records to which the policy leads from each junk record; of records that are the same the one to keep. Only
# the best key counts.
_FOUND = """
WITH near AS (
  SELECT v."left" AS rid, v."right" AS other, v.row FROM judged v WHERE v.verdict = 'junk'
  UNION ALL SELECT v."right", v."left", v.row FROM judged v WHERE v.verdict = 'junk'
), kept AS (
  SELECT m.rid, k.rid AS keeper FROM member m
  JOIN member k ON k.group_id = m.group_id AND k.keep AND k.verdict = 'same' WHERE m.verdict = 'same'
), target AS (
  SELECT DISTINCT n.rid, w.place, w.key, g.rid AS good, g.record_id
  FROM near n
  JOIN rescue_key w ON w.row = n.row
  JOIN record b ON b.rid = n.rid AND NOT b.title_usable
  LEFT JOIN kept t ON t.rid = n.other
  JOIN record g ON g.rid = coalesce(t.keeper, n.other) AND g.title_usable
), best AS (SELECT rid, min(place) AS place FROM target GROUP BY rid)
SELECT t.rid, any_value(t.key) AS rule, any_value(t.place) AS place, count(*) AS records, min(t.record_id) AS record_id,
       min(t.good) AS good, string_agg(t.record_id, ', ' ORDER BY t.record_id) AS names
FROM target t JOIN best b ON b.rid = t.rid AND b.place = t.place GROUP BY t.rid
"""

_ONE = "SELECT rid, record_id, rule FROM rescue_found WHERE records = 1"

_RECORDS = """
SELECT r.rid, r.record_id, r.junk, r.mended_title, r.display_title, r.isbn_text, r.unified_number, r.source_numbers,
       r.libraries, r.barcodes, r.call_numbers, r.agencies, f.place, f.records, f.names, f.record_id AS target,
       g.display_title AS title
FROM record r
LEFT JOIN rescue_found f ON f.rid = r.rid
LEFT JOIN (SELECT rid, display_title FROM record WHERE rid IN (SELECT good FROM rescue_found WHERE records = 1)) g
  ON f.records = 1 AND g.rid = f.good
WHERE r.junk <> '' ORDER BY r.rid
"""

Row = Mapping[str, Any]


def find(context: Context) -> None:
    """Tables `junk` (schema JUNK) and `rescue` (schema RESCUE), from `record`, `judged` and `member`.

    A good record is named only when the best key that leads to any leads to exactly one.
    """
    engine, rules = context.engine, context.rules
    keys = [
        {"row": row["row"], "key": row["key"], "place": at} for at, row in enumerate(rules.tables["junk"]["rescue"])
    ]
    table = pa.Table.from_pylist(keys)
    engine.write("rescue_key", table.schema, table.to_batches())
    engine.passing("rescue_found", _FOUND)
    engine.sql("rescue", _ONE)
    rows = [_told(row, rules) for row in engine.read(_RECORDS).to_pylist()]
    engine.write("junk", JUNK, pa.Table.from_pylist(rows, JUNK).to_batches())
    engine.drop("rescue_key", "rescue_found")


def _told(row: Row, rules: RuleSet) -> dict[str, Any]:
    """One row of `junk`."""
    code = read_codes(rules)[row["junk"]]
    situation = _situation(row, code)
    texts = {
        f"correction_{language}": filled(code.corrections[situation][language], _values(row, rules, language))
        for language in ("zh", "en")
    }
    told = {"rid": row["rid"], "code": code.id, "situation": situation, "responsible": responsible(row, rules)}
    return told | {"reason": f"{_reason(row, code, rules, 'zh')} / {_reason(row, code, rules, 'en')}"} | texts


def _situation(row: Row, code: Code) -> str:
    """Which correction holds: a good record is there, the title can be mended, items are left, or nothing is."""
    if row["libraries"] and row["title"]:
        return "rescued"
    if row["mended_title"] and not row["title"] and "mend" in code.corrections:
        return "mend"
    return "items" if row["libraries"] else "empty"


def responsible(row: Row, rules: RuleSet) -> str:
    """The libraries that own items; without items the last agency that worked on the record, else the centre."""
    owners = sorted({library for library in row["libraries"] if library})
    if owners:
        return ";".join(owners)
    return str((row["agencies"] or [rules.tables["causes"]["centre"]])[-1])


def _short(text: str, rules: RuleSet) -> str:
    longest = rules.tables["junk"]["reason"]["longest"]
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _values(row: Row, rules: RuleSet, language: str) -> dict[str, str]:
    """What the correction texts may ask for."""
    unknown = rules.tables["causes"]["phrases"]["unknown"][language]

    def listed(values: list[str]) -> str:
        """Values each once, in order, some at most."""
        return (
            ", ".join(list(dict.fromkeys(filter(None, values)))[: rules.tables["junk"]["reason"]["values"]]) or unknown
        )

    values = {
        "record": row["record_id"],
        "typed": _short(row["display_title"], rules) or unknown,
        "barcodes": listed(row["barcodes"]),
        "calls": listed(row["call_numbers"]),
        "isbn": listed(row["isbn_text"]),
        "unified": row["unified_number"] or unknown,
        "source": listed(row["source_numbers"]),
        "mended": row["mended_title"] or unknown,
        "title": _short(row["title"] or "", rules) or unknown,
        "target": row["target"] or unknown,
    }
    name = "" if row["place"] is None else rules.tables["junk"]["rescue"][row["place"]]["name"][language]
    return values | {"by": filled(name, values)}


def _reason(row: Row, code: Code, rules: RuleSet, language: str) -> str:
    """What was found: the kind, the title as typed, what it stands for, and records among which none is certain."""
    texts = rules.tables["junk"]["reason"]
    values = _values(row, rules, language) | {"records": row["names"] or ""}
    name = code.name[language]
    if spoilt := mojibake(row["display_title"], rules) if code.id == rules.tables["junk"]["spoilt"] else None:
        kinds = {kind["id"]: kind["means"][language] for kind in rules.tables["mojibake"]["kind"]}
        name = f"{name} ({kinds[spoilt.kind]})"
    parts = [name]
    if row["display_title"]:
        parts.append(filled(texts["typed"][language], values))
    if row["mended_title"]:
        parts.append(filled(texts["mended"][language], values))
    if (row["records"] or 0) > 1:
        parts.append(filled(texts["several"][language], values))
    return ("；" if language == "zh" else "; ").join(parts)
