"""Gather what was found here and there into columns with one entry per record."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]


@cache
def memory(rules: RuleSet, name: str) -> dict[str, Any]:
    """What one pure function gave before, for `subfield.distinct`; one per rule set, function and process."""
    return {}


def int_lists(row: Ints, value: Ints, rows: int) -> pa.ListArray:
    """For each of `rows` records its values, ascending and distinct."""
    row, value = distinct_pairs(row, value)
    return pa.ListArray.from_arrays(offsets(row, rows), pa.array(value, pa.int64()))


def distinct_pairs(row: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Pairs of record and value, ascending, each once."""
    order = np.lexsort((value, row))
    row, value = row[order], value[order]
    fresh = np.ones(len(row), np.bool_)
    fresh[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1])
    return row[fresh], value[fresh]


def offsets(row: Ints, rows: int) -> pa.Int32Array:
    """List offsets of values that belong to the given records; `row` must be ascending."""
    edges = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=rows), out=edges[1:])
    return pa.array(edges)


def text_lists(rows: int, found: Iterable[tuple[int, str]]) -> pa.ListArray:
    """For each of `rows` records its texts, distinct, in the order given as pairs of (record, text)."""
    distinct = sorted(dict.fromkeys(found), key=lambda pair: pair[0])
    where = np.fromiter((row for row, _ in distinct), np.int64, len(distinct))
    return pa.ListArray.from_arrays(offsets(where, rows), pa.array([text for _, text in distinct], pa.string()))


def int_column(rows: int, found: Iterable[tuple[int, int | None]], kind: pa.DataType) -> pa.Array:
    """One number per record out of (record, number): the first that is not null; null where there is none."""
    values, missing = np.zeros(rows, np.int64), np.ones(rows, np.bool_)
    for row, value in found:
        if value is not None and missing[row]:
            values[row], missing[row] = value, False
    return pa.array(values, pa.int64(), mask=missing).cast(kind)
