"""A 64-bit hash of the bytes of each record and of what its reading depends on: known by it, it need not be read.

The hash is that of Polars for binary values. It need not be the same in every version of Polars: after another, records
are read once more as if their bytes had changed. The two lowest bits tell how a record was read: see `PLAIN`, `NOTED`,
`TOLD`.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import polars as pl
import pyarrow as pa

from dedup.marc.fingerprint import Hashes, fingerprints, mixed
from dedup.marc.tokens import LEADER_LENGTH, Bytes, Ints, Tokens, take

PLAIN, NOTED, TOLD = np.uint64(0), np.uint64(1), np.uint64(2)
"""How a record was read: its bytes add up; so they do, but for lengths in the directory, which was noted; anything
else: the hash is of what was read, and tells whether a record is another, not how its bytes would be read.
"""
_KINDS = np.uint64(3)
_A = np.uint64(0x9E3779B97F4A7C15)


def seed_of(*words: object) -> int:
    """A number for what the reading of a file depends on besides its bytes."""
    text = "\x1f".join(map(str, words)).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def byte_hashes(content: Bytes, begin: Ints, end: Ints, seed: int) -> Hashes:
    """The hash of each stretch of a buffer, the two lowest bits zero; stretches ascend and are not empty."""
    if not len(begin):
        return np.zeros(0, np.uint64)
    # What stands between two stretches is a value of its own, mostly an empty one.
    edges = np.empty(2 * len(begin) + 1, np.int64)
    edges[:-1:2], edges[1::2], edges[-1] = begin, end, end[-1]
    buffers = [None, pa.py_buffer(edges), pa.py_buffer(content)]
    values = pa.LargeBinaryArray.from_buffers(pa.large_binary(), 2 * len(begin), buffers)
    hashes = pl.Series(values).hash().to_numpy()[::2]
    return mixed(hashes ^ np.uint64(seed)) & ~_KINDS


def told_hashes(tokens: Tokens, seed: int) -> Hashes:
    """The hash of what was read of each record: leader, fields and the name of its encoding; with the bit `TOLD`."""
    count = len(tokens)
    if not count:
        return np.zeros(0, np.uint64)
    begin = np.arange(count, dtype=np.int64) * LEADER_LENGTH
    leaders = byte_hashes(np.ascontiguousarray(tokens.leader).reshape(-1), begin, begin + LEADER_LENGTH, seed)
    names = list(tokens.encoding or [""] * count)
    codes = {name: seed_of(name) for name in set(names)}
    encodings = np.fromiter((codes[name] for name in names), np.uint64, count)
    total = mixed(fingerprints(tokens, ()) + leaders * _A) ^ encodings
    return (mixed(total) & ~_KINDS) | TOLD


def raw_hashes(tokens: Tokens, seed: int) -> Hashes:
    """The hash of each record as it is stored: the one its bytes gave, else one of what was read (content: UTF-8)."""
    if tokens.raw is None:
        return told_hashes(tokens, seed)
    told = np.flatnonzero(tokens.raw == TOLD)
    if not len(told):
        return tokens.raw
    raw = tokens.raw.copy()
    raw[told] = told_hashes(take(tokens, told), seed)
    return raw


class Known:
    """The records of one source that a run before has read, by the hash of their bytes."""

    def __init__(self, raw: Hashes) -> None:
        self._order = np.argsort(raw, kind="stable")
        self._sorted = raw[self._order]

    def find(self, hashes: Hashes) -> tuple[Hashes, Ints]:
        """The stored hash of each record whose bytes are known, and a place of it; of any other `TOLD`, and -1."""
        if not len(self._sorted):
            return np.full(len(hashes), TOLD), np.full(len(hashes), -1)
        place = np.minimum(np.searchsorted(self._sorted, hashes), len(self._sorted) - 1)
        found = self._sorted[place]
        hit = ((found & ~_KINDS) == hashes) & ((found & TOLD) == 0)
        return np.where(hit, found, TOLD), np.where(hit, self._order[place], -1)
