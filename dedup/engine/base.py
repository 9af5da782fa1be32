"""What a stage may ask of an engine: the protocol that DuckDB fulfils, and that another engine could."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa

BATCH_ROWS = 122_880
"""Rows of a DuckDB row group: one larger Arrow batch would be loaded by one thread."""

MAP_ROWS = 32_768
"""Rows of a batch that a function works on: its arrays stay near the processor."""

BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]
Parameters = Mapping[str, object]


class Engine(Protocol):
    """Tables by name, written once each; an incremental run takes rows out of them and adds others.

    Text work goes through `map_batches`, joins and counts through `sql`.
    """

    @property
    def threads(self) -> int:
        """How many threads a stage may keep busy."""
        ...

    def sql(self, out: str, query: str, parameters: Parameters | None = None) -> int:
        """Make table `out` from a query, replacing it; `$name` in the query is bound. Returns its rows."""
        ...

    def passing(self, out: str, query: str, parameters: Parameters | None = None) -> int:
        """As `sql`, for a table that the stage drops again: it need not come into the file."""
        ...

    def append(self, name: str, query: str, parameters: Parameters | None = None) -> int:
        """Add the rows of a query to a table, column by column by name. Returns how many came."""
        ...

    def delete(self, name: str, where: str, parameters: Parameters | None = None) -> int:
        """Take the rows out of a table for which a condition holds. Returns how many went."""
        ...

    def update(self, name: str, sets: str, source: str, where: str) -> int:
        """Change rows of a table: `sets` (column = value, ...) from table `source` where a condition joins both."""
        ...

    def map_batches(self, src: str, out: str, fn: BatchFunction, schema: pa.Schema, *, passing: bool = False) -> int:
        """Make table `out` by applying a pure function to every batch of query `src`, in its order. Returns rows."""
        ...

    def map_groups(self, src: str, out: str, order: Sequence[str], fn: BatchFunction, schema: pa.Schema) -> int:
        """As `map_batches`, over `src` sorted by `order`; rows equal in `order[0]` always come in one batch."""
        ...

    def read(self, query: str, parameters: Parameters | None = None) -> pa.Table:
        """The result of a query, in memory."""
        ...

    def batches(self, query: str, parameters: Parameters | None = None) -> pa.RecordBatchReader:
        """The result of a query as a stream of batches of at most BATCH_ROWS rows."""
        ...

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

        `passing`: as in the method of that name.
        """
        ...

    def export(self, query: str, path: Path, parameters: Parameters | None = None) -> int:
        """Write the result of a query as CSV (UTF-8, LF, header row, RFC 4180). Returns its rows."""
        ...

    def view(self, name: str, query: str, means: str, columns: Mapping[str, str]) -> None:
        """Make a view of a query, replacing it, with a comment on it and on each of its columns."""
        ...

    def has(self, name: str) -> bool:
        """Whether a table of that name exists."""
        ...

    def drop(self, *names: str) -> None:
        """Forget tables that only one stage needed."""
        ...

    def aside(self, name: str) -> Engine:
        """An engine for tables of its own, in memory beside these; here they are `name.TABLE`, until `forget`."""
        ...

    def forget(self, name: str) -> None:
        """Let go of what `aside` made."""
        ...
