"""Dates of one record that contradict each other (Q01), and an entry on file before there was a book (Q05).

Source: domain facts 1.4 (conflict), D05 5b and 5c; MARC 21 008; UNIMARC 100. Lawful cases are many, so only a record
whose type of date names one year is judged, and every year that the imprint, the edition statement or a reproduction
note gives makes the fixed one lawful.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from dedup.model import Format
from dedup.normalise.fault_case import NONE, Case, Fault, Ints, Mask
from dedup.normalise.window import among
from dedup.rules import RuleSet
from dedup.tables import FIELD_MARK, SUBFIELD_MARK


@cache
def _pattern(rules: RuleSet, name: str) -> re.Pattern[str]:
    return re.compile(rules.tables["faults"]["date"][name])


def _one_year(case: Case) -> Mask:
    """Records of books whose type of date says that there is one year, with no range in the imprint."""
    return case.batch.derived("one year", lambda: _of_one_year(case))


def _of_one_year(case: Case) -> Mask:
    settings = case.settings("date")
    matrix = case.batch.window("fixed")
    dates = case.rules.tables["date"]["fixed"]
    found: Mask = np.zeros(len(case.batch), np.bool_)
    for form in case.batch.present:
        name = "marc21" if form == Format.MARC21 else "cnmarc"
        here = case.batch.formats == form
        found |= here & among(matrix[:, dates[name]["type"]], settings["types"][name])
    found &= case.level(settings["levels"]) & (case.numbers("end_year") == NONE)
    return found


def suspects(fixed: Ints, second: Ints, transcribed: Ints, one_year: Mask) -> Mask:
    """Records whose two years differ, neither of the fixed ones being that of the imprint."""
    known = (fixed != NONE) & (transcribed != NONE)
    found: Mask = one_year & known & (fixed != transcribed) & (second != transcribed)
    return found


def year_against_imprint(case: Case) -> list[Fault]:
    """Q01: the fixed year is none of the years that the record speaks of."""
    fixed, transcribed = case.numbers("fixed_year"), case.numbers("transcribed_year")
    at = np.flatnonzero(suspects(fixed, case.numbers("fixed_year2"), transcribed, _one_year(case)))
    settings = case.settings("date")
    printed = case.numbers("printing_year")
    return [
        Fault(row, "Q01", case.in_dialect(settings["fixed"], row), str(fixed[row]), str(transcribed[row]))
        for row in at.tolist()
        if fixed[row] != printed[row] and not _lawful(case, row, int(fixed[row]), int(transcribed[row]))
    ]


def _lawful(case: Case, row: int, fixed: int, transcribed: int) -> bool:
    """Whether the imprint is doubtful, or names the fixed year somewhere, or the difference is that of a copyright."""
    settings = case.settings("date")
    imprint = case.text("imprint", row)
    dates = _dates(imprint, settings["codes"])
    if _pattern(case.rules, "doubtful").search(dates):
        return True
    reproduced = [field for field in case.text("medium", row).split(FIELD_MARK) if field[:3] in settings["reproduced"]]
    spoken = " ".join([imprint, case.text("edition", row), *reproduced])
    if str(fixed) in _pattern(case.rules, "year").findall(spoken):
        return True
    marked = _pattern(case.rules, "copyright").search(dates) is not None
    return marked and abs(fixed - transcribed) <= settings["copyright_span"]


def _dates(imprint: str, codes: str) -> str:
    """The date subfields of an imprint in either format; publishers' names do no harm."""
    return " ".join(part[1:] for part in imprint.split(SUBFIELD_MARK) if part and part[0] in codes)


def entered_too_early(case: Case) -> list[Fault]:
    """Q05: the record was entered on file years before the book was published; a later entry is retrospective work."""
    settings = case.settings("date")
    entered, year, second = (case.numbers(name) for name in ("entered", "transcribed_year", "fixed_year2"))
    begun = entered // 10_000
    early = _one_year(case) & (year != NONE) & (begun >= settings["entered_from"]) & (begun <= settings["entered_to"])
    # The original of a reprint, or its copyright, may have been on file before.
    early &= (second == NONE) | (second - begun >= settings["early"])
    announced = settings["announced"]
    national = among(case.batch.window("fixed")[:, announced["at"]], announced["signs"])
    national &= case.batch.formats == Format.MARC21
    early &= year - begun >= np.where(national, announced["early"], settings["early"])
    return [
        Fault(row, "Q05", case.in_dialect(settings["entered"], row), str(entered[row]), str(year[row]))
        for row in np.flatnonzero(early).tolist()
        if not _pattern(case.rules, "doubtful").search(_dates(case.text("imprint", row), settings["codes"]))
    ]
