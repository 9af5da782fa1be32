"""Faults inside one record: each is found where it is, and not in the lawful cases that look like it."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.codes import Kind, read_codes
from dedup.model import Format
from dedup.normalise.fault_class import suspects as far_classes
from dedup.normalise.fault_date import suspects as other_years
from dedup.normalise.fault_house import apart
from dedup.normalise.fault_isbn import long_form, short_form
from dedup.normalise.isbn import check_ten, check_thirteen
from dedup.normalise.publisher import publisher_keys
from dedup.rules import load_rules
from dedup.stages.normalise import concepts
from dedup.tables import FIELD_MARK, RAW_COLUMNS
from tests.normalise.raw_batch import field, raw_batch

RULES = load_rules()
NAMES = {Format.MARC21: "marc21", Format.CNMARC: "cnmarc", Format.UNIMARC: "unimarc"}

# A book without a fault in either format; a test changes a field or adds one.
WESTERN = {
    "LDR": "00000nam a2200000 a 4500",
    "005": "20090101120000.0",
    "008": "090101s2008    mau      b    001 0 eng d",
    "020": "020   $a9780262033848",
    "040": "040   $aDLC$cDLC",
    "050": "050 00$aQA76.6$b.I58",
    "245": "245 10$aIntroduction to algorithms /$cThomas H. Cormen.",
    "260": "260   $aCambridge, Mass. :$bMIT Press,$cc2008.",
    "300": "300   $axix, 1292 p. ;$c24 cm.",
}
CHINESE = {
    "LDR": "00000nam0 2200000   450 ",
    "005": "20101012120000.0",
    "010": "010   $a978-7-302-22446-4$dCNY39.00",
    "100": "100   $a20101012d2010    em y0chiy50      ea",
    "101": "101 0 $achi",
    "102": "102   $aCN$b110000",
    "200": "200 1 $aC程序设计$f谭浩强著",
    "210": "210   $a北京$c清华大学出版社$d2010",
    "215": "215   $a379页$c图$d26cm",
    "690": "690   $aTP312$v5",
    "801": "801  0$aCN$bNKU$c20101012",
}
PLAIN = {"LDR": "leader", "005": "updated", "008": "fixed"}


def faults(base: dict[str, str], *lines: str, form: Format | None = None, without: str = "") -> list[tuple[str, ...]]:
    """The faults of a book whose fields of a line's tag are replaced by the lines; `without`: tags left out."""
    kind = form if form is not None else (Format.MARC21 if base is WESTERN else Format.CNMARC)
    tags = {line[:3] for line in lines} | set(without.split())
    typed = [line for tag, line in base.items() if tag not in tags and tag not in PLAIN] + list(lines)
    columns = RULES.tables[f"fields/{NAMES[kind]}"]["columns"]
    place = {tag: name for name, tags in columns.items() for tag in tags}
    record: dict[str, list[str]] = {PLAIN[tag]: [base[tag]] for tag in base if tag in PLAIN and tag not in tags}
    for line in typed:
        tag = line[:3]
        if tag in PLAIN:
            record[PLAIN[tag]] = [line[6:]]
        elif tag == "LDR":
            record["leader"] = [line[6:]]
        elif tag == "100" and kind is not Format.MARC21:
            record["fixed"] = [line.partition("$a")[2]]
        else:
            record.setdefault(place[tag], []).append(line)
    made = concepts(raw_batch((kind, record)).batch, RULES)
    return [tuple(one.split("\t")) for one in made.column("faults")[0].as_py()]


def codes(found: list[tuple[str, ...]]) -> list[str]:
    return [one[0] for one in found]


@pytest.mark.parametrize("base", [WESTERN, CHINESE])
def test_a_good_record_has_no_fault(base):
    assert faults(base) == []


def test_every_fault_that_can_be_found_has_its_texts_with_a_reason():
    known = {code.id: code for code in read_codes(RULES).values() if code.kind is Kind.FAULT}
    assert sorted(known) == [f"Q{number:02d}" for number in range(1, 22)]
    for code in known.values():
        assert set(code.corrections) == {"correct"}
        assert set(code.more["reason"]) == {"zh", "en"}
        places = [set(re.findall(r"\{(\w+)\}", text)) for text in code.more["reason"].values()]
        assert places[0] == places[1]
        assert code.places | places[0] <= {"field", "found", "expected", "record", "other"}


# ---------------------------------------------------------------- Q01: two dates


@pytest.mark.parametrize(
    ("base", "lines", "expected"),
    [
        (
            WESTERN,
            ["008   090101s2001    mau      b    001 0 eng d"],
            ("Q01", "008/07-10", "2001", "2008"),
        ),
        (
            CHINESE,
            ["100   $a20101012d2005    em y0chiy50      ea"],
            ("Q01", "100$a/9-12", "2005", "2010"),
        ),
    ],
)
def test_a_fixed_year_other_than_that_of_the_imprint_is_a_conflict(base, lines, expected):
    assert expected in faults(base, *lines)


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        (WESTERN, ["008   090101s2009    mau      b    001 0 eng d"]),  # c2008
        (WESTERN, ["008   090101r20081967mau      b    001 0 eng d", "260   $bMIT Press,$c1967."]),
        (WESTERN, ["008   090101t20102008mau      b    001 0 eng d"]),
        (WESTERN, ["008   090101q20012005mau      b    001 0 eng d"]),
        (WESTERN, ["008   090101m20012005mau      b    001 0 eng d"]),
        (WESTERN, ["008   090101c20019999mau      b    001 0 eng d"]),
        (WESTERN, ["008   090101nuuuuuuuumau      b    001 0 eng d"]),
        (WESTERN, ["008   090101s2001    mau      b    001 0 eng d", "LDR   00000nas a2200000 a 4500"]),
        (WESTERN, ["008   090101s2009    mau      b    001 0 eng d", "260   $bMIT Press,$c1995 (2009 printing)"]),
        (WESTERN, ["008   090101s2009    mau      b    001 0 eng d", "260   $bMIT Press,$c1995-2009."]),
        (WESTERN, ["008   090101s2009    mau      b    001 0 eng d", "260   $bMIT Press,$c[2005?]"]),
        (
            WESTERN,
            ["008   090101s2009    mau      b    001 0 eng d", "260   $c1890.", "533   $aMicrofilm.$d2009."],
        ),
        (CHINESE, ["100   $a20101012e20102005em y0chiy50      ea", "210   $c清华大学出版社$d2005"]),
        (CHINESE, ["100   $a20101012d2008    em y0chiy50      ea", "210   $c清华大学出版社$d2005 (2008重印)"]),
        (CHINESE, ["100   $a20101012d1936    em y0chiy50      ea", "210   $c中华书局$d民国25年"]),
        (CHINESE, ["100   $a20101012g20052010em y0chiy50      ea", "210   $c清华大学出版社$d2007"]),
        (CHINESE, ["100   $a20101012d########u##y0chiy50######ea"]),
        (CHINESE, ["100   $a20101012d2012    em y0chiy50      ea", "205   $a2012年版"]),
    ],
)
def test_two_lawful_years_are_no_conflict(base, lines):
    assert "Q01" not in codes(faults(base, *lines))


YEARS = st.lists(st.tuples(*[st.sampled_from([-1, 1999, 2005, 2010])] * 3, st.booleans()), max_size=12)


@given(YEARS)
def test_suspect_years_are_those_that_differ_one_by_one(rows):
    fixed, second, printed, single = (np.array([row[at] for row in rows]) for at in range(4))
    slow = [one and -1 not in (a, c) and c not in (a, b) for a, b, c, one in rows]
    assert other_years(fixed, second, printed, single.astype(np.bool_)).tolist() == slow


# ---------------------------------------------------------------- Q02 to Q04: ISBNs


@pytest.mark.parametrize(
    ("base", "line", "expected"),
    [
        (WESTERN, "020   $a9780262033849", ("Q02", "020$a", "9780262033849", "9780262033848")),
        (WESTERN, "020   $a0262033840 (hardcover)", ("Q02", "020$a", "0262033840 (hardcover)", "0262033844")),
        # 978 in front of 7-302-10853-6, whose check digit stayed.
        (CHINESE, "010   $a978-7-302-10853-6$dCNY39.00", ("Q02", "010$a", "978-7-302-10853-6", "9787302108535")),
    ],
)
def test_a_wrong_check_digit_is_told_with_the_right_number(base, line, expected):
    assert expected in faults(base, line)


@pytest.mark.parametrize(
    ("base", "line"),
    [
        (WESTERN, "020   $a9780262033848$z9780262033849"),
        (WESTERN, "020   $a0-262-03384-4"),
        (WESTERN, "020   $a080442957X"),
        (CHINESE, "010   $a978-7-302-22446-4$z7-302-22446-9"),
    ],
)
def test_right_numbers_and_cancelled_ones_are_no_fault(base, line):
    assert {"Q02", "Q03"}.isdisjoint(codes(faults(base, line)))


@pytest.mark.parametrize(
    ("base", "line", "field_name", "found", "expected"),
    [
        (CHINESE, "010   $a7-$dCNY39.00", "010$a", "7-", "10/13"),
        (CHINESE, "010   $a978-7-302-2", "010$a", "978-7-302-2", "10/13"),
        (CHINESE, "010   $a9787302224", "010$a", "9787302224", "10/13"),
        (CHINESE, "010   $a978730222446497873021085350", "010$a", "978730222446497873021085350", "10/13"),
        (CHINESE, "010   $a1000-4254", "010$a", "1000-4254", "011$a"),
        (CHINESE, "010   $aCNY39.00", "010$a", "CNY39.00", "010$d"),
        (CHINESE, "010   $a13031.2284", "010$a", "13031.2284", "091$a"),
        (WESTERN, "020   $a978026203384", "020$a", "978026203384", "10/13"),
        (WESTERN, "020   $a0262033844 0262531968", "020$a", "0262033844 0262531968", "10/13"),
        (WESTERN, "020   $aISSN 0028-0836", "020$a", "ISSN 0028-0836", "022$a"),
        (WESTERN, "020   $aUSD 24.95", "020$a", "USD 24.95", "020$c"),
    ],
)
def test_what_is_no_whole_isbn_is_told_with_its_place(base, line, field_name, found, expected):
    assert ("Q03", field_name, found, expected) in faults(base, line)


@pytest.mark.parametrize("line", ["020   $c39.00", "020   $aunpriced", "024 3 $a4901234567894", "020   $a(pbk.)"])
def test_fields_without_a_number_and_other_numbers_are_no_broken_isbn(line):
    assert "Q03" not in codes(faults(WESTERN, line))


@pytest.mark.parametrize(
    ("base", "lines", "expected"),
    [
        (WESTERN, ["020   $a0262033844"], ("Q04", "020$a", "0262033844", "9780262033848")),
        (
            CHINESE,
            ["010   $a7-302-10853-6", "210   $c清华大学出版社$d2005 (2008重印)"],
            ("Q04", "010$a", "7302108536", "9787302108535"),
        ),
    ],
)
def test_only_ten_digits_on_a_book_of_2007_or_later_lacks_the_other_form(base, lines, expected):
    assert expected in faults(base, *lines)


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        (WESTERN, ["020   $a0262033844", "020   $a9780262033848"]),
        (CHINESE, ["010   $a978-7-302-10853-5$z7-302-10853-6"]),
        (
            CHINESE,
            [
                "010   $a7-302-10853-6",
                "100   $a20051012d2005    em y0chiy50      ea",
                "210   $c清华大学出版社$d2005",
            ],
        ),
        # Thirteen digits alone on a book printed before 2007.
        (CHINESE, ["100   $a20051012d2005    em y0chiy50      ea", "210   $c清华大学出版社$d2005"]),
    ],
)
def test_both_forms_or_an_older_book_lack_nothing(base, lines):
    assert "Q04" not in codes(faults(base, *lines))


@given(st.integers(0, 10**9 - 1))
def test_both_forms_of_any_core_add_up(core):
    assert check_ten(short_form(core))
    assert check_thirteen(long_form(core))
    assert long_form(core)[3:12] == short_form(core)[:9]


@given(st.integers(979 * 10**9, 980 * 10**9 - 1))
def test_a_core_with_979_makes_a_number_that_adds_up(core):
    assert check_thirteen(long_form(core))
    assert long_form(core).startswith("979")


# ---------------------------------------------------------------- Q05: entered before publication


@pytest.mark.parametrize(
    ("base", "lines", "expected"),
    [
        (
            WESTERN,
            ["008   010101s2008    mau      b    001 0 eng d"],
            ("Q05", "008/00-05", "20010101", "2008"),
        ),
        (
            CHINESE,
            ["100   $a20050301d2010    em y0chiy50      ea"],
            ("Q05", "100$a/0-7", "20050301", "2010"),
        ),
    ],
)
def test_an_entry_years_before_publication_was_borrowed(base, lines, expected):
    assert faults(base, *lines) == [expected]


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        (WESTERN, ["008   150101s2008    mau      b    001 0 eng d"]),  # retrospective
        (WESTERN, ["008   070101s2008    mau      b    001 0 eng d"]),  # in publication
        (WESTERN, ["008   050101s2008    mau      b    001 0 eng  "]),  # announced by a national agency
        (WESTERN, ["008   500101s2008    mau      b    001 0 eng d"]),  # a filling
        (WESTERN, ["008   010101r20082001mau      b    001 0 eng d"]),  # the original was on file
        (WESTERN, ["008   010101c20019999mau      b    001 0 eng d", "LDR   00000nas a2200000 a 4500"]),
        (CHINESE, ["100   $a20050301g20052010em y0chiy50      ea", "210   $c清华大学出版社$d2005-2010"]),
    ],
)
def test_later_entries_announcements_and_sets_are_no_early_entry(base, lines):
    assert "Q05" not in codes(faults(base, *lines))


# ---------------------------------------------------------------- Q06, Q15: another publisher's number, another place


@pytest.mark.parametrize(
    ("base", "lines", "found"),
    [
        (CHINESE, ["010   $a978-7-04-039663-8"], ("7-04", "7-302 清华大学出版社")),
        (CHINESE, ["010   $a978-0-262-03384-8"], ("0-262", "7 清华大学")),
        (
            WESTERN,
            [
                "020   $a9787302224464",
                "260   $aCambridge, Mass. :$bMIT Press,$cc2008.",
            ],
            ("7-302", "mit pr"),
        ),
    ],
)
def test_a_number_of_another_house_or_country_is_foreign(base, lines, found):
    told = [one for one in faults(base, *lines) if one[0] == "Q06"]
    assert [one[2] for one in told] == [found[0]]
    assert told[0][3].startswith(found[1].split()[0])


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        # A house that is not in the table, a co-publisher, a family, a facsimile, Hong Kong, a printer abroad of China.
        (CHINESE, ["010   $a978-7-04-039663-8", "210   $a北京$c五洲传播出版社$d2010"]),
        (CHINESE, ["010   $a978-7-04-039663-8", "210   $a北京$c清华大学出版社$c高等教育出版社$d2010"]),
        (CHINESE, ["010   $a978-7-03-039663-0", "210   $a北京$c龙门书局$d2010"]),
        (CHINESE, ["010   $a978-0-262-03384-8", "205   $a影印版"]),
        (CHINESE, ["010   $a978-988-19901-1-2", "102   $aCN$b810000", "210   $a[香港]$c中国文化出版社$d2010"]),
        (WESTERN, ["020   $a9787302224464", "260   $aBeijing :$bTsinghua University Press,$cc2008."]),
        (WESTERN, ["020   $a9787302224464", "008   090101s2008    cc       b    001 0 eng d"]),
    ],
)
def test_co_editions_families_facsimiles_and_unknown_houses_are_let_pass(base, lines):
    assert "Q06" not in codes(faults(base, *lines))


HOUSES = st.lists(st.tuples(*[st.lists(st.integers(-1, 2), max_size=3)] * 2), min_size=1, max_size=8)


@given(HOUSES)
def test_foreign_numbers_are_found_as_one_by_one(rows):
    def flat(side: int) -> tuple[np.ndarray, np.ndarray]:
        pairs = [(row, house) for row, both in enumerate(rows) for house in both[side]]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    slow = [
        row
        for row, (numbers, imprint) in enumerate(rows)
        if len(set(numbers)) == 1 and numbers[0] != -1 and imprint and -1 not in imprint and numbers[0] not in imprint
    ]
    assert apart(flat(0), flat(1), len(rows)).tolist() == slow


def test_the_code_of_another_province_is_told_with_the_right_one():
    found = faults(CHINESE, "102   $aCN$b310000", "210   $a天津$c天津大学出版社$d2010", "010   $a978-7-5618-1201-3")
    assert ("Q15", "102$b", "310000", "120000") in found


@pytest.mark.parametrize(
    ("country", "imprint"),
    [
        ("102   $aCN$b120000", "210   $a天津$c天津大学出版社$d2010"),
        ("102   $aCN$b110000", "210   $a天津$c天津大学出版社$d2010"),  # what templates carry
        ("102   $aCN$b510000", "210   $a重庆$c重庆出版社$d1990"),  # before Chongqing was a province
        ("102   $aCN$b310000", "210   $a北京$a上海$c商务印书馆$d2010"),
        ("102   $aCN$b310000", "210   $a某地$c某出版社$d2010"),
        ("102   $aCN", "210   $a天津$c天津大学出版社$d2010"),
    ],
)
def test_other_codes_of_places_are_let_pass(country, imprint):
    assert "Q15" not in codes(faults(CHINESE, country, imprint))


# ---------------------------------------------------------------- Q07: missing fields


@pytest.mark.parametrize(
    ("base", "tag", "name"),
    [
        (WESTERN, "300", "300"),
        (WESTERN, "260", "260/264"),
        (WESTERN, "008", "008"),
        (CHINESE, "215", "215"),
        (CHINESE, "101", "101"),
        (CHINESE, "690", "690"),
        (CHINESE, "801", "801"),
    ],
)
def test_a_missing_field_is_named(base, tag, name):
    assert ("Q07", name, "", name) in faults(base, without=tag)


@pytest.mark.parametrize(
    ("base", "lines", "without"),
    [
        (WESTERN, ["LDR   00000naa a2200000 a 4500"], "300"),  # an article
        (WESTERN, ["245 10$aAlgorithms$h[electronic resource]", "856 40$uhttp://a.org"], "300"),
        (WESTERN, ["245 10$a**REQUIRED FIELD**"], "300"),  # junk is listed elsewhere
        (CHINESE, ["LDR   00000nam2 2200000   450 "], "210 215"),
        (CHINESE, ["102   $aTW"], "690"),
    ],
)
def test_fields_that_a_record_may_do_without_are_not_missed(base, lines, without):
    assert "Q07" not in codes(faults(base, *lines, without=without))


# ---------------------------------------------------------------- Q08, Q09: statements and series in the wrong place


@pytest.mark.parametrize(
    ("base", "line", "place", "wanted"),
    [
        (CHINESE, "200 1 $aC程序设计(第二版)$f谭浩强著", "200$a", "205$a"),
        (CHINESE, "200 1 $aC程序设计第4版$f谭浩强著", "200$a", "205$a"),
        (CHINESE, "200 1 $aC程序设计(修订版)$f谭浩强著", "200$a", "205$a"),
        (CHINESE, "210   $a北京$c清华大学出版社$d2007 (2010再版)", "210$d", "205$a"),
        (CHINESE, "300   $a第2版", "300$a", "205$a"),
        (CHINESE, "205   $a2010重印", "205$a", "300$a"),
        (WESTERN, "245 10$aIntroduction to algorithms, 3rd ed. /$cThomas H. Cormen.", "245$a", "250$a"),
        (WESTERN, "260   $aCambridge, Mass. :$bMIT Press,$c2nd ed., c2008.", "260$c", "250$a"),
        (WESTERN, "500   $a2nd ed.", "500$a", "250$a"),
        (WESTERN, "250   $a2nd printing.", "250$a", "500$a"),
    ],
)
def test_a_statement_in_the_wrong_place_is_told_with_the_right_one(base, line, place, wanted):
    assert [(one[1], one[3]) for one in faults(base, line) if one[0] == "Q08"] == [(place, wanted)]


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        (CHINESE, ["205   $a2版"]),
        (CHINESE, ["205   $a第2版第4次印刷"]),
        (CHINESE, ["200 1 $a中国统计年鉴(2019版)$f国家统计局编"]),
        (CHINESE, ["200 1 $a中国版画史$f李平凡著"]),
        (CHINESE, ["200 1 $a红楼梦插图本$f曹雪芹著"]),
        (CHINESE, ["200 1 $aC程序设计$e第二版习题解答$f谭浩强著"]),
        (CHINESE, ["300   $a据原书第4版译出"]),
        (CHINESE, ["300   $a第2版", "205   $a2版"]),
        (CHINESE, ["210   $a北京$c清华大学出版社$d2007 (2010重印)"]),
        (WESTERN, ["250   $a2nd ed."]),
        (WESTERN, ["250   $a1st printing."]),
        (WESTERN, ["250   $aRepr. 1993 with changes."]),
        (WESTERN, ["250   $a3rd ed., 2nd printing."]),
        (WESTERN, ["500   $aFirst ed. published in 1990."]),
        (WESTERN, ["500   $aSur la couverture: 2nd ed."]),
        (WESTERN, ["245 14$aThe second edition of the gospel"]),
    ],
)
def test_statements_in_their_places_and_words_of_titles_are_no_fault(base, lines):
    assert "Q08" not in codes(faults(base, *lines))


@pytest.mark.parametrize(
    "line",
    ["200 1 $a《学点历史》丛书 读一点世界史$f王五著", "200 1 $a汉译世界学术名著丛书$i理想国$f柏拉图著"],
)
def test_a_series_title_typed_as_the_title_belongs_elsewhere(line):
    assert [(one[1], one[3]) for one in faults(CHINESE, line) if one[0] == "Q09"] == [("200$a", "225$a")]


@pytest.mark.parametrize(
    "line",
    [
        "200 1 $a汉译世界学术名著丛书$f商务印书馆编",
        "200 1 $a中国丛书$h第1辑$i史部",
        "200 1 $a丛书集成初编目录$f上海古籍书店编",
        "200 1 $a理想国$f柏拉图著",
    ],
)
def test_series_as_a_whole_and_books_about_series_are_no_fault(line):
    assert "Q09" not in codes(faults(CHINESE, line))


# ---------------------------------------------------------------- Q10, Q11: what a template or a transfer left


@pytest.mark.parametrize(
    ("base", "line", "place"),
    [
        (CHINESE, "005   ???????????", "005"),
        (CHINESE, "215   $a页$c图$d20cm", "215$a"),
        (CHINESE, "200 1 $aC程序设计$f主要责任说明", "200$f"),
        (CHINESE, "210   $a出版地$c清华大学出版社$d2010", "210$a"),
        (CHINESE, "690   $a**REQUIRED FIELD**", "690$a"),
        (WESTERN, "260   $a**REQUIRED FIELD**$c2008", "260$a"),
        (WESTERN, "300   $ap.$ccm.", "300$a"),
    ],
)
def test_the_remains_of_a_template_are_found(base, line, place):
    assert [one[1] for one in faults(base, line) if one[0] == "Q10"] == [place]


@pytest.mark.parametrize(
    ("base", "line"),
    [
        (CHINESE, "215   $a379页$c图$d20cm"),
        (CHINESE, "105   $ay   z   000yy"),
        (CHINESE, "215   $a册$d26cm"),  # volumes still to come
        (CHINESE, "200 1 $a**REQUIRED FIELD**"),
        (CHINESE, "200 1 $a出版者$f王五著"),
        (WESTERN, "300   $a1 v."),
        (WESTERN, "500   $aRequired field experience."),
    ],
)
def test_filled_fields_and_junk_titles_are_no_template(base, line):
    assert "Q10" not in codes(faults(base, line))


@pytest.mark.parametrize(
    ("base", "line", "place", "wanted"),
    [
        (WESTERN, "100 1 $aVarga, John, \u01c2c Jr.", "100$a", ""),
        (CHINESE, "210   $a北京▼c清华大学出版社", "210$a", ""),
        (CHINESE, "210   $a北京$c鍑虹増绀", "210$c", None),
        (CHINESE, "210   $a北京$cÇå»ª´óÑ§³ö°æÉç", "210$c", "清华大学出版社"),
    ],
)
def test_visible_codes_and_garbled_fields_are_found(base, line, place, wanted):
    told = [(one[1], one[3]) for one in faults(base, line) if one[0] == "Q11"]
    assert [place for place, _ in told] == [place]
    assert wanted is None or told[0][1] == wanted


@pytest.mark.parametrize(
    ("base", "line"),
    [
        (WESTERN, "260   $aSÃO PAULO :$bEditora,$c2008."),
        (WESTERN, "260   $aLondon :$bA|B Press,$c2008."),
        (CHINESE, "210   $a北京$c清华大学出版社$d2010"),
    ],
)
def test_accents_and_signs_of_names_are_not_garbled(base, line):
    assert "Q11" not in codes(faults(base, line))


# ---------------------------------------------------------------- Q13: call numbers


@pytest.mark.parametrize(
    ("base", "lines", "expected"),
    [
        (
            CHINESE,
            ["690   $aO151.2$v5", "999   $aI247.57/12$mLIB-C$iC001"],
            ("Q13", "999", "I247.57/12", "O151.2"),
        ),
        (
            WESTERN,
            ["999   $aPS3545.H16 S8$mLIB-C$iC001"],
            ("Q13", "999", "PS3545.H16 S8", "QA76.6"),
        ),
    ],
)
def test_an_item_of_another_class_hangs_on_the_wrong_record(base, lines, expected):
    assert expected in faults(base, *lines)


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        (CHINESE, ["999   $aTP311/12$mLIB-C$iC001"]),
        (CHINESE, ["690   $aF062.4$v5", "999   $aT-0/12$mLIB-C$iC001"]),
        (CHINESE, ["999   $aZ228/12$mLIB-C$iC001"]),
        (CHINESE, ["690   $aO151.2$v5", "999   $a150/12$mLIB-C$iC001"]),
        (
            CHINESE,
            [
                "690   $aO151.2$v5",
                "999   $aI247.57/12$mLIB-C$iC001",
                "999   $aO151/3$mLIB-D$iD001",
            ],
        ),
        (WESTERN, ["999   $aI561.45/12$mLIB-C$iC001"]),  # classed by another scheme
        (WESTERN, ["999   $aA 1863 .C59 R42$mLIB-C$iC001"]),
    ],
)
def test_near_classes_other_schemes_and_general_works_are_let_pass(base, lines):
    assert "Q13" not in codes(faults(base, *lines))


@given(st.lists(st.tuples(*[st.sets(st.integers(0, 25), max_size=3)] * 2), max_size=8))
def test_far_classes_are_found_as_one_by_one(rows):
    bits = [np.array([sum(1 << letter for letter in row[side]) for row in rows], np.int64) for side in range(2)]
    slow = [bool(calls) and bool(own) and calls.isdisjoint(own) for calls, own in rows]
    assert far_classes(*bits).tolist() == slow


# ---------------------------------------------------------------- the column


def test_faults_of_one_record_are_sorted_and_stay_with_it():
    good = {name: [] for name in RAW_COLUMNS}
    bad = {"leader": ["00000nam a2200000 a 4500"], "title": ["245 10$aAlgorithms"], "isbn": ["020   $a9780262033849"]}
    batch = raw_batch((Format.MARC21, good), (Format.MARC21, bad), (Format.MARC21, good)).batch
    lists = concepts(batch, RULES).column("faults").to_pylist()
    assert [len(one) > 1 for one in lists] == [False, True, False]
    assert lists[1] == sorted(lists[1])
    assert all(len(one.split("\t")) == 4 for one in lists[1])


def test_tabs_and_line_ends_in_a_value_do_not_break_the_column():
    (found,) = [one for one in faults(WESTERN, "020   $a97802620\t33849 x\ny") if one[0] in ("Q02", "Q03")]
    assert len(found) == 4
    assert FIELD_MARK not in field("020   $a1")
    assert pa.types.is_list(concepts(raw_batch((Format.MARC21, {})).batch, RULES).column("faults").type)


# ---------------------------------------------------------------- the tables


def test_every_known_prefix_belongs_to_one_house_that_has_a_key():
    rows = RULES.tables["faults"]["house"]["registrant"]
    prefixes = [prefix for row in rows for prefix in row["prefixes"]]
    assert len(set(prefixes)) == len(prefixes)
    keys = [publisher_keys(row["house"], RULES)[0] for row in rows]
    assert len(set(keys)) == len(keys)


def test_the_fields_that_must_be_there_are_fields_of_their_formats():
    for row in RULES.tables["faults"]["required"]["field"]:
        layout = RULES.tables[f"fields/{row['format']}"]
        tags = layout["fixed"] if row["column"] == "fixed" else layout["columns"][row["column"]]
        assert set(row["field"].split("/")) <= set(tags)


@pytest.mark.parametrize("scheme", ["clc", "lc"])
def test_near_classes_are_pairs_of_two_letters(scheme):
    pairs = RULES.tables["faults"]["class"]["pairs"][scheme]
    assert all(len(set(pair)) == 2 and pair.isupper() for pair in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
