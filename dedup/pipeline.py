"""The monthly line: the visible list of its stages, and a run of all of them."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from dedup import __version__, store
from dedup.config import Config
from dedup.results import Workplace, publish, workplace
from dedup.rules import RuleSet
from dedup.stages import answers, block, diagnose, export, follow, group, load
from dedup.stages.context import Context, Progress, Tally
from dedup.stages.score import score
from dedup.tables import COMPARED, JUDGED, PAIR, RESCUING, RUN

CONTRACT_VERSION = 1
Ints = np.ndarray[Any, np.dtype[np.int64]]
_LIBRARIES = ("duckdb", "numpy", "polars", "pyarrow", "rapidfuzz", "scipy")


class Watcher(Protocol):
    """Someone who follows a run from stage to stage."""

    def stage(self, name: str) -> Progress:
        """A stage begins."""
        ...

    def done(self, name: str, tally: Tally, seconds: float) -> None:
        """A stage has ended."""
        ...


Reports = Callable[[Context, Path], Tally]


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do: inputs, the database to make, the folder for results, the month it stands for.

    `reports` writes what people are given into a folder, after the data files; without it they are given nothing.
    """

    inputs: tuple[Path, ...]
    database: Path
    out: Path
    period: str
    config: Config
    threads: int = 2
    reports: Reports | None = None


# Records beside one without a usable title: what tells of the same book there is not read for all others.
_NEAR_JUNK = """
WITH junk AS (SELECT rid FROM record WHERE NOT title_usable)
SELECT rid FROM junk
UNION SELECT p."right" FROM pair p JOIN junk j ON j.rid = p."left"
UNION SELECT p."left" FROM pair p JOIN junk j ON j.rid = p."right"
"""
_RESCUED = "CASE WHEN rid IN (SELECT rid FROM near_junk) THEN {0} END AS {0}"


def judged(context: Context) -> Tally:
    """From `pair` to `judged` (schema JUDGED): the verdict of every proposed pair, by `dedup.stages.score`."""
    engine = context.engine
    wanted = 'SELECT "left" AS rid FROM pair UNION SELECT "right" FROM pair'
    engine.sql("near_junk", _NEAR_JUNK)
    columns = ", ".join(["rid", *(_RESCUED.format(name) if name in RESCUING else name for name in COMPARED)])
    records = engine.read(f"SELECT {columns} FROM record WHERE rid IN ({wanted})").combine_chunks()
    engine.drop("near_junk")
    rids = np.asarray(records["rid"], np.int64)
    order = np.argsort(rids)
    total = int(engine.read("SELECT count(*) AS n FROM pair")["n"][0].as_py())

    def pieces() -> Iterator[pa.RecordBatch]:
        """Pairs by position in `records`."""
        for batch in engine.batches('SELECT "left", "right", rules FROM pair ORDER BY "left", "right"'):
            yield pa.RecordBatch.from_arrays(
                [*(_placed(batch, name, rids, order) for name in ("left", "right")), batch[2]], schema=PAIR
            )

    def verdicts() -> Iterator[pa.RecordBatch]:
        """Verdicts by rid again."""
        done = 0
        for batch in score(records.drop_columns(["rid"]), pieces(), context.rules, context.threads):
            done += batch.num_rows
            context.progress.advance(done, total)
            ends = [pa.array(rids[np.asarray(batch.column(name))]) for name in ("left", "right")]
            yield pa.RecordBatch.from_arrays([*ends, *batch.columns[2:]], schema=JUDGED)

    rows = engine.write("judged", JUDGED, verdicts())
    return Tally(total, rows, unit_in="pairs", unit_out="pairs")


def _placed(batch: pa.RecordBatch, name: str, rids: Ints, order: Ints) -> pa.Array:
    """Where the records of a column stand in the table, which is not sorted: sorting so many columns would be dear."""
    wanted = np.asarray(batch.column(batch.schema.get_field_index(name)))
    return pa.array(order[np.searchsorted(rids, wanted, sorter=order)])


STAGES: tuple[tuple[str, Callable[[Context], Tally]], ...] = (
    ("load", load.run),
    ("block", block.run),
    ("score", judged),
    ("answers", answers.run),
    ("group", group.run),
    ("diagnose", diagnose.run),
    ("follow", follow.run),
    ("report", export.run),
)
"""Load reads and normalises in one go; every stage reads tables and writes tables."""


def run(order: Order, rules: RuleSet, watcher: Watcher) -> dict[str, Any]:
    """The whole line. Database and results appear together at the end, or not at all. Returns the summary.

    `kept` in it, which summary.json does not have, names folders of files that people had changed.
    """
    with store.building(order.database, order.threads) as engine, workplace(order.database, order.out) as places:
        stages = {}
        for name, stage in _stages(order, places):
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
            )
            begun = time.perf_counter()
            tally = stage(context)
            seconds = time.perf_counter() - begun
            stages[name] = {"seconds": round(seconds, 3), "rows_in": tally.rows_in, "rows_out": tally.rows_out}
            watcher.done(name, tally, seconds)
        _remember(context, order)
        summary = summarise(context, order, stages)
        text = json.dumps(summary, ensure_ascii=False, indent=2) + "\n"
        (places.data / "summary.json").write_text(text, encoding="utf-8")
        kept = publish(places, order.out)
    return summary | {"kept": [str(folder) for folder in kept]}


def _stages(order: Order, places: Workplace) -> Iterator[tuple[str, Callable[[Context], Tally]]]:
    """The stages, and the reports for people where they are asked for."""
    yield from STAGES
    if (write := order.reports) is not None:
        yield "packages", lambda context: write(context, places.people)


def _remember(context: Context, order: Order) -> None:
    """Table `run`: with which rules the verdicts in this database were made, for `dedup explain`."""
    given = order.config.path.resolve()
    config = os.fsencode(given).decode(errors="backslashreplace") if given.is_file() else ""
    row = {"period": order.period, "rules_sha256": context.rules.sha256, "config": config, "dedup": __version__}
    context.engine.write("run", RUN, [pa.RecordBatch.from_pylist([row], RUN)])


def summarise(context: Context, order: Order, stages: dict[str, Any]) -> dict[str, Any]:
    """What summary.json says of a run."""
    return {
        "contract_version": CONTRACT_VERSION,
        "period": order.period,
        "counts": _counts(context),
        "causes": _causes(context),
        "libraries": _libraries(context),
        "stages": stages,
        "peak_rss_mb": peak_rss_mb(order.threads),
        "rules_sha256": context.rules.sha256,
        "versions": {"dedup": __version__, "python": platform.python_version(), **{n: version(n) for n in _LIBRARIES}},
    }


def _counts(context: Context) -> dict[str, Any]:
    def of(query: str) -> pa.Table:
        """The result of a query."""
        return context.engine.read(query)

    ledger = of(
        "SELECT count(*) AS files, sum(records) AS records, sum(loaded) AS loaded,"
        " sum(quarantined) AS quarantined FROM ledger"
    )
    groups = of(
        "SELECT verdict, count(DISTINCT group_id) AS n, count(*) AS r FROM member GROUP BY verdict ORDER BY verdict"
    )
    pairs = of("SELECT verdict, count(*) AS n FROM judged GROUP BY verdict ORDER BY verdict")
    return {
        **{name: int(ledger[name][0].as_py() or 0) for name in ledger.column_names},
        "bibliographic": int(of("SELECT count(*) AS n FROM record")["n"][0].as_py()),
        "junk": int(of("SELECT count(*) AS n FROM junk")["n"][0].as_py()),
        "pairs": dict(zip(pairs["verdict"].to_pylist(), pairs["n"].to_pylist(), strict=True)),
        "groups": dict(zip(groups["verdict"].to_pylist(), groups["n"].to_pylist(), strict=True)),
        "records_in_groups": dict(zip(groups["verdict"].to_pylist(), groups["r"].to_pylist(), strict=True)),
        "refused_merges": int(of("SELECT count(*) AS n FROM conflict")["n"][0].as_py()),
        "keys_shared_by_too_many": int(of("SELECT count(*) AS n FROM dropped_key")["n"][0].as_py()),
    }


_PER_CAUSE = """
SELECT c.cause, count(DISTINCT m.group_id) AS groups, count(*) AS records
FROM member m JOIN group_cause c ON c.group_id = m.group_id
WHERE c.cause <> '' AND m.verdict <> 'review' GROUP BY c.cause ORDER BY c.cause
"""


def _causes(context: Context) -> dict[str, dict[str, int]]:
    """Groups and records by first cause (D..), records by kind of junk (J..) and by fault (Q..)."""
    rows = context.engine.read(_PER_CAUSE).to_pylist()
    found = {row.pop("cause"): row for row in rows}
    for table in ("junk", "fault"):
        query = f"SELECT code, count(DISTINCT rid) AS records FROM {table} GROUP BY code ORDER BY code"
        found |= {row["code"]: {"records": row["records"]} for row in context.engine.read(query).to_pylist()}
    return found


_PER_LIBRARY = """
WITH held AS (
  SELECT DISTINCT r.rid, unnest(CASE WHEN len(r.libraries) = 0 THEN [s.library] ELSE r.libraries END) AS library
  FROM record r JOIN source s ON s.source = r.source
)
SELECT library, count(*) AS records, count(*) FILTER (rid IN (SELECT rid FROM member WHERE verdict = 'same')) AS same,
       count(*) FILTER (rid IN (SELECT rid FROM junk)) AS junk
FROM held WHERE library <> '' GROUP BY library ORDER BY library
"""


def _libraries(context: Context) -> dict[str, dict[str, int]]:
    rows = context.engine.read(_PER_LIBRARY).to_pylist()
    return {row.pop("library"): row for row in rows}


def peak_rss_mb(workers: int) -> int | None:
    """The most memory this run can have held: this process and, for each worker, the largest; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int((own + workers * worker) / unit)
