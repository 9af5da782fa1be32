"""Each record of a group gets its cause, its responsible library and the words that say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from dedup.codes import Kind, placed, read_codes
from dedup.rules import RuleSet
from dedup.stages import diagnose, group
from dedup.stages.context import Context
from dedup.stages.score import score
from dedup.stages.wording import VALUES
from dedup.tables import JUDGED, PAIR
from tests.strategies import concept, loaded

Make = Callable[..., Context]
SAME = {"isbn": [11], "isbn_typed": [110]}


def held(*items: tuple[str, str, str], **values: Any) -> dict[str, Any]:
    """A record with items (library, call number, barcode)."""
    library, call, barcode = (list(column) for column in zip(*items, strict=True)) if items else ([], [], [])
    named = {"libraries": library, "call_numbers": call, "barcodes": barcode, "item_dates": [""] * len(items)}
    return concept(**(SAME | {"display_title": "A theory of justice"} | named | values))


def diagnosed(context: Context, *rows: dict[str, Any]) -> Context:
    """Judge every pair, group and diagnose; each record is `A/0`, `A/1` ... of source A of library A unless given."""
    engine = context.engine
    table = loaded(*rows)
    engine.write("record", table.schema, table.to_batches())
    sources = pa.table({"source": ["A", "B"], "library": ["A", "B"]})
    engine.write("source", sources.schema, sources.to_batches())
    ends = [(a, b) for a in range(len(rows)) for b in range(a + 1, len(rows))]
    columns = [pa.array([one[at] for one in ends], pa.int64()) for at in (0, 1)]
    pairs = pa.RecordBatch.from_arrays([*columns, pa.array([1] * len(ends), pa.int64())], schema=PAIR)
    engine.write("judged", JUDGED, score(table, [pairs], context.rules, 1))
    group.run(context)
    diagnose.run(context)
    return context


def rows_of(context: Context, query: str) -> list[dict[str, Any]]:
    return context.engine.read(query).to_pylist()


def at_fault(context: Context) -> dict[int, str]:
    """The makers of the records at fault, by record."""
    return {row["rid"]: row["maker"] for row in rows_of(context, "FROM blame WHERE at_fault ORDER BY rid")}


def test_the_library_that_made_the_later_record_is_asked(context_of: Make) -> None:
    first = held(("NKU", "B1", "n1"), source="A", item_dates=["20100301"])
    later = held(("PUL", "B2", "p1"), source="B", item_dates=["20120301"], control="0")
    assert at_fault(diagnosed(context_of(), first, later)) == {1: "PUL"}
    swapped = {**first, "item_dates": ["20130301"]}
    assert at_fault(diagnosed(context_of(), swapped, later)) == {0: "NKU"}


def test_who_entered_the_reprint_is_asked_though_the_other_record_is_younger(context_of: Make) -> None:
    first = held(("NKU", "B1", "n1"), source="A", entered=20150301)
    reprint = held(("PUL", "B2", "p1"), source="B", entered=20120301, year=2004, transcribed_year=2004)
    context = diagnosed(context_of(), first, reprint)
    assert rows_of(context, "SELECT cause FROM group_cause") == [{"cause": "D06"}]
    assert at_fault(context) == {1: "PUL"}


def test_a_record_that_nobody_can_be_named_for_goes_to_the_centre(context_of: Make) -> None:
    shared = held(("NKU", "B1", "n1"), ("PUL", "B2", "p1"), source="A", source_numbers=["OCLC1"])
    empty = held(source="A", source_numbers=["OCLC1"])
    context = diagnosed(context_of(), shared, empty)
    assert rows_of(context, "SELECT cause FROM group_cause") == [{"cause": "D09"}]
    assert at_fault(context) == {1: "centre"}


def test_every_library_that_holds_a_record_moves_its_own_items_and_the_centre_deletes(context_of: Make) -> None:
    kept = held(("NKU", "B1", "n1"), ("PUL", "B1", "p1"), ("WHU", "B1", "w1"), source_numbers=["OCLC1"])
    other = held(("NKU", "B1", "n2"), ("PUL", "B2", "p2"), ("PUL", "B2", "p3"))
    context = diagnosed(context_of(), kept, other)
    lines = rows_of(context, "FROM correction WHERE library <> '' ORDER BY library, action")
    assert [(line["library"], line["action"]) for line in lines] == [
        ("NKU", "move"), ("PUL", "move"), ("centre", "delete"),
    ]  # fmt: skip
    assert "n2" in lines[0]["correction_en"] and "p2" not in lines[0]["correction_en"]
    assert "p2, p3" in lines[1]["correction_en"] and "p2、p3" in lines[1]["correction_zh"]
    assert "NKU, PUL" in lines[2]["correction_en"]


def test_a_record_without_items_has_none_to_move(context_of: Make) -> None:
    context = diagnosed(context_of(), held(("NKU", "B1", "n1")), held())
    (text,) = rows_of(context, "SELECT correction_zh, correction_en FROM correction WHERE action = 'merge'")
    assert "移至" not in text["correction_zh"] and "move" not in text["correction_en"]


def flags(context: Context) -> str:
    (row,) = rows_of(context, "SELECT flags FROM group_cause")
    return str(row["flags"])


def test_one_library_with_both_records_and_two_call_numbers_is_told(context_of: Make) -> None:
    context = diagnosed(context_of(), held(("NKU", "B1", "n1")), held(("NKU", "B2", "n2")))
    assert flags(context) == "self-duplicate;two-call-numbers"
    (text,) = rows_of(context, "SELECT correction_en FROM correction WHERE action = 'merge'")
    assert "B1" in text["correction_en"] and "B2" in text["correction_en"]


def test_copies_of_a_record_under_one_call_number_are_no_two_call_numbers(context_of: Make) -> None:
    one = held(("NKU", "B1", "n1"), ("PUL", "P1", "p1"))
    other = held(("NKU", "B1", "n2"), ("PUL", "P1", "p2"))
    assert flags(diagnosed(context_of(), one, other)) == ""


def test_what_a_search_by_one_form_misses_is_told(context_of: Make) -> None:
    long = held(("PUL", "B1", "p1"), isbn_typed=[111])
    assert flags(diagnosed(context_of(), held(("NKU", "B1", "n1")), long)) == "single-form-search"


def test_a_coded_year_that_does_not_fit_is_told(context_of: Make) -> None:
    odd = held(("PUL", "B1", "p1"), faults=["Q01\t008/07-10\t1989\t1999"])
    assert flags(diagnosed(context_of(), held(("NKU", "B1", "n1")), odd)) == "date-conflict"


def test_the_edition_that_was_not_adapted_is_to_be_corrected_and_the_older_left_alone(context_of: Make) -> None:
    old = held(("NKU", "B1", "n1"), edition_number=3, entered=20200101)
    new = held(("PUL", "B2", "p1"), edition_number=4, entered=20100101)
    context = diagnosed(context_of(), old, new)
    found = rows_of(context, "SELECT rid, action, correction_en FROM correction ORDER BY rid")
    assert [(row["rid"], row["action"]) for row in found] == [(0, "leave"), (1, "correct")]
    assert "ISBN, pages, year of publication" in found[1]["correction_en"]


def volumes(**own: Any) -> list[dict[str, Any]]:
    """A set and two of its volumes, with what the volumes have of their own."""
    of_set = held(("NKU", "B1", "n1"), isbn=[], isbn_typed=[], isbn_set=[7], level=3, volume_total=2, pages=None)
    base = {"isbn": [], "isbn_typed": [], "isbn_set": [7], "level": 1, "source": "B"} | own
    return [of_set] + [
        held(("PUL", f"B{one}", f"p{one}"), **base, volume_from=one, volume_to=one, volume_label=str(one))
        for one in (1, 2)
    ]


def test_volumes_with_titles_of_their_own_stay_and_the_set_is_dissolved(context_of: Make) -> None:
    set_record, first, second = volumes()
    named = [{**first, "part": "sorting"}, {**second, "part": "searching"}]
    context = diagnosed(context_of(), set_record, *named)
    actions = {row["rid"]: row["action"] for row in rows_of(context, "FROM correction")}
    assert actions == {0: "relevel", 1: "leave", 2: "leave"}


def test_volumes_without_anything_of_their_own_go_to_the_set_unless_the_centre_rules_otherwise(
    context_of: Make, rules: RuleSet
) -> None:
    context = diagnosed(context_of(), *volumes())
    actions = {row["rid"]: row["action"] for row in rows_of(context, "FROM correction")}
    assert actions == {0: "leave", 1: "relevel", 2: "relevel"}
    by_volume = {**rules.tables["group"], "structure": {"level": "volumes"}}
    ruled = replace(rules, tables={**rules.tables, "group": by_volume})
    context = diagnosed(replace(context_of(), rules=ruled), *volumes())
    actions = {row["rid"]: row["action"] for row in rows_of(context, "FROM correction")}
    assert actions == {0: "relevel", 1: "leave", 2: "leave"}


def test_every_text_can_be_filled_and_no_brace_is_left(rules: RuleSet, context_of: Make) -> None:
    asked = {name for code in read_codes(rules).values() if code.kind is Kind.CAUSE for name in code.places}
    inner = {"list", "count", "barcodes", "keep"}
    for text in rules.tables["causes"]["phrases"].values():
        asked |= {name for name in placed(text["zh"]) if name not in inner}
    assert asked <= set(VALUES)
    context = diagnosed(context_of(), *volumes(), held(("NKU", "B1", "n1")), held(("NKU", "B2", "n2")))
    for row in rows_of(context, "FROM correction"):
        assert not re.search(r"[{}]", row["correction_zh"] + row["correction_en"])


@pytest.mark.parametrize("count", [0, 1])
def test_a_catalogue_without_duplicates_needs_no_words(context_of: Make, count: int) -> None:
    context = diagnosed(context_of(), *[held(("NKU", "B1", "n1"))] * count)
    assert rows_of(context, "FROM correction") == []
