"""Dates as transcribed in an imprint: publication, copyright, last year of a range, reprint.

Source of the rules: domain facts 1.4, 5.3, D06, D07; calendars and shapes in `rules/date.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from dedup.normalise.numerals import chinese_number, number, roman_number
from dedup.rules import RuleSet

_YEAR = "(1[0-9]{3}|20[0-9]{2})(?![0-9]{1,3}(?![0-9]))"
_PLAIN = re.compile(r"(?<![0-9])([12][0-9]{3})(?=[0-9]{2}(?![0-9])|[0-9]{4}(?![0-9])|(?![0-9]))")
# The form of nine dates in ten, read without further ado: 1998, [1998?], c1998.
_SIMPLE = re.compile(r"\[?([c©])?([12][0-9]{3})\??\]?[.,]?")
_SPLIT_YEAR = re.compile(r"(?<![0-9])(\[?[0-9]{1,3})[\[\]]([0-9]{1,3}\]?)(?![0-9])")
_HAN_YEAR = re.compile("[〇零○０一二三四五六七八九]{4}")
_ZERO = str.maketrans({"○": "〇", "Ο": "〇", "О": "〇"})


@dataclass(frozen=True, slots=True)
class Dates:
    """The years of one date statement, null where none is given.

    `year`: of publication, the corrected one if it is corrected; the copyright year when nothing else stands there.
    `copyright`: when marked so. `end`: last year of a range, 9999 when open. `printing`: of a reprint. `reissue`: a
    second year said to be of a new edition (2007 (2014再版)): the first is then of an older edition (D07).
    """

    year: int | None = None
    copyright: int | None = None
    end: int | None = None
    printing: int | None = None
    reissue: int | None = None


@dataclass(frozen=True, slots=True)
class DateShapes:
    """`rules/date.toml`, compiled."""

    patterns: dict[str, re.Pattern[str]]
    eras: dict[str, int]
    first_of_reign: str
    years: range
    printed_from: int
    open_year: int
    uncertain_span: int
    buddhist: range
    buddhist_offset: int
    characters: dict[str, str]


@cache
def date_shapes(rules: RuleSet) -> DateShapes:
    """Compile `rules/date.toml`, once per rule set."""
    table = rules.tables["date"]
    eras = "|".join(sorted(map(re.escape, table["eras"]), key=len, reverse=True))
    first = table["first_of_reign"]
    shapes = {
        name: re.compile(
            pattern.replace("{y}", _YEAR).replace("{eras}", rf"(?<![a-z])(?:{eras})").replace("{first_of_reign}", first)
        )
        for name, pattern in table["patterns"].items()
    }
    thai = table["buddhist"]
    return DateShapes(
        patterns=shapes,
        eras=table["eras"],
        first_of_reign=first,
        years=range(table["year_from"], table["year_to"] + 1),
        printed_from=table["printed_from"],
        open_year=table["open_year"],
        uncertain_span=table["uncertain_span"],
        buddhist=range(thai["from"], thai["to"]),
        buddhist_offset=thai["offset"],
        characters=dict(rules.characters),
    )


def parse_date(text: str, rules: RuleSet) -> Dates:
    """Read one date subfield (260$c, 264$c, 210$d). Incomplete years (189-?, 19uu) give none, not a guess."""
    shapes = date_shapes(rules)
    simple = _SIMPLE.fullmatch(text)
    if simple and int(simple[2]) >= shapes.printed_from and int(simple[2]) in shapes.years:
        return Dates(int(simple[2]), int(simple[2]) if simple[1] else None)
    plain = _plain(text, shapes)
    found = {name: _last(shapes.patterns[name], plain) for name in ("printing", "reissue", "corrected")}
    copyright_mark = shapes.patterns["copyright"].search(plain)
    copyright_year = int(copyright_mark[1]) if copyright_mark else None
    rest = shapes.patterns["between"].sub(lambda match: _near(match, shapes), plain)
    for name in ("printing", "reissue", "copyright"):
        rest = shapes.patterns[name].sub(lambda match: " " * len(match[0]), rest)
    year = (
        found["corrected"]
        or _calendar_year(rest, shapes)
        or _first_year(rest, shapes)
        or _other_calendars(rest, shapes)
    )
    others = copyright_year or found["printing"] or found["reissue"]
    return Dates(year or others, copyright_year, _end(plain, shapes), found["printing"], found["reissue"])


def printing_year(text: str, rules: RuleSet) -> int | None:
    """The year of the newest printing that a statement or note names; null when it names none."""
    shapes = date_shapes(rules)
    return _last(shapes.patterns["printing"], _plain(text, shapes))


def _plain(text: str, shapes: DateShapes) -> str:
    """Lower case without accents and full-width forms; simplified; 一九八四 as digits; 19[95] as 1995."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.replace("©", "c").replace("℗", "p"))
        text = "".join(shapes.characters.get(sign, sign) for sign in decomposed if not unicodedata.combining(sign))
        text = _HAN_YEAR.sub(lambda found: str(chinese_number(found[0].translate(_ZERO))), text.translate(_ZERO))
    return _SPLIT_YEAR.sub(_unsplit, text.lower())


def _unsplit(found: re.Match[str]) -> str:
    digits = re.sub("[^0-9]", "", found[0])
    return digits if len(digits) == 4 else found[0]


def _last(pattern: re.Pattern[str], text: str) -> int | None:
    """The year of the last match: the newest printing counts."""
    years = [int(group) for found in pattern.finditer(text) for group in found.groups() if group]
    return years[-1] if years else None


def _near(found: re.Match[str], shapes: DateShapes) -> str:
    """Years that a book lies between, unless they are too far apart to date it."""
    return found[0] if int(found[2]) - int(found[1]) <= shapes.uncertain_span else " " * len(found[0])


def _calendar_year(text: str, shapes: DateShapes) -> int | None:
    """The western year given with a year of another calendar: 1374 [1995], 2548 [2005]."""
    years = [int(found[1]) for found in _PLAIN.finditer(text)]
    strange = bool(years) and (years[0] < shapes.printed_from or years[0] not in shapes.years)
    if not strange:
        return None
    western = next((year for year in years[1:] if year in shapes.years and year >= shapes.printed_from), None)
    if western is None and years[0] in shapes.buddhist:
        return years[0] - shapes.buddhist_offset
    return western


def _first_year(text: str, shapes: DateShapes) -> int | None:
    return next((year for found in _PLAIN.finditer(text) if (year := int(found[1])) in shapes.years), None)


def _other_calendars(text: str, shapes: DateShapes) -> int | None:
    """Years of eras (民国25年, Showa 55, An 9) and Roman numerals (MDCCCXLV)."""
    if era := shapes.patterns["era"].search(text):
        count = 1 if era[2] == shapes.first_of_reign else number(era[2])
        return shapes.eras[era[1]] + count if count else None
    if roman := shapes.patterns["roman"].search(text):
        value = roman_number(re.sub("[ .]", "", roman[0]))
        return value if value is not None and shapes.printed_from <= value <= shapes.years[-1] else None
    return None


def _end(text: str, shapes: DateShapes) -> int | None:
    """The last year of a range, completed from the first when abbreviated (1995-98); 9999 when it is open."""
    if shapes.patterns["open"].search(text):
        return shapes.open_year
    matches = [*shapes.patterns["range"].finditer(text), *shapes.patterns["between"].finditer(text)]
    if not matches:
        return None
    first, last = matches[-1][1], matches[-1][2]
    end = int(last if len(last) == 4 else first[:2] + last)
    return end if int(first) < end <= shapes.years[-1] else None
