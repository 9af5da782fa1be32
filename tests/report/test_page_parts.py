"""Values side by side: the parts that differ are marked, and nothing of a value is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.report.page_parts import Limits, side_by_side

LIMITS = Limits(words=60, alike=0.35)
TEXTS = st.text(st.sampled_from("西方美术史 第2版,.;-'xyZ\n\u202e"), max_size=90)


def marked(*values: str, listed: bool = False) -> list[str]:
    """The values with their differing parts in brackets."""
    pieces = side_by_side(values, listed, LIMITS)
    return ["".join(f"[{one.text}]" if one.differs else one.text for one in value) for value in pieces]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (("西方美术史", "西方美术史纲"), ["西方美术史", "西方美术史[纲]"]),
        (("436页 彩图 26cm", "436页 彩图 29cm"), ["436页 彩图 [26cm]", "436页 彩图 [29cm]"]),
        (("O'Neill, Eugene", "O'Neil, Eugene"), ["[O'Neill], Eugene", "[O'Neil], Eugene"]),
        (("978-7-300-09713-8", "978-7-300-09714-5"), ["[978-7-300-09713-8]", "[978-7-300-09714-5]"]),
        (("丁宁著", ""), ["[丁宁著]", ""]),
        (("数学之美", "A history of art"), ["[数学之美]", "[A history of art]"]),
        (("a b c d", "a x y d"), ["a [b c] d", "a [x y] d"]),
    ],
)
def test_words_and_characters_of_one_record_only_are_marked(values: tuple[str, str], shown: list[str]) -> None:
    assert marked(*values) == shown


def test_of_three_records_the_one_to_keep_is_held_against_both_others() -> None:
    assert marked("第2版 北京", "第3版 北京", "第2版 上海") == ["第[2]版 [北京]", "第[3]版 北京", "第2版 [上海]"]


def test_lists_differ_by_whole_values_whatever_their_order() -> None:
    assert marked("丛书甲; 丛书乙", "丛书乙; 丛书甲甲", listed=True) == ["[丛书甲]; 丛书乙", "丛书乙; [丛书甲甲]"]


def test_of_long_texts_all_between_their_common_ends_is_marked() -> None:
    head, tail = "序" * 200, "跋" * 200
    assert marked(f"{head}甲乙{tail}", f"{head}丙{tail}") == [f"{head}[甲乙]{tail}", f"{head}[丙]{tail}"]


@given(st.lists(TEXTS, min_size=1, max_size=4), st.booleans())
def test_pieces_are_the_whole_value(values: list[str], listed: bool) -> None:
    pieces = side_by_side(values, listed, LIMITS)
    assert ["".join(one.text for one in value) for value in pieces] == values
    assert all(one.text for value in pieces for one in value)


@given(TEXTS, st.booleans())
def test_equal_values_have_no_part_that_differs(value: str, listed: bool) -> None:
    assert not any(one.differs for pieces in side_by_side([value, value, value], listed, LIMITS) for one in pieces)


@given(TEXTS, TEXTS)
def test_what_is_not_marked_stands_in_both_values_in_the_same_order(left: str, right: str) -> None:
    ours, theirs = side_by_side([left, right], False, LIMITS)
    assert (
        "".join(p.text for p in ours if not p.differs).split()
        == "".join(p.text for p in theirs if not p.differs).split()
    )
