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

from benchmarks.made import words  # noqa: E402
from benchmarks.made.books import isbn10, isbn13, publishers  # noqa: E402
from benchmarks.made.part import Plan  # noqa: E402
from benchmarks.made.render import iso2709  # noqa: E402
from benchmarks.make_records import libraries, make_catalogue  # noqa: E402
from fixtures.line_text import LineField, LineRecord  # noqa: E402
from fixtures.line_text import iso2709 as one_by_one  # noqa: E402

RECORDS = 12_000
ORDER = ("D11", "D09", "D10", "D03", "D05", "D07", "D01", "D02", "D06", "D08", "D04", "D12")
VERDICTS = {"D03": "structure", "D05": "repair", "D07": "repair", "D11": "junk"}
# Told of Chinese books only: an English one has no second script, no unified number, no overseas edition of its own.
CHINESE_ONLY = {"romanised twin", "unified number and isbn", "Taiwan edition", "Hong Kong edition", "broken text"}
CHINESE_ONLY |= {"book from before 1949"}
# Names that an English book bears alone, or that depend on chance in a small catalogue.
ENGLISH_ONLY = {"heading original"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    assert make_catalogue(Plan(7, RECORDS, libraries(6, "mixed")), folder, 1) == RECORDS
    return folder


@pytest.fixture(scope="module")
def catalogue(made: Path) -> dict[str, pymarc.Record]:
    """Every record by its id."""
    paths = sorted((made / "marc").iterdir())
    return {f"{path.stem}/{one['001'].value()}": one for path in paths for one in records(path)}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def records(path: Path) -> list[pymarc.Record]:
    """The records of a library, in its encoding: C02 and C04 write GB 18030, M02 MARC-8."""
    gb, marc8 = path.stem in {"C02", "C04"}, path.stem == "M02"
    encoding = "gb18030" if gb else "iso8859-1" if marc8 else "utf-8"
    with path.open("rb") as data:
        reader = pymarc.MARCReader(data, force_utf8=not gb and not marc8, file_encoding=encoding)
        read = list(reader)
    assert all(read), "a record that cannot be read"
    return [record for record in read if record]


def pairs(made: Path) -> list[dict[str, str]]:
    return rows(made / "truth" / "truth_pairs.csv")


def numbers(record: pymarc.Record) -> list[str]:
    """What stands as ISBN in the record, without signs and qualifiers."""
    fields = record.get_fields("010", "020", "073", "024")
    typed = [field.get("a") or field.get("z") or "" for field in fields]
    return [core for one in typed if len(core := one.split(" ")[0].replace("-", "")) in (10, 13)]


def rightly_checked(number: str) -> bool:
    if len(number) == 10:
        return sum((10 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(number)) % 11 == 0
    return number.isdigit() and sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(number)) % 10 == 0


@pytest.mark.parametrize("plain", [False, True])
def test_one_seed_makes_one_catalogue_however_many_work_at_it(tmp_path: Path, plain: bool) -> None:
    for name, workers in (("one", 1), ("two", 2)):
        make_catalogue(Plan(7, 3000, libraries(6, "mixed"), plain), tmp_path / name, workers)
    for path in sorted((tmp_path / "one").glob("*/*")):
        assert (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes() == path.read_bytes()


def test_another_seed_makes_another_catalogue(made: Path, tmp_path: Path) -> None:
    make_catalogue(Plan(8, 500, libraries(6, "mixed")), tmp_path, 1)
    first = (tmp_path / "marc" / "C01.mrc").read_bytes()
    assert not (made / "marc" / "C01.mrc").read_bytes().startswith(first[:2000])


def test_every_record_can_be_read_and_stands_in_the_truth(made: Path, catalogue: dict[str, pymarc.Record]) -> None:
    assert len(catalogue) == RECORDS
    assert set(catalogue) == {row["record_id"] for row in rows(made / "truth" / "truth_records.csv")}


def test_the_truth_speaks_of_records_and_libraries_that_exist(made: Path, catalogue: dict[str, pymarc.Record]) -> None:
    libraries_known = {path.stem for path in (made / "marc").iterdir()}
    for row in pairs(made):
        assert {row["left"], row["right"]} <= set(catalogue) and row["left"] != row["right"]
        assert row["responsible"] in libraries_known | {""}
        ends = {row["left"].partition("/")[0], row["right"].partition("/")[0]}
        assert not row["responsible"] or row["responsible"] in ends
    for row in rows(made / "truth" / "truth_records.csv"):
        assert not row["rescue"] or (row["rescue"] in catalogue and row["junk"])
    assert {row["record_id"] for row in rows(made / "truth" / "truth_faults.csv")} <= set(catalogue)


def test_a_pair_is_told_once_and_same_is_an_equivalence(made: Path) -> None:
    told = {frozenset((row["left"], row["right"])): row["verdict"] for row in pairs(made)}
    assert len(told) == len(pairs(made))
    friends: dict[str, set[str]] = {}
    for pair, verdict in told.items():
        if verdict == "same":
            left, right = pair
            friends.setdefault(left, set()).add(right)
            friends.setdefault(right, set()).add(left)
    for one, others in friends.items():
        assert all(others - {other} <= friends[other] - {one} for other in others)


def test_about_an_eighth_of_the_records_are_duplicates(made: Path) -> None:
    alike = {row[side] for row in pairs(made) if row["verdict"] == "same" for side in ("left", "right")}
    assert 0.08 < len(alike) / RECORDS < 0.18


def test_every_cause_is_told_with_its_verdict_in_both_formats(made: Path) -> None:
    told = Counter((row["cause"], row["left"][0]) for row in pairs(made) if row["cause"])
    assert {cause for cause, _ in told} == set(ORDER)
    assert all(told[cause, letter] for cause in ORDER for letter in "CM")
    for row in pairs(made):
        expected = VERDICTS.get(row["cause"], "same")
        assert not row["cause"] or row["verdict"] == expected
        assert row["cause"] or row["verdict"] in {"different", "review"}


def test_every_kind_of_story_is_told_in_both_formats(made: Path) -> None:
    told = Counter((row["kind"], row["left"][0]) for row in pairs(made))
    kinds = {kind for kind, _ in told}
    missing = {(kind, letter) for kind in kinds for letter in "CM" if not told[kind, letter]}
    assert {kind for kind, letter in missing if letter == "M"} <= CHINESE_ONLY
    assert {kind for kind, letter in missing if letter == "C"} <= ENGLISH_ONLY
    lookalikes = {row["kind"] for row in pairs(made) if row["verdict"] == "different"}
    assert len(lookalikes) >= 38


def test_every_code_of_junk_is_planted(made: Path, catalogue: dict[str, pymarc.Record]) -> None:
    junk = [row for row in rows(made / "truth" / "truth_records.csv") if row["junk"]]
    codes = {code for row in junk for code in row["junk"].split(";")}
    assert codes == {f"J{number:02d}" for number in range(1, 10)}
    titles = [catalogue[row["record_id"]].get_fields("200", "245") for row in junk if "J01" in row["junk"].split(";")]
    assert all("required field" in (title.get("a") or "").casefold() for fields in titles for title in fields)


def test_every_fault_that_is_looked_for_is_planted(made: Path) -> None:
    codes = {row["code"] for row in rows(made / "truth" / "truth_faults.csv")}
    assert codes == {f"Q{number:02d}" for number in range(1, 16)} - {"Q04"}, "Q04 is in many a record anyway"


def test_check_digits_are_right_where_no_slip_was_planted(made: Path, catalogue: dict[str, pymarc.Record]) -> None:
    planted = {row["record_id"] for row in rows(made / "truth" / "truth_faults.csv") if row["code"] == "Q02"}
    wrong = {name for name, one in catalogue.items() if not all(map(rightly_checked, numbers(one)))}
    assert wrong == planted and planted


def test_the_later_record_is_that_of_the_library_that_has_to_correct(
    made: Path, catalogue: dict[str, pymarc.Record]
) -> None:
    def created(name: str) -> str:
        return str(catalogue[name]["005"].value())[:8]

    for row in pairs(made):
        if row["cause"] in {"D01", "D02", "D06", "D08", "D09", "D12", "D05", "D07"}:
            other = row["left"] if not row["right"].startswith(row["responsible"] + "/") else row["right"]
            guilty = row["right"] if other == row["right"] else row["left"]
            rest = row["left"] if guilty == row["right"] else row["right"]
            if row["left"].partition("/")[0] != row["right"].partition("/")[0]:
                assert created(guilty) > created(rest), row


def test_items_tell_the_day_and_the_library_of_their_record(catalogue: dict[str, pymarc.Record]) -> None:
    seen = 0
    for name, record in catalogue.items():
        for field in record.get_fields("999"):
            if "m" in field and "005" in record and record["005"].value()[0] != "?":
                month, day, year = field["u"].split("/")
                made_on = f"{year}{int(month):02d}{int(day):02d}"
                assert field["m"] == name.partition("/")[0]
                assert made_on == record["005"].value()[:8]
                seen += 1
    assert seen > 1000


def test_flags_are_those_of_the_records(made: Path) -> None:
    for row in pairs(made):
        flags = set(row["flags"].split(";")) - {""}
        assert flags <= {"self-duplicate", "two-call-numbers", "single-form-search", "date-conflict"}
        if "self-duplicate" in flags:
            assert row["left"].partition("/")[0] == row["right"].partition("/")[0]


def test_a_plain_catalogue_has_the_causes_and_no_noise(tmp_path: Path) -> None:
    make_catalogue(Plan(7, 4000, libraries(6, "utf-8"), plain=True), tmp_path, 1)
    told = {row["cause"] for row in pairs(tmp_path)}
    assert told == {"", *ORDER}
    kinds = {row["kind"] for row in pairs(tmp_path)}
    assert "wrong check digit" not in kinds and "bindings" in kinds


def test_every_character_of_the_words_has_a_reading_and_a_traditional_form() -> None:
    table = (ROOT / "benchmarks" / "made" / "words.toml").read_text(encoding="utf-8")
    used = {
        letter
        for line in table.splitlines()
        if not line.startswith("#")
        for letter in line
        if "\u4e00" <= letter <= "\u9fff"
    }
    assert used <= set(words.READINGS)
    assert "數學".startswith("数".translate(words.TRADITIONAL))


def test_six_in_ten_records_are_cnmarc_and_sizes_are_those_of_catalogues(
    made: Path, catalogue: dict[str, pymarc.Record]
) -> None:
    assert 0.5 < sum(name.startswith("C") for name in catalogue) / RECORDS < 0.7
    size = sum(path.stat().st_size for path in (made / "marc").iterdir()) / RECORDS
    assert 550 < size < 1100


def test_unrelated_books_share_no_isbn(made: Path, catalogue: dict[str, pymarc.Record]) -> None:
    story = {row["record_id"]: row["story"] for row in rows(made / "truth" / "truth_records.csv")}
    owners: dict[str, set[str]] = {}
    for name, record in catalogue.items():
        for number in numbers(record):
            owners.setdefault(number[3:-1] if len(number) == 13 else number[:-1], set()).add(story[name])
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
