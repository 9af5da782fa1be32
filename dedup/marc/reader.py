"""Files of MARC records to RECORD batches: what to read (`plan`) and reading it (`run_task`), every byte counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from dedup.marc import json, linetext, symphony, xml
from dedup.marc.archive import ArchiveStream, Member, members, open_member
from dedup.marc.columnar import tokenise
from dedup.marc.columns import Origin, raw_tokens
from dedup.marc.container import Container, detect
from dedup.marc.encoding import file_hint
from dedup.marc.exact import WRONG_LENGTHS, Aside, Found, Note, read_frame
from dedup.marc.frame import NOTHING, RECORD_END, Stretches, chunks, stretches_of
from dedup.marc.inflate import ByteSource
from dedup.marc.memory import keep_memory
from dedup.marc.portion import Counts, Gathered, Portion
from dedup.marc.rawhash import NOTED, byte_hashes, seed_of
from dedup.marc.record import RawRecord, Unreadable
from dedup.marc.text import to_utf8
from dedup.marc.tokens import from_loose, merge
from dedup.model import Format
from dedup.rules import RuleSet

__all__ = ["Counts", "Options", "Portion", "Task", "plan", "run_task"]
CHUNK = 4 << 20
"""Bytes of a file that are worked on at once."""

_SAMPLE = 1 << 18
_BATCH_ROWS = 30_000
_HEAD = 1 << 16
_RAW_ROWS = 2_000
_KEPT = 1 << 20
READERS: dict[Container, Callable[[ByteSource], Iterator[RawRecord | Unreadable]]] = {
    Container.MARCXML: xml.read,
    Container.MARC_JSON: json.read,
    Container.MARC_JSON_LINES: json.read,
    Container.SYMPHONY_FLAT: symphony.read,
    Container.LINE_TEXT: linetext.read,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of the files, or None: `encoding` by name, `format` of all records, preset of `holdings`."""

    encoding: str | None = None
    format: Format | None = None
    holdings: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A range of one file for one worker; it can be pickled.

    `file` is the display path (a member of an archive after a `!`). `end` None: to the end of the (uncompressed)
    file. `hint` is the encoding that most of the file is in, when that could be told. `name` says what the file is.
    `ranges`: only these stretches (begin, end) of plain ISO 2709 are read; each holds whole frames.
    """

    path: str
    member: Member
    file: str
    begin: int
    end: int | None
    container: Container
    name: str
    options: Options = Options()
    hint: str | None = None
    ranges: tuple[tuple[int, int], ...] | None = None

    @property
    def seed(self) -> int:
        """The number of what its reading depends on besides its bytes."""
        return seed_of(self.options.encoding, self.options.format, self.options.holdings, self.hint)


def plan(files: Sequence[tuple[Path, str]], options: Options, chunk: int = 32 << 20) -> list[Task]:
    """Cut files into tasks, in file order. `files` are (path, display path); `chunk` bytes of plain ISO 2709 go to one
    task, any other file or member to one. Raises OSError when a file cannot be read.
    """
    tasks = []
    for path, shown in files:
        for member in members(path):
            tasks += _tasks_of(path, member, f"{shown}!{member.name}" if member.name else shown, (options, chunk))
    return tasks


def _tasks_of(path: Path, member: Member, file: str, how: tuple[Options, int]) -> list[Task]:
    options, chunk = how
    if member.fault:
        return [Task(str(path), member, file, 0, None, Container.NOT_MARC, member.fault, options)]
    with open_member(path, member) as stream:
        head = stream.read(_SAMPLE)
    found = detect(head[:_HEAD])
    if found.container is not Container.ISO2709:
        return [Task(str(path), member, file, 0, None, found.container, found.name, options)]
    if member.path_in:
        hint = file_hint(_whole_records(head))
        return [Task(str(path), member, file, 0, None, found.container, found.name, options, hint)]
    size = path.stat().st_size
    hint = _hint(path, size)
    ends = [*range(chunk, size, chunk), None]
    begins = [0, *range(chunk, size, chunk)]
    ranges = zip(begins, ends, strict=True)
    return [
        Task(str(path), member, file, begin, end, found.container, found.name, options, hint) for begin, end in ranges
    ]


def _hint(path: Path, size: int) -> str | None:
    """The encoding of most records, from samples at the beginning, in the middle and at the end."""
    sample = b""
    with path.open("rb") as stream:
        for at in sorted({0, max(size // 2 - _SAMPLE // 2, 0), max(size - _SAMPLE, 0)}):
            stream.seek(at)
            piece = stream.read(_SAMPLE)
            sample += _whole_records(piece[piece.find(RECORD_END) + 1 if at else 0 :])
    return file_hint(sample)


def _whole_records(piece: bytes) -> bytes:
    return piece[: piece.rfind(RECORD_END) + 1 or len(piece)]


def run_task(task: Task, rules: RuleSet) -> Iterator[Portion]:
    """Read a task: portions of some tens of thousands of records, in file order. Damaged data never raises; a file
    that has vanished raises OSError.
    """
    keep_memory()
    gathered = Gathered(Origin(task.file, task.options.format, task.seed), rules)
    if task.container is Container.ISO2709 and not task.member.path_in:
        with Path(task.path).open("rb") as plain:
            if task.ranges is None:
                plain.seek(max(task.begin - 1, 0))
                yield from _read_frames(plain, task, gathered)
            else:
                yield from _read_ranges(plain, task, gathered)
    elif task.member.fault:
        gathered.set_aside(Aside(0, 0, b"", task.member.fault))
    else:
        with open_member(Path(task.path), task.member) as stream:
            yield from _read_member(stream, task, gathered)
    yield gathered.portion()


def _read_member(stream: ArchiveStream, task: Task, gathered: Gathered) -> Iterator[Portion]:
    """A file or an archive's member from beginning to end; what breaks off is set aside."""
    if task.container is Container.ISO2709:
        yield from _read_frames(stream, task, gathered)
    elif task.container in READERS:
        yield from _read_raw(stream, task, gathered)
    else:
        _set_whole_aside(stream, task, gathered)
    if broken := stream.unreadable():
        gathered.set_aside(_aside(broken))


def _read_frames(stream: ByteSource, task: Task, gathered: Gathered) -> Iterator[Portion]:
    """ISO 2709 from a stream that stands at `begin - 1` of the task (at 0 for a whole file)."""
    for chunk in chunks(stream, task.begin, task.end, CHUNK):
        _read_chunk(Stretches(chunk.data, NOTHING, np.array([chunk.offset])), task, gathered)
        if gathered.rows() >= _BATCH_ROWS:
            yield gathered.portion()


def _read_ranges(stream: IO[bytes], task: Task, gathered: Gathered) -> Iterator[Portion]:
    for stretches in stretches_of(stream, task.ranges or (), CHUNK):
        _read_chunk(stretches, task, gathered)
        if gathered.rows() >= _BATCH_ROWS:
            yield gathered.portion()


def _read_chunk(chunk: Stretches, task: Task, gathered: Gathered) -> None:
    read = tokenise(chunk.data, 0)
    tokens, found = read.tokens, Found()
    raw = byte_hashes(tokens.data, tokens.offset, tokens.offset + tokens.length, task.seed)
    raw[read.by_order] |= NOTED
    tokens = replace(tokens, offset=chunk.places(tokens.offset), raw=raw)
    for at in read.by_order.tolist():
        found.notes.append(Note(int(tokens.offset[at]), int(tokens.length[at]), WRONG_LENGTHS))
    for begin, end in read.rest:
        read_frame(chunk.data[begin:end], int(chunk.places(np.array([begin]))[0]), found)
    tokens = merge(tokens, from_loose(found.records)) if found.records else tokens
    counts = gathered.counts
    counts.bytes += len(chunk.data)
    counts.padding_bytes += len(chunk.data) - int(tokens.length.sum()) - sum(one.length for one in found.aside)
    for one in found.aside:
        gathered.set_aside(one)
    gathered.notes += sorted(found.notes, key=lambda note: note.offset)
    gathered.take_in(to_utf8(tokens, task.hint, task.options.encoding))


def _read_raw(stream: ArchiveStream, task: Task, gathered: Gathered) -> Iterator[Portion]:
    """Any other form, record by record; bytes outside records and items set aside are padding."""
    held: list[RawRecord] = []
    known = Counts()
    for item in READERS[task.container](stream):
        if isinstance(item, RawRecord):
            held.append(item)
        else:
            gathered.set_aside(_aside(item))
            known.quarantined_bytes += item.length
        if len(held) >= _RAW_ROWS:
            known.record_bytes += _take_raw(held, gathered)
            if gathered.rows() >= _BATCH_ROWS:
                yield gathered.portion()
    known.record_bytes += _take_raw(held, gathered)
    while stream.read(CHUNK):
        pass
    gathered.counts.bytes += stream.taken
    gathered.counts.padding_bytes += stream.taken - known.record_bytes - known.quarantined_bytes


def _take_raw(held: list[RawRecord], gathered: Gathered) -> int:
    """Take in and forget the records held: the bytes they have."""
    if not held:
        return 0
    tokens = raw_tokens(held)
    gathered.take_in(tokens)
    held.clear()
    return int(tokens.length.sum())


def _set_whole_aside(stream: ArchiveStream, task: Task, gathered: Gathered) -> None:
    """A file that holds no records: nothing but padding if it is empty, else one item with its beginning kept."""
    start = stream.read(_KEPT)
    while stream.read(CHUNK):
        pass
    gathered.counts.bytes += stream.taken
    if task.container is Container.EMPTY:
        gathered.counts.padding_bytes += stream.taken
    else:
        gathered.set_aside(Aside(0, stream.taken, start, f"the file is {task.name}; no MARC records were found in it"))


def _aside(item: Unreadable) -> Aside:
    return Aside(item.offset, item.length, item.data, item.reason)
