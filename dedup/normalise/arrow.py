"""Typed Arrow constants and small joins.

A scalar without a type makes Arrow guess one, which costs some 70 microseconds each time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

EMPTY = pa.scalar("", pa.string())
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
