"""Batches on their way: into a database, through a function, cut where groups end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engine.base import BATCH_ROWS, BatchFunction


class Feed:
    """Batches on their way into DuckDB; keeps the first error of their maker, which DuckDB would turn into text."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = batches
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches:
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    yield batch.slice(start, BATCH_ROWS)
        except BaseException as error:
            self.error = error
            raise


def mapped(batches: Iterable[pa.RecordBatch], fn: BatchFunction, threads: int) -> Iterator[pa.RecordBatch]:
    """A function over batches, several at a time, results in order. NumPy and Arrow leave the interpreter free."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        for batch in batches:
            waiting.append(pool.submit(fn, batch))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def whole_groups(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[pa.RecordBatch]:
    """Cut a stream sorted by `key` anew, so that no group is torn apart between two batches."""
    held: pa.Table | None = None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        held = table if held is None else pa.concat_tables([held, table])
        column = held.column(key)
        same = np.asarray(pc.fill_null(pc.equal(column, column[-1]), column[-1].as_py() is None))
        breaks = np.flatnonzero(~same)
        if len(breaks):
            cut = int(breaks[-1]) + 1
            yield held.slice(0, cut).combine_chunks().to_batches()[0]
            held = held.slice(cut)
    if held is not None and held.num_rows:
        yield held.combine_chunks().to_batches()[0]
