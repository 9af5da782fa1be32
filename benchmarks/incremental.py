"""What a second run costs when little has changed: a run, some changes, a run again, and the new state anew.

Usage: python benchmarks/incremental.py [--records 1000000] [--share 0.01] [--seed 1] [--threads 2] [--full]
                                        [--marc DIR] [--months DIR DIR] [--work DIR] [--results DIR]

Of the share, six tenths of the records are changed in one sign, two tenths withdrawn, two tenths new. `--marc` takes a
catalogue that is there; `--months` two months of one, whose sources may come and stay away. `--full` runs the new state
anew, too, on a copy of the first database, and compares the data files. Prints seconds and rows of every stage, and
writes incremental.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.made.part import Plan  # noqa: E402
from benchmarks.make_records import libraries, make_catalogue  # noqa: E402

_CLI = [sys.executable, str(ROOT / "cli.py")]
_END, _FIELD = b"\x1d", b"\x1e"
_BASE = slice(12, 17)


@dataclass(frozen=True, slots=True)
class Run:
    """One run as measured from outside: wall and CPU seconds, and what its summary says."""

    seconds: float
    cpu_seconds: float
    summary: dict[str, Any]


def change(source: Path, target: Path, share: float, seed: int) -> dict[str, int]:
    """Write files of ISO 2709 with a share of their records changed, withdrawn or added; returns how many of each."""
    chance = random.Random(seed)
    done = {"changed": 0, "withdrawn": 0, "new": 0}
    target.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        records = path.read_bytes().split(_END)[:-1]
        out = []
        for record in records:
            at = chance.random() / share
            if at < 0.6:
                out.append(_changed(record, chance))
                done["changed"] += 1
            elif at < 0.8:
                done["withdrawn"] += 1
            else:
                out.append(record)
                if at < 1:
                    out.append(_renamed(chance.choice(records), done["new"]))
                    done["new"] += 1
        (target / path.name).write_bytes(b"".join(record + _END for record in out))
    return done


def _described(record: bytes) -> Iterator[int]:
    """The places of the fields that describe a book: libraries do not take new codes by the thousand."""
    base = int(record[_BASE])
    for at in range(24, base - 1, 12):
        tag, length, begin = record[at : at + 3], int(record[at + 3 : at + 7]), base + int(record[at + 7 : at + 12])
        if b"005" < tag < b"800" and tag != b"040":
            yield from range(begin, begin + length - 1)


def _changed(record: bytes, chance: random.Random) -> bytes:
    """One letter or digit of the description replaced by another."""
    places = [at for at in _described(record) if chr(record[at]).isalnum() and record[at] < 0x80]
    at = chance.choice([place for place in places if record[place - 1] != 0x1F])
    sign = b"7" if record[at : at + 1] != b"7" else b"4"
    if not record[at : at + 1].isdigit():
        sign = b"q" if record[at : at + 1] != b"q" else b"x"
    return record[:at] + sign + record[at + 1 :]


def _renamed(record: bytes, number: int) -> bytes:
    """The record under another control number of the same length."""
    begin = int(record[_BASE])
    end = record.index(_FIELD, begin)
    name = f"Z{number:0{end - begin - 1}}".encode()[: end - begin]
    return record[:begin] + name + record[end:]


def run(marc: Path, work: Path, name: str, *words: str) -> Run:
    """One `dedup run`. RuntimeError when it fails."""
    out, before, begun = work / f"out-{name}", os.times(), time.perf_counter()
    command = [*_CLI, "run", str(marc), "--db", str(work / f"{name}.duckdb"), "--out", str(out), "--period", "2024-08"]
    done = subprocess.run([*command, "--no-reports", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    seconds = time.perf_counter() - begun
    return Run(seconds, cpu, json.loads((out / "data" / "summary.json").read_text(encoding="utf-8")))


def show(title: str, made: Run) -> None:
    """Print a run, stage by stage."""
    print(f"\n{title}: {made.seconds:.1f} s, {made.cpu_seconds:.1f} CPU s, {made.summary['mode']}")
    for name, stage in made.summary["stages"].items():
        print(f"  {name:10} {stage['seconds']:8.2f} s {stage['rows_in']:>12,} -> {stage['rows_out']:,}")


def equal(one: Path, other: Path) -> dict[str, bool]:
    """Whether the data files of two runs hold the same bytes, by name."""
    names = sorted(path.name for path in (one / "data").glob("*.csv"))
    return {name: (one / "data" / name).read_bytes() == (other / "data" / name).read_bytes() for name in names}


def _final(first: Path, then: Path, folder: Path) -> Path:
    """A folder with the last state of every source: those of the second month, and what only the first has."""
    for month in (first, then):
        shutil.copytree(month, folder, dirs_exist_ok=True)
    return folder


def measure(options: argparse.Namespace, work: Path) -> dict[str, Any]:
    """All runs; the figures for incremental.json."""
    marc, then, changes = options.marc, work / "changed", dict[str, int]()
    if options.months:
        marc, then = options.months
    elif marc is None:
        plan = Plan(options.seed, options.records, libraries(6, "utf-8"))
        make_catalogue(plan, work / "made", options.threads)
        marc = work / "made" / "marc"
    if not options.months:
        changes = change(marc, then, options.share, options.seed)
    words = ("--threads", str(options.threads))
    first = run(marc, work, "second", *words)
    show("first run", first)
    if options.full:
        shutil.copy(work / "second.duckdb", work / "anew.duckdb")
    second = run(then, work, "second", *words)
    show("second run", second)
    print(
        f"  ratio {second.seconds / first.seconds:.3f} of the time, {second.cpu_seconds / first.cpu_seconds:.3f} of CPU"
    )
    figures: dict[str, Any] = {
        "records": first.summary["counts"]["records"],
        "share": options.share,
        "changes": changes,
    }
    runs = {"first": first, "second": second}
    if options.full:
        runs["anew"] = run(_final(marc, then, work / "final"), work, "anew", "--full", *words)
        show("new state anew", runs["anew"])
        figures["equal"] = equal(work / "out-second", work / "out-anew")
        print("  equal:", figures["equal"])
    for name, made in runs.items():
        figures[name] = {
            "seconds": round(made.seconds, 2),
            "cpu_seconds": round(made.cpu_seconds, 2),
            "stages": made.summary["stages"],
        }
    figures["ratio"] = round(second.seconds / first.seconds, 4)
    return figures


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--marc", type=Path)
    parser.add_argument("--months", type=Path, nargs=2)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="incremental-", dir=options.work) as folder:
        figures = measure(options, Path(folder))
    options.results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, ensure_ascii=False, indent=2) + "\n"
    (options.results / "incremental.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
