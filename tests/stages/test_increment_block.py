from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dedup.stages.reblock as reblock
from dedup.engine.duck import DuckEngine
from dedup.rules import RuleSet
from dedup.stages import block, score
from dedup.stages.context import Context
from dedup.tables import CHANGE
from tests.strategies import concept, concepts, loaded

Row = dict[str, Any]
NAMES = [f"A/{number:02}" for number in range(40)]


def small_caps(rules: RuleSet) -> RuleSet:
    """The blocking rules with caps so small that a few records crowd a key."""
    table = rules.tables["blocking"]
    rows = [{**row, "cap": 2 + number % 3} for number, row in enumerate(table["rule"])]
    tables = {**rules.tables, "blocking": {**table, "window": 2, "rule": rows}}
    return replace(rules, tables=tables)


@pytest.fixture(scope="module")
def crowding(rules: RuleSet) -> RuleSet:
    return small_caps(rules)


@st.composite
def crowds(draw: st.DrawFn) -> Row:
    """Records so alike that they share most of their keys."""
    title = draw(st.sampled_from(["选集", "linear algebra"]))
    return concept(
        title=title,
        title_key=title.replace(" ", ""),
        subtitle=draw(st.sampled_from(["", "a", "b", "c"])),
        title_usable=draw(st.sampled_from([True, True, True, False])),
        volume_label=draw(st.sampled_from(["", "1", "2"])),
        isbn=draw(st.lists(st.integers(1, 3), max_size=2, unique=True)),
        year=draw(st.integers(1990, 1992)),
        publishers=draw(st.lists(st.sampled_from(["wiley", "belknap"]), max_size=1)),
        authors=draw(st.lists(st.sampled_from(["rawls j", "lang s"]), max_size=1)),
        libraries=["L1"],
        barcodes=[draw(st.sampled_from(["", "b1", "b2"]))],
        call_numbers=[draw(st.sampled_from(["", "c1", "c2"]))],
    )


Catalogue = dict[str, Row]
catalogues = st.dictionaries(st.sampled_from(NAMES), st.one_of(crowds(), concepts()), min_size=1, max_size=24)


def stored(engine: DuckEngine, rows: Catalogue, numbers: dict[str, int]) -> None:
    """Table `record` of a catalogue, each record under the number told."""
    table = loaded(*(row | {"record_id": name, "rid": numbers[name]} for name, row in rows.items()))
    engine.write("record", table.schema, table.to_batches())


def named(engine: DuckEngine, query: str, numbers: dict[str, int]) -> list[tuple[Any, ...]]:
    """Rows with record ids in place of rids, the smaller first, whatever side a record stood on."""
    names = {number: name for name, number in numbers.items()}
    found = []
    for row in engine.read(query).to_pylist():
        ends = sorted(names[row.pop(side)] for side in ("left", "right")) if "left" in row else []
        ends += [names[row.pop("rid")]] if "rid" in row else []
        found.append((*ends, *row.values()))
    return sorted(found)


TABLES = {
    "pair": "FROM pair",
    "dropped_key": "FROM dropped_key",
    "key": "SELECT DISTINCT * FROM key",
    "crowded": 'SELECT DISTINCT "left", "right", rule, key FROM crowded',
    "scored": "FROM scored",
}


def full(context: Context, rows: Catalogue) -> dict[str, list[tuple[Any, ...]]]:
    """What a full run makes of a catalogue; it numbers by record id."""
    numbers = {name: number for number, name in enumerate(sorted(rows))}
    stored(context.engine, rows, numbers)  # type: ignore[arg-type]
    block.run(context)
    score.run(context)
    return {name: named(context.engine, query, numbers) for name, query in TABLES.items()}  # type: ignore[arg-type]


class Months:
    """A database that goes on from month to month."""

    def __init__(self, context: Context, first: Catalogue) -> None:
        self.context, self.rows = context, first
        self.numbers = {name: number for number, name in enumerate(sorted(first, reverse=True))}
        self.free = len(first)
        stored(context.engine, first, self.numbers)  # type: ignore[arg-type]
        block.run(context)
        score.run(context)

    def then(self, rows: Catalogue) -> None:
        """The next month."""
        engine = self.context.engine
        change = [(self.numbers[name], "withdrawn") for name in self.rows if name not in rows]
        change += [
            (self.numbers[name], "changed") for name in rows if name in self.rows and rows[name] != self.rows[name]
        ]
        numbers = {name: self.numbers[name] for name in rows if name in self.rows}
        for name in rows:
            if name not in self.rows:
                numbers[name] = self.free
                change.append((self.free, "new"))
                self.free += 1
        batch = pa.RecordBatch.from_pylist([{"rid": rid, "kind": kind, "source": "A"} for rid, kind in change], CHANGE)
        engine.write("change", CHANGE, [batch])
        self.rows, self.numbers = rows, numbers
        stored(engine, rows, numbers)  # type: ignore[arg-type]
        before = self.pairs()
        reblock.run(self.context)
        self.check_change(before)
        score.amend(self.context)

    def pairs(self) -> dict[tuple[int, int], int]:
        found = self.context.engine.read("FROM pair").to_pylist()
        return {(row["left"], row["right"]): row["rules"] for row in found}

    def check_change(self, before: dict[tuple[int, int], int]) -> None:
        """`pair_change` names each pair that is not what it was, once."""
        touched = {row["rid"] for row in self.context.engine.read("FROM change").to_pylist()}
        now = self.pairs()
        wanted = {}
        for ends in before.keys() | now.keys():
            if ends not in now:
                wanted[ends] = "gone"
            elif ends not in before:
                wanted[ends] = "new"
            elif touched & set(ends):
                wanted[ends] = "again"
            elif before[ends] != now[ends]:
                wanted[ends] = "rules"
        rows = self.context.engine.read("FROM pair_change").to_pylist()
        assert {(row["left"], row["right"]): row["kind"] for row in rows} == wanted
        assert len(rows) == len(wanted)

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        return {name: named(self.context.engine, query, self.numbers) for name, query in TABLES.items()}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[DuckEngine, DuckEngine]]:
    made = DuckEngine(threads=1), DuckEngine(threads=1)
    yield made
    for engine in made:
        engine.close()


class Quiet:
    def advance(self, done: int, total: int) -> None:
        pass


def context_on(engine: DuckEngine, rules: RuleSet, tmp: Path) -> Context:
    from dedup.config import Config

    return Context(engine, rules, Config(), (), tmp, tmp, Quiet(), 1)


@given(first=catalogues, changes=st.lists(catalogues, min_size=1, max_size=2), keep=st.integers(0, 3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_blocking_what_changed_gives_what_blocking_everything_gives(
    engines: tuple[DuckEngine, DuckEngine],
    crowding: RuleSet,
    tmp_path_factory: pytest.TempPathFactory,
    first: Catalogue,
    changes: list[Catalogue],
    keep: int,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    months = Months(context_on(engines[0], crowding, folder), first)
    for change in changes:
        names = sorted(change)[: 1 + keep * 3]
        gone = set(sorted(months.rows)[:keep])
        rows = {name: row for name, row in months.rows.items() if name not in gone} | {n: change[n] for n in names}
        with pytest.MonkeyPatch.context() as patched:
            # However much changes, only that is worked again.
            patched.setattr(reblock, "SHARE", 9.0)
            months.then(rows)
        wanted = full(context_on(engines[1], crowding, folder), rows)
        for table, found in months.tables().items():
            assert found == wanted[table], table


@pytest.mark.parametrize("share", [0.0, 2.0])
def test_it_is_the_same_whether_little_or_everything_is_worked_again(
    context_of: Callable[..., Context], share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reblock, "SHARE", share)
    context = context_of()
    alike = {
        f"A/{n:02}": concept(title="选集", title_key="选集", subtitle=str(n % 5), publishers=["p"]) for n in range(60)
    }
    months = Months(context, alike)
    rows = {name: row for name, row in alike.items() if name not in ("A/07", "A/31")}
    rows |= {"A/12": alike["A/12"] | {"publishers": ["q"]}, "A/77": alike["A/03"]}
    months.then(rows)
    found = months.tables()
    assert found == full(context, rows)
