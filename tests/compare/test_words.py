"""Titles are compared word by word, as a cataloguer reads them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.compare.words import compare_words, idle_words, share_word, word_rules
from dedup.model import Outcome
from dedup.rules import load_rules

WORDS = word_rules(load_rules())
_WORD = st.sampled_from(["flood", "insurance", "nueces", "midland", "county", "the", "of", "1994", "gray", "三", "体"])
TITLES = st.lists(_WORD, max_size=6).map(" ".join)


@given(TITLES, TITLES)
@settings(max_examples=300, deadline=None)
def test_the_comparison_does_not_depend_on_which_title_is_left(left, right):
    assert compare_words(left, right, WORDS) == compare_words(right, left, WORDS)


@given(TITLES)
@settings(max_examples=100, deadline=None)
def test_a_title_agrees_with_itself(title):
    assert compare_words(title, title, WORDS) == Outcome.AGREES


@given(TITLES, TITLES)
@settings(max_examples=200, deadline=None)
def test_sharing_a_word_does_not_depend_on_the_side(left, right):
    idle = frozenset({"county"})
    assert share_word(left, right, idle, WORDS) == share_word(right, left, idle, WORDS)


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        ("flood insurance study nueces county", "flood insurance study midland county", Outcome.DIFFERS),
        ("shakespeares predecessors", "shakesperes predecessors", Outcome.AGREES),
        ("report of the committee jan 1925", "report of the committee january 1925", Outcome.AGREES),
        ("hearings before the committee", "hearings before the committee on agriculture", Outcome.CLOSE),
        ("catalogue no 9", "catalogue no 8", Outcome.DIFFERS),
        ("text book of physics", "textbook of physics", Outcome.AGREES),
        ("civil war andabraham lincoln", "civil war and abraham lincoln", Outcome.AGREES),
        ("三体黑暗森林", "三体死神永生", Outcome.DIFFERS),
        ("数据结构", "数据结构教程", Outcome.CLOSE),
    ],
)
def test_left_out_and_misspelt_words_do_not_separate_but_other_words_do(left, right, wanted):
    assert compare_words(left, right, WORDS) == wanted


def test_words_that_many_houses_have_say_nothing():
    assert not share_word("oxford univ pr", "cambridge univ pr", idle_words(load_rules()), WORDS)
    assert share_word("tompkins", "tompkin and mussey", idle_words(load_rules()), WORDS)
