from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import pipeline
from dedup.check import Result, check
from dedup.config import Config
from dedup.rules import RuleSet, load_rules

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))
NEW = ROOT / "fixtures" / "new"


class Nobody:
    """Follows a run or a check and says nothing."""

    def stage(self, name: str) -> Nobody:
        return self

    def done(self, *_: object) -> None: ...

    def note(self, text: str) -> None: ...

    def advance(self, done: int, total: int) -> None: ...


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="session")
def made(rules: RuleSet) -> Callable[..., Path]:
    """A catalogue made of some inputs: the database in a folder, its results in `out` beside it."""

    def run(folder: Path, *inputs: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        order = pipeline.Order(inputs, folder / "c.duckdb", folder / "out", "2024-08", Config(), threads=1)
        pipeline.run(order, rules, Nobody())
        return order.database

    return run


@pytest.fixture(scope="session")
def catalogue(made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small catalogue of six libraries."""
    return made(tmp_path_factory.mktemp("catalogue"), ROOT / "fixtures" / "marc")


@pytest.fixture(scope="session")
def checked(rules: RuleSet) -> Callable[..., Result]:
    """A check of some inputs, against a catalogue when one is given."""

    def run(*inputs: Path, database: Path | None = None, config: Config | None = None) -> Result:
        return check(inputs, database, rules, config or Config(), 1, Nobody())

    return run


@pytest.fixture(scope="session")
def new(checked: Callable[..., Result], catalogue: Path) -> Result:
    """The new records of the fixtures against the small catalogue."""
    return checked(NEW / "marc", database=catalogue)
