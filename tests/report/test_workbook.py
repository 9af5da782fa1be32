"""Workbooks, opened again: sheets, columns, text everywhere, locks and choices, counts as in the data files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError
from dedup.report import gather
from dedup.report.columns import clean, cut, read_words
from dedup.report.keys import unseal
from dedup.report.model import Line, Package, Part
from dedup.report.statistics import band_of, statistics
from dedup.report.workbook import workbook_name, write_centre, write_workbook
from dedup.review.workbook import opened
from dedup.rules import RuleSet
from tests.report.conftest import PERIOD

Rows = Callable[[str], list[dict[str, str]]]
SHEETS = ["汇总", "合并", "修改", "级别", "垃圾", "空数据", "待核", "已确认非重复", "上月未处理", "说明"]
PARTS = {Part.MERGE: "合并", Part.CORRECT: "修改", Part.LEVEL: "级别", Part.JUNK: "垃圾", Part.EMPTY: "空数据"}
PARTS |= {Part.REVIEW: "待核", Part.CONFIRMED: "已确认非重复", Part.OPEN: "上月未处理"}
COLUMNS = [
    "组号",
    "结论",
    "原因代码",
    "原因说明",
    "处理方式",
    "保留记录号",
    "应删/应改记录号",
    "题名",
    "责任者",
    "版次",
    "出版者",
    "出版年(定长)",
    "出版年(210/260)",
    "页数",
    "ISBN(13)",
    "ISBN(10)",
    "丛书",
    "卷册",
    "著录级别",
    "馆藏馆",
    "索书号",
    "条码号",
    "典藏地",
    "编目机构(801/040)",
    "建立/修改日期",
    "差异字段",
    "修改建议",
    "可信度",
    "责任馆",
]
ANSWERS = ["处理结果", "完成日期", "备注", "行标识"]
CHOICES = '"已合并,已修改,已删除,非重复,待查"'
RED = "FFC00000"


@pytest.fixture(scope="module")
def books(
    packages: dict[str, Package], rules: RuleSet, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Workbook]:
    """The workbook of every library, in Chinese."""
    folder = tmp_path_factory.mktemp("books")
    opened = {}
    for name, package in packages.items():
        path = folder / workbook_name(name, PERIOD, rules)
        write_workbook(package, path, rules, PERIOD, "zh")
        opened[name] = load_workbook(path)
    return opened


def rows(sheet: Worksheet) -> list[dict[str, str]]:
    head, *body = [["" if value is None else value for value in row] for row in sheet.values]
    return [dict(zip(head, row, strict=True)) for row in body]


def cells(book: Workbook) -> list[object]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def one_line(**values: object) -> Line:
    texts = dict.fromkeys(Line.__dataclass_fields__, "")
    fixed = {
        "key": "G1|A/1",
        "part": Part.MERGE,
        "group_id": "G1",
        "verdict": "same",
        "cause": "D12",
        "action": "merge",
    }
    fixed |= {"keep": False, "record_id": "A/1", "differing": (), "correction": {"zh": "", "en": ""}}
    return Line(**{**texts, **fixed, "reason": {"zh": "", "en": ""}, "level": "single", **values})  # type: ignore[arg-type]


def written(line: Line, path: Path, rules: RuleSet, lang: str = "zh") -> dict[str, str]:
    """The one row of a workbook with one line, read again."""
    write_workbook(gather.package("A", (line,)), path, rules, PERIOD, lang)
    book = load_workbook(path)
    [row] = rows(book.worksheets[SHEETS.index(PARTS[line.part])])
    return row


def test_a_workbook_is_named_after_library_and_month_and_holds_ten_sheets(
    books: dict[str, Workbook], rules: RuleSet
) -> None:
    assert workbook_name("BLU", PERIOD, rules) == f"重复数据报表_BLU_{PERIOD}.xlsx"
    assert all(book.sheetnames == SHEETS for book in books.values())


def test_columns_stand_in_the_order_that_cataloguers_agreed_on(books: dict[str, Workbook]) -> None:
    for book in books.values():
        for part, name in PARTS.items():
            head = [cell.value for cell in book[name][1]]
            assert head == [*COLUMNS, *(ANSWERS[:3] if part is Part.CONFIRMED else ANSWERS)]


def test_every_cell_is_text_and_none_a_formula(books: dict[str, Workbook]) -> None:
    for book in books.values():
        for cell in cells(book):
            assert cell.data_type == "s" and isinstance(cell.value, str)
            assert cell.number_format == "@"


def test_each_record_has_one_row_and_the_rows_are_the_lines_of_the_package(
    books: dict[str, Workbook], packages: dict[str, Package]
) -> None:
    for name, book in books.items():
        for part, title in PARTS.items():
            lines = packages[name].of(part)
            found = rows(book[title])
            assert [row["题名"] for row in found] == [clean(line.title) for line in lines]
            assert [row["条码号"] for row in found] == [line.barcodes for line in lines]
            assert [row["保留记录号"] for row in found] == [line.keep_record for line in lines]
            assert [row["修改建议"] for row in found] == [clean(line.correction["zh"]) for line in lines]


def test_the_record_to_keep_is_bold_and_says_so_and_names_itself_once(
    books: dict[str, Workbook], packages: dict[str, Package]
) -> None:
    for name, book in books.items():
        for row, line in zip(book["合并"].iter_rows(min_row=2), packages[name].of(Part.MERGE), strict=True):
            values = dict(zip(COLUMNS, row[: len(COLUMNS)], strict=True))
            assert all(cell.font.bold == line.keep for cell in values.values())
            assert (values["处理方式"].value == "保留") == line.keep
            assert (values["应删/应改记录号"].value or "") == ("" if line.keep else line.record_id)


def test_differing_cells_are_red_and_named_in_a_column_of_their_own(
    books: dict[str, Workbook], packages: dict[str, Package], rules: RuleSet
) -> None:
    ids = [column.id for column in read_words(rules).columns]
    names = {column.id: column.name.zh for column in read_words(rules).columns}
    for name, book in books.items():
        for part, title in PARTS.items():
            for row, line in zip(book[title].iter_rows(min_row=2), packages[name].of(part), strict=True):
                red = {id for id, cell in zip(ids, row, strict=False) if cell.font.color and cell.font.color.rgb == RED}
                assert red == set(line.differing)
                assert row[ids.index("differing")].value == ("、".join(names[id] for id in line.differing) or None)


def test_rows_of_a_group_are_shaded_alike_and_unlike_their_neighbours(books: dict[str, Workbook]) -> None:
    for book in books.values():
        for title in PARTS.values():
            before: tuple[str, str] | None = None
            for row in book[title].iter_rows(min_row=2):
                now = (row[0].value or row[6].value, row[0].fill.fgColor.rgb)
                assert before is None or (before[0] == now[0]) == (before[1] == now[1])
                before = now


def test_sheets_are_frozen_filtered_unmerged_and_print_wide_with_their_heads(books: dict[str, Workbook]) -> None:
    for book in books.values():
        for title in PARTS.values():
            sheet = book[title]
            assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:")
            assert not sheet.merged_cells.ranges and sheet.print_title_rows == "$1:$1"
            assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0


def test_a_library_can_fill_in_three_columns_and_nothing_else(books: dict[str, Workbook]) -> None:
    for book in books.values():
        assert all(sheet.protection.sheet for sheet in book)
        for part, title in PARTS.items():
            sheet = book[title]
            assert not sheet.protection.autoFilter, "filtering is not allowed"
            for row in sheet.iter_rows(min_row=2):
                open_ = [cell.column - 1 - len(COLUMNS) for cell in row if not cell.protection.locked]
                assert open_ == ([] if part is Part.CONFIRMED else [0, 1, 2])


def test_answers_are_chosen_from_a_list(books: dict[str, Workbook]) -> None:
    for book in books.values():
        for title in set(PARTS.values()) - {"已确认非重复"}:
            [choice] = book[title].data_validations.dataValidation
            last = max(book[title].max_row, 2)
            assert (choice.type, choice.formula1, choice.allow_blank) == ("list", CHOICES, True)
            assert str(choice.sqref) in (f"AD2:AD{last}", "AD2")
        assert not book["已确认非重复"].data_validations.dataValidation


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_choices_and_heads_are_words_that_replies_are_read_by(rules: RuleSet, lang: str) -> None:
    words, table = read_words(rules), rules.tables["review"]
    known = {row["id"]: row["words"] for row in table["answer"]}
    assert list(words.choices) == ["merged", "corrected", "deleted", "different", "unsure"]
    for id, choice in words.choices.items():
        assert (choice.en if lang == "en" else choice.zh) in known[id]
    heads = {"answer": "answer", "done": "done", "note": "note", "key": "key"}
    for column in words.answers:
        read = [one.casefold() for one in table["columns"][heads[column.id]]]
        shown = [column.name.zh, column.name.en] if lang == "both" else [column.name.of(lang)]
        assert any(name.casefold() in read for name in shown), column.id


def test_a_hidden_key_names_the_line_of_each_row(books: dict[str, Workbook], packages: dict[str, Package]) -> None:
    for name, book in books.items():
        for part, title in PARTS.items():
            if part is Part.CONFIRMED:
                continue
            assert book[title].column_dimensions["AG"].hidden
            seals = [unseal(row["行标识"]) for row in rows(book[title])]
            assert all(seals)
            told = [(one.key, one.library, one.period) for one in seals if one]
            assert told == [(line.key, name, PERIOD) for line in packages[name].of(part)]


def summary(book: Workbook) -> dict[str, list[str]]:
    """The rows of 汇总 by their first cell."""
    return {str(row[0]): ["" if one is None else str(one) for one in row[1:]] for row in book["汇总"].values if row[0]}


def test_the_counts_of_a_library_are_those_of_the_data_files(books: dict[str, Workbook], told: Rows) -> None:
    for name, book in books.items():
        counts = summary(book)
        groups, findings = told("groups.csv"), told("findings.csv")
        mine = {row["group_id"] for row in findings if row["library"] == name}
        mine |= {row["group_id"] for row in groups if name in f"{row['library']};{row['responsible']}".split(";")}
        for verdict in ("same", "structure", "repair", "review"):
            some = [row for row in groups if row["group_id"] in mine and row["verdict"] == verdict]
            wanted = [str(len({row["group_id"] for row in some})), str(len(some))]
            assert counts.get(verdict, ["", "0", "0"])[1:3] == wanted
        junk = [row for row in told("junk.csv") if name in f"{row['library']};{row['responsible']}".split(";")]
        assert counts.get("垃圾", [])[1:3] == [str(len(junk))] * 2
        own = sum(row["library"] == name for row in findings) + sum(
            name in row["responsible"].split(";") for row in junk
        )
        assert counts["其中贵馆须处理或知悉的记录（条）"][2] == str(own)
        for part, title in PARTS.items():
            assert counts[title][2] == str(len(rows(book[title]))), part


def test_what_stands_in_a_record_stays_text(tmp_path: Path, rules: RuleSet) -> None:
    for number, title in enumerate(
        ("=1+1", "+49", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://x.example", "007")
    ):
        path = tmp_path / f"{number}.xlsx"
        row = written(
            one_line(title=title, isbn13="9787544270878", barcodes="0012345", call_numbers="1E5"), path, rules
        )
        assert (row["题名"], row["ISBN(13)"], row["条码号"], row["索书号"]) == (
            title,
            "9787544270878",
            "0012345",
            "1E5",
        )
        [sheet] = [sheet for sheet in load_workbook(path) if sheet.title == "合并"]
        assert {cell.data_type for cell in sheet[2] if cell.value is not None} == {"s"} and not sheet._hyperlinks


def test_signs_that_xml_or_the_order_of_reading_forbids_are_shown_as_signs_that_can_be_seen(
    tmp_path: Path, rules: RuleSet
) -> None:
    title = "a\x00b\x1fc\nd\x85e\u202ef\u2066g\uffffh_x0041_\u200f🀄"
    row = written(one_line(title=title), tmp_path / "a.xlsx", rules)
    assert row["题名"] == "a␀b␟c␊d⟨U+0085⟩e⟨U+202E⟩f⟨U+2066⟩g⟨U+FFFF⟩h_x0041_\u200f🀄"


def test_a_key_with_signs_that_no_workbook_can_hold_is_refused_later_and_all_others_are_read_again(
    tmp_path: Path, rules: RuleSet
) -> None:
    for number, record in enumerate(("A/\x01\x1fb", "A/_x0041_", "A/ = |1", "A/馆\u202e")):
        path = tmp_path / f"{number}.xlsx"
        written(one_line(key=f"G1|{record}", record_id=record), path, rules)
        with opened(path, 1 << 24) as book:
            [part] = [part for name, part in book.sheets if name == "合并"]
            texts = [text for row in book.rows(part) for text in row.cells.values()]
        found = [seal for text in texts if (seal := unseal(text))]
        assert [(seal.group, seal.record) for seal in found] == [("G1", record)]
    assert unseal(written(one_line(key="G1|A/\uffff"), tmp_path / "no.xlsx", rules)["行标识"]) is None


@pytest.mark.parametrize("title", ["题" * 40_000, "🀄" * 40_000, "a" * 32_768, "x" + "🀄" * 16_384])
def test_a_text_too_long_for_a_cell_is_cut_with_a_mark(title: str, tmp_path: Path, rules: RuleSet) -> None:
    mark = read_words(rules).texts["cut"].zh
    found = written(one_line(title=title), tmp_path / "a.xlsx", rules)["题名"]
    assert found.endswith(mark) and title.startswith(found.removesuffix(mark))
    assert 32_765 <= len(found.encode("utf-16-le")) // 2 <= 32_767


def test_a_text_that_just_fits_is_left_alone() -> None:
    assert cut("a" * 32_767, 32_767, "…") == "a" * 32_767
    assert cut("🀄" * 16_383, 32_767, "…") == "🀄" * 16_383


@pytest.mark.parametrize("library", ["../x", "CON", "a/b", "", "馆:一", "x" * 300])
def test_any_library_code_gives_a_workbook_in_its_folder_and_of_its_own(
    library: str, tmp_path: Path, rules: RuleSet
) -> None:
    path = tmp_path / workbook_name(library, PERIOD, rules)
    write_workbook(gather.package(library, (one_line(),)), path, rules, PERIOD, "zh")
    assert [one.name for one in tmp_path.iterdir()] == [path.name] and path.parent == tmp_path
    [row] = rows(load_workbook(path)["合并"])
    seal = unseal(row["行标识"])
    assert seal and seal.library == library


@pytest.mark.parametrize(("lang", "sheet", "head"), [("en", "Merge", "Group"), ("both", "合并", "组号\nGroup")])
def test_a_workbook_speaks_english_or_both_languages(
    lang: str, sheet: str, head: str, packages: dict[str, Package], rules: RuleSet, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(packages["BLU"], path, rules, PERIOD, lang)
    book = load_workbook(path)
    first = rows(book[sheet])[0]
    line = packages["BLU"].of(Part.MERGE)[0]
    spoken = line.correction["en"] if lang == "en" else f"{line.correction['zh']}\n{line.correction['en']}"
    assert first[next(iter(first))] == line.group_id and head in first and spoken in first.values()


def test_what_was_confirmed_is_shown_with_its_answer_and_asks_for_none(tmp_path: Path, rules: RuleSet) -> None:
    row = written(replace(one_line(), part=Part.CONFIRMED), tmp_path / "a.xlsx", rules)
    assert row["处理结果"] == "非重复" and "行标识" not in row


def test_the_same_package_gives_the_same_bytes(packages: dict[str, Package], rules: RuleSet, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(packages["QSU"], tmp_path / name / "one.xlsx", rules, PERIOD, "zh")
    assert (tmp_path / "a.xlsx" / "one.xlsx").read_bytes() == (tmp_path / "b.xlsx" / "one.xlsx").read_bytes()


def test_a_workbook_that_cannot_be_written_is_told_by_name(tmp_path: Path, rules: RuleSet) -> None:
    (tmp_path / "one.xlsx").mkdir()
    with pytest.raises(InputError, match=r"one\.xlsx"):
        write_workbook(gather.package("A", (one_line(),)), tmp_path / "one.xlsx", rules, PERIOD, "zh")


@pytest.fixture
def centre(run_engine: DuckEngine, rules: RuleSet, tmp_path: Path) -> Workbook:
    numbers = statistics(run_engine, rules, Config(), PERIOD)
    write_centre(gather.centre(run_engine, rules), numbers, tmp_path / "centre.xlsx", rules, "zh")
    return load_workbook(tmp_path / "centre.xlsx")


def test_the_centre_has_every_record_of_every_finding_and_its_counts_are_those_of_the_data_files(
    centre: Workbook, told: Rows
) -> None:
    assert centre.sheetnames == SHEETS
    found = {
        (row["组号"], row["应删/应改记录号"] or row["保留记录号"])
        for title in PARTS.values()
        for row in rows(centre[title])
    }
    wanted = {(row["group_id"], row["record_id"]) for row in told("groups.csv")}
    assert found == wanted | {("", row["record_id"]) for row in told("junk.csv")}
    counts, groups = summary(centre), told("groups.csv")
    for verdict in ("same", "structure", "repair", "review"):
        some = [row for row in groups if row["verdict"] == verdict]
        assert counts[verdict][1:3] == [str(len({row["group_id"] for row in some})), str(len(some))]
    assert counts["垃圾数据（条）"][0] == str(len(told("junk.csv")))
    assert counts["读入记录（条）"][0] == str(sum(int(row["loaded"]) for row in told("ledger.csv")))
    assert counts["单条记录的错误（处）"][0] == str(len(told("records.csv")))


def test_the_centre_ranks_libraries_by_what_they_caused(centre: Workbook, told: Rows) -> None:
    counts = summary(centre)
    groups = told("groups.csv")
    for library in ("BLU", "LTU", "MYU", "QSU", "WSU", "YHU"):
        caused = {row["group_id"] for row in groups if library in row["responsible"].split(";")}
        assert counts[library][2] == str(len(caused))
        own = [row for row in groups if "self-duplicate" in row["flags"] and row["library"] == library]
        records = {group: sum(row["group_id"] == group for row in own) for group in {row["group_id"] for row in own}}
        assert counts[library][0] == str(sum(many > 1 for many in records.values()))


@pytest.mark.parametrize(
    ("number", "band"),
    [(0, "normal"), (2, "normal"), (3, "watch"), (9, "watch"), (10, "many"), (29, "many"), (30, "serious")],
)
def test_bands_of_own_duplicates_begin_where_the_centre_says(number: int, band: str, rules: RuleSet) -> None:
    assert band_of(number, rules) == band


def test_every_word_of_a_workbook_is_there_in_both_languages(rules: RuleSet) -> None:
    words = read_words(rules)
    for group in (words.texts, words.summary, words.bands, words.choices):
        assert all(one.zh and one.en for one in group.values())
    assert [sheet.name.zh for sheet in words.sheets] == SHEETS
    assert all(len(sheet.name.en) <= 31 for sheet in words.sheets)
