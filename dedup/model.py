"""The words of the project: verdicts, outcomes, flags, volume levels, carriers, evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

CONTRACT_VERSION = 1
"""Of what other programs may rely on: the columns and keys of results."""


class Verdict(StrEnum):
    """What two records are to each other (`junk` speaks of one record)."""

    SAME = "same"
    STRUCTURE = "structure"
    REPAIR = "repair"
    JUNK = "junk"
    DIFFERENT = "different"
    REVIEW = "review"


class Outcome(IntEnum):
    """The answer to one question about two records; unknown is never evidence against."""

    DIFFERS = -1
    UNKNOWN = 0
    CLOSE = 1
    AGREES = 2


class Flag(StrEnum):
    """A fact that goes with any cause."""

    SELF_DUPLICATE = "self-duplicate"
    TWO_CALL_NUMBERS = "two-call-numbers"
    SINGLE_FORM_SEARCH = "single-form-search"
    DATE_CONFLICT = "date-conflict"


class Format(IntEnum):
    """The MARC format of one record, decided from its grammar."""

    MARC21 = 0
    CNMARC = 1
    UNIMARC = 2


class Level(IntEnum):
    """The bibliographic level of a record within a multi-volume work."""

    SINGLE = 0
    VOLUME = 1
    RANGE = 2
    SET = 3


class IsbnRole(IntEnum):
    """What an ISBN in a record stands for."""

    SELF = 0
    SET = 1
    VOLUME = 2
    DISC = 3
    EBOOK = 4
    CANCELLED = 5
    OTHER_BINDING = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """The answer to one question, with both values as they were compared."""

    question: str
    outcome: Outcome
    left: str
    right: str
