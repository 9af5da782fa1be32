"""The small union catalogue is what its stories make, and tells the truth about its books."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pymarc
import pytest

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
sys.path.insert(0, str(ROOT))

from fixtures.line_text import iso2709, marcxml, read_lines  # noqa: E402
from fixtures.make_fixtures import LIBRARIES, make_files, read_stories  # noqa: E402

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


def test_only_the_forgotten_check_digit_is_wrong() -> None:
    wrong = set()
    for record_id, lines in STORIES.lines.items():
        for line in lines:
            if line[:3] not in {"010", "020"} or "$a" not in line:
                continue
            number = line.split("$a")[1].split("$")[0].split(" ")[0].replace("-", "")
            right = ten_is_right(number) if len(number) == 10 else thirteen_is_right(number)
            if not right:
                wrong.add(record_id)
    assert wrong == {"LTU/l4001"}


def test_expectations_speak_only_of_records_that_exist() -> None:
    named = {row["record_id"] for row in rows("groups.csv")} | {row["record_id"] for row in rows("junk.csv")}
    named |= {row[side] for row in rows("pairs.csv") for side in ("left", "right")}
    named |= {row["rescue_record_id"] for row in rows("junk.csv")} - {""}
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


def test_the_catalogue_tells_every_cause() -> None:
    assert {row["cause"] for row in rows("groups.csv")} == {f"D{number:02d}" for number in range(1, 13)}


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
