"""The record that stays is proposed what the merged records know and it does not, in its own format, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.record import Field
from dedup.model import Format
from dedup.report.proposal import Finding, Full, Proposal, propose
from dedup.rules import load_rules
from fixtures.line_text import read_lines

RULES = load_rules()
PLAIN = Finding("G1", frozenset(["D12"]), "2026-03")
TITLE = {Format.CNMARC: "200 1 $a三体$f刘慈欣著", Format.MARC21: "245 10$aThree-body problem /$cCixin Liu."}
TITLE[Format.UNIMARC] = "200 1 $aLe problème à trois corps$fLiu Cixin"
CN, M21, UNI = Format.CNMARC, Format.MARC21, Format.UNIMARC


def full(form: Format, *lines: str, name: str = "A/1", year: int | None = 2008, pages: int = 302) -> Full:
    record = read_lines([f"001 {name[2:]}", *lines, TITLE[form]])
    fields = tuple(
        Field(one.tag, one.value, one.indicators if one.subfields else "", one.subfields) for one in record.fields
    )
    leader = record.leader if form == Format.MARC21 else "00000nam0 2200000   450 "
    return Full(name, form, leader, fields, year, pages)


def lines(proposal: Proposal | None, keep: Full) -> list[str]:
    """The fields that were added, without the note that names them."""
    assert proposal is not None
    mark = {CN: "830", UNI: "830", M21: "590"}[keep.format]
    old = [field.text() for field in keep.fields]
    new = [
        field.text().replace("\x1f", "$") for field in proposal.fields if field.text() not in old and field.tag != mark
    ]
    return [text for text in new if not text.startswith("100  $a2")]


def added(keep: Full, *others: str | Full, causes: str = "D12", **more: object) -> list[str]:
    some = [one if isinstance(one, Full) else full(keep.format, one, name=f"B/{at}") for at, one in enumerate(others)]
    finding = replace(PLAIN, causes=frozenset(causes.split()))
    return lines(propose(keep, some, finding, RULES), keep)


@pytest.mark.parametrize(
    ("own", "other", "wanted"),
    [
        ("010 $a7-5366-9293-5", "010 $a978-7-5366-9293-0$b精装$dCNY68.00", "010  $a978-7-5366-9293-0$b精装$dCNY68.00"),
        ("010 $a978-7-5366-9293-0", "010 $a7536692935", "010  $a7536692935"),
        ("010 $a7-302-10853-6$b平装", "010 $a978-7-302-10853-5", "010  $a978-7-302-10853-5"),
        ("010 $a7-302-10853-6", "010 $a9787302108535 (精装)$dCNY68.00", "010  $a9787302108535$b精装$dCNY68.00"),
        ("010 $a7-302-10853-6", "073 $a9787302108535", "010  $a9787302108535"),
        ("010 $a7-302-10853-6", "010 $a7-302-10853-6$a978-7-302-10853-5$b平装", "010  $a978-7-302-10853-5$b平装"),
        ("225 1 $a中国科幻基石丛书", "091 $a10186.48$dCNY0.56", "091  $a10186.48$dCNY0.56"),
        ("099 $aCAL 012007", "099 $aCAL 012008", "099  $aCAL 012008"),
        ("099 $aCAL 012007", "035 $a(aleph)000218074BNU03", "035  $a(aleph)000218074BNU03"),
        ("300 $a中国科幻基石丛书", "225 2 $a中国科幻基石丛书$v3", "2252 $a中国科幻基石丛书$v3"),
        ("225 2 $a中国科幻基石丛书", "410  0$12001 $a中国科幻基石丛书", "410 0$12001 $a中国科幻基石丛书"),
        ("010 $a7-302-10853-6", "701  0$a刘慈欣$f1963-$4著", "701 0$a刘慈欣$f1963-$4著"),
        ("701  0$a刘慈欣$4著", "711 02$a科幻世界杂志社$4编", "71102$a科幻世界杂志社$4编"),
    ],
)
def test_a_chinese_record_is_given_what_it_lacks(own: str, other: str, wanted: str) -> None:
    assert added(full(CN, own), other) == [wanted]


@pytest.mark.parametrize(
    ("own", "other", "wanted"),
    [
        ("020 $a0596007736", "020 $a9780596007737$q(pbk.)$c$49.95", "020  $a9780596007737$q(pbk.)"),
        ("020 $a0596007736", "020 $a9780596007737 (pbk. : alk. paper)", "020  $a9780596007737$qpbk. : alk. paper"),
        ("020 $a0596007736", "024 3 $a9780596007737", "020  $a9780596007737"),
        ("020 $a0596007736", "035 $a(OCoLC)311310321", "035  $a(OCoLC)311310321"),
        ("500 $aa note", "490 1 $6880-03$aGraduate texts ;$v211", "4901 $aGraduate texts ;$v211"),
        ("500 $aa note", "440  0$aGraduate texts ;$v211$x0072-5285", "4900 $aGraduate texts$v211$x0072-5285"),
        ("490 1 $aGraduate texts ;$v211", "830  0$aGraduate texts ;$v211.", "830 0$aGraduate texts ;$v211."),
        ("100 1 $aLiu, Cixin.", "700 1 $aLiu, Ken,$etranslator.", "7001 $aLiu, Ken,$etranslator."),
        ("100 1 $aLiu, Cixin.", "100 1 $aLiu, Ken.", "7001 $aLiu, Ken."),
    ],
)
def test_a_western_record_is_given_what_it_lacks(own: str, other: str, wanted: str) -> None:
    assert added(full(M21, own), other) == [wanted]


@pytest.mark.parametrize(
    ("form", "own", "other"),
    [
        (CN, "010 $a978-7-302-10853-5$z7-302-10853-6", "010 $a7302108536"),
        (CN, "010 $a7-302-10853-6", "010 $a7-302-10853-7"),
        (CN, "010 $a7-302-10853-6", "010 $b精装$dCNY9.00"),
        (CN, "099 $aCAL 012007", "099 $aCAL012007"),
        (CN, "225 2 $a中国科幻基石丛书", "225 1 $a中国科幻基石叢書"),
        (CN, "701  0$a刘慈欣$4著", "701  0$a刘慈欣$f1963-$4著"),
        (CN, "701  0$a刘慈欣$4著", "701  0$aLiu Cixin$4著"),
        (M21, "100 1 $aRawls, John,$d1921-2002.", "700 1 $aRawls, J.$q(John)"),
        (M21, "020 $a0596007736", "700 1 $aLiu, Cixin.$tBall lightning."),
        (M21, "020 $a0596007736", "099 $aQA76.73"),
        (M21, "500 $aa note", "500 $aanother note"),
    ],
)
def test_what_the_kept_record_has_in_any_form_is_not_given_to_it_again(form: Format, own: str, other: str) -> None:
    assert propose(full(form, own), [full(form, other, name="B/1")], PLAIN, RULES) is None


def test_a_number_of_a_disc_or_an_e_book_is_never_added() -> None:
    other = replace(full(CN, "010 $a978-7-302-10853-5$b光盘", name="B/1"), others=frozenset([730210853]))
    assert propose(full(CN), [other], PLAIN, RULES) is None


def test_a_record_of_the_other_format_gives_numbers_and_series_in_the_words_of_this_one() -> None:
    other = full(
        M21, "020 $a7020024750$qpbk.", "035 $a(OCoLC)311310321", "490 1 $aKe huan cong shu ;$v3", "700 1 $aLiu, Ken."
    )
    assert added(full(CN), other) == [
        "010  $a7020024750$bpbk.",
        "035  $a(OCoLC)311310321",
        "2251 $aKe huan cong shu$v3",
    ]
    other = full(
        CN, "010 $a7-02-002475-0$b精装", "099 $aCAL 012", "091 $a1.2", "225 2 $a科幻丛书$v3", "410  0$12001 $a科幻丛书"
    )
    assert added(full(M21), other) == ["020  $a7-02-002475-0$q精装", "035  $aCAL 012", "4900 $a科幻丛书$v3"]


@pytest.mark.parametrize(
    ("form", "year", "pages", "wanted"),
    [
        (CN, 2010, 302, ["300  $a2010年重印"]),
        (CN, 2010, 310, ["307  $a2010年重印本310页"]),
        (CN, 2006, 302, ["300  $a另有2006年印本"]),
        (CN, 2008, 310, ["307  $a另有2008年印本310页"]),
        (UNI, 2010, 310, ["307  $aPrinting of 2010: 310 pages"]),
        (M21, 2010, 302, ["500  $aPrinted again 2010"]),
        (M21, 2010, 310, ["500  $aPrinting of 2010: 310 pages"]),
    ],
)
def test_a_reprint_leaves_a_note_of_its_year_and_extent(form: Format, year: int, pages: int, wanted: list[str]) -> None:
    other = full(form, name="B/1", year=year, pages=pages)
    assert added(full(form), other, other, causes="D01 D06") == wanted
    assert propose(full(form), [other], PLAIN, RULES) is None


def test_a_printing_that_the_kept_record_speaks_of_is_not_noted_again() -> None:
    keep = full(CN, "210 $d2008 (2010重印)", "300 $a2012年重印本310页")
    others = [full(CN, name="B/1", year=2010), full(CN, name="B/2", year=2012, pages=310)]
    finding = replace(PLAIN, causes=frozenset(["D06"]))
    assert propose(keep, others, finding, RULES) is None
    assert added(keep, full(CN, name="B/3", year=2010, pages=310), causes="D06") == ["307  $a2010年重印本310页"]


def test_another_form_of_a_heading_is_named_but_not_added() -> None:
    keep = full(CN, "701  0$c(美)$a卡特$c(Carter, Forrest)$4著")
    other = full(CN, "701  1$a卡特,$bF.$g(Carter, Forrest)$c(美)$4著", name="B/1")
    made = propose(keep, [other], replace(PLAIN, causes=frozenset(["D04"])), RULES)
    assert made is not None and lines(made, keep) == []
    (mark,) = [field for field in made.fields if field.tag == "830"]
    assert "701 卡特, F. (Carter, Forrest) (美) 著" in mark.subfields[0][1]


def test_the_note_says_that_nobody_has_verified_it_and_what_comes_from_where() -> None:
    for form, tag, words in ((CN, "830", "未经核对"), (M21, "590", "not verified"), (UNI, "830", "not verified")):
        own, other = {M21: "020"}.get(form, "010"), {M21: "035"}.get(form, "035")
        made = propose(full(form), [full(form, f"{own} $a7-302-10853-6", f"{other} $aX9", name="B/7")], PLAIN, RULES)
        assert made is not None
        (mark,) = [field.text() for field in made.fields if field.tag == tag]
        assert all(one in mark for one in (words, "B/7", f"{own} 7-302-10853-6", f"{other} X9", "G1", "2026-03"))


@pytest.mark.parametrize(
    ("coded", "wanted"),
    [
        ("20100315d2010    em y0chiy0110    ea", "20100315d2010    em y0chiy50      ea"),
        ("20100315d2010    em y0chiy50      ea", "20100315d2010    em y0chiy50      ea"),
        ("20100315d2010", "20100315d2010             50  "),
    ],
)
def test_the_record_says_that_it_is_in_unicode(coded: str, wanted: str) -> None:
    made = propose(full(CN, f"100 $a{coded}"), [full(CN, "099 $aX9", name="B/1")], PLAIN, RULES)
    assert made is not None and [dict(one.subfields)["a"] for one in made.fields if one.tag == "100"] == [wanted]
    assert len(made.leader) == 24 and made.leader.endswith("450 ") and made.leader[9] == " "
    made = propose(full(M21), [full(M21, "035 $aX9", name="B/1")], PLAIN, RULES)
    assert made is not None and made.leader[9] == "a" and made.leader.endswith("4500")


POOL = [
    "010 $a7-302-10853-6",
    "010 $a978-7-302-10853-5$b精装",
    "099 $aCAL 1",
    "035 $aX2",
    "225 2 $a科幻丛书$v3",
    "300 $a注",
]
POOL += [
    "410  0$12001 $a科幻丛书",
    "701  0$a刘慈欣$4著",
    "702  0$aKen Liu$4译",
    "711 02$a科幻世界社",
    "905 $aNKU",
    "AVA $a1",
]


@given(st.lists(st.sampled_from(POOL)), st.lists(st.lists(st.sampled_from(POOL)), max_size=3))
def test_nothing_of_the_kept_record_is_lost_and_nothing_is_proposed_twice(
    own: list[str], others: list[list[str]]
) -> None:
    keep = full(CN, *own)
    beside = [full(CN, *one, name=f"B/{at}", year=2010) for at, one in enumerate(others)]
    finding = replace(PLAIN, causes=frozenset(["D06"]))
    made = propose(keep, beside, finding, RULES)
    if made is None:
        assert not beside
        return
    rest = iter(made.fields)
    assert all(field in rest for field in keep.fields), "a field is gone or has moved"
    assert len(made.fields) == len(keep.fields) + len(made.added) + 1
    assert propose(replace(keep, fields=made.fields), beside, finding, RULES) is None
