"""Compare two folded titles word by word, as a cataloguer reads them.

A long title hides one different word from every measure of letters: *Flood insurance study, Nueces County* and
*Flood insurance study, Midland County* differ in few letters and are two books. So the words that stand on one side
only are looked at: words left out are shortening, words misspelt are the same, other words on both sides are another
title.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from dedup.model import Outcome
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True, eq=False)
class WordRules:
    """What of `[words]` in policy.toml is needed: words that never separate, and how far a misspelling may go."""

    minor: frozenset[str]
    one_letter_from: int
    two_letters_from: int
    abbreviation_from: int
    least_share: float


@cache
def word_rules(rules: RuleSet) -> WordRules:
    """The word rules of the policy."""
    table = rules.tables["policy"]["words"]
    return WordRules(
        frozenset(table["minor"]),
        int(table["one_letter_from"]),
        int(table["two_letters_from"]),
        int(table["abbreviation_from"]),
        float(table["least_share"]),
    )


@cache
def idle_words(rules: RuleSet) -> frozenset[str]:
    """Words that many houses and bodies have in their names."""
    return frozenset(rules.tables["policy"]["words"]["idle_publisher"])


def compare_words(left: str, right: str, words: WordRules) -> Outcome:
    """AGREES: the same words but for misspelling; CLOSE: one side leaves words out; DIFFERS: both have their own.

    Arguments are folded titles (words apart by one space, or Han text, of which each character is a word). Two titles
    that share too few words differ whatever is left out.
    """
    if left.replace(" ", "") == right.replace(" ", ""):
        return Outcome.AGREES
    ours, theirs = _split(left, words), _split(right, words)
    only_ours, only_theirs = _without(ours, theirs), _without(theirs, ours)
    shared = len(ours) - len(only_ours)
    spelt = _pair_off(only_ours, only_theirs, words)
    if only_ours and only_theirs and not _written_together(only_ours, only_theirs):
        return Outcome.DIFFERS
    if only_ours or only_theirs:
        enough = shared + spelt >= words.least_share * min(len(ours), len(theirs))
        return Outcome.CLOSE if enough else Outcome.DIFFERS
    return Outcome.AGREES


_SHORT_YEAR = 2
_LEAST_INITIALS, _MOST_INITIALS = 3, 6
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")


def _split(title: str, words: WordRules) -> list[str]:
    return [word for word in _WORD.findall(title) if word not in words.minor]


def _without(words: list[str], others: list[str]) -> list[str]:
    """The words that the others do not match one by one."""
    left, rest = list(others), []
    for word in words:
        if word in left:
            left.remove(word)
        else:
            rest.append(word)
    return rest


def _pair_off(ours: list[str], theirs: list[str], words: WordRules) -> int:
    """Take out of both lists the words that are one word spelt in two ways; how many there were."""
    paired = 0
    for word in list(ours):
        other = next((one for one in theirs if _one_word(word, one, words)), None)
        if other is not None:
            ours.remove(word)
            theirs.remove(other)
            paired += 1
    return paired


def _one_word(one: str, other: str, words: WordRules) -> bool:
    """Misspelt or abbreviated; digits never count as misspelt, and a first letter only in a long word."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if one[0] != other[0] and len(short) < words.two_letters_from and not short.isdigit():
        return False
    if _DIGIT.search(one) or _DIGIT.search(other):
        # The second year of 1914-18 and of 1914-1918.
        return len(short) == _SHORT_YEAR and len(long) == 2 * _SHORT_YEAR and long.endswith(short) and long.isdigit()
    if len(short) >= words.abbreviation_from and long.startswith(short):
        return True
    allowed = 2 if len(short) >= words.two_letters_from else 1 if len(short) >= words.one_letter_from else 0
    return len(long) - len(short) <= allowed > 0 and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def share_word(
    left: str, right: str, idle: frozenset[str], words: WordRules, besides: frozenset[str] = frozenset()
) -> bool:
    """Whether a word of one side stands on the other, be it misspelt (names of houses).

    It must not be one of the `idle` ones, which are the same for many names, nor one of those `besides`.
    """
    theirs = [word for word in _telling(right, idle, words) if word not in besides]
    return any(
        one == other or _one_word(one, other, words)
        for one in _telling(left, idle, words)
        if one not in besides
        for other in theirs
    )


@lru_cache(maxsize=1 << 16)
def _telling(side: str, idle: frozenset[str], words: WordRules) -> tuple[str, ...]:
    least = words.one_letter_from - 1
    return tuple(word for word in _WORD.findall(side) if word not in idle and len(word) >= least)


def initials_of(left: str, right: str) -> bool:
    """Whether one side is the initials of the other's words: APS of the American Phytopathological Society."""
    short, long = (left, right) if len(left) < len(right) else (right, left)
    if not (_LEAST_INITIALS <= len(short) <= _MOST_INITIALS) or short[0] != long[0] or " " in short:
        return False
    return short == "".join(word[0] for word in _WORD.findall(long))


def _written_together(ours: list[str], theirs: list[str]) -> bool:
    """`text book` and `textbook`."""
    return "".join(ours) == "".join(theirs)
