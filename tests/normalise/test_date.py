from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.date import Dates, parse_date
from dedup.normalise.date_batch import date_columns
from dedup.rules import load_rules
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()
OPEN = 9999


@pytest.mark.parametrize(
    "text",
    [
        "2005",
        "2005.",
        "[2005]",
        "[2005?]",
        "ca. 2005",
        "2005.7",
        "2005.07",
        "2005年7月",
        "200507",
        "20050701",
        "20[05]",
        "二〇〇五",
        "二○○五年",
        "２００５",
        "2548 [2005]",
        "2548",
        "平成17",
        "平成十七年",
        "1384 [2005]",
        "5765 [2005]",
        "2050 [i.e. 2005]",
        "July, 2005.",
        "Printed in the year 2005.",
        "民国九十四年",
        "MMV",
    ],
)
def test_every_way_to_write_one_year_gives_that_year(text):
    assert parse_date(text, RULES).year == 2005


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("民国25年 [1936]", 1936),
        ("民國二十五年", 1936),
        ("大正元年", 1912),
        ("昭和55", 1980),
        ("Shōwa 55 [1980]", 1980),
        ("明治33", 1900),
        ("光绪二十四年", 1898),
        ("宣统三年", 1911),
        ("MDCCCXLV", 1845),
        ("M.DCC.LXXVI", 1776),
        ("An 9 [1801]", 1801),
        ("an XII", 1803),
        ("1838 [i.e. 1839]", 1839),
        ("1374 [1995]", 1995),
    ],
)
def test_other_calendars_and_corrections_are_reckoned(text, year):
    assert parse_date(text, RULES).year == year


@pytest.mark.parametrize(
    "text", ["[18--?]", "189-?", "200?-", "19--", "s.a.", "", "HSE 9100.", "[between 1900 and 1999]"]
)
def test_a_date_that_is_not_known_gives_no_year(text):
    assert parse_date(text, RULES).year is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("c2009", Dates(year=2009, copyright=2009)),
        ("©2015", Dates(year=2015, copyright=2015)),
        ("p1989", Dates(year=1989, copyright=1989)),
        ("1839, c1838", Dates(year=1839, copyright=1838)),
        ("2009 [c2008]", Dates(year=2009, copyright=2008)),
        ("1996-", Dates(year=1996, end=OPEN)),
        ("<1995- >", Dates(year=1995, end=OPEN)),
        ("1995-1998", Dates(year=1995, end=1998)),
        ("1995-98", Dates(year=1995, end=1998)),
        ("1877-1914.", Dates(year=1877, end=1914)),
        ("1956-[60]", Dates(year=1956, end=1960)),
        ("c1997-1998.", Dates(year=1997, copyright=1997, end=1998)),
        ("[between 1988 and 1990]", Dates(year=1988, end=1990)),
        ("2018,2020重印", Dates(year=2018, printing=2020)),
        ("2005 (2008重印)", Dates(year=2005, printing=2008)),
        ("1995 (2009 printing)", Dates(year=1995, printing=2009)),
        ("2010重印", Dates(year=2010, printing=2010)),
        ("2007 (2014再版)", Dates(year=2007, reissue=2014)),
        ("1995,2005第2版", Dates(year=1995, reissue=2005)),
    ],
)
def test_copyright_ranges_reprints_and_new_editions_are_kept_apart(text, expected):
    assert parse_date(text, RULES) == expected


@given(st.integers(1450, 2100))
def test_brackets_queries_and_full_stops_do_not_change_a_year(year):
    typed = [f"{year}", f"[{year}]", f"[{year}?]", f"{year}.", f"c{year}.", f"{str(year)[:2]}[{str(year)[2:]}]"]
    assert {parse_date(text, RULES).year for text in typed} == {year}


@given(st.text(max_size=25))
def test_any_text_gives_years_within_bounds(text):
    found = parse_date(text, RULES)
    for value in (found.year, found.copyright, found.printing, found.reissue):
        assert value is None or 0 < value <= 2200


def fixed_21(dates: str) -> str:
    return f"{dates:<40}"


def test_the_columns_read_both_dates_of_each_format():
    records = [
        (Format.MARC21, {"fixed": [fixed_21("990501s2001    mau")], "imprint": ["260 $aBoston :$bX,$cc2009."]}),
        (Format.CNMARC, {"fixed": ["20050801d2005    em y0chiy50      ea"], "imprint": ["210 $d2007 (2014再版)"]}),
        (Format.CNMARC, {"fixed": ["20190611d########u##y0chiy50######ea"]}),
        (Format.MARC21, {"fixed": [fixed_21("050501q19001999mau")]}),
        (Format.MARC21, {"fixed": [fixed_21("050501c19969999mau")], "imprint": ["260 $c[18--?]"]}),
        (Format.MARC21, {"fixed": [fixed_21("050501m19951998mau")]}),
    ]
    found = {name: column.to_pylist() for name, column in date_columns(raw_batch(*records), RULES).items()}
    assert found["date_type"] == ["s", "d", "d", "q", "c", "m"]
    assert found["fixed_year"] == [2001, 2005, None, 1900, 1996, 1995]
    assert found["fixed_year2"] == [None, None, None, 1999, OPEN, 1998]
    assert found["transcribed_year"] == [2009, 2007, None, None, None, None]
    assert found["year"] == [2009, 2007, None, None, 1996, 1995]
    assert found["copyright_year"] == [2009, None, None, None, None, None]
    assert found["end_year"] == [None, None, None, None, OPEN, 1998]
    assert found["reissue_year"] == [None, 2014, None, None, None, None]
    assert found["entered"] == [19990501, 20050801, 20190611, 20050501, 20050501, 20050501]


def test_the_publication_statement_wins_over_copyright_and_manufacture():
    lines = ["264 #4$c©2008", "264 #3$c2010", "264 #1$aBoston :$bX,$c2009"]
    found = date_columns(raw_batch((Format.MARC21, {"imprint": lines})), RULES)
    assert (found["transcribed_year"][0].as_py(), found["copyright_year"][0].as_py()) == (2009, 2008)
    found = date_columns(raw_batch((Format.MARC21, {"imprint": lines[:2]})), RULES)
    assert found["transcribed_year"][0].as_py() == 2008


def test_of_several_imprints_the_first_with_a_year_counts():
    lines = ["260 $aBoston :$bX,", "260 $c1999", "260 $c2005"]
    assert date_columns(raw_batch((Format.MARC21, {"imprint": lines})), RULES)["year"].to_pylist() == [1999]


DATES = st.lists(st.sampled_from([*"c[]?-,. 年重印再版()", "19", "98", "2005", "2010", "i.e. "]), max_size=8).map(
    "".join
)


@settings(deadline=None)
@given(st.lists(DATES.filter(bool), min_size=1, max_size=6))
def test_a_column_of_dates_is_read_as_its_values_are(texts):
    batch = raw_batch(*((Format.CNMARC, {"imprint": [f"210 ##$d{text}"]}) for text in texts))
    found = date_columns(batch, RULES)
    expected = [parse_date(text, RULES) for text in texts]
    assert found["transcribed_year"].to_pylist() == [one.year for one in expected]
    assert found["copyright_year"].to_pylist() == [one.copyright for one in expected]
    assert found["end_year"].to_pylist() == [one.end for one in expected]
    assert found["reissue_year"].to_pylist() == [one.reissue for one in expected]
