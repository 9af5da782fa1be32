"""Month after month: a second run takes only what changed through the line, and ends where a full run ends."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dedup import pipeline, store
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from tests.laws.increments import ALWAYS_IN_PART, assert_equal, say
from tests.laws.months import Months
from tests.review.catalogue import Nobody

WORLDS, STEPS = 50, 2
# Blocks of three are crowded here, so that keys are refined and sorted, and crowded ones empty again.
_CROWDED = [rule | {"cap": 3} for rule in ALWAYS_IN_PART.tables["blocking"]["rule"]]
RULES = replace(
    ALWAYS_IN_PART,
    tables={**ALWAYS_IN_PART.tables, "blocking": {**ALWAYS_IN_PART.tables["blocking"], "rule": _CROWDED}},
)


def run(database: Path, inputs: Path, period: str, *, full: bool) -> dict[str, bytes]:
    """A run; returns the data files, without the times of the run itself."""
    out = database.with_suffix("")
    order = pipeline.Order((inputs,), database, out, period, Config(), threads=1, full=full)
    summary = pipeline.run(order, RULES, Nobody())
    assert summary["mode"] == ("full" if full else "incremental")
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted((out / "data").rglob("*"))}
    return {name: content for name, content in files.items() if not name.endswith("summary.json")}


def opened(database: Path) -> DuckEngine:
    return store.opened(database)


@pytest.mark.parametrize("seed", range(6))
def test_months_of_any_catalogue_end_where_a_full_run_ends(seed: int, tmp_path: Path) -> None:
    months = Months(random.Random(seed), WORLDS)
    months.begin()
    inputs, database, whole = tmp_path / "marc", tmp_path / "c.duckdb", tmp_path / "w.duckdb"
    run(database, months.write(inputs), "2026-01", full=True)
    for step in range(STEPS):
        if said := months.pass_on():
            with store.amending(database) as engine:
                say(engine, said)
        shutil.copy(database, whole)
        months.write(inputs)
        period = f"2026-{step + 1:02}"
        files = run(database, inputs, period, full=False)
        wanted = run(whole, inputs, period, full=True)
        one, other = opened(database), opened(whole)
        assert_equal(one, other)
        assert files == wanted
        one.close()
        other.close()
