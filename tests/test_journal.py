"""The moves that put results in place: broken off after any of them, they are completed by whoever comes next."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dedup import store
from dedup.errors import StoreError
from dedup.journal import Journal, Move, Op, read_journal, recover
from dedup.lock import journal_of
from dedup.results import publication, workplace

BREAK = 12
"""More renames than one publication needs."""


class PowerCut(BaseException):
    """Nothing that the code under test would catch."""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def publish(place: Path, word: str) -> None:
    """A run that makes a database and results which all hold one word."""
    database, out = place / "c.duckdb", place / "out"
    with ExitStack() as held:
        journal = held.enter_context(store.at_work(database))
        places = held.enter_context(workplace(database, out, journal))
        engine = held.enter_context(store.building(database, 1, journal))
        engine.sql("said", "SELECT $word AS word", {"word": word})
        write(places.data / "groups.csv", word)
        write(places.people / "centre.xlsx", word)
        write(places.people / "libraries" / "NKU" / "page.html", word)
        journal.intend(publication(places, out)[0])


def said(place: Path) -> set[str]:
    """The words that database and results hold."""
    engine = store.opened(place / "c.duckdb")
    try:
        word = str(engine.read("SELECT word FROM said")["word"][0].as_py())
    finally:
        engine.close()
    files = [place / "out" / name for name in ("data/groups.csv", "centre.xlsx", "libraries/NKU/page.html")]
    return {word, *(file.read_text() for file in files)}


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The power fails at the n-th rename; nothing that is said afterwards reaches the disk."""
    left: list[int] = []
    real, end = Path.replace, Journal.end

    def replace(self: Path, target: Path) -> Path:
        if left:
            left[0] -= 1
            if left[0] < 0:
                raise PowerCut
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Journal, "end", lambda self: None if left and left[0] < 0 else end(self))
    yield left
    left.clear()


@pytest.mark.parametrize("renames", range(BREAK))
def test_broken_off_after_any_rename_database_and_results_are_of_one_run(
    renames: int, cut: list[int], tmp_path: Path
) -> None:
    publish(tmp_path, "old")
    write(tmp_path / "out" / "centre.xlsx", "answered in place")
    cut[:] = [renames]
    try:
        publish(tmp_path, "new")
        broken = False
    except PowerCut:
        broken = True
    cut.clear()
    assert broken or renames > 5
    assert said(tmp_path) == {"new"}, "the reader completed what was begun"
    assert (tmp_path / "out" / "kept-1" / "centre.xlsx").read_text() == "answered in place"
    publish(tmp_path, "newer")
    assert said(tmp_path) == {"newer"} and not (tmp_path / "out" / "kept-2").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.duckdb", "c.duckdb.lock", "out"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".made.tsv", "centre.xlsx", "data", "kept-1", "libraries"
    ]  # fmt: skip


def test_a_line_of_moves_that_was_cut_off_does_not_count(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "c.duckdb.journal")
    journal.begin("run")
    journal.owns(tmp_path / "half")
    write(tmp_path / "half", "x")
    with journal.path.open("a") as file:
        file.write('{"moves": [["put", "half", "whole"]]}')
    left = read_journal(journal.path)
    assert left is not None and left.moves is None
    assert "was killed" in recover(journal.path)
    assert not (tmp_path / "half").exists() and not (tmp_path / "whole").exists()


@pytest.mark.parametrize("text", ["", "\0" * 100, "not a journal\n", "[1]\n", '{"moves": 3}\n', '{"moves": [["x"]]}\n'])
def test_a_journal_that_makes_no_sense_stops_nobody(text: str, tmp_path: Path) -> None:
    publish(tmp_path, "old")
    write(journal_of(tmp_path / "c.duckdb"), text)
    assert said(tmp_path) == {"old"}
    publish(tmp_path, "new")
    assert said(tmp_path) == {"new"}


def test_a_journal_goes_with_the_folder_it_lies_in(tmp_path: Path) -> None:
    here = tmp_path / "here"
    write(here / "c.duckdb.building", "finished")
    journal = Journal(here / "c.duckdb.journal")
    journal.begin("run")
    with pytest.raises(PowerCut), pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.journal.make", lambda moves: (_ for _ in ()).throw(PowerCut))
        journal.commit([Move(Op.PUT, here / "c.duckdb.building", here / "c.duckdb")])
    there = here.rename(tmp_path / "there")
    recover(there / "c.duckdb.journal")
    assert (there / "c.duckdb").read_text() == "finished" and not list(tmp_path.glob("here*"))


def test_what_cannot_be_moved_waits_for_the_next_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, "old")
    real = Path.replace

    def held_open(self: Path, target: Path) -> Path:
        if target.name == "data":
            raise PermissionError(13, "in use", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", held_open)
    with pytest.raises(StoreError, match="the next `dedup` command puts it in place"):
        publish(tmp_path, "new")
    monkeypatch.undo()
    assert said(tmp_path) == {"new"}
    assert not [path for path in (tmp_path / "out").iterdir() if "building" in path.name]


def test_files_that_no_run_makes_are_kept_when_the_data_folder_is_replaced(tmp_path: Path) -> None:
    write(tmp_path / "out" / "data" / "my notes.txt", "mine")
    publish(tmp_path, "new")
    assert (tmp_path / "out" / "kept-1" / "data" / "my notes.txt").read_text() == "mine"


def test_answers_that_a_killed_process_wrote_are_there_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    publish(tmp_path, "old")
    code = (
        "import os, pathlib, sys; from dedup import store\n"
        "with store.amending(pathlib.Path(sys.argv[1])) as engine:\n"
        "    engine.sql('judgement', 'SELECT 1 AS answer')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parent.parent)
    assert path.with_name("c.duckdb.wal").exists(), "DuckDB has not brought it into the file yet"
    told: list[str] = []
    with store.at_work(path, "run", told.append) as journal, store.building(path, 1, journal):
        pass
    assert "`dedup replies`" in told[0]
    engine = store.opened(path)
    try:
        assert engine.read("SELECT answer FROM judgement")["answer"].to_pylist() == [1]
    finally:
        engine.close()
    assert not path.with_name("c.duckdb.wal").exists()
