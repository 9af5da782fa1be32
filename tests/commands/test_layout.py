from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.commands.layout import padded, side_by_side, wide, wrapped

TEXTS = st.text(st.sampled_from("ab c题名,《》é"), max_size=80)


@given(TEXTS, st.integers(4, 30))
def test_no_line_is_wider_than_it_may_be_and_nothing_but_blanks_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert lines and all(wide(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_chinese_character_is_as_wide_as_two_letters() -> None:
    assert wide("题名 ab") == 7 and padded("题名", 6) == "题名  "


def test_a_line_is_broken_at_a_blank_but_chinese_where_it_is_full() -> None:
    assert wrapped("set and volume records", 12) == ["set and", "volume", "records"]
    assert wrapped("集中著录与分散著录", 8) == ["集中著录", "与分散著", "录"]


def test_two_values_stand_beside_each_other_line_by_line() -> None:
    lines = list(side_by_side("题名", "short", "one two three", (4, 6, 8)))
    assert lines == ["题名  short   one two", "              three"]
