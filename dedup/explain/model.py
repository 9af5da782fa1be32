"""An explanation as data. Values are text as a cataloguer reads it, '' where a record does not say."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from dedup.model import Outcome, Verdict
from dedup.rulebook import Legend, Words

FORMAT_VERSION = 1


class Fields(StrEnum):
    """Whether the MARC fields of a record could be read again from its source file."""

    READ = "read"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records: where it came from, its columns (name -> text), its items, its fields as they stand in
    the source file (`fields` says whether they could be read).
    """

    record_id: str
    rid: int
    source: str
    file: str
    path: str
    offset: int
    length: int
    encoding: str
    fingerprint: int
    columns: dict[str, str]
    items: tuple[str, ...]
    leader: str = ""
    marc: tuple[tuple[str, str], ...] = ()
    fields: Fields = Fields.GONE


@dataclass(frozen=True, slots=True)
class Value:
    """What both records have in one column that a question compares."""

    column: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question, with what was compared and the points that it adds to the score."""

    question: str
    outcome: Outcome
    values: tuple[Value, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the deciding row: the outcomes it allows and the one it met."""

    question: str
    allowed: tuple[Outcome, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """What the tables say of the pair. `score` 0 for lawful separate records: there is nothing to rank among them."""

    verdict: Verdict
    row: str
    veto: str
    score: float
    reason: str
    cause: str
    secondary: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What the run stored. `refused`: the two records whose difference forbade the merge, none when it was not."""

    decision: Decision
    refused: tuple[str, ...]
    refused_veto: str


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a blocking key: its values in both records and those in common."""

    words: Words
    left: tuple[str, ...]
    right: tuple[str, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleKeys:
    """One blocking rule asked about the pair: whether it proposed it, and how far each part of its key agrees."""

    rule: str
    proposed: bool
    parts: tuple[KeyPart, ...]

    @property
    def missing(self) -> int:
        """How many parts have no value in common."""
        return sum(not part.shared for part in self.parts)


@dataclass(frozen=True, slots=True)
class Membership:
    """A group that one of the records, or both, are in."""

    group_id: str
    verdict: Verdict
    left: bool
    right: bool
    keep: str
    cause: str
    secondary: str
    flags: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody was asked to do about one of the two records."""

    group_id: str
    record_id: str
    library: str
    code: str
    action: str
    correction: Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one pair. `left` is the record whose id comes first, whatever the order asked in.

    `verdict` is what pairs.csv says: the decision, or `review` when the merge was refused. `differences` name what
    the decision made now and the stored one do not share; `rules_changed` says whether the tables differ since.
    """

    left: Side
    right: Side
    verdict: Verdict
    decision: Decision
    conditions: tuple[Condition, ...]
    answers: tuple[Answer, ...]
    base: float
    total: float
    stored: Stored | None
    differences: tuple[tuple[str, str, str], ...]
    rules_changed: bool
    blocking: tuple[RuleKeys, ...]
    groups: tuple[Membership, ...]
    findings: tuple[Finding, ...]

    @property
    def logistic(self) -> float:
        """The sum of the points between 0 and 1."""
        return 1 / (1 + math.exp(-self.total))

    @property
    def proposed(self) -> tuple[RuleKeys, ...]:
        """The blocking rules that proposed the pair."""
        return tuple(one for one in self.blocking if one.proposed)


def as_dict(explanation: Explanation, legend: Legend) -> dict[str, Any]:
    """The explanation with the stable keys of docs/explain.md, ready for JSON."""
    stored = explanation.stored
    return {
        "format_version": FORMAT_VERSION,
        "left": _side(explanation.left),
        "right": _side(explanation.right),
        "verdict": str(explanation.verdict),
        "decision": asdict(explanation.decision),
        "conditions": [
            {"question": one.question, "allowed": list(map(_name, one.allowed)), "outcome": _name(one.outcome)}
            for one in explanation.conditions
        ],
        "questions": [_answer(one, legend) for one in explanation.answers],
        "score": {"base": explanation.base, "sum": explanation.total, "score": round(explanation.logistic, 4)},
        "stored": None if stored is None else _stored(stored),
        "agrees_with_stored": stored is not None and not explanation.differences,
        "differences": [{"what": what, "stored": before, "now": now} for what, before, now in explanation.differences],
        "rules_changed": explanation.rules_changed,
        "blocking": [_keys(one) for one in explanation.blocking],
        "groups": [asdict(one) for one in explanation.groups],
        "findings": [asdict(one) for one in explanation.findings],
    }


def _name(outcome: Outcome) -> str:
    return outcome.name.lower()


def _side(side: Side) -> dict[str, Any]:
    names = ("record_id", "source", "file", "offset", "length", "columns", "leader", "fields")
    fields = [{"tag": tag, "text": text} for tag, text in side.marc]
    return {**{name: getattr(side, name) for name in names}, "items": list(side.items), "marc": fields}


def _answer(answer: Answer, legend: Legend) -> dict[str, Any]:
    return {
        "question": answer.question,
        "name": asdict(legend.question(answer.question)),
        "means": asdict(legend.means["question"][answer.question]),
        "outcome": _name(answer.outcome),
        "values": [asdict(value) for value in answer.values],
        "points": answer.points,
    }


def _stored(stored: Stored) -> dict[str, Any]:
    return {**asdict(stored.decision), "refused": list(stored.refused), "refused_veto": stored.refused_veto}


def _keys(keys: RuleKeys) -> dict[str, Any]:
    parts = [
        {"part": asdict(one.words), "left": list(one.left), "right": list(one.right), "shared": list(one.shared)}
        for one in keys.parts
    ]
    return {"rule": keys.rule, "proposed": keys.proposed, "missing": keys.missing, "parts": parts}
