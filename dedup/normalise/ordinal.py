"""Ordinals in Western statements (2nd, 2d, 2-е, zweite, twenty-first, III) and what they count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dedup.normalise.numerals import roman_number
from dedup.normalise.phrase import words
from dedup.normalise.text import fold
from dedup.rules import RuleSet

COUNTED = "counted"  # kinds of printing words that a number may count

_NUMBER = re.compile(r"(\d{1,4})([^\W\d_]*)")


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A number at `begin` that ends before word `end`; `sure` when its form says ordinal (2nd, second)."""

    value: int
    begin: int
    end: int
    sure: bool


@dataclass(frozen=True, slots=True)
class OrdinalWords:
    """The words of `rules/edition.toml` that number reading needs."""

    units: dict[str, int]
    tens: dict[str, int]
    suffixes: frozenset[str]
    editions: frozenset[str]
    fillers: frozenset[str]
    others: frozenset[str]
    limit: int
    roman_limit: int
    reach: int


@cache
def ordinal_words(rules: RuleSet) -> OrdinalWords:
    """Number words, endings and edition words of a rule set; `others` also holds the counted words of printings."""
    table = rules.tables["edition"]
    counted_words = [row for row in rules.terms["printing"] if row.kind.startswith(COUNTED)]
    printings = {token for row in counted_words for entry in row.entries for token in words(fold(entry, rules))}
    return OrdinalWords(
        units=dict(table["number_words"]),
        tens=dict(table["tens"]),
        suffixes=frozenset(table["suffixes"]),
        editions=frozenset(table["edition_words"]),
        fillers=frozenset(table["fillers"]),
        others=frozenset(table["not_editions"]) | printings,
        limit=table["number_limit"],
        roman_limit=table["roman_limit"],
        reach=table["reach"],
    )


def ordinal_at(tokens: list[str], at: int, known: OrdinalWords) -> Ordinal | None:
    """The ordinal that begins at a word, or None."""
    token = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    found = _NUMBER.fullmatch(token)
    if found:
        value, suffix = int(found[1]), found[2]
        if not 0 < value <= known.limit or (suffix and suffix not in known.suffixes):
            return None
        loose = not suffix and len(following) <= 2 and following in known.suffixes
        return Ordinal(value, at, at + 1 + loose, bool(suffix) or loose)
    if token in known.tens and following in known.units and known.units[following] < 10:
        return Ordinal(known.tens[token] + known.units[following], at, at + 2, True)
    if token in known.units:
        return Ordinal(known.units[token], at, at + 1, True)
    roman = roman_number(token) if len(token) > 1 else None
    return Ordinal(roman, at, at + 1, False) if roman is not None and roman < known.roman_limit else None


def counted(tokens: list[str], found: Ordinal, known: OrdinalWords, wanted: frozenset[str]) -> int | None:
    """Where the first wanted word stands that this ordinal counts; None when another number or unit comes first."""
    for at in range(found.end, min(len(tokens), found.end + known.reach)):
        if tokens[at] in wanted:
            return at
        if tokens[at] in known.others or tokens[at] in known.editions or ordinal_at(tokens, at, known):
            return None
    return None
