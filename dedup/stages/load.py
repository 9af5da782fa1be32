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

import numpy as np
import pyarrow as pa

from dedup.errors import InputError, StoreError, problem, refused
from dedup.marc.reader import Options, Task, plan
from dedup.model import Format
from dedup.stages import accounts
from dedup.stages.accounts import Done, Work
from dedup.stages.context import Context, Tally
from dedup.stages.identify import record_ids
from dedup.stages.read import PART, Job, Part, follow_parent, read_task, source_rules
from dedup.stages.sources import SourceFile, find_sources
from dedup.stages.workers import shielded
from dedup.tables import LOADED

SMALL = 6 << 20
"""Bytes below which starting worker processes costs more than they save."""

_FORMATS = {"marc21": Format.MARC21, "cnmarc": Format.CNMARC, "unimarc": Format.UNIMARC}


def run(context: Context) -> Tally:
    """From files to `record` (schema LOADED), `ledger`, `quarantine`, `quarantined`, `note`, `source` and `input`."""
    files = sorted([*find_sources(context.inputs, context.config), *context.also])
    planned = Plan.of(files)
    work = [entry for file in files for entry in planned.work[file]]
    parts = read_all(context, work)
    accounts.unchanged(files, planned.stamps)
    rows = context.engine.write("record", LOADED, _numbered(work, parts), ordered=False)
    done = [Done(entry.source, entry.task.file, part.counts, part) for entry, part in zip(work, parts, strict=True)]
    total = accounts.store(context, done)
    accounts.sources(context, files)
    accounts.inputs(context, files, planned.digests)
    kinds = {"holdings records": total.holdings, "authority records": total.authority}
    return Tally(total.records, rows, {"quarantined": total.quarantined, **kinds})


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to read of each file; `digests` of those that are known as a whole only."""

    work: dict[SourceFile, list[Work]]
    digests: dict[Path, str]
    stamps: accounts.Stamps

    @classmethod
    def of(cls, files: list[SourceFile]) -> Plan:
        """Look at all files. Raises InputError for one that cannot be read."""
        work: dict[SourceFile, list[Work]] = {}
        digests: dict[Path, str] = {}
        stamps: dict[Path, tuple[int, int, int]] = {}
        for file in files:
            try:
                stamps |= accounts.stamps([file])
                work[file] = [Work(file.source, file.holdings, task) for task in _plan(file)]
                if not all(accounts.plain(entry.task) for entry in work[file]):
                    digests[file.path] = accounts.digest_of(file.path)
            except OSError as error:
                found = error.strerror or str(error)
                raise InputError(problem(str(file.path), found, "a readable file", "check its permissions")) from error
        return cls(work, digests, stamps)


def _plan(file: SourceFile) -> list[Task]:
    named = file.format.lower().replace(" ", "").replace("-", "")
    if named and named not in _FORMATS:
        wanted = f"one of {', '.join(_FORMATS)}"
        raise InputError(problem(f"format of source {file.source}", repr(file.format), wanted, "correct dedup.toml"))
    options = Options(file.encoding or None, _FORMATS.get(named), file.holdings or None)
    return plan([(file.path, file.name)], options)


def read_all(context: Context, work: list[Work], small: int = SMALL) -> list[Part]:
    """All tasks read, in the order of `work`, by worker processes when they have more than `small` bytes to read."""
    sizes = [_size(entry.task) for entry in work]
    folder = str(context.rules.root)
    for preset in {entry.holdings for entry in work}:
        source_rules(folder, preset)
    tasks = [
        Job(entry.task, folder, entry.holdings, context.scratch / f"{number:06}.arrow")
        for number, entry in enumerate(work)
    ]
    done, total = 0, sum(sizes)
    if context.threads == 1 or total < small:
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
            # The largest first, so that no worker is left alone with a large one at the end.
            largest_first = sorted(range(len(tasks)), key=lambda number: -sizes[number])
            with shielded():
                place = {pool.submit(_one, tasks[number]): number for number in largest_first}
            for job in as_completed(place):
                job.result()
                done += sizes[place[job]]
                context.progress.advance(done, total)
            return [job.result() for job in sorted(place, key=lambda job: place[job])]
        except BrokenProcessPool as error:
            found, remedy = "a worker process that died", "run again with --threads 1, or with more memory"
            raise StoreError(problem("reading", found, "it to finish", remedy)) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _one(job: Job) -> Part:
    try:
        return read_task(job)
    except OSError as error:
        # pyarrow, which writes what was read, names no file.
        place = job.task.path if error.filename else f"{job.task.path} (read into {job.target.parent})"
        raise InputError(refused(error, place, "a readable file and space to work", "look at the disk")) from error


def _size(task: Task) -> int:
    if task.ranges is not None:
        return sum(end - begin for begin, end in task.ranges)
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
                    rids = pa.array(np.arange(rid, rid + batch.num_rows))
                    yield loaded(batch, rids, source, ids.slice(at, batch.num_rows))
                    rid, at = rid + batch.num_rows, at + batch.num_rows
            part.records.unlink()


def _source_ids(source: str, parts: list[Part]) -> pa.StringArray:
    controls, offsets = [], []
    for part in parts:
        with pa.OSFile(str(part.records)) as file:
            options = pa.ipc.IpcReadOptions(included_fields=fields("offset", "control"))
            table = pa.ipc.open_file(file, options=options).read_all()
        controls.extend(table.column("control").chunks)
        offsets.extend(table.column("offset").chunks)
    if not controls:
        return pa.array([], pa.string())
    return record_ids(source, pa.concat_arrays(controls), pa.concat_arrays(offsets))


def fields(*names: str) -> list[int]:
    """Where some columns stand in PART."""
    return [PART.names.index(name) for name in names]


def loaded(batch: pa.RecordBatch, rids: pa.Int64Array, source: str, ids: pa.StringArray) -> pa.RecordBatch:
    """Records as a worker wrote them with their numbers, source and record ids: schema LOADED."""
    new = {
        "rid": rids,
        "record_id": ids,
        "source": pa.repeat(pa.scalar(source), batch.num_rows),
    }
    columns = [new[name] if name in new else batch.column(name) for name in LOADED.names]
    return pa.RecordBatch.from_arrays(columns, schema=LOADED)
