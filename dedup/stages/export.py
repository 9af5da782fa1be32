"""Export: the machine-readable results of a run, as the public contract words them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import groupby
from pathlib import Path

from dedup.stages import faults, junk
from dedup.stages.context import Context, Tally
from dedup.stages.edges import edges
from dedup.stages.pairs_file import write_pairs
from dedup.stages.shelf import ACTING, RESPONSIBLE

QUARANTINE_FOLDER = "quarantine"

_GROUPS = f"""
SELECT m.group_id, m.verdict, nullif(c.cause, '') AS cause, nullif(c.secondary, '') AS secondary,
       nullif(c.flags, '') AS flags, s.record_id, m.keep::INTEGER AS keep,
       round(m.confidence, 4)::DECIMAL(6, 4) AS confidence, s.library, g.reason, b.responsible, t.action,
       t.correction_zh, t.correction_en
FROM member m JOIN shelf s ON s.rid = m.rid
JOIN correction t ON t.group_id = m.group_id AND t.rid = m.rid AND t.library = ''
LEFT JOIN group_cause c ON c.group_id = m.group_id
LEFT JOIN reason g ON g.group_id = m.group_id AND g.rid = m.rid
LEFT JOIN ({RESPONSIBLE}) b ON b.group_id = m.group_id
ORDER BY m.group_id, s.record_id
"""

FINDINGS = f"""
WITH acting AS ({ACTING})
SELECT a.library, a.group_id, m.verdict, nullif(c.cause, '') AS cause, s.record_id, a.action,
       a.correction_zh, a.correction_en
FROM acting a JOIN member m ON m.group_id = a.group_id AND m.rid = a.rid JOIN shelf s ON s.rid = a.rid
LEFT JOIN group_cause c ON c.group_id = a.group_id
"""
"""What each library has to do with which record."""

_QUARANTINE = 'SELECT source, file, "offset", length, reason FROM quarantine ORDER BY source, file, "offset"'
_CONTENT = 'SELECT source, content FROM quarantined ORDER BY source, file, "offset"'
_LEDGER = "SELECT * FROM ledger ORDER BY source, file"

# What became of groups that are no longer what they were in the run before.
_REGROUPED = "SELECT group_id, was, kind, verdict, records FROM regrouped ORDER BY kind, was, group_id"

QUERIES = {
    "groups.csv": _GROUPS,
    "findings.csv": f"{FINDINGS} ORDER BY library, group_id, record_id, action",
    "junk.csv": junk.FILE,
    "records.csv": faults.RECORDS,
    "quarantine.csv": _QUARANTINE,
    "ledger.csv": _LEDGER,
    "regrouped.csv": _REGROUPED,
}
"""File name -> query, in the columns and the order of the public contract."""

PAIRS = "pairs.csv"
FILES = (PAIRS, *QUERIES)


def run(context: Context) -> Tally:
    """Write all data files into `context.out`: the same bytes for the same input, whatever its order."""
    engine = context.engine
    edges(engine, context.rules)
    rows = {}
    # Sorting and writing one file leaves most of the machine idle.
    with ThreadPoolExecutor(context.threads) as pool:
        written = {pool.submit(write_pairs, engine, context.out / PAIRS): PAIRS}
        written |= {pool.submit(engine.export, query, context.out / name): name for name, query in QUERIES.items()}
        for place, file in enumerate(as_completed(written), 1):
            rows[written[file]] = file.result()
            context.progress.advance(place, len(FILES))
    _contents(context)
    engine.drop("edge")
    members = int(engine.read("SELECT count(*) AS n FROM member")["n"][0].as_py())
    return Tally(members, rows["groups.csv"])


def _contents(context: Context) -> None:
    """The quarantined bytes, one file a source, in the order of quarantine.csv."""
    folder: Path = context.out / QUARANTINE_FOLDER
    for batch in context.engine.batches(_CONTENT):
        folder.mkdir(exist_ok=True)
        rows = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
        for source, items in groupby(rows, key=lambda row: row[0]):
            with (folder / f"{source}.bin").open("ab") as out:
                out.writelines(content for _, content in items)
