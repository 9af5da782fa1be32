"""Columns as codes: each distinct value is read once, and every row points at the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.normalise.pick import LIMIT
from dedup.normalise.subfield import Ints

T = TypeVar("T")


def coded(function: Callable[[str], T], column: pa.StringArray, memory: dict[str, T]) -> tuple[list[T], Ints]:
    """Apply a pure function to each distinct value of a column.

    Gives the results and, for each row, the position of its result (-1 for null). `memory` outlives the batch.
    """
    encoded = column.dictionary_encode()
    if len(memory) > LIMIT:
        memory.clear()
    results: list[T] = []
    for value in encoded.dictionary.to_pylist():
        if value not in memory:
            memory[value] = function(value)
        results.append(memory[value])
    indices = encoded.indices.fill_null(-1) if encoded.indices.null_count else encoded.indices
    return results, np.asarray(indices).astype(np.int64)


def spread(values: Sequence[Any], codes: Ints, kind: pa.DataType) -> pa.Array:
    """One value per row from the results of `coded`; code -1 and None give null."""
    return pa.array(values, kind).take(pa.array(codes, mask=codes < 0))


def scattered(rows: int, at: npt.NDArray[np.int64], codes: Ints) -> Ints:
    """Codes of some rows put into a column of all rows, -1 elsewhere."""
    column = np.full(rows, -1, np.int64)
    column[at] = codes
    return column


def sorted_lists(row: Ints, values: pa.StringArray, rows: int) -> pa.ListArray:
    """One list per record of the distinct values in ascending order; empty strings and nulls are left out."""
    encoded = values.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words) + 1, np.int64)
    rank[order] = np.arange(len(words))
    rank[-1] = -1
    codes = np.asarray(encoded.indices.fill_null(-1)).astype(np.int64)
    empty = np.array([not word for word in words] + [True], np.bool_)
    kept = ~empty[codes]
    keys = np.unique(row[kept] * max(len(words), 1) + rank[codes[kept]])
    owner, place = np.divmod(keys, max(len(words), 1))
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(owner, minlength=rows), out=offsets[1:])
    chosen = pa.array([words[at] for at in order], pa.string()).take(pa.array(place))
    return pa.ListArray.from_arrays(pa.array(offsets), chosen)
