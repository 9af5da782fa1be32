"""Made catalogues are the same for the same seed, well formed, and their truth is told."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import pymarc
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.made.books import isbn10, isbn13, publishers  # noqa: E402
from benchmarks.made.part import Plan  # noqa: E402
from benchmarks.made.render import iso2709  # noqa: E402
from benchmarks.make_records import libraries, make_catalogue  # noqa: E402
from fixtures.line_text import LineField, LineRecord  # noqa: E402
from fixtures.line_text import iso2709 as one_by_one  # noqa: E402

RECORDS = 4000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    assert make_catalogue(Plan(7, RECORDS, libraries(6, "gb18030")), folder, 1) == RECORDS
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def records(path: Path) -> list[pymarc.Record]:
    chinese = path.stem.startswith("C")
    with path.open("rb") as data:
        reader = pymarc.MARCReader(data, force_utf8=not chinese, file_encoding="gb18030" if chinese else "utf-8")
        read = list(reader)
    assert all(read), "a record that cannot be read"
    return [record for record in read if record]


def test_one_seed_makes_one_catalogue(made: Path, tmp_path: Path) -> None:
    make_catalogue(Plan(7, RECORDS, libraries(6, "gb18030")), tmp_path, 1)
    for path in sorted(made.glob("*/*")):
        assert (tmp_path / path.relative_to(made)).read_bytes() == path.read_bytes()


def test_another_seed_makes_another_catalogue(made: Path, tmp_path: Path) -> None:
    make_catalogue(Plan(8, 500, libraries(6, "utf-8")), tmp_path, 1)
    first = (tmp_path / "marc" / "C01.mrc").read_bytes()
    assert not (made / "marc" / "C01.mrc").read_bytes().startswith(first[:2000])


def test_every_record_can_be_read_and_stands_in_the_truth(made: Path) -> None:
    found = {f"{p.stem}/{r['001'].value()}" for p in (made / "marc").iterdir() for r in records(p)}
    assert len(found) == RECORDS
    assert found == {row["record_id"] for row in rows(made / "truth" / "truth_records.csv")}


def test_about_an_eighth_of_the_records_are_duplicates(made: Path) -> None:
    pairs = [row for row in rows(made / "truth" / "truth_pairs.csv") if row["verdict"] == "same"]
    alike = {row[side] for row in pairs for side in ("left", "right")}
    assert 0.08 < len(alike) / RECORDS < 0.18


def test_every_cause_and_every_look_alike_is_told(made: Path) -> None:
    told = Counter((row["verdict"], row["cause"]) for row in rows(made / "truth" / "truth_pairs.csv"))
    causes = {"D01", "D02", "D04", "D06", "D08", "D09", "D10", "D12"}
    assert {cause for verdict, cause in told if verdict == "same"} == causes
    assert {("structure", "D03"), ("repair", "D05"), ("repair", "D07"), ("junk", "D11")} <= set(told)
    kinds = {row["kind"] for row in rows(made / "truth" / "truth_pairs.csv") if row["verdict"] == "different"}
    assert len(kinds) == 12


def test_six_in_ten_records_are_cnmarc_and_sizes_are_those_of_catalogues(made: Path) -> None:
    chinese = [record for path in (made / "marc").glob("C*") for record in records(path)]
    assert 0.5 < len(chinese) / RECORDS < 0.7
    size = sum(path.stat().st_size for path in (made / "marc").iterdir()) / RECORDS
    assert 550 < size < 1100


def test_unrelated_books_share_no_isbn(made: Path) -> None:
    story = {row["record_id"]: row["story"] for row in rows(made / "truth" / "truth_records.csv")}
    owners: dict[str, set[str]] = {}
    for path in (made / "marc").iterdir():
        for record in records(path):
            for field in record.get_fields("010", "020"):
                number = (field.get("a") or "").split(" ")[0].replace("-", "")
                if number:
                    core = number[3:-1] if len(number) == 13 else number[:-1]
                    owners.setdefault(core, set()).add(story[f"{path.stem}/{record['001'].value()}"])
    assert all(len(stories) == 1 for stories in owners.values())


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_records_written_in_bulk_are_those_written_one_by_one(encoding: str) -> None:
    rows = [[("001", "C1"), ("200", "1 \x1fa围城\x1ff钱锺书著")], [("001", "C2"), ("010", "  \x1fa7-5327-2569-3")]]
    plain = [
        LineRecord(
            "00000nam0 2200000   450 ",
            tuple(
                LineField(tag, value=text)
                if tag == "001"
                else LineField(tag, "", text[:2], tuple((part[0], part[1:]) for part in text[3:].split("\x1f")))
                for tag, text in row
            ),
        )
        for row in rows
    ]
    expected = b"".join(one_by_one(record, encoding) for record in plain)
    assert iso2709(rows, ["nam0 22   450 "] * 2, encoding) == expected


@pytest.mark.parametrize("chinese", [True, False])
def test_made_isbns_have_right_check_digits(chinese: bool) -> None:
    for number, publisher in enumerate(publishers(chinese)):
        serial = f"{number * 7:0{publisher.digits}d}"
        ten = isbn10(publisher, serial).replace("-", "")
        thirteen = isbn13(publisher, serial).replace("-", "")
        assert sum((10 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(ten)) % 11 == 0
        assert sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(thirteen)) % 10 == 0


def test_no_two_publishers_share_a_prefix() -> None:
    prefixes = [one.group + one.registrant for flag in (True, False) for one in publishers(flag)]
    assert len(set(prefixes)) == len(prefixes)
