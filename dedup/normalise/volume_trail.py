"""Which titles may end in a volume designation: one cheap look at a whole column."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import matches, one_of
from dedup.normalise.volume_words import any_of, any_sign
from dedup.rules import RuleSet

# Three bytes as one number.
_THREE = np.array([1 << 16, 1 << 8, 1])


@cache
def _last_signs(rules: RuleSet) -> frozenset[str]:
    """Characters that may end a designation in Han characters, traditional ones included."""
    terms = rules.terms["volume"]
    units = {word[-1] for row in terms if row.kind.startswith("unit-han") for word in row.entries}
    free = {word for row in terms if row.more.get("free") for word in row.entries}
    ends = units | free | set(rules.tables["volume"]["numerals"])
    return frozenset(ends | {old for old, new in rules.characters.items() if new in ends})


@cache
def ordered_ends(rules: RuleSet) -> frozenset[str]:
    """Last characters of words that stand in an order (甲 乙, 春 夏): designations behind a mark only."""
    return frozenset(word[-1] for row in rules.terms["volume"] if row.kind == "ordered" for word in row.entries)


@cache
def _trail(rules: RuleSet) -> str:
    """A pattern (RE2) that every title with a trailing designation matches, traditional characters included."""
    terms, settings = rules.terms["volume"], rules.tables["volume"]
    west = any_of(word for row in terms if row.more.get("title") for word in row.entries)
    ordinals = any_of(rules.entries("volume", "ordinal"))
    joiners = any_of(rules.entries("volume", "joiner"))
    signs, roman = any_sign(sorted(_last_signs(rules))), any_sign(settings["roman"])
    token = rf"(?:\d+[a-z]?|{roman}+[a-z]?|[a-z]|{ordinals})"
    run = rf"{token}(?:(?:\s*[\pP&~]+\s*|\s+(?:{joiners})\s+)(?:(?:{west})\.?\s*)?{token}){{0,4}}"
    # Anchored at the end only, so that RE2 reads backward and gives up at the first letter that does not fit.
    return (
        rf"(?i)(?:{signs}|[\x{{2e80}}-\x{{fffd}}][\s\pP]*(?:\d{{1,3}}|[ivxⅠ-ⅿ]+)|[Ⅰ-ⅿ①-⑳]|[０-９]"
        rf"|(?:{west})[\s.]*(?:the\s+)?{run}|{token}[.ºª°]?(?:st|nd|rd|th|er|re|e|ème|eme|-?[йяe])?\s*(?:{west}))[\s\pP]*$"
    )


@cache
def _endings(rules: RuleSet) -> npt.NDArray[np.int64]:
    """The last three letters of the words that may end a designation, as numbers."""
    terms = rules.terms["volume"]
    words = [word for row in terms if row.kind == "ordinal" or row.more.get("title") for word in row.entries]
    # Letters outside ASCII are let through anyway.
    ends = {word.encode()[-3:] for word in words if word.isascii() and len(word) > 2}
    return np.array([int.from_bytes(end, "big") for end in ends], np.int64)


def worth_reading(titles: pa.StringArray, rules: RuleSet) -> npt.NDArray[np.bool_]:
    """A look at the last three bytes: digits, other scripts, lone letters, Roman numerals, number words, units."""
    trimmed = pc.ascii_rtrim(titles, " \t!\"#%&'()*,-./:;?@[\\]_{}")
    _, edges, data = trimmed.buffers()
    ends = np.frombuffer(edges, np.int32)[trimmed.offset + 1 : trimmed.offset + len(trimmed) + 1].astype(np.int64)
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    last = content[np.maximum(ends[:, None] + np.arange(-3, 0), 0)]
    lower = last | np.uint8(32)
    letter = (lower >= ord("a")) & (lower <= ord("z"))
    roman = np.zeros(256, np.bool_)
    roman[list(rules.tables["volume"]["roman"].encode())] = True
    # The last sign may be a letter of its own behind the numeral: IIb.
    numeral = (roman[lower] | ~letter)[:, :2].all(axis=1)
    known = one_of(lower.astype(np.int64) @ _THREE, _endings(rules))
    found: npt.NDArray[np.bool_] = ~letter.all(axis=1) | numeral | known
    # A Han character that ends no designation: UTF-8 from E3 90 on, and below EA.
    han = (last[:, 0] >= 0xE4) & (last[:, 0] <= 0xE9) | (last[:, 0] == 0xE3) & (last[:, 1] >= 0x90)
    at = np.flatnonzero(han)
    found[at] = one_of(last[at].astype(np.int64) @ _THREE, _han_endings(rules))
    return found


@cache
def _han_endings(rules: RuleSet) -> npt.NDArray[np.int64]:
    """The Han characters that may end a designation, as numbers of three bytes."""
    ends = [sign.encode() for sign in _last_signs(rules) | ordered_ends(rules)]
    return np.array(sorted(int.from_bytes(end, "big") for end in ends if len(end) == 3), np.int64)


@cache
def _lead(rules: RuleSet) -> str:
    """A pattern (RE2) that every text beginning with a Western designation matches."""
    terms = rules.terms["volume"]
    west = any_of([*(word for row in terms if row.more.get("title") for word in row.entries if word.isascii())])
    ordinals = any_of(rules.entries("volume", "ordinal"))
    counted = any_of([*rules.tables["volume"]["opening_ordinal"], "part", "book", "vol"])
    return rf"(?i)^\W*(?:(?:{west})[\s.]|(?:{ordinals}|\d+\w*)\s(?:{counted}))"


def may_begin_with_volume(texts: pa.StringArray, rules: RuleSet) -> npt.NDArray[np.bool_]:
    """Mask of the texts whose beginning looks like a Western volume designation."""
    return matches(texts, _lead(rules))


def may_end_in_volume(titles: pa.StringArray, rules: RuleSet) -> pa.BooleanArray:
    """True for titles whose end looks like a volume designation; `strip_volume` tells. No false negatives."""
    found = np.zeros(len(titles), np.bool_)
    if not len(titles):
        return pa.array(found)
    filled = pc.fill_null(titles, "") if titles.null_count else titles
    at = np.flatnonzero(worth_reading(filled, rules))
    found[at] = matches(filled.take(pa.array(at)), _trail(rules))
    return pa.array(found)
