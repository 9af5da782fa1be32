"""A 64-bit hash of what a record says: its fields but number and version (001, 005); the same everywhere.

The fields between left-out ones form stretches. A stretch, each field ended by 0x1E, is read as little-endian words
of 8 bytes, the last filled with zeros; every word counts as spread(word * A + next word * B), the next of the last
being zero. The tags of the kept fields, as words of four bytes, count alike, and so do the record's type (leader/06-08)
and the length of each stretch. The sum is spread once more (finaliser of splitmix64, Steele and others 2014).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.marc.tokens import Bytes, Ints, Tokens

Hashes = npt.NDArray[np.uint64]
_A, _B, _C = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_SPREAD = np.uint64(0xD6E8FEB86659FD93)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TYPE = slice(6, 9)
_WORD = 8


def fingerprints(tokens: Tokens, left_out: tuple[int, ...]) -> Hashes:
    """The hash of each record; `left_out` are the codes of the tags that do not count."""
    kept = np.ones(len(tokens.tag), np.bool_)
    for tag in left_out:
        kept &= tokens.tag != tag
    rows = tokens.rows()
    begin, end, owner = _stretches(tokens, rows, kept)
    total = _tag_sums(tokens, kept)
    np.add.at(total, owner, _stretch_sums(tokens, begin, end))
    total += tokens.leader[:, _TYPE].astype(np.uint64) @ np.array([1, 1 << 8, 1 << 16], np.uint64) * _C
    return mixed(total)


def mixed(value: Hashes) -> Hashes:
    """Spread 64-bit numbers over all bits (finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * _MIX_1
    value = (value ^ (value >> np.uint64(27))) * _MIX_2
    out: Hashes = value ^ (value >> np.uint64(31))
    return out


def _spread(value: Hashes) -> Hashes:
    """Mix the bits of each value, in place."""
    value ^= value >> np.uint64(32)
    value *= _SPREAD
    return value


def _stretches(tokens: Tokens, rows: Ints, kept: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Begin, end (after the 0x1E) and record of every stretch of kept fields."""
    joins = np.zeros(len(rows), np.bool_)
    if len(rows) > 1:
        joins[1:] = kept[1:] & kept[:-1] & (rows[1:] == rows[:-1])
    opens = np.flatnonzero(kept & ~joins)
    closes = np.flatnonzero(kept & ~np.append(joins[1:], False))
    return tokens.start[opens], tokens.stop[closes] + 1, rows[opens]


def _tag_sums(tokens: Tokens, kept: npt.NDArray[np.bool_]) -> Hashes:
    """The tags of the kept fields of each record, as a stretch of words with a zero after it."""
    edges = np.concatenate((np.zeros(1, np.int64), np.cumsum(kept, dtype=np.int64)))[tokens.first]
    words = tokens.tag[kept].astype(np.uint64)
    following = words * _B
    filled = edges[1:] > edges[:-1]
    begin = edges[:-1][filled]
    following[begin] = 0
    value = words * _A
    value[:-1] += following[1:]
    sums = np.zeros(len(tokens), np.uint64)
    if len(begin):
        sums[filled] = np.add.reduceat(_spread(value), begin)
    return sums


def _sums(words: Hashes, edges: Ints) -> Hashes:
    """Sums modulo 2^64 of what the words of each stretch contribute; a stretch ends with a word of zeros."""
    if len(edges) == 1:
        return np.zeros(0, np.uint64)
    value = words * _A
    value[:-1] += words[1:] * _B
    value = _spread(value)
    value[edges[1:] - 1] = 0
    sums: Hashes = np.add.reduceat(value, edges[:-1])
    return sums


def _stretch_sums(tokens: Tokens, begin: Ints, end: Ints) -> Hashes:
    """The sum of the words of each stretch, and its length."""
    length = end - begin
    filling = _WORD + -length % _WORD
    edges = np.concatenate((np.zeros(1, np.int64), np.cumsum(length + filling))) >> 3
    return _sums(aligned(tokens.data, begin, end, filling), edges) + length.astype(np.uint64) * _C


def aligned(content: Bytes, begin: Ints, end: Ints, filling: Ints) -> Hashes:
    """Stretches of a buffer as words, one after another; `filling` zero bytes (at most 16) make each of them whole."""
    size = len(content)
    data = np.concatenate((content, np.zeros(2 * _WORD, np.uint8)))
    edges = np.empty(4 * len(begin) + 1, np.int32)
    edges[-1] = len(data)
    edges[:-1:4], edges[1::4], edges[2::4], edges[3::4] = begin, end, size, size + filling
    pieces = pa.BinaryArray.from_buffers(pa.binary(), 4 * len(begin), [None, pa.py_buffer(edges), pa.py_buffer(data)])
    filled = pieces.take(pa.array(np.arange(0, 4 * len(begin), 2))).buffers()[2]
    return np.frombuffer(filled, "<u8") if filled is not None and filled.size else np.zeros(0, np.uint64)
