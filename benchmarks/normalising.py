"""Normalising alone, by columns and one row after the other, on the same records, read before the clock starts.

    python benchmarks/normalising.py MARC_FOLDER [--rounds 3]
    python benchmarks/normalising.py MARC_FOLDER --one CONTENDER

* columns: `dedup.stages.normalise.concepts`, all columns of CONCEPT.
* rules: the same rules for the columns that identify a book, by the project's own functions of one value, per row.
* usual: what most scripts do with a row (`peers.plain_row`): eight columns, no rules.
* titles, titles-rows: the folding of titles alone, by `fold_column` and by `fold`.

Every contender runs in a process of its own, so that none finds its memory filled; rounds are interleaved, the table
shows medians of CPU time. One thread each.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402

from benchmarks.peers import plain_row  # noqa: E402
from dedup.marc.reader import Options, plan, run_task  # noqa: E402
from dedup.normalise.date import parse_date  # noqa: E402
from dedup.normalise.edition import read_edition  # noqa: E402
from dedup.normalise.extent_parse import parse_extent  # noqa: E402
from dedup.normalise.isbn import parse_isbn  # noqa: E402
from dedup.normalise.name import name_keys  # noqa: E402
from dedup.normalise.person import person_headings  # noqa: E402
from dedup.normalise.publisher import place_key, publisher_keys  # noqa: E402
from dedup.normalise.series_title import series_key  # noqa: E402
from dedup.normalise.subfield import split  # noqa: E402
from dedup.normalise.text import fold, fold_column, skeleton  # noqa: E402
from dedup.normalise.title_core import core_of  # noqa: E402
from dedup.rules import RuleSet, load_rules  # noqa: E402
from dedup.stages.normalise import concepts  # noqa: E402
from dedup.tables import FIELD_MARK, SUBFIELD_MARK  # noqa: E402

CONTENDERS = ("columns", "rules", "usual", "titles", "titles-rows")
# The contender that each is held against.
_BESIDE = {name: "titles" if name.startswith("titles") else "columns" for name in CONTENDERS}
Row = dict[str, Any]


def batches(folder: Path, rules: RuleSet) -> list[pa.RecordBatch]:
    """The RECORD batches of all files of a folder."""
    tasks = plan([(path, path.name) for path in sorted(folder.iterdir())], Options())
    return [portion.records for task in tasks for portion in run_task(task, rules) if portion.records.num_rows]


def _values(text: str, codes: str) -> list[str]:
    """The subfields with one of the codes, of all fields of a column of field text."""
    parts = (part for field in text.split(FIELD_MARK) for part in field.split(SUBFIELD_MARK)[1:])
    return [part[1:] for part in parts if part[:1] in codes]


def rules_row(row: Row, rules: RuleSet) -> Row:
    """The columns of one record that identify a book, by the functions of one value."""
    chinese = row["title"].startswith("200")
    proper = " ".join(_values(row["title"], "a")[:1])
    core, designation = core_of(proper, rules)
    imprint, extent = row["imprint"], row["extent"]
    found = [name_keys(one, rules) for one in _values(row["title"], "fg" if chinese else "c")]
    return {
        "title": fold(proper, rules),
        "title_key": skeleton(core, rules),
        "volume": fold(designation, rules),
        "subtitle": fold(" ".join(_values(row["title"], "e" if chinese else "b")), rules),
        "isbn": [one for text in _values(row["isbn"], "a") for one in parse_isbn(text, rules)],
        "authors": [key for one in found for key in one.authors],
        "headings": [key for text in _values(row["name"], "a") for key in person_headings(text, rules)],
        "publishers": [
            key for text in _values(imprint, "c" if chinese else "b") for key in publisher_keys(text, rules)
        ],
        "places": [place_key(text, rules) for text in _values(imprint, "a")],
        "dates": [parse_date(text, rules) for text in _values(imprint, "d" if chinese else "c")],
        "extent": [parse_extent(text, rules) for text in _values(extent, "a")[:1]],
        "edition": [read_edition(fold(text, rules), rules) for text in _values(row["edition"], "a")],
        "series": [series_key(text, rules) for text in _values(row["series"], "a")],
    }


def _titles(read: list[pa.RecordBatch]) -> list[pa.StringArray]:
    """The titles proper and other title information of each batch."""
    parts = [split(batch.column("title")) for batch in read]
    return [one.taken(np.flatnonzero(one.where("abe"))) for one in parts]


def _work(name: str, read: list[pa.RecordBatch], rules: RuleSet) -> Callable[[], object]:
    """What a contender does once the records are read; what is compiled once per process is compiled here."""
    if name == "columns":
        concepts(read[0].slice(0, 1), rules)
        return lambda: [concepts(batch, rules) for batch in read]
    if name == "titles":
        columns = _titles(read)
        fold_column(columns[0].slice(0, 1), rules)
        return lambda: [fold_column(column, rules) for column in columns]
    if name == "titles-rows":
        values = [value for column in _titles(read) for value in column.to_pylist()]
        fold("A", rules)
        return lambda: [fold(value, rules) for value in values]
    rows = [row | {"source": ""} for batch in read for row in batch.to_pylist()]
    if name == "usual":
        return lambda: [plain_row(row) for row in rows]
    rules_row(rows[0], rules)
    return lambda: [rules_row(row, rules) for row in rows]


def run(name: str, folder: Path) -> dict[str, float]:
    """One contender over all records of a folder: records, CPU and wall seconds of normalising alone."""
    rules = load_rules(ROOT / "rules")
    read = batches(folder, rules)
    work = _work(name, read, rules)
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    count = sum(batch.num_rows for batch in read)
    return {"records": count, "cpu_seconds": time.process_time() - cpu, "seconds": time.perf_counter() - wall}


def compare(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """All contenders, interleaved: microseconds of CPU per record, and how many times those of the columns that is."""
    figures: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds):
        for name in CONTENDERS:
            command = [sys.executable, __file__, str(folder), "--one", name]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            figures[name].append(told["cpu_seconds"] / told["records"] * 1e6)
    medians = {name: statistics.median(values) for name, values in figures.items()}
    return {name: {"microseconds": one, "ratio": one / medians[_BESIDE[name]]} for name, one in medians.items()}


def main() -> None:
    """Run one contender and print its figure as JSON, or all and print a table."""
    options = argparse.ArgumentParser(description="Normalising by columns and by rows.")
    options.add_argument("folder", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--one", choices=CONTENDERS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(run(given.one, given.folder)))
        return
    for name, row in compare(given.folder, given.rounds).items():
        print(f"{name:12s} {row['microseconds']:9.2f} us/record {row['ratio']:6.1f} times {_BESIDE[name]}")


if __name__ == "__main__":
    main()
