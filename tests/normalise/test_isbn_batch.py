from __future__ import annotations

import pytest

from dedup.model import Format
from dedup.normalise.isbn_batch import isbn_columns
from dedup.rules import load_rules
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()


def columns(kind: Format, lines: list[str], **other: list[str]) -> dict[str, object]:
    found = isbn_columns(raw_batch((kind, {"isbn": lines, **other})), RULES)
    return {name: column[0].as_py() for name, column in found.items() if column[0].as_py()}


def of(found: dict[str, object], *names: str) -> tuple[object, ...]:
    return tuple(found.get(name, []) for name in names)


def test_the_ten_digit_form_in_z_of_a_calis_record_is_the_same_number():
    found = columns(
        Format.CNMARC,
        ["010 $a978-7-5062-9043-2$dCNY16.80 (含光盘)$z7-5062-9043-X", "010 $a978-7-88765-122-8$b光盘"],
    )
    assert of(found, "isbn", "isbn_weak", "isbn_other") == ([750629043], [], [788765122])
    assert found["isbn_forms"] == 3
    assert found["registrants"] == ["7-5062"]


def test_volume_numbers_of_a_set_record_are_parts():
    found = columns(Format.CNMARC, ["010 $a978-7-04-039663-8$b上册", "010 $a978-7-04-039662-1$b下册"])
    assert of(found, "isbn", "isbn_part") == ([], [704039662, 704039663])


def test_the_only_volume_number_stands_for_the_record():
    assert of(columns(Format.MARC21, ["020 $a0201896834 (v. 1)"]), "isbn", "isbn_part") == ([20189683], [])


def test_both_forms_of_one_volume_number_are_one_number():
    found = columns(Format.MARC21, ["020 $a9780160853302$qpt.1", "020 $a0160853303$qpt.1"])
    assert of(found, "isbn", "isbn_part") == ([16085330], [])


def test_a_set_price_makes_the_number_one_of_the_set():
    found = columns(Format.CNMARC, ["010 $a7-108-00672-3$dCNY96.80 (全五册)"])
    assert of(found, "isbn", "isbn_set") == ([], [710800672])


def test_the_qualifier_wins_over_the_price():
    found = columns(Format.CNMARC, ["010 $a978-7-04-039663-8$b上册$dCNY96.80 (全二册)"])
    assert of(found, "isbn", "isbn_set") == ([704039663], [])


@pytest.mark.parametrize("line", ["020 $z0201633612", "020 $a0201633613", "024 3#$z9780201633610"])
def test_cancelled_and_wrong_numbers_are_weak(line):
    assert of(columns(Format.MARC21, [line]), "isbn", "isbn_weak") == ([], [20163361])


def test_an_article_number_of_024_and_073_is_an_isbn():
    assert columns(Format.MARC21, ["024 3#$a9780201633610"])["isbn"] == [20163361]
    assert columns(Format.CNMARC, ["073 #0$a9787302108535"])["isbn"] == [730210853]


def test_an_e_book_number_is_identity_only_in_a_record_of_an_electronic_resource():
    lines = ["020 $a9780201633610 (electronic bk.)"]
    printed, online = "00000nam a2200000 a 4500", "00000cam a2200000 a 4500"
    assert of(columns(Format.MARC21, lines, leader=[printed]), "isbn", "isbn_other") == ([], [20163361])
    fixed = [f"{'010101s2001    xxu     o    ':<40}"]
    assert of(columns(Format.MARC21, lines, leader=[online], fixed=fixed), "isbn", "isbn_other") == ([20163361], [])


def test_each_qualifier_belongs_to_the_number_before_it():
    found = columns(Format.MARC21, ["020 $a0201485419$q(set)$a0201896834$q(v. 1)$a0201896842$q(v. 2)"])
    assert of(found, "isbn_set", "isbn_part") == ([20148541], [20189683, 20189684])


def test_a_field_without_a_number_qualifies_nothing():
    assert columns(Format.CNMARC, ["010 $b平$d0.17", "010 $a7-302-10853-6"])["isbn"] == [730210853]


def test_numbers_of_other_carriers_in_linking_fields_are_kept_apart():
    found = columns(Format.MARC21, [], link=["776 08$iPrint version:$z9780201633610"])
    assert of(found, "isbn", "linked_numbers") == ([], [20163361])
    found = columns(Format.CNMARC, [], link=["452 #1$1010##$a7-302-10853-6$12001#$aC程序设计"])
    assert found["linked_numbers"] == [730210853]


def test_records_of_both_formats_stand_side_by_side():
    batch = raw_batch(
        (Format.MARC21, {"isbn": ["020 $a7020024750"]}),
        (Format.CNMARC, {}),
        (Format.CNMARC, {"isbn": ["010 $a7-02-002475-0", "010 $a7-5366-9293-X"]}),
    )
    found = isbn_columns(batch, RULES)
    assert found["isbn"].to_pylist() == [[702002475], [], [702002475]]
    assert found["isbn_weak"].to_pylist() == [[], [], [753669293]]
    assert found["isbn_text"].to_pylist() == [["7020024750"], [], ["7-02-002475-0", "7-5366-9293-X"]]
    assert found["isbn_forms"].to_pylist() == [1, 0, 1]
