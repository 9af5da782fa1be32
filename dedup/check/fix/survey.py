"""The records of the input as they are read before anything is put right: place, format, encoding, id, hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import pyarrow as pa

from dedup.errors import InputError, problem
from dedup.marc.reader import Task, run_task
from dedup.model import Format
from dedup.rules import RuleSet
from dedup.stages.identify import record_ids
from dedup.stages.load import Plan
from dedup.stages.sources import SourceFile


@dataclass(frozen=True, slots=True)
class Seen:
    """One bibliographic record of a file; `isbn`: it has a field in which a number may stand."""

    record_id: str
    offset: int
    length: int
    format: Format
    encoding: str
    control: str
    fingerprint: int
    isbn: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One file, or one member of an archive: how it is read, its records in its order, what could not be read."""

    file: SourceFile
    tasks: tuple[Task, ...]
    records: tuple[Seen, ...]
    unreadable: int

    @property
    def shown(self) -> str:
        """The name of the file below its source, a member's after a `!`."""
        return self.tasks[0].file


def surveyed(inputs: Sequence[SourceFile], rules: RuleSet) -> list[Part]:
    """All files of the input, in its order. Raises InputError for one that cannot be read."""
    planned = Plan.of(list(inputs))
    parts: list[Part] = []
    for _, group in groupby(inputs, key=lambda file: file.source):
        mine = [
            (file, tuple(work.task for work in some))
            for file in group
            for _, some in groupby(planned.work[file], key=lambda work: work.task.file)
        ]
        parts += _of_source(mine, rules)
    return parts


def _of_source(files: Sequence[tuple[SourceFile, tuple[Task, ...]]], rules: RuleSet) -> list[Part]:
    """The files of one source: its record ids are counted over all of them."""
    read = [_read(file, tasks, rules) for file, tasks in files]
    controls = pa.array([row["control"] for rows, _ in read for row in rows], pa.string())
    offsets = pa.array([row["offset"] for rows, _ in read for row in rows], pa.int64())
    ids = iter(record_ids(files[0][0].source, controls, offsets).to_pylist() if len(controls) else [])
    return [
        Part(file, tasks, tuple(_seen(row, next(ids)) for row in rows), unreadable)
        for (file, tasks), (rows, unreadable) in zip(files, read, strict=True)
    ]


def _read(file: SourceFile, tasks: Sequence[Task], rules: RuleSet) -> tuple[list[Mapping[str, object]], int]:
    columns = ["offset", "length", "format", "encoding", "control", "fingerprint", "isbn"]
    rows: list[Mapping[str, object]] = []
    unreadable = 0
    try:
        for task in tasks:
            for portion in run_task(task, rules):
                rows += portion.records.select(columns).to_pylist()
                unreadable += portion.counts.quarantined
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(file.path), found, "a readable file", "check its permissions")) from error
    return rows, unreadable


def _seen(row: Mapping[str, object], record_id: str) -> Seen:
    offset, length, fingerprint = (int(str(row[name])) for name in ("offset", "length", "fingerprint"))
    form, encoding, control = Format(int(str(row["format"]))), str(row["encoding"]), str(row["control"])
    return Seen(record_id, offset, length, form, encoding, control, fingerprint, bool(row["isbn"]))
