"""Everything that people are given of a run: one folder for each library, the centre's workbook and page."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dedup.engine.base import Engine
from dedup.errors import InputError, StoreError, problem, refused
from dedup.marc.single import Whole
from dedup.report import gather, lines, originals
from dedup.report.corrections import Job, write_files
from dedup.report.folders import folder_of, write_index
from dedup.report.page import write_centre as write_centre_page
from dedup.report.page import write_page
from dedup.report.statistics import Statistics, statistics
from dedup.report.workbook import workbook_name, write_centre, write_workbook
from dedup.rules import RuleSet
from dedup.stages.context import Context, Tally
from dedup.stages.read import follow_parent
from dedup.stages.workers import shielded

LIBRARIES, CENTRE, PAGE = "libraries", "centre.xlsx", "index.html"
MADE = (LIBRARIES, CENTRE, PAGE)
"""What `write_reports` makes, as the public contract names it."""
_COPIES = "originals.bin"
# Fewer lines are written before another process has started.
_FEW = 1_000
# So many new objects before it is looked for those that hold each other; by default some hundred.
_NEW_OBJECTS = 100_000
# Packages that wait for a worker: so many for each, fewer when they have many lines, as all are in memory.
_AHEAD, _MANY = 2, 40_000


@dataclass(frozen=True, slots=True)
class Task:
    """One library: its lines, and what the source files hold of their records, as rows; the file of copies; its folder.

    Rows go to another process many times faster than what is made of them there.
    """

    library: str
    lines: pa.Table
    originals: pa.Table
    copies: Path
    folder: Path
    job: Job


def write_reports(context: Context, out: Path, language: str) -> Tally:
    """Write the people's part of a run into `out`, one library after the other, several at a time.

    `language`: zh, en or both. Raises InputError when a file cannot be written, StoreError when a worker dies.
    """
    engine, rules, config = context.engine, context.rules, context.config
    folder = out / LIBRARIES
    folder.mkdir(parents=True, exist_ok=True)
    job = Job(context.period, language, config.centre.name)
    copies = context.scratch / _COPIES
    lines.prepare(engine, rules)
    originals.prepare(engine, rules, copies)
    numbers = statistics(engine, rules, config, context.period)
    total, size = gather.count(engine)
    tasks = (
        Task(library, rows, _beside(engine, rows), copies, folder / folder_of(library), job)
        for library, rows in gather.tables(engine, rules)
    )
    apart = context.threads > 1 and size >= _FEW
    names, rows = [], 0
    # The centre's files are made here while workers write those of the libraries.
    with ThreadPoolExecutor(1) as pool:
        centre = pool.submit(_write_centre, context, numbers, out, language) if apart else None
        for name, written in _at_workers(tasks, context) if apart else (_one(task, rules) for task in tasks):
            names.append(name)
            rows += written
            context.progress.advance(len(names), total + 1)
        if centre is not None:
            centre.result()
    if centre is None:
        _write_centre(context, numbers, out, language)
    renamed = write_index(names, folder, "en" if language == "en" else "zh")
    lines.forget(engine)
    originals.forget(engine)
    copies.unlink(missing_ok=True)
    aside = {f"codes of libraries cannot name a folder, see {LIBRARIES}/libraries.csv": len(renamed)}
    return Tally(rows, len(names), aside, unit_in="lines", unit_out="libraries")


def _beside(engine: Engine, rows: pa.Table) -> pa.Table:
    """What the source files hold of the records of some lines."""
    return originals.rows_of(engine, *(pc.unique(rows[name]).to_pylist() for name in ("group_id", "record_id")))


def _write_centre(context: Context, numbers: Statistics, out: Path, language: str) -> None:
    """The centre's workbook and page."""
    everything = gather.centre(context.engine, context.rules)
    write_centre(everything, numbers, out / CENTRE, context.rules, language)
    write_centre_page(numbers, out / PAGE, context.rules, language)


def _at_workers(tasks: Iterable[Task], context: Context) -> Iterator[tuple[str, int]]:
    """Libraries as they are done, in order, each with its lines; only a few packages are in memory at a time."""
    # Fresh processes, never forked ones: DuckDB's and Arrow's threads do not survive a fork.
    with ProcessPoolExecutor(context.threads, get_context("spawn"), _begin, (context.rules,)) as pool:
        try:
            yield from _ordered(tasks, lambda task: pool.submit(_at_work, task), context.threads)
        except BrokenProcessPool as error:
            found, remedy = "a worker process that died", "run again with --threads 1, or with more memory"
            raise StoreError(problem("writing reports", found, "it to finish", remedy)) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _ordered(
    tasks: Iterable[Task], submit: Callable[[Task], Future[tuple[str, int]]], workers: int
) -> Iterator[tuple[str, int]]:
    waiting: deque[tuple[Future[tuple[str, int]], int]] = deque()
    for task in tasks:
        with shielded():
            waiting.append((submit(task), task.lines.num_rows))
        while len(waiting) > workers * _AHEAD or (len(waiting) > workers and sum(size for _, size in waiting) > _MANY):
            yield waiting.popleft()[0].result()
    while waiting:
        yield waiting.popleft()[0].result()


_RULES: list[RuleSet] = []
"""The rules of a worker process, given once."""


def _begin(rules: RuleSet) -> None:
    follow_parent()
    # A package is some million objects that all live until it is written: looking for what could go is in vain.
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    _RULES[:] = [rules]


def _at_work(task: Task) -> tuple[str, int]:
    return _one(task, _RULES[0])


def _fields(held: originals.Originals, rules: RuleSet, names: Iterable[str]) -> Mapping[str, Whole]:
    """The MARC fields of some records of a package, as far as their source files still hold them."""
    return originals.read_originals(held, (name for name in names if name in held.records), rules)


def _one(task: Task, rules: RuleSet) -> tuple[str, int]:
    """All files of one library. Returns its code and how many lines it was given."""
    job, folder = task.job, task.folder
    package = gather.package(task.library, gather.lines_of(task.lines))
    held = originals.from_rows(task.originals, task.copies)
    workbook = folder / workbook_name(package.library, job.period, rules)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_workbook(package, workbook, rules, job.period, job.language)
        page = folder / PAGE
        write_page(package, page, rules, job.period, job.language, partial(_fields, held, rules))
        write_files(package, folder, rules, job, held, workbook)
    except OSError as error:
        raise InputError(refused(error, str(folder), "a folder to write to", "name another --out")) from error
    return package.library, len(package.lines)
