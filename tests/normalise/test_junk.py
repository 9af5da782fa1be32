from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dedup.marc.reader import Options, plan, run_task
from dedup.model import Format
from dedup.normalise import junk
from dedup.normalise.batch import RawBatch
from dedup.normalise.junk_shapes import number_title, temporary_item
from dedup.rules import load_rules
from dedup.stages.normalise import STEPS, concepts
from tests.normalise.parts_batch import batch_of, record

RULES = load_rules()
ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
MARC, CN = Format.MARC21, Format.CNMARC
PLACEHOLDER = "**REQUIRED FIELD**"


def found(form: Format, *lines: str, fixed: str = "") -> tuple[str, str]:
    """Kind of junk and mended title of one record."""
    row = concepts(batch_of([record(RULES, form, list(lines), fixed=fixed)]).batch, RULES).to_pylist()[0]
    assert row["title_usable"] == (row["junk"] == "")
    return row["junk"], row["mended_title"]


FULL = ("010   $a978-7-02-000220-7", "210   $a北京$c人民文学出版社$d1991", "215   $a362页$d21cm")
ITEM = "999   $aI246.5/1$iA0001$mTJU"


@pytest.mark.parametrize(
    ("code", "form", "lines"),
    [
        ("", CN, ["200 1 $a围城$f钱钟书著", *FULL]),
        ("J01", CN, [f"200 1 $a{PLACEHOLDER}", *FULL]),
        ("J01", MARC, [f"245 00$a{PLACEHOLDER}", "100 1 $aRawls, John", "300   $axv, 607 p."]),
        ("J02", CN, [*FULL]),
        ("J02", MARC, ["245 10$a", "260   $aNew York :$bWiley,$c1999"]),
        ("J03", CN, ["200 1 $a[无题名]", *FULL]),
        ("J03", CN, ["200 1 $a12345", *FULL]),
        ("", MARC, ["245 04$aNGC 2000.0 :$bthe complete new general catalogue", "260   $aNew York$c1988"]),
        ("", MARC, ["245 00$aA :$ba novel", "260   $aNew York$c1968"]),
        ("J06", CN, [f"245   $a{PLACEHOLDER}", "010   $a978-7-208-06164-4", "300   $a有书目", ITEM]),
        ("J06", MARC, [f"200   $a{PLACEHOLDER}", "100 1 $aRawls, John", "300   $axv, 607 p.", "050   $aJC578"]),
        ("J07", CN, ["200 1 $a9787020002207", *FULL]),
        ("J07", CN, ["200 1 $aISBN 978-7-02-000220-7", *FULL]),
        ("J07", CN, ["200 1 $aA000123", *FULL, "999   $aI246.5/1$iA000123$mTJU"]),
        ("J07", CN, ["200 1 $aI246.57/1234", *FULL, "999   $aI246.57/1234$iA1$mTJU"]),
        ("J08", CN, ["200 1 $a围城$f钱钟书著".replace("$f", "▼f"), *FULL]),
        ("J09", CN, ["200 1 $atest", "999   $aXX(1.1)$iA1$mTJU$tTEMP"]),
        ("J09", MARC, ["245 00$aHarry Potter", "999   $aXX(1.1)$iA1$mTJU$tON-THE-FLY"]),
        ("J03", CN, ["200 1 $atest", "999   $aI1/2$iA1$mTJU$tBOOK"]),
        ("", CN, ["200 1 $a围城$f钱钟书著", *FULL, "999   $aI1/2$iA1$mTJU$tTEMP"]),
    ],
)
def test_every_kind_of_junk_is_told_from_a_good_record(code, form, lines):
    assert found(form, *lines)[0] == code


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("J04", ["200 1 $a教程", ITEM]),
        ("J04", ["200 1 $a教程", "300   $a有书目", "690   $aTP3$v5", ITEM]),
        ("J04", ["200 1 $a教程", f"210   $a{PLACEHOLDER}", ITEM]),
        ("", ["200 1 $a教程", "300   $a有书目", "517 1 $a入门", "690   $aTP3$v5", ITEM]),
        ("", ["200 1 $a教程$f王珊著", ITEM]),
        ("", ["200 1 $a教程", "210   $c高等教育出版社", ITEM]),
        ("", ["200 1 $a教程", "010   $a978-7-02-000220-7"]),
        ("", ["200 1 $a教程", "701  0$a王珊"]),
        ("", ["200 1 $a教程", "215   $a362页"]),
        ("", ["200 1 $a中国年鉴", "011   $a1000-0135"]),
    ],
)
def test_a_stub_tells_nothing_but_its_title_and_a_brief_record_tells_more(code, lines):
    assert found(CN, *lines)[0] == code


def test_a_coded_year_is_enough_to_know_a_book_by():
    assert found(CN, "200 1 $a教程", fixed="20100315d2010    em y0chiy50      ea")[0] == ""


@pytest.mark.parametrize(
    ("code", "typed", "mended"),
    [
        ("J05", "ÖÐ¹úÍ¨Ê·", "中国通史"),
        ("J05", "楂樼瓑鏁板\ue11f", "高等数学"),
        ("J05", "????????", ""),
        ("J08", "红楼梦▼f曹雪芹著", "红楼梦"),
        ("J08", "成功\\之路", "成功之路"),
    ],
)
def test_a_title_that_can_be_restored_is_given_and_serves_as_a_variant(code, typed, mended):
    rows = [record(RULES, CN, [f"200 1 $a{title}", *FULL]) for title in ("围城", typed)]
    good, bad = concepts(batch_of(rows).batch, RULES).to_pylist()
    assert (bad["junk"], bad["mended_title"], bad["display_title"]) == (code, mended, typed)
    assert not mended or bad["alternatives"][0] == mended
    assert good["junk"] == good["mended_title"] == "" and good["title_usable"]


def test_a_title_under_the_tag_of_the_other_format_is_the_title_meant():
    assert found(CN, "245 00$aDesign patterns /$cGamma", "010   $a978-7-208-06164-4") == ("J06", "Design patterns")


@pytest.mark.parametrize(
    ("form", "lines", "fixed"),
    [
        (MARC, [f"245   $a{PLACEHOLDER}", "100   $a20100315d2010    em y0chiy50      ea", "300   $a有书目"], ""),
        (CN, [f"200   $a{PLACEHOLDER}", "300   $axv, 607 p."], "Rawls, John,"),
    ],
)
def test_a_format_that_was_named_wrongly_is_told_by_field_100(form, lines, fixed):
    assert found(form, *lines, fixed=fixed)[0] == "J06"


def test_coded_data_of_a_cnmarc_record_loaded_as_marc21_are_no_author(tmp_path):
    rows = ["100   $a20100315d2010    em y0chiy50      ea", f"245   $a{PLACEHOLDER}", "010   $a978-7-208-06164-4"]
    made = read(tmp_path, [*rows, "300   $a有书目"])
    assert made["format"] == CN and made["junk"] == "J06"
    assert not made["headings"] and not made["authors"] and made["fixed_year"] == 2010 and made["isbn"] == [720806164]


def test_a_western_record_loaded_as_cnmarc_keeps_its_author_and_extent(tmp_path):
    rows = [
        "100 1 $aRawls, John,$d1921-2002.",
        f"200   $a{PLACEHOLDER}",
        "050 00$aJC578",
        "300   $axv, 607 p. ;$c24 cm",
    ]
    made = read(tmp_path, rows)
    assert made["format"] == MARC and made["junk"] == "J06"
    assert made["headings"] and made["pages"] == 607


def read(folder: Path, lines: list[str]) -> dict[str, object]:
    """One record written as ISO 2709 and read as any file is."""
    fields = [
        (line[:3], (line[4:6] + "".join(f"\x1f{part}" for part in line[6:].split("$")[1:])).encode()) for line in lines
    ]
    directory, body = b"", b""
    for tag, text in sorted(fields):
        directory += f"{tag}{len(text) + 1:04}{len(body):05}".encode()
        body += text + b"\x1e"
    base = 24 + len(directory) + 1
    leader = f"{base + len(body) + 1:05}nam a22{base:05}   45  ".encode()
    file = folder / "one.mrc"
    file.write_bytes(leader + directory + b"\x1e" + body + b"\x1d")
    batches = [portion.records for task in plan([(file, file.name)], Options()) for portion in run_task(task, RULES)]
    return next(row for batch in batches if batch.num_rows for row in concepts(batch, RULES).to_pylist())


@pytest.mark.parametrize(("row", "word"), [(row, word) for row in RULES.terms["item_type"] for word in row.yes])
def test_the_types_of_the_table_are_temporary(row, word):
    assert temporary_item(f"999  \x1faX1\x1ft{word}", RULES), row.id


@pytest.mark.parametrize(("row", "word"), [(row, word) for row in RULES.terms["item_type"] for word in row.no])
def test_types_that_only_look_like_those_of_the_table_are_lasting(row, word):
    assert not temporary_item(f"999  \x1faX1\x1ft{word}", RULES), row.id


@pytest.mark.parametrize("title", ["1984", "2001", "9787302224465", "1234567890", "FIC", "围城 1"])
def test_number_titles_that_are_no_number_of_the_record_stay_titles(title):
    assert not number_title(title, {"call_numbers": ["FIC", "I246.5/1"]}, RULES)


def batches() -> list[pa.RecordBatch]:
    """The records of the fixtures and of the real Chinese and UNIMARC files."""
    files = sorted((ROOT / "fixtures" / "marc").iterdir())
    if SHARED.is_dir():
        files += [SHARED / "cnmarc" / "cnmarc_27_utf8.iso", SHARED / "marc21" / "pride-and-prejudice-fixed.mrc"]
    tasks = plan([(file, file.name) for file in files], Options())
    return [portion.records for task in tasks for portion in run_task(task, RULES) if portion.records.num_rows]


def test_a_column_is_judged_as_its_records_are_one_by_one(monkeypatch):
    for raw in batches():
        made = concepts(raw, RULES)
        with monkeypatch.context() as slow:
            # The plain twin: every record is judged, none is passed over by its signs.
            slow.setattr(junk, "odd_titles", lambda typed, rules: np.ones(len(typed), np.bool_))
            plain = concepts(raw, RULES)
        for name in ("junk", "mended_title", "title_usable"):
            assert made.column(name).equals(plain.column(name)), name


def test_junk_is_looked_for_when_titles_have_been_read():
    batch = RawBatch(batch_of([record(RULES, CN, ["200 1 $a围城"])]).batch)
    with pytest.raises(LookupError):
        junk.junk_columns(batch, {}, RULES)
    assert len(STEPS) > 10
