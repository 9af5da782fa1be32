"""A damaged database or input is refused in one line; what is there already stays as it is."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dedup import store
from dedup.errors import StoreError
from tests.faults.catalogue import AFTER, COMMAND, Place, Result, copied, finish, leftovers, results_state
from tests.faults.conftest import Months

# The header and its two copies of where the data begin, then places in the middle, then the end.
_SPOTS = (0, 8, 12, 4096, 4110, 8192, 8210, 12288, 12300, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, -100, -1)


def spoilt(path: Path, spot: float) -> None:
    """Turn all bits of one byte."""
    size = path.stat().st_size
    at = int(size * spot) if isinstance(spot, float) else int(spot) % size
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0xFF]))


def refused(result: Result, *words: str) -> None:
    """One clear line, exit code 2, no traceback."""
    lines = [line for line in result.stderr.splitlines() if "; wanted " in line]
    assert result.returncode == 2, result.stderr
    assert len(lines) == 1 and lines[0] == result.stderr.splitlines()[-1], result.stderr
    assert lines[0].startswith("dedup: ") and "Traceback" not in result.stderr, result.stderr
    assert "fault of this program" not in lines[0]
    for word in words:
        assert word in lines[0], lines[0]


def everything(path: Path) -> dict[str, str]:
    """All tables, as text."""
    engine = store.opened(path)
    try:
        names = engine.read("SELECT table_name AS n FROM duckdb_tables() ORDER BY 1")["n"].to_pylist()
        return {name: str(engine.read(f'SELECT * FROM "{name}"').to_pylist()) for name in names}
    finally:
        engine.close()


@pytest.mark.parametrize("spot", _SPOTS)
def test_a_turned_byte_is_never_read_as_if_nothing_were(spot: float, months: Months, tmp_path: Path) -> None:
    """DuckDB keeps a sum of every block; a byte in a block that nothing uses may pass, but then all is what it was."""
    path = tmp_path / "c.duckdb"
    shutil.copy(months.before.database, path)
    spoilt(path, spot)
    try:
        found = everything(path)
    except StoreError as error:
        assert "\n" not in str(error) and str(path) in str(error)
    else:
        assert found == everything(months.before.database)


@pytest.mark.parametrize("keep", [0, 1, 4096, 12288, 12289, 0.5, -1])
def test_a_database_that_lost_its_end_is_refused(keep: float, months: Months, tmp_path: Path) -> None:
    path = tmp_path / "c.duckdb"
    shutil.copy(months.before.database, path)
    size = path.stat().st_size
    os.truncate(path, int(size * keep) if isinstance(keep, float) else keep % size)
    with pytest.raises(StoreError) as error:
        everything(path)
    assert "\n" not in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize("words", [("stats",), ("explain", "BLU/1", "BLU/2"), ("run",), ("check",)])
def test_every_command_says_in_one_line_that_a_database_is_damaged(
    words: tuple[str, ...], months: Months, tmp_path: Path
) -> None:
    place = copied(months.before, tmp_path)
    spoilt(place.database, 12300)
    results = results_state(place.out)
    if words[0] == "run":
        result = place.run(AFTER)
    else:
        more = (str(place.marc / "QSU.iso"),) if words[0] == "check" else ()
        result = finish([*COMMAND, *words, *more, "--db", str(place.database)])
    refused(result, str(place.database))
    assert results_state(place.out) == results and leftovers(place) == []


def test_a_database_of_a_newer_program_is_refused(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    connection = duckdb.connect(str(place.database))
    connection.execute("UPDATE dedup_store SET format_version = 99")
    connection.close()
    refused(place.run(AFTER), "99", "use the program that made it")
    refused(finish([*COMMAND, "stats", "--db", str(place.database)]), "99")


def _cut(place: Place) -> None:
    os.truncate(place.marc / "QSU.iso", 10_000)


def _vanish(place: Place) -> None:
    shutil.rmtree(place.marc)


@pytest.mark.parametrize(("spoil", "says"), [(_cut, "QSU.iso"), (_vanish, "no such file or folder")])
def test_an_input_that_is_not_whole_withdraws_nothing(
    spoil: Callable[[Place], None], says: str, months: Months, tmp_path: Path
) -> None:
    place = copied(months.before, tmp_path)
    spoil(place)
    refused(place.run(AFTER), says)
    assert place.state() == months.before.state() and leftovers(place) == []


def test_a_file_cut_off_is_taken_as_it_is_when_asked_for(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    _cut(place)
    done = place.run(AFTER, "--partial")
    assert done.returncode == 0, done.stderr
    done = place.run(AFTER, "--full")
    assert done.returncode == 0 and "2 of 14 fields" in (place.out / "data" / "quarantine.csv").read_text()


@pytest.mark.parametrize("seed", range(2))
def test_noise_in_the_place_of_a_database_is_refused_and_stays(seed: int, months: Months, tmp_path: Path) -> None:
    place = copied(months.new, tmp_path)
    noise = random.Random(seed).randbytes(20_000)
    place.database.write_bytes(noise)
    refused(place.run(AFTER), str(place.database), "move it away")
    assert place.database.read_bytes() == noise


def test_a_full_run_makes_a_damaged_catalogue_anew_and_keeps_what_outlives_runs(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    connection = duckdb.connect(str(place.database), read_only=True)
    blocks = "SELECT max(block_id) FROM pragma_storage_info('record') WHERE persistent AND block_id >= 0"
    [(block,)] = connection.execute(blocks).fetchall()
    connection.close()
    spoilt(place.database, 3 * 4096 + int(block) * 262_144 + 1_000)
    with pytest.raises(StoreError, match="--full"):
        everything(place.database)
    done = place.run(AFTER, "--full")
    assert done.returncode == 0, done.stderr
    periods = everything(place.database)["history"]
    assert "2024-08" in periods and AFTER in periods
