"""Many records as arrays over one buffer: the form that every reader gives and from which columns are built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Tags = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]
LEADER_LENGTH = 24
_END = 0x1E


@dataclass(frozen=True, slots=True)
class Tokens:
    """Fields of many records.

    `data` holds the fields of each record one after another, in record order, each ended by 0x1E and without gap;
    the records may stand in any order and with gaps between them. Per record: `offset` and `length` (bytes in the
    file), `leader` (n x 24), `first` (n + 1: number of its first field). Per field: `tag` (three bytes, the first
    lowest), `start` and `stop` (without the 0x1E) in `data`. `encoding` names the encoding of each record; `raw` is
    the hash of its bytes, or 2 where these do not tell how it is read (see `dedup.marc.rawhash`).
    """

    data: Bytes
    offset: Ints
    length: Ints
    leader: Bytes
    first: Ints
    tag: Tags
    start: Ints
    stop: Ints
    encoding: Sequence[str] | None = None
    raw: npt.NDArray[np.uint64] | None = None

    def __len__(self) -> int:
        return len(self.offset)

    def rows(self) -> Ints:
        """The record of each field."""
        return np.repeat(np.arange(len(self.offset)), np.diff(self.first))

    def span(self) -> tuple[Ints, Ints]:
        """Where the content of each record begins and ends (after its last 0x1E) in `data`."""
        filled = self.first[1:] > self.first[:-1]
        at = np.minimum(self.first[:-1], max(len(self.start) - 1, 0))
        if not len(self.start):
            return np.zeros(len(self), np.int64), np.zeros(len(self), np.int64)
        begin = np.where(filled, self.start[at], 0)
        return begin, np.where(filled, self.stop[self.first[1:] - 1] + 1, begin)


def places(mask: Mask) -> Ints:
    """Where a sparse mask is true: `flatnonzero` that looks at eight bytes at a time first."""
    whole = len(mask) & ~7
    words = np.flatnonzero(mask[:whole].view(np.uint64) != 0)
    inner = np.flatnonzero(mask[:whole].reshape(-1, 8)[words].reshape(-1))
    found: Ints = (words[inner >> 3] << 3) + (inner & 7)
    return found if whole == len(mask) else np.concatenate((found, np.flatnonzero(mask[whole:]) + whole))


def windows(data: Bytes, begin: Ints, width: int) -> Bytes:
    """`width` bytes from each place, as rows; every place must leave that much room."""
    view = np.ndarray((max(len(data) - width + 1, 0),), f"V{width}", data.data, strides=(1,))
    return view[begin].view(np.uint8).reshape(-1, width)


def tag_code(tag: str) -> int:
    """A tag of three ASCII characters as it stands in `Tokens.tag`."""
    return int.from_bytes(tag.encode("ascii"), "little")


@dataclass(frozen=True, slots=True)
class Loose:
    """One record taken apart in plain Python: fields as (tag of 3 bytes, content without 0x1E)."""

    offset: int
    length: int
    leader: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    encoding: str | None = None


def from_loose(records: Sequence[Loose]) -> Tokens:
    """The same records as arrays."""
    fields = [field for record in records for field in record.fields]
    data = b"".join(content + b"\x1e" for _, content in fields)
    lengths = np.fromiter((len(content) + 1 for _, content in fields), np.int64, len(fields))
    ends = np.cumsum(lengths)
    leaders = b"".join(record.leader[:LEADER_LENGTH].ljust(LEADER_LENGTH) for record in records)
    tags = np.frombuffer(b"".join(tag + b"\0" for tag, _ in fields), "<u4")
    counts = np.fromiter((len(record.fields) for record in records), np.int64, len(records))
    return Tokens(
        np.frombuffer(data, np.uint8),
        np.fromiter((record.offset for record in records), np.int64, len(records)),
        np.fromiter((record.length for record in records), np.int64, len(records)),
        np.frombuffer(leaders, np.uint8).reshape(-1, LEADER_LENGTH),
        np.concatenate(([0], np.cumsum(counts))),
        tags,
        ends - lengths,
        ends - 1,
        [record.encoding or "" for record in records],
    )


def to_loose(tokens: Tokens, row: int) -> Loose:
    """One record of the arrays, taken apart."""
    data = tokens.data
    fields = []
    for at in range(int(tokens.first[row]), int(tokens.first[row + 1])):
        tag = int(tokens.tag[at]).to_bytes(3, "little")
        fields.append((tag, data[tokens.start[at] : tokens.stop[at]].tobytes()))
    encoding = tokens.encoding[row] if tokens.encoding else None
    leader = tokens.leader[row].tobytes()
    return Loose(int(tokens.offset[row]), int(tokens.length[row]), leader, tuple(fields), encoding)


def all_loose(tokens: Tokens) -> Iterator[Loose]:
    """All records of the arrays taken apart, as `to_loose` does one."""
    data, leaders = tokens.data.tobytes(), tokens.leader.tobytes()
    tags = [tag.to_bytes(3, "little") for tag in tokens.tag.tolist()]
    stretches = zip(tokens.start.tolist(), tokens.stop.tolist(), strict=True)
    fields = [(tag, data[start:stop]) for tag, (start, stop) in zip(tags, stretches, strict=True)]
    encodings: Sequence[str | None] = tokens.encoding or [None] * len(tokens)
    edges = pairwise(tokens.first.tolist())
    places = zip(tokens.offset.tolist(), tokens.length.tolist(), encodings, edges, strict=True)
    for row, (offset, length, encoding, (first, end)) in enumerate(places):
        leader = leaders[row * LEADER_LENGTH : (row + 1) * LEADER_LENGTH]
        yield Loose(offset, length, leader, tuple(fields[first:end]), encoding)


def take(tokens: Tokens, rows: Ints) -> Tokens:
    """The given records in the given order; `data` is shared."""
    counts = np.diff(tokens.first)[rows]
    first = np.concatenate(([0], np.cumsum(counts)))
    at = np.repeat(tokens.first[rows] - first[:-1], counts) + np.arange(first[-1])
    return Tokens(
        tokens.data,
        tokens.offset[rows],
        tokens.length[rows],
        tokens.leader[rows],
        first,
        tokens.tag[at],
        tokens.start[at],
        tokens.stop[at],
        [tokens.encoding[row] for row in rows] if tokens.encoding else None,
        None if tokens.raw is None else tokens.raw[rows],
    )


def merge(left: Tokens, right: Tokens) -> Tokens:
    """Both sets of records as one, in the order of their offsets."""
    if not len(right):
        return left
    if not len(left):
        return right
    shift = len(left.data)
    joined = Tokens(
        np.concatenate((left.data, right.data)),
        np.concatenate((left.offset, right.offset)),
        np.concatenate((left.length, right.length)),
        np.concatenate((left.leader, right.leader)),
        np.concatenate((left.first, right.first[1:] + left.first[-1])),
        np.concatenate((left.tag, right.tag)),
        np.concatenate((left.start, right.start + shift)),
        np.concatenate((left.stop, right.stop + shift)),
        _encodings(left) + _encodings(right) if left.encoding or right.encoding else None,
        np.concatenate((_raw(left), _raw(right))) if left.raw is not None or right.raw is not None else None,
    )
    return take(joined, np.argsort(joined.offset, kind="stable"))


def _encodings(tokens: Tokens) -> list[str]:
    return list(tokens.encoding) if tokens.encoding else [""] * len(tokens)


def _raw(tokens: Tokens) -> npt.NDArray[np.uint64]:
    return np.full(len(tokens), 2, np.uint64) if tokens.raw is None else tokens.raw


def with_content(tokens: Tokens, rows: Ints, contents: Sequence[bytes]) -> Tokens:
    """Give some records new content: each as many 0x1E as the record has fields, none inside a field."""
    extra = np.frombuffer(b"".join(contents), np.uint8)
    return with_marked(tokens, rows, extra, np.flatnonzero(extra == _END))


def with_marked(tokens: Tokens, rows: Ints, extra: Bytes, marks: Ints) -> Tokens:
    """Give some records new content, which stands in `extra` without gaps; `marks`: the place of each 0x1E, and of
    what else may end a record.
    """
    ends = extra[marks] == _END
    counts = np.diff(tokens.first)[rows]
    at = np.repeat(tokens.first[rows] - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    shift = len(tokens.data)
    start, stop = tokens.start.copy(), tokens.stop.copy()
    stop[at] = marks[ends] + shift
    start[at] = (np.concatenate((np.zeros(1, np.int64), marks[:-1] + 1)) + shift)[ends]
    return replace(tokens, data=np.concatenate((tokens.data, extra)), start=start, stop=stop)


def contents(tokens: Tokens, rows: Ints) -> list[bytes]:
    """The content of some records, each field ended by 0x1E."""
    begin, end = tokens.span()
    whole = tokens.data.data
    return [bytes(whole[left:right]) for left, right in zip(begin[rows].tolist(), end[rows].tolist(), strict=True)]


def gathered(data: Bytes, start: Ints, stop: Ints) -> Bytes:
    """Stretches of a buffer (begins and ends ascend, none overlaps the next), one after another."""
    if not len(start):
        return np.zeros(0, np.uint8)
    edges = np.empty(2 * len(start) + 1, np.int32)
    edges[-1] = len(data)
    edges[:-1:2], edges[1::2] = start, stop
    cut = pa.BinaryArray.from_buffers(pa.binary(), 2 * len(start), [None, pa.py_buffer(edges), pa.py_buffer(data)])
    buffer = cut.take(pa.array(np.arange(0, 2 * len(start), 2, dtype=np.int32))).buffers()[2]
    return np.zeros(0, np.uint8) if buffer is None else np.frombuffer(buffer, np.uint8)
