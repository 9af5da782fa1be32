"""The blocking rules of `rules/blocking.toml`, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.errors import RuleError, problem
from dedup.rules import RuleSet
from dedup.tables import CONCEPT

_PART = re.compile(r"(?P<name>\w+)(?:&(?P<beside>\w+)|(?P<first>\.first)|:(?P<start>\d+)|(?P<next>~1))?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a key part: all of it, its `first` value, its first `start` characters, with its `next` number,
    or value by value with the column `beside`.
    """

    name: str
    beside: str = ""
    first: bool = False
    start: int = 0
    next: bool = False


Part = tuple[Column, ...]


def _names(parts: Iterable[Part]) -> set[str]:
    """The concept columns that some parts read."""
    return {name for part in parts for column in part for name in (column.name, column.beside) if name}


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """One row of `rules/blocking.toml`; `number` is its bit in a pair's `rules`."""

    number: int
    id: str
    means: Mapping[str, str]
    parts: tuple[Part, ...]
    refine: Part
    cap: int
    window: int

    @property
    def columns(self) -> set[str]:
        """The concept columns that the rule reads."""
        return _names((*self.parts, self.refine))


@dataclass(frozen=True, slots=True)
class Blocking:
    """All of `rules/blocking.toml`."""

    rules: tuple[BlockingRule, ...]
    window_order: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """The concept columns that any rule reads."""
        return sorted({name for rule in self.rules for name in rule.columns})

    @property
    def refining(self) -> list[str]:
        """The concept columns that any refinement reads."""
        return sorted(_names(rule.refine for rule in self.rules))


@cache
def read_blocking(rules: RuleSet) -> Blocking:
    """Read and check the blocking rules. Raises RuleError naming the row."""
    place = f"{rules.root / 'blocking.toml'}"
    table = rules.tables.get("blocking")
    if not table or not table.get("rule"):
        raise RuleError(problem(place, "no [[rule]]", "blocking rules", "restore the table"))
    made = tuple(_rule(place, number, row, int(table["window"])) for number, row in enumerate(table["rule"]))
    if len(made) > 63 or len({rule.id for rule in made}) < len(made):
        raise RuleError(problem(place, f"{len(made)} rules", "at most 63 with different ids", "rename or remove one"))
    order = tuple(table["window_order"])
    for name in order:
        if name != "record_id" and name not in CONCEPT.names:
            raise RuleError(problem(f"{place} window_order", repr(name), "a concept column", "correct it"))
    return Blocking(made, order)


def _rule(place: str, number: int, row: Mapping[str, Any], window: int) -> BlockingRule:
    place = f"{place} row {number + 1} ({row.get('id', 'no id')})"
    missing = [key for key in ("id", "means", "why", "parts", "refine", "cap") if not row.get(key)]
    if missing:
        raise RuleError(problem(place, f"no {', '.join(missing)}", "every key of a blocking rule", "add them"))
    parts = tuple(_part(place, text) for text in row["parts"])
    refine, window = _part(place, row["refine"]), int(row.get("window", window))
    return BlockingRule(number, row["id"], row["means"], parts, refine, int(row["cap"]), window)


def _part(place: str, text: str) -> Part:
    return tuple(_column(place, piece) for piece in text.split("|"))


def _column(place: str, text: str) -> Column:
    found = _PART.fullmatch(text)
    if found is None:
        raise RuleError(problem(place, repr(text), "column, a|b, a.first, a:6, a~1 or a&b", "correct the part"))
    for name in filter(None, (found["name"], found["beside"])):
        if name not in CONCEPT.names:
            raise RuleError(problem(place, f"column {name!r}", "a concept column", "correct the part"))
    start = int(found["start"] or 0)
    return Column(found["name"], found["beside"] or "", bool(found["first"]), start, bool(found["next"]))
