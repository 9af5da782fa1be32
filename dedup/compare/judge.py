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

NOT_ASKED = np.int8(-9)


class Answers:
    """The answers about some pairs, kept as they are asked for; what no row needs is never worked out."""

    def __init__(self, pairs: Pairs, rules: RuleSet) -> None:
        self._pairs, self._rules = pairs, rules
        self._known: dict[str, Outcomes] = {}

    def of(self, name: str, among: Ints) -> Outcomes:
        """The outcome of one question for the pairs at the positions `among` (distinct)."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = np.full(len(self._pairs), NOT_ASKED)
        outcomes = known[among]
        missing = outcomes == NOT_ASKED
        if missing.any():
            ask = among[missing]
            whole = ask.size == len(self._pairs)
            outcomes[missing] = QUESTIONS[name].ask(self._pairs if whole else self._pairs.subset(ask), self._rules)
            known[among] = outcomes
        return outcomes


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
    """The deciding row and the score of each pair; there is nothing to rank among different records: they score 0."""
    replies = Answers(pairs, rules)
    rows = decide(policy, replies, len(pairs))
    points = np.zeros(len(pairs), np.float32)
    ranked = np.flatnonzero(np.array([row.verdict != Verdict.DIFFERENT for row in policy.rows])[rows])
    points[ranked] = score(policy, replies, ranked)
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
