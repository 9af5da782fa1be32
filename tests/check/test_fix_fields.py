"""ISBN fields are put right where that is certain, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.check.fix.fields import Corrected, Field, corrected
from dedup.check.fix.numbers import Kind
from dedup.model import Format
from dedup.normalise.fault_isbn import long_form, short_form
from dedup.normalise.isbn import check_ten, check_thirteen, parse_isbn
from dedup.rules import load_rules

RULES = load_rules()
EVERY = tuple(Kind)
EARLY, LATE = "008990101s1999    mau", "008110101s2011    mau"
EARLY_CN, LATE_CN = "100  $a19990101d1999", "100  $a20110101d2011"


def packed(*lines: str, encoding: str = "utf-8") -> tuple[Field, ...]:
    return tuple((line[:3].encode(), line[3:].replace("$", "\x1f").encode(encoding)) for line in lines)


def shown(fields: tuple[Field, ...], encoding: str = "utf-8") -> list[str]:
    return [(tag + content).decode(encoding).replace("\x1f", "$") for tag, content in fields]


def fixed(*lines: str, form: Format = Format.CNMARC, kinds: tuple[Kind, ...] = EVERY) -> list[str]:
    return shown(corrected(packed(*lines), "utf-8", form, kinds, RULES).fields)


def test_the_form_of_thirteen_digits_is_added_beside_that_of_ten_with_its_hyphens() -> None:
    assert fixed("010  $a7-302-10853-6$dCNY30.00") == ["010  $a7-302-10853-6$dCNY30.00", "010  $a978-7-302-10853-5"]
    assert fixed("020  $a0471958697", form=Format.MARC21) == ["020  $a0471958697", "020  $a9780471958697"]


@pytest.mark.parametrize(
    ("form", "line", "coded", "added"),
    [
        (Format.MARC21, "020  $a9780471958697", EARLY, "020  $a0471958697"),
        (Format.CNMARC, "010  $a978-7-302-10853-5", EARLY_CN, "010  $a7-302-10853-6"),
    ],
)
def test_ten_digits_are_added_to_the_record_of_a_book_that_carries_them(
    form: Format, line: str, coded: str, added: str
) -> None:
    assert added in fixed(line, coded, form=form)


@pytest.mark.parametrize(
    ("form", "line", "coded"),
    [
        (Format.MARC21, "020  $a9780471958697", LATE),
        (Format.MARC21, "020  $a9780471958697", "008110101nuuuu    mau"),
        (Format.CNMARC, "010  $a978-7-302-10853-5", LATE_CN),
        (Format.CNMARC, "010  $a979-10-90636-07-1", EARLY_CN),
    ],
)
def test_a_book_that_carries_thirteen_digits_alone_needs_no_more(form: Format, line: str, coded: str) -> None:
    assert fixed(line, coded, form=form) == [line, coded]


def test_the_qualifier_goes_with_the_number_and_the_price_does_not() -> None:
    assert fixed("010  $a7-302-10853-6$b精装$dCNY30.00")[1] == "010  $a978-7-302-10853-5$b精装"
    marc = fixed("020  $a0471958697 (pbk.) :$c$12.00", form=Format.MARC21)
    assert marc[1] == "020  $a9780471958697 (pbk.)"
    assert fixed("020  $60$a0471958697$qv. 1$qpbk", form=Format.MARC21)[1] == "020  $a9780471958697$qv. 1$qpbk"


def test_a_price_that_speaks_of_the_set_makes_the_new_number_that_of_the_set() -> None:
    assert fixed("010  $a7-02-000872-0$dCNY39.50 (全二册)")[1] == "010  $a978-7-02-000872-8$b全二册"
    assert fixed("010  $a7-02-000872-0$dCNY39.50 (赠品)")[1] == "010  $a978-7-02-000872-8"


@pytest.mark.parametrize(
    "lines",
    [
        ("010  $a7-302-10853-6", "010  $a978-7-302-10853-5"),
        ("010  $a7-302-10853-6", "010  $z978-7-302-10853-5"),
        ("010  $a7-302-10853-6", "073 0$a9787302108535"),
        ("010  $z7-302-10853-6",),
        ("010  $a7-302-10853-5",),
        ("010  $a7-302-10853-6 7-302-24144-2",),
        ("010  $b精装$dCNY30.00",),
        ("011  $a7-302-10853-6",),
        ("010  $a0000000000",),
    ],
)
def test_what_is_complete_or_not_certain_stays_as_it_is(lines: tuple[str, ...]) -> None:
    assert fixed(*lines) == list(lines)


def test_a_check_digit_kept_from_ten_digits_is_made_that_of_thirteen() -> None:
    assert fixed("010  $a978-7-302-10853-6$b精装") == ["010  $a978-7-302-10853-5$b精装"]
    assert fixed("020  $a978080442957X", form=Format.MARC21) == ["020  $a9780804429573"]


def test_any_other_wrong_check_digit_is_left_to_the_book_in_hand() -> None:
    for line in ("010  $a978-7-302-10853-1", "010  $a7-302-10853-1", "010  $a978-7-302-10853-X"):
        assert fixed(line) == [line]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("７－３０２－１０８５３－６", "7-302-10853-6"),
        ("7–302–10853–6", "7-302-10853-6"),
        ("7 302 10853 6", "7-302-10853-6"),
        ("7-302-1085 3-6", "7-302-10853-6"),
        ("7--302-10853-6", "7-302-10853-6"),
        ("7-3O2-lO853-6", "7-302-10853-6"),
        ("7-5618-0012-×", None),
        ("0-8044-2957-x (精装)", "0-8044-2957-X (精装)"),
        ("0-8044-2957-×", "0-8044-2957-X"),
    ],
)
def test_signs_of_a_number_become_plain_where_its_check_digit_is_right(typed: str, wanted: str | None) -> None:
    found = fixed(f"010  $a{typed}", kinds=(Kind.PUNCTUATION,))
    assert found == [f"010  $a{wanted or typed}"]


def test_blanks_go_from_a_number_in_marc_21_which_has_no_hyphens() -> None:
    assert fixed("020  $a0 471 95869 7 (pbk.)", form=Format.MARC21)[0] == "020  $a0471958697 (pbk.)"


def test_a_kind_that_is_not_asked_for_is_not_corrected() -> None:
    assert fixed("010  $a7–302–10853–6", kinds=()) == ["010  $a7–302–10853–6"]
    assert len(fixed("010  $a7-302-10853-6", kinds=(Kind.PUNCTUATION, Kind.CHECK_DIGIT))) == 1


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8"])
def test_other_bytes_of_the_field_stay_those_of_its_encoding(encoding: str) -> None:
    before = packed("010  $a7-302-10853-6 (精裝)$d人民幣30元", encoding=encoding)
    after = corrected(before, encoding, Format.CNMARC, EVERY, RULES)
    assert after.fields[0] == before[0]
    assert shown(after.fields, encoding)[1] == "010  $a978-7-302-10853-5 (精裝)"


def test_text_that_cannot_be_written_back_is_left_alone() -> None:
    marc8 = ((b"020", b"  \x1fa0471958697 (\x1b$1!!!\x1b(B)"),)
    assert corrected(marc8, "marc-8", Format.MARC21, EVERY, RULES) == Corrected(marc8, ())


SIGNS = st.sampled_from("0123456789Xx×－- –Ol")
TYPED = st.one_of(
    st.integers(0, 10**9 - 1).map(short_form),
    st.integers(0, 10**9 - 1).map(long_form),
    st.integers(0, 10**9 - 1).map(lambda core: f"978{short_form(core)}"),
    st.tuples(st.integers(0, 10**9 - 1), st.integers(1, 8), st.sampled_from("-－– .")).map(
        lambda drawn: short_form(drawn[0])[: drawn[1]] + drawn[2] + short_form(drawn[0])[drawn[1] :]
    ),
    st.text(SIGNS, max_size=16),
)
SUBFIELD = st.tuples(st.sampled_from("aabqzdc"), TYPED, st.sampled_from(["", " (pbk.)", "精装", " :", "(v. 1)"])).map(
    lambda drawn: f"${drawn[0]}{drawn[1]}{drawn[2]}"
)
LINE = st.tuples(st.sampled_from(["010", "020", "073", "024"]), st.lists(SUBFIELD, max_size=4)).map(
    lambda drawn: f"{drawn[0]}  {''.join(drawn[1])}"
)
RECORD = st.tuples(
    st.lists(LINE, max_size=4), st.sampled_from([EARLY, LATE, EARLY_CN, LATE_CN]), st.sampled_from(list(Format))
)


@given(RECORD)
def test_correcting_what_was_corrected_changes_nothing(drawn: tuple[list[str], str, Format]) -> None:
    lines, coded, form = drawn
    once = corrected(packed(*lines, coded), "utf-8", form, EVERY, RULES)
    again = corrected(once.fields, "utf-8", form, EVERY, RULES)
    assert again.fields == once.fields and not again.edits


@given(RECORD)
def test_no_field_is_lost_and_no_number_becomes_another(drawn: tuple[list[str], str, Format]) -> None:
    lines, coded, form = drawn
    before = packed(*lines, coded)
    after = corrected(before, "utf-8", form, EVERY, RULES)
    tags = [tag for tag, _ in after.fields]
    added = sum(edit.kind is Kind.FORM for edit in after.edits)
    assert len(after.fields) == len(before) + added and all(tags.count(tag) >= 1 for tag, _ in before)
    assert cores(before) == cores(after.fields)
    for edit in after.edits:
        number = "".join(sign for sign in edit.after if sign.isdigit() or sign == "X")
        assert any(check_thirteen(number[:size]) or check_ten(number[:size]) for size in (10, 13)), edit


def cores(fields: tuple[Field, ...]) -> set[int]:
    texts = [part[1:] for line in shown(fields) for part in line.split("$")[1:]]
    return {isbn.core for text in texts for isbn in parse_isbn(text, RULES)}
