"""Speed of `dedup run` and its stages beside named peers, in one session, by medians of interleaved rounds.

Usage: python benchmarks/speed.py [--records 10000 100000 1000000] [--rounds 3] [--peer-limit 100000] [--threads 2]
                                  [--splink-python PYTHON] [--results DIR] [--work DIR]

Each round runs every contender once, in turn, so that a slow minute of the machine strikes all of them; the first
round warms the disk cache and is thrown away. Peers are left out above `--peer-limit` records. CPU and peak memory are
those of all processes of a contender, children included. Splink brings its own versions: give a Python that has it, or
`--splink-python make` for a virtual environment in the working folder; without it the row is left out, and said so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.made.part import Plan  # noqa: E402
from benchmarks.make_records import libraries, make_catalogue  # noqa: E402

_CLI = [sys.executable, str(ROOT / "cli.py")]
_PEERS = str(Path(__file__).with_name("peers.py"))


@dataclass(slots=True)
class Figure:
    """One run of one contender: wall and CPU seconds, peak memory of all its processes, its stages."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    stages: dict[str, dict[str, float]] = field(default_factory=dict)


def _tree_memory(process: psutil.Process) -> float:
    """Megabytes held by a process and its children; shared pages counted once per process."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return 0.0
    return total / 1e6


def _watch(process: psutil.Process, stop: threading.Event, peak: list[float]) -> None:
    while not stop.is_set():
        peak[0] = max(peak[0], _tree_memory(process))
        stop.wait(0.05)


def run_command(command: list[str], fine: tuple[int, ...] = (0,)) -> tuple[Figure, str]:
    """Run a command and measure it from outside; returns figure and standard output.

    RuntimeError when its exit code is none of the `fine` ones.
    """
    before, started = os.times(), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        stop, peak = threading.Event(), [0.0]
        watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), stop, peak))
        watcher.start()
        out, errors = process.communicate()
        stop.set()
        watcher.join()
    after = os.times()
    if process.returncode not in fine:
        raise RuntimeError(f"{' '.join(command[:4])} ended with {process.returncode}: {errors.strip()[-600:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Figure(time.perf_counter() - started, cpu, peak[0]), out


def run_dedup(marc: Path, work: Path, threads: int, *more: str) -> Figure:
    """One `dedup run` over a folder into a fresh database; stages from its summary.json."""
    database, out = work / "speed.duckdb", work / "out"
    database.unlink(missing_ok=True)
    shutil.rmtree(out, ignore_errors=True)
    options = ["--db", str(database), "--out", str(out), "--period", "2024-01", "--threads", str(threads), *more]
    figure, _ = run_command([*_CLI, "run", str(marc), *options])
    summary = json.loads((out / "data" / "summary.json").read_text(encoding="utf-8"))
    figure.stages = summary["stages"]
    return figure


def run_peer(python: str, name: str, data: Path, write: Path | None = None) -> Figure:
    """One peer; its own clock counts (imports left out), the memory is seen from outside."""
    more = ["--write", str(write)] if write else []
    figure, out = run_command([python, _PEERS, name, str(data), *more])
    told = json.loads(out.strip().splitlines()[-1])
    return Figure(told["seconds"], told["cpu_seconds"], figure.peak_mb)


def median_of(figures: list[Figure]) -> Figure:
    stages = {
        name: {**row, "seconds": statistics.median(one.stages[name]["seconds"] for one in figures)}
        for name, row in figures[0].stages.items()
    }
    return Figure(
        statistics.median(one.seconds for one in figures),
        statistics.median(one.cpu_seconds for one in figures),
        statistics.median(one.peak_mb for one in figures),
        stages,
    )


def _splink_python(given: str, work: Path) -> str:
    """The Python that runs Splink: the one given, or a virtual environment made now. Empty when there is none."""
    if given != "make":
        return given
    home = work / "splink"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    python = str(home / "bin" / "python")
    done = subprocess.run([python, "-m", "pip", "install", "-q", "--pre", "splink>=5.0.0.dev0"], check=False)
    return python if done.returncode == 0 else ""


@dataclass(frozen=True, slots=True)
class Session:
    """What one session measures."""

    rounds: int
    threads: int
    peer_limit: int
    splink_python: str
    work: Path


def _round(marc: Path, session: Session, with_peers: bool) -> dict[str, Figure]:
    # No peer writes workbooks and pages: without them `dedup` does what they do, and more; with them it does all.
    figures = {
        "dedup": run_dedup(marc, session.work, session.threads, "--no-reports"),
        "dedup-reports": run_dedup(marc, session.work, session.threads),
    }
    if not with_peers:
        return figures
    table = session.work / "plain.parquet"
    for name in ("columns", "pymarc", "rmarc", "plain"):
        figures[name] = run_peer(sys.executable, name, marc, table if name == "plain" else None)
    if session.splink_python:
        figures["splink"] = run_peer(session.splink_python, "splink", table)
    return figures


def measure(records: int, session: Session) -> dict[str, Any]:
    """All contenders at one size: medians over the rounds after the warming one."""
    folder = session.work / f"made-{records}"
    make_catalogue(Plan(1, records, libraries(6, "utf-8")), folder, os.cpu_count() or 1)
    size = sum(path.stat().st_size for path in (folder / "marc").iterdir())
    with_peers = records <= session.peer_limit
    rounds = [_round(folder / "marc", session, with_peers) for _ in range(session.rounds + 1)][1:]
    contenders = {}
    for name in rounds[0]:
        one = median_of([figures[name] for figures in rounds])
        rates = {"records_per_second": records / one.seconds, "mb_per_second": size / 1e6 / one.seconds}
        contenders[name] = {**asdict(one), **rates}
    shutil.rmtree(folder)
    return {"records": records, "bytes": size, "rounds": session.rounds, "contenders": contenders}


def print_table(results: list[dict[str, Any]]) -> None:
    """Contenders and stages, the sizes side by side."""
    print(f"{'contender':14s} {'records':>9s} {'seconds':>9s} {'rec/s':>9s} {'MB/s':>7s} {'CPU s':>8s} {'peak MB':>8s}")
    for one in results:
        for name, row in one["contenders"].items():
            rate = f"{row['records_per_second']:9.0f} {row['mb_per_second']:7.1f}"
            cost = f"{row['cpu_seconds']:8.2f} {row['peak_mb']:8.0f}"
            print(f"{name:14s} {one['records']:9d} {row['seconds']:9.2f} {rate} {cost}")
    print(f"\n{'stage':14s}" + "".join(f"{one['records']:>12d} s{'rows in/s':>12s}" for one in results))
    for name in results[0]["contenders"]["dedup-reports"]["stages"]:
        cells = ""
        for one in results:
            row = one["contenders"]["dedup-reports"]["stages"].get(name, {"seconds": 0.0, "rows_in": 0})
            cells += f"{row['seconds']:14.3f}{row['rows_in'] / max(row['seconds'], 1e-9):12.0f}"
        print(f"{name:14s}{cells}")


def main() -> None:
    """Measure every size asked for, write the figures, print the table."""
    options = argparse.ArgumentParser(description="Speed of the line and of its peers.")
    options.add_argument("--records", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options.add_argument("--peer-limit", type=int, default=100_000)
    options.add_argument("--splink-python", default="", help="a Python with Splink 5, or `make`")
    options.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    options.add_argument("--work", type=Path, help="where catalogues and databases are put")
    given = options.parse_args()
    given.results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.work) as temporary:
        work = Path(temporary)
        splink = _splink_python(given.splink_python, work)
        session = Session(given.rounds, given.threads, given.peer_limit, splink, work)
        results = [measure(records, session) for records in given.records]
    if not session.splink_python:
        print("Splink was left out: name a Python that has it with --splink-python, or `--splink-python make`")
    machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    told = {"machine": machine, "python": platform.python_version(), "threads": given.threads, "sizes": results}
    (given.results / "speed.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print_table(results)


if __name__ == "__main__":
    main()
