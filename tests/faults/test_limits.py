"""A full disk, too little memory, a folder nobody may write to: one line, exit code 2, the last state as it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.catalogue import AFTER, ENVIRONMENT, Place, Result, copied, finish, leftovers, started
from tests.faults.conftest import Months
from tests.faults.test_damage import refused

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")


@contextmanager
def mounted(folder: Path, *how: str) -> Iterator[Path]:
    """A mount at a folder; the test is skipped where this process may not make one."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *how, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no mount: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def limited(place: Place, limit: str, *more: object, reports: bool = False) -> Result:
    """A run under a limit of the shell."""
    script = f'ulimit {limit}; exec "$@"'
    return finish(["bash", "-c", script, "bash", *place.words(AFTER, *more, reports=reports)])


def intact(place: Place, months: Months) -> None:
    assert place.state() == months.changed.state() and leftovers(place) == []


@LINUX
@pytest.mark.parametrize("size", ["9m"])
def test_a_disk_that_fills_up_under_the_database(size: str, months: Months, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", f"size={size}", "tmpfs") as disk:
        if shutil.disk_usage(disk).free < 1.3 * months.before.database.stat().st_size:
            pytest.skip("the database alone is larger")
        shutil.copy(months.before.database, disk / "c.duckdb")
        place = copied(months.changed, tmp_path / "here")
        words = place.words(AFTER, "--full", "--db", disk / "c.duckdb")
        refused(finish(words), "space", "free some", str(disk))
        shutil.copy(disk / "c.duckdb", place.database)
        intact(place, months)
        assert sorted(path.name for path in disk.iterdir()) == ["c.duckdb", "c.duckdb.lock"]


@LINUX
@pytest.mark.parametrize(("option", "reports"), [("--out", True), ("--out", False), ("--temp-dir", False)])
def test_a_disk_that_fills_up_under_results_or_scratch(
    option: str, reports: bool, months: Months, tmp_path: Path
) -> None:
    place = copied(months.changed, tmp_path / "here")
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=24k", "tmpfs") as disk:
        refused(finish(place.words(AFTER, "--full", option, disk, reports=reports)), "No space left", "free some")
        assert not [path for path in disk.rglob("*") if path.is_file()]
    intact(place, months)


@LINUX
@pytest.mark.parametrize("blocks", [2, 600, 4000])
def test_a_file_that_may_not_grow_further(blocks: int, months: Months, tmp_path: Path) -> None:
    place = copied(months.changed, tmp_path)
    refused(limited(place, f"-f {blocks}", "--full", reports=True), "File too large", "free some")
    intact(place, months)


@LINUX
@pytest.mark.parametrize("part", ["", "out"])
def test_a_folder_that_can_only_be_read(part: str, months: Months, tmp_path: Path) -> None:
    place = copied(months.changed, tmp_path / "here")
    with mounted(place.folder / part, "--bind", str(place.folder / part)):
        remounted = subprocess.run(["mount", "-o", "remount,bind,ro", str(place.folder / part)], check=False)
        if remounted.returncode:
            pytest.skip("no read-only mount")
        refused(place.run(AFTER), "Read-only file system", str(place.folder / part))
        assert finish([*place.words(AFTER)[:2], "stats", "--db", str(place.database)]).returncode == 0
    intact(place, months)


@LINUX
@pytest.mark.parametrize("megabytes", [1000, 2200, 2900, 4000])
def test_too_little_memory(megabytes: int, months: Months, tmp_path: Path) -> None:
    """A run under a limit of its address space ends well, or in one line; some libraries add lines of their own."""
    place = copied(months.changed, tmp_path)
    done = limited(place, f"-v {megabytes * 1024}", "--full")
    if done.returncode:
        assert done.returncode == 2, f"{done.returncode}: {done.stderr}"
        assert "Traceback" not in done.stderr and "memory" in done.stderr.splitlines()[-1], done.stderr
        intact(place, months)


def test_memory_is_given_to_duckdb_as_asked_for(months: Months, tmp_path: Path) -> None:
    place = copied(months.new, tmp_path)
    assert place.run("2024-08", "--memory", "100MB", "--threads", "1").returncode == 0
    assert place.state() == months.before.state()
    for wrong in ("much", "-1GB", "10MB"):
        refused(place.run("2024-08", "--memory", wrong), "--memory", "such as 800MB or 2GB")


@LINUX
@pytest.mark.parametrize("whom", ["worker", "main"])
def test_a_worker_that_is_killed_or_left_alone(whom: str, months: Months, tmp_path: Path) -> None:
    """As the system does when memory runs out; large records make the reading of so few worth several workers."""
    place = copied(months.new, tmp_path)
    _enlarge(place)
    at_work = started(place.words(AFTER, "--threads", "2"), place.database)
    assert at_work.reached("load")
    workers = _workers(at_work.process.pid)
    assert workers
    if whom == "main":
        at_work.kill()
        assert at_work.alone()
        assert place.state() == ("", "")
        return
    os.kill(workers[-1], signal.SIGKILL)
    said = at_work.process.communicate(timeout=120)[1]
    assert at_work.process.returncode == 2 and "a worker process that died" in said and at_work.alone()
    assert leftovers(place) == [] and place.state() == ("", "")


def _enlarge(place: Place) -> None:
    """Six megabytes of a few dozen records with very long notes."""
    records = (place.marc / "QSU.iso").read_bytes().split(b"\x1d")[:-1]
    note = b"  \x1fa" + b"x" * 8_000 + b"\x1e"
    with (place.marc / "LONG.iso").open("wb") as file:
        for number in range(900):
            record = records[number % len(records)]
            base = int(record[12:17])
            entry = b"330" + b"%04d" % len(note) + b"%05d" % (len(record) - base)
            head = b"%05d" % (len(record) + len(note) + 13) + record[5:12] + b"%05d" % (base + 12) + record[17:24]
            file.write(head + record[24 : base - 1] + entry + b"\x1e" + record[base:] + note + b"\x1d")


def _workers(leader: int) -> list[int]:
    """Processes that a run has started to read; the tracker of their semaphores is none."""
    from tests.faults.catalogue import _session, wait_until

    def found() -> list[int]:
        pids = []
        for pid in _session(leader):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if b"spawn_main" in line:
                pids.append(pid)
        return sorted(pids)

    wait_until(lambda: len(found()) > 1, 30)
    return found()


def test_places_in_each_others_way(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    (tmp_path / "file").write_text("mine")
    inside = place.marc / "results"
    for more, says in (
        (("--out", tmp_path / "file"), "a folder"),
        (("--db", place.out), "a DuckDB file"),
        (("--out", inside), "inside the input"),
        (("--db", place.marc / "c.duckdb"), "inside the input"),
        (("--db", place.out / "data" / "c.duckdb"), "which the run replaces"),
        (("--temp-dir", tmp_path / "file"), "a folder"),
        (("--out", tmp_path / ("x" * 300)), "File name too long"),
        (("--db", tmp_path / ("x" * 300)), "File name too long"),
    ):
        refused(place.run(AFTER, *more), says)
    assert (tmp_path / "file").read_text() == "mine" and not inside.exists()
    assert place.state() == months.before.state()


def test_the_environment_of_these_tests_shows_no_traceback_by_itself() -> None:
    assert "DEDUP_DEBUG" not in ENVIRONMENT
