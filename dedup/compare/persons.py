"""Questions about responsible persons and bodies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz

from dedup.compare.pairs import Mask, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.rules import RuleSet

NAMES = "authors+headings+corporate"


@question("authors", "headings", "corporate", slow=True)
def responsible(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A person or body is responsible in both records, in statement or access point; close for like names."""
    bounds = limits(rules, "responsible")
    left, right = pairs.counts(NAMES)
    agrees = pairs.share(NAMES)
    differs = (left > 0) & (right > 0) & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    if len(rest):
        one, other = pairs.subset(rest).joined(NAMES)
        close[rest] = alike(one, other, bounds)
    return answer(agrees, differs, close)


def alike(left: pa.Array, right: pa.Array, bounds: dict[str, float]) -> Mask:
    """Whether a name of one side is like a name of the other: surname equal or few letters off, initials compatible."""
    sides = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return np.array([_share_person(one, other, bounds) for one, other in sides], np.bool_)


def _share_person(left: str, right: str, bounds: dict[str, float]) -> bool:
    ours = [_divide(name.split()) for name in left.split("|") if name]
    theirs = [_divide(name.split()) for name in right.split("|") if name]
    return any(_same_person(one, other, bounds) for one in ours for other in theirs)


def _same_person(one: tuple[str, str], other: tuple[str, str], bounds: dict[str, float]) -> bool:
    surname, given = one
    surname_other, given_other = other
    if given and given_other and given[0] != given_other[0]:
        return False
    # A body and its department: the name of one contains the other's.
    short, long = sorted((surname, surname_other), key=len)
    if len(short) >= bounds["body_letters"] and short in long:
        return True
    return surname == surname_other or fuzz.ratio(surname, surname_other, score_cutoff=bounds["surname_ratio"]) > 0


def _divide(words: list[str]) -> tuple[str, str]:
    """Surname words and initials: initials are the single letters at the end of a name key."""
    cut = len(words)
    while cut > 1 and len(words[cut - 1]) == 1:
        cut -= 1
    return " ".join(words[:cut]), "".join(words[cut:])


@question("authors", "headings")
def author(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A person is responsible in both records; a body or a meeting does not count here.

    Bodies issue one title every year; a person seldom writes two books of one title.
    """
    left, right = pairs.counts("authors+headings")
    return answer(pairs.share("authors+headings"), (left > 0) & (right > 0))


@question("translators", slow=True)
def translator(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A translator stands in both records; two different translators made two translations (P13)."""
    bounds = limits(rules, "responsible")
    left, right = pairs.counts("translators")
    agrees = pairs.share("translators")
    differs = (left > 0) & (right > 0) & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    if len(rest):
        one, other = pairs.subset(rest).joined("translators")
        close[rest] = alike(one, other, bounds)
    return answer(agrees, differs, close)
