from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.catalogue import AFTER, BEFORE, Place, copied, first_state


@dataclass(frozen=True, slots=True)
class Months:
    """A catalogue never run, after its first run, and after the run of the next month; all undisturbed."""

    new: Place
    before: Place
    changed: Place
    after: Place


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    folder = tmp_path_factory.mktemp("months")
    new = first_state(folder / "new")
    before = copied(new, folder / "before")
    done = before.run(BEFORE, reports=True)
    assert done.returncode == 0, done.stderr
    changed = copied(before, folder / "changed")
    changed.next_month()
    after = copied(changed, folder / "after")
    done = after.run(AFTER, reports=True)
    assert done.returncode == 0, done.stderr
    return Months(new, before, changed, after)


@pytest.fixture(scope="session")
def linux() -> Path:
    """Where Linux tells of processes."""
    if not sys.platform.startswith("linux"):
        pytest.skip("processes are counted as Linux shows them")
    return Path("/proc")
