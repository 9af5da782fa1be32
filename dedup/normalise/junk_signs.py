"""Titles worth a second look, told by cheap signs over a whole column; what they are is judged one by one (`junk`)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import holding, lengths, matching, text
from dedup.normalise.mojibake import BETWEEN, rank_of
from dedup.normalise.mojibake_bytes import Signs, as_gbk, signs
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
_PLANE, _HAN = 0x10000, (0x3400, 0xFB00)
# What a wrong character set makes of text: signs and letters up to kana, Han characters, the private area, wide forms.
_MADE = frozenset((*range(0xA0, 0x3100), *range(0x4E00, 0xA000), *range(0xE000, 0xF900), *range(0xFF00, 0xFFF0)))
_NOTHING, _ROUNDED = 99, 1e-2
_DIGITS = "0123456789"


def odd_titles(typed: pa.StringArray, rules: RuleSet) -> Mask:
    """Mask of the titles that may be spoilt, hold codes of subfields, or be a number. No value may be null."""
    outside = ~np.asarray(pc.string_is_ascii(typed))
    odd = _number_like(typed, rules) | matching(typed, _sign_pattern(rules), holding(typed, _first_signs(rules)))
    return odd | matching(typed, _latin_pattern(rules), outside) | _unusual(typed, outside, rules)


def _number_like(typed: pa.StringArray, rules: RuleSet) -> Mask:
    """Hardly a letter, and a figure."""
    limits = rules.tables["junk"]["number"]
    short = holding(typed, _DIGITS) & (lengths(typed) <= limits["longest"])
    return matching(typed, rf"^\PL*(?:\pL\PL*){{0,{limits['most_letters']}}}$", short)


@cache
def _first_signs(rules: RuleSet) -> str:
    codes: dict[str, str] = rules.tables["junk"]["codes"]
    return "?{" + codes["signs"] + codes["halves"] + "".join(sorted(signs(rules).lost))


@cache
def _sign_pattern(rules: RuleSet) -> str:
    """RE2: question marks in a row, a sign of a lost character, a code of EACC, a sign that may mark a code."""
    codes = rules.tables["junk"]["codes"]
    marks = "".join(sorted({*codes["signs"], *codes["halves"]}))
    return rf"\?[\s\pP]*\?|[{''.join(sorted(signs(rules).lost))}]|\{{[0-9A-Fa-f]{{6}}\}}|[{re.escape(marks)}]"


@cache
def _latin_pattern(rules: RuleSet) -> str:
    """RE2: signs that follow each other where bytes were read as Latin-1, and the first sign of ANSEL."""
    high = "".join(bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0))
    after = rf"\x{{80}}-\x{{BF}}{high}"
    ansel = "".join(rules.tables["mojibake"]["ansel"]["first"])
    return rf"[\x{{C2}}-\x{{F4}}][{after}]|[\x{{80}}-\x{{FF}}{high}]{{3}}|[{ansel}]\S"


@dataclass(frozen=True, slots=True)
class _Table:
    """A number for each code point, worked out when it is first met: a file has few of the many that there are."""

    of: Callable[[int], float]
    known: npt.NDArray[np.float32] = field(default_factory=lambda: np.full(_PLANE, np.nan, np.float32))

    def look_up(self, codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
        """The numbers of some code points."""
        found = self.known[codes]
        new = np.isnan(found)
        if not new.any():
            return found
        for code in np.unique(codes[new]).tolist():
            self.known[code] = self.of(code)
        return self.known[codes]


@cache
def _ranks(rules: RuleSet) -> _Table:
    """The rank of each code point (`mojibake.rank_of`)."""
    known = signs(rules)
    rare = math.log2(known.numbers["rank_rare"])

    def rank(code: int) -> float:
        """Code points that no wrong character set makes are rare Han characters, or nothing."""
        return rank_of(chr(code), known) if code in _MADE else rare * (0x3100 <= code < _HAN[1])

    return _Table(rank)


@cache
def _turned(rules: RuleSet) -> tuple[_Table, ...]:
    """For each kind of one Chinese character set taken for another the rank of what each code point was meant to be.

    Both sets have two bytes for a character, so that each stands for one, whatever stands beside it.
    """
    known = signs(rules)
    return tuple(_Table(partial(_meant_rank, kind, known)) for kind in BETWEEN)


def _meant_rank(kind: str, known: Signs, code: int) -> float:
    if code < 0x80:
        return 0
    meant = next(one["meant"] for one in known.kinds if one["id"] == kind)
    try:
        signs_meant = (BETWEEN[kind](chr(code)) or b"\xff").decode(meant) if code in _MADE else ""
    except UnicodeDecodeError:
        return _NOTHING
    return rank_of(signs_meant, known) if len(signs_meant) == 1 else _NOTHING


def _unusual(typed: pa.StringArray, outside: Mask, rules: RuleSet) -> Mask:
    """Titles of unusual Han characters on the whole that may be UTF-8, or usual ones of another character set."""
    found = np.zeros(len(typed), np.bool_)
    at = np.flatnonzero(outside)
    if not len(at):
        return found
    some = pc.replace_substring(typed.take(pa.array(at)), "\n", " ")
    lines = pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(some)], pa.int32()), some), text("\n"))[0].as_py()
    codes = np.minimum(np.frombuffer(f"{lines}\n".encode("utf-32-le"), np.uint32), _PLANE - 1)
    begins = np.concatenate(([0], np.flatnonzero(codes == ord("\n"))[:-1] + 1))
    ranks, table = _ranks(rules).look_up(codes), rules.tables["mojibake"]
    counted = np.add.reduceat(ranks > 0, begins, dtype=np.int64)
    total = np.add.reduceat(ranks, begins, dtype=np.float64)
    han = np.logical_or.reduceat((codes >= _HAN[0]) & (codes < _HAN[1]), begins)
    strange = han & (total >= table["least_typed"] * counted - _ROUNDED)
    rare = np.logical_or.reduceat(ranks >= math.log2(table["rank_rare"]), begins)
    found[at] = strange & rare & _like_utf8(codes, begins, rules)
    # Few titles are strange: only what these hold is turned back.
    lengths_of = np.diff(np.append(begins, len(codes)))
    codes = codes[np.repeat(strange, lengths_of)]
    begins = np.cumsum(lengths_of[strange]) - lengths_of[strange]
    best = max(table[name]["restored"] for name in ("odd", "odd_short", "plain"))
    for turned in _turned(rules) if len(codes) else ():
        meant = turned.look_up(codes)
        restored = np.add.reduceat(meant, begins, dtype=np.float64)
        found[at[strange]] |= restored <= best * np.add.reduceat(meant > 0, begins, dtype=np.int64) + _ROUNDED
    return found


@cache
def _leads(rules: RuleSet) -> _Table:
    """Code points (1) whose first byte in GBK begins a character of three bytes in UTF-8, as Han characters do."""
    return _Table(lambda code: code in _MADE and 0xE2 <= (as_gbk(chr(code)) or b"\0")[0] <= 0xEF)


def _like_utf8(codes: npt.NDArray[np.uint32], begins: npt.NDArray[np.int64], rules: RuleSet) -> Mask:
    """Titles with a sign that may be the beginning of two characters in UTF-8: every third byte begins one."""
    found: Mask = np.logical_or.reduceat(_leads(rules).look_up(codes) > 0, begins)
    return found
