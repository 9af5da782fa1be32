"""Decide the MARC format of each record from its grammar, by the table `rules/sniff.toml`.

All shapes of all tags are compiled into one automaton over bytes that runs over many fields at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from dedup.errors import RuleError, problem
from dedup.marc.tokens import Ints, Tokens, tag_code
from dedup.model import Format
from dedup.rules import RuleSet

Bits = npt.NDArray[np.uint64]
_TABLE = "sniff"
_TAG_SPACE = 1 << 24
_MOST_ROWS = 63
_CLASS = re.compile(r"\[[^\]]+\]|\\x[0-9a-f]{2}|\\.|.", re.DOTALL)
_ENTRY_MAP = slice(20, 24)
# A state: the (row, shape, place) that still fit.
_State = frozenset[tuple[int, int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class Sniffer:
    """The compiled table. `index` maps a tag code to the number of a tag, 0 for all others; `present` and `begin`
    are its row bits and first state; `step` (states x 256), `accept` and `alive` are the automaton.
    """

    index: npt.NDArray[np.uint8]
    present: Bits
    begin: npt.NDArray[np.int16]
    step: npt.NDArray[np.int16]
    accept: Bits
    alive: npt.NDArray[np.bool_]
    points: tuple[tuple[int, int], ...]
    entry_map: tuple[tuple[bytes, int], ...]
    defaults: tuple[int, int]


@cache
def sniffer(rules: RuleSet) -> Sniffer:
    """Compile `rules/sniff.toml`. Raises RuleError for a shape that is no sequence of single-byte classes."""
    table = rules.tables[_TABLE]
    rows = table["row"]
    if len(rows) > _MOST_ROWS:
        raise RuleError(problem("rules/sniff.toml", f"{len(rows)} rows", f"at most {_MOST_ROWS}", "join some rows"))
    tags = sorted({row["tag"] for row in rows})
    index = np.zeros(_TAG_SPACE, np.uint8)
    present = np.zeros(len(tags) + 1, np.uint64)
    starts: list[_State] = [frozenset()]
    shapes = [[_classes(row["id"], shape) for shape in row.get("shapes", [])] for row in rows]
    for number, tag in enumerate(tags, 1):
        index[tag_code(tag)] = number
        mine = [at for at, row in enumerate(rows) if row["tag"] == tag]
        present[number] = sum(1 << at for at in mine if not shapes[at])
        starts.append(frozenset((at, shape, 0) for at in mine for shape in range(len(shapes[at]))))
    step, accept, alive, numbers = _automaton(starts, shapes)
    return Sniffer(
        index,
        present,
        np.array([numbers[start] for start in starts], np.int16),
        step,
        accept,
        alive,
        tuple((row.get("family", 0), row.get("dialect", 0)) for row in rows),
        tuple((key.encode(), points) for key, points in table["entry_map"].items()),
        (Format[table["family_default"].upper()], Format[table["dialect_default"].upper()]),
    )


def _classes(row: str, shape: str) -> list[npt.NDArray[np.bool_]]:
    """For each place of a shape the bytes that fit; the field terminator never does."""
    places = []
    for part in _CLASS.findall(shape):
        try:
            fits = re.compile(part.encode("latin-1"), re.DOTALL)
        except (re.error, UnicodeEncodeError) as error:
            place = f"rules/sniff.toml row {row}"
            raise RuleError(problem(place, f"shape {shape!r}: {error}", "one class per byte", "mend it")) from error
        places.append(np.array([bool(fits.fullmatch(bytes([byte]))) and byte != 0x1E for byte in range(256)]))
    return places


def _automaton(
    starts: list[_State], shapes: list[list[list[npt.NDArray[np.bool_]]]]
) -> tuple[npt.NDArray[np.int16], Bits, npt.NDArray[np.bool_], dict[_State, int]]:
    """Subset construction: steps, rows accepted on arrival, states with something left to fit, state numbers."""
    numbers: dict[_State, int] = {}
    todo: list[_State] = []

    def number(state: _State) -> int:
        if state not in numbers:
            numbers[state] = len(numbers)
            todo.append(state)
        return numbers[state]

    for start in starts:
        number(start)
    steps, at = [], 0
    while at < len(todo):
        state = todo[at]
        at += 1
        pending = [item for item in state if item[2] < len(shapes[item[0]][item[1]])]
        groups: dict[_State, list[int]] = {}
        for byte in range(256):
            after = frozenset((r, s, p + 1) for r, s, p in pending if shapes[r][s][p][byte])
            groups.setdefault(after, []).append(byte)
        line = np.zeros(256, np.int16)
        for after, group in groups.items():
            line[group] = number(after)
        steps.append(line)
    accept = [sum({1 << r for r, s, p in state if p == len(shapes[r][s])}) for state in todo]
    alive = [any(p < len(shapes[r][s]) for r, s, p in state) for state in todo]
    return np.stack(steps), np.array(accept, np.uint64), np.array(alive), numbers


def grammar(tokens: Tokens, compiled: Sniffer) -> Bits:
    """For each record the rows of the table found in it, as bits."""
    index = compiled.index[tokens.tag]
    fields = np.flatnonzero(index)
    index = index[fields]
    bits = compiled.present[index]
    state = compiled.begin[index]
    active = np.flatnonzero(compiled.alive[state])
    state, place = state[active], tokens.start[fields[active]]
    while len(active):
        state = compiled.step[state, tokens.data[place]]
        bits[active] |= compiled.accept[state]
        left = np.flatnonzero(compiled.alive[state])
        active, state, place = active[left], state[left], place[left] + 1
    return _any_of(bits, tokens.rows()[fields], len(tokens))


def _any_of(bits: Bits, rows: Ints, count: int) -> Bits:
    found = np.zeros(count, np.uint64)
    if len(rows):
        edges = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
        found[rows[edges]] = np.bitwise_or.reduceat(bits, edges)
    return found


@lru_cache(1 << 16)
def judge(bits: int, entry_map: int, compiled: Sniffer) -> Format:
    """The format that the rows found in a record speak for; `entry_map` is leader/20-23 as a number."""
    found = [points for at, points in enumerate(compiled.points) if bits >> at & 1]
    family = sum(points[0] for points in found) or dict(compiled.entry_map).get(entry_map.to_bytes(4, "little"), 0)
    if family == 0:
        return Format(compiled.defaults[0])
    if family > 0:
        return Format.MARC21
    dialect = sum(points[1] for points in found)
    if dialect == 0:
        return Format(compiled.defaults[1])
    return Format.CNMARC if dialect > 0 else Format.UNIMARC


def formats(tokens: Tokens, rules: RuleSet) -> npt.NDArray[np.int8]:
    """model.Format of each record."""
    compiled = sniffer(rules)
    maps = np.ascontiguousarray(tokens.leader[:, _ENTRY_MAP]).view("<u4").reshape(-1)
    bits = grammar(tokens, compiled)
    pairs = zip(bits.tolist(), maps.tolist(), strict=True)
    return np.fromiter((judge(found, entry_map, compiled) for found, entry_map in pairs), np.int8, len(tokens))
