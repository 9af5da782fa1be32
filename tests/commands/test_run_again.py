"""A second run over the same database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Result

Cli = Callable[..., Result]
NOISE = b"this is no record at all, only noise\x1d"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, dedup: Cli, marc: Path) -> Path:
    """A folder with the database of a first run, and the files of the next month."""
    place = tmp_path_factory.mktemp("again")
    again(dedup, place / "c.duckdb", place / "first", marc)
    for path in marc.iterdir():
        target = place / "next" / path.name
        target.parent.mkdir(exist_ok=True)
        data = path.read_bytes()
        if path.suffix == ".iso":
            records = data.split(b"\x1d")[:-1]
            records[4] = records[4].replace("出版社".encode(), "書局".encode())
            kept = [*records[:2], *records[3:], records[0]]
            data = b"".join(one + b"\x1d" for one in kept) + NOISE
        target.write_bytes(data)
    return place


def again(dedup: Cli, database: Path, out: Path, *inputs: object) -> tuple[dict[str, Any], str]:
    """A run: what summary.json says, and what was told."""
    words = ("--db", database, "--out", out, "--no-reports", "--period", "2024-08")
    result = dedup("run", *inputs, *words)
    assert result.returncode == 0, result.stderr
    return json.loads((out / "data" / "summary.json").read_text(encoding="utf-8")), result.stderr


def contents(out: Path) -> dict[str, bytes]:
    files = [path for path in (out / "data").rglob("*") if path.is_file() and path.name != "summary.json"]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def database(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(base / "c.duckdb", tmp_path / "c.duckdb"))


def test_the_first_run_says_that_it_is_one(base: Path) -> None:
    summary = json.loads((base / "first" / "data" / "summary.json").read_text(encoding="utf-8"))
    assert summary["mode"] == "full" and "first run" in summary["mode_reason"] and summary["changes"] == {}


def test_the_next_month_costs_what_changed_and_gives_what_a_full_run_gives(
    dedup: Cli, base: Path, database: Path, tmp_path: Path
) -> None:
    shutil.copy(database, tmp_path / "full.duckdb")
    summary, told = again(dedup, database, tmp_path / "some", base / "next")
    whole, why = again(dedup, tmp_path / "full.duckdb", tmp_path / "all", base / "next", "--full")
    assert (summary["mode"], whole["mode"]) == ("incremental", "full")
    assert "incremental run" in told and "--full" in why
    assert contents(tmp_path / "some") == contents(tmp_path / "all")
    assert summary["counts"] == whole["counts"]
    assert summary["stages"]["load"]["rows_out"] < 0.2 * whole["stages"]["load"]["rows_out"]
    kinds = ("new", "changed", "withdrawn", "moved")
    assert all(set(found) == set(kinds) for found in summary["changes"].values())
    assert sum(found["withdrawn"] for found in summary["changes"].values()) > 0


def test_nothing_changed_is_nothing_done(dedup: Cli, base: Path, marc: Path, database: Path, tmp_path: Path) -> None:
    summary, _ = again(dedup, database, tmp_path / "out", marc)
    assert [summary["stages"][name]["rows_out"] for name in ("load", "block", "score")] == [0, 0, 0]
    assert contents(tmp_path / "out") == contents(base / "first")


@pytest.mark.parametrize("name", ["part", "temp", "memory", "书目 'a'"])
def test_a_database_may_have_any_name(
    dedup: Cli, base: Path, marc: Path, database: Path, tmp_path: Path, name: str
) -> None:
    database = database.rename(tmp_path / f"{name}.duckdb")
    summary, _ = again(dedup, database, tmp_path / "out", marc)
    assert summary["mode"] == "incremental"
    assert contents(tmp_path / "out") == contents(base / "first")


def test_a_source_that_is_not_named_stays_as_it_is(
    dedup: Cli, base: Path, marc: Path, database: Path, tmp_path: Path
) -> None:
    summary, _ = again(dedup, database, tmp_path / "out", marc / "QSU.iso")
    assert summary["mode"] == "incremental"
    assert contents(tmp_path / "out") == contents(base / "first")


def test_an_addition_withdraws_nothing(dedup: Cli, marc: Path, database: Path, tmp_path: Path) -> None:
    records = (marc / "QSU.iso").read_bytes().split(b"\x1d")[:-1]
    (tmp_path / "QSU.iso").write_bytes(records[1].replace("出版社".encode(), "書局".encode()) + b"\x1d")
    summary, _ = again(dedup, database, tmp_path / "out", tmp_path / "QSU.iso", "--partial")
    assert summary["changes"]["QSU"]["withdrawn"] == 0
    assert summary["counts"]["bibliographic"] == 215


def test_another_configuration_is_a_reason_to_do_everything_anew_with_all_sources(
    dedup: Cli, base: Path, marc: Path, database: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.toml").write_text('[centre]\nname = "X"\n', encoding="utf-8")
    words = (marc / "QSU.iso", "--config", tmp_path / "other.toml")
    summary, told = again(dedup, database, tmp_path / "out", *words)
    assert summary["mode"] == "full" and "dedup.toml was changed" in summary["mode_reason"]
    assert "dedup.toml was changed" in told
    assert contents(tmp_path / "out") == contents(base / "first")


def test_a_source_that_cannot_be_read_again_is_not_lost_in_silence(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("QSU.iso", "LTU.iso"):
        shutil.copy(marc / name, tmp_path / "in" / name)
    again(dedup, tmp_path / "c.duckdb", tmp_path / "out", tmp_path / "in")
    (tmp_path / "in" / "LTU.iso").unlink()
    (tmp_path / "other.toml").write_text('[centre]\nname = "X"\n', encoding="utf-8")
    words = ("--db", tmp_path / "c.duckdb", "--out", tmp_path / "out", "--config", tmp_path / "other.toml")
    result = dedup("run", tmp_path / "in", *words)
    assert result.returncode == 2 and "LTU" in result.stderr and "--full" in result.stderr


def test_full_and_partial_exclude_each_other(dedup: Cli, marc: Path, database: Path, tmp_path: Path) -> None:
    words = ("--db", database, "--out", tmp_path / "out", "--full", "--partial")
    result = dedup("run", marc, *words)
    assert result.returncode == 2 and "exclude each other" in result.stderr
