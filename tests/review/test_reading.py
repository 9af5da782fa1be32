"""Answered files are read row by row; what cannot be taken is told by name."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from dedup.errors import InputError, RuleError
from dedup.report.keys import seal
from dedup.review.model import Answer, Replies
from dedup.review.reading import day, read_replies, read_words
from dedup.rules import RuleSet

KEY = seal("G" + "A" * 12 + "|A/1", "NKU", "2026-01")
HEAD = ("组号", "处理结果", "完成日期", "备注", "行标识")


def sheet(path: Path, *rows: tuple[object, ...], title: str = "合并") -> Path:
    wb = openpyxl.Workbook()
    wb.active.title = title
    for row in rows:
        wb.active.append(row)
    wb.save(path)
    return path


def answered(path: Path, rules: RuleSet, *rows: tuple[object, ...]) -> Replies:
    return read_replies(sheet(path, HEAD, *rows), rules)


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("已合并", "merged"), ("已修改", "corrected"), ("已删除", "deleted"), ("非重复", "different"),
        (" 非 重复 ", "different"), ("ＭＥＲＧＥＤ", "merged"), ("Not a duplicate", "different"),
        ("待查", "unsure"), ("已合并 / merged", "merged"), ("待查\nunsure", "unsure"),
    ],
)  # fmt: skip
def test_answers_are_known_in_both_languages_as_hands_write_them(
    rules: RuleSet, tmp_path: Path, word: str, answer: str
) -> None:
    found = answered(tmp_path / "a.xlsx", rules, ("G", word, date(2026, 2, 3), "看过书", KEY))
    [reply] = found.replies
    assert (reply.answer, reply.done_on, reply.note) == (answer, "2026-02-03", "看过书")
    assert reply.seal.key.endswith("|A/1") and reply.seal.library == "NKU" and reply.place == "合并!2"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("G", "也许", None, None, KEY), "found the answer '也许'"),
        (("G", "已合并 非重复", None, None, KEY), "wanted one of 待查, 已修改, 已合并, 已删除, 非重复"),
        (("G", "已合并/非重复", None, None, KEY), "found the answer"),
        (("G", "非重复", None, None, KEY.replace("A/1", "A/2")), "found the key"),
        (("G", "非重复", None, None, KEY[:-1]), "found the key"),
        (("G", "非重复", None, None, None), "found no key"),
        (("G", None, None, "在架上找不到", KEY), "found '在架上找不到' without an answer"),
        (("G", None, date(2026, 1, 1), None, KEY), "without an answer"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_and_the_others_are_read(
    rules: RuleSet, tmp_path: Path, row: tuple[object, ...], says: str
) -> None:
    found = answered(tmp_path / "a.xlsx", rules, row, ("G", "merged", None, None, KEY), ("G", None, None, None, KEY))
    assert len(found.replies) == 1 and found.blank == 1
    [refusal] = found.refused
    assert says in str(refusal) and refusal.place == "合并!2"


def test_a_sheet_that_only_speaks_of_answers_holds_none(rules: RuleSet, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("处理结果", "请从列表中选择"), ("备注", "任意文字"), title="说明")
    [refusal] = read_replies(path, rules).refused
    assert "no column for answers" in str(refusal)


def test_the_answer_that_a_confirmed_row_was_sent_with_is_no_new_one(rules: RuleSet, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", HEAD, ("G", "非重复", None, None, KEY), title="已确认非重复")
    found = read_replies(path, rules)
    assert (found.replies, found.refused, found.blank) == ((), (), 1)


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-8", ";"), ("gb18030", ","), ("utf-16", "\t")]
)
def test_csv_files_are_read_as_spreadsheets_save_them(
    rules: RuleSet, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = (("备注", "key", "完成日期", "处理结果"), ("卷次不同", KEY, "2026年2月3日", "非重复"), ("", KEY, "", ""))
    text = "".join(delimiter.join(line) + "\r\n" for line in lines)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    found = read_replies(tmp_path / "a.csv", rules)
    [reply] = found.replies
    assert (reply.answer, reply.done_on, reply.note, found.blank) == (Answer.DIFFERENT, "2026-02-03", "卷次不同", 1)
    assert reply.place == "line 2" and found.refused == ()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("2026-02-03", "2026-02-03"), ("2026/2/3", "2026-02-03"), ("2026.2.3", "2026-02-03"),
        ("2026年2月3日", "2026-02-03"), ("46056", "2026-02-03"), ("46056.5", "2026-02-03"),
        ("2026-02-03 00:00:00", "2026-02-03"),
        ("2026-02-30", "2026-02-30"), ("上周", "上周"), ("2026", "2026"), ("", ""), ("1e400", "1e400"), ("nan", "nan"),
    ],
)  # fmt: skip
def test_days_are_read_as_people_and_spreadsheets_write_them(typed: str, told: str) -> None:
    assert day(typed) == told


def test_a_workbook_may_count_its_days_from_1904() -> None:
    assert day("44594", from_1904=True) == "2026-02-03"


def test_who_saved_a_workbook_and_when_is_told_by_it(rules: RuleSet, tmp_path: Path) -> None:
    wb = openpyxl.load_workbook(sheet(tmp_path / "a.xlsx", HEAD, ("G", "非重复", None, None, KEY)))
    wb.properties.lastModifiedBy = "王老师"
    wb.save(tmp_path / "a.xlsx")
    found = read_replies(tmp_path / "a.xlsx", rules)
    assert found.saved_by == "王老师" and found.saved.startswith("20") and found.saved.endswith("Z")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "an old .xls workbook, or one locked by a password"),
        (b"PK\x03\x04 and no more", "no whole workbook"),
        (b"\xff\xd8\xff\xe0 a photograph \x81", "bytes that are no text"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_a_remedy(
    rules: RuleSet, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_replies(tmp_path / "a.xlsx", rules)


def test_any_other_text_holds_no_answers(rules: RuleSet, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("dear colleagues, all is well", encoding="utf-8")
    assert "no column for answers" in str(read_replies(tmp_path / "a.txt", rules).refused[0])


def _with_part(path: Path, name: str, content: bytes) -> Path:
    """The same workbook with another content of one part."""
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, content if info.filename == name else old.read(info.filename))
    path.write_bytes(made.getvalue())
    return path


def test_a_sheet_that_breaks_off_is_read_as_far_as_it_goes(rules: RuleSet, tmp_path: Path) -> None:
    rows = [("G", "merged", None, None, KEY)] * 3
    path = sheet(tmp_path / "a.xlsx", HEAD, *rows)
    with zipfile.ZipFile(path) as archive:
        content = archive.read("xl/worksheets/sheet1.xml")
    found = read_replies(_with_part(path, "xl/worksheets/sheet1.xml", content[: content.index(b'<row r="4"')]), rules)
    assert len(found.replies) == 2 and "damaged sheet" in str(found.refused[0])


def test_a_workbook_with_a_doctype_is_not_let_in(rules: RuleSet, tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>'
    path = _with_part(sheet(tmp_path / "a.xlsx", HEAD), "xl/workbook.xml", bomb)
    with pytest.raises(InputError, match="DOCTYPE"):
        read_replies(path, rules)


def test_a_workbook_that_swells_when_unpacked_is_refused(rules: RuleSet, tmp_path: Path) -> None:
    review = {**rules.tables["review"], "reading": {**rules.tables["review"]["reading"], "largest_megabytes": 1}}
    small = replace(rules, tables={**rules.tables, "review": review})
    path = _with_part(sheet(tmp_path / "a.xlsx", HEAD), "xl/styles.xml", b" " * (2 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="more than 1 MB when unpacked"):
        read_replies(path, small)


@pytest.mark.parametrize(
    ("row", "says"), [({"id": "burnt", "words": ["burnt"]}, "burnt"), ({"id": "merged", "words": ["非重复"]}, "twice")]
)
def test_a_wrong_table_of_answers_is_told(rules: RuleSet, row: dict[str, object], says: str) -> None:
    review = {**rules.tables["review"], "answer": [*rules.tables["review"]["answer"], row]}
    with pytest.raises(RuleError, match=says):
        read_words(replace(rules, tables={**rules.tables, "review": review}))
