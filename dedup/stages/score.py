"""The stage that judges: pairs in, judged pairs out, in batches over all cores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from dedup.compare.asked import QUESTIONS
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts, Pairs
from dedup.compare.policy import read_policy
from dedup.rules import RuleSet

BATCH = 50_000
"""Pairs per batch: the answers to all questions for that many pairs stay within some 20 MB."""


def score(
    concepts: pa.Table, pairs: Iterable[pa.RecordBatch], rules: RuleSet, threads: int
) -> Iterator[pa.RecordBatch]:
    """Judge PAIR batches whose `left` and `right` are positions in `concepts`; JUDGED batches in the same order.

    NumPy, Arrow and RapidFuzz let go of the interpreter while they work, so threads share one copy of the columns.
    The result does not depend on the number of threads or on how the pairs are cut.
    """
    prepared = Concepts(concepts)
    nobody = Pairs(prepared, np.zeros(0, np.int64), np.zeros(0, np.int64))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        # Asked of no pairs, a question makes its columns ready, which the batches then share.
        list(pool.map(lambda name: QUESTIONS[name].ask(nobody, rules), sorted(read_policy(rules).questions)))
        waiting: list[Future[pa.RecordBatch]] = []
        for piece in _cut(pairs):
            waiting.append(pool.submit(_judge, prepared, piece, rules))
            if len(waiting) > 2 * threads:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _judge(concepts: Concepts, piece: pa.RecordBatch, rules: RuleSet) -> pa.RecordBatch:
    left, right = (np.asarray(piece.column(name)) for name in ("left", "right"))
    return judge(concepts, left, right, rules)


def _cut(pairs: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in pairs:
        for start in range(0, batch.num_rows, BATCH):
            yield batch.slice(start, BATCH)
