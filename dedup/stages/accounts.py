"""The accounts of a load: ledger, quarantine with its bytes, notes, sources and where each file was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.errors import InputError, problem
from dedup.marc.container import Container
from dedup.marc.exact import Note
from dedup.marc.reader import Counts, Task
from dedup.stages.context import Context
from dedup.stages.read import Part
from dedup.stages.sources import SourceFile, shown_name
from dedup.tables import INPUT, LEDGER, QUARANTINE, QUARANTINED

BY_FILE = ("ledger", "quarantine", "quarantined", "note")
"""Tables with rows of single files; an archive's member stands in `file` behind the archive's name and a `!`."""

FILES_OF = """
SELECT f.source, f.file, coalesce(arg_max(i.path, length(i.file)), '') AS path
FROM (SELECT DISTINCT source, file FROM record WHERE {records}) f
LEFT JOIN input i ON i.source = f.source AND (i.file = f.file OR starts_with(f.file, i.file || '!'))
GROUP BY f.source, f.file ORDER BY f.source, f.file
"""
"""SQL: where the files are in which some records stand; of an archive's members the file that holds them."""

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Work:
    """One task, and the source its records belong to, with the holdings preset named for it."""

    source: str
    holdings: str
    task: Task


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one stretch of a file: what was read of it, or what was known of it."""

    source: str
    file: str
    counts: Counts
    part: Part | None = None
    notes: Sequence[Note] = ()


def plain(task: Task) -> bool:
    """Whether records are known by their bytes without being read: ISO 2709 that is not packed."""
    return task.container is Container.ISO2709 and not task.member.path_in and not task.member.fault


def store(context: Context, done: Sequence[Done]) -> Counts:
    """Add to `ledger`, `quarantine`, `quarantined` and `note` what was read; makes these tables where there are none.

    Returns the sum of all counts.
    """
    sums: dict[tuple[str, str], Counts] = {}
    total = Counts()
    for one in done:
        sums.setdefault((one.source, one.file), Counts()).add(one.counts)
        total.add(one.counts)
    names = LEDGER.names[2:]
    rows = [(*key, *(getattr(counts, name) for name in names)) for key, counts in sums.items()]
    ledger = pa.RecordBatch.from_pylist([dict(zip(LEDGER.names, row, strict=True)) for row in rows], LEDGER)
    _add(context, "ledger", LEDGER, [ledger])
    _add(context, "quarantine", QUARANTINE, [b for one in done if one.part for b in _rows(one, one.part.quarantine)])
    _add(context, "quarantined", QUARANTINED, _contents(done))
    notes = [batch for one in done if one.part for batch in _rows(one, one.part.notes)]
    _add(context, "note", QUARANTINE, [*notes, *(_noted(one) for one in done if one.notes)])
    return total


def _add(context: Context, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    if not context.incremental:
        context.engine.write(name, schema, batches)
        return
    context.engine.write("added", schema, batches)
    context.engine.append(name, "FROM added")
    context.engine.drop("added")


def _rows(one: Done, rows: pa.Table) -> list[pa.RecordBatch]:
    named = rows.add_column(0, "source", pa.repeat(pa.scalar(one.source), rows.num_rows)).cast(QUARANTINE)
    return [batch for batch in named.to_batches() if batch.num_rows]


def _noted(one: Done) -> pa.RecordBatch:
    rows = [(one.source, one.file, note.offset, note.length, note.reason) for note in one.notes]
    return pa.RecordBatch.from_pylist([dict(zip(QUARANTINE.names, row, strict=True)) for row in rows], QUARANTINE)


def _contents(done: Sequence[Done]) -> Iterator[pa.RecordBatch]:
    for one in done:
        if one.part is None or one.part.contents is None:
            continue
        with pa.OSFile(str(one.part.contents)) as file, pa.ipc.open_file(file) as reader:
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number)
                source = pa.repeat(pa.scalar(one.source), batch.num_rows)
                yield pa.RecordBatch.from_arrays([source, *batch.columns], schema=QUARANTINED)
        one.part.contents.unlink()


def sources(context: Context, files: Sequence[SourceFile]) -> None:
    """Table `source`: the library of each source, for records without holdings.

    In an incremental run also `source_change`: the sources of which another library, or the first, is told.
    """
    libraries = {file.source: file.library or file.source for file in files}
    table = pa.table({"source": list(libraries), "library": list(libraries.values())})
    engine = context.engine
    if not context.incremental:
        engine.write("source", table.schema, table.to_batches())
        return
    engine.write("told_source", table.schema, table.to_batches())
    engine.sql("source_change", "SELECT source FROM (FROM told_source EXCEPT FROM source)")
    engine.delete("source", "source IN (SELECT source FROM told_source)")
    engine.append("source", "FROM told_source")
    engine.drop("told_source")


def reading(file: SourceFile) -> str:
    """What was said of a file, as table `input` keeps it."""
    return " | ".join((file.format, file.encoding, file.holdings))


def inputs(context: Context, files: Sequence[SourceFile], digests: Mapping[Path, str]) -> None:
    """Add to table `input` where each file was, how it was read, and what it held if it must be known as a whole."""
    rows = [
        {
            "source": file.source,
            "file": file.name,
            # A path need not be text; one that is not will not be found again, which is told then.
            "path": shown_name(file.path),
            "reading": reading(file),
            "digest": digests.get(file.path, ""),
            "partial": context.partial,
        }
        for file in files
    ]
    _add(context, "input", INPUT, [pa.RecordBatch.from_pylist(rows, INPUT)])


def forget(engine: Engine, replaced: pa.Table) -> None:
    """Take the rows of some files (columns source, file as in table `input`) out of all accounts."""
    engine.write("replaced", replaced.schema, replaced.to_batches())
    for name in BY_FILE:
        engine.delete(
            name,
            f"EXISTS (FROM replaced p WHERE p.source = {name}.source"
            f" AND (p.file = {name}.file OR starts_with({name}.file, p.file || '!')))",
        )
    engine.delete("input", "(source, file) IN (SELECT (source, file) FROM replaced)")
    engine.drop("replaced")


def digest_of(path: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    made = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            made.update(piece)
    return made.hexdigest()


Stamps = Mapping[Path, tuple[int, int, int]]


def stamps(files: Sequence[SourceFile]) -> Stamps:
    """Size, time and inode of each file before it is read. Raises OSError."""
    return {
        file.path: (state.st_size, state.st_mtime_ns, state.st_ino) for file in files for state in [file.path.stat()]
    }


def unchanged(files: Sequence[SourceFile], before: Stamps) -> None:
    """Raise InputError for a file that was written to while it was read: what was read of it is no month's state."""
    for file in files:
        try:
            now = file.path.stat()
        except OSError as error:
            found = error.strerror or str(error)
            raise InputError(problem(str(file.path), found, "the file to stay", "run again when it is back")) from error
        if (now.st_size, now.st_mtime_ns, now.st_ino) != before[file.path]:
            wanted, remedy = "a finished file", "run again when nobody writes to it"
            raise InputError(problem(str(file.path), "a file that changed while it was read", wanted, remedy))
