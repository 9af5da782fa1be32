"""Faults inside one record, and those that two records show together: table `fault`, and the rows of records.csv.

What one record shows was found when it was normalised (`dedup.normalise.fault`); here it is joined by what only the
catalogue can show: a source number or an ISBN that two quite different books carry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from dedup.codes import Kind, read_codes
from dedup.engine.base import Engine
from dedup.model import Format, Level
from dedup.normalise.fault import PARTED
from dedup.normalise.fault_isbn import long_form
from dedup.rules import RuleSet
from dedup.stages.shelf import HOLDERS
from dedup.tables import FAULT

_OVERLAID, _SHARED_ISBN = "Q12", "Q14"
_TEXTS = ("reason", "correction_zh", "correction_en")


def _filled(text: str) -> str:
    """An expression that puts the values of a fault into a text; what was found comes last, as it may hold anything."""
    values = {"field": "f.field", "record": "r.record_id", "other": "coalesce(o.record_id, '')"}
    values |= {"expected": "f.expected", "found": "f.found"}
    for name, value in values.items():
        text = f"replace({text}, '{{{name}}}', {value})"
    return f"trim({text})"


RECORDS = f"""
SELECT r.record_id, f.code, nullif(f.field, '') AS field, nullif(f.found, '') AS found,
       nullif(f.expected, '') AS expected,
       coalesce(nullif(array_to_string({HOLDERS}, ';'), ''), s.library) AS library,
       {_filled("t.reason")} AS reason, t.severity, {_filled("t.correction_zh")} AS correction_zh,
       {_filled("t.correction_en")} AS correction_en
FROM fault f JOIN fault_code t ON t.code = f.code JOIN record r ON r.rid = f.rid JOIN source s ON s.source = r.source
LEFT JOIN record o ON o.rid = f.other
ORDER BY r.record_id, f.code, f.field, f.found, f.expected
"""
"""The rows of records.csv; needs the tables `fault` and `fault_code`."""

# Column `faults` taken apart.
_OWN = """
SELECT rid, split_part(fault, $parted, 1) AS code, split_part(fault, $parted, 2) AS field,
       split_part(fault, $parted, 3) AS found, split_part(fault, $parted, 4) AS expected, NULL::BIGINT AS other
FROM (SELECT rid, unnest(faults) AS fault FROM record WHERE len(faults) > 0)
"""

# Pairs of books that the policy held apart by their titles: each a whole work, in one script, with a title long enough
# to be one, none of them a name under which the other is also known.
_APART = """
SELECT j."left", j."right" FROM {judged} j
JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right"
WHERE j.verdict = 'different' AND list_contains($vetoes, j.veto)
  AND a.level = $single AND z.level = $single AND a.volume_label = '' AND z.volume_label = ''
  AND list_contains($levels, a.bib_level) AND list_contains($levels, z.bib_level)
  AND a.script = z.script AND a.title_usable AND z.title_usable
  AND length(a.title_key) >= $least AND length(z.title_key) >= $least
  AND NOT starts_with(a.title_key, z.title_key) AND NOT starts_with(z.title_key, a.title_key)
  AND NOT list_contains(a.alternatives, z.title_key) AND NOT list_contains(z.alternatives, a.title_key)
  AND NOT list_has_any(a.series, z.series)
"""

# Different names in different titles are no proof that the number of a source was overlaid where an ISBN agrees too.
_SOURCE = """
SELECT j."left", j."right", $overlaid AS code,
       list_sort(list_intersect(a.source_numbers, z.source_numbers))[1] AS source_number, NULL::BIGINT AS isbn
FROM title_apart j JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right"
WHERE list_has_any(a.source_numbers, z.source_numbers) AND NOT list_has_any(a.isbn, z.isbn)
"""

_ISBN = """
SELECT j."left", j."right", $shared AS code, NULL::VARCHAR AS source_number,
       list_sort(list_intersect(a.isbn, z.isbn))[1] AS isbn
FROM title_apart j JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right"
WHERE list_has_any(a.isbn, z.isbn) AND len(a.publishers) > 0 AND len(z.publishers) > 0
  AND NOT list_has_any(a.publishers, z.publishers) AND NOT list_has_any(a.publisher_families, z.publisher_families)
  AND NOT list_has_any(a.authors, z.authors) AND NOT list_has_any(a.headings, z.headings)
"""

# Each record once for each number it shares, whatever the number of its partners: the first by record id is named.
_EACH = """
WITH pairs AS (SELECT * FROM number_shared WHERE code = $code), link AS (
  SELECT "left" AS rid, "right" AS other, source_number, isbn FROM pairs
  UNION ALL SELECT "right", "left", source_number, isbn FROM pairs
)
SELECT l.rid, l.source_number, l.isbn, r.format, min_by(l.other, o.record_id) AS other,
       min_by(o.display_title, o.record_id) AS title
FROM link l JOIN record r ON r.rid = l.rid JOIN record o ON o.rid = l.other
GROUP BY l.rid, l.source_number, l.isbn, r.format
"""


def write_faults(engine: Engine, rules: RuleSet) -> int:
    """Write `fault` (schema FAULT) and `fault_code`, from `record`, `judged` and `source`. Returns the faults.

    Table `number_shared` stays: the pairs of different books that carry one number.
    """
    find_shared(engine, rules, "judged", "number_shared")
    return gather_faults(engine, rules)


def find_shared(engine: Engine, rules: RuleSet, judged: str, out: str) -> int:
    """Table `out`: the pairs of different books, of those in the table `judged`, that carry one number."""
    settings = rules.tables["faults"]["pair"]
    asked: dict[str, Any] = {"vetoes": settings["vetoes"], "levels": list(settings["levels"])}
    asked |= {"single": int(Level.SINGLE), "least": settings["least_title"]}
    engine.passing("title_apart", _APART.format(judged=judged), asked)
    codes = {"overlaid": _OVERLAID, "shared": _SHARED_ISBN}
    found = engine.sql(out, f"{_SOURCE} UNION ALL {_ISBN}", codes)
    engine.drop("title_apart")
    return found


def gather_faults(engine: Engine, rules: RuleSet) -> int:
    """Write `fault` and `fault_code` from `record` and `number_shared`. Returns the faults."""
    engine.write("fault_shared", FAULT, _shared(engine, rules))
    engine.passing("fault_own", _OWN, {"parted": PARTED})
    found = engine.sql("fault", "SELECT * FROM fault_own UNION ALL SELECT * FROM fault_shared")
    engine.drop("fault_shared", "fault_own")
    texts = _codes(rules)
    engine.write("fault_code", texts.schema, texts.to_batches())
    return found


def _shared(engine: Engine, rules: RuleSet) -> Iterator[pa.RecordBatch]:
    """The faults that two records show together, one row for each of the two."""
    for code, column in ((_OVERLAID, "source_number"), (_SHARED_ISBN, "isbn")):
        rows = [
            {
                "rid": row["rid"],
                "code": code,
                "field": _place(row[column], "marc21" if row["format"] == Format.MARC21 else "cnmarc", rules),
                "found": long_form(row[column]) if code == _SHARED_ISBN else row[column],
                "expected": row["title"],
                "other": row["other"],
            }
            for row in engine.read(_EACH, {"code": code}).to_pylist()
        ]
        yield pa.RecordBatch.from_pylist(rows, FAULT)


def _place(number: int | str, dialect: str, rules: RuleSet) -> str:
    """Where an ISBN (a core) or a source number (with its prefix) stands in a record."""
    table = rules.tables["faults"]["pair"]
    if isinstance(number, int):
        return str(table["isbn"][dialect])
    places = [place for prefix, place in table["prefix"].items() if number.startswith(prefix)]
    return str((places or [table["source"]])[0][dialect])


def _codes(rules: RuleSet) -> pa.Table:
    """Severity and texts of every fault, with the places of their values still in braces."""
    rows = []
    for code in read_codes(rules).values():
        if code.kind is Kind.FAULT:
            said = code.more["reason"]
            texts = [f"{code.name['zh']}:{said['zh']} / {code.name['en']}: {said['en']}"]
            texts += [code.corrections["correct"][language] for language in ("zh", "en")]
            rows.append({"code": code.id, "severity": str(code.severity), **dict(zip(_TEXTS, texts, strict=True))})
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in ("code", "severity", *_TEXTS)]))
