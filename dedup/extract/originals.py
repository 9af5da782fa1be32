"""Records as they stand in their source files, each held against what the run read: a changed one is told, not written.

Where the file is ISO 2709, by itself or in an archive, its bytes are copied. A record of any other container (MARCXML,
JSON, text) is written in UTF-8 as ISO 2709, or as MARCXML when it is too long for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

from dedup.engine.base import Engine
from dedup.errors import InputError, problem
from dedup.extract.choice import Choice, check
from dedup.extract.tables import aside
from dedup.marc.columns import left_out
from dedup.marc.many import Spot, read_copies
from dedup.marc.single import Whole
from dedup.marc.write import XML_FOOT, XML_HEAD, cleaned, iso2709, marcxml
from dedup.report.folders import folder_of
from dedup.rules import RuleSet
from dedup.stages.accounts import FILES_OF

_ISO, _CONVERTED, _XML = ".mrc", ".converted.mrc", ".converted.xml"
_RECORDS = """
SELECT record_id, "offset", length, encoding, fingerprint, control FROM record
WHERE source = $source AND file = $file AND record_id IN ({records}) ORDER BY "offset"
"""


class Why(StrEnum):
    """Why a record is not written."""

    GONE = "its file is not there any more"
    CHANGED = "its file was changed since the run"
    TAG = "it has a tag that no reader would read again"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is not written."""

    record_id: str
    path: str
    why: Why


@dataclass(slots=True)
class Extracted:
    """`files` with their records, and the records left out."""

    files: dict[Path, int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


def write_marc(engine: Engine, rules: RuleSet, choice: Choice, out: Path) -> Extracted:
    """Write the records that a choice speaks of: into folder `out`, one file a source; or as `out`, if that ends in
    .mrc and all of them come from one source and can be copied byte for byte.

    Raises InputError when the place cannot be written to, or `out` is one file for what needs several.
    """
    check(engine, choice)
    files = engine.read(FILES_OF.format(records=f"record_id IN ({choice.records})"), choice.parameters).to_pylist()
    alone = out.suffix == _ISO
    sources = sorted({row["source"] for row in files})
    if alone and len(sources) > 1:
        found = f"one file for records of {len(sources)} sources"
        raise InputError(problem(str(out), found, "a folder", "name a folder, or choose one --library"))
    made = Extracted()
    for source in sources:
        with ExitStack() as held:
            work = _Work(out if alone else out / folder_of(source), alone, held, made)
            for row in files:
                if row["source"] == source:
                    _one_file(engine, rules, choice, row, work)
            work.finish()
    return made


@dataclass(slots=True)
class _Work:
    """The files of one source, opened when the first record for them comes."""

    stem: Path
    alone: bool
    held: ExitStack
    made: Extracted
    streams: dict[str, IO[bytes]] = field(default_factory=dict)

    def write(self, kind: str, data: bytes) -> None:
        """One record into the file of a kind. Raises InputError when it cannot be written."""
        path = self._path(kind)
        try:
            if kind not in self.streams:
                self.streams[kind] = self._opened(kind, path)
            self.streams[kind].write(data)
        except OSError as error:
            # Told here, or it would look like a fault of the file that is read.
            raise InputError(problem(str(path), str(error), "a place to write to", "name another --out")) from error
        self.made.files[path] = self.made.files.get(path, 0) + 1

    def _opened(self, kind: str, path: Path) -> IO[bytes]:
        if self.alone and kind != _ISO:
            found = "records of another container than ISO 2709"
            raise InputError(problem(str(path), found, "records to copy byte for byte", "name a folder"))
        stream: IO[bytes] = self.held.enter_context(self.held.enter_context(aside(path)).open("wb"))
        stream.write(XML_HEAD.encode() if kind == _XML else b"")
        return stream

    def finish(self) -> None:
        """What ends the files."""
        if _XML in self.streams:
            self.streams[_XML].write(XML_FOOT.encode())

    def _path(self, kind: str) -> Path:
        return self.stem if self.alone else self.stem.with_name(self.stem.name + kind)


def _one_file(engine: Engine, rules: RuleSet, choice: Choice, row: Mapping[str, str], work: _Work) -> None:
    """The chosen records of one source file, in its order."""
    path, named = Path(row["path"]), {"source": row["source"], "file": row["file"]}
    query = _RECORDS.format(records=choice.records)
    known: dict[str, Mapping[str, object]] = {}

    def spots() -> Iterator[Spot]:
        """Where the records stand; what is known of each is kept until it has been read."""
        for batch in engine.batches(query, choice.parameters | named):
            for one in batch.to_pylist():
                known[one["record_id"]] = one
                yield Spot(one["record_id"], one["offset"], one["length"], one["encoding"])

    def miss(name: str, why: Why) -> None:
        """Tell that a record is not written."""
        work.made.left_out.append(LeftOut(name, str(path) if row["path"] else row["file"], why))

    waiting = spots()
    try:
        if not row["path"] or not path.is_file():
            raise FileNotFoundError(path)
        member = row["file"].partition(f"{path.name}!")[2]
        for name, whole, data in read_copies(path, member, waiting, left_out(rules)):
            told = known.pop(name)
            if whole is None or not _is_what_it_was(whole, told):
                miss(name, Why.CHANGED)
            elif data is not None:
                work.write(_ISO, data)
            elif (made := _converted(whole)) is None:
                miss(name, Why.TAG)
            else:
                work.write(*made)
    except (OSError, ValueError):
        for name in [*known, *(spot.key for spot in waiting)]:
            miss(name, Why.GONE)


def _is_what_it_was(whole: Whole, told: Mapping[str, object]) -> bool:
    """The same content under the same control number, which the fingerprint leaves out."""
    control = next((content.strip() for tag, content in whole.fields if tag == "001"), "")
    return whole.fingerprint == told["fingerprint"] and control == told["control"]


def _converted(whole: Whole) -> tuple[str, bytes] | None:
    """The kind of file for a record that cannot be copied, and the record; None for one with a tag that is none."""
    try:
        fields = cleaned(whole.fields).fields
    except ValueError:
        return None
    data = iso2709(whole.leader, fields)
    return (_XML, marcxml(whole.leader, fields)) if data is None else (_CONVERTED, data)
