"""Two columns of records side by side: what the questions of `dedup.compare` are asked about.

A question is a function of columns, so that one implementation serves the monthly run (millions of pairs),
`dedup judge`, `dedup check` and `dedup explain` (one pair).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.concepts import MISSING, Concepts, spread
from dedup.compare.lists import WIDTH, ListColumn, as_text, columns_of
from dedup.normalise.arrow import EMPTY

__all__ = ["HAN", "MISSING", "Concepts", "Ints", "Mask", "Outcomes", "Pairs", "answer", "equal_text", "share_codes"]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Outcomes = npt.NDArray[np.int8]

HAN = r"\p{Han}"
_TOLD = 1 << 20
"""So many answers are remembered, some 100 MB."""


@dataclass(slots=True)
class Pairs:
    """Pairs of records by position in `concepts`; every answer has the length of `left`."""

    concepts: Concepts
    left: Ints
    right: Ints

    def __len__(self) -> int:
        return len(self.left)

    def numbers(self, name: str) -> tuple[Ints, Ints]:
        """Both sides of a number column, MISSING where unknown."""
        column = self.concepts.number(name)
        return column[self.left], column[self.right]

    def texts(self, name: str) -> tuple[pa.Array, pa.Array]:
        """Both sides of a string column."""
        column = self.concepts.text(name)
        return column.take(pa.array(self.left)), column.take(pa.array(self.right))

    def same_text(self, name: str) -> tuple[Mask, Mask]:
        """Whether both sides of a string column are filled and equal, and whether both are filled."""
        codes = self.concepts.codes(name)
        left, right = codes[self.left], codes[self.right]
        both = (left >= 0) & (right >= 0)
        return both & (left == right), both

    def same_number(self, name: str) -> tuple[Mask, Mask]:
        """Whether both sides of a number column are known and equal, and whether both are known."""
        left, right = self.numbers(name)
        both: Mask = (left != MISSING) & (right != MISSING)
        return both & (left == right), both

    def same_value(self, name: str) -> tuple[Mask, Mask]:
        """Whether both sides of a list column share a value, and whether both have any."""
        left, right = self.counts(name)
        both: Mask = (left > 0) & (right > 0)
        return self.share(name), both

    def filled(self, name: str) -> tuple[Mask, Mask]:
        """Whether each side of a string column is filled."""
        codes = self.concepts.codes(name)
        return codes[self.left] >= 0, codes[self.right] >= 0

    def classes(self, name: str, groups: Mapping[str, Sequence[str]]) -> tuple[Ints, Ints]:
        """The group of each side of a string column, 0 when none."""
        classes = self.concepts.classes(name, groups)
        return classes[self.left], classes[self.right]

    def counts(self, name: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """How many values each side of a list column holds."""
        counts = self.concepts.lists(name).counts
        return counts[self.left], counts[self.right]

    def joined(self, name: str) -> tuple[pa.Array, pa.Array]:
        """Both sides of a list of strings as one string each, values apart by `|`."""
        column = self.concepts.lists(name)
        left, right = (as_text(column, side) for side in (self.left, self.right))
        return left, right

    def share(self, left_name: str, right_name: str | None = None) -> Mask:
        """Whether a value of the left record's list stands in the right record's list.

        With two names the lists are of two columns, asked both ways (`isbn` of one in `isbn_weak` of the other).
        """
        if right_name is None:
            column = self.concepts.lists(left_name)
            return share_codes(column, column, self)
        first, second = self.concepts.common(left_name, right_name)
        return share_codes(first, second, self) | share_codes(second, first, self)

    def in_two_scripts(self, name: str) -> Mask:
        """Whether a list of names is in Han characters on one side and has none on the other, where it is romanised."""
        han = self.concepts.holding(name, HAN)
        left, right = self.counts(name)
        two: Mask = (han[self.left] != han[self.right]) & (left > 0) & (right > 0)
        return two

    def asked_once(self, names: Sequence[str], ask: Callable[..., bool]) -> Mask:
        """The answer of a pure function to both sides of some list columns, as `joined` gives them: first column left,
        right, second column left, right ... Equal sides are asked about once: few houses and persons make many pairs.

        One question asks for one set of columns, so that what it was told is known by these.
        """
        keys = np.zeros(len(self), np.uint64)
        for name in names:
            sums = self.concepts.sums(name).view(np.uint64)
            for side in (self.left, self.right):
                keys = keys * np.uint64(3) + spread(sums[side])
        each, first, back = np.unique(keys, return_index=True, return_inverse=True)
        told = self.concepts.told(names)
        known = [told.get(key) for key in each.tolist()]
        new = np.array([at for at, answer in enumerate(known) if answer is None], np.int64)
        some = self.subset(first[new])
        sides = [column.to_pylist() for name in names for column in some.joined(name)]
        said = dict(zip(new.tolist(), map(ask, *sides), strict=True))
        if len(told) < _TOLD:
            told.update(zip(each[new].tolist(), said.values(), strict=True))
        answers = np.array([said[at] if answer is None else answer for at, answer in enumerate(known)], np.bool_)
        found: Mask = answers[back]
        return found

    def subset(self, take: Mask | Ints) -> Pairs:
        """Some of the pairs, without what was remembered about all."""
        return Pairs(self.concepts, self.left[take], self.right[take])


def share_codes(first: ListColumn, second: ListColumn, pairs: Pairs) -> Mask:
    """Whether a value of the left record's list in `first` stands in the right record's list in `second`."""
    left, right = pairs.left, pairs.right
    found = np.zeros(len(left), np.bool_)
    ask = np.flatnonzero((first.counts[left] > 0) & (second.counts[right] > 0))
    hit = np.zeros(len(ask), np.bool_)
    for head in columns_of(first, left[ask]):
        for tail in columns_of(second, right[ask]):
            hit |= (head == tail) & (head >= 0)
    found[ask] = hit
    long = ask[~hit & ((first.counts[left[ask]] > WIDTH) | (second.counts[right[ask]] > WIDTH))]
    for at in long:
        i, j = left[at], right[at]
        mine = first.codes[first.offsets[i] : first.offsets[i + 1]]
        theirs = second.codes[second.offsets[j] : second.offsets[j + 1]]
        found[at] = bool(np.isin(mine, theirs).any())
    return found


def equal_text(left: pa.Array, right: pa.Array) -> Mask:
    """Whether two string columns are equal, pair by pair; two empty strings are not."""
    both = pc.and_(pc.equal(left, right), pc.not_equal(left, EMPTY))
    return np.asarray(both.to_numpy(zero_copy_only=False), np.bool_)


def answer(agrees: Mask, differs: Mask, close: Mask | None = None) -> Outcomes:
    """Outcomes from masks: agrees before close before differs, else unknown (see `model.Outcome`)."""
    out = np.zeros(len(agrees), np.int8)
    out[differs] = -1
    if close is not None:
        out[close] = 1
    out[agrees] = 2
    return out
