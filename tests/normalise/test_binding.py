from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.binding import binding_classes, binding_columns, price_text, qualifier_classes
from dedup.rules import Term, load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()
EXAMPLES = [
    (row, example, wanted)
    for row in RULES.terms["binding"]
    for wanted, of in ((True, row.yes), (False, row.no))
    for example in of
]


@pytest.mark.parametrize(("row", "example", "wanted"), EXAMPLES, ids=lambda value: getattr(value, "id", str(value)))
def test_every_binding_word_gives_its_class(row: Term, example: str, wanted: bool) -> None:
    found = binding_classes(example, RULES)
    assert (found == () if row.kind == "neutral" else row.kind in found) is wanted


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("0262033844 (hardcover : alk. paper)", ("hard",)),
        ("0262033844 (alk. paper)", ()),
        ("精装 ; 2012", ("hard",)),
        ("软精装", ("flexi",)),
        ("光盘", ()),
        ("1996", ()),
        ("v. 1 : pbk.", ("soft",)),
    ],
)
def test_a_qualifier_names_a_binding_or_none(text: str, classes: tuple[str, ...]) -> None:
    assert qualifier_classes(text, RULES) == classes


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("CNY16.80 (含光盘)", "CNY16.80"),
        ("¥6.80", "CNY6.80"),
        ("25.00元", "CNY25.00"),
        ("CNY赠90.00", "CNY90.00"),
        ("$12.95", "USD12.95"),
        ("0.17", "0.17"),
        ("￥66.00（全三册）", "CNY66.00"),
        ("非卖品", ""),
    ],
)
def test_a_price_is_currency_and_amount(text: str, price: str) -> None:
    assert price_text(text, RULES) == price


def test_bindings_come_from_number_extent_and_material_and_are_sorted() -> None:
    record = {
        "isbn": [field("020", "$a0262033844 (pbk.) :$c$12.95".replace("$12", "US$ 12").replace("US$ ", "USD"))],
        "extent": [field("300", "$a320 p. (spiral-bound) ;$c24 cm")],
    }
    columns = binding_columns(batch([record, {}]), RULES)
    assert columns["binding"].to_pylist() == [["loose", "soft"], []]
    assert columns["price"].to_pylist() == ["USD12.95", ""]


def test_page_counts_are_no_paperbacks() -> None:
    record = {"extent": [field("300", "$axv, 607 p. :$bill. (some col.), maps (fold.) ;$c24 cm")]}
    assert binding_columns(batch([record]), RULES)["binding"].to_pylist() == [[]]


def test_a_cnmarc_record_names_binding_and_price_in_010() -> None:
    record = {"isbn": [field("010", "$a978-7-5618-1201-3$b精装$dCNY68.00"), field("010", "$b平$dCNY45.00")]}
    columns = binding_columns(batch([record], Format.CNMARC), RULES)
    assert columns["binding"].to_pylist() == [["hard", "soft"]]
    assert columns["price"].to_pylist() == ["CNY68.00"]


@given(st.lists(st.lists(st.sampled_from(["精装", "pbk.", "0262033844 (hbk.)", "0262033844", "alk. paper", "geb."]))))
def test_columns_equal_the_plain_function_record_by_record(records: list[list[str]]) -> None:
    made = [{"isbn": [field("020", f"$a{one}") for one in values]} for values in records]
    found = binding_columns(batch(made), RULES)["binding"].to_pylist()
    assert found == [sorted({kind for one in values for kind in qualifier_classes(one, RULES)}) for values in records]
