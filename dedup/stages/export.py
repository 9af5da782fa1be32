"""Export: the machine-readable results of a run, as the public contract words them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.normalise.placeholder import junk_kind
from dedup.rules import RuleSet
from dedup.stages.context import Context, Tally
from dedup.stages.load import quarantine_file

QUARANTINE_FOLDER = "quarantine"

# What pairs.csv shows: the judged pairs, a refused merge as a pair to review.
_EDGE = """
SELECT j."left", j."right", CASE WHEN c."left" IS NULL THEN j.verdict ELSE 'review' END AS verdict,
       round(j.score, 4)::DECIMAL(6, 4) AS score, CASE WHEN c."left" IS NULL THEN j.veto ELSE c.veto END AS veto,
       CASE WHEN c."left" IS NULL THEN j.reason
            ELSE $refused || ': ' || a.record_id || ', ' || z.record_id END AS reason
FROM judged j
LEFT JOIN conflict c ON c."left" = j."left" AND c."right" = j."right"
LEFT JOIN record a ON a.rid = c.because_left
LEFT JOIN record z ON z.rid = c.because_right
WHERE j.verdict <> 'different' OR j.veto <> ''
"""

_SHELF = """
SELECT r.rid, r.record_id,
       coalesce(nullif(list_aggregate(list_sort(list_distinct(list_filter(r.libraries, lambda x: x <> ''))),
                                      'string_agg', ';'), ''), s.library) AS library
FROM record r JOIN source s ON s.source = r.source
WHERE r.rid IN (SELECT rid FROM member) OR NOT r.title_usable
"""

_GROUPS = """
WITH link AS (
  SELECT e."left" AS rid, e."right" AS other, e.verdict, e.score, e.reason FROM edge e
  UNION ALL SELECT e."right", e."left", e.verdict, e.score, e.reason FROM edge e
), best AS (
  SELECT m.group_id, m.rid, max({'score': l.score, 'reason': l.reason}).reason AS reason
  FROM member m JOIN link l ON l.rid = m.rid AND l.verdict = m.verdict
  JOIN member o ON o.rid = l.other AND o.group_id = m.group_id
  GROUP BY m.group_id, m.rid
)
SELECT m.group_id, m.verdict, NULL AS cause, NULL AS secondary, NULL AS flags, s.record_id, m.keep::INTEGER AS keep,
       round(m.confidence, 4)::DECIMAL(6, 4) AS confidence, s.library, b.reason
FROM member m JOIN shelf s ON s.rid = m.rid
LEFT JOIN best b ON b.group_id = m.group_id AND b.rid = m.rid
ORDER BY m.group_id, s.record_id
"""

_PAIRS = """
SELECT least(a.record_id, z.record_id) AS "left", greatest(a.record_id, z.record_id) AS "right",
       e.verdict, NULL AS cause, NULL AS secondary, e.score, nullif(e.veto, '') AS veto, nullif(e.reason, '') AS reason
FROM edge e JOIN record a ON a.rid = e."left" JOIN record z ON z.rid = e."right"
ORDER BY 1, 2
"""

_JUNK = """
SELECT s.record_id, j.code, (len(r.libraries) > 0)::INTEGER AS has_holdings, t.record_id AS rescue_record_id,
       t.rule AS rescue_key, s.library, nullif(r.display_title, '') AS reason
FROM junk j JOIN record r ON r.rid = j.rid JOIN shelf s ON s.rid = j.rid
LEFT JOIN rescue t ON t.rid = j.rid ORDER BY s.record_id
"""

# The usable record that a record without a title shares a key with; of a group the one to keep. First rule, then id.
_RESCUE = """
WITH near AS (
  SELECT p."left" AS rid, p."right" AS other, p.rules FROM pair p
  UNION ALL SELECT p."right", p."left", p.rules FROM pair p
), kept AS (
  SELECT m.rid, first(k.rid) AS keeper FROM member m JOIN member k ON k.group_id = m.group_id AND k.keep GROUP BY m.rid
)
SELECT n.rid, min({'rule': b.rule, 'record_id': r.record_id}).record_id AS record_id,
       min({'rule': b.rule, 'id': b.id}).id AS rule
FROM near n
JOIN junk j ON j.rid = n.rid
JOIN judged v ON v."left" = least(n.rid, n.other) AND v."right" = greatest(n.rid, n.other) AND v.verdict = 'junk'
JOIN blocking_rule b ON (n.rules >> b.rule) & 1 = 1
LEFT JOIN kept t ON t.rid = n.other
JOIN record r ON r.rid = coalesce(t.keeper, n.other)
WHERE r.title_usable GROUP BY n.rid
"""

_RECORDS = """
SELECT NULL AS record_id, NULL AS code, NULL AS field, NULL AS found, NULL AS expected, NULL AS library, NULL AS reason
FROM range(0)
"""

_QUARANTINE = 'SELECT source, file, "offset", length, reason FROM quarantine ORDER BY source, file, "offset"'
_LEDGER = "SELECT * FROM ledger ORDER BY source, file"

FILES = {
    "groups.csv": _GROUPS,
    "pairs.csv": _PAIRS,
    "junk.csv": _JUNK,
    "records.csv": _RECORDS,
    "quarantine.csv": _QUARANTINE,
    "ledger.csv": _LEDGER,
}
"""File name -> query, in the columns and the order of the public contract."""


def run(context: Context) -> Tally:
    """Write all data files into `context.out`: the same bytes for the same input, whatever its order."""
    engine = context.engine
    refused = context.rules.tables["group"]["refused"]["means"]
    engine.sql("edge", _EDGE, {"refused": f"{refused['zh']} / {refused['en']}"})
    engine.sql("shelf", _SHELF)
    _junk(engine, context.rules)
    engine.sql("rescue", _RESCUE)
    rows = {}
    for place, (name, query) in enumerate(FILES.items(), 1):
        rows[name] = engine.export(query, context.out / name)
        context.progress.advance(place, len(FILES))
    _contents(context)
    engine.drop("edge", "shelf", "rescue")
    members = int(engine.read("SELECT count(*) AS n FROM member")["n"][0].as_py())
    return Tally(members, rows["groups.csv"])


def _junk(engine: Engine, rules: RuleSet) -> None:
    """The kind of each record without a usable title: table `junk` (rid, code)."""
    found = engine.read("SELECT rid, display_title FROM record WHERE NOT title_usable ORDER BY rid")
    codes = [junk_kind(title, rules) for title in found["display_title"].to_pylist()]
    table = pa.table({"rid": found["rid"], "code": pa.array(codes, pa.string())})
    engine.write("junk", table.schema, table.to_batches())


def _contents(context: Context) -> None:
    """The quarantined bytes, one file a source, in the order of quarantine.csv."""
    folder: Path = context.out / QUARANTINE_FOLDER
    names = engine_sources(context.engine)
    for source in names:
        waiting = quarantine_file(context.scratch, source)
        if waiting.exists():
            folder.mkdir(exist_ok=True)
            shutil.move(waiting, folder / f"{source}.bin")


def engine_sources(engine: Engine) -> list[str]:
    """The codes of all sources, sorted."""
    return sorted(engine.read("SELECT source FROM source")["source"].to_pylist())
