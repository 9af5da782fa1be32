"""Years and other numbers inside titles: what tells yearbooks, sessions and numbered proceedings apart.

Source: domain facts 1.3 ("Year in title"), 1.9, P23, P24; the words and limits stand in `[years]` and `[numerals]` of
`rules/text.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import EMPTY, glued, matching, text
from dedup.normalise.numerals import roman_number
from dedup.normalise.text import fold_column
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_DIGITS = re.compile("[0-9]+(?:[.][0-9]+)*")
_WORD = "(?-u:\\b)"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What one token says: years, and other numbers as text."""

    years: tuple[int, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """Compiled number words of a rule set. `tokens` is for Polars; the others for one token."""

    tokens: str
    edition: re.Pattern[str]
    fiscal: re.Pattern[str]
    ordinals: dict[str, int]
    compounds: dict[str, int]
    years: dict[str, Any]
    roman: dict[str, Any]


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def _words(rules: RuleSet) -> _Words:
    table = rules.tables["text"]
    years, numerals = table["years"], table["numerals"]
    ordinals, compounds, roman = numerals["ordinals"], numerals["compound"], numerals["roman"]
    worded = f"(?:(?:{_any(compounds)})[ -])*(?:{_any(ordinals)})"
    latin = _any(word for word in years["edition"] if word.isascii())
    eastern = _any(word for word in years["edition"] if not word.isascii())
    edition = f"[0-9]+(?:{eastern})|(?:[0-9]+(?:st|nd|rd|th|d|e)?|{worded})[ .-]+(?:{latin}){{end}}"
    spaced = _any(word for word in years["before"] if word.isascii())
    joined = _any(word for word in years["before"] if not word.isascii())
    fiscal = f"(?:(?:{spaced}) ?|(?:{joined}))[0-9]{{{{2,4}}}}(?:-[0-9]{{{{2,4}}}})?"
    single = f"[{roman['single']}]{{end}} ?\\|"
    plain = (
        f"[0-9]+(?:[.-][0-9]+)*|{{end}}{worded}{{end}}|{{end}}[{roman['letters']}]{{{{2,7}}}}{{end}}|{{end}}{single}"
    )
    return _Words(
        tokens=f"{edition}|{{end}}{fiscal}|{plain}".format(end=_WORD),
        edition=re.compile(edition.format(end="")),
        fiscal=re.compile(f"(?:{spaced}|{joined}) ?(?P<y>[0-9-]+)"),
        ordinals=ordinals,
        compounds=compounds,
        years=years,
        roman=roman,
    )


def read_token(token: str, rules: RuleSet) -> Numbers:
    """What one token of folded text says: `1978-1980`, `2019版`, `fy 95`, `twenty-first`, `xii`, `16`."""
    words = _words(rules)
    if words.edition.fullmatch(token):
        return Numbers(_runs(token, words).years)
    fiscal = words.fiscal.fullmatch(token)
    if fiscal:
        first, *more = fiscal["y"].split("-")
        full = str(_century(int(first), words)) if len(first) == 2 else first
        return _runs("-".join([full, *more]), words)
    if token[0].isdigit():
        return _runs(token, words)
    name = token.rstrip(" |")
    value = _ordinal(name, words)
    if value is None and name not in words.roman["words"]:
        value = roman_number(name)
        value = value if value is not None and value <= words.roman["most"] else None
    return Numbers() if value is None else Numbers(others=(str(value),))


def _century(two: int, words: _Words) -> int:
    return two + (2000 if two <= words.years["pivot"] else 1900)


def _ordinal(text: str, words: _Words) -> int | None:
    """twenty-first, one hundred and fourth; None when the last word is no ordinal."""
    head, last = (text.replace("-", " ").rpartition(" ")[at] for at in (0, 2))
    if last not in words.ordinals:
        return None
    total: int = words.ordinals[last]
    for word in sorted(words.compounds, key=len, reverse=True):
        if word in head:
            total += words.compounds[word]
            head = head.replace(word, "")
    return total


def _runs(token: str, words: _Words) -> Numbers:
    """The numbers of a run of digits, dots and dashes; `2001-02` and `1995-6` are two years."""
    years: list[int] = []
    others: list[str] = []
    for run in _DIGITS.findall(token):
        value = int(run) if run.isdigit() else 0
        last = years[-1] if years else 0
        if len(run) == 4 and words.years["from"] <= value <= words.years["to"]:
            years.append(value)
        elif last and not others and len(run) <= 2 and f"{last}-{run}" in token:
            unit = int(10 ** len(run))
            years.append(last - last % unit + value + (unit if value <= last % unit else 0))
        else:
            others.append(run.lstrip("0") or "0")
    return Numbers(tuple(years), tuple(others))


def with_full_years(column: pa.StringArray, where: Mask, rules: RuleSet) -> tuple[pa.StringArray, Mask]:
    """Typed text with two-digit years after an apostrophe written out ('94 to 1994), and the mask of changed rows.

    `where`: the values that may hold an apostrophe.
    """
    years = rules.tables["text"]["years"]
    sign = "[" + re.escape(years["apostrophes"]) + "]"
    start = f"(^|[^0-9A-Za-z]){sign}"
    changed = matching(column, sign + r"[0-9]{2}\b", where)
    if not changed.any():
        return column, changed
    mask = pa.array(changed)
    some = column.filter(mask)
    late = "|".join(f"{two:02d}" for two in range(years["pivot"] + 1, 100))
    early = "|".join(f"{two:02d}" for two in range(years["pivot"] + 1))
    for choices, century in ((late, "19"), (early, "20")):
        some = pc.replace_substring_regex(some, rf"{start}({choices})\b", rf"\1 {century}\2 ")
    return pc.replace_with_mask(column, mask, some), changed


def years_and_numbers(
    titles: pa.StringArray, parts: pa.StringArray, rules: RuleSet
) -> tuple[pa.ListArray, pa.StringArray]:
    """The years of titles and parts (ascending, distinct), and the other numbers of titles alone (text, in order).

    Both columns hold folded text; elements within one value are set apart by ` | `.
    """
    rows = len(titles)
    row, years, year_row, texts = _scan(titles, rules)
    filled = np.flatnonzero(np.asarray(pc.match_substring_regex(parts, "[0-9]{2}")))
    _, more, more_row, _ = _scan(parts.take(pa.array(filled)), rules)
    all_rows = np.concatenate((year_row, filled[more_row]))
    lists = _distinct_lists(all_rows, np.concatenate((years, more)), rows)
    numbers = pa.ListArray.from_arrays(_offsets(row, rows), texts)
    return lists, pc.binary_join(numbers, text(" "))


def _scan(column: pa.StringArray, rules: RuleSet) -> tuple[Ints, Ints, Ints, pa.StringArray]:
    """Tokens of a column: rows and texts of the other numbers, years and their rows."""
    found = pl.Series(column).str.extract_all(_words(rules).tokens)
    counts = found.list.len().fill_null(0).to_numpy()
    token_row = np.repeat(np.arange(len(column)), counts)
    flat = found.explode(empty_as_null=False, keep_nulls=False) if len(found) else pl.Series([], dtype=pl.String)
    encoded = flat.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    said = [_known(token, rules) for token in encoded.dictionary.to_pylist()]
    which = encoded.indices.to_numpy()
    year_token, years = _spread(which, [one.years for one in said])
    text_token, texts = _spread(which, [one.others for one in said])
    return (
        token_row[text_token],
        years.astype(np.int64),
        token_row[year_token],
        pa.array(texts, pa.string()),
    )


@cache
def _memory(rules: RuleSet) -> dict[str, Numbers]:
    return {}


def _known(token: str, rules: RuleSet) -> Numbers:
    memory = _memory(rules)
    found = memory.get(token)
    if found is None:
        if len(memory) > 100_000:
            memory.clear()
        found = memory[token] = read_token(token, rules)
    return found


def _spread(which: Ints, values: list[tuple[Any, ...]]) -> tuple[Ints, npt.NDArray[Any]]:
    """For each token, by its number among the distinct ones, all its values: token positions, and the values."""
    lengths = np.array([len(one) for one in values], np.int64)
    flat = np.array([item for one in values for item in one], object)
    starts = np.concatenate(([0], np.cumsum(lengths)))[:-1] if len(lengths) else lengths
    counts = lengths[which]
    token = np.repeat(np.arange(len(which)), counts)
    within = np.arange(len(token)) - np.repeat(np.cumsum(counts) - counts, counts)
    return token, flat[starts[which[token]] + within] if len(token) else flat[:0]


def _offsets(row: Ints, rows: int) -> pa.Int32Array:
    edges = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=rows), out=edges[1:])
    return pa.array(edges)


def _distinct_lists(row: Ints, value: Ints, rows: int) -> pa.ListArray:
    """Lists of ascending distinct values per row."""
    order = np.lexsort((value, row))
    row, value = row[order], value[order]
    fresh = np.ones(len(row), np.bool_)
    fresh[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1])
    return pa.ListArray.from_arrays(_offsets(row[fresh], rows), pa.array(value[fresh]))


def scanned(columns: Iterable[tuple[pa.StringArray, pa.StringArray, Mask]], rules: RuleSet) -> pa.StringArray:
    """A column for `years_and_numbers` from columns of text as typed, folded, and the mask of those that may hold an
    apostrophe: joined by ` | `, short years written out.
    """
    ready = []
    for typed, folded, where in columns:
        full, changed = with_full_years(typed, where, rules)
        if changed.any():
            mask = pa.array(changed)
            folded = pc.replace_with_mask(folded, mask, fold_column(full.filter(mask), rules))
        ready.append(folded)
    return glued(*ready, EMPTY, separator=" | ")
