"""Whole columns of Han text as code points: which values are plain, and the plain names in statements, all at once.

What is not plain goes through `han_statement.read_han`, one value after the other; both give the same keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import text
from dedup.normalise.han_statement import han_tails
from dedup.normalise.subfield import Ints
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint32]

_LINE, _HAN, _COMMA, _SPACE, _OTHER = range(5)
_RANGES = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
_BYTES = 3  # of a Han character of these ranges in UTF-8
_WEAK_FROM, _LONGEST = 3, 4  # characters of a name: `han_statement` cuts weak role words off longer ones
_PAIR = 32  # bits of one code point in a number made of two
# What may follow what in a plain statement: names set apart by commas.
_FOLLOWS = np.zeros((5, 5), np.bool_)
for _one, _two in ((_LINE, _HAN), (_HAN, _HAN), (_HAN, _COMMA), (_COMMA, _HAN), (_HAN, _LINE)):
    _FOLLOWS[_one, _two] = True


@cache
def _classes(rules: RuleSet) -> npt.NDArray[np.uint8]:
    """For each code point what it is; a character that has a simplified form is no plain one."""
    table = np.full(0x110000, _OTHER, np.uint8)
    for low, high in _RANGES:
        table[low:high] = _HAN
    table[[ord(sign) for sign in rules.characters]] = _OTHER
    table[[ord(sign) for sign in ",，、"]] = _COMMA
    table[[ord("\n"), ord(" ")]] = _LINE, _SPACE
    return table


def _codes(values: pa.StringArray) -> Codes:
    """The code points of all values, a newline in front and behind each. A newline inside a value makes it odd."""
    lines = pc.binary_join(
        pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), pc.replace_substring(values, "\n", "\r")),
        text("\n"),
    )
    return np.frombuffer(f"\n{lines[0].as_py()}\n".encode("utf-32-le"), np.uint32)


def plain_han(values: pa.StringArray, rules: RuleSet) -> Mask:
    """Mask of the values that are Han characters without simplified form and nothing else. No value may be null."""
    plain = np.zeros(len(values), np.bool_)
    at = np.flatnonzero(~np.asarray(pc.string_is_ascii(values)))
    if len(at):
        kinds = _classes(rules)[_codes(values.take(pa.array(at)))]
        odd = np.cumsum(kinds > _HAN)[kinds == _LINE]
        plain[at] = np.diff(odd) == 0
    return plain


@dataclass(frozen=True, slots=True)
class HanNames:
    """Names in plain statements: place of the statement in the column, key, kind (place in `HanTails.kinds`).

    `plain`: mask over the column of the statements that were read.
    """

    plain: Mask
    at: Ints
    keys: pa.StringArray
    kind: Ints


def han_names(values: pa.StringArray, rules: RuleSet) -> HanNames:
    """Read the plain statements of a column: `余琴健, 田国, 许健丽编著`; all names do what the last word says."""
    plain = np.zeros(len(values), np.bool_)
    tails = han_tails(rules)
    candidates = ~np.asarray(pc.string_is_ascii(values))
    candidates &= ~np.asarray(pc.match_substring_regex(values, tails.bodies))
    at = np.flatnonzero(candidates)
    if not len(at):
        none = np.zeros(0, np.int64)
        return HanNames(plain, none, pa.array([], pa.string()), none)
    codes, kinds = _without_spaces(_codes(values.take(pa.array(at))), rules)
    lines = np.flatnonzero(kinds == _LINE)
    bad = np.zeros(len(kinds), np.bool_)
    bad[1:] = ~_FOLLOWS[kinds[:-1], kinds[1:]]
    han = kinds == _HAN
    start = np.flatnonzero(han[1:] & ~han[:-1]) + 1
    stop = np.flatnonzero(han[:-1] & ~han[1:]) + 1
    owner = np.searchsorted(lines, start) - 1
    last = kinds[stop] == _LINE
    stop, kind, odd = _ended(codes, (start, stop), last, _looks(rules))
    good = np.diff(np.cumsum(bad)[lines]) == 0
    good[owner[odd]] = False
    plain[at[good]] = True
    # All names of a statement take the kind of its last one.
    kinds_of = np.zeros(len(at), np.int64)
    kinds_of[owner[last]] = kind[last]
    kept = good[owner]
    owner, start, stop = owner[kept], start[kept], stop[kept]
    return HanNames(plain, at[owner], _cut(codes, start, stop), kinds_of[owner])


def _without_spaces(codes: Codes, rules: RuleSet) -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Code points and what they are, without the spaces beside a comma or at an end."""
    kinds = _classes(rules)[codes]
    spaces = np.flatnonzero(kinds == _SPACE)
    beside = np.isin(kinds[spaces - 1], (_COMMA, _LINE)) | np.isin(kinds[spaces + 1], (_COMMA, _LINE))
    if not beside.any():
        return codes, kinds
    kept = np.ones(len(codes), np.bool_)
    kept[spaces[beside]] = False
    return codes[kept], kinds[kept]


@dataclass(frozen=True, slots=True)
class _Look:
    """Numbers for characters (by code point) and for pairs of characters (ascending keys, see `_pairs`)."""

    one: npt.NDArray[np.int8]
    pairs: Ints
    two: npt.NDArray[np.int8]

    def of(self, before: Codes, sign: Codes) -> npt.NDArray[np.int8]:
        """The number of each pair, or else of its second character; 0 for none."""
        found = self.one[sign]
        if len(self.pairs):
            keys = _pairs(before, sign)
            place = np.minimum(np.searchsorted(self.pairs, keys), len(self.pairs) - 1)
            same = np.flatnonzero(self.pairs[place] == keys)
            found[same] = self.two[place[same]]
        return found


def _pairs(before: Codes, sign: Codes) -> Ints:
    return before.astype(np.int64) << _PAIR | sign


def _look(words: Mapping[str, int]) -> _Look:
    one = np.zeros(0x110000, np.int8)
    for word, number in words.items():
        if len(word) == 1:
            one[ord(word)] = number
    pairs = sorted((ord(word[0]) << _PAIR | ord(word[1]), number) for word, number in words.items() if len(word) == 2)
    return _Look(one, np.array([key for key, _ in pairs], np.int64), np.array([it for _, it in pairs], np.int8))


@dataclass(frozen=True, slots=True)
class _Looks:
    """`HanTails` as tables. `role`: 1 + twice the kind, and 1 more for a word of two characters."""

    role: _Look
    weak: _Look
    odd: _Look
    heads: _Look
    body_ends: _Look


@cache
def _looks(rules: RuleSet) -> _Looks:
    tails = han_tails(rules)
    role = {word: 2 * kind + len(word) for word, kind in tails.strong.items()}
    more = (_look(dict.fromkeys(words, 1)) for words in (tails.weak, tails.odd, tails.heads, tails.body_ends))
    return _Looks(_look(role), *more)


def _ended(codes: Codes, span: tuple[Ints, Ints], last: Mask, looks: _Looks) -> tuple[Ints, Ints, Mask]:
    """Cut the role word off the last name of each statement: new ends, kinds, and the names that are no plain ones."""
    start, stop = span
    before, sign = codes[stop - 2], codes[stop - 1]
    role = looks.role.of(before, sign)
    odd = looks.odd.of(before, sign) > 0
    odd |= ~last & (role > 0)
    odd |= (stop - start > _WEAK_FROM) & (role == 0) & (looks.weak.of(before, sign) > 0)
    again = np.flatnonzero(role)
    stop = stop.copy()
    stop[again] -= 2 - (role[again] & 1)
    before, sign = codes[stop[again] - 2], codes[stop[again] - 1]
    odd[again] |= (looks.role.of(before, sign) > 0) | (looks.odd.of(before, sign) > 0)
    size = stop - start
    odd |= (size < 2) | (size > _LONGEST)
    odd |= looks.heads.of(codes[start], codes[start + 1]) > 0
    odd |= (size > 2) & (looks.body_ends.one[codes[stop - 1]] > 0)
    return stop, np.maximum(role.astype(np.int64) - 1, 0) >> 1, odd


def _cut(codes: Codes, start: Ints, stop: Ints) -> pa.StringArray:
    """The stretches of Han characters as strings."""
    sizes = stop - start
    edges = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=edges[1:])
    place = np.arange(edges[-1]) + np.repeat(start - edges[:-1], sizes)
    data = codes[place].tobytes().decode("utf-32-le").encode()
    offsets = (edges * _BYTES).astype(np.int32)
    return pa.StringArray.from_buffers(len(sizes), pa.py_buffer(offsets), pa.py_buffer(data))
