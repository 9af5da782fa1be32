"""Questions about responsible persons and bodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from rapidfuzz import fuzz

from dedup.compare.likeness import alike
from dedup.compare.lists import ListColumn
from dedup.compare.pairs import Concepts, Ints, Mask, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.rules import RuleSet

Texts = npt.NDArray[np.object_]

NAMES = "authors+headings+corporate"
_AT_ONCE = 2_000_000
"""So many names of two sides are held against each other at once."""
_SHIFT = 31
"""Bits of the number of a surname: two of them and one truth value make one number."""


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
    close[rest] = _share_person(pairs.subset(rest), names, bounds)
    return answer(agrees, differs & ~pairs.in_two_scripts(names), close)


def _share_person(pairs: Pairs, names: str, bounds: dict[str, float]) -> Mask:
    """Whether a name of one side and one of the other may be one person or body. Both sides have names."""
    column = pairs.concepts.lists(names)
    sizes = column.counts[pairs.left].astype(np.int64) * column.counts[pairs.right]
    found = np.zeros(len(pairs), np.bool_)
    # Proceedings have hundreds of names: so many are held against each other at once, and no more.
    for some in np.split(np.arange(len(pairs)), np.flatnonzero(np.diff(np.cumsum(sizes) // _AT_ONCE)) + 1):
        found[some] = _one_person(pairs.subset(some), names, bounds)
    return found


def _one_person(pairs: Pairs, names: str, bounds: dict[str, float]) -> Mask:
    column, parts = pairs.concepts.lists(names), _parts(pairs.concepts, names)
    place, one, other = _crossed(column, pairs)
    initial, other_initial = parts.initial[one], parts.initial[other]
    # Other given names: nothing else need be looked at, and so it is with most pairs.
    may = (initial < 0) | (other_initial < 0) | (initial == other_initial)
    bare = (initial[may] < 0) & (other_initial[may] < 0)
    ends = np.sort(np.stack((parts.surname[one[may]], parts.surname[other[may]])), axis=0)
    keys, back = np.unique((ends[0] << _SHIFT | ends[1]) << 1 | bare, return_inverse=True)
    low, high = parts.surnames.take(keys >> _SHIFT + 1), parts.surnames.take(keys >> 1 & (1 << _SHIFT) - 1)
    found = np.zeros(len(pairs), np.bool_)
    found[place[may][_alike(low, high, (keys & 1).astype(np.bool_), bounds)[back]]] = True
    return found


def _alike(ours: Texts, theirs: Texts, bare: Mask, bounds: dict[str, float]) -> Mask:
    """Whether two surnames, or two bodies where neither has initials (`bare`), are one or nearly so."""
    short = np.array([min(map(len, both)) for both in zip(ours, theirs, strict=True)], np.int64)
    found: Mask = (ours == theirs) & (short > 0)
    # A body and its department: the name of one contains the other's.
    long = np.flatnonzero((short >= bounds["body_letters"]) & ~found)
    within = [a in b or b in a for a, b in zip(ours[long], theirs[long], strict=True)]
    found[long] = within
    bodies = bare & (short >= bounds["body_letters"])
    for kind, least in ((bodies, bounds["body_ratio"]), (~bodies, bounds["surname_ratio"])):
        at = np.flatnonzero(kind & ~found & (short > 0))
        found[at] = alike(ours[at].tolist(), theirs[at].tolist(), fuzz.ratio, least)
    return found


def _crossed(column: ListColumn, pairs: Pairs) -> tuple[Ints, Ints, Ints]:
    """Every name of the left side beside every one of the right: which pair, and the codes of both."""
    widths = column.counts[pairs.right].astype(np.int64)
    sizes = column.counts[pairs.left] * widths
    place = np.repeat(np.arange(len(pairs)), sizes)
    row, at = np.divmod(np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes), widths[place])
    one, other = column.offsets[pairs.left][place] + row, column.offsets[pairs.right][place] + at
    return place, column.codes[one].astype(np.int64), column.codes[other].astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Of each name of a column the surname, by its number in `surnames`, and the first initial, -1 for none.

    A name key is words apart by one space; the initials are the single letters at its end. A body has none.
    """

    surname: Ints
    initial: Ints
    surnames: Texts


_PARTED = "^(?P<surname>[^ ]+(?: [^ ]+)*?)(?: (?P<initial>[^ ])(?: [^ ])*)?$"


def _parts(concepts: Concepts, names: str) -> _Parts:
    def made() -> _Parts:
        """Of every distinct name."""
        parted = pc.extract_regex(concepts.lists(names).dictionary, _PARTED)
        surnames, initials = (pc.fill_null(one, "").dictionary_encode() for one in parted.flatten())
        initial = np.asarray(initials.indices, np.int64)
        initial[initial == initials.dictionary.index("").as_py()] = -1
        texts = surnames.dictionary.to_numpy(zero_copy_only=False)
        return _Parts(np.asarray(surnames.indices, np.int64), initial, texts)

    return concepts.derived(f"{names} parts", made)


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
