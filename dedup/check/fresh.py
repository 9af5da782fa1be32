"""The new records: read as a run reads them, numbered after those of the catalogue, with their places in the input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from dedup.check.attached import first_free
from dedup.check.model import FileRead
from dedup.errors import InputError, problem
from dedup.stages import load
from dedup.stages.context import Context
from dedup.stages.sources import find_sources, shown_name
from dedup.store import CATALOGUE
from dedup.tables import LOADED

_FRESH = "SELECT * REPLACE (rid + $first AS rid) FROM record"

# Which record of its file each is: what could not be read counts, too.
_PLACED = """
SELECT source, file, "offset", row_number() OVER (PARTITION BY source, file ORDER BY "offset") AS number
FROM (SELECT source, file, "offset" FROM record UNION ALL SELECT source, file, "offset" FROM quarantine)
"""

# An archive's member stands after a `!` behind the name of the file.
_FILES = """
SELECT l.source, l.file, i.given || substr(l.file, length(i.file) + 1) AS shown,
       l.bytes, l.records, l.loaded, l.quarantined,
       coalesce(n.ids, []) AS ids
FROM ledger l
LEFT JOIN (SELECT source, file, list(record_id ORDER BY rid) AS ids FROM fresh GROUP BY source, file) n
  ON n.source = l.source AND n.file = l.file
JOIN fresh_given i ON i.source = l.source AND (l.file = i.file OR starts_with(l.file, i.file || '!'))
ORDER BY l.source, l.file
"""

_SOURCES = """
SELECT * FROM source UNION ALL
SELECT source, library FROM {catalogue}.source WHERE source NOT IN (SELECT source FROM source)
"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """`first`: rid of the first new record, above all of the catalogue; `records`: how many there are."""

    first: int
    records: int
    files: tuple[FileRead, ...]


def read(context: Context, catalogue: bool) -> Fresh:
    """Load the input: tables `fresh` (schema LOADED), `fresh_place`, `fresh_file`; `source` gains the catalogue's.

    Raises InputError when there is not one record in it, StoreError for a catalogue of another making.
    """
    engine = context.engine
    load.run(context)
    first = first_free(engine, LOADED.names) if catalogue else 0
    records = engine.sql("fresh", _FRESH, {"first": first})
    engine.sql("fresh_place", _PLACED)
    _given(context)
    engine.sql("fresh_file", _FILES)
    rows = engine.read("SELECT * FROM fresh_file").to_pylist()
    files = [
        FileRead(row["shown"], row["bytes"], row["records"], row["loaded"], row["quarantined"], tuple(row["ids"]))
        for row in rows
    ]
    if not records:
        raise InputError(_nothing(context))
    if catalogue:
        engine.sql("source", _SOURCES.format(catalogue=CATALOGUE))
    return Fresh(first, records, tuple(files))


def _given(context: Context) -> None:
    """Table `fresh_given`: how the user named each file: as typed, or below the folder as typed."""
    names: dict[Path, str] = {}
    for path in context.inputs:
        root = path.resolve()
        names[root] = str(path)
    rows = []
    for file in find_sources(context.inputs, context.config):
        root = next(one for one in (file.path, *file.path.parents) if one in names)
        shown = Path(names[root]) / file.path.relative_to(root) if root != file.path else Path(names[root])
        rows.append({"source": file.source, "file": file.name, "given": shown_name(shown.as_posix())})
    table = pa.Table.from_pylist(rows)
    context.engine.write("fresh_given", table.schema, table.to_batches())


def _nothing(context: Context) -> str:
    """What was found instead of records, by the first file."""
    found = "nothing but blanks"
    reasons = context.engine.read('SELECT reason FROM quarantine ORDER BY source, file, "offset" LIMIT 1')["reason"]
    if len(reasons):
        found = reasons[0].as_py()
    kept = context.engine.read("SELECT sum(loaded) AS n FROM ledger")["n"][0].as_py()
    if kept:
        found = f"{kept} holdings or authority records and nothing else"
    place = ", ".join(str(path) for path in context.inputs)
    return problem(place, found, "bibliographic records in MARC 21 or CNMARC", "check that these are the right files")
