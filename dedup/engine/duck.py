"""The DuckDB engine: every table of a run in one file, or in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engine.base import BATCH_ROWS, MAP_ROWS, BatchFunction, Parameters
from dedup.errors import StoreError, problem

MEMORY = ":memory:"
# Faults of the file, the disk or the memory; any other error of DuckDB is one of this program.
_FAULTS = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.SerializationException)


class _Feed:
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


class DuckEngine:
    """An `Engine` on one DuckDB database. Close it before the file is moved."""

    def __init__(
        self, path: str | Path = MEMORY, threads: int = 2, memory: str = "800MB", *, read_only: bool = False
    ) -> None:
        self._path = str(path)
        self._threads = threads
        settings: dict[str, Any] = {"threads": threads, "memory_limit": memory}
        if self._path != MEMORY:
            settings["temp_directory"] = f"{self._path}.spill"
        try:
            self._connection = duckdb.connect(self._path, read_only=read_only, config=settings)
        except _FAULTS as error:
            raise _store_error(self._path, error) from error

    @property
    def threads(self) -> int:
        """How many threads a stage may keep busy."""
        return self._threads

    def close(self) -> None:
        """Write everything to the file and let go of it. Raises StoreError when the disk is full."""
        try:
            self._connection.close()
        except _FAULTS as error:
            raise _store_error(self._path, error) from error

    def _run(self, query: str, parameters: Parameters | None = None) -> list[Any]:
        cursor = self._connection.cursor()
        try:
            return list(cursor.execute(query, dict(parameters or {})).fetchall())
        except _FAULTS as error:
            raise _store_error(self._path, error) from error
        finally:
            cursor.close()

    def count(self, name: str) -> int:
        """Rows of a table."""
        return int(self._run(f"SELECT count(*) FROM {name}")[0][0])

    def sql(self, out: str, query: str, parameters: Parameters | None = None) -> int:
        """Make table `out` from a query, replacing it; `$name` in the query is bound. Returns its rows."""
        self._run(f"CREATE OR REPLACE TABLE {out} AS {query}", parameters)
        return self.count(out)

    def read(self, query: str, parameters: Parameters | None = None) -> pa.Table:
        """The result of a query, in memory."""
        cursor = self._connection.cursor()
        try:
            return cursor.sql(query, params=dict(parameters or {})).to_arrow_table()
        except _FAULTS as error:
            raise _store_error(self._path, error) from error
        finally:
            cursor.close()

    def batches(self, query: str) -> pa.RecordBatchReader:
        """The result of a query as a stream of batches of at most BATCH_ROWS rows."""
        return self._stream(query, BATCH_ROWS)

    def _stream(self, query: str, rows: int) -> pa.RecordBatchReader:
        cursor = self._connection.cursor()
        try:
            reader = cursor.sql(query).to_arrow_reader(rows)
        except _FAULTS as error:
            raise _store_error(self._path, error) from error
        return pa.RecordBatchReader.from_batches(reader.schema, _closing(reader, cursor))

    def write(self, out: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, ordered: bool = True) -> int:
        """Make table `out` from Arrow batches, replacing it; not `ordered` uses all threads. Returns its rows."""
        feed = _Feed(batches)
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"SET preserve_insertion_order = {str(ordered).lower()}")
            cursor.register("incoming", pa.RecordBatchReader.from_batches(schema, iter(feed)))
            cursor.execute(f"CREATE OR REPLACE TABLE {out} AS SELECT * FROM incoming")
        except duckdb.Error as error:
            if feed.error is not None:
                raise feed.error from error
            if not isinstance(error, _FAULTS):
                raise
            raise _store_error(self._path, error) from error
        finally:
            with suppress(duckdb.Error):
                cursor.execute("SET preserve_insertion_order = true")
            cursor.close()
        return self.count(out)

    def map_batches(self, src: str, out: str, fn: BatchFunction, schema: pa.Schema) -> int:
        """Make table `out` by applying a pure function to every batch of query `src`, in its order. Returns rows."""
        return self.write(out, schema, _mapped(self._stream(src, MAP_ROWS), fn, self._threads))

    def map_groups(self, src: str, out: str, order: Sequence[str], fn: BatchFunction, schema: pa.Schema) -> int:
        """As `map_batches`, over `src` sorted by `order`; rows equal in `order[0]` always come in one batch."""
        query = f"SELECT * FROM ({src}) ORDER BY {', '.join(order)}"
        return self.write(
            out, schema, _mapped(_whole_groups(self._stream(query, MAP_ROWS), order[0]), fn, self._threads)
        )

    def export(self, query: str, path: Path) -> int:
        """Write the result of a query as CSV (UTF-8, LF, header row, RFC 4180). Returns its rows."""
        rows = self._run(f"COPY ({query}) TO $path (FORMAT csv, HEADER true, DELIMITER ',')", {"path": str(path)})
        return int(rows[0][0])

    def has(self, name: str) -> bool:
        """Whether a table of that name exists."""
        query = "SELECT count(*) FROM information_schema.tables WHERE table_name = $name"
        return bool(self._run(query, {"name": name})[0][0])

    def drop(self, *names: str) -> None:
        """Forget tables that only one stage needed."""
        for name in names:
            self._run(f"DROP TABLE IF EXISTS {name}")


def _mapped(batches: Iterable[pa.RecordBatch], fn: BatchFunction, threads: int) -> Iterator[pa.RecordBatch]:
    """A function over batches, several at a time, results in order. NumPy and Arrow leave the interpreter free."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[pa.RecordBatch]] = deque()
        for batch in batches:
            waiting.append(pool.submit(fn, batch))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _closing(reader: pa.RecordBatchReader, cursor: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    finally:
        cursor.close()


def _whole_groups(batches: Iterable[pa.RecordBatch], key: str) -> Iterator[pa.RecordBatch]:
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


def _store_error(path: str, error: Exception) -> StoreError:
    """A DuckDB error in words a person can act on."""
    text = str(error).splitlines()[0]
    lowered = text.lower()
    if "no space left" in lowered or "failed to write" in lowered:
        remedy = "free some disk space and run again; the last finished run is intact"
    elif "out of memory" in lowered:
        remedy = "run again with --threads 1, or on a machine with more memory"
    elif "lock" in lowered:
        remedy = "wait until the other program has finished with it"
    else:
        remedy = "name another file with --db, or move this one away"
    return StoreError(problem(path, text, "a working DuckDB database", remedy))
