"""Which titles may end in a volume designation: one cheap look at a whole column."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.volume_words import any_of, any_sign
from dedup.rules import RuleSet


@cache
def _trail(rules: RuleSet) -> str:
    """A pattern (RE2) that every title with a trailing designation matches, traditional characters included."""
    terms, settings = rules.terms["volume"], rules.tables["volume"]
    units = {word[-1] for row in terms if row.kind.startswith("unit-han") for word in row.entries}
    free = {word for row in terms if row.more.get("free") for word in row.entries}
    ends = units | free | set(settings["numerals"])
    older = {old for old, new in rules.characters.items() if new in ends}
    west = any_of(word for row in terms if row.more.get("title") for word in row.entries)
    ordinals = any_of(rules.entries("volume", "ordinal"))
    joiners = any_of(rules.entries("volume", "joiner"))
    signs, roman = any_sign(sorted(ends | older)), any_sign(settings["roman"])
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


def _worth_reading(titles: pa.StringArray, rules: RuleSet) -> npt.NDArray[np.bool_]:
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
    known = np.isin(lower.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1]), _endings(rules))
    found: npt.NDArray[np.bool_] = ~letter.all(axis=1) | numeral | known
    return found


def may_end_in_volume(titles: pa.StringArray, rules: RuleSet) -> pa.BooleanArray:
    """True for titles whose end looks like a volume designation; `strip_volume` tells. No false negatives."""
    found = np.zeros(len(titles), np.bool_)
    if not len(titles):
        return pa.array(found)
    filled = pc.fill_null(titles, "") if titles.null_count else titles
    at = np.flatnonzero(_worth_reading(filled, rules))
    found[at] = np.asarray(pc.match_substring_regex(filled.take(pa.array(at)), _trail(rules)))
    return pa.array(found)
