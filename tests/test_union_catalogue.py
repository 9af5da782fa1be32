"""The whole line on a real union catalogue of four libraries, and on labelled pairs: what must never fail."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from dedup.engine.duck import DuckEngine

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import judge, measure  # noqa: E402
from benchmarks.labelled import SETS  # noqa: E402

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")


def run(place, *inputs, threads, seed):
    command = [sys.executable, str(ROOT / "cli.py"), "run", *map(str, inputs), "--period", "2024-05"]
    command += ["--db", str(place / "union.duckdb"), "--out", str(place / "out"), "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": seed})
    assert done.returncode == 0, done.stderr
    return place / "out" / "data"


def rows(path):
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def union(tmp_path_factory):
    place = tmp_path_factory.mktemp("union")
    return place, run(place, SHARED / "data" / "gpo" / "2024-05", threads=2, seed="1")


@pytest.fixture(scope="module")
def group_of(union):
    return {row["record_id"]: row["group_id"] for row in rows(union[1] / "groups.csv") if row["verdict"] == "same"}


def test_every_byte_and_record_of_four_libraries_is_accounted_for(union):
    ledger = rows(union[1] / "ledger.csv")
    assert len(ledger) == 4
    for row in ledger:
        sizes = [int(row[name]) for name in ("record_bytes", "quarantined_bytes", "padding_bytes")]
        assert sum(sizes) == int(row["bytes"])
        assert int(row["records"]) == int(row["loaded"]) + int(row["quarantined"])
    assert sum(int(row["loaded"]) for row in ledger) == 34_590


def test_one_control_number_in_two_libraries_is_one_group(union, group_of):
    held = defaultdict(set)
    engine = DuckEngine(union[0] / "union.duckdb")
    for row in engine.read("SELECT record_id, source, control FROM record").to_pylist():
        held[row["control"]].add((row["source"], row["record_id"]))
    engine.close()
    shared = [records for records in held.values() if len({source for source, _ in records}) > 1]
    together = [len({group_of.get(record, record) for _, record in records}) == 1 for records in shared]
    assert len(shared) > 300
    assert sum(together) >= 0.999 * len(shared)


def test_an_online_twin_is_never_the_same_as_the_printed_book(union, group_of):
    engine = DuckEngine(union[0] / "union.duckdb")
    records = engine.read("SELECT record_id, carrier, lower(display_statement) AS said FROM record").to_pylist()
    engine.close()
    said_online = [row for row in records if "online resource" in row["said"]]
    assert len(said_online) > 1000
    assert [row["record_id"] for row in said_online if row["carrier"] != "online"] == []
    carriers = defaultdict(set)
    for row in records:
        if row["carrier"] and row["record_id"] in group_of:
            carriers[group_of[row["record_id"]]].add(row["carrier"])
    assert [group for group, kinds in carriers.items() if len(kinds) > 1] == []


def test_another_order_of_files_other_workers_and_another_hash_seed_give_the_same_bytes(union, tmp_path):
    files = sorted((SHARED / "data" / "gpo" / "2024-05").iterdir(), reverse=True)
    again = run(tmp_path, *files, threads=1, seed="2")
    for path in sorted(union[1].rglob("*.csv")):
        assert (again / path.relative_to(union[1])).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("name", "precision", "recall"), [("hathitrust", 0.985, 0.92), ("hard-pairs", 1.0, 0.9), ("fixtures", 1.0, 0.95)]
)
def test_labelled_pairs_are_judged_as_well_as_promised(name, precision, recall, tmp_path):
    labelled = SETS[name](tmp_path)
    measured = measure(labelled.pairs, [row["verdict"] for row in judge(labelled, tmp_path)])
    assert measured.precision >= precision
    assert measured.recall >= recall
