"""What became of findings from month to month: new, repeated, solved, answered, by library and cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dedup.engine.base import Engine
from dedup.errors import InputError, StoreError, nearest, problem

_COUNTS = """
SELECT * FROM history WHERE ($period = '' OR period = $period) AND ($library IS NULL OR library = $library)
ORDER BY period, library, cause
"""


@dataclass(frozen=True, slots=True)
class Count:
    """Findings of one month, library ('' = all together) and cause ('' = none known, or all when summed up)."""

    period: str
    library: str
    cause: str
    new: int
    repeated: int
    solved: int
    answered: int


COLUMNS = ("period", "library", "cause", "new", "repeated", "solved", "answered")
"""The columns of a count, in order."""


def read_counts(engine: Engine, period: str = "", library: str | None = None) -> list[Count]:
    """The rows of the table `history`; of one month, of one library ('' = all together), where they are named.

    Raises StoreError when the database has no history, InputError for a month or a library that it does not know.
    """
    if not engine.has("history"):
        raise StoreError(problem("database", "no history", "one that this version made", "repeat `dedup run`"))
    for name, asked in (("period", period), ("library", library or "")):
        known = engine.read(f"SELECT DISTINCT {name} FROM history ORDER BY 1")[name].to_pylist()
        if asked and asked not in known:
            listed = [one for one in known if one]
            wanted = f"a {name} with a report" + (f", such as {listed[-1]}" if listed else "")
            remedy = nearest(asked, listed) or "leave it out to see all"
            raise InputError(problem(f"--{name}", repr(asked), wanted, remedy))
    return [Count(**row) for row in engine.read(_COUNTS, {"period": period, "library": library}).to_pylist()]


def summed(counts: Sequence[Count], *by: str) -> list[Count]:
    """Counts put together by some of `period`, `library`, `cause`, sorted by them; the others become ''.

    Rows of libraries and those of all together are never to be added up with each other: choose one kind first.
    """
    sums: dict[tuple[str, str, str], list[int]] = {}
    for count in counts:
        period, library, cause = (getattr(count, name) if name in by else "" for name in COLUMNS[:3])
        row = sums.setdefault((period, library, cause), [0] * len(COLUMNS[3:]))
        for place, name in enumerate(COLUMNS[3:]):
            row[place] += getattr(count, name)
    return [Count(*key, *row) for key, row in sorted(sums.items())]


def as_rows(counts: Sequence[Count]) -> list[dict[str, Any]]:
    """Counts as plain rows, in the columns COLUMNS."""
    return [asdict(count) for count in counts]
