"""List columns made ready to intersect: many lists of values as arrays of numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import EMPTY, text

Ints = npt.NDArray[np.int64]

WIDTH = 6
"""Lists up to this length are compared as a fixed-width matrix; longer ones in a plain loop over few pairs."""


BETWEEN = text("|")
"""What stands between the values of a list that is shown as one string."""

Codes = npt.NDArray[np.int32] | Ints


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A list column made ready: one number per distinct value; `heads`: records x WIDTH or less, -1 none.

    Numbers (none of ours is negative) stand for themselves, and have no dictionary.
    """

    heads: Codes
    counts: npt.NDArray[np.int32]
    offsets: Ints
    codes: Codes
    dictionary: pa.Array


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def as_list(column: pa.Array) -> pa.ListArray:
    """A string column as lists of one value, none for ''."""
    if pa.types.is_list(column.type):
        return column
    filled = pc.not_equal(pc.fill_null(column, EMPTY), EMPTY)
    offsets = np.zeros(len(column) + 1, np.int32)
    np.cumsum(np.asarray(filled), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), column.filter(filled))


def united(columns: list[pa.ListArray]) -> pa.ListArray:
    """List columns of the same rows as one: for each row the values of all, first column first."""
    if len(columns) == 1:
        return columns[0]
    counts = [np.asarray(pc.list_value_length(column).fill_null(0), np.int64) for column in columns]
    rows = np.concatenate([np.repeat(np.arange(len(count)), count) for count in counts])
    values = pa.concat_arrays([column.flatten() for column in columns])
    offsets = np.zeros(len(columns[0]) + 1, np.int32)
    np.cumsum(sum(counts), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values.take(pa.array(np.argsort(rows, kind="stable"))))


def list_column(column: pa.ListArray) -> ListColumn:
    """Number the distinct values of a list column and lay the first WIDTH of each list into a matrix."""
    counts = np.asarray(pc.list_value_length(column).fill_null(0), np.int32)
    codes, dictionary = _coded(column.flatten())
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    # Place by place, and each place in one piece: they are looked up that way.
    heads = np.full((len(counts), min(WIDTH, int(counts.max(initial=1)))), -1, codes.dtype, order="F")
    for place in range(heads.shape[1]):
        rows = np.flatnonzero(counts > place)
        heads[rows, place] = codes[offsets[rows] + place]
    return ListColumn(heads, counts, offsets, codes, dictionary)


def _coded(values: pa.Array) -> tuple[Codes, pa.Array]:
    if pa.types.is_integer(values.type):
        return np.asarray(values.fill_null(-1), np.int64), pa.array([], pa.string())
    encoded = values.dictionary_encode()
    return np.asarray(encoded.indices.fill_null(-1), np.int32), encoded.dictionary


def shortened(column: ListColumn, counts: npt.NDArray[np.int32]) -> ListColumn:
    """The first so many values of each list."""
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    places = np.arange(offsets[-1]) + np.repeat(column.offsets[:-1] - offsets[:-1], counts)
    heads = column.heads.copy(order="F")
    for place in range(heads.shape[1]):
        heads[counts <= place, place] = -1
    return ListColumn(heads, counts, offsets, column.codes[places], column.dictionary)


def part_of(column: ListColumn, begin: int, end: int) -> ListColumn:
    """Some neighbouring records of a column, with its numbering."""
    return ListColumn(
        column.heads[begin:end],
        column.counts[begin:end],
        column.offsets[begin : end + 1],
        column.codes,
        column.dictionary,
    )


def as_text(column: ListColumn, rows: Ints) -> pa.Array:
    """The lists of some records as one string each, values apart by `|`."""
    counts = column.counts[rows].astype(np.int64)
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    places = np.arange(offsets[-1]) + np.repeat(column.offsets[rows] - offsets[:-1], counts)
    values = column.dictionary.take(pa.array(column.codes[places]))
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), values), BETWEEN)


def columns_of(column: ListColumn, rows: Ints) -> list[Codes]:
    """The first, second ... value of some records, as far as any of them has one."""
    widest = min(WIDTH, int(column.counts[rows].max(initial=0)))
    return [column.heads[rows, place] for place in range(widest)]
