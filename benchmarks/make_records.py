"""Make a union catalogue of any size, with known duplicates and look-alikes, the same for the same seed.

Usage: python benchmarks/make_records.py --records 1000000 --seed 1 --out DIR [--libraries 6] [--encoding utf-8]

Writes DIR/marc/LIBRARY.mrc (about 60 % CNMARC, 40 % MARC 21) and, outside the input folder, DIR/truth/truth_pairs.csv
(`left,right,verdict,cause,kind`) and DIR/truth/truth_records.csv (`record_id,kind,story`). Two records that
stand in no pair are different editions.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.made.part import Plan, make_part
from benchmarks.made.render import Library

_ITEMS = ("999", "905", "852")
TRUTH = {
    "truth_pairs.csv": "left,right,verdict,cause,kind,responsible,flags\n",
    "truth_records.csv": "record_id,kind,story,junk,rescue\n",
    "truth_faults.csv": "record_id,code\n",
}
MIXED = {True: ("utf-8", "gb18030"), False: ("utf-8", "marc-8")}


def libraries(count: int, encoding: str) -> tuple[Library, ...]:
    """`count` libraries: about 60 % keep CNMARC (in the encoding given), the others MARC 21 in UTF-8.

    `mixed`: every second CNMARC library in GB 18030, every second MARC 21 library in MARC-8.
    """
    chinese = max(1, round(count * 0.6))
    made = []
    for at in range(count):
        flag, number = at < chinese, at if at < chinese else at - chinese
        written = MIXED[flag][number % 2] if encoding == "mixed" else encoding if flag else "utf-8"
        made.append(Library(f"{'C' if flag else 'M'}{number + 1:02d}", flag, written, _ITEMS[at % 3]))
    return tuple(made)


def _write_part(plan: Plan, folder: Path, part: int) -> int:
    made = make_part(plan, part)
    for library, marc in zip(plan.libraries, made.marc, strict=True):
        (folder / f"{library.code}.{part:05d}").write_bytes(marc)
    (folder / f"truth_pairs.csv.{part:05d}").write_text("".join(made.pairs), encoding="utf-8")
    (folder / f"truth_records.csv.{part:05d}").write_text("".join(made.records), encoding="utf-8")
    (folder / f"truth_faults.csv.{part:05d}").write_text("".join(made.faults), encoding="utf-8")
    return len(made.records)


def _join(pieces: list[Path], target: Path, head: str = "") -> None:
    with target.open("wb") as out:
        out.write(head.encode())
        for piece in pieces:
            with piece.open("rb") as part:
                shutil.copyfileobj(part, out, 1 << 20)
            piece.unlink()


def make_catalogue(plan: Plan, folder: Path, workers: int) -> int:
    """Write the catalogue below `folder`; returns the number of records."""
    for name in ("marc", "truth", "parts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    parts = folder / "parts"
    work = partial(_write_part, plan, parts)
    if workers > 1 and len(plan.parts()) > 1:
        with multiprocessing.Pool(workers) as pool:
            count = sum(pool.imap(work, range(len(plan.parts()))))
    else:
        count = sum(map(work, range(len(plan.parts()))))
    for library in plan.libraries:
        _join(sorted(parts.glob(f"{library.code}.*")), folder / "marc" / f"{library.code}.mrc")
    for name, head in TRUTH.items():
        _join(sorted(parts.glob(f"{name}.*")), folder / "truth" / name, head)
    parts.rmdir()
    return count


def main() -> None:
    """Read the options, make the catalogue, say how fast."""
    options = argparse.ArgumentParser(description="Make a union catalogue with known duplicates.")
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--libraries", type=int, default=6)
    options.add_argument("--encoding", choices=("utf-8", "gb18030", "mixed"), default="utf-8", help="of the files")
    options.add_argument("--plain", action="store_true", help="no noise and no hard variants")
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = options.parse_args()
    started = time.perf_counter()
    plan = Plan(given.seed, given.records, libraries(given.libraries, given.encoding), given.plain)
    count = make_catalogue(plan, given.out, given.workers)
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in (given.out / "marc").iterdir())
    print(f"{count} records, {size / 1e6:.1f} MB, {seconds:.1f} s, {count / seconds:.0f} records/s", file=sys.stderr)


if __name__ == "__main__":
    main()
