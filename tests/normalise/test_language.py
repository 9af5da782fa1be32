from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.language import language_codes, language_columns
from dedup.rules import load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()
FIXED = "880719s1839    mau           00010 eng d"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("eng", ("eng",)),
        ("engfre", ("eng", "fre")),
        ("fra", ("fre",)),
        ("zho", ("chi",)),
        ("und", ()),
        ("|||", ()),
        ("en", ()),
        ("", ()),
        ("engeng", ("eng",)),
    ],
)
def test_language_codes_are_read_and_unified(text: str, codes: tuple[str, ...]) -> None:
    assert language_codes(text, RULES) == codes


def test_the_coded_language_comes_first_and_the_original_is_apart() -> None:
    record = {"fixed": FIXED, "language": [field("041", "$afreeng$hrus", "1 ")]}
    columns = language_columns(batch([record]), RULES)
    assert columns["languages"].to_pylist() == [["eng", "fre"]]
    assert columns["original_languages"].to_pylist() == [["rus"]]
    assert columns["country"].to_pylist() == ["mau"]


def test_a_cnmarc_record_names_language_and_country_in_its_own_fields() -> None:
    record = {
        "fixed": "20150209d2015    em y0chiy50      ea",
        "language": [field("101", "$achi$aeng$ceng", "1 ")],
        "country": [field("102", "$aCN$b110000")],
    }
    columns = language_columns(batch([record], Format.CNMARC), RULES)
    assert columns["languages"].to_pylist() == [["chi", "eng"]]
    assert columns["original_languages"].to_pylist() == [["eng"]]
    assert columns["country"].to_pylist() == ["cn"]


def test_a_record_without_codes_has_no_language() -> None:
    columns = language_columns(batch([{}, {"fixed": "880719s1839    xx            00010 und d"}]), RULES)
    assert columns["languages"].to_pylist() == [[], []]
    assert columns["country"].to_pylist() == ["", "xx"]


@given(st.lists(st.lists(st.sampled_from(["eng", "engfre", "zho", "und", "e"]))))
def test_columns_equal_the_plain_function_record_by_record(records: list[list[str]]) -> None:
    made = [{"language": [field("041", f"$a{code}") for code in codes]} for codes in records]
    found = language_columns(batch(made), RULES)["languages"].to_pylist()
    plain = [list(dict.fromkeys(one for code in codes for one in language_codes(code, RULES))) for codes in records]
    assert found == plain
