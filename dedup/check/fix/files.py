"""Files written anew with the corrections, then read again and compared: whatever is not corrected stays as it was.

ISO 2709 is copied byte for byte but for the records that are corrected; records of any other container are written as
ISO 2709 in UTF-8. A record that is too long for ISO 2709 goes into a MARCXML file beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from dedup.check.fix.fields import Corrected, Edit, Field
from dedup.check.fix.packing import in_utf8, packed, texts_of, unpacked
from dedup.check.fix.survey import Part, Seen
from dedup.errors import StoreError, problem
from dedup.marc.archive import ArchiveStream, open_member
from dedup.marc.container import Container
from dedup.marc.encoding import UTF8
from dedup.marc.frame import chunks
from dedup.marc.reader import CHUNK, READERS, Options, plan, run_task
from dedup.marc.record import RawRecord
from dedup.marc.write import XML_FOOT, XML_HEAD
from dedup.model import Format
from dedup.rules import RuleSet

Correct = Callable[[Seen, tuple[Field, ...]], Corrected]
"""What is to be put right in a record, from its fields in its own encoding."""
OVERSIZE = ".oversize.xml"


@dataclass(frozen=True, slots=True)
class Change:
    """One record that was corrected: as it was read, its fields before and after, the edits."""

    record: Seen
    before: tuple[Field, ...]
    after: tuple[Field, ...]
    edits: tuple[Edit, ...]


@dataclass(slots=True)
class Written:
    """What became of one file: `path`, None when nothing is to be written; `long`: the records beside it in MARCXML.

    `damaged`: records that could be corrected but for a damaged directory; `lost`: what could not be read and is
    therefore not in it (of containers other than ISO 2709).
    """

    part: Part
    path: Path | None
    changes: list[Change] = field(default_factory=list)
    damaged: list[Seen] = field(default_factory=list)
    long: int = 0
    lost: int = 0

    @property
    def beside(self) -> Path | None:
        """The file of records that are too long for ISO 2709."""
        return self.path.with_name(self.path.stem + OVERSIZE) if self.path and self.long else None


@dataclass(slots=True)
class _Sink:
    """Where records go, and what a reader must find there: control number and hash, in order."""

    path: Path | None
    held: ExitStack
    streams: dict[bool, IO[bytes]] = field(default_factory=dict)
    wanted: dict[bool, list[tuple[str, int]]] = field(default_factory=lambda: {False: [], True: []})

    def name(self, long: bool) -> Path:
        """A file that takes the place of the wanted one when it is proven."""
        assert self.path is not None
        return self.path.with_name(f"{self.path.name}.{'xml.' if long else ''}new")

    def put(self, data: bytes, long: bool = False) -> None:
        """Write some bytes."""
        if self.path is None:
            return
        if long not in self.streams:
            self.streams[long] = self.held.enter_context(self.name(long).open("wb"))
            self.streams[long].write(XML_HEAD.encode() if long else b"")
        self.streams[long].write(data)


def write(part: Part, path: Path | None, correct: Correct, rules: RuleSet) -> Written:
    """Correct one file and write it; `path` None: nothing is written.

    Raises StoreError when what was written is not read again as it was meant, or cannot be written; then there is no
    new file, and an old one stays as it was.
    """
    done = Written(part, path)
    sink = _Sink(path, ExitStack())
    try:
        with sink.held:
            sink.put(b"")
            records = _copied if part.tasks[0].container is Container.ISO2709 else _converted
            for change in records(done, sink, correct, rules):
                done.changes.append(change)
            if True in sink.streams:
                sink.put(XML_FOOT.encode(), True)
        done.long = len(sink.wanted[True])
        for long in sink.streams:
            _prove(sink, long, part, rules)
        for long in sink.streams:
            sink.name(long).replace(done.beside if long and done.beside else path or Path())
    except OSError as error:
        found = error.strerror or str(error)
        raise StoreError(problem(str(path), found, "a file that can be written", "name another with --out")) from error
    finally:
        for long in sink.streams:
            sink.name(long).unlink(missing_ok=True)
    return done


def _copied(done: Written, sink: _Sink, correct: Correct, rules: RuleSet) -> Iterator[Change]:
    """ISO 2709: every byte as it was but for the records that are corrected."""
    part = done.part
    rows = iter(part.records)
    row = next(rows, None)
    with _opened(part) as stream:
        for chunk in chunks(stream, 0, None, CHUNK):
            at, end = 0, chunk.offset + len(chunk.data)
            while row is not None and row.offset < end:
                begin = row.offset - chunk.offset
                frame = chunk.data[begin : begin + row.length]
                change = _change(row, frame, done, correct) if row.isbn else None
                new = packed(frame, change.after, row.encoding, row.format, rules) if change else None
                sink.wanted[new is not None and new.oversize].append(
                    (row.control, row.fingerprint if new is None else new.fingerprint)
                )
                if change is not None and new is not None:
                    sink.put(chunk.data[at:begin])
                    sink.put(new.data, new.oversize)
                    at = begin + row.length
                    yield change
                row = next(rows, None)
            sink.put(chunk.data[at:])
        done.lost += isinstance(stream, ArchiveStream) and bool(stream.fault)


def _change(row: Seen, frame: bytes, done: Written, correct: Correct) -> Change | None:
    """What is put right in a record of ISO 2709; None for nothing, or when more than that would change."""
    fields, sound = unpacked(frame)
    made = correct(row, fields)
    if made.edits and not sound:
        done.damaged.append(row)
    return Change(row, fields, made.fields, made.edits) if made.edits and sound else None


def _converted(done: Written, sink: _Sink, correct: Correct, rules: RuleSet) -> Iterator[Change]:
    """Any other container: every record is written as ISO 2709 in UTF-8."""
    part = done.part
    known: Mapping[int, Seen] = {row.offset: row for row in part.records}
    usual = part.records[0].format if part.records else Format.MARC21
    with _opened(part) as stream:
        for item in READERS[part.tasks[0].container](stream):
            if not isinstance(item, RawRecord):
                done.lost += 1
                continue
            row, texts = known.get(item.offset), texts_of(item)
            row = replace(row, encoding=UTF8) if row else None
            before = tuple((tag.encode(), text.encode("utf-8", "replace")) for tag, text in texts)
            made = correct(row, before) if row is not None and row.isbn else Corrected(before, ())
            texts = [(tag.decode(), content.decode("utf-8")) for tag, content in made.fields]
            try:
                new = in_utf8(item.leader, texts, row.format if row else usual, rules)
            except ValueError:
                done.lost += 1
                continue
            sink.put(new.data, new.oversize)
            if row is not None:
                sink.wanted[new.oversize].append((row.control, new.fingerprint))
                if made.edits:
                    yield Change(row, before, made.fields, made.edits)


def _opened(part: Part) -> ArchiveStream | IO[bytes]:
    """The uncompressed bytes of a file."""
    task = part.tasks[0]
    return open_member(Path(task.path), task.member) if task.member.path_in else Path(task.path).open("rb")


def _prove(sink: _Sink, long: bool, part: Part, rules: RuleSet) -> None:
    """Read a file that was written, in the character set of the one it came from.

    Raises StoreError when it does not say what was meant.
    """
    path = sink.name(long)
    task = part.tasks[0]
    same = task.container is Container.ISO2709 and not long
    options = task.options if same else Options(None, task.options.format, task.options.holdings)
    found = [
        pair
        for one in plan([(path, path.name)], options)
        for portion in run_task(replace(one, hint=task.hint) if same else one, rules)
        for pair in zip(portion.records["control"].to_pylist(), portion.records["fingerprint"].to_pylist(), strict=True)
    ]
    if found != sink.wanted[long]:
        at = next((n for n, (a, b) in enumerate(zip(found, sink.wanted[long], strict=False), 1) if a != b), len(found))
        what = f"record {at} reads as another than was meant"
        raise StoreError(problem(str(sink.path), what, "every record as it was meant", "nothing was written"))
