from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.normalise.placeholder import junk_kind, usable_column
from dedup.normalise.text import skeleton
from dedup.rules import load_rules

RULES = load_rules()
ROWS = RULES.terms["placeholder"]
CASES = [(row.kind, text) for row in ROWS for text in row.yes]
OTHERS = [(row.id, text) for row in ROWS for text in row.no]


def usable(typed: list[str]) -> list[bool]:
    """The column form, for a list of typed titles."""
    bare = pa.array([skeleton(title, RULES) for title in typed], pa.string())
    return usable_column(pa.array(typed, pa.string()), bare, RULES).to_pylist()


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_words_of_the_table_are_no_titles(kind, text):
    assert junk_kind(text, RULES) == ("J01" if kind == "system" else "J03")


@pytest.mark.parametrize(("row", "text"), OTHERS)
def test_titles_that_only_look_like_words_of_the_table_are_usable(row, text):
    assert junk_kind(text, RULES) == "", row


@pytest.mark.parametrize("text", ["", "   ", "\u3000"])
def test_a_missing_title_is_told_from_a_meaningless_one(text):
    assert junk_kind(text, RULES) == "J02"


@pytest.mark.parametrize("text", ["???", "***", "。", "[ ]", "a", "Ж", "7", "9787302224464", "12345"])
def test_marks_single_letters_and_long_numbers_are_no_titles(text):
    assert junk_kind(text, RULES) == "J03"


@pytest.mark.parametrize("text", ["1984", "1Q84", "2666", "家", "春", "C++", "24", "三体", "V.2", "三", "π r"])
def test_number_titles_and_one_character_titles_are_usable(text):
    assert junk_kind(text, RULES) == ""


WORDS = sorted({entry for row in ROWS for entry in row.entries})


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(WORDS), st.text(st.sampled_from(list("*aZ1 .[]无题名REQUIRED FIELD")), max_size=18))
    )
)
def test_a_column_is_judged_as_its_values_are(typed):
    assert usable(typed) == [junk_kind(title, RULES) == "" for title in typed]
