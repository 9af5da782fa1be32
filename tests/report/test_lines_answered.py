"""What people answered comes back: confirmed findings with their answer, open ones to whoever was asked."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.report import gather, lines
from dedup.report.model import Line, Package, Part
from dedup.report.statistics import statistics
from dedup.rules import RuleSet
from dedup.tables import ANSWERED, OPEN_FINDING
from tests.report.conftest import PERIOD


def write(engine: DuckEngine, name: str, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    empty = {field.name: [] if pa.types.is_list(field.type) else "" for field in schema}
    table = pa.Table.from_pylist([{**empty, **row} for row in rows], schema)
    engine.write(name, schema, table.to_batches())


def group_of(engine: DuckEngine, verdict: str) -> tuple[str, list[int], list[str]]:
    """A group of a verdict: its id, its records, and their ids."""
    query = (
        "SELECT m.group_id, m.rid, r.record_id FROM member m JOIN record r ON r.rid = m.rid WHERE verdict = $verdict"
    )
    rows = engine.read(f"{query} ORDER BY 1, 2", {"verdict": verdict}).to_pylist()
    first = rows[0]["group_id"]
    mine = [row for row in rows if row["group_id"] == first]
    return first, [row["rid"] for row in mine], [row["record_id"] for row in mine]


def given(engine: DuckEngine, rules: RuleSet) -> dict[str, Package]:
    return {package.library: package for package in gather.packages(engine, rules)}


def open_lines(engine: DuckEngine, rules: RuleSet, **row: object) -> tuple[list[Line], str]:
    """The open lines of a library that was asked about a record it has to merge."""
    query = "SELECT c.group_id, c.rid, r.libraries[1] AS library FROM correction c JOIN record r ON r.rid = c.rid"
    [asked] = engine.read(f"{query} WHERE c.action = 'merge' AND c.library = '' ORDER BY c.rid LIMIT 1").to_pylist()
    told = {"touched": False, "since": "2026-01", **asked, **row}
    write(engine, "open_finding", OPEN_FINDING, [told])
    packages = given(engine, rules)
    others = [line for name, one in packages.items() if name != asked["library"] for line in one.of(Part.OPEN)]
    assert not others, "only the library that was asked sees it"
    return list(packages[asked["library"]].of(Part.OPEN)), asked["library"]


@pytest.mark.parametrize(
    ("claim", "said"),
    [("", "尚无答复"), ("merged", "“已合并”，但本次数据中仍未处理"), ("unsure", "答复“待查”")],
)
def test_an_open_finding_goes_to_the_library_that_was_asked_with_what_it_answered(
    run_engine: DuckEngine, rules: RuleSet, claim: str, said: str
) -> None:
    [line], library = open_lines(run_engine, rules, claim=claim, by="张三" if claim else "")
    assert said in line.correction["zh"] and "2026-01" in line.correction["zh"]
    assert ("张三" in line.correction["zh"]) == bool(claim)
    [usual] = [one for one in given(run_engine, rules)[library].of(Part.MERGE) if one.key == line.key]
    assert line.correction["zh"].endswith(usual.correction["zh"]) and line.correction["en"].endswith(
        usual.correction["en"]
    )
    assert (line.action, line.title, line.responsible) == (usual.action, usual.title, library)


def test_a_record_said_to_be_deleted_that_is_still_there_is_shown_though_it_is_in_no_group(
    run_engine: DuckEngine, rules: RuleSet
) -> None:
    query = "SELECT rid, record_id FROM record WHERE title_usable AND rid NOT IN (SELECT rid FROM member) LIMIT 1"
    [alone] = run_engine.read(query).to_pylist()
    row = {"group_id": "GGONE", "rid": alone["rid"], "library": "BLU", "claim": "deleted", "touched": False}
    write(run_engine, "open_finding", OPEN_FINDING, [row])
    [line] = given(run_engine, rules)["BLU"].of(Part.OPEN)
    assert (line.key, line.record_id) == (f"GGONE|{alone['record_id']}", alone["record_id"])
    assert "已删除" in line.correction["zh"] and "deleted" in line.correction["en"]


def test_an_open_record_without_a_title_has_the_key_of_its_row(run_engine: DuckEngine, rules: RuleSet) -> None:
    [row] = run_engine.read("SELECT j.rid, r.record_id FROM junk j JOIN record r USING (rid) LIMIT 1").to_pylist()
    told = {"group_id": "J", "rid": row["rid"], "library": "BLU", "touched": False}
    write(run_engine, "open_finding", OPEN_FINDING, [told])
    [line] = given(run_engine, rules)["BLU"].of(Part.OPEN)
    assert line.key == f"J|{row['record_id']}" and line.group_id == "" and line.verdict == "junk"


def confirm(
    engine: DuckEngine, state: str = "standing", now: str = "", answer: str = "different"
) -> tuple[str, list[str]]:
    """A group of doubts that BLU confirmed to be no duplicates, or said something else of."""
    group, rids, records = group_of(engine, "review")
    row = {"verdict": "review", "cause": "D06", "libraries": ["BLU"], "period": "2026-01", "library": "BLU"}
    row |= {"by": "o'Neill", "state": state, "now": now, "note": "见原书", "changed": False, "answer": answer}
    write(engine, "answered", ANSWERED, [{"group_id": group, "rid": rid, **row} for rid in rids])
    return group, records


def test_what_was_confirmed_is_shown_with_who_said_so_and_for_which_report(
    run_engine: DuckEngine, rules: RuleSet
) -> None:
    group, records = confirm(run_engine)
    found = given(run_engine, rules)["BLU"].of(Part.CONFIRMED)
    assert [line.record_id for line in found] == sorted(records) and {line.group_id for line in found} == {group}
    for line in found:
        assert line.correction["zh"] == "o'Neill于2026-01月报答复：非重复。不再列为待办。见原书"
        assert line.action == "leave" and line.responsible == "BLU" and line.cause == "D06"


def test_a_judgement_that_lapsed_is_told_with_the_group_in_which_it_is_shown_again(
    run_engine: DuckEngine, rules: RuleSet
) -> None:
    confirm(run_engine, "lapsed", "GNEW")
    for line in given(run_engine, rules)["BLU"].of(Part.CONFIRMED):
        assert "重新列出（GNEW）" in line.correction["zh"] and "listed again (GNEW)" in line.correction["en"]


@pytest.mark.parametrize(
    ("answer", "zh", "en"),
    [("same", "判定：重复", "duplicates"), ("review", "判定：须核对原书", "needs the book in hand")],
)
def test_a_decision_that_lapsed_is_told_as_what_it_was(
    run_engine: DuckEngine, rules: RuleSet, answer: str, zh: str, en: str
) -> None:
    confirm(run_engine, "lapsed", "", answer)
    found = given(run_engine, rules)["BLU"].of(Part.CONFIRMED)
    assert found
    for line in found:
        assert line.correction["zh"] == f"o'Neill于2026-01{zh}；其后记录有改动，该判定失效。见原书"
        assert f"decided in 2026-01: {en}; a record was changed since" in line.correction["en"]


def test_answers_do_not_change_what_this_report_finds(run_engine: DuckEngine, rules: RuleSet) -> None:
    before = statistics(run_engine, rules, Config(), PERIOD)
    lines.forget(run_engine)
    confirm(run_engine)
    open_lines(run_engine, rules)
    after = statistics(run_engine, rules, Config(), PERIOD)
    assert (after.totals, after.causes, after.created) == (before.totals, before.causes, before.created)
    counted = {one.library: (one.groups, one.caused, one.self_duplicates) for one in after.libraries}
    assert counted == {one.library: (one.groups, one.caused, one.self_duplicates) for one in before.libraries}
    assert sum(one.open for one in after.libraries) == 1 and sum(one.answered for one in after.libraries) >= 1
