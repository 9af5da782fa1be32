"""Blocking keys: from the columns of a batch of records to 64-bit hashes, without a Python step per record."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.concepts import spread
from dedup.stages.blocking import Blocking, BlockingRule, Column, Part
from dedup.tables import KEY, REFINED_KEY

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
_WORD = 1 << 64


@dataclass(frozen=True, slots=True)
class _Values:
    """Hashes of a part's values, those of row i at `edges[i]:edges[i + 1]`."""

    edges: Ints
    hashes: Hashes

    @property
    def counts(self) -> Ints:
        """How many values each row has."""
        return np.diff(self.edges)

    @property
    def rows(self) -> Ints:
        """The row of each value."""
        return np.repeat(np.arange(len(self.edges) - 1), self.counts)


@dataclass(slots=True)
class _Batch:
    """A batch of records whose columns are hashed once each."""

    batch: pa.RecordBatch
    made: dict[Column, _Values] = field(default_factory=dict)

    def values(self, column: Column) -> _Values:
        """The values of one column as its part words ask for them, made once."""
        if column not in self.made:
            self.made[column] = self._make(column)
        return self.made[column]

    def _make(self, column: Column) -> _Values:
        if column.first:
            return _firsts(self.values(Column(column.name)))
        if column.beside:
            return _side_by_side(self.values(Column(column.name)), self.values(Column(column.beside)))
        array = self.batch.column(self.batch.schema.get_field_index(column.name))
        if column.next:
            numbers = _filled(array)
            both = np.column_stack((numbers.hashes, numbers.hashes + np.uint64(1))).ravel()
            return _Values(numbers.edges * 2, mixed(both))
        if column.start:
            array = pc.utf8_slice_codeunits(array, 0, column.start)
        if pa.types.is_list(array.type):
            # Positions matter where two lists stand side by side: an empty value keeps its place, as hash 0.
            lengths = np.asarray(pc.list_value_length(array).fill_null(0), np.int64)
            return _Values(_edges(lengths), _hashed(array.flatten()))
        if pa.types.is_string(array.type):
            return _without_zero(_Values(np.arange(len(array) + 1), hashed_text(array)))
        numbers = _filled(array)
        return _Values(numbers.edges, mixed(numbers.hashes))

    def part(self, part: Part) -> _Values:
        """The values of all columns of a part together, by row."""
        pieces = [_without_zero(self.values(column)) for column in part]
        if len(pieces) == 1:
            return pieces[0]
        rows = np.concatenate([piece.rows for piece in pieces])
        order = np.argsort(rows, kind="stable")
        rows, hashes = rows[order], np.concatenate([piece.hashes for piece in pieces])[order]
        # The first name of the statement is most often that of the heading, too: once is enough.
        new = np.ones(len(rows), np.bool_)
        new[1:] = (rows[1:] != rows[:-1]) | (hashes[1:] != hashes[:-1])
        return _Values(_edges(np.bincount(rows[new], minlength=self.batch.num_rows)), hashes[new])


def _edges(counts: Ints) -> Ints:
    edges = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=edges[1:])
    return edges


def _filled(array: pa.Array) -> _Values:
    """The numbers that are not null, as they are."""
    valid = np.asarray(array.is_valid())
    numbers = np.asarray(array.cast(pa.int64()).fill_null(0)).view(np.uint64)
    return _Values(_edges(valid.astype(np.int64)), numbers[valid])


def _firsts(values: _Values) -> _Values:
    some = values.counts > 0
    return _Values(_edges(some.astype(np.int64)), values.hashes[values.edges[:-1][some]])


def _side_by_side(left: _Values, right: _Values) -> _Values:
    """Value by value; nothing where one of them is empty, and nothing for a row whose lists differ in length."""
    if not np.array_equal(left.edges, right.edges):
        paired = left.counts == right.counts
        left, right = _only(left, paired), _only(right, paired)
    both = (left.hashes != 0) & (right.hashes != 0)
    return _Values(left.edges, np.where(both, _joined(left.hashes, right.hashes), np.uint64(0)))


def _only(values: _Values, rows: npt.NDArray[np.bool_]) -> _Values:
    return _Values(_edges(np.where(rows, values.counts, 0)), values.hashes[np.repeat(rows, values.counts)])


def _without_zero(values: _Values) -> _Values:
    some = values.hashes != 0
    if some.all():
        return values
    before = np.concatenate(([0], np.cumsum(some)))
    return _Values(before[values.edges], values.hashes[some])


def _hashed(values: pa.Array) -> Hashes:
    """Hashes of a flat array; 0 for an empty string or null."""
    if pa.types.is_string(values.type):
        return hashed_text(values)
    hashes = mixed(np.asarray(values.cast(pa.int64()).fill_null(0)).view(np.uint64))
    return np.where(np.asarray(values.is_valid()), hashes, np.uint64(0))


def mixed(numbers: Hashes) -> Hashes:
    """Spread 64-bit numbers over all bits (the finaliser of SplitMix64, Steele et al. 2014); never 0."""
    mixing = spread(numbers + np.uint64(_BASE))
    mixing[mixing == 0] = 1
    return mixing


def _joined(left: Hashes, right: Hashes) -> Hashes:
    return mixed(left * np.uint64(3) + right)


@cache
def _powers(size: int, factor: int) -> Hashes:
    """1, f, f², ... modulo 2^64."""
    powers = np.full(size, factor, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def hashed_text(column: pa.StringArray) -> Hashes:
    """64-bit hashes of strings, equal on every machine and in every version; 0 for '' and null.

    A polynomial over the bytes, modulo 2^64. One running sum over the whole buffer serves all strings: the sum over
    one string is a difference of two, divided by the power at which it begins (an odd base has an inverse).
    """
    if column.null_count:
        column = column.fill_null("")
    _, offset_buffer, data = column.buffers()
    if offset_buffer is None or data is None or len(column) == 0:
        return np.zeros(len(column), np.uint64)
    edges = np.frombuffer(offset_buffer, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    content = np.frombuffer(data, np.uint8)[edges[0] : edges[-1]]
    edges = edges - edges[0]
    lengths = np.diff(edges)
    # A power of two, so that few sizes are ever made and kept.
    size = 1 << max(int(edges[-1]), 1).bit_length()
    sums = np.zeros(len(content) + 1, np.uint64)
    np.cumsum((content.astype(np.uint64) + np.uint64(1)) * _powers(size, _BASE)[: len(content)], out=sums[1:])
    inverse = _powers(size, pow(_BASE, -1, _WORD))
    polynomial = (sums[edges[1:]] - sums[edges[:-1]]) * inverse[edges[:-1]]
    return np.where(lengths > 0, mixed(polynomial + lengths.astype(np.uint64)), np.uint64(0))


def keys(batch: pa.RecordBatch, blocking: Blocking) -> pa.RecordBatch:
    """All keys of a batch of records with `rid` and the columns the rules read. Returns a batch in schema KEY.

    A record that comes to one key on two ways has it twice.
    """
    hashing = _Batch(batch)
    made = [_keys_of(hashing, rule) for rule in blocking.rules]
    return _table(batch, blocking, [rows for rows, _ in made], pa.array(np.concatenate([key for _, key in made])))


def refined_keys(batch: pa.RecordBatch, blocking: Blocking) -> pa.RecordBatch:
    """Keys of a batch with their refinement, one row for each of its values. Returns a batch in REFINED_KEY.

    The keys of a record, `crowded_keys`, stand beside the numbers of their rules, `crowded_rules`. `refined` is null
    where the record lacks what the refinement asks for.
    """
    hashing = _Batch(batch)
    crowded, numbers = (batch.column(batch.schema.get_field_index(name)) for name in ("crowded_keys", "crowded_rules"))
    row = np.repeat(np.arange(batch.num_rows), np.asarray(pc.list_value_length(crowded)))
    key, number = np.asarray(crowded.flatten()), np.asarray(numbers.flatten())
    made = []
    for rule in blocking.rules:
        mine = np.flatnonzero(number == rule.number)
        rows, refined, came = _crossed(row[mine], key[mine], hashing.part(rule.refine), keep=True)
        made.append((rows, key[mine][came], refined))
    refined = np.concatenate([hashes for *_, hashes in made])
    key = pa.array(np.concatenate([key for _, key, _ in made]))
    return _table(batch, blocking, [rows for rows, *_ in made], key, pa.array(refined, mask=refined == 0))


def _table(batch: pa.RecordBatch, blocking: Blocking, rows: list[Ints], *hashes: pa.Array) -> pa.RecordBatch:
    rids = np.asarray(batch.column(batch.schema.get_field_index("rid")))
    numbers = np.repeat(np.array([rule.number for rule in blocking.rules], np.int8), [len(some) for some in rows])
    columns = [pa.array(rids[np.concatenate(rows)]), pa.array(numbers), *hashes]
    return pa.RecordBatch.from_arrays(columns, schema=KEY if len(hashes) == 1 else REFINED_KEY)


def _keys_of(hashing: _Batch, rule: BlockingRule) -> tuple[Ints, Hashes]:
    """(row, key) of one rule over a batch."""
    rows = np.arange(hashing.batch.num_rows)
    key = np.full(len(rows), mixed(np.array([rule.number], np.uint64))[0])
    for part in rule.parts:
        rows, key, _ = _crossed(rows, key, hashing.part(part), keep=False)
    return rows, key


def _crossed(rows: Ints, key: Hashes, values: _Values, keep: bool) -> tuple[Ints, Hashes, Ints]:
    """Each key with each value of its row: (rows, hashes, position of the key it came from).

    A key whose row has no value is dropped, or with `keep` stays with hash 0.
    """
    counts = values.counts[rows]
    repeats = np.maximum(counts, 1) if keep else counts
    came = np.repeat(np.arange(len(rows)), repeats)
    within = np.arange(len(came)) - np.repeat(_edges(repeats)[:-1], repeats)
    filled = counts[came] > 0
    place = np.minimum(values.edges[rows[came]] + within, max(len(values.hashes) - 1, 0))
    found = values.hashes[place] if len(values.hashes) else np.zeros(len(came), np.uint64)
    return rows[came], np.where(filled, _joined(key[came], found), np.uint64(0)), came
