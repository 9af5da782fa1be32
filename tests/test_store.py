from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dedup import store
from dedup.errors import StoreError

HOLD = """
import pathlib, sys
from dedup import store
with store.locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def build(path: Path, word: str) -> None:
    with store.building(path, 1) as engine:
        engine.sql("said", "SELECT $word AS word", {"word": word})


def said(path: Path) -> str:
    engine = store.opened(path)
    try:
        return str(engine.read("SELECT word FROM said")["word"][0].as_py())
    finally:
        engine.close()


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    for word in ("first", "second"):
        build(tmp_path / "c.duckdb", word)
        assert said(tmp_path / "c.duckdb") == word


def test_a_run_that_fails_leaves_the_last_state_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    build(path, "first")
    with pytest.raises(ZeroDivisionError), store.building(path, 1) as engine:
        engine.sql("said", "SELECT 'half' AS word")
        raise ZeroDivisionError
    assert said(path) == "first"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["c.duckdb", "c.duckdb.lock"]


def test_what_a_killed_run_left_behind_does_not_disturb_the_next(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    build(path, "first")
    (tmp_path / "c.duckdb.building").write_bytes(b"half a database")
    assert said(path) == "first"
    build(path, "second")
    assert said(path) == "second"


def test_a_database_in_use_names_the_process_that_uses_it(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match=f"in use by process {holder.pid} since 20"), store.locked(path):
            pass
    finally:
        holder.kill()
        holder.wait()
    with store.locked(path):
        pass


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    path.write_text("my thesis")
    with pytest.raises(StoreError, match="name another --db"):
        build(path, "first")
    assert path.read_text() == "my thesis"


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    duckdb.connect(str(path)).execute("CREATE TABLE budget AS SELECT 1 AS euros").close()
    with pytest.raises(StoreError, match="a database that `dedup run` made"):
        build(path, "first")


def test_judgements_of_people_outlive_runs(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    with store.building(path, 1) as engine:
        engine.sql("judgement", "SELECT 'A/1' AS \"left\"")
        engine.sql("said", "SELECT 'first' AS word")
    build(path, "second")
    engine = store.opened(path)
    try:
        assert engine.read("SELECT * FROM judgement").num_rows == 1
    finally:
        engine.close()


def test_there_is_nothing_to_open_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="start with `dedup run`"):
        store.opened(tmp_path / "c.duckdb")
