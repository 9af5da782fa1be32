"""An order list is read whatever program, vendor or library made it, and no row of it is lost."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from dedup.check.orders.files import read_list
from dedup.check.orders.lines import APART, lines
from dedup.check.orders.model import Line, OrderList
from dedup.check.orders.settings import read_settings
from dedup.errors import InputError
from dedup.rules import load_rules
from tests.check.orders_made import text, workbook

RULES = load_rules()
SETTINGS = read_settings(RULES)
HEAD = ("ISBN", "书名", "作者")
BOOK = ("978-7-302-14751-0", "数据结构", "严蔚敏")


def read(path: Path) -> OrderList:
    return read_list(path, SETTINGS)


def of(path: Path) -> list[Line]:
    return list(lines(read(path), SETTINGS, RULES))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_text_list_is_read_in_every_encoding_and_with_every_separator(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    (line,) = of(text(tmp_path / "list.csv", [HEAD, BOOK], encoding, delimiter))
    assert line.says == {"isbn": BOOK[0], "title": BOOK[1], "author": BOOK[2]} and line.row == 2


def test_a_traditional_list_in_big5_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("ISBN,題名\r\n9789571234567,紅樓夢".encode("big5"))
    assert of(path)[0].says["title"] == "紅樓夢"


def test_commas_and_line_ends_inside_quoted_cells_belong_to_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('ISBN,Title,Author\n0131103628,"C, the\nlanguage","Kernighan, Brian"\n,"Say ""hello""",\n', "utf-8")
    first, second = of(path)
    assert (first.says["title"], first.says["author"]) == ("C, the language", "Kernighan, Brian")
    assert second.says["title"] == 'Say "hello"' and second.row == 3


def test_a_quotation_mark_that_is_never_closed_swallows_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('ISBN,Title\n0131103628,"C language\n0262011530,Structure\n,Third\n', encoding="utf-8")
    assert [line.row for line in of(path)] == [2, 3, 4]


@pytest.mark.parametrize(
    "head",
    [
        ("国际标准书号", "正题名", "著者"),
        ("书号", "书 名", "责任者"),
        ("ISBN号：", "书名*", "作者(译者)"),
        ("ISBN（13位）", "题名/Title", "Author(s)"),
        ("isbn", "BOOK TITLE", "By"),
        ("ＩＳＢＮ", "题名 Title", "作 者"),
    ],
)
def test_columns_are_known_by_their_headings_however_these_are_written(tmp_path: Path, head: tuple[str, ...]) -> None:
    (line,) = of(workbook(tmp_path / "a.xlsx", ("S", [head, BOOK])))
    assert set(line.says) == {"isbn", "title", "author"}


def test_the_headings_may_stand_below_titles_and_beside_columns_that_mean_nothing_here(tmp_path: Path) -> None:
    rows = [
        ("某大学图书馆2024年秋季订单",),
        (),
        ("供应商", "某公司"),
        ("序号", "馆藏地", *HEAD, "备注"),
        (1, "总馆", *BOOK, "急"),
    ]
    (line,) = of(workbook(tmp_path / "a.xlsx", ("订单", rows)))
    assert line.row == 5 and line.says["title"] == BOOK[1]


def test_every_row_below_the_headings_is_a_line_also_sums_and_remarks(tmp_path: Path) -> None:
    rows = [HEAD, BOOK, (None, None, None), ("合计", None, None), (None, None, "经手人")]
    assert [line.row for line in of(workbook(tmp_path / "a.xlsx", ("S", rows)))] == [2, 4, 5]


def test_hidden_rows_columns_and_sheets_are_read_as_all_others(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD, BOOK, BOOK):
        sheet.append(list(row))
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["A"].hidden = True
    other = book.create_sheet("里")
    other.append(list(HEAD))
    other.append(list(BOOK))
    other.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    found = of(tmp_path / "a.xlsx")
    assert [(line.sheet, line.row) for line in found] == [("Sheet", 2), ("Sheet", 3), ("里", 2)]
    assert all(line.says["isbn"] == BOOK[0] for line in found)


def test_each_sheet_has_its_own_headings_and_one_without_is_counted(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        ("中文", [HEAD, BOOK]),
        ("西文", [("Title", "ISBN"), ("The C programming language", "0131103628")]),
        ("说明", [("本表由系统导出",), ("请勿修改",)]),
    )
    assert [line.says["title"] for line in of(path)] == [BOOK[1], "The C programming language"]
    assert [(sheet.name, sheet.heading, len(sheet.rows)) for sheet in read(path).sheets][2] == ("说明", 0, 2)


def isbn(folder: Path, cell: str | int | float) -> tuple[str, list[str]]:
    (line,) = of(workbook(folder / "a.xlsx", ("S", [("ISBN", "题名"), (cell, "书")])))
    return line.says.get("isbn", ""), [note.id for note in line.notes]


@pytest.mark.parametrize(
    ("cell", "read", "notes"),
    [
        (9787302147510, "9787302147510", []),
        (9787302147510.0, "9787302147510", []),
        (131103628, "0131103628", ["isbn-restored"]),
        ("131103628", "0131103628", ["isbn-restored"]),
        ("9787302147510.0", "9787302147510", []),
        ("9.78730214751E+12", "9787302147510", []),
        ("9.787E+12", "", ["isbn-rounded"]),
        ("9.78E12", "", ["isbn-rounded"]),
        ("ISBN 978-7-302-14751-0", "ISBN 978-7-302-14751-0", []),
        ("无", "", ["isbn-unread"]),
        ("978-7-302-14751-9", "978-7-302-14751-9", ["isbn-wrong"]),
        ("13110362", "", ["isbn-unread"]),
    ],
)
def test_an_isbn_that_a_spreadsheet_spoilt_is_mended_only_where_that_is_certain(
    tmp_path: Path, cell: str | int | float, read: str, notes: list[str]
) -> None:
    assert isbn(tmp_path, cell) == (read, notes)


def test_two_isbns_in_one_cell_or_in_two_columns_both_count(tmp_path: Path) -> None:
    rows = [("ISBN10", "ISBN13", "题名"), ("7-302-14751-1", "9787302147510", "数据结构")]
    (line,) = of(workbook(tmp_path / "a.xlsx", ("S", rows)))
    assert line.says["isbn"].split(APART) == ["7-302-14751-1", "9787302147510"]


@pytest.mark.parametrize(
    ("title", "edition", "read"),
    [
        ("计算机网络(第五版)", "", {"title": "计算机网络", "variant": "计算机网络(第五版)", "edition": "第五版"}),
        ("《计算机网络》", "", {"title": "计算机网络"}),
        ("计算机网络（第5版）", "5", {"title": "计算机网络", "variant": "计算机网络（第5版）", "edition": "5"}),
        (
            "Linear algebra, 2nd ed.",
            "",
            {"title": "Linear algebra", "variant": "Linear algebra, 2nd ed.", "edition": "2nd ed."},
        ),
        ("《围城》与《谈艺录》", "", {"title": "《围城》与《谈艺录》"}),
        ("数据结构(C语言版)", "", {"title": "数据结构(C语言版)"}),
        ("第二版", "", {"title": "第二版"}),
    ],
)
def test_an_edition_inside_a_title_is_read_as_an_edition(
    tmp_path: Path, title: str, edition: str, read: dict[str, str]
) -> None:
    rows = [("题名", "版次"), (title, edition)]
    (line,) = of(text(tmp_path / "a.csv", rows, delimiter="\t"))
    assert line.says == read


def test_a_day_number_in_the_column_of_years_is_a_date(tmp_path: Path) -> None:
    (line,) = of(workbook(tmp_path / "a.xlsx", ("S", [("题名", "出版日期"), ("书", 41821)])))
    assert line.says["year"] == "2014-07-01"


def test_the_value_of_a_formula_counts_and_the_formula_does_not(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("S", [HEAD, ('=HYPERLINK("http://x","9787302147510")', *BOOK[1:])]))
    assert "isbn" not in of(path)[0].says and load_workbook(path).active is not None


class TestWhatCannotBeRead:
    def refused(self, path: Path) -> str:
        with pytest.raises(InputError) as error:
            read(path)
        assert str(path) in str(error.value) and "wanted" in str(error.value)
        return str(error.value)

    def test_a_list_without_an_isbn_or_title_column_names_the_headings_found_and_wanted(self, tmp_path: Path) -> None:
        said = self.refused(workbook(tmp_path / "a.xlsx", ("S", [("编号", "单位", "金额"), (1, "册", 20)])))
        assert "编号 | 单位 | 金额" in said and "书号" in said and "题名" in said and "Title" in said

    def test_a_missing_file(self, tmp_path: Path) -> None:
        assert "No such file" in self.refused(tmp_path / "none.xlsx")

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "directory" in self.refused(tmp_path)

    def test_an_empty_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(b"")
        assert "no filled cell" in self.refused(tmp_path / "a.csv")

    def test_headings_alone(self, tmp_path: Path) -> None:
        assert "without a line" in self.refused(text(tmp_path / "a.csv", [HEAD]))

    def test_an_old_workbook(self, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
        assert "old .xls" in self.refused(tmp_path / "a.xlsx")

    def test_a_web_page_called_xls(self, tmp_path: Path) -> None:
        (tmp_path / "a.xls").write_text("\n<HTML><table><tr><td>ISBN</td></tr></table>", encoding="utf-8")
        assert "web page" in self.refused(tmp_path / "a.xls")

    def test_a_damaged_workbook(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "a.xlsx", ("S", [HEAD, BOOK]))
        path.write_bytes(path.read_bytes()[:-400])
        assert "workbook" in self.refused(path)

    def test_a_binary_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(bytes(range(256)) * 4)
        assert "binary" in self.refused(tmp_path / "a.csv")


def test_a_tab_separated_text_called_xls_is_a_text(tmp_path: Path) -> None:
    assert of(text(tmp_path / "a.xls", [HEAD, BOOK], "gb18030", "\t"))[0].says["title"] == BOOK[1]


CELL = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00\r\n"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8))
def test_whatever_stands_in_the_cells_every_filled_row_comes_out_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    import csv

    path = tmp_path_factory.mktemp("law") / "a.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("ISBN", "题名", "责任者"), *rows])
    filled = [number for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)]
    if not filled:
        with pytest.raises(InputError):
            read(path)
    else:
        assert [line.row for line in of(path)] == filled


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(codecs.BOM_UTF8 + b"ISBN\n9787302147510\n")
    assert of(path)[0].says == {"isbn": "9787302147510"}
