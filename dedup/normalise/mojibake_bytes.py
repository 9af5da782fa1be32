"""The table of `rules/mojibake.toml` made ready, and texts as the bytes they were read from by mistake."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.rules import RuleSet

# Windows reads byte 80 alone as the euro sign; GB 18030 has it elsewhere.
_EURO = "\u20ac"
# Where Windows puts the bytes C6A1 to C8FE of Big5, which have no character: 157 places in each row, A1 the 64th.
_OWN, _OWN_FROM, _OWN_ROW, _OWN_LOW = 0xF6B1, 0xC6, 157, 63
_PLACES = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]


@dataclass(frozen=True, slots=True, eq=False)
class Signs:
    """`rules/mojibake.toml` made ready. `rank`: log2 of the place among the frequent characters, both scripts."""

    numbers: Mapping[str, float]
    common: frozenset[str]
    rank: Mapping[str, float]
    ranks: Mapping[str, Mapping[str, float]]
    traditional: frozenset[str]
    lost: frozenset[str]
    ansel: re.Pattern[str]
    ansel_bytes: Mapping[str, int]
    kinds: tuple[Mapping[str, Any], ...]


def _characters(ranges: Iterable[tuple[int, int]], encoding: str) -> set[str]:
    """The characters of two-byte codes between the given ends, row by row from the first to the last column."""
    found = set()
    for first, last in ranges:
        for code in range(first, last + 1):
            try:
                found.add(code.to_bytes(2, "big").decode(encoding))
            except UnicodeDecodeError:
                continue
    return {character for character in found if len(character) == 1}


@cache
def signs(rules: RuleSet) -> Signs:
    """The table made ready, once."""
    table = rules.tables["mojibake"]
    common = set[str]()
    for encoding, ranges in table["common"].items():
        common |= _characters(ranges, encoding)
    rank = {
        character: math.log2(place)
        for place, character in enumerate("".join(table["frequent"]["characters"].split()), 2)
    }
    rank |= {old: rank[new] for old, new in rules.characters.items() if new in rank and old not in rank}
    ansel, begins = table["ansel"], table["ansel"]["second_begins"]
    second = {sign: begins + place for place, sign in enumerate(ansel["second"]) if sign != "\0"}
    pattern = f"([{''.join(ansel['first'])}])([{re.escape(''.join(second))}])"
    return Signs(
        {name: value for name, value in table.items() if isinstance(value, int | float)},
        frozenset(common),
        rank,
        {name: table[name] for name in ("odd", "odd_short", "plain")},
        frozenset(rules.characters),
        frozenset(table["lost"]["signs"]),
        re.compile(pattern),
        {**ansel["first"], **second},
        tuple(table["kind"]),
    )


def as_latin(title: str) -> bytes | None:
    """The bytes of a text that was read as Windows-1252, its unused places as in Latin-1; None when it was not."""
    try:
        return title.encode("cp1252")
    except UnicodeEncodeError:
        pass
    parts = []
    for sign in title:
        if ord(sign) < 0x100:
            parts.append(bytes([ord(sign)]))
        else:
            try:
                parts.append(sign.encode("cp1252"))
            except UnicodeEncodeError:
                return None
    return b"".join(parts)


def as_gbk(title: str) -> bytes | None:
    """The bytes of a text that was read as GBK on Windows; None when it holds what GBK cannot."""
    parts = []
    for sign in title:
        if sign == _EURO:
            parts.append(b"\x80")
            continue
        try:
            code = sign.encode("gb18030")
        except UnicodeEncodeError:
            return None
        if len(code) > 2:
            return None
        parts.append(code)
    return b"".join(parts)


def as_big5(title: str) -> bytes | None:
    """The bytes of a text that was read as Big5 on Windows; None when it holds what Big5 cannot."""
    parts = []
    for sign in title:
        place = ord(sign) - _OWN + _OWN_LOW
        if _OWN_LOW <= place < 3 * _OWN_ROW:
            parts.append(bytes([_OWN_FROM + place // _OWN_ROW, _PLACES[place % _OWN_ROW]]))
            continue
        try:
            parts.append(sign.encode("cp950"))
        except UnicodeEncodeError:
            return None
    return b"".join(parts)
