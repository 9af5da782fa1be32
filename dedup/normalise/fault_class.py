"""Items whose call number is of another class than their record (Q13): the item hangs on the wrong record (D10b)."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.fault_case import Case, Fault, Ints, Mask
from dedup.normalise.window import window
from dedup.rules import RuleSet

_LETTERS = 26


def _letters(column: pa.ListArray) -> Ints:
    """For each record the first letters of a list's values, as a bit set (A = bit 0)."""
    row = np.asarray(pc.list_parent_indices(column)).astype(np.int64)
    found = np.zeros(len(column), np.int64)
    if not len(row):
        return found
    first = window(column.flatten(), 1)[0][:, 0].astype(np.int64) - ord("A")
    bits = np.where((first >= 0) & (first < _LETTERS), 1 << np.clip(first, 0, _LETTERS - 1), 0)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    found[row[starts]] = np.bitwise_or.reduceat(bits, starts)
    return found


def suspects(calls: Ints, classes: Ints) -> Mask:
    """Records with letters on both sides and none in common; bit sets as `_letters` makes them."""
    found: Mask = (calls != 0) & (classes != 0) & (calls & classes == 0)
    return found


@cache
def _shapes(rules: RuleSet) -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    table = rules.tables["faults"]["class"]
    return {name: (re.compile(table[name]["call"]), re.compile(table[name]["class"])) for name in ("clc", "lc")}


@cache
def _near(rules: RuleSet, scheme: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in rules.tables["faults"]["class"]["pairs"][scheme])


def class_against_call_number(case: Case) -> list[Fault]:
    """Q13: every call number of the record is of a class far from each of the record's own, in the same scheme."""
    at = np.flatnonzero(suspects(_letters(case.columns["call_numbers"]), _letters(case.columns["classes"])))
    lists = (case.values(name, at) for name in ("call_numbers", "classes"))
    found = []
    for row, calls, classes in zip(at.tolist(), *lists, strict=True):
        scheme = "lc" if case.batch.formats[row] == Format.MARC21 else "clc"
        call_shape, class_shape = _shapes(case.rules)[scheme]
        typed = [call for call in calls if call_shape.match(call)]
        own = [one for one in classes if class_shape.match(one)]
        filled = [call for call in calls if call]
        if (
            typed
            and own
            and len(typed) == len(filled)
            and _far([(call[0], one[0]) for call in typed for one in own], scheme, case.rules)
        ):
            found.append(Fault(row, "Q13", _field(case, row), typed[0], own[0]))
    return found


def _far(letters: list[tuple[str, str]], scheme: str, rules: RuleSet) -> bool:
    """Whether no class stands near any call number: another letter, and not one that shares subjects with it."""
    general = rules.tables["faults"]["class"]["general"]
    pairs = [frozenset(pair) for pair in letters]
    return all(len(pair) > 1 and general not in pair and pair not in _near(rules, scheme) for pair in pairs)


def _field(case: Case, row: int) -> str:
    """The tag of the first holdings field of the record."""
    return case.text("holdings", row)[:3]
