"""A list of somebody's own comes back as it was, every cell a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from dedup.errors import InputError
from dedup.report.workbook_list import ListRow, ListSheet, write_list
from dedup.rules import RuleSet


def sheet(name: str, *rows: ListRow) -> ListSheet:
    return ListSheet(name, rows, {1: 30.0}, 1)


def test_cells_stay_where_they_were_and_what_they_were(tmp_path: Path, rules: RuleSet) -> None:
    cells = {0: "=1+1", 2: "0131103628", 3: "http://x", 4: "{=A1}", 5: "a\nb"}
    write_list(tmp_path / "a.xlsx", [sheet("单", ListRow(2, {0: "头"}, head=True), ListRow(5, cells))], rules, "zh")
    made = load_workbook(tmp_path / "a.xlsx")["单"]
    assert made["A2"].value == "头" and made["B5"].value is None and made["A1"].value is None
    assert [made.cell(5, place + 1).value for place in cells] == list(cells.values())
    assert {made.cell(5, place + 1).data_type for place in cells} == {"s"} and not made.merged_cells.ranges


def test_sheets_with_names_that_no_workbook_takes_are_kept_under_the_nearest(tmp_path: Path, rules: RuleSet) -> None:
    names = ["甲/乙", "甲_乙", "x" * 40, "X" * 40, "", "'"]
    write_list(tmp_path / "a.xlsx", [sheet(name, ListRow(1, {0: name})) for name in names], rules, "en")
    made = load_workbook(tmp_path / "a.xlsx")
    assert len(made.sheetnames) == len(names) and made.sheetnames[:2] == ["甲_乙", "甲_乙 2"]
    assert [made[name]["A1"].value or "" for name in made.sheetnames] == names


def test_a_text_that_no_cell_holds_is_cut_and_marked(tmp_path: Path, rules: RuleSet) -> None:
    write_list(tmp_path / "a.xlsx", [sheet("a", ListRow(1, {0: "长" * 40_000}))], rules, "zh")
    found = load_workbook(tmp_path / "a.xlsx")["a"]["A1"].value
    assert isinstance(found, str) and 32_000 < len(found) <= 32_767 and not found.endswith("长")


def test_a_file_that_cannot_be_written_is_said_to_be_one(tmp_path: Path, rules: RuleSet) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(InputError, match=r"a\.xlsx"):
        write_list(tmp_path / "a.xlsx", [sheet("a", ListRow(1, {0: "b"}))], rules, "zh")
