"""Answers to an order list are written so that programs and people can rely on every cell."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from dedup.check.orders import output
from dedup.check.orders.settings import read_settings
from dedup.commands import dedup
from dedup.errors import DedupError
from dedup.layout import wide
from dedup.rules import load_rules
from tests.check.orders_made import ROOT, asked, catalogue, text, workbook

RULES = load_rules()
SETTINGS = read_settings(RULES)
LIST = ROOT / "fixtures" / "orders.csv"
HOSTILE = '=HYPERLINK("http://x","y")'


def command(*words: object) -> tuple[int, str, str]:
    """Exit code, standard output and what went wrong, in this process."""
    done = CliRunner().invoke(dedup, ["check", *map(str, words)])
    if isinstance(done.exception, DedupError):
        return 2, done.stdout, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def process(*words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    line = [sys.executable, str(ROOT / "cli.py"), "check", *map(str, words)]
    return subprocess.run(line, capture_output=True, timeout=120, cwd=ROOT, env={**os.environ, **environment})


def test_csv_has_one_row_for_each_line_and_no_cell_that_is_a_formula(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", [("ISBN", "题名", "作者"), ("", HOSTILE, "+1"), ("-2", "@x", "书")], delimiter="\t")
    rows = list(csv.DictReader(io.StringIO(output.as_csv(asked(path)))))
    assert [row["row"] for row in rows] == ["2", "3"] and list(rows[0]) == output.COLUMNS
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_json_tells_everything_in_both_languages() -> None:
    told = json.loads(output.as_json(asked(LIST)))
    assert told["contract_version"] == 1 and sum(told["counts"].values()) == len(told["lines"]) == 15
    line = told["lines"][0]
    assert (line["row"], line["result"], line["libraries"]) == (3, "held", {"BLU": 1, "LTU": 1})
    assert all(one["reason"] and one["reason_zh"] for one in told["lines"])
    assert told["lines"][3]["matches"][0]["differs"][0].keys() == {"name", "name_zh", "list", "catalogue"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_fits_the_console_and_ends_with_the_counts(language: str) -> None:
    report = asked(LIST)
    lines = output.as_text(report, SETTINGS, language, 100).splitlines()
    assert max(map(wide, lines)) <= 100
    assert sum(int(part.rsplit(" ", 1)[1]) for part in lines[-1].split(" · ")) == len(report.answers)


def test_text_shows_signs_that_would_move_the_cursor(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", [("题名", "作者"), ("书\x1b[2J\u202e名", "某")])
    shown = output.as_text(asked(path), SETTINGS, "en", 100)
    assert "\x1b" not in shown and "\u202e" not in shown and "\\u001b" in shown


class TestWorkbook:
    def written(self, folder: Path, source: Path) -> dict[str, list[tuple[object, ...]]]:
        output.write_workbook(asked(source), folder / "out.xlsx", SETTINGS, RULES, "zh")
        book = load_workbook(folder / "out.xlsx")
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                assert all(
                    cell.data_type in ("s", "n") and (cell.value is None or cell.data_type == "s") for cell in row
                )
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}

    def test_is_the_list_as_it_came_with_columns_added(self, tmp_path: Path) -> None:
        rows = [("订单",), (), ("ISBN", "书名"), ("9787208061644", "追风筝的人"), (), ("合计", "")]
        (made,) = self.written(tmp_path, workbook(tmp_path / "a.xlsx", ("订 单", rows))).values()
        assert made[0][0] == "订单" and made[3][:2] == rows[3] and made[5][0] == "合计"
        assert made[2][2:5] == ("查重结果", "类别", "收藏馆(复本)")
        assert made[3][2] == "已有" and made[3][4] == "BLU(1), QSU(1)" and made[5][2] == "无法判定"
        assert made[3][6] == "BLU/b2001\nQSU/a1001"
        assert not any(made[0][2:]) and not any(made[1])

    def test_holds_no_formula_link_or_number_whatever_the_list_held(self, tmp_path: Path) -> None:
        rows = [("ISBN", "书名", "作者"), ("0131103628", "http://example.org", "=1+1"), ("007", "@SUM(A1)", "\x0b'x")]
        made = self.written(tmp_path, text(tmp_path / "a.csv", rows))
        (sheet,) = made.values()
        assert sheet[1][:3] == rows[1] and sheet[2][:2] == rows[2][:2]

    def test_keeps_every_sheet_also_one_without_headings(self, tmp_path: Path) -> None:
        book = workbook(tmp_path / "a.xlsx", ("甲", [("题名",), ("围城",)]), ("说明", [("勿改",)]))
        made = self.written(tmp_path, book)
        assert list(made) == ["甲", "说明"] and made["说明"] == [("勿改",)]


class TestCommand:
    def test_what_is_held_ends_with_1_and_what_is_not_with_0(self, tmp_path: Path) -> None:
        absent = text(tmp_path / "a.csv", [("ISBN", "题名"), ("9787100999991", "一本目录里没有的书")])
        assert command("--orders", absent, "--db", catalogue())[0] == 0
        code, said, wrong = command("--orders", LIST, "--db", catalogue(), "--lang", "en")
        assert code == 1 and "held" in said and not wrong

    @pytest.mark.parametrize("name", ["out.xlsx", "out.csv", "out.json"])
    def test_writes_a_file_of_the_kind_that_its_name_says(self, tmp_path: Path, name: str) -> None:
        assert command("--orders", LIST, "--db", catalogue(), "--out", tmp_path / name) == (1, "", "")
        start = (tmp_path / name).read_bytes()[:4]
        assert start == {"out.xlsx": b"PK\x03\x04", "out.csv": b"\xef\xbb\xbfr", "out.json": b'{\n "'}[name]
        assert [path.name for path in tmp_path.iterdir()] == [name]

    def test_never_writes_over_the_list_itself(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", ("S", [("题名",), ("围城",)]))
        before = path.read_bytes()
        code, _, wrong = command("--orders", path, "--db", catalogue(), "--out", path)
        assert code == 2 and path.read_bytes() == before and "another file" in wrong

    def test_a_sheet_without_headings_is_named_on_standard_error(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", ("甲", [("题名",), ("围城",)]), ("说明", [("勿改",)]))
        code, said, wrong = command("--orders", path, "--db", catalogue(), "--format", "csv")
        assert code == 1 and "'说明'" in wrong and "1 rows" in wrong and "说明" not in said

    def test_a_console_of_other_letters_loses_nothing(self) -> None:
        words = ("--orders", LIST, "--db", catalogue(), "--format", "json")
        done = process(*words, PYTHONIOENCODING="gbk")
        assert done.returncode == 1 and json.loads(done.stdout) == json.loads(command(*words)[1])

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("--orders", "none.csv", "--db", "{db}"), "none.csv"),
            (("--orders", LIST), "--db"),
            (("--orders", LIST, "--db", "none.duckdb"), "none.duckdb"),
            (("--orders", LIST, "--db", LIST), "orders.csv"),
            (("--orders", LIST, "--db", "{db}", "--format", "sarif"), "text, csv, json"),
            (("fixtures/marc", "--orders", LIST, "--db", "{db}"), "order list"),
            ((), "--orders"),
        ],
    )
    def test_what_cannot_be_checked_ends_with_2_and_says_why(self, words: tuple[object, ...], said: str) -> None:
        code, shown, wrong = command(*(str(word).replace("{db}", str(catalogue())) for word in words))
        assert code == 2 and said in wrong and not shown
