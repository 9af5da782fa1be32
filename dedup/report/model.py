"""What a report is made of, whatever it is written as: lines for records, packages for libraries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Part(StrEnum):
    """A part of a package: a sheet of its workbook, a section of its page."""

    MERGE = "merge"
    CORRECT = "correct"
    LEVEL = "level"
    JUNK = "junk"
    EMPTY = "empty"
    REVIEW = "review"
    CONFIRMED = "confirmed"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Line:
    """One record in one finding, as one library sees it (domain facts 6.3: the columns of the action sheets).

    `key` names the line for the way back: `GROUP|RECORD` (junk: `J|RECORD`), never shown but stored in the workbook.
    `differing` holds the names of those fields of this class in which the records of the group differ.
    Texts are as typed; lists are already one text, values apart by `; `. Absent is ''.
    """

    key: str
    part: Part
    group_id: str
    verdict: str
    cause: str
    secondary: str
    flags: str
    action: str
    keep: bool
    keep_record: str
    record_id: str
    title: str
    responsibility: str
    edition: str
    publisher: str
    year_fixed: str
    year_transcribed: str
    pages: str
    isbn13: str
    isbn10: str
    series: str
    volume: str
    level: str
    libraries: str
    call_numbers: str
    barcodes: str
    agencies: str
    dated: str
    differing: tuple[str, ...]
    correction: Mapping[str, str]
    reason: Mapping[str, str]
    confidence: str
    responsible: str
    locations: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """All that one library is given; `library` is '' for the centre.

    Lines of one group stand together, the record to keep first.
    """

    library: str
    lines: tuple[Line, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, part: Part) -> tuple[Line, ...]:
        """The lines of one part, in order."""
        return tuple(line for line in self.lines if line.part is part)
