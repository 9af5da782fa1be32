"""Told to stop, a run stops in order; nobody who stops reading stops a run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.catalogue import AFTER, BEFORE, COMMAND, ENVIRONMENT, copied, finish, leftovers, started
from tests.faults.conftest import Months

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@POSIX
@pytest.mark.parametrize(("number", "stage"), [(signal.SIGINT, "load"), (signal.SIGTERM, "diagnose")])
def test_a_signal_ends_a_run_in_order(number: signal.Signals, stage: str, months: Months, tmp_path: Path) -> None:
    place = copied(months.changed, tmp_path)
    at_work = started(place.words(AFTER, "--full"), place.database)
    assert at_work.reached(stage)
    # The whole group, as a terminal does.
    os.killpg(at_work.process.pid, number)
    said = at_work.process.communicate(timeout=60)[1]
    assert at_work.process.returncode == 128 + number, said
    assert said.splitlines()[-1] == "stopped; the last finished run stands" and "Traceback" not in said
    assert place.state() == months.changed.state() and leftovers(place) == [] and at_work.alone()


@POSIX
def test_a_run_goes_on_when_nobody_reads_its_progress(months: Months, tmp_path: Path) -> None:
    place = copied(months.changed, tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(place.words(AFTER), stdout=closed, stderr=closed, env=ENVIRONMENT, timeout=120)
    assert done.returncode == 0
    assert place.state() == months.after.state() and leftovers(place) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_standard_output_on_a_full_disk_is_one_line(months: Months) -> None:
    words = [*COMMAND, "stats", "--db", str(months.before.database)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True, timeout=60)
    assert done.returncode == 2 and "No space left" in done.stderr and len(done.stderr.splitlines()) == 1


def test_what_python_says_of_a_fault_is_shown_when_asked_for(tmp_path: Path) -> None:
    words = [*COMMAND, "stats", "--db", str(tmp_path / "none.duckdb")]
    plain, whole = finish(words), finish(words, env={**ENVIRONMENT, "DEDUP_DEBUG": "1"})
    assert plain.returncode == whole.returncode == 2
    assert "Traceback" not in plain.stderr and "Traceback" in whole.stderr


def test_a_console_that_knows_no_chinese_is_told_all_the_same(months: Months, tmp_path: Path) -> None:
    place = copied(months.new, tmp_path / "天津")
    done = place.run(BEFORE, "--memory", "little", env={**ENVIRONMENT, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1


def test_a_lock_of_the_future_and_a_clock_set_back_stop_nobody(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    place.database.with_name("c.duckdb.lock").write_text("1\t2999-01-01T00:00:00+08:00\trun\n")
    place.database.with_name("c.duckdb.journal").write_text(
        '{"process": 1, "started": "2999-01-01T00:00:00+08:00", "command": "run"}\n{"stage": "load"}\n'
    )
    done = place.run("2024-07")
    assert done.returncode == 0 and "process 1, begun 2999" in done.stderr, done.stderr
    assert leftovers(place) == []
