"""A person's word on the command line: said, listed, exported, taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Result

Cli = Callable[..., Result]
PAIR = ("LTU/l4005", "BLU/b2004")


@pytest.fixture
def database(first: tuple[Path, Result], tmp_path: Path) -> Path:
    """A copy of the small catalogue's run, to be written to."""
    shutil.copy(first[0] / "c.duckdb", tmp_path / "c.duckdb")
    return tmp_path / "c.duckdb"


def test_a_word_goes_through_run_explain_and_back(dedup: Cli, database: Path, marc: Path) -> None:
    db = ("--db", database)
    said = dedup("decide", *PAIR, "same", *db, "--by", "王", "--note", "一版两印")
    assert said.returncode == 0, said.stderr
    assert "BLU/b2004 LTU/l4005: same (the last run: different), by 王" in said.stdout
    listed = dedup("decisions", *db)
    assert "same [standing]: 一版两印" in listed.stdout and listed.stdout.endswith("standing: 1\n")
    ran = dedup("run", marc, *db, "--out", database.parent / "out", "--no-reports", "--period", "2024-09")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(dedup("explain", *PAIR, *db, "--format", "json").stdout)
    assert told["verdict"] == "same" and told["agrees_with_stored"] and told["decision"]["row"] == "judged"
    assert "王" in told["decision"]["reason"] and "一版两印" in told["decision"]["reason"]
    shown = dedup("explain", *PAIR, *db, "--lang", "zh").stdout
    assert "经人工判定为重复（王，" in shown
    begin = said.stdout.split(":")[0]
    undone = dedup("decisions", "--undo", begin, *db, "--by", "李")
    assert undone.returncode == 0 and f"undo of {begin}" in undone.stdout
    assert (
        "undone: 1" in dedup("decisions", *db).stdout and "已撤销: 1" in dedup("decisions", *db, "--lang", "zh").stdout
    )


def test_the_log_is_exported_and_taken_in_elsewhere(
    dedup: Cli, database: Path, first: tuple[Path, Result], tmp_path: Path
) -> None:
    dedup("decide", *PAIR, "review", "--db", database, "--by", "王")
    path = tmp_path / "log.csv"
    assert dedup("decisions", "--db", database, "--export", path).stdout == f"{path}: 1 entries\n"
    assert dedup("decisions", "--db", database, "--export", "-").stdout.encode() == path.read_bytes()
    other = tmp_path / "other.duckdb"
    shutil.copy(first[0] / "c.duckdb", other)
    once, twice = (dedup("decisions", "--db", other, "--import", path) for _ in range(2))
    assert (once.returncode, once.stdout) == (0, f"{path}: 1 entries added\n")
    assert (twice.returncode, twice.stdout) == (0, f"{path}: 0 entries added; 1 in the log already\n")
    path.write_text("left,right,answer\nBLU/b2004,LTU/none,same\n", encoding="utf-8")
    wrong = dedup("decisions", "--db", other, "--import", path)
    assert wrong.returncode == 2 and "not taken: log.csv: line 2" in wrong.stderr and "Traceback" not in wrong.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("decide", "BLU/b2004", "LTU/none", "same"), "no such record in the database"),
        (("decide", "BLU/b2004", "b2004", "same"), "one record, twice"),
        (("decisions", "--undo", "abcd"), "see `dedup decisions`"),
        (("decisions", "--undo", "abcd", "--export", "-"), "one at a time"),
        (("decisions", "--import", "none.csv"), "none.csv"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(dedup: Cli, database: Path, words: tuple[str, ...], told: str) -> None:
    result = dedup(*words, "--db", database)
    assert result.returncode == 2 and told in result.stderr and result.stderr.count("\n") == 1
    assert dedup("decisions", "--db", database).stdout == "nobody has decided anything yet\n"
