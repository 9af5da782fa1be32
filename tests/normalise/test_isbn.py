from __future__ import annotations

import isbnlib
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import IsbnRole
from dedup.normalise.isbn import parse_isbn, registrants_of
from dedup.normalise.isbn_role import role_of
from dedup.normalise.isbn_scan import scan
from dedup.rules import load_rules

RULES = load_rules()
ROWS = RULES.terms["isbn_role"]
DUMMIES = frozenset(RULES.tables["isbn"]["dummies"])
CORES = st.integers(0, 10**9 - 1).filter(lambda core: core not in DUMMIES)


def isbn_10(core: int) -> str:
    return f"{core:09}{isbnlib.check_digit10(f'{core:09}')}"


def isbn_13(core: int) -> str:
    return f"978{core:09}{isbnlib.check_digit13(f'978{core:09}')}"


def cores(text: str) -> list[tuple[int, bool]]:
    return [(one.core, one.valid) for one in parse_isbn(text, RULES)]


@pytest.mark.parametrize(
    "typed",
    [
        "7-302-10853-6",
        "7302108536",
        "７－３０２－１０８５３－６",
        "978-7-302-10853-5",
        "9787302108535",
        "978 7 302 10853 5",
        "ISBN 7-302-10853-6",
        "ISBN-13: 978-7-302-10853-5",
        "ISBN7-302-10853-6/G·87",
        "7-3O2-l0853-6",
        "7302108536 (pbk.)",
        "9787302108535（上册）",
        "(pbk.) 7302108536",
    ],
)
def test_every_way_to_type_one_isbn_gives_one_core(typed):
    assert cores(typed) == [(730210853, True)]


@pytest.mark.parametrize("sign", ["X", "x", "×", "Ｘ", "ｘ", "*", "＊", "Х"])
def test_every_way_to_type_the_check_digit_x_is_read(sign):
    assert cores(f"7-5062-9043-{sign}") == [(750629043, True)]


@pytest.mark.parametrize(
    ("typed", "core"),
    [
        ("978-7-302-10853-6", 730210853),
        ("7302108535", 730210853),
        ("978730210853", 730210853),
        ("7302108530", 730210853),
    ],
)
def test_a_wrong_check_digit_leaves_a_weak_core(typed, core):
    assert cores(typed) == [(core, False)]


@pytest.mark.parametrize(
    "typed",
    ["7-", "7-5", "", "平", "CNY56.00", "9787302108", "12345678901234", "0028-0836", "0020801200069", "fl 35.00"],
)
def test_rests_and_other_numbers_are_no_isbn(typed):
    assert cores(typed) == []


@pytest.mark.parametrize("typed", ["0000000000", "9999999999", "1111111111", "0123456789", "978-0-00-000000-2"])
def test_numbers_typed_to_fill_a_required_field_are_no_isbn(typed):
    assert cores(typed) == []
    assert len(scan(pa.array([typed]), RULES).core) == 0


def test_two_numbers_in_one_subfield_are_both_read_with_their_qualifiers():
    found = parse_isbn("0-471-58719-2 (cloth) 0-471-58720-6 (paper)", RULES)
    assert [(one.core, one.valid, one.rest) for one in found] == [
        (47158719, True, "(cloth)"),
        (47158720, True, "(paper)"),
    ]
    assert cores("97873021085357302108536") == [(730210853, True)] * 2


def test_a_979_number_keeps_its_twelve_digits():
    assert cores("979-10-90636-07-1") == [(979109063607, True)]


def test_a_nine_digit_standard_book_number_is_the_isbn_without_its_first_zero():
    assert cores("SBN 394-60758-9") == cores("0-394-60758-9") == [(39460758, True)]


@given(CORES)
def test_ten_and_thirteen_digits_of_one_number_have_one_core(core):
    assert cores(isbn_10(core)) == cores(isbn_13(core)) == [(core, True)]


@settings(deadline=None)
@given(st.text("0123456789Xx-- ISBN", max_size=20))
def test_whatever_isbnlib_finds_valid_is_found_valid(text):
    expected = {isbnlib.to_isbn13(one)[3:12] for one in isbnlib.get_isbnlike(text) if isbnlib.to_isbn13(one)}
    if len(isbnlib.canonical(text) or "") in (10, 13) and isbnlib.notisbn(text) is False:
        assert f"{parse_isbn(text, RULES)[0].core:09}" in expected


@given(st.lists(CORES, max_size=20))
def test_publisher_prefixes_are_those_of_isbnlib(numbers):
    expected = []
    for core in numbers:
        masked = isbnlib.mask(isbn_13(core))
        expected.append("-".join(masked.split("-")[1:3]) if masked and "-" in masked else "")
    assert registrants_of(np.array(numbers, np.int64)).to_pylist() == expected


def test_publisher_prefixes_are_spelt_with_their_group():
    numbers = np.array([730210853, 38796412, 979109063607], np.int64)
    assert registrants_of(numbers).to_pylist() == ["7-302", "0-387", "979-10-90636"]


TYPED = st.one_of(
    CORES.map(isbn_10),
    CORES.map(isbn_13),
    CORES.map(lambda core: isbnlib.mask(isbn_13(core)) or ""),
    CORES.map(lambda core: f"{isbn_10(core)} (v. 2 : pbk.)"),
    CORES.map(lambda core: f"{isbn_13(core)} (set)"),
    st.tuples(CORES, CORES).map(lambda pair: f"{isbn_10(pair[0])} {isbn_13(pair[1])}"),
    st.text("0123456789Xx-() 光盘v.O×", max_size=22),
    st.none(),
)


@settings(deadline=None)
@given(st.lists(TYPED, max_size=12))
def test_a_column_is_read_as_its_values_are(values):
    found = scan(pa.array(values, pa.string()), RULES)
    read = list(zip(found.at.tolist(), found.core.tolist(), found.valid.tolist(), found.form.tolist(), strict=True))
    expected = [
        (at, one.core, one.valid, one.form)
        for at, value in enumerate(values)
        if value
        for one in parse_isbn(value, RULES)
    ]
    assert read == expected


@pytest.mark.parametrize(("kind", "text"), [(row.kind, text) for row in ROWS for text in row.yes])
def test_a_qualifier_gives_its_role(kind, text):
    assert role_of(text, RULES) == (IsbnRole.SELF if kind == "neutral" else IsbnRole[kind.upper()])


@pytest.mark.parametrize(
    ("kind", "text"), [(row.kind, text) for row in ROWS if row.kind != "neutral" for text in row.no]
)
def test_words_that_only_look_like_a_role_give_another(kind, text):
    assert role_of(text, RULES) != IsbnRole[kind.upper()]


@pytest.mark.parametrize("text", ["alk. paper", "(U.S.)", "acid-free paper", "精装", "hbk.", "2012", "", "(MIT Press)"])
def test_bindings_paper_and_countries_are_no_roles(text):
    assert role_of(text, RULES) == IsbnRole.SELF
