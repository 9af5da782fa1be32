from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import RuleError
from dedup.normalise.pick import Memory, parse_pick, per_row


def test_a_pick_names_tag_indicators_and_codes() -> None:
    pick = parse_pick("264 *1 ab", "here")
    assert (pick.tag, pick.first, pick.second, pick.codes) == (264, -1, ord("1"), (ord("a"), ord("b")))
    assert parse_pick("245 _* c", "here").first == ord(" ")


@pytest.mark.parametrize("text", ["264$b", "264 *1", "26 ** b", "264 * b"])
def test_a_pick_of_another_shape_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(RuleError, match=r"marc21\.toml"):
        parse_pick(text, "rules/fields/marc21.toml [name] person")


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc"))))
def test_values_are_gathered_per_record_in_order_each_once(pairs: list[tuple[int, str]]) -> None:
    pairs.sort(key=lambda pair: pair[0])
    row = np.array([one for one, _ in pairs], np.int64)
    values = pa.array([value for _, value in pairs], pa.string())
    plain = [[value for one, value in pairs if one == record] for record in range(5)]
    assert per_row(row, values, 5).to_pylist() == plain
    assert per_row(row, values, 5, distinct=True).to_pylist() == [list(dict.fromkeys(one)) for one in plain]


def test_a_function_is_asked_once_for_each_value() -> None:
    asked: list[str] = []

    def function(text: str) -> tuple[tuple[str, ...]]:
        asked.append(text)
        return (tuple(text),)

    memory = Memory(function)
    (first,) = memory.lists(pa.array(["ab", "c", None, "ab", ""]))
    (second,) = memory.lists(pa.array(["c"]))
    assert first.to_pylist() == [["a", "b"], ["c"], [], ["a", "b"], []]
    assert second.to_pylist() == [["c"]]
    assert sorted(asked) == ["", "ab", "c"]
