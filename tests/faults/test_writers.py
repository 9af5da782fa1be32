"""One writer at a time, and readers whom nobody disturbs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.catalogue import AFTER, BEFORE, COMMAND, ENVIRONMENT, copied, finish, leftovers, started
from tests.faults.conftest import Months

READER = """
import pathlib, sys
from dedup import store
engine = store.opened(pathlib.Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
print(engine.read("SELECT count(*) AS n FROM record")["n"][0].as_py(), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be made to stand still")
def test_a_second_run_ends_at_once_and_names_the_first_while_readers_go_on(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    first = started(place.words(BEFORE, "--full"), place.database)
    assert first.reached("load")
    # It stands still in the middle of its work, however slow the machine is.
    os.kill(first.process.pid, signal.SIGSTOP)
    try:
        second = place.run(BEFORE)
        answer = finish([*COMMAND, "decide", "BLU/1", "BLU/2", "same", "--db", str(place.database)])
        trend = finish([*COMMAND, "stats", "--db", str(place.database)])
    finally:
        first.kill()
    named = f"in use by process {first.process.pid} since 20"
    for refused in (second, answer):
        assert refused.returncode == 2 and named in refused.stderr and "(`dedup run`, stage load)" in refused.stderr
        assert "->" not in refused.stderr
    assert trend.returncode == 0 and trend.stdout


def test_a_reader_keeps_the_state_it_has_opened_while_a_run_replaces_it(months: Months, tmp_path: Path) -> None:
    place = copied(months.changed, tmp_path)
    command = [sys.executable, "-c", READER, str(place.database)]
    reader = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert reader.stdout is not None and reader.stdout.readline() == "open\n"
        done = place.run(AFTER)
        assert done.returncode == 0, done.stderr
        said, _ = reader.communicate("go on\n", timeout=60)
    finally:
        reader.kill()
    assert place.state() == months.after.state() and leftovers(place) == []
    ledger = (months.before.out / "data" / "ledger.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert int(said) == sum(int(line.split(",")[-2]) for line in ledger)


def test_the_next_run_says_what_a_killed_one_was_doing_and_removes_its_rests(months: Months, tmp_path: Path) -> None:
    place = copied(months.before, tmp_path)
    killed = started(place.words(BEFORE, "--full", "--temp-dir", tmp_path / "spare"), place.database)
    assert killed.reached("block")
    killed.kill()
    assert leftovers(place) != [] and list((tmp_path / "spare").iterdir())
    again = place.run(BEFORE, "--full")
    assert again.returncode == 0
    [line] = [line for line in again.stderr.splitlines() if "was killed" in line]
    assert f"process {killed.process.pid}, begun 20" in line and "killed in stage" in line
    assert not list((tmp_path / "spare").iterdir())
    (tmp_path / "spare").rmdir()
    assert leftovers(place) == [] and place.state() == months.before.state()
