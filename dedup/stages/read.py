"""Read and normalise in one go, in a worker process: one task of files to one Arrow file of records."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyarrow as pa

from dedup.errors import RuleError, problem
from dedup.marc.reader import Counts, Portion, Task, run_task
from dedup.rules import RuleSet, load_rules
from dedup.stages.normalise import concepts
from dedup.tables import LOADED, QUARANTINED

PART = pa.schema([field for field in LOADED if field.name not in ("rid", "record_id", "source")])
"""What a worker writes: LOADED without what only the whole catalogue can number."""

_LARGEST_BATCH = 1 << 28
ASIDE = pa.schema([field for field in QUARANTINED if field.name != "source"])


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one task. `records`: an Arrow file of PART batches; `contents`: one of ASIDE batches, when bytes
    were quarantined. `quarantine` and `notes`: rows as in QUARANTINE without `source`.
    """

    records: Path
    contents: Path | None
    rows: int
    quarantine: pa.Table
    notes: pa.Table
    counts: Counts


@dataclass(frozen=True, slots=True)
class Job:
    """One task for a worker. `holdings`: the preset of `rules/holdings.toml` that alone counts, '' for any."""

    task: Task
    rules_folder: str
    holdings: str
    target: Path


@cache
def source_rules(folder: str, holdings: str) -> RuleSet:
    """The rules for a source, with the one holdings preset that `dedup.toml` names. Raises RuleError if unknown."""
    rules = load_rules(folder)
    if not holdings:
        return rules
    table = rules.tables["holdings"]
    chosen = [preset for preset in table["preset"] if preset["id"] == holdings]
    if not chosen:
        known = ", ".join(preset["id"] for preset in table["preset"])
        raise RuleError(problem("holdings of a source", repr(holdings), f"one of {known}", "correct dedup.toml"))
    return replace(rules, tables={**rules.tables, "holdings": {**table, "preset": chosen}})


def follow_parent() -> None:
    """End this worker when the process that started it has ended, however it ended: nobody waits for its files."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        """Wait for the end of the parent."""
        multiprocessing.connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def read_task(job: Job) -> Part:
    """Read one task and write its records to `target` (Arrow IPC, uncompressed, one batch a portion)."""
    task, target, rules = job.task, job.target, source_rules(job.rules_folder, job.holdings)
    counts, rows, contents = Counts(), 0, target.with_suffix(".aside")
    quarantine, notes = [], []
    with ExitStack() as held:
        writer = held.enter_context(pa.ipc.new_file(held.enter_context(pa.OSFile(str(target), "wb")), PART))
        aside = None
        for portion in run_task(task, rules):
            if portion.records.num_rows:
                writer.write_batch(_part(portion.records, concepts(portion.records, rules)))
            if portion.contents:
                if aside is None:
                    aside = held.enter_context(pa.ipc.new_file(str(contents), ASIDE))
                for batch in _aside(portion):
                    aside.write_batch(batch)
            rows += portion.records.num_rows
            counts.add(portion.counts)
            quarantine.append(portion.quarantine)
            notes.append(portion.notes)
    kept = contents if contents.exists() else None
    return Part(target, kept, rows, pa.Table.from_batches(quarantine), pa.Table.from_batches(notes), counts)


def _aside(portion: Portion) -> Iterator[pa.RecordBatch]:
    """The bytes set aside; many large items do not fit into one batch."""
    together = sum(map(len, portion.contents)) < _LARGEST_BATCH
    step = len(portion.contents) if together else 1
    for begin in range(0, len(portion.contents), step):
        rows = portion.quarantine.slice(begin, step)
        content = pa.array(portion.contents[begin : begin + step], pa.binary())
        yield pa.RecordBatch.from_arrays([rows.column("file"), rows.column("offset"), content], schema=ASIDE)


def _part(records: pa.RecordBatch, made: pa.RecordBatch) -> pa.RecordBatch:
    """Where a record came from beside what it says."""
    columns = [(made if name in made.schema.names else records).column(name) for name in PART.names]
    return pa.RecordBatch.from_arrays(columns, schema=PART)
