from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalise.arrow import beginning, firsts, holding, matches, matching, one_digit, one_of, worded
from dedup.normalise.window import among, letters, window

_TEXT = st.text("aX7 /:'’[é中１", max_size=6)
_COLUMN = st.lists(_TEXT, max_size=6)


def array(column: list[str]) -> pa.StringArray:
    """A column that is a slice, as columns of batches often are."""
    return pa.array(["before/", *column, "’behind"], pa.string()).slice(1, len(column))


@given(_COLUMN)
def test_no_sign_that_is_there_is_overlooked(column: list[str]) -> None:
    found = holding(array(column), "/'’").tolist()
    assert all(found[at] for at, text in enumerate(column) if re.search("[/'’]", text))
    assert not any(found[at] for at, text in enumerate(column) if text.isascii() and not re.search("[/']", text))


@given(_COLUMN)
def test_the_mark_that_ends_a_title_does_not_count(column: list[str]) -> None:
    found = holding(array(column), "/:", final="/:").tolist()
    assert found == [bool(re.search("[/:]", re.sub(" [/:]$", " ", text))) for text in column]


@given(_COLUMN)
def test_first_letters_are_seen_in_either_case(column: list[str]) -> None:
    assert beginning(array(column), "x").tolist() == [text[:1] in ("x", "X") and bool(text) for text in column]


@given(_COLUMN, st.sampled_from(["a", "[0-9]", "中|é", "^$"]))
def test_short_and_long_patterns_find_the_same(column: list[str], pattern: str) -> None:
    wanted = [bool(re.search(pattern, text)) for text in column]
    assert matches(array(column), pattern).tolist() == wanted
    assert matches(array(column), pattern + "|never" * 100).tolist() == wanted
    assert matching(array(column), pattern, np.ones(len(column), np.bool_)).tolist() == wanted
    assert not matching(array(column), pattern, np.zeros(len(column), np.bool_)).any()


@given(_COLUMN)
def test_texts_that_differ_in_their_numbers_become_one(column: list[str]) -> None:
    assert one_digit(array(column)).to_pylist() == [re.sub("[0-9]", "0", text) for text in column]


@given(_COLUMN)
def test_values_with_a_word_are_told_from_numbers(column: list[str]) -> None:
    assert worded(array(column)).tolist() == [bool(re.search(r"[^\x00-\x7f]|[A-WYZa-wyz]", text)) for text in column]


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_numbers_are_looked_up_in_a_list(values: list[int], wanted: list[int]) -> None:
    found = one_of(np.array(values, np.int64), np.array(wanted, np.int64))
    assert found.tolist() == [value in wanted for value in values]


@given(st.lists(st.text("ab 7", max_size=5)) | st.lists(st.text("ab 7", min_size=4, max_size=4)))
def test_the_first_bytes_stand_in_a_matrix(column: list[str]) -> None:
    matrix, lengths = window(array(column), 6)
    assert [bytes(row).rstrip(b"\0").decode() for row in matrix] == column
    assert lengths.tolist() == [len(text) for text in column]


def test_single_bytes_become_letters() -> None:
    signs = np.array([0, ord("a"), 200], np.uint8)
    assert letters(signs).to_pylist() == ["", "a", ""]
    assert among(signs, "ab").tolist() == [False, True, False]
    assert firsts(["光盘", "附光盘", "光"]) == "光附"
