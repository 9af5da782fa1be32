"""The monthly line: the visible list of its stages, and a run of all of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from dedup import __version__, amend, store
from dedup.config import Config
from dedup.engine.limits import MEMORY, Limits
from dedup.marc.memory import keep_memory
from dedup.mode import Mode, mode_of
from dedup.model import CONTRACT_VERSION
from dedup.places import check_places
from dedup.results import Workplace, publication, workplace
from dedup.rules import RuleSet
from dedup.stages import answers, block, diagnose, export, follow, group, load, reblock, reload, score
from dedup.stages.context import Context, Progress, Tally
from dedup.stages.score import judged
from dedup.stages.sources import remembered, shown_name
from dedup.stages.whole import must_be_whole
from dedup.summary import summarise
from dedup.tables import RUN
from dedup.views import make_views

__all__ = ["CONTRACT_VERSION", "STAGES", "Order", "Reports", "Watcher", "judged", "run"]


class Watcher(Protocol):
    """Someone who follows a run from stage to stage."""

    def stage(self, name: str) -> Progress:
        """A stage begins."""
        ...

    def done(self, name: str, tally: Tally, seconds: float) -> None:
        """A stage has ended."""
        ...

    def note(self, text: str) -> None:
        """Something that whoever started the run should know."""
        ...


Reports = Callable[[Context, Path], Tally]


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do: inputs, the database to make, the folder for results, the month it stands for.

    `reports` writes what people are given into a folder, after the data files; without it they are given nothing.
    `full`: everything is done anew, from the inputs alone. `partial`: the inputs add and replace records; none is
    withdrawn because it is not among them.
    """

    inputs: tuple[Path, ...]
    database: Path
    out: Path
    period: str
    config: Config
    threads: int = 2
    reports: Reports | None = None
    memory: int = MEMORY
    temp: Path | None = None
    full: bool = False
    partial: bool = False


STAGES: tuple[tuple[str, Callable[[Context], Tally]], ...] = (
    ("load", load.run),
    ("block", block.run),
    ("score", score.run),
    ("answers", answers.run),
    ("group", group.run),
    ("diagnose", diagnose.run),
    ("follow", follow.run),
    ("report", export.run),
)
"""Load reads and normalises in one go; every stage reads tables and writes tables."""

INCREMENTAL: Mapping[str, Callable[[Context], Tally]] = {
    "load": reload.run,
    "block": reblock.run,
    "score": score.amend,
    "answers": amend.answers,
    "group": amend.group,
    "diagnose": amend.diagnose,
}
"""What takes a stage's place where only what changed is worked again: it brings its tables to the new state."""


def run(order: Order, rules: RuleSet, watcher: Watcher) -> dict[str, Any]:
    """The whole line. Database and results appear together at the end, or not at all. Returns the summary.

    `kept` in it, which summary.json does not have, names folders of files that people had changed.
    """
    check_places(order.inputs, order.database, order.out, order.temp)
    keep_memory()
    mode = mode_of(rules, order.config, order.full)
    with (
        store.at_work(order.database, "run", watcher.note) as journal,
        workplace(order.database, order.out, journal, order.temp) as places,
        store.building(
            order.database, Limits(order.threads, order.memory, places.spill), journal, mode.continues
        ) as engine,
    ):
        watcher.note(mode.told or "增量运行 / incremental run")
        also = remembered(order.inputs, order.config, mode.loaded, order.partial)
        stages = {}
        for name, stage in _stages(order, mode, places):
            journal.stage(name)
            watching = watcher.stage(name)
            context = Context(
                engine=engine,
                rules=rules,
                config=order.config,
                inputs=order.inputs,
                scratch=places.scratch,
                out=places.data,
                progress=watching,
                threads=order.threads,
                period=order.period,
                incremental=mode.incremental,
                partial=order.partial,
                also=also,
            )
            begun = time.perf_counter()
            tally = stage(context)
            seconds = time.perf_counter() - begun
            stages[name] = {"seconds": round(seconds, 3), "rows_in": tally.rows_in, "rows_out": tally.rows_out}
            watcher.done(name, tally, seconds)
            if name == "load" and not order.partial:
                must_be_whole(engine, mode.held)
        _remember(context, order, mode)
        make_views(engine)
        summary = summarise(context, mode, stages)
        engine.drop("change", "moved", "source_change", "pair_change")
        text = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
        (places.data / "summary.json").write_text(text, encoding="utf-8")
        journal.stage("finish")
        moves, kept = publication(places, order.out)
        journal.intend(moves)
    return summary | {"kept": [str(folder) for folder in kept]}


def _stages(order: Order, mode: Mode, places: Workplace) -> Iterator[tuple[str, Callable[[Context], Tally]]]:
    """The stages, and the reports for people where they are asked for."""
    for name, stage in STAGES:
        yield name, INCREMENTAL.get(name, stage) if mode.incremental else stage
    if (write := order.reports) is not None:
        yield "packages", lambda context: write(context, places.people)


def _remember(context: Context, order: Order, mode: Mode) -> None:
    """Table `run`: with which rules the verdicts in this database were made, for `dedup explain`."""
    given = order.config.path.resolve()
    config = shown_name(given) if given.is_file() else ""
    highest = "SELECT coalesce(max(rid) + 1, 0) AS n FROM record"
    if mode.incremental:
        highest = f"SELECT greatest(max(next_rid), ({highest})) AS n FROM run"
    next_rid = int(context.engine.read(highest)["n"][0].as_py())
    told = {"period": order.period, "config": config, "dedup": __version__}
    row = {**told, **mode.facts, "next_rid": next_rid}
    context.engine.write("run", RUN, [pa.RecordBatch.from_pylist([row], RUN)])
