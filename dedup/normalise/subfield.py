"""Split columns of field text into subfields, many records at once.

Field text is defined in `dedup.tables`: tag, indicators, then `0x1F code value`; fields joined by `0x1E`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
_FIELD, _SUBFIELD = 0x1E, 0x1F


@dataclass(frozen=True, slots=True)
class Subfields:
    """All subfields of one column of field text, in record order.

    Arrays of one length, one entry per subfield: `row` (record), `field` (running number of the field over the
    column, never equal for two fields), `tag` (see `tag_number`), `first`, `second`
    (indicators as byte values), `code` (byte value), `values` (Arrow strings).
    """

    row: Ints
    field: Ints
    tag: Ints
    first: Bytes
    second: Bytes
    code: Bytes
    values: pa.StringArray
    rows: int

    def where(self, codes: str, tags: Iterable[int] | None = None) -> npt.NDArray[np.bool_]:
        """Mask of the subfields with one of the codes, and one of the tags if given."""
        mask = np.isin(self.code, np.frombuffer(codes.encode(), np.uint8))
        if tags is not None:
            mask &= np.isin(self.tag, np.fromiter(tags, np.int64))
        return mask

    def first_per_row(self, mask: npt.NDArray[np.bool_]) -> pa.StringArray:
        """For each record the first value under the mask; null where there is none. Length `rows`."""
        picked = np.flatnonzero(mask)
        rows, at = np.unique(self.row[picked], return_index=True)
        index = np.full(self.rows, -1, np.int64)
        index[rows] = picked[at]
        return self.values.take(pa.array(index, mask=index < 0))

    def joined_per_row(self, mask: npt.NDArray[np.bool_], separator: str = " ") -> pa.StringArray:
        """For each record all values under the mask, joined; null where there is none. Length `rows`."""
        lists = self.lists_per_row(mask)
        joined = pc.binary_join(lists, separator)
        return pc.if_else(pc.equal(pc.list_value_length(lists), 0), pa.scalar(None, pa.string()), joined)

    def lists_per_row(self, mask: npt.NDArray[np.bool_]) -> pa.ListArray:
        """For each record the list of values under the mask, in order. Length `rows`."""
        picked = np.flatnonzero(mask)
        offsets = np.zeros(self.rows + 1, np.int32)
        np.cumsum(np.bincount(self.row[picked], minlength=self.rows), out=offsets[1:])
        return pa.ListArray.from_arrays(pa.array(offsets), self.values.take(pa.array(picked)))


def tag_number(tag: str) -> int:
    """A tag as the number that `Subfields.tag` holds: 245 for `245`; a negative one for a tag with letters (`AVA`)."""
    return int(tag) if tag.isascii() and tag.isdigit() else -int.from_bytes(tag.encode()[:3], "big")


def _buffers(column: pa.StringArray) -> tuple[Bytes, Ints]:
    """The bytes and the offsets of a string column, wherever its slice begins."""
    _, offset_buffer, data = column.buffers()
    wide = pa.types.is_large_string(column.type)
    whole = np.frombuffer(offset_buffer, np.int64 if wide else np.int32)
    offsets = whole[column.offset : column.offset + len(column) + 1].astype(np.int64)
    content = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return content, offsets


def split(column: pa.StringArray) -> Subfields:
    """All subfields of a column of field text (data fields only; control fields give none)."""
    content, offsets = _buffers(column)
    begin, end = int(offsets[0]), int(offsets[-1])
    data = content[begin:end]
    starts = offsets[:-1] - begin
    marks = np.flatnonzero(data == _SUBFIELD)
    field_ends = np.flatnonzero(data == _FIELD)
    stops = np.append(marks[1:], len(data))
    row = np.searchsorted(offsets[1:] - begin, marks, side="right")
    row_stop = offsets[1:][row] - begin
    # A field begins at the start of its record or after a field mark, and ends at the next one.
    following = np.searchsorted(field_ends, marks)
    next_end = np.append(field_ends, len(data))[following]
    last_end = np.concatenate(([-1], field_ends))[following]
    field_start = np.maximum(last_end + 1, starts[row])
    stop = np.minimum(np.minimum(stops, next_end), row_stop)
    field = np.cumsum(np.concatenate(([0], np.diff(field_start) != 0))) if len(marks) else np.zeros(0, np.int64)
    head = data[np.minimum(field_start[:, None] + np.arange(5), max(len(data) - 1, 0))]
    digits = head[:, :3].astype(np.int64) - 48
    numeric = ((digits >= 0) & (digits <= 9)).all(axis=1)
    letters = head[:, :3].astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    tag = np.where(numeric, digits @ np.array([100, 10, 1]), -letters)
    # A subfield mark at the very end has no code: it carries no value either.
    has_code = marks + 1 < stop
    code = np.where(has_code, data[np.minimum(marks + 1, max(len(data) - 1, 0))], 0).astype(np.uint8)
    value_start = np.minimum(marks + 2, stop)
    values = _slices(data, value_start, np.maximum(stop, value_start))
    return Subfields(row, field, tag, head[:, 3], head[:, 4], code, values, len(column))


def _slices(data: Bytes, start: Ints, stop: Ints) -> pa.StringArray:
    """Cut strings out of one buffer without a Python object per value: Arrow takes every other slice."""
    edges = np.empty(2 * len(start) + 1, np.int32)
    edges[0] = 0
    if len(start) == 0:
        return pa.array([], pa.string())
    edges[0] = start[0]
    edges[1::2] = stop
    edges[2:-1:2] = start[1:]
    edges[-1] = stop[-1]
    cut = pa.StringArray.from_buffers(2 * len(start), pa.py_buffer(edges.tobytes()), pa.py_buffer(data.tobytes()))
    return cut.take(pa.array(np.arange(0, 2 * len(start), 2)))


def distinct(function: Callable[[str], Any], column: pa.StringArray, memory: dict[str, Any]) -> list[Any]:
    """Apply a pure function of one string to each distinct value of a column, and give one result per row.

    `memory` outlives the batch (one dict per worker and function), so that frequent values cost one look-up.
    Null gives None.
    """
    encoded = column.dictionary_encode()
    results: list[Any] = []
    for value in encoded.dictionary.to_pylist():
        found = memory.get(value, memory)
        if found is memory:
            if len(memory) > 500_000:
                memory.clear()
            found = memory[value] = function(value)
        results.append(found)
    indices = encoded.indices.to_pylist()
    return [None if index is None else results[index] for index in indices]
