"""Whether what came in is whole: half of a file must not pass for a month in which the other half was withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

from dedup.engine.base import Engine
from dedup.errors import InputError, problem

CUT_SHORT = ("cut off", "ends inside", "end too early")
"""What the readers of `dedup.marc` say of a record or of packed data that the end of the file breaks off."""

_BROKEN = """
SELECT q.source, q.file, q.reason, (SELECT sum(loaded) FROM ledger WHERE source = q.source)::BIGINT AS records
FROM quarantine q JOIN ledger l ON l.source = q.source AND l.file = q.file
WHERE q."offset" + q.length >= l.bytes AND len(list_filter($words, lambda word: contains(q.reason, word))) > 0
ORDER BY q.source, q.file
"""


def must_be_whole(engine: Engine, before: Mapping[str, int]) -> None:
    """Raise InputError for a file that breaks off, when its source has fewer records than the last run had (`before`).

    A first load takes such a file as it is: the rest of its last record is quarantined and counted.
    """
    for row in engine.read(_BROKEN, {"words": list(CUT_SHORT)}).to_pylist():
        if row["records"] < before.get(row["source"], 0):
            found = f"its end broken off ({row['reason']}), and {row['records']} of {before[row['source']]} records"
            remedy = "fetch it again; or take it as it is with --partial (nothing is withdrawn) or --full"
            raise InputError(problem(f"{row['file']} of source {row['source']}", found, "the whole file", remedy))
