"""Judging in batches by threads gives what judging all at once gives, in the order of the pairs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.rules import load_rules
from dedup.stages import score as stage
from dedup.tables import PAIR
from tests.strategies import concepts, table


@given(st.lists(concepts(), min_size=3, max_size=6), st.integers(1, 3), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_threads_and_batches_change_nothing(rows, threads, size):
    records = table(*rows)
    left, right = np.triu_indices(len(rows), 1)
    whole = judge(Concepts(records), left, right, load_rules())
    pairs = pa.RecordBatch.from_arrays(
        [pa.array(left), pa.array(right), pa.array(np.ones(len(left), np.int64))], schema=PAIR
    )
    before, stage.BATCH = stage.BATCH, size
    try:
        made = list(stage.score(records, [pairs], load_rules(), threads))
    finally:
        stage.BATCH = before
    assert pa.Table.from_batches(made).to_pylist() == whole.to_pylist()


def test_no_pairs_give_no_verdicts():
    assert list(stage.score(table(), [], load_rules(), 2)) == []
