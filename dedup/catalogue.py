"""A finished run for notebooks and scripts: its records, groups, findings and pairs, to read only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow as pa

from dedup import store
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError, nearest, problem
from dedup.explain import Explanation, configuration_of
from dedup.explain import explain as explained
from dedup.rules import RuleSet, load_rules
from dedup.switches import switched
from dedup.tables import FINDING_VIEW, GROUP_VIEW, PAIR_VIEW, RECORD_VIEW

_RUN = "SELECT period, rules_sha256, config, dedup FROM run"
_COUNTS = """
SELECT (SELECT count(*) FROM record) AS records, (SELECT count(*) FROM source) AS sources,
       (SELECT count(*) FROM junk) AS junk, (SELECT count(*) FROM finding_view) AS findings
"""
_GROUPS = "SELECT verdict, count(DISTINCT group_id) AS n FROM member GROUP BY verdict ORDER BY verdict"
_PAIRS = "SELECT verdict, count(*) AS n FROM judged GROUP BY verdict ORDER BY verdict"
_ORDER = {
    "record_view": "record_id",
    "group_view": "group_id, record_id",
    "finding_view": "library, group_id, record_id, action",
    "pair_view": '"left", "right"',
}
# A value may stand among several that are joined by ;.
_JOINED = frozenset({"library", "isbn", "isbn13", "publisher", "faults", "flags", "secondary", "languages"})


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The run that made a database. `groups` and `pairs` count by verdict; `config` is its dedup.toml, or ''."""

    period: str
    version: str
    rules_sha256: str
    config: str
    sources: int
    records: int
    junk: int
    findings: int
    groups: Mapping[str, int]
    pairs: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """An open database. Tables come as Arrow tables with the columns of the views (docs/sql.md), in a fixed order.

    Conditions are given by name: `records(year=1991)`, `records(isbn13="9787020024759")`, `groups(verdict="same")`; of
    a column that joins several values by `;` one of them is enough. Methods raise InputError for an unknown column.
    """

    path: Path
    _engine: DuckEngine
    _rules: Path | None

    def __enter__(self) -> Self:
        """The catalogue itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.close()

    def records(self, **conditions: object) -> pa.Table:
        """One row a record (schema RECORD_VIEW), by record id."""
        return self._view("record_view", RECORD_VIEW, conditions)

    def groups(self, **conditions: object) -> pa.Table:
        """One row a record in a group (schema GROUP_VIEW), group after group."""
        return self._view("group_view", GROUP_VIEW, conditions)

    def findings(self, **conditions: object) -> pa.Table:
        """One row for every thing that a library has to act on (schema FINDING_VIEW), library after library."""
        return self._view("finding_view", FINDING_VIEW, conditions)

    def pairs(self, **conditions: object) -> pa.Table:
        """One row a judged pair that is no lawful difference, or that a veto keeps apart (schema PAIR_VIEW)."""
        return self._view("pair_view", PAIR_VIEW, conditions)

    def sql(self, query: str, **parameters: object) -> pa.Table:
        """The result of a query of your own; `$name` in it is bound to the parameter of that name.

        Raises duckdb.Error for a query that DuckDB does not understand.
        """
        return self._engine.read(query, parameters)

    def frame(self, query: str, **parameters: object) -> pl.DataFrame:
        """The same as a polars frame."""
        made = pl.from_arrow(self.sql(query, **parameters))
        return made if isinstance(made, pl.DataFrame) else made.to_frame()

    def explain(self, left: str, right: str) -> Explanation:
        """Everything about two records, named by record id or control number, as `dedup explain` tells it.

        Raises InputError when one cannot be found.
        """
        return explained(self._engine, self._rule_set(), (left, right))

    def run_info(self) -> RunInfo:
        """What run made the database, and what is in it."""
        run, counts = self.sql(_RUN).to_pylist()[0], self.sql(_COUNTS).to_pylist()[0]
        return RunInfo(
            period=run["period"],
            version=run["dedup"],
            rules_sha256=run["rules_sha256"],
            config=run["config"],
            sources=counts["sources"],
            records=counts["records"],
            junk=counts["junk"],
            findings=counts["findings"],
            groups=self._by_verdict(_GROUPS),
            pairs=self._by_verdict(_PAIRS),
        )

    def _by_verdict(self, query: str) -> dict[str, int]:
        return {row["verdict"]: int(row["n"]) for row in self.sql(query).to_pylist()}

    def _view(self, name: str, schema: pa.Schema, conditions: Mapping[str, object]) -> pa.Table:
        where = " AND ".join(_condition(column, schema) for column in conditions) or "true"
        columns = ", ".join(f'"{column}"' for column in schema.names)
        query = f"SELECT {columns} FROM {name} WHERE {where} ORDER BY {_ORDER[name]}"
        return self._engine.read(query, conditions).cast(schema)

    def _rule_set(self) -> RuleSet:
        rules = load_rules(str(self._rules) if self._rules else None)
        return switched(rules, configuration_of(self._engine) or Config())


def _condition(column: str, schema: pa.Schema) -> str:
    if column not in schema.names:
        remedy = nearest(column, schema.names) or f"one of {', '.join(schema.names)}"
        raise InputError(problem("condition", repr(column), "a column", remedy))
    if column in _JOINED:
        return f"list_contains(string_split(\"{column}\", ';'), ${column})"
    return f'"{column}" = ${column}'


def open_catalogue(path: Path, threads: int, rules: Path | None) -> Catalogue:
    """See `dedup.open`."""
    return Catalogue(path, store.opened(path, threads), rules)
