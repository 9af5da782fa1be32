"""Typed Arrow constants and small joins.

A scalar without a type makes Arrow guess one, which costs some 70 microseconds each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

EMPTY = pa.scalar("", pa.string())
# Characters from which on a pattern is a long one.
_LONG = 400
TRUE = pa.scalar(True, pa.bool_())


def text(value: str) -> pa.Scalar:
    """A string constant."""
    return pa.scalar(value, pa.string())


def text_or_empty(column: pa.StringArray) -> pa.StringArray:
    """The column with empty strings for nulls."""
    return pc.fill_null(column, EMPTY) if column.null_count else column


def lengths(column: pa.StringArray) -> npt.NDArray[np.int64]:
    """Bytes of each value; 0 for null."""
    return np.asarray(pc.binary_length(text_or_empty(column))).astype(np.int64)


def scattered(values: pa.StringArray, at: npt.NDArray[np.int64], rows: int) -> pa.StringArray:
    """A column of `rows` values, empty but for the given values at the given (ascending) rows."""
    sizes = np.zeros(rows, np.int64)
    sizes[at] = lengths(values)
    edges = np.zeros(rows + 1, np.int32)
    np.cumsum(sizes, out=edges[1:])
    _, offsets, data = values.buffers()
    begin = int(np.frombuffer(offsets, np.int32)[values.offset]) if len(values) else 0
    content = pa.py_buffer(b"") if data is None else data.slice(begin, int(edges[-1]))
    return pa.StringArray.from_buffers(rows, pa.py_buffer(edges.tobytes()), content)


def glued(*columns: pa.StringArray | pa.Scalar, separator: str = "") -> pa.StringArray:
    """Columns and constants put together row by row."""
    return pc.binary_join_element_wise(*columns, text(separator))


def _bytes(column: pa.StringArray) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The bytes of all values and where each begins and ends in them."""
    _, offsets, data = column.buffers()
    edges = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    if data is None or not len(column):
        return np.zeros(0, np.uint8), np.zeros(len(column) + 1, np.int32)
    return np.frombuffer(data, np.uint8)[int(edges[0]) : int(edges[-1])], edges - edges[0]


def holding(column: pa.StringArray, signs: str, final: str = "") -> npt.NDArray[np.bool_]:
    """Mask of the values that may hold one of some signs, told by the first byte of each; no sign that is there is
    overlooked. An ASCII sign of `final` at the very end of a value, behind a space, does not count.
    """
    data, edges = _bytes(column)
    table = np.zeros(256, np.bool_)
    table[[sign.encode()[0] for sign in signs]] = True
    at = np.flatnonzero(table[data])
    if not len(at):
        return np.zeros(len(column), np.bool_)
    row = np.searchsorted(edges, at, side="right") - 1
    if final and len(at):
        ended = np.zeros(256, np.bool_)
        ended[list(final.encode())] = True
        last = (at + 1 == edges[row + 1]) & ended[data[at]] & (data[at - 1] == ord(" ")) & (at > edges[row])
        row = row[~last]
    found = np.zeros(len(column), np.bool_)
    found[row] = True
    return found


_NO_WORD = b"0123456789Xx"
_WORDED = np.array([byte > 127 or (chr(byte).isalpha() and byte not in _NO_WORD) for byte in range(256)], np.bool_)


def worded(column: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Mask of the values with a letter that is no check digit of an ISBN, or with any sign outside ASCII."""
    data, edges = _bytes(column)
    found = np.zeros(len(column), np.bool_)
    found[np.searchsorted(edges, np.flatnonzero(_WORDED[data]), side="right") - 1] = True
    return found


def firsts(words: Iterable[str]) -> str:
    """The first characters of words, for `holding`."""
    return "".join(sorted({word[0] for word in words}))


def beginning(column: pa.StringArray, signs: str) -> npt.NDArray[np.bool_]:
    """Mask of the values whose first byte is that of one of some signs, in either case."""
    data, edges = _bytes(column)
    table = np.zeros(256, np.bool_)
    table[[sign.encode()[0] for sign in signs.lower() + signs.upper()]] = True
    found = edges[1:] > edges[:-1]
    found[found] = table[data[edges[:-1][found]]]
    return found


def matching(column: pa.StringArray, pattern: str, where: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Mask of the values that match a pattern (RE2), looked for only where the given mask says it may be."""
    found = np.zeros(len(column), np.bool_)
    at = np.flatnonzero(where)
    if len(at):
        found[at] = matches(column.take(pa.array(at)), pattern)
    return found


def matches(column: pa.StringArray, pattern: str) -> npt.NDArray[np.bool_]:
    r"""Mask of the values in which a pattern is found. No value may be null.

    Arrow compiles a pattern each time, which takes milliseconds for a long one; Polars keeps it. The pattern must mean
    the same to both: no `\b` or `\w` in a long one.
    """
    if len(pattern) < _LONG:
        return np.asarray(pc.match_substring_regex(column, pattern)).astype(np.bool_)
    return pl.Series(column, dtype=pl.String).str.contains(pattern).to_numpy()


def one_of(values: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Mask of the numbers that are among the wanted ones, both of one type."""
    return np.asarray(pc.is_in(pa.array(values), value_set=pa.array(wanted)))


_ALIKE = bytes(ord("0") if chr(code).isdigit() and code < 128 else code for code in range(256))


def one_digit(column: pa.StringArray) -> pa.StringArray:
    """The column with a 0 for every ASCII digit: texts that differ in their numbers alone become one."""
    _, offsets, data = column.buffers()
    if data is None or column.null_count:
        return pc.replace_substring_regex(column, "[0-9]", "0")
    edges = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    begin, end = int(edges[0]), int(edges[-1])
    plain = bytes(memoryview(data)[begin:end]).translate(_ALIKE)
    return pa.StringArray.from_buffers(len(column), pa.py_buffer(edges - edges[0]), pa.py_buffer(plain))
