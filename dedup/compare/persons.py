"""Questions about responsible persons and bodies."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz

from dedup.compare.pairs import Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.rules import RuleSet

NAMES = "authors+headings+corporate"


@question("authors", "headings", "corporate", slow=True)
def responsible(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A person or body is responsible in both records, in statement or access point; close for like names.

    Names in Han characters on one side only say nothing: the other side is romanised.
    """
    return _same_names(pairs, NAMES, limits(rules, "responsible"))


def _same_names(pairs: Pairs, names: str, bounds: dict[str, float]) -> Outcomes:
    left, right = pairs.counts(names)
    agrees = pairs.share(names)
    differs = (left > 0) & (right > 0) & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    close[rest] = pairs.subset(rest).asked_once((names,), lambda one, other: _share_person(one, other, bounds))
    return answer(agrees, differs & ~pairs.in_two_scripts(names), close)


def _share_person(left: str, right: str, bounds: dict[str, float]) -> bool:
    theirs = _people(right)
    for surname, initial in _people(left):
        for other, other_initial in theirs:
            # Other given names: nothing else need be looked at, and so it is with most pairs.
            if initial and other_initial and initial != other_initial:
                continue
            body = not initial and not other_initial and min(len(surname), len(other)) >= bounds["body_letters"]
            least = bounds["body_ratio" if body else "surname_ratio"]
            if surname == other or _within(surname, other, bounds) or fuzz.ratio(surname, other, score_cutoff=least):
                return True
    return False


@lru_cache(100_000)
def _people(names: str) -> tuple[tuple[str, str], ...]:
    """Each person or body once, though statement and access point name both."""
    return tuple(dict.fromkeys(_divide(name.split()) for name in names.split("|") if name))


def _within(one: str, other: str, bounds: dict[str, float]) -> bool:
    """A body and its department: the name of one contains the other's."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return len(short) >= bounds["body_letters"] and short in long


def _divide(words: list[str]) -> tuple[str, str]:
    """Surname words and the first of the initials, which are the single letters at the end of a name key."""
    cut = len(words)
    while cut > 1 and len(words[cut - 1]) == 1:
        cut -= 1
    return " ".join(words[:cut]), "".join(words[cut : cut + 1])


@question("authors", "headings")
def author(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A person is responsible in both records; a body or a meeting does not count here.

    Bodies issue one title every year; a person seldom writes two books of one title.
    """
    names = f"authors+headings|{NAMES}"
    left, right = pairs.counts(names)
    agrees = pairs.share(names)
    differs = (left > 0) & (right > 0) & ~agrees & ~pairs.in_two_scripts(names)
    return answer(agrees, differs)


@question("translators", slow=True)
def translator(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A translator stands in both records; two different translators made two translations (P13)."""
    return _same_names(pairs, "translators", limits(rules, "responsible"))
