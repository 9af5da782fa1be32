"""Edition and printing statements (Q08) and series titles (Q09) that stand in the wrong field.

Source: domain facts 1.3, 1.4, D08; GB/T 3792 and MARC 21: the edition statement has a field of its own.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow.compute as pc

from dedup.normalise.arrow import matches
from dedup.normalise.edition import Edition, read_edition
from dedup.normalise.edition_batch import titles_with_edition
from dedup.normalise.fault_case import NONE, Case, Fault, Ints, Mask, places_of, shown
from dedup.normalise.gathered import memory
from dedup.normalise.pick import picked, picks
from dedup.normalise.printing import parse_printing
from dedup.normalise.series_title import series_words, strip_series_prefix
from dedup.normalise.subfield import Subfields, distinct
from dedup.normalise.text import fold
from dedup.normalise.title_words import speaking_titles
from dedup.rules import RuleSet

# Bytes of the longest date that is a year and nothing else: [c2000?]
_ROOM = 8


def misplaced_statements(case: Case) -> list[Fault]:
    """Q08: an edition statement in title, date or note; a printing statement in the edition field."""
    return [*_in_title(case), *_in_date(case), *_in_note(case), *_printing(case)]


def _faults(case: Case, parts: Subfields, at: Ints, expected: str) -> list[Fault]:
    """Subfields whose statement belongs into the field that a table of places names."""
    wanted = case.settings("statement")[expected]
    read = zip(parts.row[at].tolist(), places_of(parts, at), parts.taken(at).to_pylist(), strict=True)
    return [Fault(row, "Q08", field, shown(value), case.in_dialect(wanted, row)) for row, field, value in read]


def _in_title(case: Case) -> list[Fault]:
    parts = case.batch.subfields("title")
    stated = titles_with_edition(case.batch, case.rules)
    places = np.fromiter((place for place, _ in stated), np.int64, len(stated))
    proper = parts.where("a")[places]
    kept = [one for one, is_proper in zip(stated, proper.tolist(), strict=True) if is_proper]
    values = parts.taken(places[proper]).to_pylist()
    at = [place for (place, one), value in zip(kept, values, strict=True) if _is_statement(value, one, case.rules)]
    return _faults(case, parts, np.array(at, np.int64), "edition")


@cache
def _bracketed(rules: RuleSet) -> re.Pattern[str]:
    return re.compile(rules.tables["faults"]["statement"]["bracketed"])


def _is_statement(value: str, edition: Edition, rules: RuleSet) -> bool:
    """Whether a title proper ends with an edition statement: a numbered one, or one of a revision in brackets.

    Years (2019版) are part of the title of an annual; kinds such as 插图本 may be what the book is called.
    """
    kinds = set(rules.tables["faults"]["statement"]["kinds"])
    numbered = edition.number is not None
    revised = bool(edition.kinds) and set(edition.kinds) <= kinds and _bracketed(rules).search(value) is not None
    return edition.year is None and edition.original is None and (numbered or revised)


def _in_date(case: Case) -> list[Fault]:
    parts = case.batch.subfields("imprint")
    settings = case.settings("statement")
    wanted = picked(case.batch, "imprint", picks(case.rules, "date", "publication"))
    # A year alone, in brackets or with a c, has no room for a statement.
    at = np.flatnonzero(wanted & (parts.lengths() > _ROOM))
    at = at[matches(parts.taken(at), settings["date"])]
    shape = re.compile(settings["date_edition"], re.I)
    said = np.array([shape.search(value) is not None for value in parts.taken(at).to_pylist()], np.bool_)
    return _faults(case, parts, at[said], "edition")


def _in_note(case: Case) -> list[Fault]:
    """A short note that is nothing but an edition statement, in a record that has no other."""
    parts = case.batch.subfields("note")
    settings = case.settings("statement")
    short = parts.lengths() <= settings["note_bytes"]
    if not short.any():
        return []
    tags = settings["note_tags"]
    at = np.flatnonzero(short & parts.where("a", {tag for several in tags.values() for tag in several}))
    at = at[~_stated(case)[parts.row[at]]]
    at = at[matches(parts.taken(at), f"(?i){settings['note']}")]
    kinds = parts.kinds[parts.kind[at], 0].tolist()
    own = [tag in tags[case.dialect(row)] for tag, row in zip(kinds, parts.row[at].tolist(), strict=True)]
    return _faults(case, parts, at[np.array(own, np.bool_)], "edition")


def _stated(case: Case) -> Mask:
    """Records with an edition statement in its field."""
    return np.asarray(pc.binary_length(case.columns["edition_text"])) > 0


def _printing(case: Case) -> list[Fault]:
    told = case.flag("is_reprint") | (case.numbers("printing_number") != NONE) | (case.numbers("printing_year") != NONE)
    rows = told & _stated(case)
    if not rows.any():
        return []
    parts = case.batch.subfields("edition")
    at = np.flatnonzero(picked(case.batch, "edition", picks(case.rules, "printing", "edition")) & rows[parts.row])
    read = distinct(
        lambda text: _only_printing(text, case.rules), parts.taken(at), memory(case.rules, "printing alone")
    )
    return _faults(case, parts, at[np.array(read, np.bool_)], "printing")


def _only_printing(text: str, rules: RuleSet) -> bool:
    """Whether an edition statement speaks of a printing and of no edition."""
    edition = read_edition(fold(text, rules), rules)
    if re.search(rules.tables["faults"]["statement"]["changed"], text, re.I):
        return False
    if not edition.empty or edition.number is not None or edition.year is not None:
        return False
    printing = parse_printing(text, rules)
    # A first printing says that there is no other: some catalogue it as the edition.
    return bool(printing.rows) and printing.number != 1


def series_in_title(case: Case) -> list[Fault]:
    """Q09: a series title in front of the title proper, or in its place with the title in the part name ($i)."""
    row, values = speaking_titles(case.batch, case.rules, "series", "proper")
    if not len(row):
        return []
    parts = case.batch.subfields("title")
    settings = case.settings("series")
    named, numbered = np.zeros((2, len(case.batch)), np.bool_)
    named[parts.row[picked(case.batch, "title", picks(case.rules, "volume", "name"))]] = True
    numbered[parts.row[picked(case.batch, "title", picks(case.rules, "volume", "number"))]] = True
    read = distinct(lambda title: _series(title, case.rules), values, memory(case.rules, "series in title"))
    return [
        Fault(at, "Q09", case.in_dialect(settings["title"], at), shown(value), case.in_dialect(settings["place"], at))
        for at, value, (prefixed, whole) in zip(row.tolist(), values.to_pylist(), read, strict=True)
        if prefixed or (whole and named[at] and not numbered[at])
    ]


def _series(title: str, rules: RuleSet) -> tuple[bool, bool]:
    """Whether a series title stands in front of a title, and whether the title is nothing but one."""
    whole = series_words(rules).whole.fullmatch(title.strip()) is not None
    return bool(strip_series_prefix(title, rules)[1]), whole
