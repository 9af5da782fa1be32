"""The policy: an ordered table of rows; the first row whose conditions hold decides the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

import numpy as np
import numpy.typing as npt

import dedup.compare.asked as asked
from dedup.compare.pairs import Mask, Outcomes
from dedup.errors import RuleError, problem
from dedup.model import Outcome, Verdict
from dedup.rules import RuleSet

Answers = Mapping[str, Outcomes]
_NAMES = {outcome.name.lower(): outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the policy: all of `when` and none of `unless` must hold, and the score lie in the band."""

    id: str
    verdict: Verdict
    veto: str
    when: Mapping[str, frozenset[int]]
    unless: tuple[Mapping[str, frozenset[int]], ...]
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
    def opening(self) -> tuple[Row, ...]:
        """The first rows of the table that find no title or no relation: they ask little and need no score."""
        return tuple(
            takewhile(lambda row: row.verdict in (Verdict.JUNK, Verdict.DIFFERENT) and not row.veto, self.rows)
        )


def _conditions(table: Mapping[str, str], place: str) -> Mapping[str, frozenset[int]]:
    """Read `question = "agrees close"`; `not differs` stands for every other outcome."""
    conditions = {}
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
        conditions[name] = frozenset({int(one) for one in Outcome} - named if negated else named)
    return conditions


@cache
def read_policy(rules: RuleSet) -> Policy:
    """Read and check policy.toml. Raises RuleError naming the row, what was found and what was wanted."""
    table = rules.tables["policy"]
    rows = []
    seen: set[str] = set()
    for number, entry in enumerate(table["row"], 1):
        place = f"{rules.root}/policy.toml row {number} ({entry.get('id', 'no id')})"
        missing = [key for key in ("id", "verdict", "means", "source") if key not in entry]
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
                _conditions(entry.get("when", {}), place),
                tuple(_conditions(one, place) for one in alternatives),
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


def _holds(conditions: Mapping[str, frozenset[int]], answers: Answers, size: int) -> Mask:
    mask = np.ones(size, np.bool_)
    for name, outcomes in conditions.items():
        mask &= np.isin(answers[name], list(outcomes))
    return mask


def score(policy: Policy, answers: Answers) -> npt.NDArray[np.float32]:
    """0 to 1: the logistic of the summed points of all answers (ranks pairs inside a verdict)."""
    size = len(next(iter(answers.values())))
    total = np.full(size, policy.base)
    for name, points in policy.weights.items():
        table = np.array([points.get(outcome, 0.0) for outcome in (-1, 0, 1, 2)])
        total += table[answers[name] + 1]
    logistic: npt.NDArray[np.float32] = (1 / (1 + np.exp(-total))).astype(np.float32)
    return logistic


def decide(rows: tuple[Row, ...], answers: Answers, points: npt.NDArray[np.float32] | None) -> npt.NDArray[np.int16]:
    """For each pair the position of the first row that holds; -1 where none does. Without points no row has a band."""
    size = len(next(iter(answers.values())))
    decided = np.full(size, -1, np.int16)
    for place, row in enumerate(rows):
        open_ = decided < 0
        if not open_.any():
            break
        mask = open_ & _holds(row.when, answers, size)
        if points is not None:
            mask &= points >= row.least_score
        for exception in row.unless:
            mask &= ~_holds(exception, answers, size)
        decided[mask] = place
    return decided
