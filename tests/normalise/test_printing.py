from __future__ import annotations

import pytest

from dedup.model import Format
from dedup.normalise.printing import parse_printing
from dedup.normalise.printing_batch import printing_columns
from dedup.rules import load_rules
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()
ROWS = RULES.terms["printing"]


@pytest.mark.parametrize(("row", "text"), [(row.id, text) for row in ROWS for text in row.yes])
def test_printing_words_are_found(row, text):
    assert row in parse_printing(text, RULES).rows


@pytest.mark.parametrize(("row", "text"), [(row.id, text) for row in ROWS for text in row.no])
def test_words_that_only_look_like_printings_are_not(row, text):
    assert row not in parse_printing(text, RULES).rows


@pytest.mark.parametrize(
    ("text", "number", "year", "reprint"),
    [
        ("2013年第15次印刷", 15, 2013, True),
        ("2010年3月第2版第4次印刷", 4, 2010, True),
        ('"37th printing, March 2009."', 37, 2009, True),
        ("1st printing", 1, None, False),
        ("2版3次印刷", 3, None, True),
        ("初版第2刷", 2, None, True),
        ("2018,2020重印", None, 2020, True),
        ("2005,2010印", None, 2010, True),
        ("1995 (2009 printing)", None, 2009, True),
        ("湖北重印", None, None, True),
        ("Fifth impression", 5, None, True),
        ("Nachdr.", None, None, True),
        ("2nd ed.", None, None, False),
        ("Printed in China", None, None, False),
        ("Reprinted from Nature.", None, None, False),
    ],
)
def test_number_year_and_reprint_of_a_statement(text, number, year, reprint):
    found = parse_printing(text, RULES)
    assert (found.number, found.year, found.is_reprint) == (number, year, reprint)


def test_printings_are_gathered_from_every_place_where_catalogues_put_them():
    fixed = f"{'880101r19841931':<40}"
    records = [
        (Format.CNMARC, {"imprint": ["210 $a济南$c山东人民出版社$d2018,2020重印"]}),
        (Format.CNMARC, {"edition": ["205 $a2010重印"]}),
        (Format.CNMARC, {"isbn": ["010 $a7-302-10853-6$b精装 ; 2012"]}),
        (Format.CNMARC, {"note": ["300 $a2020年重印", "330 $a书中谈到1999年第3次印刷的情形"]}),
        (Format.MARC21, {"edition": ["250 $a2nd printing"]}),
        (Format.MARC21, {"note": ['500 $a"37th printing, March 2009."'], "imprint": ["264 #1$c2009."]}),
        (Format.MARC21, {"imprint": ["260 $aMadison :$c1984$g(1985 printing)"], "fixed": [fixed]}),
        (Format.MARC21, {"imprint": ["260 $aBoston :$c1984."]}),
    ]
    found = printing_columns(raw_batch(*records), RULES)
    assert found["printing_year"].to_pylist() == [2020, 2010, 2012, 2020, None, 2009, 1985, None]
    assert found["printing_number"].to_pylist() == [None, None, None, None, 2, 37, None, None]
    assert found["is_reprint"].to_pylist() == [True, True, False, True, True, True, True, False]


def test_a_second_printing_typed_as_an_edition_is_no_edition():
    from dedup.normalise.edition import parse_edition

    assert parse_edition("2nd printing", RULES).empty
