"""Decide the MARC format of each record from its grammar, by the table `rules/sniff.toml`.

All shapes of all tags are compiled into one automaton over bytes that runs over many fields at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.errors import RuleError, problem
from dedup.kept import kept
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
    """The compiled table. `index` maps a tag code to the number of a tag, 0 for all others; `bit` and `begin`
    are its own bit and first state; `step` (states x 256), `accept`, `accepting` and `alive` are the automaton.
    By row of the table: `points` (family, dialect), `row_tag` (number of its tag), `shaped` (whether it has shapes).
    """

    index: npt.NDArray[np.uint8]
    bit: Bits
    begin: npt.NDArray[np.int16]
    step: npt.NDArray[np.int16]
    accept: Bits
    accepting: npt.NDArray[np.bool_]
    alive: npt.NDArray[np.bool_]
    points: tuple[tuple[int, int], ...]
    row_tag: tuple[int, ...]
    shaped: tuple[bool, ...]
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
    for number, tag in enumerate(tags, 1):
        index[tag_code(tag)] = number
    begin, steps, accepts, lives = kept("sniff", repr(rows), lambda: _compiled(rows, tags))
    step, accept = np.frombuffer(steps, np.int16), np.frombuffer(accepts, np.uint64)
    return Sniffer(
        index,
        np.uint64(1) << np.arange(len(tags) + 1, dtype=np.uint64),
        np.array(begin, np.int16),
        step.reshape(-1, 256),
        accept,
        accept != 0,
        np.frombuffer(lives, np.bool_),
        tuple((row.get("family", 0), row.get("dialect", 0)) for row in rows),
        tuple(tags.index(row["tag"]) + 1 for row in rows),
        tuple(bool(row.get("shapes")) for row in rows),
        tuple((key.encode(), points) for key, points in table["entry_map"].items()),
        (Format[table["family_default"].upper()], Format[table["dialect_default"].upper()]),
    )


def _compiled(rows: list[Mapping[str, Any]], tags: list[str]) -> tuple[list[int], bytes, bytes, bytes]:
    """Where each tag begins (first: no tag), and the arrays of the automaton as bytes."""
    starts: list[_State] = [frozenset()]
    shapes = [[_classes(row["id"], shape) for shape in row.get("shapes", [])] for row in rows]
    for tag in tags:
        mine = [at for at, row in enumerate(rows) if row["tag"] == tag]
        starts.append(frozenset((at, shape, 0) for at in mine for shape in range(len(shapes[at]))))
    step, accept, alive, numbers = _automaton(starts, shapes)
    return [numbers[start] for start in starts], step.tobytes(), accept.tobytes(), alive.tobytes()


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
        """The number of a state; a new one is put on the list of what is to do."""
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


def fitting(tokens: Tokens, fields: Ints, compiled: Sniffer) -> Bits:
    """For each of the fields the rows of the table whose shapes fit it, as bits."""
    bits = np.zeros(len(fields), np.uint64)
    state = compiled.begin[compiled.index[tokens.tag[fields]]]
    active = np.flatnonzero(compiled.alive[state])
    state, place = state[active].astype(np.int64), tokens.start[fields[active]]
    step = compiled.step.reshape(-1)
    while len(active):
        state = step[state * 256 + tokens.data[place]].astype(np.int64)
        place += 1
        if compiled.accepting[state].any():
            bits[active] |= compiled.accept[state]
        alive = compiled.alive[state]
        if not alive.all():
            active, state, place = active[alive], state[alive], place[alive]
    return bits


def _any_of(bits: Bits, rows: Ints, count: int) -> Bits:
    """The bits of all fields of each record together; `rows` ascend."""
    found = np.zeros(count, np.uint64)
    if len(rows):
        edges = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
        found[rows[edges]] = np.bitwise_or.reduceat(bits, edges)
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a record: tags that stand in it and tags whose fields were looked at (bit n: tag number n),
    rows of the table found by shape, and what the entry map speaks for (-1, 0, 1).
    """

    tags: int
    looked: int
    found: int
    entry_map: int


def _bounds(known: _Known, compiled: Sniffer, question: int) -> tuple[int, int, int]:
    """Least and greatest sum of points for a question (0 family, 1 dialect); the tag that may change most, as a bit."""
    least = greatest = 0
    spans: dict[int, int] = {}
    for at, (points, tag, has_shapes) in enumerate(
        zip(compiled.points, compiled.row_tag, compiled.shaped, strict=True)
    ):
        value = points[question]
        if not known.tags >> tag & 1 or not value:
            continue
        if has_shapes and not known.looked >> tag & 1:
            least, greatest = least + min(value, 0), greatest + max(value, 0)
            spans[tag] = spans.get(tag, 0) + abs(value)
        elif not has_shapes or known.found >> at & 1:
            least, greatest = least + value, greatest + value
    return least, greatest, 1 << max(spans, key=spans.__getitem__) if spans else 0


@lru_cache(1 << 16)
def _judge(known: _Known, compiled: Sniffer) -> tuple[int, int]:
    """The format, or -1 with the tag (as a bit) whose fields have to be looked at first."""
    least, greatest, tag = _bounds(known, compiled, 0)
    if tag and least <= 0 <= greatest:
        return -1, tag
    family = least if least > 0 else greatest if greatest < 0 else known.entry_map
    if family == 0:
        return compiled.defaults[0], 0
    if family > 0:
        return Format.MARC21, 0
    least, greatest, tag = _bounds(known, compiled, 1)
    if tag and least <= 0 <= greatest:
        return -1, tag
    if least <= 0 <= greatest:
        return compiled.defaults[1], 0
    return Format.CNMARC if least > 0 else Format.UNIMARC, 0


def formats(tokens: Tokens, rules: RuleSet) -> npt.NDArray[np.int8]:
    """model.Format of each record: no field is looked at that cannot change the answer."""
    compiled = sniffer(rules)
    kinds = np.full(len(tokens), -1, np.int8)
    fields = np.flatnonzero(index := compiled.index[tokens.tag])
    tag, rows = compiled.bit[index[fields]], tokens.rows()[fields]
    known = np.zeros((4, len(tokens)), np.uint64)
    known[0] = _any_of(tag, rows, len(tokens))
    known[3] = _entry_maps(tokens, compiled)
    unsettled = np.arange(len(tokens))
    while len(unsettled):
        kind, wanted = _judged(known[:, unsettled], compiled)
        kinds[unsettled] = kind
        unsettled, wanted = unsettled[kind < 0], wanted[kind < 0]
        looked = np.zeros(len(tokens), np.uint64)
        looked[unsettled] = wanted
        known[1] |= looked
        at = np.flatnonzero(tag & looked[rows])
        known[2] |= _any_of(fitting(tokens, fields[at], compiled), rows[at], len(tokens))
    return kinds


def _entry_maps(tokens: Tokens, compiled: Sniffer) -> Bits:
    """What leader/20-23 speaks for: 0 the UNIMARC family, 1 nothing, 2 MARC 21."""
    maps = np.ascontiguousarray(tokens.leader[:, _ENTRY_MAP]).view("<u4").reshape(-1)
    speaks = np.ones(len(tokens), np.uint64)
    for key, points in compiled.entry_map:
        speaks[maps == int.from_bytes(key, "little")] = (points > 0) - (points < 0) + 1
    return speaks


def _judged(known: Bits, compiled: Sniffer) -> tuple[npt.NDArray[np.int8], Bits]:
    """`_judge` for many records; each different case is judged once."""
    code = np.zeros(known.shape[1], np.int64)
    for line in known:
        if (line != line[0]).any():
            values, number = np.unique(line, return_inverse=True)
            code = code * len(values) + number
    _, first, group = np.unique(code, return_index=True, return_inverse=True)
    cases = known[:, first].T.tolist()
    judged = [_judge(_Known(tags, looked, found, speaks - 1), compiled) for tags, looked, found, speaks in cases]
    return np.array([kind for kind, _ in judged], np.int8)[group], np.array([tag for _, tag in judged], np.uint64)[
        group
    ]
