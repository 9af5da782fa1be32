"""The DuckDB engine: every table of a run in one file, or in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dedup.engine.base import BATCH_ROWS, MAP_ROWS, BatchFunction, Parameters
from dedup.engine.faults import is_fault, worded
from dedup.engine.flow import Feed, mapped, whole_groups
from dedup.tables.shape import packing_of

MEMORY = ":memory:"
# Faults of the file, the disk or the memory; any other error of DuckDB is one of this program, unless its text says so.
_FAULTS = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.SerializationException)

# The rows of large tables with the deleted ones among them.
_STORED = """
SELECT table_name, column_count, estimated_size FROM duckdb_tables()
WHERE database_name = current_database() AND estimated_size >= $rows
"""
_PASSING, _FEED = "dedup_passing", "dedup_feed"
_PACKED_FROM, _HOLES = 100_000, 0.2


class DuckEngine:
    """An `Engine` on one DuckDB database. Close it before the file is moved."""

    def __init__(
        self,
        path: str | Path = MEMORY,
        threads: int = 2,
        memory: str = "800MB",
        *,
        read_only: bool = False,
        temp: Path | None = None,
    ) -> None:
        self._path = str(path)
        self._threads = threads
        self._inside = ""
        settings: dict[str, Any] = {"threads": threads, "memory_limit": memory}
        # DuckDB 2.0.0 keeps dictionaries through hash joins and trips over them when a string column comes from several
        # parts of a file ("dict-surviving cache: global dictionary column 0 changed identity").
        settings["enable_caching_operators"] = False
        # One deleted row could make a checkpoint write three row groups of every column anew; `settle` sees to holes.
        settings["max_vacuum_tasks"] = 0
        if temp is not None or self._path != MEMORY:
            settings["temp_directory"] = str(temp or f"{self._path}.spill")
        with _worded(self._path):
            self._connection = duckdb.connect(self._path, read_only=read_only, config=settings)
            self._named = "" if self._path == MEMORY or read_only else self._beside()

    @property
    def threads(self) -> int:
        """How many threads a stage may keep busy."""
        return self._threads

    def _beside(self) -> str:
        """Have a place in memory for tables that pass; returns under which name the file is known."""
        self._connection.execute(f"ATTACH ':memory:' AS {_PASSING}")
        name = str(self._connection.execute("SELECT current_database()").fetchall()[0][0])
        return '"' + name.replace('"', '""') + '"'

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """Something to ask the database by; several may be at work at once."""
        cursor = self._connection.cursor()
        if self._inside:
            cursor.execute(f"USE {self._inside}")
        elif self._named:
            path = _literal(f"{self._named}.main,{_PASSING}.main")
            cursor.execute(f"SET search_path = {path}")
        return cursor

    def aside(self, name: str) -> DuckEngine:
        """An engine for tables of its own, in memory beside these; here they are `name.TABLE`, until `forget`."""
        self._run(f"ATTACH IF NOT EXISTS ':memory:' AS {name}")
        other = copy(self)
        other._inside = name
        return other

    def forget(self, name: str) -> None:
        """Let go of what `aside` made."""
        self._run(f"DETACH DATABASE IF EXISTS {name}")

    def attach(self, path: Path, name: str) -> None:
        """Make the tables of another database readable as `name.TABLE`. Raises StoreError when that is impossible."""
        # ATTACH takes no parameters.
        quoted = str(path).replace("'", "''")
        with _worded(str(path)):
            self._connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY, TYPE duckdb)")

    def settle(self) -> None:
        """Bring everything into the file; `close` alone does not say when that failed. Raises StoreError.

        Tables are packed when much of what they hold are holes that deleted rows have left.
        """
        tables = self._run(_STORED, {"rows": _PACKED_FROM})
        stored = sum(columns * rows for _, columns, rows in tables)
        if stored > sum(columns * self.count(name) for name, columns, _ in tables) / (1 - _HOLES):
            self._run("SET GLOBAL max_vacuum_tasks = 100")
        self._run("CHECKPOINT")

    def close(self) -> None:
        """Write everything to the file and let go of it. Raises StoreError when the disk is full."""
        with _worded(self._path):
            self._connection.close()

    def _run(self, query: str, parameters: Parameters | None = None) -> list[Any]:
        cursor = self._cursor()
        try:
            with _worded(self._path):
                return list(cursor.execute(query, dict(parameters or {})).fetchall())
        finally:
            cursor.close()

    def count(self, name: str) -> int:
        """Rows of a table."""
        return int(self._run(f"SELECT count(*) FROM {name}")[0][0])

    def sql(self, out: str, query: str, parameters: Parameters | None = None) -> int:
        """Make table `out` from a query, replacing it; `$name` in the query is bound. Returns its rows."""
        self._run(f"CREATE OR REPLACE TABLE {out} AS {query}", parameters)
        return self.count(out)

    def passing(self, out: str, query: str, parameters: Parameters | None = None) -> int:
        """As `sql`, for a table that is dropped again: where the others are in a file, it is in memory, not packed."""
        return self.sql(self._passing(out), query, parameters)

    def _passing(self, name: str) -> str:
        """Where a table that passes is put."""
        return name if self._inside or not self._named else f"{_PASSING}.main.{name}"

    def append(self, name: str, query: str, parameters: Parameters | None = None) -> int:
        """Add the rows of a query to a table, column by column by name. Returns how many came."""
        return int(self._run(f"INSERT INTO {name} BY NAME ({query})", parameters)[0][0])

    def delete(self, name: str, where: str, parameters: Parameters | None = None) -> int:
        """Take the rows out of a table for which a condition holds. Returns how many went."""
        return int(self._run(f"DELETE FROM {name} WHERE {where}", parameters)[0][0])

    def update(self, name: str, sets: str, source: str, where: str) -> int:
        """Change rows of a table: `sets` (column = value, ...) from table `source` where a condition joins both."""
        return int(self._run(f"UPDATE {name} SET {sets} FROM {source} WHERE {where}")[0][0])

    def read(self, query: str, parameters: Parameters | None = None) -> pa.Table:
        """The result of a query, in memory."""
        cursor = self._cursor()
        try:
            with _worded(self._path):
                return cursor.sql(query, params=dict(parameters or {})).to_arrow_table()
        finally:
            cursor.close()

    def batches(self, query: str, parameters: Parameters | None = None) -> pa.RecordBatchReader:
        """The result of a query as a stream of batches of at most BATCH_ROWS rows."""
        return self._stream(query, BATCH_ROWS, parameters)

    def _stream(self, query: str, rows: int, parameters: Parameters | None = None) -> pa.RecordBatchReader:
        cursor = self._cursor()
        with _worded(self._path):
            reader = cursor.sql(query, params=dict(parameters or {})).to_arrow_reader(rows)
        return pa.RecordBatchReader.from_batches(reader.schema, _closing(reader, cursor, self._path))

    def write(
        self,
        out: str,
        schema: pa.Schema,
        batches: Iterable[pa.RecordBatch],
        *,
        ordered: bool = True,
        passing: bool = False,
    ) -> int:
        """Make table `out` from Arrow batches, replacing it; not `ordered` uses all threads. Returns its rows.

        Columns are packed as the schema wishes, see `dedup.tables.shape.packed`; not if it is `passing`.
        """
        feed = Feed(batches)
        cursor = self._cursor()
        try:
            cursor.execute(f"SET preserve_insertion_order = {str(ordered).lower()}")
            cursor.register(_FEED, pa.RecordBatchReader.from_batches(schema, iter(feed)))
            if (packing := packing_of(schema)) and not passing:
                _into_columns(cursor, out, schema, packing)
            else:
                place = self._passing(out) if passing else out
                cursor.execute(f"CREATE OR REPLACE TABLE {place} AS SELECT * FROM {_FEED}")
        except duckdb.Error as error:
            if feed.error is not None:
                raise feed.error from error
            with _worded(self._path):
                raise
        finally:
            with suppress(duckdb.Error):
                cursor.execute("SET preserve_insertion_order = true")
            cursor.close()
        return self.count(out)

    def map_batches(self, src: str, out: str, fn: BatchFunction, schema: pa.Schema, *, passing: bool = False) -> int:
        """Make table `out` by applying a pure function to every batch of query `src`, in its order. Returns rows."""
        return self.write(out, schema, mapped(self._stream(src, MAP_ROWS), fn, self._threads), passing=passing)

    def map_groups(self, src: str, out: str, order: Sequence[str], fn: BatchFunction, schema: pa.Schema) -> int:
        """As `map_batches`, over `src` sorted by `order`; rows equal in `order[0]` always come in one batch."""
        query = f"SELECT * FROM ({src}) ORDER BY {', '.join(order)}"
        return self.write(out, schema, mapped(whole_groups(self._stream(query, MAP_ROWS), order[0]), fn, self._threads))

    def export(self, query: str, path: Path, parameters: Parameters | None = None) -> int:
        """Write the result of a query as CSV (UTF-8, LF, header row, RFC 4180). Returns its rows."""
        given = {"path": str(path), **(parameters or {})}
        rows = self._run(f"COPY ({query}) TO $path (FORMAT csv, HEADER true, DELIMITER ',')", given)
        return int(rows[0][0])

    def view(self, name: str, query: str, means: str, columns: Mapping[str, str]) -> None:
        """Make a view of a query, replacing it, with a comment on it and on each of its columns."""
        self._run(f"CREATE OR REPLACE VIEW {name} AS {query}")
        self._run(f"COMMENT ON VIEW {name} IS {_literal(means)}")
        for column, comment in columns.items():
            self._run(f'COMMENT ON COLUMN {name}."{column}" IS {_literal(comment)}')

    def has(self, name: str) -> bool:
        """Whether a table of that name exists."""
        query = "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND table_name = $name"
        return bool(self._run(query, {"name": name})[0][0])

    def drop(self, *names: str) -> None:
        """Forget tables that only one stage needed."""
        for name in names:
            self._run(f"DROP TABLE IF EXISTS {name}")


def _into_columns(cursor: duckdb.DuckDBPyConnection, out: str, schema: pa.Schema, packing: Mapping[str, str]) -> None:
    """Make table `out` from the feed, at once or not at all; some of its columns are packed as one wishes."""
    empty = cursor.from_arrow(schema.empty_table())
    wish = {name: f" USING COMPRESSION {kind}" for name, kind in packing.items()}
    columns = [f'"{name}" {kind}{wish.get(name, "")}' for name, kind in zip(empty.columns, empty.types, strict=True)]
    cursor.execute("BEGIN")
    try:
        cursor.execute(f"CREATE OR REPLACE TABLE {out} ({', '.join(columns)})")
        cursor.execute(f"INSERT INTO {out} SELECT * FROM {_FEED}")
        cursor.execute("COMMIT")
    except duckdb.Error:
        with suppress(duckdb.Error):
            cursor.execute("ROLLBACK")
        raise


def _literal(text: str) -> str:
    """A text inside SQL, where a statement takes no parameters."""
    return "'" + text.replace("'", "''") + "'"


def _closing(reader: pa.RecordBatchReader, cursor: duckdb.DuckDBPyConnection, path: str) -> Iterator[pa.RecordBatch]:
    """The batches of a reader. What DuckDB finds while it streams comes as an error of Arrow, with DuckDB's text."""
    try:
        while True:
            with _worded(path):
                batch = next(reader, None)
            if batch is None:
                return
            yield batch
    finally:
        cursor.close()


@contextmanager
def _worded(path: str) -> Iterator[None]:
    """Faults of the file, the disk or the memory as errors for people."""
    try:
        yield
    except (duckdb.Error, OSError, pa.ArrowException) as error:
        if isinstance(error, _FAULTS) or is_fault(str(error)):
            raise worded(path, str(error)) from error
        raise
