"""The policy: an ordered table of rows; the first row whose conditions hold decides the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

import dedup.compare.asked as asked
from dedup.compare.pairs import Ints, Mask, Outcomes
from dedup.errors import RuleError, problem
from dedup.model import Outcome, Verdict
from dedup.rules import RuleSet

_DIAGNOSES = frozenset({Verdict.STRUCTURE, Verdict.REPAIR, Verdict.JUNK})
"""Verdicts that are a diagnosis in themselves: their rows name the cause."""
Conditions = Mapping[str, frozenset[int]]
_NAMES = {outcome.name.lower(): outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the policy: all of `when` and none of `unless` must hold, and the score lie in the band.

    `cause` is the code of the cause that the row itself is the signature of; '' when `rules/causes.toml` tells it.
    """

    id: str
    verdict: Verdict
    veto: str
    cause: str
    when: Conditions
    unless: tuple[Conditions, ...]
    least_score: float
    means: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """All rows in order, and the weights of the score: question -> outcome -> points."""

    rows: tuple[Row, ...]
    weights: Mapping[str, Mapping[int, float]]
    base: float

    @property
    def questions(self) -> frozenset[str]:
        """The questions that a row or a weight may ask."""
        asked_for = (name for row in self.rows for table in (row.when, *row.unless) for name in table)
        return frozenset(asked_for) | frozenset(self.weights)


def conditions(table: Mapping[str, str], place: str) -> Conditions:
    """Read `question = "agrees close"`; `not differs` stands for every other outcome. Slow questions come last."""
    read = {}
    for name, words in table.items():
        if name not in asked.QUESTIONS:
            raise RuleError(problem(place, f"question {name!r}", "a question of dedup.compare", "mend the name"))
        parts = words.split()
        negated = parts[:1] == ["not"]
        unknown = [part for part in parts[negated:] if part not in _NAMES]
        if unknown:
            wanted = "agrees, close, unknown or differs"
            raise RuleError(problem(f"{place} {name}", f"outcome {unknown[0]!r}", wanted, "mend the word"))
        named = {int(_NAMES[part]) for part in parts[negated:]}
        read[name] = frozenset({int(one) for one in Outcome} - named if negated else named)
    return dict(sorted(read.items(), key=lambda condition: asked.QUESTIONS[condition[0]].slow))


@cache
def read_policy(rules: RuleSet) -> Policy:
    """Read and check policy.toml. Raises RuleError naming the row, what was found and what was wanted."""
    table = rules.tables["policy"]
    rows = []
    seen: set[str] = set()
    for number, entry in enumerate(table["row"], 1):
        place = f"{rules.root}/policy.toml row {number} ({entry.get('id', 'no id')})"
        missing = [key for key in ("id", "verdict", "means", "source") if key not in entry]
        if entry.get("verdict") in _DIAGNOSES and not entry.get("cause"):
            missing.append("cause")
        if missing or entry["id"] in seen:
            raise RuleError(problem(place, f"no {missing}" if missing else "id twice", "a whole row", "mend the row"))
        seen.add(entry["id"])
        if not entry.get("on", True):
            continue
        unless = entry.get("unless", [])
        alternatives = unless if isinstance(unless, list) else [unless]
        rows.append(
            Row(
                entry["id"],
                Verdict(entry["verdict"]),
                entry.get("veto", ""),
                entry.get("cause", ""),
                conditions(entry.get("when", {}), place),
                tuple(conditions(one, place) for one in alternatives),
                float(entry.get("least_score", -np.inf)),
                entry["means"],
                entry["source"],
            )
        )
    if rows[-1].when or rows[-1].unless or rows[-1].least_score > -np.inf:
        wanted = "a last row without conditions, which takes every pair"
        raise RuleError(problem(f"{rules.root}/policy.toml", f"{rows[-1].id} as last row", wanted, "add it"))
    weights = {
        name: {int(_NAMES[word]): float(points) for word, points in points_of.items()}
        for name, points_of in table["weights"].items()
    }
    return Policy(tuple(rows), weights, float(table["score"]["base"]))


class Replies(Protocol):
    """The answers about some pairs, asked for only where a row needs them."""

    def of(self, name: str, among: Ints) -> Outcomes:
        """The outcome of one question for the pairs at the positions `among`."""


@cache
def _allowed(outcomes: frozenset[int]) -> Mask:
    """Which outcomes count, at the place outcome + 1."""
    return np.array([outcome in outcomes for outcome in (-1, 0, 1, 2)])


def holding(table: Conditions, among: Ints, replies: Replies) -> Ints:
    """Those of the pairs `among` for which every condition holds; a condition is asked of those still left only."""
    for name, outcomes in table.items():
        if not among.size:
            break
        among = among[_allowed(outcomes)[replies.of(name, among) + 1]]
    return among


def fitting(when: Conditions, unless: tuple[Conditions, ...], among: Ints, replies: Replies) -> Ints:
    """Those of the pairs `among` for which all of `when` holds, and none of the exceptions."""
    held = holding(when, among, replies)
    for exception in unless:
        held = np.setdiff1d(held, holding(exception, held, replies), assume_unique=True)
    return held


def score(policy: Policy, replies: Replies, among: Ints) -> npt.NDArray[np.float32]:
    """0 to 1: the logistic of the summed points of all answers (ranks pairs inside a verdict)."""
    total = np.full(among.size, policy.base)
    for name, points in policy.weights.items():
        table = np.array([points.get(outcome, 0.0) for outcome in (-1, 0, 1, 2)])
        total += table[replies.of(name, among) + 1]
    logistic: npt.NDArray[np.float32] = (1 / (1 + np.exp(-total))).astype(np.float32)
    return logistic


def decide(policy: Policy, replies: Replies, size: int) -> npt.NDArray[np.int16]:
    """For each of `size` pairs the position of the first row that holds.

    The rows are the law and stand in order; so a question is asked only about pairs that no row before has decided.
    """
    decided = np.full(size, -1, np.int16)
    open_ = np.arange(size)
    for place, row in enumerate(policy.rows):
        held = fitting(row.when, row.unless, open_, replies)
        if held.size and row.least_score > -np.inf:
            held = held[score(policy, replies, held) >= row.least_score]
        if held.size:
            decided[held] = place
            open_ = open_[decided[open_] < 0]
    return decided
