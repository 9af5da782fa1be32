"""The stories of the small union catalogue come out the same among fifty thousand other records."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import told
from tests.test_union_stories import nothing_but, run
from tests.told import FIXTURES, ROOT

STRANGERS = 50_000


def test_fifty_thousand_strangers_change_nothing(tmp_path: Path) -> None:
    make = [sys.executable, str(ROOT / "benchmarks" / "make_records.py"), "--records", str(STRANGERS), "--seed", "50"]
    subprocess.run([*make, "--out", str(tmp_path / "made")], check=True, capture_output=True)
    data = run(tmp_path, FIXTURES / "marc", tmp_path / "made" / "marc")
    assert sum(int(row["loaded"]) for row in told.rows(data / "ledger.csv")) >= STRANGERS + len(told.STORIES.lines)
    found = told.read_found(data, told.as_told())
    nothing_but([*(f"{pair}: a stranger" for pair in found.strangers), *told.all_wrong(found)])
