"""Every question answers as a cataloguer would, and the same whichever record is left."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from dedup.compare.asked import QUESTIONS
from dedup.compare.pairs import Concepts, Pairs
from dedup.model import Outcome
from dedup.rules import load_rules
from tests.strategies import concept, concepts, table

CASES = tomllib.loads((Path(__file__).parent / "questions.toml").read_text(encoding="utf-8"))["case"]


def ask(name, left, right):
    pairs = Pairs(Concepts(table(left, right)), np.array([0]), np.array([1]))
    return Outcome(int(QUESTIONS[name].ask(pairs, load_rules())[0]))


@pytest.mark.parametrize("case", CASES, ids=[case["story"] for case in CASES])
def test_a_question_answers_as_a_cataloguer_would(case):
    given_ = concept(**case["left"]), concept(**case["right"])
    wanted = Outcome[case["answer"].upper()]
    assert ask(case["question"], *given_) == wanted
    assert ask(case["question"], *reversed(given_)) == wanted


@given(concepts(), concepts())
@settings(max_examples=150, deadline=None)
def test_no_answer_depends_on_which_record_is_left(left, right):
    both_ways = Pairs(Concepts(table(left, right)), np.array([0, 1]), np.array([1, 0]))
    for name, asked in QUESTIONS.items():
        one, other = asked.ask(both_ways, load_rules())
        assert one == other, name


def test_every_question_is_explained_and_shows_columns():
    for asked in QUESTIONS.values():
        assert asked.columns and len(asked.explanation) > 20


@given(concepts(), concepts(), concepts())
@settings(max_examples=50, deadline=None)
def test_an_answer_does_not_depend_on_the_other_pairs_of_its_batch(one, two, three):
    prepared = Concepts(table(one, two, three))
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    for name, asked in QUESTIONS.items():
        together = asked.ask(Pairs(prepared, left, right), load_rules()).tolist()
        alone = [asked.ask(Pairs(prepared, left[[at]], right[[at]]), load_rules())[0] for at in range(3)]
        assert together == alone, name
