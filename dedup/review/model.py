"""What comes back from libraries: rows that were answered, and rows that could not be taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dedup.errors import problem
from dedup.report.keys import Seal


class Answer(StrEnum):
    """What a library says of a row of its report."""

    MERGED = "merged"
    CORRECTED = "corrected"
    DELETED = "deleted"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet or of a CSV file: its number as a spreadsheet shows it, and its cells by column from 0."""

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answered row. `place` is `sheet!row` (CSV: `line n`); `done_on` and `note` may be ''."""

    place: str
    seal: Seal
    answer: Answer
    done_on: str
    note: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row (or sheet, or file) that was not taken: where, what was found, what was wanted, what to do."""

    place: str
    found: str
    wanted: str
    remedy: str

    def __str__(self) -> str:
        return problem(self.place, self.found, self.wanted, self.remedy)


@dataclass(frozen=True, slots=True)
class Replies:
    """All that one file says. `saved` is when it was saved (UTC, ISO 8601; '' = not known), `saved_by` by whom."""

    file: str
    saved: str
    saved_by: str
    replies: tuple[Reply, ...]
    refused: tuple[Refusal, ...]
    blank: int
    """Rows without an answer."""
