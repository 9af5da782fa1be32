"""Make catalogues, run the line over them and compare: one seed after the other, and all of them together."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.made.part import Plan
from benchmarks.made_truth import compare_run
from benchmarks.make_records import libraries, make_catalogue

ROOT = Path(__file__).resolve().parent.parent
_SHARES = ("precision", "recall", "f1")


def run_seed(records: int, seed: int, results: Path) -> dict[str, Any]:
    """Make one catalogue in mixed encodings, run `dedup run` over it, compare with the truth.

    Raises RuntimeError with the message of `dedup run` when it fails.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_catalogue(Plan(seed, records, libraries(6, "mixed")), folder, os.cpu_count() or 1)
        out = folder / "out"
        command = [sys.executable, str(ROOT / "cli.py"), "run", str(folder / "marc")]
        command += ["--db", str(folder / "made.duckdb"), "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"dedup run ended with {done.returncode}: {done.stderr.strip()}")
        return compare_run(folder / "truth", out / "data", results / f"accuracy-made-{seed}.csv")


def together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of all seeds: shares as means, counts as sums, verdicts and causes as their lowest recall."""
    out: dict[str, Any] = {name: round(fmean(run[name] for run in runs), 6) for name in _SHARES}
    out.update({name: sum(run[name] for run in runs) for name in ("pairs", "wrong", "missed", "refused")})
    merged = sum(run["lookalikes"]["merged"] for run in runs)
    pairs = sum(run["lookalikes"]["pairs"] for run in runs)
    out["lookalikes"] = {"pairs": pairs, "merged": merged, "per_10000": round(1e4 * merged / max(1, pairs), 2)}
    out["cause_accuracy"] = round(fmean(run["causes"]["accuracy"] for run in runs), 6)
    out["lowest_recall"] = {
        **{name: min(run["verdicts"][name]["recall"] for run in runs) for name in runs[0]["verdicts"]},
        **{name: min(run["causes"]["each"][name]["recall"] for run in runs) for name in runs[0]["causes"]["each"]},
    }
    out["junk"] = {name: min(run["junk"][name] for run in runs) for name in ("precision", "recall", "code_right")}
    return out


def run_seeds(records: int, seeds: list[int], results: Path) -> dict[str, Any]:
    """Figures of every seed, by `seed N`, and of all together."""
    runs = {f"seed {seed}": run_seed(records, seed, results) for seed in seeds}
    return {"records": records, "together": together(list(runs.values())), **runs}
