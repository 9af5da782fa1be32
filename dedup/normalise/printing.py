"""Printings (impressions): number, year, and whether the item is a reprint. They never separate records (P1-P3).

Source of the rules: domain facts 0.3, 5.3; words in `rules/terms/printing.toml`, shapes in `rules/printing.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dedup.normalise.date import printing_year
from dedup.normalise.ordinal import COUNTED, OrdinalWords, counted, ordinal_at, ordinal_words
from dedup.normalise.phrase import EASTERN, Phrases, compile_phrases, numeral, shape, words
from dedup.normalise.text import fold
from dedup.rules import RuleSet

_YEAR = re.compile("[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Printing:
    """What a statement says of the printing; `rows` are the rows of `terms/printing.toml` that it holds."""

    number: int | None = None
    year: int | None = None
    is_reprint: bool = False
    rows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PrintingWords:
    """The printing tables of a rule set, compiled."""

    numbers: OrdinalWords
    reprints: Phrases
    reprint_rows: frozenset[str]
    counted: dict[str, str]
    counted_han: str
    han: tuple[re.Pattern[str], ...]
    not_han: re.Pattern[str]
    not_western: re.Pattern[str]
    limit: int


@cache
def printing_words(rules: RuleSet) -> PrintingWords:
    """Compile the tables, once per rule set."""
    table, rows = rules.tables["printing"], rules.terms["printing"]
    counted_rows = [row for row in rows if row.kind.startswith(COUNTED)]
    counting = {token: row.id for row in counted_rows for entry in row.entries for token in words(fold(entry, rules))}
    not_han = sorted((fold(word, rules) for word in table["han"]["not_reprint"]), key=len, reverse=True)
    return PrintingWords(
        numbers=ordinal_words(rules),
        reprints=compile_phrases((row for row in rows if row.kind.endswith("reprint")), rules),
        reprint_rows=frozenset(row.id for row in rows if row.kind.endswith("reprint")),
        counted=counting,
        counted_han=next(row.id for row in counted_rows if any(EASTERN.search(entry) for entry in row.entries)),
        han=tuple(shape(pattern) for pattern in table["han"]["number"]),
        not_han=re.compile("|".join(not_han)),
        not_western=re.compile(rf"\b(?:{'|'.join(table['western']['not_printing'])})\b"),
        limit=table["number_limit"],
    )


def parse_printing(text: str, rules: RuleSet) -> Printing:
    """Read a statement or note: `2013年第15次印刷`, `37th printing, March 2009`, `2010重印`, `Nachdr.`."""
    compiled = printing_words(rules)
    folded = fold(text, rules)
    rows: set[str] = set()
    number = None
    if EASTERN.search(folded):
        joined = compiled.not_han.sub(" ", "".join(words(folded)))
        number = _han_number(joined, compiled)
        rows |= {compiled.counted_han} if number is not None else set()
        rows |= {found.id for found in compiled.reprints.in_characters(joined)}
    tokens = words(compiled.not_western.sub(" ", " ".join(words(folded))))
    western = _western_number(tokens, compiled)
    if western is not None:
        number = western[0] if number is None else number
        rows.add(western[1])
    rows |= {found.id for found in compiled.reprints.in_words(tokens)}
    year = printing_year(text, rules)
    if year is not None:
        rows |= {compiled.counted[token] for token in tokens if token in compiled.counted}
        rows |= {compiled.counted_han} if EASTERN.search(folded) and not rows else set()
    again = year is not None and len(set(_YEAR.findall(text))) > 1
    reprint = not rows.isdisjoint(compiled.reprint_rows) or (number or 0) > 1 or again
    return Printing(number, year, reprint, frozenset(rows))


def _han_number(text: str, compiled: PrintingWords) -> int | None:
    for pattern in compiled.han:
        for found in pattern.finditer(text):
            value = numeral(found["n"])
            if value is not None and 0 < value <= compiled.limit:
                return value
    return None


def _western_number(tokens: list[str], compiled: PrintingWords) -> tuple[int, str] | None:
    """The first number that counts printings, and the row of the counted word."""
    wanted = frozenset(compiled.counted)
    for at in range(len(tokens)):
        found = ordinal_at(tokens, at, compiled.numbers)
        where = counted(tokens, found, compiled.numbers, wanted) if found else None
        if found and where is not None and (found.sure or where == found.end):
            return found.value, compiled.counted[tokens[where]]
    return None
