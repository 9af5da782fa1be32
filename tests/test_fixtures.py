"""The small union catalogue is what its stories make, and tells the truth about its books."""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path

import pymarc
import pytest

from dedup.model import Flag

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
sys.path.insert(0, str(ROOT))

from fixtures.garble import KINDS, garbled  # noqa: E402
from fixtures.line_text import iso2709, marcxml, read_lines  # noqa: E402
from fixtures.make_fixtures import LIBRARIES, make_files, record_lines  # noqa: E402
from fixtures.stories import read_stories  # noqa: E402

MADE = make_files(FIXTURES / "source")
STORIES = read_stories(FIXTURES / "source")


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((FIXTURES / "expected" / name).read_text(encoding="utf-8"))))


def ten_is_right(number: str) -> bool:
    total = sum((10 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(number))
    return total % 11 == 0


def thirteen_is_right(number: str) -> bool:
    return sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(number)) % 10 == 0


@pytest.mark.parametrize("name", sorted(MADE))
def test_each_file_is_what_its_stories_make(name: str) -> None:
    assert (FIXTURES / name).read_bytes() == MADE[name], "run python fixtures/make_fixtures.py"


def test_the_input_folder_holds_one_file_per_library_and_nothing_else() -> None:
    assert {path.stem for path in (FIXTURES / "marc").iterdir()} == set(LIBRARIES)


@pytest.mark.parametrize("source", sorted(LIBRARIES))
def test_another_parser_reads_every_record_of_a_library(source: str) -> None:
    library = LIBRARIES[source]
    data = (FIXTURES / "marc" / f"{source}{library.ending}").read_bytes()
    if library.ending == ".xml":
        read = pymarc.parse_xml_to_array(io.BytesIO(data))
    else:
        blank = data.replace(b"\x1d\r\n", b"\x1d")
        utf8 = library.encoding == "utf-8"
        reader = pymarc.MARCReader(blank, force_utf8=utf8, file_encoding=library.encoding, utf8_handling="strict")
        read = list(reader)
    assert [f"{source}/{record['001'].value()}" for record in read] == [
        record_id for record_id in STORIES.lines if record_id.startswith(source + "/")
    ]


def numbers_of(line: str) -> list[str]:
    """The ISBNs of a field 010, 020, 024 or 073, without hyphens."""
    kept = [part[1:].split(" ")[0].replace("-", "") for part in line.split("$")[1:] if part[0] in "az"]
    return [number for number in kept if len(number) in {10, 13} and number[:-1].isdigit()]


def test_only_check_digits_that_are_the_story_are_wrong() -> None:
    wrong = set()
    for record_id, lines in STORIES.lines.items():
        for line in lines:
            if line[:3] in {"010", "020", "024", "073"}:
                for number in numbers_of(line):
                    right = ten_is_right(number) if len(number) == 10 else thirteen_is_right(number)
                    wrong |= set() if right else {record_id}
    assert wrong == {"LTU/l4001", "WSU/a5006"}


def test_barcodes_and_control_numbers_are_given_once() -> None:
    barcodes = [line.split()[2] for lines in STORIES.lines.values() for line in lines if line.startswith("item ")]
    controls = [record_id.split("/")[1] for record_id in STORIES.lines]
    assert sorted(set(barcodes)) == sorted(barcodes)
    assert sorted(set(controls)) == sorted(controls)


def test_no_item_is_older_than_the_entry_of_its_record_on_file() -> None:
    older = []
    for record_id, told in STORIES.lines.items():
        lines = record_lines(record_id, told)
        entered = [day[1] for line in lines if (day := re.match(r"100 .{3}\$a(\d{8})", line))]
        made = [day for line in lines if (day := re.search(r"\$u(\d+)/(\d+)/(\d{4})", line))]
        older += [record_id for day in made for entry in entered if f"{day[3]}{day[1]:0>2}{day[2]:0>2}" < entry]
    assert older == []


def test_expectations_speak_only_of_records_that_exist() -> None:
    named = {row["record_id"] for row in rows("groups.csv")} | {row["record_id"] for row in rows("junk.csv")}
    named |= {row[side] for row in rows("pairs.csv") for side in ("left", "right")}
    named |= {row["rescue_record_id"] for row in rows("junk.csv")} - {""}
    named |= {row["record_id"] for row in rows("records.csv")}
    assert named <= set(STORIES.lines)


def test_every_same_group_names_one_record_to_keep() -> None:
    kept: dict[str, list[str]] = {}
    for row in rows("groups.csv"):
        if row["verdict"] == "same":
            kept.setdefault(row["group"], []).append(row["keep"])
    assert kept and all(sorted(marks)[-2:] in (["0", "1"],) for marks in kept.values())


def test_no_look_alike_pair_stands_in_one_same_group() -> None:
    group = {row["record_id"]: row["group"] for row in rows("groups.csv") if row["verdict"] == "same"}
    for row in rows("pairs.csv"):
        left, right = group.get(row["left"], row["left"]), group.get(row["right"], row["right"])
        assert left != right, f"{row['left']} and {row['right']}"


def test_every_group_names_those_who_have_to_act() -> None:
    acting = {one for row in rows("groups.csv") for one in row["responsible"].split(";")}
    assert acting == {*LIBRARIES, "centre"}


def causes_in(unimarc: bool) -> set[str]:
    return {
        story.cause
        for story in STORIES.stories
        for record_id, _ in story.records
        if bool(LIBRARIES[record_id.split("/")[0]].charset) is unimarc
    } - {""}


def test_the_catalogue_tells_every_cause_in_both_formats() -> None:
    every = {f"D{number:02d}" for number in range(1, 13)}
    assert causes_in(unimarc=True) == every
    assert causes_in(unimarc=False) == every


def test_the_catalogue_tells_every_kind_of_junk_with_and_without_holdings_and_rescue() -> None:
    junk = rows("junk.csv")
    assert {row["code"] for row in junk} == {f"J{number:02d}" for number in range(1, 10)}
    assert {(row["has_holdings"], bool(row["rescue_record_id"])) for row in junk} == {
        (held, rescued) for held in "01" for rescued in (True, False)
    }


def test_every_flag_is_told() -> None:
    flags = {one for row in rows("groups.csv") for one in row["flags"].split(";")} - {""}
    assert flags == {str(flag) for flag in Flag}


def test_look_alikes_of_every_verdict_are_told() -> None:
    assert {row["verdict"] for row in rows("pairs.csv")} == {"different", "structure", "repair", "review"}


@pytest.mark.parametrize(
    ("kind", "typed", "shown"),
    [
        ("gbk-as-latin1", "中国", "ÖÐ¹ú"),
        ("gbk-as-latin1", "高等数学", "¸ßµÈÊýÑ§"),
        ("utf8-as-latin1", "中国", "ä¸\xadå›½"),
        ("utf8-as-gbk", "高等数学", "楂樼瓑鏁板"),
        ("utf8-as-gbk", "围城", "鍥村煄"),
        ("big5-as-gbk", "中國", "い瓣"),
        ("gbk-as-big5", "中国", "笢弊"),
        ("lost", "中国 2008", "???? 2008"),
        ("eacc", "中文", "{213034}{214258}"),
        ("backslash", "成功之路", "成功\\之路"),
    ],
)
def test_spoilt_text_looks_as_it_does_in_real_catalogues(kind: str, typed: str, shown: str) -> None:
    text = KINDS[kind](typed)
    assert text == shown or text.startswith(shown)


def test_only_what_is_not_ascii_is_spoilt() -> None:
    assert garbled("200 1 $a围城$fQian", "lost") == "200 1 $a????$fQian"
    assert garbled("215   $a362 p.", "lost") == "215   $a362 p."


def test_a_record_of_line_text_survives_both_containers() -> None:
    record = read_lines(["LDR nam#", "001 x1", "010   $a7-5327-2569-3", "200 1 $a围城 & <小说>$f钱锺书著"], "50")
    (from_iso,) = pymarc.MARCReader(iso2709(record), force_utf8=True)
    (from_xml,) = pymarc.parse_xml_to_array(io.BytesIO(marcxml([record])))
    assert from_iso is not None
    for read in (from_iso, from_xml):
        assert read["200"].indicator1 == "1"
        assert read["200"]["a"] == "围城 & <小说>"
        assert read["001"].value() == "x1"
    assert iso2709(record)[5:9] == b"nam "


def test_a_stray_line_in_a_story_is_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= G1 same D01 | story\n200 1 $a围城\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.txt:2: found '200 1 \$a围城'"):
        read_stories(tmp_path)


def test_faults_are_planted_in_both_formats() -> None:
    planted = {(row["record_id"][:3] in {"WSU", "MYU"}, row["code"]) for row in rows("records.csv")}
    assert {code for _, code in planted} == {f"Q{number:02d}" for number in range(1, 16)}
    assert {code for marc21, code in planted if marc21} >= {"Q01", "Q02", "Q05", "Q06", "Q07"}
