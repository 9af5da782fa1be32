from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.number import document_number, issn, lccn, source_number, standard_numbers, unified_number
from dedup.normalise.number_batch import number_columns
from dedup.rules import load_rules
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()


@pytest.mark.parametrize(
    "typed",
    ["2017·366", "2017.366", "2017・366", "2017．366", "2017 366", "统一书号：2017·366", "２０１７·３６６", "2017•366"],
)
def test_every_way_to_type_one_unified_number_gives_one(typed):
    assert unified_number(typed, RULES) == "2017.366"


@pytest.mark.parametrize("typed", ["", "0.17", "7-302-10853-6", "abc", "CNY2.85"])
def test_prices_and_isbns_are_no_unified_numbers(typed):
    assert unified_number(typed, RULES) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("CAL 012000518979", "CAL012000518979"),
        ("(OCoLC)ocm00012345", "OCLC12345"),
        ("(OCoLC)311310321", "OCLC311310321"),
        ("ocm41971277", "OCLC41971277"),
        ("RB(OCoLC)10679083", "OCLC10679083"),
        ("(DLC)   2001012345", "LCCN2001012345"),
        ("(CStRLIN)DCLP86-B2674", "CSTRLINDCLP86B2674"),
        ("(NLC)012004002367", "NLC012004002367"),
        ("(Sirsi) o10702756", "OCLC10702756"),
        ("(Sirsi) l84007256", "LCCN84007256"),
    ],
)
def test_source_numbers_carry_their_agency(typed, number):
    assert source_number(typed, RULES) == number


@pytest.mark.parametrize("typed", ["(Sirsi) a351815", "(aleph)000218074BNU03", "0000064637", "", "(OCoLC)", "CAL"])
def test_keys_of_local_systems_are_no_source_numbers(typed):
    assert source_number(typed, RULES) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("n78-890351", "n78890351"),
        ("85-2 ", "85000002"),
        ("2001-000002", "2001000002"),
        ("75-425165//r75", "75425165"),
        (" 79139101 /AC/r932", "79139101"),
        ("   84007209 ", "84007209"),
        ("gp^85017643", "gp85017643"),
    ],
)
def test_control_numbers_of_the_library_of_congress_are_normalised_as_it_says(typed, number):
    assert lccn(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"), [("0378-5955", "0378-5955"), ("ISSN 2434561x", "2434-561X"), ("1234-5678", None)]
)
def test_an_issn_needs_its_check_digit(typed, number):
    assert issn(typed, RULES) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("GB/T 5795-2006", "GB/T 5795-2006"),
        ("GB/T 5795—2002", "GB/T 5795-2002"),
        ("GB3100-93", "GB 3100-1993"),
        ("ISO 9001:2015", "ISO 9001-2015"),
        ("DIN EN 1992-1-1:2011", "DIN EN 1992-1-1-2011"),
    ],
)
def test_a_standard_keeps_its_year(typed, number):
    assert standard_numbers(typed, RULES, whole=True) == (number,)
    assert standard_numbers(f"建筑规范 : {typed}", RULES) == (number,)


def test_a_standard_in_running_text_needs_its_year():
    assert standard_numbers("ISO 9001", RULES, whole=True) == ("ISO 9001",)
    assert standard_numbers("质量管理与ISO 9001认证", RULES) == ()
    assert standard_numbers("Notes on EN 1990-2000", RULES) == ()


@given(st.text("EP 1.23/-: a9", max_size=20))
def test_folding_a_document_number_twice_changes_nothing(text):
    once = document_number(text)
    assert once is None or document_number(once) == once


def test_the_columns_hold_what_each_field_says():
    batch = raw_batch(
        (
            Format.CNMARC,
            {
                "number": ["091 $a13031·2284$dCNY2.85", "094 $aCN$bGB/T 5795-2006", "011 $a0378-5955"],
                "origin": ["099 $aCAL 012000594459", "099 $aCAL 012000594459", "035 $a(OCoLC)00311310321"],
            },
        ),
        (Format.CNMARC, {"title": ["200 1#$a信息与文献$eGB/T 3792-2021"]}),
        (
            Format.MARC21,
            {
                "number": ["086 0#$aEP 1.23/2: 600/2-78-132", "028 02$a hse  9100$bAngel", "022 $a1234-5678"],
                "origin": ["010 $a   84007209 ", "035 $a(OCoLC)ocm00012345", "035 $a(Sirsi) a12"],
            },
        ),
    )
    found = number_columns(batch, RULES)
    assert found["unified_number"].to_pylist() == ["13031.2284", "", ""]
    assert found["source_numbers"].to_pylist() == [
        ["OCLC311310321", "CAL012000594459"],
        [],
        ["OCLC12345", "LCCN84007209"],
    ]
    assert found["standard_numbers"].to_pylist() == [["GB/T 5795-2006"], ["GB/T 3792-2021"], []]
    assert found["issn"].to_pylist() == [["0378-5955"], [], []]
    assert found["document_numbers"].to_pylist() == [[], [], ["EP 1.23/2:600/2-78-132", "HSE 9100"]]


@given(st.lists(st.text("EP 1.23/-: a9", max_size=12), min_size=1, max_size=6))
def test_a_column_of_document_numbers_is_read_as_its_values_are(texts):
    typed = [text for text in texts if text]
    batch = raw_batch((Format.MARC21, {"number": [f"086 ##$a{text}" for text in typed]}))
    expected = [number for text in typed if (number := document_number(text)) is not None]
    assert number_columns(batch, RULES)["document_numbers"].to_pylist() == [list(dict.fromkeys(expected))]
