"""Questions about responsible persons and bodies."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from dedup.compare.pairs import Ints, Mask, Outcomes, Pairs, answer, lists_as_text
from dedup.compare.question import limits, question
from dedup.rules import RuleSet

NAME_COLUMNS = ("authors", "headings", "corporate")


@question("authors", "headings", "corporate")
def responsible(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A person or body is responsible in both records, in statement or access point; close for like names."""
    bounds = limits(rules, "responsible")
    counts = [pairs.counts(name) for name in NAME_COLUMNS]
    left = sum(one for one, _ in counts) > 0
    right = sum(other for _, other in counts) > 0
    agrees = np.zeros(len(pairs), np.bool_)
    for place, name in enumerate(NAME_COLUMNS):
        agrees |= pairs.share(name)
        for other in NAME_COLUMNS[place + 1 :]:
            agrees |= pairs.share(name, other)
    differs = left & right & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    if len(rest):
        one, other = (names_as_text(pairs.concepts.table, side[rest]) for side in (pairs.left, pairs.right))
        close[rest] = alike(one, other, bounds)
    return answer(agrees, differs, close)


def names_as_text(table: pa.Table, rows: Ints) -> pa.Array:
    """All name keys of each record in one string, names apart by `|`."""
    lists = [
        pc.fill_null(pc.take(table.column(name), pa.array(rows)), pa.scalar([], pa.list_(pa.string())))
        for name in NAME_COLUMNS
    ]
    texts = [pc.binary_join(column, "|").combine_chunks() for column in lists]
    return pc.binary_join_element_wise(*texts, "|")


def alike(left: pa.Array, right: pa.Array, bounds: dict[str, float]) -> Mask:
    """Whether a name of one side is like a name of the other: surname equal or few letters off, initials compatible."""
    sides = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return np.array([_share_person(one, other, bounds["surname_ratio"]) for one, other in sides], np.bool_)


def _share_person(left: str, right: str, least: float) -> bool:
    ours = [_divide(name.split()) for name in left.split("|") if name]
    theirs = [_divide(name.split()) for name in right.split("|") if name]
    return any(_same_person(one, other, least) for one in ours for other in theirs)


def _same_person(one: tuple[str, str], other: tuple[str, str], least: float) -> bool:
    surname, given = one
    surname_other, given_other = other
    if given and given_other and given[0] != given_other[0]:
        return False
    return surname == surname_other or fuzz.ratio(surname, surname_other, score_cutoff=least) > 0


def _divide(words: list[str]) -> tuple[str, str]:
    """Surname words and initials: initials are the single letters at the end of a name key."""
    cut = len(words)
    while cut > 1 and len(words[cut - 1]) == 1:
        cut -= 1
    return " ".join(words[:cut]), "".join(words[cut:])


@question("translators")
def translator(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A translator stands in both records; two different translators made two translations (P13)."""
    bounds = limits(rules, "responsible")
    left, right = pairs.counts("translators")
    agrees = pairs.share("translators")
    differs = (left > 0) & (right > 0) & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    if len(rest):
        one, other = lists_as_text(pairs.concepts.table, "translators", pairs.left[rest], pairs.right[rest])
        close[rest] = alike(one, other, bounds)
    return answer(agrees, differs, close)
