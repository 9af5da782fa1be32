"""Titles worth a second look, told by cheap signs over a whole column; what they are is judged one by one (`junk`)."""

from __future__ import annotations

import math
import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import holding, lengths, matching, text
from dedup.normalise.mojibake import BETWEEN, rank_of
from dedup.normalise.mojibake_bytes import as_gbk, signs
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
_PLANE, _HAN = 0x10000, (0x3400, 0xFB00)
# What a wrong character set makes of text: signs and letters up to kana, Han characters, the private area, wide forms.
_MADE = (*range(0xA0, 0x3100), *range(0x4E00, 0xA000), *range(0xE000, 0xF900), *range(0xFF00, 0xFFF0))
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


@cache
def _ranks(rules: RuleSet) -> npt.NDArray[np.float32]:
    """The rank of each code point (`mojibake.rank_of`)."""
    known, ranks = signs(rules), np.zeros(_PLANE, np.float32)
    ranks[0x3100 : _HAN[1]] = math.log2(known.numbers["rank_rare"])
    for code in _MADE:
        ranks[code] = rank_of(chr(code), known)
    return ranks


@cache
def _turned(rules: RuleSet) -> npt.NDArray[np.float32]:
    """For each kind of one Chinese character set taken for another the rank of what each code point was meant to be.

    Both sets have two bytes for a character, so that each stands for one, whatever stands beside it.
    """
    known = signs(rules)
    turned = np.zeros((len(BETWEEN), _PLANE), np.float32)
    for row, (kind, encode) in zip(turned, BETWEEN.items(), strict=True):
        meant = next(one["meant"] for one in known.kinds if one["id"] == kind)
        row[0x80:] = _NOTHING
        for code in _MADE:
            try:
                signs_meant = (encode(chr(code)) or b"\xff").decode(meant)
                row[code] = rank_of(signs_meant, known) if len(signs_meant) == 1 else _NOTHING
            except UnicodeDecodeError:
                row[code] = _NOTHING
    return turned


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
    ranks, table = _ranks(rules)[codes], rules.tables["mojibake"]
    counted = np.add.reduceat(ranks > 0, begins, dtype=np.int64)
    total = np.add.reduceat(ranks, begins, dtype=np.float64)
    han = np.logical_or.reduceat((codes >= _HAN[0]) & (codes < _HAN[1]), begins)
    strange = han & (total >= table["least_typed"] * counted - _ROUNDED)
    rare = np.logical_or.reduceat(ranks >= math.log2(table["rank_rare"]), begins)
    best = max(table[name]["restored"] for name in ("odd", "odd_short", "plain"))
    for turned in _turned(rules):
        meant = turned[codes]
        restored = np.add.reduceat(meant, begins, dtype=np.float64)
        found[at] |= strange & (restored <= best * np.add.reduceat(meant > 0, begins, dtype=np.int64) + _ROUNDED)
    found[at] |= strange & rare & _like_utf8(codes, begins, rules)
    return found


@cache
def _leads(rules: RuleSet) -> Mask:
    """Code points whose first byte in GBK begins a character of three bytes in UTF-8, as Han characters do."""
    leads = np.zeros(_PLANE, np.bool_)
    for code in _MADE:
        leads[code] = 0xE2 <= (as_gbk(chr(code)) or b"\0")[0] <= 0xEF
    return leads


def _like_utf8(codes: npt.NDArray[np.uint32], begins: npt.NDArray[np.int64], rules: RuleSet) -> Mask:
    """Titles with a sign that may be the beginning of two characters in UTF-8: every third byte begins one."""
    found: Mask = np.logical_or.reduceat(_leads(rules)[codes], begins)
    return found
