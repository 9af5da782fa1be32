"""Why two records were judged as they were: everything that one run knew of them, and the decision made once more."""

from __future__ import annotations

from dedup.explain.decide import configuration_of, explain
from dedup.explain.model import (
    Answer,
    Decision,
    Explanation,
    Finding,
    KeyPart,
    Membership,
    RuleKeys,
    Side,
    Stored,
    Value,
    as_dict,
)
from dedup.explain.records import place_of

__all__ = [
    "Answer",
    "Decision",
    "Explanation",
    "Finding",
    "KeyPart",
    "Membership",
    "RuleKeys",
    "Side",
    "Stored",
    "Value",
    "as_dict",
    "configuration_of",
    "explain",
    "place_of",
]
