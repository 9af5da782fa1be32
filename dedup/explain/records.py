"""The two records of an explanation: found by what somebody typed, read from the database and from the source file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dedup.engine.base import Engine
from dedup.errors import InputError, nearest, problem
from dedup.explain.model import Fields, Side
from dedup.marc.columns import left_out
from dedup.marc.single import Place, read_whole
from dedup.rules import RuleSet
from dedup.tables import CONCEPT

_NAMED = "SELECT rid, record_id FROM record WHERE record_id = $name OR control = $name ORDER BY record_id"
_ALIKE = """
SELECT record_id, control FROM record
WHERE control = $tail OR contains(lower(record_id), lower($name)) OR starts_with(control, left($tail, $start))
   OR (length(control) = length($tail) AND starts_with(control, left($tail, 1)))
ORDER BY starts_with(control, left($tail, $start)) DESC, record_id LIMIT 5000
"""
_START = 3
_PATH = "SELECT path, file FROM input WHERE source = $source AND (file = $file OR starts_with($file, file || '!'))"
# ISBN cores are kept as numbers: nine digits, or twelve with 979.
_CORES = frozenset({"isbn", "isbn_weak", "isbn_set", "isbn_part", "isbn_other", "isbn_noted", "linked_numbers"})
_CORE_DIGITS = 9


def place_of(engine: Engine, name: str) -> int:
    """The rid of a record named by its id or by a control number. Raises InputError with near matches if not one."""
    typed = name.strip()
    found = engine.read(_NAMED, {"name": typed}).to_pylist()
    exact = [row for row in found if row["record_id"] == typed] or found
    if len(exact) == 1:
        return int(exact[0]["rid"])
    if exact:
        many = ", ".join(row["record_id"] for row in exact[:5]) + (", ..." if len(exact) > 5 else "")
        found_text = f"{len(exact)} records with that control number: {many}"
        raise InputError(problem(repr(name), found_text, "one record", "write SOURCE/CONTROL"))
    tail = typed.rsplit("/", 1)[-1]
    alike = engine.read(_ALIKE, {"name": typed or "/", "tail": tail or "/", "start": _START})
    names = alike["record_id" if "/" in typed else "control"].to_pylist()
    wanted = "a record id (SOURCE/CONTROL), or a control number that one record has"
    remedy = nearest(typed, dict.fromkeys(names)) or "look it up in groups.csv or pairs.csv"
    raise InputError(problem(repr(name), "no such record in the database", wanted, remedy))


def read_side(engine: Engine, rules: RuleSet, row: Mapping[str, Any]) -> Side:
    """One row of `record` as text, with its MARC fields when the source file still has them."""
    items = zip(row["libraries"] or (), row["call_numbers"] or (), row["barcodes"] or (), strict=False)
    side = Side(
        record_id=row["record_id"],
        rid=row["rid"],
        source=row["source"],
        file=row["file"],
        path=_path(engine, row["source"], row["file"]),
        offset=row["offset"],
        length=row["length"],
        encoding=row["encoding"],
        fingerprint=row["fingerprint"],
        columns={name: shown(name, row.get(name)) for name in CONCEPT.names if name in row},
        items=tuple(" ".join(filter(None, item)) for item in items),
    )
    return _with_fields(side, rules)


def _path(engine: Engine, source: str, file: str) -> str:
    """Where the file was that a record came from."""
    found = engine.read(_PATH, {"source": source, "file": file}).to_pylist()
    return max(found, key=lambda row: len(row["file"]))["path"] if found else ""


def _with_fields(side: Side, rules: RuleSet) -> Side:
    path = Path(side.path)
    member = side.file.partition("!")[2] if "!" in side.file and not side.file.endswith(path.name) else ""
    try:
        if not side.path or not path.is_file():
            return side
        place = Place(path, member, side.offset, side.length, side.encoding)
        whole = read_whole(place, left_out(rules))
    except OSError:
        return side
    if whole is None or whole.fingerprint != side.fingerprint:
        return replace(side, fields=Fields.CHANGED)
    return replace(side, leader=whole.leader, marc=whole.fields, fields=Fields.READ)


def shown(column: str, value: object) -> str:
    """A value of a record as text; the values of a list apart by ` | `."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " | ".join(filter(None, (shown(column, one) for one in value)))
    if column in _CORES:
        return str(value).zfill(_CORE_DIGITS)
    return str(int(value)) if isinstance(value, bool) else str(value)
