"""Look at the first bytes of many strings at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]


def window(column: pa.StringArray, width: int) -> tuple[Bytes, Ints]:
    """The first `width` bytes of each string as rows of a matrix, zeros behind the end, and the lengths in bytes.

    Null counts as the empty string.
    """
    _, edge_buffer, data = column.buffers()
    wide = pa.types.is_large_string(column.type)
    edges = np.frombuffer(edge_buffer, np.int64 if wide else np.int32)[column.offset : column.offset + len(column) + 1]
    start, lengths = edges[:-1].astype(np.int64), np.diff(edges).astype(np.int64)
    content = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    if not len(content):
        return np.zeros((len(column), width), np.uint8), lengths
    if len(lengths) and lengths[0] and (lengths == lengths[0]).all():
        # All of one length, as leaders are: the bytes are a matrix as they stand.
        size = int(lengths[0])
        whole = content[start[0] : start[0] + size * len(lengths)].reshape(-1, size)[:, :width]
        return (np.pad(whole, ((0, 0), (0, width - size))) if width > size else whole), lengths
    steps = np.arange(width)
    matrix = content[np.minimum(start[:, None] + steps, len(content) - 1)]
    matrix[steps >= lengths[:, None]] = 0
    return matrix, lengths


def number_at(matrix: Bytes, begin: int, width: int) -> Ints:
    """The decimal number in columns `begin` to `begin + width` of each row; -1 where not all are digits."""
    digits = matrix[:, begin : begin + width].astype(np.int64) - ord("0")
    good = ((digits >= 0) & (digits <= 9)).all(axis=1)
    return np.where(good, digits @ (10 ** np.arange(width - 1, -1, -1, dtype=np.int64)), -1)


def among(signs: Bytes, letters: str) -> npt.NDArray[np.bool_]:
    """Mask of the bytes that are one of some ASCII letters."""
    table = np.zeros(256, np.bool_)
    table[list(letters.encode())] = True
    return table[signs]


_LETTERS = pa.array(["", *(chr(code) for code in range(1, 128)), *[""] * 128], pa.string())


def letters(signs: Bytes) -> pa.StringArray:
    """Bytes as strings of one ASCII character; empty for zero and for a byte outside ASCII."""
    return _LETTERS.take(pa.array(signs))
