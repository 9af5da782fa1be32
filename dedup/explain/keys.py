"""Blocking keys of two records in plain Python: which values each part of a rule has, and which both share.

A slow twin of `dedup.stages.keys`, for people: it shows values where that makes hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dedup.explain.model import KeyPart, RuleKeys
from dedup.explain.records import shown
from dedup.rulebook import Legend
from dedup.rulebook.words import part_words
from dedup.stages.blocking import Blocking, BlockingRule, Column, Part

Row = Mapping[str, Any]


def asked_keys(blocking: Blocking, legend: Legend, rows: tuple[Row, Row], proposed: int) -> tuple[RuleKeys, ...]:
    """Every blocking rule about two rows of `record`; `proposed` is the bit set of a pair. The nearest rules first:
    those that lack fewest parts, then those that share most.
    """
    made = [_rule(legend, rule, rows, bool(proposed >> rule.number & 1)) for rule in blocking.rules]
    return tuple(
        sorted(made, key=lambda keys: (not keys.proposed, keys.missing, keys.missing - len(keys.parts), _empty(keys)))
    )


def _empty(keys: RuleKeys) -> int:
    """How many parts one record has no value for."""
    return sum(not part.left or not part.right for part in keys.parts)


def _rule(legend: Legend, rule: BlockingRule, rows: tuple[Row, Row], proposed: bool) -> RuleKeys:
    parts = []
    for part in rule.parts:
        left, right = (dict.fromkeys(values(part, row)) for row in rows)
        parts.append(KeyPart(part_words(legend, part), tuple(left), tuple(right), tuple(x for x in left if x in right)))
    return RuleKeys(rule.id, proposed, tuple(parts))


def values(part: Part, row: Row) -> Iterator[str]:
    """The values that a part of a key has in one record, as text; what is empty makes no key."""
    for column in part:
        yield from _values(column, row)


def _values(column: Column, row: Row) -> Iterator[str]:
    value = row.get(column.name)
    if column.beside:
        yield from _side_by_side(column, value or [], row.get(column.beside) or [])
    elif isinstance(value, list):
        chosen = value[:1] if column.first else value
        yield from filter(None, (shown(column.name, one) for one in chosen))
    elif value is not None and column.next:
        yield from (str(value), str(value + 1))
    elif value not in (None, ""):
        text = shown(column.name, value)
        yield text[: column.start] if column.start else text


def _side_by_side(column: Column, one: Iterable[object], other: Iterable[object]) -> Iterator[str]:
    """Two lists value by value; lists of two lengths have nothing in common."""
    one, other = list(one), list(other)
    if len(one) == len(other):
        pairs = ((shown(column.name, a), shown(column.beside, b)) for a, b in zip(one, other, strict=True))
        yield from (f"{a} {b}" for a, b in pairs if a and b)
