from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest

from dedup.codes import read_codes
from dedup.compare.policy import read_policy
from dedup.model import Verdict
from dedup.pipeline import judged
from dedup.rules import load_rules
from dedup.stages import group, junk
from dedup.stages.context import Context
from dedup.tables import JUNK, PAIR, RESCUE
from tests.strategies import concept, loaded

RULES = load_rules()
GOOD = {"title": "三体", "title_key": "三体", "display_title": "三体", "languages": ["chi"], "authors": ["刘慈欣"]}
BOOK = GOOD | {"publishers": ["重庆出版社"], "year": 2008, "transcribed_year": 2008, "pages": 302, "junk": ""}
EMPTY = {
    "title": "requiredfield",
    "title_key": "requiredfield",
    "display_title": "**REQUIRED FIELD**",
    "title_usable": False,
    "junk": "J01",
    "authors": [],
    "publishers": [],
    "places": [],
    "year": None,
    "transcribed_year": None,
    "pages": None,
}
ITEMS = {"libraries": ["TJU"], "barcodes": ["T0001"], "call_numbers": ["I247.5/1"]}


def book(record_id: str, **values: Any) -> dict[str, Any]:
    return concept(record_id=record_id, control=record_id.partition("/")[2], **(BOOK | values))


def bad(record_id: str = "A/1", **values: Any) -> dict[str, Any]:
    return concept(record_id=record_id, control=record_id.partition("/")[2], **(EMPTY | values))


def told(context: Context, *rows: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is found about each junk record when every record has been judged against every other."""
    engine, table = context.engine, loaded(*rows)
    engine.write("record", table.schema, table.to_batches())
    pairs = [{"left": left, "right": right, "rules": 1} for left, right in combinations(range(len(rows)), 2)]
    engine.write("pair", PAIR, pa.Table.from_pylist(pairs, PAIR).to_batches())
    judged(context)
    group.run(context)
    junk.find(context)
    query = (
        "SELECT r.record_id AS name, j.*, t.record_id AS target, t.rule FROM junk j JOIN record r ON r.rid = j.rid"
        " LEFT JOIN rescue t ON t.rid = j.rid ORDER BY j.rid"
    )
    return {row["name"]: row for row in engine.read(query).to_pylist()}


KEYS = [
    ("isbn", {"isbn": [730222446]}, {"isbn": [730222446]}),
    ("isbn", {"isbn_weak": [730222446]}, {"isbn": [730222446]}),
    ("isbn", {"isbn": [730222446]}, {"isbn_set": [730222446]}),
    ("unified_number", {"unified_number": "10019.2995"}, {"unified_number": "10019.2995"}),
    ("source_number", {"source_numbers": ["CAL01"]}, {"source_numbers": ["CAL01"]}),
    ("barcode", ITEMS, ITEMS),
    ("pinyin", {"pinyin": "zhuifengzhengderen", "year": 2006}, {"pinyin": "zhuifengzhengderen", "year": 2006}),
    (
        "title",
        {"junk": "J05", "alternatives": ["三体"], "mended_title": "三体", "publishers": ["重庆出版社"], "year": 2008},
        {},
    ),
    ("title", {"junk": "J05", "alternatives": ["三体"], "mended_title": "三体", "year": 2008, "pages": 302}, {}),
]


@pytest.mark.parametrize(("key", "left", "right"), KEYS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_key_leads_to_the_good_record(context_of: Callable[..., Context], key, left, right) -> None:
    row = told(context_of(), bad(**left), book("B/2", **right))["A/1"]
    assert (row["target"], row["rule"]) == ("B/2", key)


def test_the_order_of_the_keys_is_that_of_the_table_and_of_the_policy() -> None:
    ways = [way["row"] for way in RULES.tables["junk"]["rescue"]]
    policy = [row.id for row in read_policy(RULES).rows if row.verdict == Verdict.JUNK]
    assert ways == policy


def test_a_better_key_goes_before_a_worse_one(context_of: Callable[..., Context]) -> None:
    left = {"isbn": [730222446], "source_numbers": ["CAL01"], **ITEMS}
    rows = [bad(**left), book("B/2", source_numbers=["CAL01"]), book("C/3", isbn=[730222446], volume_from=2, level=1)]
    rows.append(book("D/4", **ITEMS, title="球状闪电", title_key="球状闪电"))
    assert told(context_of(), *rows)["A/1"]["target"] == "C/3"


def test_two_different_good_records_are_no_rescue_and_both_are_named(context_of: Callable[..., Context]) -> None:
    rows = [bad(isbn=[730222446]), book("B/2", isbn=[730222446], volume_from=1, level=1)]
    rows.append(book("C/3", isbn=[730222446], volume_from=2, level=1))
    row = told(context_of(), *rows)["A/1"]
    assert row["target"] is None and row["situation"] == "empty"
    assert "B/2, C/3" in row["reason"]


def test_records_that_are_the_same_are_one_rescue_their_record_to_keep(context_of: Callable[..., Context]) -> None:
    same = {"isbn": [730222446], "places": ["重庆"], "size": 21}
    rows = [bad(isbn=[730222446]), book("B/2", **same), book("C/3", **same, fullness=9, source_numbers=["CAL01"])]
    assert told(context_of(), *rows)["A/1"]["target"] == "C/3"


def test_another_junk_record_is_no_rescue(context_of: Callable[..., Context]) -> None:
    rows = told(context_of(), bad(isbn=[730222446]), bad("B/2", isbn=[730222446]))
    assert [row["target"] for row in rows.values()] == [None, None]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (ITEMS, ITEMS | {"libraries": ["NKU"]}),
        ({"pinyin": "shiji", "year": 2008}, {"pinyin": "shiji", "year": 2008}),
        ({"pinyin": "zhuifengzhengderen"}, {"pinyin": "zhuifengzhengderen"}),
        ({"libraries": ["TJU", "TJU"], "barcodes": [""]}, {"libraries": ["TJU"], "barcodes": [""]}),
    ],
)
def test_what_books_share_by_chance_is_no_key(context_of: Callable[..., Context], left, right) -> None:
    assert told(context_of(), bad(**left), book("B/2", **right))["A/1"]["target"] is None


@pytest.mark.parametrize(
    ("values", "situation"),
    [
        (ITEMS | {"isbn": [730222446]}, "rescued"),
        ({"isbn": [730222446]}, "empty"),
        (ITEMS, "items"),
        ({}, "empty"),
        (ITEMS | {"junk": "J08", "mended_title": "围城", "display_title": "围城▼f钱钟书著"}, "mend"),
        (ITEMS | {"junk": "J05", "mended_title": "三体", "isbn": [730222446]}, "rescued"),
        ({"junk": "J05", "mended_title": "围城"}, "mend"),
    ],
)
def test_the_correction_is_that_of_the_situation_with_its_values(
    context_of: Callable[..., Context], values, situation
) -> None:
    row = told(context_of(), bad(**values), book("B/2", isbn=[730222446]))["A/1"]
    assert row["situation"] == situation
    for text in (row["correction_zh"], row["correction_en"]):
        assert "A/1" in text and "{" not in text
        assert ("T0001" in text) == (situation in ("rescued", "items"))
        assert ("B/2" in text and "三体" in text) == (situation == "rescued")


def test_the_owners_of_the_items_act_else_the_last_agency_else_the_centre(context_of: Callable[..., Context]) -> None:
    held = {"libraries": ["TJU", "NKU", "TJU", ""], "barcodes": ["1", "2", "3", "4"], "call_numbers": ["", "", "", ""]}
    rows = told(context_of(), bad(**held, agencies=["NLC"]), bad("B/2", agencies=["NLC", "LIB-C"]), bad("C/3"))
    assert [row["responsible"] for row in rows.values()] == ["NKU;TJU", "LIB-C", "centre"]


def test_the_reason_says_what_was_typed_what_became_of_it_and_what_it_stands_for(
    context_of: Callable[..., Context],
) -> None:
    spoilt = {"junk": "J05", "mended_title": "高等数学", "display_title": "¸ßµÈÊýÑ§"}
    reason = told(context_of(), bad(**spoilt))["A/1"]["reason"]
    assert "¸ßµÈÊýÑ§" in reason and "高等数学" in reason and "GBK" in reason and " / " in reason


def test_every_kind_has_a_correction_for_every_situation_it_can_be_in() -> None:
    kinds = [code for code in read_codes(RULES).values() if code.id.startswith("J")]
    assert [code.id for code in kinds] == [f"J0{number}" for number in range(1, 10)]
    for code in kinds:
        assert set(code.corrections) - {"mend"} == {"rescued", "items", "empty"}
        assert ("mend" in code.corrections) == (code.id in ("J05", "J06", "J08"))


def test_without_junk_the_tables_are_there_and_empty(context_of: Callable[..., Context]) -> None:
    context = context_of()
    assert told(context, book("A/1"), book("B/2")) == {}
    for name, schema in (("junk", JUNK), ("rescue", RESCUE)):
        assert context.engine.read(f"SELECT * FROM {name}").schema.names == schema.names
