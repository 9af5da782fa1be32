"""A catalogue that changes, worked again whole or in part; and what two databases say, told by record ids."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa

from dedup import amend
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.rules import RuleSet, load_rules
from dedup.stages import answers, diagnose, export, follow, group
from dedup.stages.context import Context
from dedup.stages.identity import identity_of
from dedup.stages.score import score
from dedup.store import KEPT_TABLES
from dedup.tables import JUDGED, JUDGEMENT, LEDGER, PAIR, QUARANTINE
from tests.conftest import Quiet
from tests.strategies import loaded

Row = dict[str, Any]
RULES = load_rules()
# Nothing of a catalogue of a dozen records is too much to be worked in part.
ALWAYS_IN_PART = replace(RULES, tables={**RULES.tables, "group": {**RULES.tables["group"], "amend": {"share": 2.0}}})
_FULL = (answers.run, group.run, diagnose.run, follow.run, export.run)
_PART = (amend.answers, amend.group, amend.diagnose, follow.run, export.run)
_RIDS = ("rid", "left", "right", "because_left", "because_right", "other")
# What tells how a state came about.
_OF_THE_RUN = {"change", "pair_change", "source_change", "run"}
_ENDS = (("left", "right"), ("because_left", "because_right"))


@dataclass(slots=True)
class Catalogue:
    """Records by record id, the number each has, and the libraries of the sources."""

    records: dict[str, Row] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    used: int = 0
    libraries: dict[str, str] = field(default_factory=lambda: {"A": "NKU", "B": "TJU"})

    def put(self, name: str, row: Row) -> None:
        """Add or change a record."""
        if name not in self.numbers:
            self.numbers[name] = self.used
            self.used += 1
        self.records[name] = row

    def take(self, name: str) -> None:
        """Withdraw a record."""
        del self.records[name], self.numbers[name]

    def anew(self) -> Catalogue:
        """The same records, numbered in their order."""
        numbers = {name: number for number, name in enumerate(sorted(self.records))}
        return Catalogue(self.records, numbers, len(numbers), self.libraries)

    def table(self) -> pa.Table:
        """LOADED rows."""
        rows = []
        for name, row in self.records.items():
            source, control = name.split("/", 1)
            fixed = {"rid": self.numbers[name], "record_id": name, "source": source, "control": control}
            rows.append({"fingerprint": zlib.crc32(repr(sorted(row.items())).encode())} | row | fixed)
        return loaded(*rows)

    def pairs(self) -> dict[tuple[str, str], None]:
        """What blocking might propose: most pairs that share a number or a title; which does not depend on numbers."""
        found: dict[tuple[str, str], None] = {}
        for one, other in combinations(sorted(self.records), 2):
            left, right = self.records[one], self.records[other]
            shared = any(set(left.get(name, ())) & set(right.get(name, ())) for name in ("isbn", "source_numbers"))
            alike = left["title_key"] == right["title_key"]
            if (shared or alike) and zlib.crc32(f"{one} {other}".encode()) % 4:
                found[one, other] = None
        return found


def numbered(catalogue: Catalogue, pairs: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
    """Pairs by number, the smaller one left."""
    return [tuple(sorted((catalogue.numbers[a], catalogue.numbers[b]))) for a, b in pairs]  # type: ignore[misc]


def score_pairs(engine: DuckEngine, catalogue: Catalogue) -> None:
    """Tables `record`, `source`, `pair` and `scored`, and those of files, of which there are none."""
    records = catalogue.table()
    engine.write("record", records.schema, records.to_batches())
    sources = pa.table({"source": list(catalogue.libraries), "library": list(catalogue.libraries.values())})
    engine.write("source", sources.schema, sources.to_batches())
    place = {rid: at for at, rid in enumerate(records["rid"].to_pylist())}
    ends = numbered(catalogue, catalogue.pairs())
    columns = [pa.array([place[pair[at]] for pair in ends], pa.int64()) for at in (0, 1)]
    batch = pa.RecordBatch.from_arrays([*columns, pa.array([1] * len(ends), pa.int64())], schema=PAIR)
    verdicts = pa.Table.from_batches(score(records, [batch], RULES, 1), JUDGED)
    for at in (0, 1):
        rids = pa.array([pair[at] for pair in ends], pa.int64())
        verdicts = verdicts.set_column(at, JUDGED.field(at), rids)
    engine.write("scored", JUDGED, verdicts.to_batches())
    engine.write(
        "pair",
        PAIR,
        verdicts.select(["left", "right"])
        .append_column(PAIR.field(2), pa.array([1] * len(ends), pa.int64()))
        .to_batches(),
    )
    engine.write("ledger", LEDGER, [])
    engine.write("quarantine", QUARANTINE, [])
    engine.sql("quarantined", "SELECT ''::VARCHAR AS source, '' AS file, 0 AS \"offset\", ''::BLOB AS content LIMIT 0")


def changes(engine: DuckEngine, before: Catalogue, now: Catalogue, old_pairs: set[tuple[str, str]]) -> None:
    """Tables `change`, `pair_change` and `source_change`: from one state of a catalogue to the next."""
    kinds = [(before.numbers[name], "withdrawn") for name in before.records.keys() - now.records.keys()]
    kinds += [(now.numbers[name], "new") for name in now.records.keys() - before.records.keys()]
    both = before.records.keys() & now.records.keys()
    changed = {name for name in both if before.records[name] != now.records[name]}
    kinds += [(now.numbers[name], "changed") for name in changed]
    new_pairs = set(now.pairs())
    again = {pair for pair in new_pairs & old_pairs if changed & set(pair)}
    told = [(pair, "gone") for pair in old_pairs - new_pairs] + [(pair, "new") for pair in new_pairs - old_pairs]
    told += [(pair, "again") for pair in again]
    number = {**before.numbers, **now.numbers}
    rows = [(*sorted((number[a], number[b])), kind) for (a, b), kind in told]
    _write(engine, "change", {"rid": pa.int64(), "kind": pa.string()}, kinds)
    _write(engine, "pair_change", {"left": pa.int64(), "right": pa.int64(), "kind": pa.string()}, rows)
    sources = before.libraries.items() ^ now.libraries.items()
    _write(engine, "source_change", {"source": pa.string()}, sorted({(source,) for source, _ in sources}))


def _write(engine: DuckEngine, name: str, columns: Mapping[str, pa.DataType], rows: list[tuple[Any, ...]]) -> None:
    schema = pa.schema(list(columns.items()))
    table = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)
    engine.write(name, schema, table.to_batches())


def work(
    engine: DuckEngine,
    out: Path,
    period: str,
    in_part: bool,
    rules: RuleSet = ALWAYS_IN_PART,
) -> tuple[dict[str, bytes], int]:
    """The stages behind `score`; returns the data files, and how many records were looked at (-1: all of them)."""
    context = Context(engine, rules, Config(), (), out, out, Quiet(), 1, period, in_part)
    tallies = [stage(context) for stage in (_PART if in_part else _FULL)]
    files = {name: (out / name).read_bytes() for name in export.FILES}
    return files, tallies[1].aside.get("records looked at again", -1)


def with_history(engine: DuckEngine) -> DuckEngine:
    """An empty database that has what outlives runs."""
    fresh = DuckEngine(threads=1)
    for name in KEPT_TABLES:
        if engine.has(name):
            table = engine.read(f"FROM {name}")
            fresh.write(name, table.schema, table.to_batches())
    return fresh


def told(engine: DuckEngine, name: str, names: Mapping[int, str]) -> list[str]:
    """The rows of a table with record ids in the place of numbers, sorted."""
    rows = []
    for row in engine.read(f"FROM {name}").to_pylist():
        row |= {key: names.get(row[key], row[key]) for key in _RIDS if key in row}
        for one, other in _ENDS:
            if one in row:
                row[one], row[other] = sorted((str(row[one]), str(row[other])))
        rows.append(repr(sorted(row.items())))
    return sorted(rows)


def tables_of(engine: DuckEngine) -> dict[str, list[str]]:
    """Every table by name, told by record ids; what only tells how the state came about is left out."""
    names = dict(zip(*(engine.read("FROM record")[key].to_pylist() for key in ("rid", "record_id")), strict=True))
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    tables = set(engine.read(query)["table_name"].to_pylist()) - _OF_THE_RUN
    return {name: told(engine, name, names) for name in sorted(tables)}


def assert_equal(engine: DuckEngine, whole: DuckEngine) -> None:
    """The same tables, and the same rows in each."""
    tables, wanted = tables_of(engine), tables_of(whole)
    assert sorted(tables) == sorted(wanted)
    for name, rows in wanted.items():
        assert tables[name] == rows, name


def say(engine: DuckEngine, entries: Iterable[Row]) -> None:
    """Put entries (left_record, right_record, answer, undoes) into the log, about records as they are stored."""
    query = f"SELECT r.record_id, {identity_of(RULES)} AS identity, r.fingerprint AS content FROM record r"
    known = {row["record_id"]: row for row in engine.read(query).to_pylist()}
    log = answers.read_log(engine).to_pylist()
    for entry in entries:
        when = f"2026-01-01T00:{len(log):04}Z"
        row: Row = dict.fromkeys(JUDGEMENT.names, "") | {"id": f"J{len(log)}", "entered": when, "answered": when}
        row |= {"by": "王", "libraries": [], "period": "2026-01"} | entry
        for side in ("left", "right"):
            one = known.get(row[f"{side}_record"], {})
            row |= {f"{side}_identity": one.get("identity"), f"{side}_content": one.get("content")}
        log.append(row)
    engine.write("judgement", JUDGEMENT, pa.Table.from_pylist(log, JUDGEMENT).to_batches())
