"""Cut a byte stream into chunks that end where a record ends, so that nothing depends on ranges or chunk sizes.

A frame is what lies between two record terminators (0x1D), the second included. A range of bytes owns the frames
that begin in it; only the content of a frame decides how it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from dedup.marc.inflate import ByteSource
from dedup.marc.tokens import Ints

RECORD_END = b"\x1d"
FIELD_END = b"\x1e"
SUBFIELD = b"\x1f"
PADDING = b"\r\n \x00\x1a"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# A leader with its directory (ISO 2709 4.2, 4.3): specific enough to find a record whose neighbour lost its end.
RECORD_HEAD = re.compile(rb"[0-9]{5}[a-z #|-][a-zA-Z][ -~]{3}22([0-9]{5})[ -~]{7}(?:[0-9A-Z]{3}[0-9]{9})+\x1e")
# A file without any record terminator must not fill the memory: a frame is cut here, at the last record head in it.
LONGEST_FRAME = 64 << 20
_HEAD_SEARCH = 1 << 20
_LEAST_READ = 1 << 16


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole frames. `offset` is the place of the first byte in the (uncompressed) file."""

    data: bytes
    offset: int


NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Whole frames of one or more stretches of a file, one after another: stretch `i` begins at `inner[i - 1]` in
    `data` (the first at 0) and at `outer[i]` in the file.
    """

    data: bytes
    inner: Ints
    outer: Ints

    def places(self, at: Ints) -> Ints:
        """Places in `data` as places in the file."""
        stretch = np.searchsorted(self.inner, at, side="right")
        begin = np.concatenate((np.zeros(1, np.int64), self.inner))
        found: Ints = at + (self.outer - begin)[stretch]
        return found


def stretches_of(stream: IO[bytes], ranges: Sequence[tuple[int, int]], size: int) -> Iterator[Stretches]:
    """Stretches of a file, (begin, end) ascending, together until they have some `size` bytes.

    Nothing is put behind a stretch without a terminator at its end: it would become part of that frame.
    """
    held: list[bytes] = []
    places: list[int] = []
    room = size
    for begin, end in ranges:
        stream.seek(begin)
        held.append(stream.read(end - begin))
        places.append(begin)
        room -= end - begin
        if not held[-1].endswith(RECORD_END) or room <= 0:
            yield _together(held, places)
            held, places, room = [], [], size
    if held:
        yield _together(held, places)


def _together(held: list[bytes], places: list[int]) -> Stretches:
    inner = np.cumsum([len(piece) for piece in held[:-1]], dtype=np.int64)
    return Stretches(b"".join(held), inner, np.array(places, np.int64))


def record_heads(data: bytes, begin: int = 0) -> list[int]:
    """Where a plausible leader and directory stand: the base address must point at the end of the directory."""
    found = RECORD_HEAD.finditer(data, begin)
    return [head.start() for head in found if int(head[1]) == head.end() - head.start()]


def chunks(stream: ByteSource, begin: int, end: int | None, size: int) -> Iterator[Chunk]:
    """The frames that begin in [begin, end), some `size` bytes at a time.

    The stream stands at `begin - 1` (at 0 when `begin` is 0), so that a frame that begins exactly at `begin` is
    recognised. With `end` None everything to the end of the stream is read.
    """
    held, at = _first_frame(stream, begin - 1, size) if begin > 0 else (b"", 0)
    whole, known = True, 0
    while end is None or at < end or not whole:
        if cut := _cut(held, known, end and end - at):
            yield Chunk(held[:cut], at)
            whole = held.endswith(RECORD_END, 0, cut)
            held, at, known = held[cut:], at + cut, 0
            continue
        wanted = size if end is None else min(size, max(end - at - len(held), _LEAST_READ))
        block = stream.read(wanted)
        if not block:
            if held:
                yield Chunk(held, at)
            return
        total, cut = len(held) + len(block), block.rfind(RECORD_END) + 1
        if cut and total <= LONGEST_FRAME and (end is None or at + total < end):
            yield Chunk(b"".join((held, memoryview(block)[:cut])), at)
            held, at, known, whole = block[cut:], at + len(held) + cut, 0, True
            continue
        known, held = len(held), held + block


def _cut(data: bytes, known: int, inside: int | None) -> int:
    """How many bytes of `data`, which begins with a frame, are whole frames beginning before `inside`; 0 for none.

    The first `known` bytes hold no terminator.
    """
    first = data.find(RECORD_END, known) + 1
    if (first or len(data)) > LONGEST_FRAME:
        heads = record_heads(data[:LONGEST_FRAME], LONGEST_FRAME - _HEAD_SEARCH)
        return heads[-1] if heads else LONGEST_FRAME
    if inside is not None and inside <= len(data):
        past = data.find(RECORD_END, max(inside - 1, 0)) + 1
        start = data.rfind(RECORD_END, 0, max(past - 1, 0)) + 1
        if past:
            return past if past - start <= LONGEST_FRAME else start
    return data.rfind(RECORD_END, known) + 1


def _first_frame(stream: ByteSource, at: int, size: int) -> tuple[bytes, int]:
    """Skip to the byte after the next terminator: what was read beyond it, and its place."""
    while block := stream.read(size):
        found = block.find(RECORD_END)
        if found >= 0:
            return block[found + 1 :], at + found + 1
        at += len(block)
    return b"", at
