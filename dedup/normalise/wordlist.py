"""Words of a term table as patterns: one for folded text, and a cheap one to look at the raw text of a whole column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from dedup.normalise.text import fold
from dedup.normalise.volume_words import any_of
from dedup.rules import RuleSet

_HAN = "\u2e80"
# Few signs only: RE2 slows down when it must follow any sign at all.
_POSSESSIVE = "['’‘`]?s['’]?"
_BETWEEN = "[ .(\u00a0\u3000-]{0,2}['’]?"


def whole_words(words: Iterable[str], rules: RuleSet) -> str:
    """A pattern for folded text: words of alphabetic scripts whole, Chinese and Japanese ones anywhere."""
    folded = [fold(word, rules) for word in words]
    spaced = any_of(word for word in folded if word[0] < _HAN)
    joined = any_of(word for word in folded if word[0] >= _HAN)
    shapes = [rf"(?<![^\W\d_])(?:{spaced})(?![^\W\d_])"] if spaced else []
    return "|".join([*shapes, joined] if joined else shapes)


def raw_words(words: Iterable[str], rules: RuleSet) -> str:
    """A pattern (RE2) that raw text matches whenever its folded form holds one of the words, and seldom else.

    Marks between words, an apostrophe before s, accents or none, traditional characters are let through.
    """
    older = _older(rules)
    listed = sorted(set(words))
    spaced = sorted({_loose(word) for word in listed if word[0] < _HAN})
    chinese = [word for word in listed if word[0] >= _HAN]
    # A word that begins with another one adds nothing.
    known = set(chinese)
    kept = [word for word in chinese if not any(word[:end] in known for end in range(1, len(word)))]
    joined = ["".join(f"[{sign}{older[sign]}]" if sign in older else re.escape(sign) for sign in word) for word in kept]
    return "|".join(["(?i:" + "|".join(spaced) + ")"] * bool(spaced) + joined)


@cache
def _older(rules: RuleSet) -> dict[str, str]:
    """By simplified character its traditional ones."""
    older: dict[str, str] = {}
    for old, new in rules.characters.items():
        older[new] = older.get(new, "") + old
    return older


def _loose(phrase: str) -> str:
    """The words of a phrase with marks between them, each composed, decomposed or without accents."""
    shapes = []
    for word in re.findall(r"[^\W\d_]+", phrase):
        stem = word[:-1] if len(word) > 1 and word.endswith("s") else word
        decomposed = unicodedata.normalize("NFD", stem)
        bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
        shape = any_of({stem, decomposed, bare})
        shapes.append(rf"(?:{shape})" + (_POSSESSIVE if stem != word else ""))
    return _BETWEEN.join(shapes)
