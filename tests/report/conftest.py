from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dedup import pipeline
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.report import gather
from dedup.report.model import Package
from dedup.rules import RuleSet
from dedup.stages.context import Progress, Tally
from tests.conftest import Quiet

MARC = Path(__file__).parent.parent.parent / "fixtures" / "marc"
PERIOD = "2026-03"


class Nobody:
    """Follows no run."""

    def stage(self, name: str) -> Progress:
        return Quiet()

    def done(self, name: str, tally: Tally, seconds: float) -> None:
        """Look away."""

    def note(self, text: str) -> None:
        """Look away."""


@pytest.fixture(scope="session")
def finished(rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the small catalogue: `run.duckdb` and `out/data/`."""
    place = tmp_path_factory.mktemp("finished")
    order = pipeline.Order((MARC,), place / "run.duckdb", place / "out", PERIOD, Config())
    pipeline.run(order, rules, Nobody())
    return place


@pytest.fixture(scope="session")
def told(finished: Path) -> Callable[[str], list[dict[str, str]]]:
    """The rows of a data file of that run, by its name."""

    def rows(name: str) -> list[dict[str, str]]:
        with (finished / "out" / "data" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows


@pytest.fixture
def run_engine(finished: Path, tmp_path: Path) -> Iterator[DuckEngine]:
    """The database of that run, to work on."""
    engine = DuckEngine(shutil.copy(finished / "run.duckdb", tmp_path / "run.duckdb"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def packages(finished: Path, rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Package]:
    """What every library is given of that run."""
    engine = DuckEngine(shutil.copy(finished / "run.duckdb", tmp_path_factory.mktemp("packages") / "run.duckdb"))
    try:
        return {package.library: package for package in gather.packages(engine, rules)}
    finally:
        engine.close()
