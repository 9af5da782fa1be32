"""Judge pairs: ask every question, let the policy decide, say why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.compare.asked import QUESTIONS
from dedup.compare.pairs import Concepts, Ints, Outcomes, Pairs
from dedup.compare.policy import Policy, decide, read_policy, score
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.tables import JUDGED


def answers(pairs: Pairs, rules: RuleSet, among: frozenset[str] | None = None) -> dict[str, Outcomes]:
    """The outcome of every question, or of those named, for every pair."""
    return {name: asked.ask(pairs, rules) for name, asked in QUESTIONS.items() if among is None or name in among}


def judge(concepts: Concepts, left: Ints, right: Ints, rules: RuleSet) -> pa.RecordBatch:
    """Judge pairs given by position in `concepts`.

    Returns a batch in the schema JUDGED, with positions in `left` and `right`, row by row as given; `reason` is
    empty for lawful separate records that nothing suggested to merge. The answer does not depend on which record
    is left (tested).
    """
    policy = read_policy(rules)
    rows, points = _decided(policy, Pairs(concepts, left, right), rules)
    named = _row_columns(policy)
    take = pa.array(rows)
    columns = {
        "left": pa.array(left, pa.int64()),
        "right": pa.array(right, pa.int64()),
        "verdict": named["verdict"].take(take),
        "row": named["row"].take(take),
        "veto": named["veto"].take(take),
        "score": pa.array(points, pa.float32()),
        "reason": named["reason"].take(take),
    }
    return pa.RecordBatch.from_pydict(columns, schema=JUDGED)


def _decided(policy: Policy, pairs: Pairs, rules: RuleSet) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float32]]:
    """The deciding row and the score of each pair.

    The first rows need few questions and decide many pairs; the other questions are asked only
    about the pairs that are still open. A pair decided there has nothing to rank: its score is 0.
    """
    opening = policy.opening
    asked = frozenset(name for row in opening for table in (row.when, *row.unless) for name in table)
    rows = decide(opening, answers(pairs, rules, asked), None)
    points = np.zeros(len(pairs), np.float32)
    open_ = np.flatnonzero(rows < 0)
    replies = answers(pairs.subset(open_), rules)
    points[open_] = score(policy, replies)
    rows[open_] = decide(policy.rows, replies, points[open_])
    return rows, points


@cache
def _row_columns(policy: Policy) -> dict[str, pa.Array]:
    silent = [row.verdict == Verdict.DIFFERENT and not row.veto for row in policy.rows]
    return {
        "verdict": pa.array([str(row.verdict) for row in policy.rows]),
        "row": pa.array([row.id for row in policy.rows]),
        "veto": pa.array([row.veto for row in policy.rows]),
        "reason": pa.array(
            ["" if quiet else reason_text(row.means) for row, quiet in zip(policy.rows, silent, strict=True)]
        ),
    }


def reason_text(means: Mapping[str, str]) -> str:
    """A reason in both languages, Chinese first."""
    return f"{means['zh']} / {means['en']}"
