"""Export: the machine-readable results of a run, as the public contract words them."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from dedup.engine.base import Engine
from dedup.stages import faults, junk
from dedup.stages.context import Context, Tally
from dedup.stages.load import quarantine_file

QUARANTINE_FOLDER = "quarantine"

_SHELF = """
SELECT r.rid, r.record_id,
       coalesce(nullif(list_aggregate(list_sort(list_distinct(list_filter(r.libraries, lambda x: x <> ''))),
                                      'string_agg', ';'), ''), s.library) AS library
FROM record r JOIN source s ON s.source = r.source
WHERE r.rid IN (SELECT rid FROM member) OR NOT r.title_usable
"""

_GROUPS = """
SELECT m.group_id, m.verdict, nullif(c.cause, '') AS cause, nullif(c.secondary, '') AS secondary,
       nullif(c.flags, '') AS flags, s.record_id, m.keep::INTEGER AS keep,
       round(m.confidence, 4)::DECIMAL(6, 4) AS confidence, s.library, g.reason, b.responsible, t.action,
       t.correction_zh, t.correction_en
FROM member m JOIN shelf s ON s.rid = m.rid
JOIN correction t ON t.group_id = m.group_id AND t.rid = m.rid AND t.library = ''
LEFT JOIN group_cause c ON c.group_id = m.group_id
LEFT JOIN reason g ON g.group_id = m.group_id AND g.rid = m.rid
LEFT JOIN (SELECT group_id, string_agg(DISTINCT maker, ';' ORDER BY maker) AS responsible
           FROM blame WHERE at_fault GROUP BY group_id) b ON b.group_id = m.group_id
ORDER BY m.group_id, s.record_id
"""

_PAIRS = """
SELECT least(a.record_id, z.record_id) AS "left", greatest(a.record_id, z.record_id) AS "right", e.verdict,
       CASE WHEN NOT e.refused THEN nullif(c.cause, '') END AS cause,
       CASE WHEN NOT e.refused THEN nullif(c.secondary, '') END AS secondary,
       e.score, nullif(e.veto, '') AS veto, nullif(e.reason, '') AS reason
FROM edge e JOIN record a ON a.rid = e."left" JOIN record z ON z.rid = e."right"
LEFT JOIN cause c ON c."left" = e."left" AND c."right" = e."right"
ORDER BY 1, 2
"""

# What each library has to do: its own items of a record that several hold, else the whole of the record.
_FINDINGS = """
WITH acting AS (
  SELECT t.group_id, t.rid, t.action, t.correction_zh, t.correction_en,
         unnest(CASE WHEN t.library <> '' THEN [t.library]
                     WHEN t.action IN ('correct', 'relevel') THEN [b.maker]
                     WHEN len(h.holders) > 0 THEN h.holders ELSE [b.maker] END) AS library
  FROM correction t JOIN blame b ON b.group_id = t.group_id AND b.rid = t.rid
  JOIN (SELECT rid, list_sort(list_distinct(list_filter(libraries, lambda x: x <> ''))) AS holders FROM record
        WHERE rid IN (SELECT rid FROM member)) h ON h.rid = t.rid
  WHERE t.library <> '' OR t.action <> 'merge' OR len(h.holders) < 2
)
SELECT a.library, a.group_id, m.verdict, nullif(c.cause, '') AS cause, s.record_id, a.action,
       a.correction_zh, a.correction_en
FROM acting a JOIN member m ON m.group_id = a.group_id AND m.rid = a.rid JOIN shelf s ON s.rid = a.rid
LEFT JOIN group_cause c ON c.group_id = a.group_id
ORDER BY a.library, a.group_id, s.record_id, a.action
"""

_QUARANTINE = 'SELECT source, file, "offset", length, reason FROM quarantine ORDER BY source, file, "offset"'
_LEDGER = "SELECT * FROM ledger ORDER BY source, file"

FILES = {
    "groups.csv": _GROUPS,
    "pairs.csv": _PAIRS,
    "findings.csv": _FINDINGS,
    "junk.csv": junk.FILE,
    "records.csv": faults.RECORDS,
    "quarantine.csv": _QUARANTINE,
    "ledger.csv": _LEDGER,
}
"""File name -> query, in the columns and the order of the public contract."""


def run(context: Context) -> Tally:
    """Write all data files into `context.out`: the same bytes for the same input, whatever its order."""
    engine = context.engine
    engine.sql("shelf", _SHELF)
    rows = {}
    # Sorting and writing one file leaves most of the machine idle.
    with ThreadPoolExecutor(context.threads) as pool:
        written = {pool.submit(engine.export, query, context.out / name): name for name, query in FILES.items()}
        for place, file in enumerate(as_completed(written), 1):
            rows[written[file]] = file.result()
            context.progress.advance(place, len(FILES))
    _contents(context)
    engine.drop("edge", "shelf")
    members = int(engine.read("SELECT count(*) AS n FROM member")["n"][0].as_py())
    return Tally(members, rows["groups.csv"])


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
