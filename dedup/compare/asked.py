"""All questions, in the order in which `dedup explain` shows them."""

from __future__ import annotations

from dedup.compare import editions, kinds, numbers, parts, persons, publication, rescue, titles, traces, whole
from dedup.compare.question import QUESTIONS, Question

__all__ = ["QUESTIONS", "Question"]

MODULES = (titles, parts, editions, numbers, persons, publication, kinds, whole, rescue, traces)
