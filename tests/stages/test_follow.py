"""What became of the findings of the last report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.rules import load_rules
from dedup.stages import answers, follow
from dedup.stages.context import Context
from dedup.stages.shelf import shelve
from dedup.tables import BLAME, CORRECTION, JUDGED, JUNK, MEMBER
from tests.conftest import Quiet
from tests.strategies import concept, loaded

Groups = dict[str, tuple[str, list[int]]]
LIBRARY = ("NKU", "TJU", "PKU", "XJU")
CAUSE = {"G1": "D01", "G2": "D12", "G3": "D12", "G4": "D05"}


def put(engine: DuckEngine, groups: Groups, junk: list[int]) -> None:
    """A run of eight records: groups with verdict and members; who merges a record follows from its number."""
    records = loaded(*(concept(fingerprint=number) for number in range(8)))
    engine.write("record", records.schema, records.to_batches())
    members = [(group, rid, verdict) for group, (verdict, rids) in groups.items() for rid in rids]
    rows: dict[str, tuple[pa.Schema, list[dict[str, Any]]]] = {
        "member": (MEMBER, [{"group_id": g, "rid": r, "verdict": v, "keep": False} for g, r, v in members]),
        "blame": (BLAME, [{"group_id": g, "rid": r, "maker": LIBRARY[r % 4]} for g, r, _ in members]),
        "correction": (
            CORRECTION,
            [{"group_id": g, "rid": r, "library": "", "action": "merge"} for g, r, _ in members],
        ),
        "junk": (JUNK, [{"rid": rid, "code": "J02", "responsible": "NKU;TJU"} for rid in junk]),
        "judged": (JUDGED, []),
        "group_cause": (
            pa.schema([("group_id", pa.string()), ("cause", pa.string())]),
            [{"group_id": g, "cause": CAUSE[g]} for g in groups],
        ),
    }
    for name, (schema, made) in rows.items():
        engine.write(name, schema, pa.Table.from_pylist(made, schema).to_batches())
    sources = pa.table({"source": ["A"], "library": ["A"]})
    engine.write("source", sources.schema, sources.to_batches())
    shelve(engine, load_rules())


def run(engine: DuckEngine, period: str, groups: Groups, junk: list[int]) -> None:
    put(engine, groups, junk)
    context: Any = Context(engine, load_rules(), Config(), (), None, None, Quiet(), 1, period)  # type: ignore[arg-type]
    answers.run(context)
    follow.run(context)


def counts(engine: DuckEngine, period: str) -> dict[tuple[str, str], dict[str, int]]:
    rows = engine.read("SELECT * FROM history WHERE period = $period", {"period": period}).to_pylist()
    return {
        (row["library"], row["cause"]): {name: row[name] for name in ("new", "repeated", "solved") if row[name]}
        for row in rows
    }


def twin(before: Groups, now: Groups, gone_junk: set[int], old: set[int], new_junk: set[int]) -> Any:
    """The same counts in plain Python; a finding is the same when its id is, or when two records are together again."""

    def libraries(rids: list[int]) -> set[str]:
        return {LIBRARY[rid % 4] for rid in rids} | {""}

    def again(one: str, other: str) -> bool:
        return one == other or len(set(now[one][1]) & set(before[other][1])) > 1

    found: dict[tuple[str, str], Counter[str]] = {}

    def count(what: str, cause: str, of: set[str]) -> None:
        for library in of:
            found.setdefault((library, cause), Counter())[what] += 1

    for group, (_, rids) in now.items():
        repeated = any(again(group, other) for other in before)
        count("repeated" if repeated else "new", CAUSE[group], libraries(rids))
    for other, (_, rids) in before.items():
        if not any(again(group, other) for group in now):
            count("solved", CAUSE[other], libraries(rids))
    for what, rids_of in (("new", new_junk), ("repeated", old), ("solved", gone_junk)):
        for _ in rids_of:
            count(what, "J02", {"NKU", "TJU", ""})
    return {key: dict(value) for key, value in found.items()} or {("", ""): {}}


GROUPS = st.dictionaries(
    st.sampled_from(sorted(CAUSE)),
    st.tuples(
        st.sampled_from(["same", "repair"]), st.lists(st.integers(0, 5), min_size=2, max_size=4, unique=True)
    ),
    max_size=3,
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(GROUPS, GROUPS, st.sets(st.sampled_from([6, 7])), st.sets(st.sampled_from([6, 7])))
def test_counts_are_those_of_a_plain_comparison_of_two_months(
    before: Groups, now: Groups, junk_before: set[int], junk_now: set[int]
) -> None:
    engine = DuckEngine(threads=1)
    try:
        run(engine, "2026-01", before, sorted(junk_before))
        run(engine, "2026-02", now, sorted(junk_now))
        old = junk_before & junk_now
        wanted = twin(before, now, junk_before - old, old, junk_now - old)
        seen = bool(before or junk_before)
        assert counts(engine, "2026-02") == (wanted if seen or now or junk_now else {("", ""): {}})
    finally:
        engine.close()


@pytest.fixture
def database() -> Any:
    engine = DuckEngine(threads=1)
    yield engine
    engine.close()


def test_a_group_that_lost_its_oldest_record_is_the_one_of_the_last_report(database: DuckEngine) -> None:
    run(database, "2026-01", {"G1": ("same", [0, 1, 2])}, [])
    run(database, "2026-02", {"G2": ("same", [1, 2])}, [])
    assert counts(database, "2026-02")["", "D12"] == {"repeated": 1}


def test_what_was_asked_before_and_is_asked_again_is_open_for_each_library(database: DuckEngine) -> None:
    run(database, "2026-01", {"G1": ("same", [0, 1])}, [])
    run(database, "2026-02", {"G1": ("same", [0, 1]), "G2": ("same", [2, 3])}, [])
    rows = database.read("SELECT group_id, rid, library, claim, since FROM open_finding ORDER BY rid").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("G1", 0, "NKU", "", "2026-01"),
        ("G1", 1, "TJU", "", "2026-01"),
    ]


def test_reports_are_remembered_as_long_as_the_table_says(database: DuckEngine) -> None:
    periods = int(load_rules().tables["review"]["keep"]["periods"])
    months = [f"{2020 + number // 12}-{number % 12 + 1:02}" for number in range(periods + 2)]
    for month in months:
        run(database, month, {"G1": ("same", [0, 1])}, [])
    kept = database.read("SELECT DISTINCT period FROM reported ORDER BY 1")["period"].to_pylist()
    assert kept == months[-len(kept) :] and periods <= len(kept) <= periods + 1
    told = database.read("SELECT count(DISTINCT period) AS n FROM history")["n"][0].as_py()
    assert told == len(months)


def test_a_month_without_findings_stands_in_the_history_with_noughts(database: DuckEngine) -> None:
    run(database, "2026-01", {}, [])
    assert counts(database, "2026-01") == {("", ""): {}}


def test_an_earlier_month_run_late_is_held_against_the_one_before_it(
    database: DuckEngine, context_of: Callable[..., Context]
) -> None:
    for month in ("2026-01", "2026-03"):
        run(database, month, {"G1": ("same", [0, 1])}, [])
    run(database, "2026-02", {"G1": ("same", [0, 1]), "G4": ("repair", [2, 3])}, [])
    assert counts(database, "2026-02")["", "D01"] == {"repeated": 1}
    assert counts(database, "2026-02")["", "D05"] == {"new": 1}
