from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.duck import DuckEngine
from dedup.errors import RuleError
from dedup.rules import RuleSet, load_rules
from dedup.stages import block
from dedup.stages.blocking import Column, _column, read_blocking
from dedup.stages.context import Context
from dedup.stages.keys import hashed_text, keys
from tests.strategies import concept, concepts, loaded

PLAIN = {"authors": [], "headings": [], "publishers": [], "pages": None, "year": None}


def blocked(context: Context, *rows: dict[str, Any]) -> dict[tuple[int, int], list[str]]:
    """The proposed pairs with the ids of the rules that proposed them."""
    table = loaded(*rows)
    context.engine.write("record", table.schema, table.to_batches())
    block.run(context)
    ids = [rule.id for rule in read_blocking(context.rules).rules]
    found = context.engine.read('SELECT "left", "right", rules FROM pair').to_pylist()
    return {
        (row["left"], row["right"]): [name for bit, name in enumerate(ids) if row["rules"] >> bit & 1] for row in found
    }


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("isbn", {"isbn": [750361744]}, {"isbn_weak": [750361744]}),
    ("isbn", {"isbn": [750361744, 1]}, {"isbn_set": [750361744]}),
    ("unified_number", {"unified_number": "13031.2284"}, {"unified_number": "13031.2284"}),
    ("source_number", {"source_numbers": ["CAL012004"]}, {"source_numbers": ["OCLC1", "CAL012004"]}),
    (
        "title_publisher",
        {"alternatives": ["奥运英语大家说提高篇"], "publishers": ["世界图书"]},
        {"title_key": "奥运英语大家说提高篇", "publishers": ["世界图书"]},
    ),
    ("title_year", {"title_key": "围城", "year": 1980}, {"title_key": "围城", "year": 1981}),
    ("title_name", {"title_key": "三体", "authors": ["刘慈欣"]}, {"title_key": "三体", "headings": ["刘慈欣"]}),
    ("title_pages", {"title_key": "三体", "pages": 302}, {"title_key": "三体", "pages": 302}),
    (
        "name_title_start",
        {"title_key": "少年小树之歌", "authors": ["卡特"]},
        {"title_key": "少年小树之歌声", "authors": ["卡特"]},
    ),
    ("title_alone", {"title_key": "柳如是别传"}, {"title_key": "柳如是别传"}),
    ("document_number", {"document_numbers": ["y1126"]}, {"document_numbers": ["y1126"]}),
    ("standard_number", {"standard_numbers": ["gbt57952006"]}, {"standard_numbers": ["gbt57952006"]}),
    ("issn", {"issn": ["1002-1027"]}, {"issn": ["1002-1027"]}),
    ("pinyin_year", {"pinyin": "bailuyuan", "year": 1993}, {"pinyin": "bailuyuan", "year": 1993}),
    (
        "name_year_pages",
        {"title_key": "pecoroneofsergiovanni", "authors": ["giovanni"], "year": 1897, "pages": 200},
        {"title_key": "storiesofsergiovanni", "authors": ["giovanni"], "year": 1897, "pages": 200},
    ),
    (
        "barcode",
        {"libraries": ["A", "B"], "barcodes": ["", "77"]},
        {"libraries": ["B"], "barcodes": ["77"]},
    ),
    (
        "call_number",
        {"libraries": ["A"], "call_numbers": ["I247/5"]},
        {"libraries": ["A"], "call_numbers": ["I247/5"]},
    ),
]


@pytest.mark.parametrize(("rule", "left", "right"), CASES)
def test_each_rule_brings_together_what_it_is_for(
    context_of: Callable[..., Context], rule: str, left: dict[str, Any], right: dict[str, Any]
) -> None:
    # The third record shares nothing, so that no pair comes from sharing emptiness.
    rows = [concept(**PLAIN | {"title_key": f"无关{n}"} | more) for n, more in enumerate((left, right, {}))]
    found = blocked(context_of(), *rows)
    assert set(found) == {(0, 1)} and rule in found[0, 1]


def test_every_rule_has_a_case_above(rules: RuleSet) -> None:
    cases = {rule for rule, *_ in CASES}
    assert cases == {rule.id for rule in read_blocking(rules).rules}


def test_other_libraries_barcodes_and_years_two_apart_propose_nothing(context_of: Callable[..., Context]) -> None:
    rows = [
        concept(**PLAIN | {"title_key": "甲", "libraries": ["A"], "barcodes": ["7"], "pinyin": "jia", "year": 1990}),
        concept(**PLAIN | {"title_key": "乙", "libraries": ["B"], "barcodes": ["7"], "pinyin": "jia", "year": 1992}),
    ]
    assert blocked(context_of(), *rows) == {}


def test_disc_and_e_book_numbers_propose_nothing(context_of: Callable[..., Context]) -> None:
    rows = [concept(**PLAIN | {"title_key": key, "isbn_other": [788765122]}) for key in ("甲", "乙")]
    assert blocked(context_of(), *rows) == {}


def test_a_crowded_title_is_compared_with_neighbours_only_and_the_report_says_so(
    context_of: Callable[..., Context],
) -> None:
    context = context_of()
    more = PLAIN | {"title": "选集", "title_key": "选集", "publishers": ["人民出版社"]}
    found = blocked(context, *[concept(**more | {"subtitle": f"{n:03}"}) for n in range(60)])
    [rule] = [rule for rule in read_blocking(context.rules).rules if rule.id == "title_publisher"]
    assert set(found) == {(a, b) for a, b in combinations(range(60), 2) if b - a <= rule.window}
    dropped = context.engine.read("SELECT rule, size, action, pairs FROM dropped_key").to_pylist()
    assert [row for row in dropped if row["action"] == "windowed"] == [
        {"rule": "title_publisher", "size": 60, "action": "windowed", "pairs": len(found)}
    ]


def test_a_crowded_number_is_split_by_its_refinement(context_of: Callable[..., Context]) -> None:
    volumes = [
        concept(**PLAIN | {"title_key": f"卷{n}", "isbn_set": [5], "volume_label": str(n // 2)}) for n in range(90)
    ]
    found = blocked(context_of(), *volumes)
    assert set(found) == {(n, n + 1) for n in range(0, 90, 2)}


def test_pairs_do_not_depend_on_the_order_of_the_records(context_of: Callable[..., Context]) -> None:
    rows = [
        concept(**PLAIN | {"title": "选集", "title_key": "选集", "record_id": f"A/{n}", "year": 1900 + n % 3})
        for n in range(90)
    ]
    context = context_of()
    forwards = {frozenset((rows[a]["record_id"], rows[b]["record_id"])) for a, b in blocked(context, *rows)}
    backwards = list(reversed(rows))
    found = blocked(context, *backwards)
    assert forwards == {frozenset((backwards[a]["record_id"], backwards[b]["record_id"])) for a, b in found}


@given(st.lists(concepts(), min_size=2, max_size=12))
def test_no_pair_with_a_common_rare_key_is_missed(rows: list[dict[str, Any]]) -> None:
    batch = loaded(*rows).combine_chunks().to_batches()[0]
    made = keys(batch, read_blocking(load_rules())).to_pydict()
    shared = {
        frozenset((a, b))
        for (a, key), (b, other) in combinations(zip(made["rid"], made["key"], strict=True), 2)
        if key == other and a != b
    }
    isbn = {frozenset((a, b)) for a, b in combinations(range(len(rows)), 2) if _cores(rows[a]) & _cores(rows[b])}
    assert isbn <= shared


def _cores(row: dict[str, Any]) -> set[int]:
    return {core for name in ("isbn", "isbn_weak", "isbn_set", "isbn_part") for core in row[name]}


def plain_hash(text: str) -> int:
    """The slow twin of `hashed_text`."""
    base, word = 0x9E3779B97F4A7C15, 1 << 64
    data = text.encode()
    if not data:
        return 0
    number = (sum((byte + 1) * pow(base, place, word) for place, byte in enumerate(data)) + len(data)) % word
    number = (number + base) % word
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % word
    number = (number ^ number >> 27) * 0x94D049BB133111EB % word
    return (number ^ number >> 31) or 1


@given(st.lists(st.text(max_size=20)), st.integers(0, 3))
def test_the_hash_of_a_column_is_that_of_each_string_wherever_the_slice_begins(texts: list[str], begin: int) -> None:
    column = pa.array(texts, pa.string())[begin:]
    assert hashed_text(column).tolist() == [plain_hash(text) for text in texts[begin:]]


def test_the_hash_never_changes_between_versions() -> None:
    assert hashed_text(pa.array(["a", "中", None])).tolist() == [4824385676517010403, plain_hash("中"), 0]


def test_different_titles_hash_differently() -> None:
    titles = pa.array([f"中国近代史{n}" for n in range(200_000)])
    assert len(np.unique(hashed_text(titles))) == len(titles)


def test_a_part_is_read_from_its_words() -> None:
    assert _column("x", "title_key:6") == Column("title_key", start=6)
    assert _column("x", "libraries&barcodes") == Column("libraries", beside="barcodes")


@pytest.mark.parametrize("text", ["titel_key", "title_key:", "title_key~2", "libraries&shelf", ""])
def test_a_part_that_names_no_column_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(RuleError, match="row 3"):
        _column("row 3", text)


def test_an_empty_catalogue_has_no_pairs(context_of: Callable[..., Context], engine: DuckEngine) -> None:
    assert blocked(context_of()) == {}
