"""Folding of whole columns: `text_fold.fold` in one pass over the code points of many values.

Rows of ASCII alone are mapped byte by byte; the others are widened to one code point per cell. Rows with kana voice
marks typed apart or Hangul letters, and rows with Chinese ordinals, are few and go through the plain functions.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import EMPTY, TRUE, lengths, scattered, text, text_or_empty
from dedup.normalise.text_fold import arabic_ordinals, fold
from dedup.normalise.text_table import (
    BLANK,
    DASH,
    DOT,
    HAN,
    NEWLINE,
    SIZE,
    SPACE,
    WORD,
    FoldTable,
    fold_table,
)
from dedup.rules import RuleSet

# Code points (uint32) or ASCII bytes (uint8) of many values: a newline before the first value and after each.
Codes = npt.NDArray[Any]
Rows = npt.NDArray[np.bool_]

_NEWLINE = text("\n")
_LETTERS = (ord("a"), ord("z"))
# Rows folded at a time, so that the working arrays stay in the processor's cache.
_ROWS = 4096


def fold_column(column: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    """`fold` of every value of a string column. Null stays null."""
    if len(column) == 0:
        return pa.array([], pa.string())
    if column.null_count == 0 and len(filled := np.flatnonzero(lengths(column))) < len(column) // 2:
        some = fold_column(column.take(pa.array(filled)), rules)
        return scattered(some, filled, len(column))
    table = fold_table(rules)
    ascii_only = pc.fill_null(pc.string_is_ascii(column), TRUE)
    if pc.all(ascii_only).as_py():
        return _with_nulls(_pieces(column, table), column)
    wide = pc.invert(ascii_only)
    folded = _pieces(column.filter(ascii_only), table)
    wider = _arabic_column(_recomposed(column.filter(wide), table, rules), rules)
    return _with_nulls(_interleaved(folded, wider, np.asarray(wide)), column)


def skeleton_column(column: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    """`skeleton` of every value of a string column. Null stays null."""
    return bare_column(fold_column(column, rules))


def bare_column(folded: pa.StringArray) -> pa.StringArray:
    """Skeletons of a column that is folded already. Null stays null."""
    if len(folded) == 0:
        return pa.array([], pa.string())
    if folded.null_count == 0 and len(filled := np.flatnonzero(lengths(folded))) < len(folded) // 2:
        return scattered(bare_column(folded.take(pa.array(filled))), filled, len(folded))
    lines = _lines(folded)
    bare = np.frombuffer(lines.translate(None, b" .-"), np.uint8)
    return _with_nulls(_column(bare, len(folded)), folded)


def _with_nulls(folded: pa.StringArray, column: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pc.is_null(column), pa.scalar(None, pa.string()), folded) if column.null_count else folded


def _interleaved(folded: pa.StringArray, wider: pa.StringArray, wide: Rows) -> pa.StringArray:
    """Put two columns together: row i from the second where the mask says so, else from the first."""
    place = np.where(wide, len(folded) + np.cumsum(wide) - 1, np.cumsum(~wide) - 1)
    return pa.concat_arrays([folded, wider]).take(pa.array(place))


def _lines(column: pa.StringArray) -> bytes:
    """All values as UTF-8, each closed by a newline; a newline inside a value becomes a space, null is empty."""
    plain = text_or_empty(column)
    joined = _joined(plain)
    if joined.count(b"\n") != len(column):
        joined = _joined(pc.replace_substring(plain, "\n", " "))
    return joined


def _joined(column: pa.StringArray) -> bytes:
    lines = pc.binary_join_element_wise(column, EMPTY, _NEWLINE)
    _, offsets, data = lines.buffers()
    edges = np.frombuffer(offsets, np.int32)
    return bytes(memoryview(data)[int(edges[lines.offset]) : int(edges[lines.offset + len(lines)])])


def _column(data: npt.NDArray[np.uint8], rows: int) -> pa.StringArray:
    """UTF-8 with a newline after each value as a string column."""
    ends = np.flatnonzero(data == NEWLINE)
    offsets = np.zeros(rows + 1, np.int32)
    offsets[1:] = ends - np.arange(rows)
    joined = data.tobytes().translate(None, b"\n")
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets.tobytes()), pa.py_buffer(joined))


def _pieces(column: pa.StringArray, table: FoldTable) -> pa.StringArray:
    """Fold a column of ASCII values, some rows at a time."""
    parts = [_folded_ascii(column.slice(at, _ROWS), table) for at in range(0, len(column), _ROWS)]
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def _folded_ascii(column: pa.StringArray, table: FoldTable) -> pa.StringArray:
    signs = table.ascii
    text = b"\n" + _lines(column)
    for sign, word in signs.words:
        text = text.replace(sign, word)
    codes = np.frombuffer(bytearray(text.translate(signs.mapped, signs.dropped)), np.uint8)
    codes = _space(_mark(codes, table), table)
    return _column(codes[1:], len(column))


def _recomposed(column: pa.StringArray, table: FoldTable, rules: RuleSet) -> pa.StringArray:
    """Fold a column of any values, some rows at a time. Rows of simplified Han characters alone stay as they are."""
    parts = []
    for at in range(0, len(column), _ROWS):
        piece = column.slice(at, _ROWS)
        codes = _points(piece)
        stays = (table.single[codes] == codes) & (table.kinds[codes] == HAN)
        ends = np.flatnonzero(codes == NEWLINE)
        plain = np.diff(np.cumsum(stays)[ends]) == np.diff(ends) - 1
        if not plain.any():
            parts.append(_composed(piece, codes, table, rules))
        elif plain.all():
            parts.append(text_or_empty(piece))
        else:
            some = piece.filter(pa.array(~plain))
            folded = _composed(some, _points(some), table, rules)
            parts.append(_interleaved(text_or_empty(piece.filter(pa.array(plain))), folded, ~plain))
    return pa.concat_arrays(parts)


def _composed(column: pa.StringArray, points: Codes, table: FoldTable, rules: RuleSet) -> pa.StringArray:
    """Fold a column of any values, given its code points as well."""
    codes, composing = _widened(points, len(column), table)
    codes = _space(_mark(codes, table), table)
    data = np.frombuffer(str(memoryview(codes[1:].tobytes()), "utf-32-le").encode("utf-8"), np.uint8)
    return _recompute(_column(data, len(column)), column, composing, rules)


def _points(column: pa.StringArray) -> Codes:
    """The code points of all values, a newline in front and behind each."""
    return np.frombuffer(("\n" + str(_lines(column), "utf-8")).encode("utf-32-le"), np.uint32)


def _widened(codes: Codes, count: int, table: FoldTable) -> tuple[Codes, Rows]:
    """The folded code points of so many values, and the rows with characters that join with the one before."""
    mapped = table.single[codes]
    mapped[codes == NEWLINE] = NEWLINE
    mapped = _expanded(mapped, table)
    mapped = mapped[mapped != 0]
    joins = np.flatnonzero(table.composing[mapped])
    rows = np.zeros(count, np.bool_)
    if len(joins):
        rows[np.searchsorted(np.flatnonzero(mapped == NEWLINE), joins) - 1] = True
    return mapped, rows


def _expanded(mapped: Codes, table: FoldTable) -> Codes:
    """Put in the code points that fold into several."""
    at = np.flatnonzero(mapped >= SIZE)
    if len(at) == 0:
        return mapped
    which, back = np.unique(mapped[at] - SIZE, return_inverse=True)
    words = [np.frombuffer(table.several[index].encode("utf-32-le"), np.uint32) for index in which]
    counts = np.ones(len(mapped), np.int64)
    counts[at] = np.array([len(word) for word in words])[back]
    expanded = np.repeat(mapped, counts)
    expanded[expanded >= SIZE] = np.concatenate([words[index] for index in back])
    return expanded


def _mark(codes: Codes, table: FoldTable) -> Codes:
    """Blank out the dots, dashes and attached signs that do not belong to a word."""
    at = np.flatnonzero((codes == DOT) | (codes == DASH))
    before, after = table.kinds[codes[at - 1]], table.kinds[codes[at + 1]]
    dot = codes[at] == DOT
    kept = ((before == WORD) | (dot & (before == HAN))) & ((after == WORD) | (dot & (after == HAN)))
    codes[at[~kept]] = SPACE
    signs = _attached(codes, table)
    if len(signs) == 0:
        return codes
    first = np.concatenate(([True], np.diff(signs) > 1))
    run = np.cumsum(first) - 1
    last = np.concatenate((first[1:], [True]))
    low, high = _LETTERS
    previous, following = codes[signs[first] - 1], codes[signs[last] + 1]
    good = (previous >= low) & (previous <= high) & ~((following >= low) & (following <= high))
    codes[signs[~good[run]]] = SPACE
    return codes


def _attached(codes: Codes, table: FoldTable) -> npt.NDArray[np.int64]:
    """Places of the signs that may belong to the word before them (c++, c#)."""
    found = np.zeros(len(codes), np.bool_)
    for sign in table.attached:
        found |= codes == sign
    return np.flatnonzero(found)


def _space(codes: Codes, table: FoldTable) -> Codes:
    """Keep one space between words that use spaces; keep the newlines."""
    blank = codes == SPACE
    spaces = np.flatnonzero(blank)
    # The first space of each run, and where the run ends.
    first = np.ones(len(spaces), np.bool_)
    first[1:] = np.diff(spaces) > 1
    starts = spaces[first]
    ends = spaces[np.concatenate((first[1:], np.ones(min(1, len(spaces)), np.bool_)))] + 1
    before, after = table.kinds[codes[starts - 1]], table.kinds[codes[ends]]
    good = (before != BLANK) & (before != HAN) & (after != BLANK) & (after != HAN)
    blank[starts[good]] = False
    spaced: Codes = codes[~blank]
    return spaced


def _recompute(folded: pa.StringArray, column: pa.StringArray, rows: Rows, rules: RuleSet) -> pa.StringArray:
    """Replace the rows under the mask by what `fold` gives."""
    if not rows.any():
        return folded
    mask = pa.array(rows)
    values = [fold(value or "", rules) for value in column.filter(mask).to_pylist()]
    return pc.replace_with_mask(folded, mask, pa.array(values, pa.string()))


@cache
def _ordinal_pattern(rules: RuleSet) -> str:
    words = rules.tables["text"]["numerals"]
    return f"{words['ordinal']}[{words['digits']}{words['tens']}]|[{words['digits']}]{{4}}{words['year']}"


def _arabic_column(folded: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    mask = pc.match_substring_regex(folded, _ordinal_pattern(rules))
    if not pc.any(mask).as_py():
        return folded
    values = [arabic_ordinals(value, rules) for value in folded.filter(mask).to_pylist()]
    return pc.replace_with_mask(folded, mask, pa.array(values, pa.string()))
