from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.rules import RuleSet, load_rules
from dedup.stages.context import Context


class Quiet:
    """Watches nothing."""

    def advance(self, done: int, total: int) -> None:
        """Look away."""


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return load_rules()


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    made = DuckEngine(threads=2)
    yield made
    made.close()


@pytest.fixture
def context_of(rules: RuleSet, engine: DuckEngine, tmp_path: Path) -> Callable[..., Context]:
    def make(*inputs: Path, config: Config | None = None, threads: int = 1) -> Context:
        scratch, out = tmp_path / "scratch", tmp_path / "out"
        scratch.mkdir(exist_ok=True)
        out.mkdir(exist_ok=True)
        return Context(engine, rules, config or Config(), inputs, scratch, out, Quiet(), threads)

    return make
