"""What an order list is, and what is said of each of its lines. Nothing here depends on how it is written out.

Nothing is ever null: what is not known is '' (or 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dedup.review.model import Row
from dedup.rulebook import Words

__all__ = ["Answer", "Difference", "Line", "Match", "Note", "OrderList", "OrderReport", "Row", "Sheet", "Status"]


class Status(StrEnum):
    """What the catalogue is found to hold of a line, the surest first."""

    HELD = "held"
    LIKELY = "likely"
    OTHER = "other"
    LOOK = "look"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, or the whole of a text file (name ''): every row that holds anything.

    `heading` is the number of the row with the headings, 0 when there is none; `columns` the places (from 0) of the
    columns that were known by them.
    """

    name: str
    rows: tuple[Row, ...]
    heading: int
    columns: Mapping[str, tuple[int, ...]]

    @property
    def lines(self) -> tuple[Row, ...]:
        """The rows below the headings; none without headings."""
        return tuple(row for row in self.rows if row.number > self.heading) if self.heading else ()


@dataclass(frozen=True, slots=True)
class OrderList:
    """A list as it came. `file` is its path as named."""

    file: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a line that people should know: a `[[note]]` of orders.toml and the value it speaks of."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be told of: where it stands, and what it says by column of orders.toml (ISBNs apart by 0x1E)."""

    sheet: str
    row: int
    says: Mapping[str, str]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a record of the catalogue is not what the line says; '' where one of them is silent."""

    name: Words
    line: str
    record: str

    def text(self, language: str) -> str:
        """`edition: 3 / 2`; a dash for silence."""
        return f"{self.name.of(language)}: {self.line or '—'} / {self.record or '—'}"


@dataclass(frozen=True, slots=True)
class Match:
    """A record of the catalogue that has to do with a line.

    `libraries`: code and copies of each library that holds it; a record without items belongs to the library of its
    source, with 0 copies. `status`, `kind`, `reason`: what this record is to the line; `row`: id of the row of
    orders.toml that said so.
    """

    record_id: str
    libraries: Mapping[str, int]
    title: str
    statement: str
    status: Status
    kind: str
    row: str
    reason: Words
    differs: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one line. `matches`: the records that it is said of, and those worth knowing besides, best first.

    `kind`: in what the held form is another (edition, volume, binding, carrier; '' unless the status is `other`).
    """

    line: Line
    status: Status
    kind: str
    reason: Words
    matches: tuple[Match, ...]
    notes: tuple[Words, ...]

    @property
    def best(self) -> tuple[Match, ...]:
        """The records that the answer speaks of."""
        return tuple(match for match in self.matches if match.status is self.status)

    @property
    def libraries(self) -> dict[str, int]:
        """Copies by library over the records that the answer speaks of."""
        found: dict[str, int] = {}
        for match in self.best:
            for library, copies in match.libraries.items():
                found[library] = found.get(library, 0) + copies
        return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One answer for each line, in the order of the list. `records`: of the catalogue; `database` as named.

    `other_rules`: it was made by other rule tables than those in force, so that a title may be read differently there.
    """

    orders: OrderList
    answers: tuple[Answer, ...]
    database: str
    records: int
    other_rules: bool

    @property
    def counts(self) -> dict[str, int]:
        """Lines by status, all of them named."""
        return {str(status): sum(answer.status is status for answer in self.answers) for status in Status}
