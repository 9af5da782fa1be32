"""ISBNs that are wrong (Q02), unreadable or out of place (Q03), and records with one form of a number only (Q04).

Source: ISO 2108; GB/T 5795-2006; domain facts 1.2, D01. A wrong number in $z stands where it belongs.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from dedup.normalise.fault_case import Case, Fault, places_of, shown
from dedup.normalise.isbn import CORE_DIGITS, FIRST_PREFIX, LONG_DIGITS, SHORT_DIGITS
from dedup.normalise.isbn_batch import typed_numbers
from dedup.rules import RuleSet

_TEN = 10


def short_form(core: int) -> str:
    """The ten-digit number of a core of nine digits."""
    total, left = 0, core
    for weight in range(2, SHORT_DIGITS + 1):
        left, digit = divmod(left, 10)
        total += weight * digit
    check = -total % 11
    return f"{core:0{CORE_DIGITS}d}{'X' if check == _TEN else check}"


def long_form(core: int) -> str:
    """The thirteen-digit number of a core (nine digits, or twelve with 979)."""
    full = core if core >= 10**CORE_DIGITS else FIRST_PREFIX * 10**CORE_DIGITS + core
    total, left = 0, full
    for place in range(LONG_DIGITS - 1):
        left, digit = divmod(left, 10)
        total += digit if place % 2 else 3 * digit
    return f"{full}{-total % 10}"


def wrong_check_digit(case: Case) -> list[Fault]:
    """Q02: a number of the right length does not add up; the number with the digit recomputed is the likely one."""
    parts = case.batch.subfields("isbn")
    places, cancelled, numbers = typed_numbers(case.batch, case.rules)
    wrong = np.flatnonzero(~numbers.valid & ~cancelled[places[numbers.at]])
    if not len(wrong):
        return []
    at = places[numbers.at[wrong]]
    cores, long = numbers.core[wrong], numbers.form[wrong] == LONG_DIGITS
    read = zip(parts.row[at].tolist(), places_of(parts, at), parts.taken(at).to_pylist(), strict=True)
    return [
        Fault(row, "Q02", field, shown(text), long_form(core) if thirteen else short_form(core))
        for (row, field, text), core, thirteen in zip(read, cores.tolist(), long.tolist(), strict=True)
        if _digits(text) in (SHORT_DIGITS, LONG_DIGITS)
    ]


def _digits(text: str) -> int:
    """How many characters of an ISBN a value begins with, hyphens and a label left out."""
    plain = re.sub(r"^(?i:\s*ISBN(?:-?1[03])?[ :：]*)|[\s·‐‑–—-]", "", text)
    run = re.match(r"[0-9]+[Xx×*]?", plain)
    return len(run[0]) if run else 0


@cache
def _strays(rules: RuleSet) -> list[tuple[re.Pattern[str], dict[str, str]]]:
    return [(re.compile(row["pattern"]), row["place"]) for row in rules.tables["faults"]["isbn"]["stray"]]


def unreadable(case: Case) -> list[Fault]:
    """Q03: a number of another length, a rest of one, several glued together, or something else typed in its place."""
    parts = case.batch.subfields("isbn")
    places, cancelled, numbers = typed_numbers(case.batch, case.rules)
    settings = case.settings("isbn")
    if not len(places):
        return []
    count = np.bincount(numbers.at, minlength=len(places))
    wrong = np.zeros(len(places), np.bool_)
    wrong[numbers.at[~numbers.valid]] = True
    odd = np.flatnonzero(~cancelled[places] & ((count != 1) | wrong))
    at, count = places[odd], count[odd]
    own = np.isin(parts.kinds[parts.kind[at], 0], settings["tags"]) & (parts.lengths()[at] >= settings["shortest"])
    at, count = at[own], count[own]
    read = zip(parts.row[at].tolist(), places_of(parts, at), parts.taken(at).to_pylist(), strict=True)
    return [
        Fault(row, "Q03", field, shown(text), expected)
        for (row, field, text), several in zip(read, count.tolist(), strict=True)
        if (expected := _expected(case, row, text, several)) is not None
    ]


def _expected(case: Case, row: int, text: str, several: int) -> str | None:
    """Where a value belongs, or the lengths a number has; None for a value that is no fault of this kind."""
    plain = text.strip()
    if several > 1:
        return "10/13"
    for pattern, place in _strays(case.rules) if not several else ():
        if pattern.search(plain):
            return case.in_dialect(place, row)
    length = _digits(plain)
    if several and length in (SHORT_DIGITS, LONG_DIGITS):
        return None
    return "10/13" if length or (not several and plain[:1].isdigit()) else None


def one_form_only(case: Case) -> list[Fault]:
    """Q04: only the ten-digit form, in a record of 2007 or later: a search for the printed number misses it."""
    settings = case.settings("isbn")
    since = settings["thirteen_from"]
    late = (case.numbers("year") >= since) | (case.numbers("printing_year") >= since)
    if settings["entry_counts"]:
        entered = case.numbers("entered") // 10_000
        late |= (entered >= since) & (entered <= case.settings("date")["entered_to"])
    rows = np.flatnonzero(late & (case.numbers("isbn_forms") == 1) & (case.counts("isbn") > 0))
    return [
        Fault(row, "Q04", case.in_dialect(settings["field"], row), short_form(core), long_form(core))
        for row, cores in zip(rows.tolist(), case.values("isbn", rows), strict=True)
        for core in cores
        if core < 10**CORE_DIGITS
    ]
