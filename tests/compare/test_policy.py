"""The policy decides every pair, equally from both sides, and never merges what a veto keeps apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.compare.asked import QUESTIONS
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts, Pairs
from dedup.compare.policy import read_policy
from dedup.errors import RuleError
from dedup.rules import load_rules, read_rules
from tests.strategies import concept, concepts, table


def verdict(left, right):
    return judge(Concepts(table(left, right)), np.array([0]), np.array([1]), load_rules()).to_pylist()[0]


@given(concepts(), concepts())
@settings(max_examples=200, deadline=None)
def test_judging_is_symmetric(left, right):
    one, other = verdict(left, right), verdict(right, left)
    assert (one["verdict"], one["row"], one["veto"], one["score"]) == (
        other["verdict"],
        other["row"],
        other["veto"],
        other["score"],
    )


@pytest.mark.parametrize(
    "change",
    [
        {"carrier": "online"},
        {"level": 1, "volume_from": 2, "volume_label": "2"},
        {"title_years": [1994]},
        {"edition_number": 2},
        {"companions": ["companion.teacher"]},
        {"languages": ["fre"]},
        {"translators": ["黄锦炎"]},
        {"standard_numbers": ["GB/T 5795-2006"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_nothing_outweighs_a_veto(change):
    plain = {
        "script": "han",
        "isbn": [67400078],
        "source_numbers": ["OCLC1"],
        "level": 1,
        "volume_from": 1,
        "volume_label": "1",
        "title_years": [1993],
        "edition_number": 1,
        "translators": ["范晔"],
        "standard_numbers": ["GB/T 5795-2002"],
    }
    assert verdict(concept(**plain), concept(**plain))["verdict"] == "same"
    assert verdict(concept(**plain), concept(**(plain | change)))["verdict"] in {"different", "repair"}


def test_a_record_is_the_same_as_its_copy():
    assert verdict(concept(), concept())["verdict"] == "same"


def test_a_policy_that_names_an_unknown_question_is_refused_by_name(tmp_path):
    root = load_rules().root
    for path in root.rglob("*.t*"):
        target = tmp_path / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    policy = tmp_path / "policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("{ content =", "{ contents ="), encoding="utf-8")
    with pytest.raises(RuleError, match=r"policy\.toml row .*P21\.content.*'contents'"):
        read_policy(read_rules(tmp_path))


def test_every_row_says_what_it_means_in_both_languages():
    for row in read_policy(load_rules()).rows:
        assert row.means["zh"] and row.means["en"] and row.source


def row_by_asking_everything(policy, pairs):
    """The slow plain twin: every question is asked of every pair, then the rows are tried one after another."""
    replies = {name: asked.ask(pairs, load_rules()).tolist() for name, asked in QUESTIONS.items()}
    decided = []
    for at in range(len(pairs)):
        points = policy.base + sum(table.get(replies[name][at], 0.0) for name, table in policy.weights.items())
        score = np.float32(1 / (1 + np.exp(-points)))

        def holds(table, at=at):
            return all(replies[name][at] in outcomes for name, outcomes in table.items())

        row = next(
            row
            for row in policy.rows
            if holds(row.when) and not any(map(holds, row.unless)) and score >= row.least_score
        )
        decided.append((row.id, 0.0 if row.verdict == "different" else pytest.approx(score)))
    return decided


@given(st.lists(concepts(), min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_asking_only_what_is_open_decides_as_asking_everything(records):
    prepared = Concepts(table(*records))
    left, right = np.triu_indices(len(records), 1)
    found = judge(prepared, left, right, load_rules()).to_pylist()
    wanted = row_by_asking_everything(read_policy(load_rules()), Pairs(prepared, left, right))
    assert [(one["row"], one["score"]) for one in found] == wanted
