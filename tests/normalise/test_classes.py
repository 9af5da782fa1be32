from __future__ import annotations

from dedup.model import Format
from dedup.normalise.classes import classes_columns
from dedup.rules import load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()


def test_class_numbers_lose_prime_marks_blanks_and_item_numbers() -> None:
    record = {"subject": [field("050", "$aQA76.6$b.K64 1997"), field("082", "$a823/.7$221"), field("082", "$a[Fic]")]}
    assert classes_columns(batch([record]), RULES)["classes"].to_pylist() == [["QA76.6", "823.7", "Fic"]]


def test_chinese_class_numbers_come_from_690_and_096() -> None:
    records = [
        {"subject": [field("690", "$aI247.5$v4"), field("690", "$aI247.5")]},
        {"subject": [field("096", "$aI565.8$baks")]},
    ]
    found = classes_columns(batch(records, Format.CNMARC), RULES)["classes"]
    assert found.to_pylist() == [["I247.5"], ["I565.8"]]


def test_a_mark_alone_is_no_class_number() -> None:
    assert classes_columns(batch([{"subject": [field("082", "$a/ ")]}]), RULES)["classes"].to_pylist() == [[]]
