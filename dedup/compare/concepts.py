"""The columns of some records made ready for comparing: numbers, coded texts, lists of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.lists import Ints, ListColumn, as_list, list_column, part_of, shortened, united, whole
from dedup.normalise.arrow import EMPTY

Mask = npt.NDArray[np.bool_]

Made = TypeVar("Made")
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
    _derived: dict[str, Any] = field(default_factory=dict)
    _told: dict[tuple[str, ...], dict[int, bool]] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def used(self) -> frozenset[str]:
        """The columns that questions have asked for so far."""
        lists = [name.partition("|")[0] if "+" in name else name for name in self._lists]
        keys = " ".join([*self._numbers, *self._texts, *lists, *self._codes, *self._classes, *self._derived])
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

    def derived(self, name: str, make: Callable[[], Made]) -> Made:
        """Anything worked out once for all records; its name tells from which columns."""
        if name not in self._derived:
            self._derived[name] = make()
        found: Made = self._derived[name]
        return found

    def sums(self, name: str, recoded: ListColumn | None = None) -> Ints:
        """For each record one number that is equal for equal sets of values of a list column, in any order; 0 for none.

        `recoded` is the column with its values changed (see there).
        """
        key = f"{name} sums"
        if key not in self._numbers:
            column = recoded or self.lists(name)
            hashes = spread(np.arange(1, len(column.dictionary) + 1, dtype=np.uint64)).view(np.int64)
            running = np.zeros(len(column.codes) + 1, np.int64)
            np.cumsum(hashes[column.codes], out=running[1:])
            self._numbers[key] = running[column.offsets[1:]] - running[column.offsets[:-1]]
        return self._numbers[key]

    def holding(self, name: str, pattern: str) -> Mask:
        """Which records hold a value in a list column that matches the pattern."""

        def made() -> Mask:
            """The pattern is held against each distinct value once."""
            column = self.lists(name)
            fits = np.asarray(pc.match_substring_regex(column.dictionary, pattern).to_numpy(zero_copy_only=False), bool)
            found = np.zeros(len(self), np.bool_)
            found[np.repeat(np.arange(len(self)), column.counts)[fits[column.codes]]] = True
            return found

        return self.derived(f"{name}~{pattern}", made)

    def told(self, names: Sequence[str]) -> dict[int, bool]:
        """What was answered to two sides of some columns already, by the number of both (see `Pairs.asked_once`)."""
        return self._told.setdefault(tuple(names), {})

    def lists(self, name: str) -> ListColumn:
        """A list column with its distinct values numbered; `a+b` is the union of two columns, first column first.

        `a+b|a+b+c` is the first, made from the second.
        """
        if name not in self._lists:
            short, _, long = name.partition("|")
            columns = [as_list(whole(self.table.column(one))) for one in short.split("+")]
            if long:
                counts = np.zeros(len(self), np.int32)
                for column in columns:
                    counts += np.asarray(pc.list_value_length(column).fill_null(0), np.int32)
                self._lists[name] = shortened(self.lists(long), counts)
            else:
                self._lists[name] = list_column(united(columns))
        return self._lists[name]

    def common(self, one: str, other: str) -> tuple[ListColumn, ListColumn]:
        """Two list columns numbered by one dictionary; numbers stand for themselves anyway."""
        if pa.types.is_integer(getattr(self.table.schema.field(one).type, "value_type", pa.null())):
            return self.lists(one), self.lists(other)
        key = f"{one}|{other}"
        if key not in self._lists:
            joined = list_column(pa.concat_arrays([whole(self.table.column(name)) for name in (one, other)]))
            half = len(self)
            self._lists[key] = part_of(joined, 0, half)
            self._lists[key + "'"] = part_of(joined, half, 2 * half)
        return self._lists[key], self._lists[key + "'"]


def spread(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Numbers spread over 64 bits (finaliser of splitmix64), so that no sum of some is that of others; 0 stays 0.

    A plain multiple would not do: 1 + 2 = 3.
    """
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    out: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return out
