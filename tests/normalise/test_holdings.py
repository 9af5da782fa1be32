from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import RuleError
from dedup.model import Format
from dedup.normalise.holdings import COLUMNS, holdings_columns, item_date
from dedup.rules import load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()


def items(*fields: str, preset: str | None = None, form: Format = Format.CNMARC) -> list[tuple[str, ...]]:
    columns = holdings_columns(batch([{"holdings": list(fields)}], form), RULES, preset)
    lists = [columns[name][0].as_py() for name in COLUMNS]
    return list(zip(*lists, strict=True))


def test_symphony_items_are_library_call_number_barcode_date_and_location() -> None:
    found = items(
        field("999", "$aTP312C/42$wLC$c1$iA111$d9/9/2011$lSTACKS$mLIB-A$u10/12/2010$p33.00"),
        field("999", "$aXX(999999.1)$iA222$mLIB-B"),
    )
    assert found == [("LIB-A", "TP312C/42", "A111", "20101012", "STACKS"), ("LIB-B", "", "A222", "", "")]


def test_an_item_without_barcode_counts_when_library_and_call_number_are_there() -> None:
    assert items(field("999", "$mLIB-A$aI712.45/123")) == [("LIB-A", "I712.45/123", "", "", "")]


def test_a_local_note_in_999_is_no_item() -> None:
    assert items(field("999", "$aZY$eZJJ$c20120705")) == []
    assert items(field("949", "$aAVR")) == []
    assert items(field("999", "$a1$n0000096")) == []


def test_905_counts_an_item_per_barcode() -> None:
    found = items(field("905", "$aTJU$b0001$b0002$dF124$e26"))
    assert found == [("TJU", "F124 26", "0001", "", ""), ("TJU", "F124 26", "0002", "", "")]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (("905", "$aST$fI/469"), ("ST", "I/469", "", "", "")),
        (("952", "$aMAIN$bNORTH$oQA76.6$p3001$d2010-10-12"), ("NORTH", "QA76.6", "3001", "20101012", "")),
        (("995", "$bBU$cBU$f0012$k843 HUG$eADULT"), ("BU", "843 HUG", "0012", "", "ADULT")),
        (("852", "$aMH$bWID$cSTACKS$hQA76.6$iK64$p555"), ("MH", "QA76.6 K64", "555", "", "STACKS")),
        (("949", "$aQA76.6$i777$hMAIN"), ("MAIN", "QA76.6", "777", "", "")),
        (("AVA", "$b41BIG$cMain stacks$dQA76$8221"), ("41BIG", "QA76", "", "", "Main stacks")),
    ],
)
def test_each_system_is_known_by_its_fingerprint(text: tuple[str, str], item: tuple[str, ...]) -> None:
    assert items(field(*text)) == [item]


def test_one_preset_counts_per_record_unless_another_is_named() -> None:
    fields = (field("852", "$aMH$bWID$hQA76.6"), field("999", "$aTP3$i1$mLIB"))
    assert items(*fields) == [("LIB", "TP3", "1", "", "")]
    assert items(*fields, preset="852") == [("MH", "QA76.6", "", "", "")]


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RuleError, match="symphony-999"):
        items(preset="nowhere")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("10/12/2010", "20101012"),
        ("20101012", "20101012"),
        ("2010-1-2", "20100102"),
        ("25/12/2010", "20101225"),
        ("12/2010", ""),
        ("99/99/2010", ""),
        ("", ""),
    ],
)
def test_a_date_is_read_month_first(text: str, date: str) -> None:
    assert item_date(text) == date


def test_a_date_is_read_day_first_where_the_preset_says_so() -> None:
    assert item_date("10/12/2010", day_first=True) == "20101210"


@given(
    st.lists(st.lists(st.sampled_from(["$aX$i1$mL", "$aX$mL", "$aZY$eZJJ", "$i1$lS", "$c1"]), max_size=4), max_size=6)
)
def test_items_of_a_batch_are_those_of_each_record_alone(records: list[list[str]]) -> None:
    made = [{"holdings": [field("999", text) for text in texts]} for texts in records]
    columns = holdings_columns(batch(made), RULES)
    for place, texts in enumerate(records):
        alone = items(*(field("999", text) for text in texts))
        together = list(zip(*(columns[name][place].as_py() for name in COLUMNS), strict=True))
        assert together == alone
