"""A file looked through for records that are known: these are counted, the stretches with others are left to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dedup.marc.columnar import after_padding
from dedup.marc.exact import WRONG_LENGTHS, Note
from dedup.marc.fingerprint import Hashes
from dedup.marc.frame import RECORD_END, chunks
from dedup.marc.inflate import ByteSource
from dedup.marc.portion import Counts
from dedup.marc.rawhash import NOTED, TOLD, Known, byte_hashes
from dedup.marc.reader import CHUNK, Task
from dedup.marc.tokens import Ints, Mask

Ranges = list[tuple[int, int]]


@dataclass(slots=True)
class Survey:
    """What is known in a stretch of a file: place, length and stored hash of each known record in file order, and `at`,
    which record of the last run it is; the notes about them, their counts; `left`: (begin, end) in the file of the
    frames to read, neighbours as one.
    """

    offset: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    length: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    raw: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    at: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    notes: list[Note] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    left: Ranges = field(default_factory=list)


def together(parts: Iterable[Survey]) -> Survey:
    """What follows each other in a file as one."""
    out, columns = Survey(), []
    for one in parts:
        columns.append((one.offset, one.length, one.raw, one.at))
        out.notes += one.notes
        out.counts.add(one.counts)
        out.left += one.left
    if columns:
        out.offset, out.length, out.raw, out.at = (np.concatenate(same) for same in zip(*columns, strict=True))
    out.left = _joined(out.left)
    return out


def survey(task: Task, known: Known) -> Survey:
    """Look through a task of plain ISO 2709. Raises OSError when the file cannot be read."""
    with Path(task.path).open("rb") as stream:
        stream.seek(max(task.begin - 1, 0))
        return together(_surveyed(stream, task, known))


def _surveyed(stream: ByteSource, task: Task, known: Known) -> Iterator[Survey]:
    for chunk in chunks(stream, task.begin, task.end, CHUNK):
        content = np.frombuffer(chunk.data, np.uint8)
        end = np.flatnonzero(content == RECORD_END[0]) + 1
        outer = np.concatenate((np.zeros(1, np.int64), end))
        begin = after_padding(content, outer[:-1], end - 1)
        raw, at = known.find(byte_hashes(content, begin, end, task.seed))
        hit: Mask = raw != TOLD
        left = [(int(outer[one]), int(end[one])) for one in np.flatnonzero(~hit)]
        if outer[-1] < len(content):
            left.append((int(outer[-1]), len(content)))
        noted = np.flatnonzero(hit & ((raw & NOTED) != 0))
        size, records = int((end - begin)[hit].sum()), int(hit.sum())
        bytes_ = int((end - outer[:-1])[hit].sum())
        yield Survey(
            begin[hit] + chunk.offset,
            (end - begin)[hit],
            raw[hit],
            at[hit],
            [Note(int(begin[one]) + chunk.offset, int(end[one] - begin[one]), WRONG_LENGTHS) for one in noted],
            Counts(bytes_, size, 0, bytes_ - size, records, records, 0, records),
            [(left_begin + chunk.offset, left_end + chunk.offset) for left_begin, left_end in left],
        )


def _joined(ranges: Ranges) -> Ranges:
    """Neighbours as one stretch, but none longer than a chunk."""
    out: Ranges = []
    for begin, end in ranges:
        if out and out[-1][1] == begin and end - out[-1][0] <= CHUNK:
            out[-1] = (out[-1][0], end)
        else:
            out.append((begin, end))
    return out
