"""Titles that name nothing: placeholders of the system, empty titles, template and test words.

Source: domain facts 4.1 and 4.2 (J01, J02, J03); the words stand in `rules/terms/placeholder.toml`.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import lengths
from dedup.normalise.text import skeleton
from dedup.rules import RuleSet

PLACEHOLDER, MISSING, MEANINGLESS = "J01", "J02", "J03"
# Signs of the longest number looked at: RE2 repeats nothing more than 1000 times.
_LONGEST_NUMBER = 64


@cache
def _system(rules: RuleSet) -> str:
    """Skeletons that are made of nothing but system placeholders."""
    words = sorted({skeleton(word, rules) for word in rules.entries("placeholder", "system")})
    return f"^(?:{'|'.join(map(re.escape, words))})+$"


@cache
def _starred(rules: RuleSet) -> str:
    """A system placeholder between asterisks, anywhere in the typed title."""
    words = "|".join(re.escape(word).replace(r"\ ", r"\s*") for word in rules.entries("placeholder", "system"))
    return rf"(?i)\*\s*(?:{words})\s*\*"


@cache
def _meaningless(rules: RuleSet) -> frozenset[str]:
    table = rules.terms["placeholder"]
    return frozenset(skeleton(word, rules) for row in table if row.kind != "system" for word in row.entries)


@cache
def _shapes(rules: RuleSet) -> str:
    """Skeletons that are no title whatever they say: one letter, one digit, a long number."""
    digits = rules.tables["text"]["title"]["number_digits"]
    return f"^(?:[a-z\u0370-\u04ff]|[0-9]|[0-9]{{{digits + 1},{_LONGEST_NUMBER}}})$"


def junk_kind(title: str, rules: RuleSet) -> str:
    """J01 system placeholder, J02 no title, J03 a title without meaning; '' for a usable title.

    `title` is the title proper as typed. Number titles of few digits (1984, 2666, 1Q84) are usable.
    """
    if not title.strip():
        return MISSING
    if re.search(_starred(rules), title) or re.fullmatch(_system(rules), bare_text := skeleton(title, rules)):
        return PLACEHOLDER
    if not bare_text or bare_text in _meaningless(rules):
        return MEANINGLESS
    return MEANINGLESS if re.match(_shapes(rules), bare_text) else ""


def meaningless_word(title: str, rules: RuleSet) -> bool:
    """Whether a title is one of the words that are no title, and not merely a number, a letter or a mark."""
    return skeleton(title, rules) in _meaningless(rules)


def usable_column(typed: pa.StringArray, bare: pa.StringArray, rules: RuleSet) -> pa.BooleanArray:
    """Whether `junk_kind` finds nothing, for a column of titles as typed (no nulls) and their skeletons."""
    sizes = lengths(bare)
    usable = sizes > 0
    longest = max((len(word.encode()) for word in _meaningless(rules)), default=0)
    short = np.flatnonzero(usable & (sizes <= max(longest, _LONGEST_NUMBER)))
    some = bare.take(pa.array(short))
    words = pa.array(sorted(_meaningless(rules)), pa.string())
    usable[short] = ~np.asarray(pc.or_(pc.is_in(some, words), pc.match_substring_regex(some, _shapes(rules))))
    usable &= ~np.asarray(pc.match_substring_regex(bare, _system(rules)))
    return pa.array(usable & ~np.asarray(pc.match_substring_regex(typed, _starred(rules))))
