"""Persons held against each other many at once: the plain way, name by name, says the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from dedup.compare import persons
from dedup.compare.asked import QUESTIONS
from dedup.compare.pairs import Concepts, Pairs
from dedup.compare.question import limits
from dedup.model import Outcome
from dedup.rules import load_rules
from tests.strategies import concept, table

RULES = load_rules()
NAME = st.sampled_from(
    [
        *("rawls j", "rawls", "rawles j", "rawls j b", "rawls k", "van der meer p", "vandermeer p", "o", "o k"),
        *("钱钟书", "钱锺书", "united states congress house", "united states congress senate"),
        *("united states congress house committee", "geological survey us", "geological survey us branch x"),
    ]
)
NAMES = st.lists(NAME, max_size=4)


def responsible(left: list[str], right: list[str]) -> int:
    records = table(concept(authors=left), concept(authors=right))
    pairs = Pairs(Concepts(records), np.array([0]), np.array([1]))
    return int(QUESTIONS["responsible"].ask(pairs, RULES)[0])


def plain(left: list[str], right: list[str]) -> bool:
    """Whether any name of one side may be one of the other."""
    bounds = limits(RULES, "responsible")
    for surname, initial in map(divide, left):
        for other, other_initial in map(divide, right):
            if initial and other_initial and initial != other_initial:
                continue
            short, long = sorted((surname, other), key=len)
            body = not initial and not other_initial and len(short) >= bounds["body_letters"]
            if surname == other or (len(short) >= bounds["body_letters"] and short in long):
                return True
            if fuzz.ratio(surname, other) >= bounds["body_ratio" if body else "surname_ratio"]:
                return True
    return False


def divide(name: str) -> tuple[str, str]:
    """Surname words and the first of the single letters at the end."""
    words = name.split(" ")
    cut = len(words)
    while cut > 1 and len(words[cut - 1]) == 1:
        cut -= 1
    return " ".join(words[:cut]), "".join(words[cut : cut + 1])


@given(NAMES, NAMES)
@settings(max_examples=400, deadline=None)
def test_many_at_once_say_what_name_by_name_says(left: list[str], right: list[str]) -> None:
    said = responsible(left, right)
    if set(left) & set(right):
        assert said == Outcome.AGREES
    elif left and right:
        assert (said == Outcome.CLOSE) == plain(left, right)


def test_pairs_in_portions_say_what_all_at_once_say(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [[f"smith{n} j", f"jones{n % 7} k"] for n in range(40)]
    records = table(*(concept(authors=names) for names in people))
    left, right = np.triu_indices(len(people), 1)
    whole = QUESTIONS["responsible"].ask(Pairs(Concepts(records), left, right), RULES)
    monkeypatch.setattr(persons, "_AT_ONCE", 9)
    assert (QUESTIONS["responsible"].ask(Pairs(Concepts(records), left, right), RULES) == whole).all()
    assert {Outcome.AGREES, Outcome.CLOSE} <= {Outcome(int(one)) for one in whole}


def test_a_name_of_another_shape_is_like_no_other() -> None:
    assert responsible([" odd  spaces j"], ["  "]) == Outcome.DIFFERS
