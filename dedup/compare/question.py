"""What a question is, and the register of all of them in the order they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dedup.compare.pairs import Outcomes, Pairs
from dedup.rules import RuleSet

Asked = Callable[[Pairs, RuleSet], Outcomes]


@dataclass(frozen=True, slots=True)
class Question:
    """One question a cataloguer asks about two records; its docstring is the published explanation."""

    id: str
    columns: tuple[str, ...]
    ask: Asked
    slow: bool = False

    @property
    def explanation(self) -> str:
        """What the question compares, in words."""
        return " ".join((self.ask.__doc__ or "").split())


QUESTIONS: dict[str, Question] = {}


def question(*columns: str, slow: bool = False) -> Callable[[Asked], Asked]:
    """Register a comparison under its own name; `columns` are the CONCEPT columns shown as its values.

    A `slow` one reads texts or compares names one by one: within a policy row it is asked last, of the pairs left.
    """

    def register(ask: Asked) -> Asked:
        """Put the function among the questions; it stays what it is."""
        name = ask.__name__
        QUESTIONS[name] = Question(name, columns, ask, slow)
        return ask

    return register


def limits(rules: RuleSet, name: str) -> dict[str, float]:
    """The numbers a question needs, from `[limits.NAME]` in policy.toml."""
    table: dict[str, float] = rules.tables["policy"]["limits"][name]
    return table
