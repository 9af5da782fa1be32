"""Two columns of records side by side: what the questions of `dedup.compare` are asked about.

A question is a function of columns, so that one implementation serves the monthly run (millions of pairs),
`dedup judge`, `dedup check` and `dedup explain` (one pair).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.lists import WIDTH, ListColumn, as_list, as_text, columns_of, list_column, part_of, united, whole
from dedup.normalise.arrow import EMPTY

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Outcomes = npt.NDArray[np.int8]

HAN = r"\p{Han}"
_NAME = re.compile(r"\w+")
MISSING = np.iinfo(np.int64).min


@dataclass(slots=True)
class Concepts:
    """The CONCEPT columns of some records (any table that has them), made ready for comparing, each column once."""

    table: pa.Table
    _numbers: dict[str, Ints] = field(default_factory=dict)
    _texts: dict[str, pa.Array] = field(default_factory=dict)
    _lists: dict[str, ListColumn] = field(default_factory=dict)
    _codes: dict[str, npt.NDArray[np.int32]] = field(default_factory=dict)
    _classes: dict[str, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def used(self) -> frozenset[str]:
        """The columns that questions have asked for so far."""
        keys = " ".join([*self._numbers, *self._texts, *self._lists, *self._codes, *self._classes])
        return frozenset(_NAME.findall(keys)) & frozenset(self.table.column_names)

    def number(self, name: str) -> Ints:
        """A number column; MISSING where null. Truth values as 0 and 1."""
        if name not in self._numbers:
            column = whole(self.table.column(name)).cast(pa.int64())
            self._numbers[name] = np.asarray(column.fill_null(MISSING))
        return self._numbers[name]

    def text(self, name: str) -> pa.Array:
        """A string column, '' where null."""
        if name not in self._texts:
            column = whole(self.table.column(name))
            self._texts[name] = column.fill_null(EMPTY) if column.null_count else column
        return self._texts[name]

    def recoded(self, name: str, change: Callable[[pa.Array], pa.Array]) -> ListColumn:
        """A list column whose values are changed one by one, worked out once."""
        key = f"{name}'"
        if key not in self._lists:
            column = self.lists(name)
            encoded = change(column.dictionary).dictionary_encode()
            # Code -1 (empty place) looks up the entry put behind the last one.
            new = np.append(np.asarray(encoded.indices, np.int32), np.int32(-1))
            self._lists[key] = replace(
                column, heads=new[column.heads], codes=new[column.codes], dictionary=encoded.dictionary
            )
        return self._lists[key]

    def codes(self, name: str) -> npt.NDArray[np.int32]:
        """A string column as numbers, equal for equal strings; -1 for ''."""
        if name not in self._codes:
            encoded = self.text(name).dictionary_encode()
            codes = np.asarray(encoded.indices, np.int32)
            empty = encoded.dictionary.index("").as_py()
            self._codes[name] = np.where(codes == empty, -1, codes).astype(np.int32)
        return self._codes[name]

    def classes(self, name: str, groups: Mapping[str, Sequence[str]]) -> Ints:
        """A string column as the position (from 1) of the group that holds it; 0 when none does."""
        key = f"{name} {' '.join(groups)}"
        if key not in self._classes:
            place = {value: number for number, values in enumerate(groups.values(), 1) for value in values}
            encoded = self.text(name).dictionary_encode()
            numbers = np.array([place.get(value, 0) for value in encoded.dictionary.to_pylist()], np.int64)
            self._classes[key] = numbers[np.asarray(encoded.indices)] if len(numbers) else np.zeros(len(self), np.int64)
        return self._classes[key]

    def derived(self, name: str, make: Callable[[], Ints]) -> Ints:
        """Numbers worked out once for all records."""
        if name not in self._numbers:
            self._numbers[name] = make()
        return self._numbers[name]

    def sums(self, name: str, recoded: ListColumn | None = None) -> Ints:
        """For each record one number that is equal for equal sets of values of a list column, in any order; 0 for none.

        `recoded` is the column with its values changed (see there).
        """
        key = f"{name} sums"
        if key not in self._numbers:
            column = recoded or self.lists(name)
            hashes = spread(np.arange(1, len(column.dictionary) + 1, dtype=np.uint64)).view(np.int64)
            total = np.zeros(len(column.counts), np.int64)
            np.add.at(total, np.repeat(np.arange(len(column.counts)), column.counts), hashes[column.codes])
            self._numbers[key] = total
        return self._numbers[key]

    def holding(self, name: str, pattern: str) -> Mask:
        """Which records hold a value in a list column that matches the pattern."""
        key = f"{name}~{pattern}"
        if key not in self._numbers:
            column = self.lists(name)
            fits = np.asarray(pc.match_substring_regex(column.dictionary, pattern).to_numpy(zero_copy_only=False), bool)
            found = np.zeros(len(self), np.int64)
            found[np.repeat(np.arange(len(self)), column.counts)[fits[column.codes]]] = 1
            self._numbers[key] = found
        held: Mask = self._numbers[key] == 1
        return held

    def lists(self, name: str) -> ListColumn:
        """A list column with its distinct values numbered; `a+b` is the union of two columns."""
        if name not in self._lists:
            self._lists[name] = list_column(united([as_list(whole(self.table.column(one))) for one in name.split("+")]))
        return self._lists[name]


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
        first, second = _common_codes(self.concepts, left_name, right_name)
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
        """
        keys = np.zeros(len(self), np.uint64)
        for name in names:
            sums = self.concepts.sums(name).view(np.uint64)
            for side in (self.left, self.right):
                keys = keys * np.uint64(3) + spread(sums[side])
        _, first, back = np.unique(keys, return_index=True, return_inverse=True)
        some = self.subset(first)
        sides = [column.to_pylist() for name in names for column in some.joined(name)]
        answers = np.fromiter((ask(*values) for values in zip(*sides, strict=True)), np.bool_, len(first))
        found: Mask = answers[back]
        return found

    def subset(self, take: Mask | Ints) -> Pairs:
        """Some of the pairs, without what was remembered about all."""
        return Pairs(self.concepts, self.left[take], self.right[take])


def _common_codes(concepts: Concepts, one: str, other: str) -> tuple[ListColumn, ListColumn]:
    """Two list columns numbered by one dictionary."""
    key = f"{one}|{other}"
    if key not in concepts._lists:
        table = concepts.table
        both = pa.concat_arrays([whole(table.column(one)), whole(table.column(other))])
        joined = list_column(both)
        half = len(concepts)
        concepts._lists[key] = part_of(joined, 0, half)
        concepts._lists[key + "'"] = part_of(joined, half, 2 * half)
    return concepts._lists[key], concepts._lists[key + "'"]


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


def spread(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Numbers spread over 64 bits (finaliser of splitmix64), so that no sum of some is that of others; 0 stays 0.

    A plain multiple would not do: 1 + 2 = 3.
    """
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return out


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
