"""Load: files to the `record` table. Workers read and normalise; this process numbers the records and stores them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from dedup.errors import InputError, StoreError, problem
from dedup.marc.reader import Counts, Options, Task, plan
from dedup.model import Format
from dedup.stages.context import Context, Tally
from dedup.stages.identify import record_ids
from dedup.stages.read import PART, Job, Part, follow_parent, read_task, source_rules
from dedup.stages.sources import SourceFile, find_sources
from dedup.tables import INPUT, LEDGER, LOADED, QUARANTINE

SMALL = 6 << 20
"""Bytes below which starting worker processes costs more than they save."""

_FORMATS = {"marc21": Format.MARC21, "cnmarc": Format.CNMARC, "unimarc": Format.UNIMARC}


@dataclass(frozen=True, slots=True)
class Work:
    """One task, and the source its records belong to, with the holdings preset named for it."""

    source: str
    holdings: str
    task: Task


def run(context: Context) -> Tally:
    """From files to `record` (schema LOADED), `ledger`, `quarantine`, `note`, `source` and `input`."""
    files = find_sources(context.inputs, context.config)
    work = [Work(file.source, file.holdings, task) for file in files for task in _plan(file)]
    parts = _read(context, work)
    rows = context.engine.write("record", LOADED, _numbered(work, parts), ordered=False)
    total = _ledger(context, work, parts)
    _quarantine(context, work, parts)
    _sources(context, files)
    kinds = {"holdings records": total.holdings, "authority records": total.authority}
    return Tally(total.records, rows, {"quarantined": total.quarantined, **kinds})


def _plan(file: SourceFile) -> list[Task]:
    named = file.format.lower().replace(" ", "").replace("-", "")
    if named and named not in _FORMATS:
        wanted = f"one of {', '.join(_FORMATS)}"
        raise InputError(problem(f"format of source {file.source}", repr(file.format), wanted, "correct dedup.toml"))
    try:
        return plan([(file.path, file.name)], Options(file.encoding or None, _FORMATS.get(named)))
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(file.path), found, "a readable file", "check its permissions")) from error


def _read(context: Context, work: list[Work]) -> list[Part]:
    """All tasks read, in the order of `work`, by worker processes when that pays."""
    sizes = [_size(entry.task) for entry in work]
    folder = str(context.rules.root)
    for preset in {entry.holdings for entry in work}:
        source_rules(folder, preset)
    tasks = [
        Job(entry.task, folder, entry.holdings, context.scratch / f"{number:06}.arrow")
        for number, entry in enumerate(work)
    ]
    done, total = 0, sum(sizes)
    if context.threads == 1 or total < SMALL:
        parts = []
        for task, size in zip(tasks, sizes, strict=True):
            parts.append(_one(task))
            done += size
            context.progress.advance(done, total)
        return parts
    # Fresh processes, never forked ones: DuckDB's and Arrow's threads do not survive a fork. One thread each: as many
    # workers as cores are at work already. Polars reads its setting when it is imported.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    with ProcessPoolExecutor(context.threads, get_context("spawn"), follow_parent) as pool:
        try:
            jobs = [pool.submit(_one, task) for task in tasks]
            place = {job: number for number, job in enumerate(jobs)}
            for job in as_completed(jobs):
                job.result()
                done += sizes[place[job]]
                context.progress.advance(done, total)
            return [job.result() for job in jobs]
        except BrokenProcessPool as error:
            found, remedy = "a worker process that died", "run again with --threads 1, or with more memory"
            raise StoreError(problem("reading", found, "it to finish", remedy)) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _one(job: Job) -> Part:
    try:
        return read_task(job)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(
            problem(job.task.path, found, "a readable file and space to work", "look at the disk")
        ) from error


def _size(task: Task) -> int:
    size = Path(task.path).stat().st_size
    return (size if task.end is None else min(task.end, size)) - task.begin


def _numbered(work: list[Work], parts: list[Part]) -> Iterator[pa.RecordBatch]:
    """All records in canonical order with rid, record id and source. An Arrow file is removed once it is passed on."""
    rid = 0
    for source, members in groupby(zip(work, parts, strict=True), key=lambda pair: pair[0].source):
        mine = [part for _, part in members]
        ids = _source_ids(source, mine)
        at = 0
        for part in mine:
            with pa.memory_map(str(part.records)) as file:
                reader = pa.ipc.open_file(file)
                for number in range(reader.num_record_batches):
                    batch = reader.get_batch(number)
                    yield _loaded(batch, rid, source, ids.slice(at, batch.num_rows))
                    rid, at = rid + batch.num_rows, at + batch.num_rows
            part.records.unlink()


def _source_ids(source: str, parts: list[Part]) -> pa.StringArray:
    controls, offsets = [], []
    for part in parts:
        with pa.OSFile(str(part.records)) as file:
            options = pa.ipc.IpcReadOptions(included_fields=_fields("offset", "control"))
            table = pa.ipc.open_file(file, options=options).read_all()
        controls.extend(table.column("control").chunks)
        offsets.extend(table.column("offset").chunks)
    if not controls:
        return pa.array([], pa.string())
    return record_ids(source, pa.concat_arrays(controls), pa.concat_arrays(offsets))


def _fields(*names: str) -> list[int]:
    return [PART.names.index(name) for name in names]


def _loaded(batch: pa.RecordBatch, rid: int, source: str, ids: pa.StringArray) -> pa.RecordBatch:
    new = {
        "rid": pa.array(range(rid, rid + batch.num_rows), pa.int64()),
        "record_id": ids,
        "source": pa.repeat(pa.scalar(source), batch.num_rows),
    }
    columns = [new[name] if name in new else batch.column(name) for name in LOADED.names]
    return pa.RecordBatch.from_arrays(columns, schema=LOADED)


def _ledger(context: Context, work: list[Work], parts: list[Part]) -> Counts:
    """One row per file (or archive member); returns the sum of all."""
    sums: dict[tuple[str, str], Counts] = {}
    total = Counts()
    for entry, part in zip(work, parts, strict=True):
        sums.setdefault((entry.source, entry.task.file), Counts()).add(part.counts)
        total.add(part.counts)
    names = LEDGER.names[2:]
    rows = [(*key, *(getattr(counts, name) for name in names)) for key, counts in sums.items()]
    batch = pa.RecordBatch.from_pylist([dict(zip(LEDGER.names, row, strict=True)) for row in rows], LEDGER)
    context.engine.write("ledger", LEDGER, [batch])
    return total


def _quarantine(context: Context, work: list[Work], parts: list[Part]) -> None:
    """The rows of what was set aside and of what was noted, and the bytes of each source in one file, in row order."""
    rows, notes = [], []
    for entry, part in zip(work, parts, strict=True):
        rows.extend(_with_source(entry.source, part.quarantine))
        notes.extend(_with_source(entry.source, part.notes))
        if part.contents is not None:
            with part.contents.open("rb") as content, quarantine_file(context.scratch, entry.source).open("ab") as out:
                while piece := content.read(1 << 20):
                    out.write(piece)
            part.contents.unlink()
    context.engine.write("quarantine", QUARANTINE, rows)
    context.engine.write("note", QUARANTINE, notes)


def quarantine_file(scratch: Path, source: str) -> Path:
    """Where the quarantined bytes of a source wait for the export."""
    return scratch / f"{source}.quarantine"


def _with_source(source: str, rows: pa.Table) -> list[pa.RecordBatch]:
    named = rows.add_column(0, "source", pa.repeat(pa.scalar(source), rows.num_rows)).cast(QUARANTINE)
    return [batch for batch in named.to_batches() if batch.num_rows]


def _sources(context: Context, files: list[SourceFile]) -> None:
    """The library of each source, for records without holdings; and where each input file was (table `input`)."""
    libraries = {file.source: file.library or file.source for file in files}
    table = pa.table({"source": list(libraries), "library": list(libraries.values())})
    context.engine.write("source", table.schema, table.to_batches())
    # A path need not be text; one that is not will not be found again, which is told then.
    paths = [os.fsencode(file.path).decode(errors="backslashreplace") for file in files]
    names = {"source": [file.source for file in files], "file": [file.name for file in files], "path": paths}
    places = pa.table(names, schema=INPUT)
    context.engine.write("input", INPUT, places.to_batches())
