"""Judge pairs: ask every question, let the policy decide, say why."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pyarrow as pa

from dedup.compare.asked import QUESTIONS
from dedup.compare.pairs import Concepts, Ints, Outcomes, Pairs
from dedup.compare.policy import Policy, decide, read_policy, score
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.tables import JUDGED


def answers(pairs: Pairs, rules: RuleSet) -> dict[str, Outcomes]:
    """The outcome of every question for every pair."""
    return {name: asked.ask(pairs, rules) for name, asked in QUESTIONS.items()}


def judge(concepts: Concepts, left: Ints, right: Ints, rules: RuleSet) -> pa.RecordBatch:
    """Judge pairs given by position in `concepts`.

    Returns a batch in the schema JUDGED, with positions in `left` and `right`, row by row as given; `reason` is
    empty for lawful separate records that nothing suggested to merge. The answer does not depend on which record
    is left (tested).
    """
    if len(left) == 0:
        return _empty()
    policy = read_policy(rules)
    replies = answers(Pairs(concepts, left, right), rules)
    rows = decide(policy, replies)
    points = score(policy, replies)
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


def _empty() -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: [] for name in JUDGED.names}, schema=JUDGED)


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
