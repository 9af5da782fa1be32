"""Only what a change can have reached is worked again, and nothing that it has reached is left as it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dedup import amend
from dedup.engine.duck import DuckEngine
from dedup.store import KEPT_TABLES
from tests.laws.increments import (
    ALWAYS_IN_PART,
    RULES,
    Catalogue,
    assert_equal,
    changes,
    score_pairs,
    with_history,
    work,
)
from tests.strategies import concept

NEVER_IN_PART = replace(RULES, tables={**RULES.tables, "group": {**RULES.tables["group"], "amend": {"share": 0.0}}})
GIVEN = {"record", "source", "pair", "scored", "ledger", "quarantine", "quarantined"}


def book(work: int, **values: Any) -> dict[str, Any]:
    """A copy of a book; the books have nothing in common."""
    named = {"title": f"book {work}", "title_key": f"book{work}", "isbn": [work], "isbn_typed": [10 * work]}
    return concept(
        **{**named, "display_title": f"Book {work}", "junk": "", "item_dates": [], "call_numbers": []} | values
    )


def held(*libraries: str) -> dict[str, Any]:
    """Items of some libraries."""
    none = [""] * len(libraries)
    return {"libraries": list(libraries), "call_numbers": none, "item_dates": none, "barcodes": none}


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    made = DuckEngine(threads=1)
    yield made
    made.close()


def first_month(engine: DuckEngine, out: Path) -> Catalogue:
    """Three books, each in two records of two sources."""
    catalogue = Catalogue()
    for number in (1, 2, 3):
        for source in "AB":
            catalogue.put(
                f"{source}/{number}", book(number, agencies=["WHU"], **held("NKU" if source == "A" else "TJU"))
            )
    score_pairs(engine, catalogue)
    work(engine, out, "2026-01", in_part=False)
    return catalogue


def next_month(engine: DuckEngine, out: Path, before: Catalogue, now: Catalogue, rules: Any = ALWAYS_IN_PART) -> int:
    """Work the changes and hold them against a full run; returns how many records were looked at again."""
    whole = with_history(engine)
    score_pairs(engine, now)
    changes(engine, before, now, set(before.pairs()))
    files, looked_at = work(engine, out, "2026-02", True, rules)
    score_pairs(whole, now.anew())
    assert files == work(whole, out, "2026-02", in_part=False)[0]
    assert_equal(engine, whole)
    whole.close()
    return looked_at


def test_every_table_is_known_to_be_amended_or_made_anew(engine: DuckEngine, tmp_path: Path) -> None:
    first_month(engine, tmp_path)
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    made = set(engine.read(query)["table_name"].to_pylist())
    declared = {*amend.GROUPED, *amend.DIAGNOSED, *amend.WHOLE, *KEPT_TABLES, *GIVEN}
    assert made <= declared and {*amend.GROUPED, *amend.DIAGNOSED} <= made


def test_only_the_component_of_a_changed_record_is_looked_at(engine: DuckEngine, tmp_path: Path) -> None:
    before = first_month(engine, tmp_path)
    now = copy.deepcopy(before)
    now.put("A/1", book(1, edition_number=2, **held("NKU")))
    assert next_month(engine, tmp_path, before, now) == 2


def test_nothing_is_looked_at_where_nothing_changed(engine: DuckEngine, tmp_path: Path) -> None:
    before = first_month(engine, tmp_path)
    assert next_month(engine, tmp_path, before, copy.deepcopy(before)) == 0


def test_a_source_that_belongs_to_another_library_is_looked_at_as_a_whole(engine: DuckEngine, tmp_path: Path) -> None:
    before = first_month(engine, tmp_path)
    now = copy.deepcopy(before)
    now.libraries["A"] = "PKU"
    assert next_month(engine, tmp_path, before, now) == 6


def test_a_new_library_makes_its_agency_answer_for_records_that_did_not_change(
    engine: DuckEngine, tmp_path: Path
) -> None:
    before = first_month(engine, tmp_path)
    now = copy.deepcopy(before)
    now.put("A/9", book(9, **held("WHU")))
    # The other records name WHU as the agency that worked on them last.
    assert next_month(engine, tmp_path, before, now) == 7


def test_where_much_has_changed_everything_is_worked_again_with_the_same_result(
    engine: DuckEngine, tmp_path: Path
) -> None:
    before = first_month(engine, tmp_path)
    now = copy.deepcopy(before)
    now.take("B/2")
    now.put("A/1", book(1, edition_number=2))
    assert next_month(engine, tmp_path, before, now, NEVER_IN_PART) == -1
