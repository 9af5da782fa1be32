from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MARC = Path(__file__).parent.parent.parent / "fixtures" / "marc"
Result = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def marc() -> Path:
    """The small catalogue of six libraries."""
    return MARC


@pytest.fixture(scope="session")
def dedup() -> Callable[..., Result]:
    """The command line in a process of its own, as a user starts it."""

    def run(*words: object, cwd: Path | None = None, **environment: str) -> Result:
        command = [sys.executable, "-c", "from dedup.commands import main; main()", *map(str, words)]
        return subprocess.run(
            command,
            cwd=cwd or MARC.parent.parent,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(MARC.parent.parent), **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=120,
        )

    return run


@pytest.fixture(scope="session")
def first(dedup: Callable[..., Result], marc: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """One run over the small catalogue: the folder with its results, and what it said."""
    place = tmp_path_factory.mktemp("first")
    result = dedup("run", marc, "--db", place / "c.duckdb", "--out", place / "out", "--period", "2024-08")
    assert result.returncode == 0, result.stderr
    return place, result
