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
# Bytes before the first subfield: tag and indicators.
_HEAD = 5


@dataclass(frozen=True, slots=True)
class Subfields:
    """All subfields of one column of field text, in record order.

    Arrays of one length, one entry per subfield: `row` (record), `field` (running number of the field over the
    column, never equal for two fields), `kind` (which row of `kinds`). `kinds` has one row for each combination that
    occurs of tag (see `tag_number`), first and second indicator, and code (byte values). Every other string of `cut`
    is a value, beginning with the first; between them stands what parts them.
    """

    row: Ints
    field: Ints
    kind: npt.NDArray[np.int32]
    kinds: Ints
    cut: pa.StringArray
    rows: int

    def __len__(self) -> int:
        return len(self.row)

    @property
    def tag(self) -> Ints:
        """Tag of each subfield (see `tag_number`)."""
        return self.kinds[:, 0][self.kind]

    @property
    def first(self) -> Bytes:
        """First indicator of each subfield as a byte value."""
        return self.kinds[:, 1].astype(np.uint8)[self.kind]

    @property
    def second(self) -> Bytes:
        """Second indicator of each subfield as a byte value."""
        return self.kinds[:, 2].astype(np.uint8)[self.kind]

    @property
    def code(self) -> Bytes:
        """Code of each subfield as a byte value; 0 for a mark without code."""
        return self.kinds[:, 3].astype(np.uint8)[self.kind]

    @property
    def values(self) -> pa.StringArray:
        """The value of each subfield. `taken` is cheaper where only some are wanted."""
        return self.taken(np.arange(len(self.row)))

    def taken(self, at: Ints) -> pa.StringArray:
        """The values of the subfields at the given places."""
        return self.cut.take(pa.array(2 * at))

    def taken_or_null(self, at: Ints) -> pa.StringArray:
        """The values of the subfields at the given places; null for -1."""
        absent = at < 0
        return self.cut.take(pa.array(2 * at, mask=absent)) if absent.any() else self.taken(at)

    def lengths(self) -> Ints:
        """Bytes of each value."""
        edges = np.frombuffer(self.cut.buffers()[1], np.int32) if len(self.row) else np.zeros(0, np.int32)
        return (edges[1::2] - edges[0::2]).astype(np.int64)

    def where(self, codes: str, tags: Iterable[int] | None = None) -> npt.NDArray[np.bool_]:
        """Mask of the subfields with one of the codes, and one of the tags if given."""
        mask = np.isin(self.kinds[:, 3], np.frombuffer(codes.encode(), np.uint8))
        if tags is not None:
            mask &= np.isin(self.kinds[:, 0], np.fromiter(tags, np.int64))
        return mask[self.kind]

    def first_per_row(self, mask: npt.NDArray[np.bool_]) -> pa.StringArray:
        """For each record the first value under the mask; null where there is none. Length `rows`."""
        picked = np.flatnonzero(mask)
        picked = picked[opening(self.row[picked])]
        index = np.full(self.rows, -1, np.int64)
        index[self.row[picked]] = picked
        return self.taken_or_null(index)

    def joined_per_row(self, mask: npt.NDArray[np.bool_], separator: str = " ") -> pa.StringArray:
        """For each record all values under the mask, joined; null where there is none. Length `rows`."""
        picked = np.flatnonzero(mask)
        if opening(self.row[picked]).all():
            return self.first_per_row(mask)
        lists = self.lists_per_row(mask)
        joined = pc.binary_join(lists, pa.scalar(separator, pa.string()))
        empty = np.asarray(pc.list_value_length(lists)) == 0
        return pc.if_else(pa.array(empty), pa.scalar(None, pa.string()), joined) if empty.any() else joined

    def lists_per_row(self, mask: npt.NDArray[np.bool_]) -> pa.ListArray:
        """For each record the list of values under the mask, in order. Length `rows`."""
        picked = np.flatnonzero(mask)
        offsets = np.zeros(self.rows + 1, np.int32)
        np.cumsum(np.bincount(self.row[picked], minlength=self.rows), out=offsets[1:])
        return pa.ListArray.from_arrays(pa.array(offsets), self.taken(picked))


def opening(numbers: Ints) -> npt.NDArray[np.bool_]:
    """Mask of the entries that differ from the one before: where a new record or field begins."""
    first = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    return first


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
    marks = np.flatnonzero(data == _SUBFIELD)
    if not len(marks):
        none = np.zeros(0, np.int64)
        return Subfields(none, none, none.astype(np.int32), none.reshape(0, 4), pa.array([], pa.string()), len(column))
    start, stop, owner = _fields(data, offsets - begin)
    # How many subfields each field has; control fields have none.
    place = np.searchsorted(marks, start)
    counts = np.diff(place, append=len(marks))
    held = np.flatnonzero(counts)
    start, stop, owner, counts = start[held], stop[held], owner[held], counts[held]
    # A subfield ends at the next one or with its field.
    ends = np.append(marks[1:], 0)
    ends[np.cumsum(counts) - 1] = stop
    has_code = marks + 1 < ends
    # A subfield mark at the very end has no code: it carries no value either.
    code = np.where(has_code, data[np.minimum(marks + 1, len(data) - 1)], 0)
    edges = np.empty(2 * len(marks), np.int32)
    edges[0::2] = np.minimum(marks + 2, ends)
    edges[1::2] = ends
    cut = pa.StringArray.from_buffers(len(edges) - 1, pa.py_buffer(edges), pa.py_buffer(np.ascontiguousarray(data)))
    kind, kinds = _kinds(np.repeat(_heads(data, start), counts), code)
    return Subfields(np.repeat(owner, counts), np.repeat(np.arange(len(start)), counts), kind, kinds, cut, len(column))


def _fields(data: Bytes, offsets: Ints) -> tuple[Ints, Ints, Ints]:
    """Where each field begins and ends, and its record. A record of no bytes has no field."""
    marks = np.flatnonzero(data == _FIELD)
    owner = np.flatnonzero(offsets[1:] > offsets[:-1])
    start, stop = offsets[:-1][owner], offsets[1:][owner]
    if not len(marks):
        return start, stop, owner
    more = np.searchsorted(marks, stop) - np.searchsorted(marks, start)
    last = np.cumsum(more + 1) - 1
    starts, stops = np.empty(len(owner) + len(marks), np.int64), np.empty(len(owner) + len(marks), np.int64)
    first = np.zeros(len(starts), np.bool_)
    first[last - more] = True
    starts[first], starts[~first] = start, marks + 1
    closing = np.zeros(len(starts), np.bool_)
    closing[last] = True
    stops[closing], stops[~closing] = stop, marks
    return starts, stops, np.repeat(owner, more + 1)


def _heads(data: Bytes, start: Ints) -> Ints:
    """The five bytes at the beginning of each field, tag and indicators, as one number."""
    head = np.zeros(len(start), np.int64)
    for place in range(_HEAD):
        head = (head << 8) | data[np.minimum(start + place, len(data) - 1)]
    return head


def _kinds(head: Ints, code: Bytes) -> tuple[npt.NDArray[np.int32], Ints]:
    """The distinct heads with codes, taken apart (see `Subfields.kinds`), and for each subfield which one it has."""
    encoded = pa.array((head << 8) | code).dictionary_encode()
    keys = np.asarray(encoded.dictionary)
    second, first, letters = (keys >> 8) & 0xFF, (keys >> 16) & 0xFF, keys >> 24
    digits = ((letters[:, None] >> np.array([16, 8, 0])) & 0xFF) - ord("0")
    numeric = ((digits >= 0) & (digits <= 9)).all(axis=1)
    tag = np.where(numeric, digits @ np.array([100, 10, 1]), -letters)
    return np.asarray(encoded.indices), np.stack([tag, first, second, keys & 0xFF], axis=1)


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
