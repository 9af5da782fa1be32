"""The catalogue that new records and order lines are held against: a database of this version, only read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dedup.engine.base import Engine
from dedup.errors import StoreError, problem
from dedup.rules import RuleSet
from dedup.store import CATALOGUE


def tables(engine: Engine) -> set[str]:
    """The tables that it has."""
    query = "SELECT table_name AS name FROM duckdb_tables() WHERE database_name = $name"
    return set(engine.read(query, {"name": CATALOGUE})["name"].to_pylist())


def first_free(engine: Engine, columns: Collection[str], needed: Collection[str] = ("record",)) -> int:
    """The rid after its last. Raises StoreError when it lacks one of the `columns` of records or a `needed` table."""
    if lacking := sorted(set(needed) - tables(engine)):
        raise _older(f"no table {', '.join(lacking)}")
    known = set(engine.read(f"SELECT * FROM {CATALOGUE}.record LIMIT 0").column_names)
    if missing := [name for name in columns if name not in known]:
        raise _older(f"records without {', '.join(missing)}")
    return int(engine.read(f"SELECT coalesce(max(rid) + 1, 0) AS n FROM {CATALOGUE}.record")["n"][0].as_py())


def _older(found: str) -> StoreError:
    return StoreError(problem("the catalogue", found, "a catalogue of this version", "run `dedup run` again"))


def told_of(engine: Engine, rules: RuleSet) -> tuple[int, str, bool]:
    """How many records it has, the month of its last run, and whether that had other rule tables than these."""
    records = int(engine.read(f"SELECT count(*) AS n FROM {CATALOGUE}.record")["n"][0].as_py())
    rows: list[dict[str, Any]] = engine.read(f"SELECT period, rules_sha256 FROM {CATALOGUE}.run LIMIT 1").to_pylist()
    made = rows[0] if rows else {"period": "", "rules_sha256": ""}
    return records, made["period"], made["rules_sha256"] != rules.sha256
