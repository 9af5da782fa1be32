"""Killed at any moment, a run leaves the last good state, and the next one completes as if nothing had happened."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.faults.catalogue import AFTER, BEFORE, STAGES, Place, copied, leftovers, started
from tests.faults.conftest import Months

KILLS = int(os.environ.get("DEDUP_KILLS", "12"))
"""How many moments are tried; a hundred take some ten minutes of an idle machine."""
# About as long as a stage takes; every moment within it should come up.
_LASTS = {"": 0.3, "load": 1.2, "diagnose": 0.3, "packages": 1.5, "finish": 0.05}


def _moment(seed: int) -> tuple[str, str, float, bool]:
    """Which run is killed, in which stage, how long after its beginning, and whether it makes reports."""
    chance = random.Random(seed)
    stage = STAGES[seed % len(STAGES)]
    which = ("first", "again", "next")[(seed // len(STAGES) + seed) % 3]
    return which, stage, chance.uniform(0, _LASTS.get(stage, 0.1)), stage in ("packages", "finish") or seed % 5 == 0


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_run_killed_at_any_moment_loses_nothing(seed: int, months: Months, tmp_path: Path) -> None:
    which, stage, delay, reports = _moment(seed)
    base = {"first": months.new, "again": months.before, "next": months.changed}[which]
    period, more = (AFTER, ()) if which == "next" else (BEFORE, ("--full",) if which == "again" else ())
    reference = months.after if which == "next" else months.before
    place = copied(base, tmp_path)
    old = (base.state(), _people(base))

    at_work = started(place.words(period, *more, reports=reports), place.database)
    reached = at_work.reached(stage)
    time.sleep(delay)
    at_work.kill()
    assert reached, f"{which} run: no stage {stage}: {at_work.process.stderr and at_work.process.stderr.read()}"

    killed = (place.state(), _people(place))
    assert killed[0] in (old[0], reference.state()), f"{which} run killed in {stage or 'the beginning'} + {delay:.3f} s"
    if killed[0] == old[0] and old[0] != reference.state():
        assert killed == old

    again = place.run(period, *more, reports=reports)
    assert again.returncode == 0, again.stderr
    assert place.state() == reference.state()
    assert leftovers(place) == []


def _people(place: Place) -> list[tuple[str, bytes]]:
    """The files for people."""
    made = [*place.out.glob("libraries/**/*"), *place.out.glob("centre.xlsx"), *place.out.glob("index.html")]
    return sorted((str(path.relative_to(place.out)), path.read_bytes()) for path in made if path.is_file())
