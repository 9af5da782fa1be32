from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.name import name_columns, name_keys
from dedup.rules import load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()


def test_marc21_names_go_to_their_columns() -> None:
    record = {
        "title": [field("245", "$aSelected poems /$cPablo Neruda ; translated by Ben Belitt.", "10")],
        "name": [
            field("100", "$aNeruda, Pablo,$d1904-1973.", "1 "),
            field("700", "$aBelitt, Ben,$etranslator.", "1 "),
            field("700", "$aWhitman, Walt.$tLeaves of grass.", "12"),
            field("710", "$aUnited States.$bBureau of Mines.", "1 "),
        ],
    }
    columns = name_columns(batch([record]), RULES)
    assert columns["authors"].to_pylist() == [["neruda p"]]
    assert columns["headings"].to_pylist() == [["neruda p"]]
    assert columns["translators"].to_pylist() == [["belitt b"]]
    assert columns["corporate"].to_pylist() == [["bureaumines"]]
    assert columns["heading_forms"].to_pylist()[0][0] == "100 Neruda, Pablo, 1904-1973."


def test_two_styles_of_one_chinese_heading_agree() -> None:
    nlc = {"name": [field("701", "$c(美)$a卡特$c(Carter, Forrest)$4著", " 0")]}
    calis = {"name": [field("701", "$a卡特,$bF.$g(Carter, Forrest)$c(美)$4著", " 1")]}
    headings = name_columns(batch([nlc, calis], Format.CNMARC), RULES)["headings"].to_pylist()
    assert headings == [["卡特"], ["卡特"]]


def test_a_translator_in_701_is_no_author() -> None:
    record = {
        "title": [field("200", "$a百年孤独$f(哥伦比亚)加西亚·马尔克斯著$g范晔译", "1 ")],
        "name": [field("701", "$a马尔克斯$4著", " 0"), field("701", "$a范晔$4译", " 0"), field("702", "$a张三$4730")],
    }
    columns = name_columns(batch([record], Format.CNMARC), RULES)
    assert columns["authors"].to_pylist() == [["马尔克斯"]]
    assert columns["headings"].to_pylist() == [["马尔克斯"]]
    assert columns["translators"].to_pylist() == [["范晔", "张三"]]


def test_relator_codes_of_translators_are_those_of_the_table() -> None:
    (row,) = (row for row in RULES.terms["role"] if row.more["script"] == "code")
    codes = [*row.yes, *row.no]
    records = [{"name": [field("702", f"$a张三$4{code}")]} for code in codes]
    columns = name_columns(batch(records, Format.CNMARC), RULES)
    assert [bool(found) for found in columns["translators"].to_pylist()] == [code in row.yes for code in codes]


def test_unimarc_names_are_joined_from_surname_and_given_names() -> None:
    record = {"name": [field("700", "$aHugo$bVictor$f1802-1885$4070", " 1"), field("702", "$aHovasse$bJean-Marc")]}
    assert name_columns(batch([record], Format.UNIMARC), RULES)["headings"].to_pylist() == [["hugo v", "hovasse j"]]


def test_700_means_one_thing_in_marc21_and_another_in_cnmarc() -> None:
    record = {"name": [field("710", "$a国家统计局$4编", "02")]}
    assert name_columns(batch([record], Format.CNMARC), RULES)["corporate"].to_pylist() == [["国家统计局"]]


@given(st.lists(st.lists(st.sampled_from(["by A. Smith", "edited by B. Jones", "国家统计局编", "范晔译", "", "..."]))))
def test_columns_equal_the_plain_function_record_by_record(records: list[list[str]]) -> None:
    made = [{"title": [field("245", f"$c{one}") for one in statements]} for statements in records]
    columns = name_columns(batch(made), RULES)
    for place, statements in enumerate(records):
        found = [name_keys(one, RULES) for one in statements]
        for name in ("authors", "translators", "corporate"):
            plain = list(dict.fromkeys(key for keys in found for key in getattr(keys, name)))
            assert columns[name][place].as_py() == plain
