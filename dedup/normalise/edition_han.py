"""Numbers in Chinese, Japanese and Korean edition statements.

Source of the rules: domain facts 5.2; shapes in `rules/edition.toml`, table `han`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.normalise.numerals import chinese_number
from dedup.normalise.phrase import numeral, shape
from dedup.rules import RuleSet

_YEAR = r"(?:1[5-9]|20)[0-9]{2}"


@dataclass(frozen=True, slots=True)
class HanShapes:
    """The patterns of `rules/edition.toml`, compiled; all run over folded text without spaces."""

    original: tuple[re.Pattern[str], ...]
    original_text: re.Pattern[str]
    year: tuple[re.Pattern[str], ...]
    short_year: re.Pattern[str]
    number: tuple[re.Pattern[str], ...]
    first: re.Pattern[str]
    second: re.Pattern[str]
    printing: re.Pattern[str]
    limit: int
    short_year_from: int
    century: int


def han_shapes(rules: RuleSet) -> HanShapes:
    """Compile the table `han` of `rules/edition.toml`."""
    table = rules.tables["edition"]
    han = table["han"]

    def all_of(key: str) -> tuple[re.Pattern[str], ...]:
        """The patterns of one key, each for itself."""
        # The two ends of a range of years: only the last one is named y.
        return tuple(_with_year(pattern) for pattern in han[key])

    def any_of(key: str) -> re.Pattern[str]:
        """The patterns of one key as one, without names."""
        return re.compile("|".join(_unnamed(pattern) for pattern in han[key]))

    return HanShapes(
        original=all_of("original"),
        original_text=any_of("original"),
        year=all_of("year"),
        short_year=re.compile(han["short_year"]),
        number=all_of("number"),
        first=any_of("first"),
        second=any_of("second"),
        printing=any_of("printing"),
        limit=table["number_limit"],
        short_year_from=table["short_year_from"],
        century=table["century"],
    )


def _with_year(pattern: str) -> re.Pattern[str]:
    return shape(pattern, year=_YEAR)


def _unnamed(pattern: str) -> str:
    return re.sub(r"\(\?P<\w>", "(?:", shape(pattern, year=_YEAR).pattern)


def _first(patterns: tuple[re.Pattern[str], ...], text: str, limit: int) -> int | None:
    for pattern in patterns:
        found = pattern.search(text)
        value = numeral(found["n"]) if found else None
        if value is not None and 0 < value <= limit:
            return value
    return None


def _year(text: str, shapes: HanShapes) -> int | None:
    for pattern in shapes.year:
        if found := pattern.search(text):
            return int(found["y"])
    short = shapes.short_year.search(text)
    if short and (int(short["y"]) >= shapes.short_year_from):
        return shapes.century + int(short["y"])
    return int(text) if re.fullmatch(_YEAR, text) else None


_HAN_YEAR = re.compile("[〇零○一二三四五六七八九]{4}(?=年|版)")


def han_numbers(text: str, shapes: HanShapes) -> tuple[int | None, int | None, int | None]:
    """Edition number, edition of the original, year edition of a folded statement without spaces."""
    text = _HAN_YEAR.sub(lambda found: str(chinese_number(found[0])), text)
    original = _first(shapes.original, text, shapes.limit)
    rest = shapes.printing.sub("", shapes.original_text.sub("", text))
    year = _year(rest, shapes)
    number = _first(shapes.number, rest, shapes.limit)
    if number is None:
        number = 1 if shapes.first.search(rest) else 2 if shapes.second.search(rest) else None
    if year is not None and number == year - shapes.century:
        number = None
    return number, original, year
