"""The table of order lists is whole: every heading is known, every row can be met, everything is said twice."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dedup.check.orders.candidates import first_line
from dedup.check.orders.model import Status
from dedup.check.orders.settings import read_settings
from dedup.engine.duck import DuckEngine
from dedup.errors import RuleError, StoreError
from dedup.rules import load_rules
from dedup.store import beside, building

RULES = load_rules()
TABLE = RULES.tables["orders"]
SETTINGS = read_settings(RULES)
HAN = re.compile(r"[\u4e00-\u9fff]")
HEADINGS = [(row["id"], word) for row in TABLE["column"] for word in row["headings"]]


@pytest.mark.parametrize(("column", "word"), HEADINGS)
def test_every_heading_is_known_in_any_case_width_and_with_a_unit_behind_it(column: str, word: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in word)
    for written in (word, word.upper(), f" {word} ：", f"{word}(元)", wide):
        found = SETTINGS.headings.of(written)
        assert found is not None and found[0] == column, written


@pytest.mark.parametrize("group", ["column", "result", "kind", "said", "note", "columns", "texts", "differences"])
def test_everything_is_said_in_both_languages_with_the_same_places(group: str) -> None:
    for id, words in SETTINGS.names[group].items():
        assert words.zh and words.en, id
        assert words.en.isascii() or "“" in words.en, id
        assert sorted(re.findall(r"\{\w*\}", words.zh)) == sorted(re.findall(r"\{\w*\}", words.en)), id


@pytest.mark.parametrize("row", SETTINGS.relations, ids=lambda row: row.id)
def test_a_row_says_what_it_means_and_leads_to_a_result_that_has_a_name(row: Any) -> None:
    assert HAN.search(row.means.zh) and row.means.en
    assert row.status is None or row.status in SETTINGS.names["result"]
    assert (row.kind in SETTINGS.names["kind"]) is (row.status is Status.OTHER)
    assert bool(row.several) is bool(row.one_of) and (not row.several or row.several in SETTINGS.names["said"])


def test_rows_have_different_ids_and_name_a_source() -> None:
    ids = [row["id"] for row in TABLE["row"]]
    assert len(ids) == len(set(ids)) and all(row["source"] for row in TABLE["row"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"veto": ["nonsense"]}, "nonsense"),
        ({"row": ["P99.none"]}, "P99.none"),
        ({"says": ["no_column"]}, "no_column"),
        ({"when": {"no_question": "agrees"}}, "no_question"),
        ({"result": "perhaps"}, "perhaps"),
    ],
)
def test_a_row_that_names_what_is_not_there_is_refused_by_its_name(change: dict[str, Any], said: str) -> None:
    rows = [{**TABLE["row"][0], **change}]
    with pytest.raises(RuleError, match=said):
        read_settings(replace(RULES, tables={**RULES.tables, "orders": {**TABLE, "row": rows}}))


def test_a_heading_in_two_columns_is_refused() -> None:
    columns = [*TABLE["column"], {**TABLE["column"][0], "id": "more"}]
    with pytest.raises(RuleError, match="ISBN"):
        read_settings(replace(RULES, tables={**RULES.tables, "orders": {**TABLE, "column": columns}}))


def test_a_catalogue_without_keys_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with building(tmp_path / "a.duckdb", 1) as engine:
        engine.sql("record", "SELECT 0::BIGINT AS rid")
    engine = beside(tmp_path / "a.duckdb", 1)
    try:
        assert isinstance(engine, DuckEngine)
        with pytest.raises(StoreError, match=r"key.*dedup run"):
            first_line(engine)
    finally:
        engine.close()
