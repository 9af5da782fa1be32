"""Pairs that are easily judged wrongly get the verdict of the trade, from both sides."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.rules import load_rules
from tests.strategies import concept, table

PAIRS = tomllib.loads((Path(__file__).parent / "hard_cases.toml").read_text(encoding="utf-8"))["pair"]


def record(case, side):
    values = case.get("both", {}) | case.get(side, {})
    return concept(**{name: None if value == "none" else value for name, value in values.items()})


@pytest.mark.parametrize("case", PAIRS, ids=[case["story"] for case in PAIRS])
def test_a_hard_pair_gets_its_verdict(case):
    concepts = Concepts(table(record(case, "left"), record(case, "right")))
    found = judge(concepts, np.array([0, 1]), np.array([1, 0]), load_rules()).to_pylist()
    assert [one["verdict"] for one in found] == [case["verdict"]] * 2, found[0]["row"]
