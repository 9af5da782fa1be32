"""What each library is given, one after the other, and what the centre is given: read from the tables of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dedup.engine.base import Engine
from dedup.report import lines
from dedup.report.model import Line, Package, Part
from dedup.rules import RuleSet

ROWS_AT_ONCE = 20_000
"""Rows of libraries that are read together; one library is never torn apart."""
_LINES_AT_ONCE = 2_000

_COLUMNS = """
l.part, l.finding, l.group_id, l.verdict, l.cause, l.secondary, l.flags, coalesce(o.action, l.action) AS action, l.keep,
l.keep_record, r.record_id, r.title, r.responsibility, r.edition, r.publisher, r.year_fixed, r.year_transcribed,
r.pages, r.isbn13, r.isbn10, r.series, r.volume, r.level, r.libraries, r.call_numbers, r.barcodes, r.agencies, r.dated,
l.differing, l.before_zh || coalesce(o.correction_zh, l.correction_zh) AS correction_zh,
l.before_en || coalesce(o.correction_en, l.correction_en) AS correction_en, l.reason_zh, l.reason_en, l.confidence,
array_to_string(CASE WHEN o.action IS NULL THEN l.doers ELSE [o.library] END, '; ') AS responsible, r.locations
"""

# Findings in which the library itself has to act come first; in each the record to keep, then the library's own.
_OF_LIBRARIES = f"""
SELECT s.library AS viewer, {_COLUMNS}
FROM report_sees s JOIN report_line l ON l.finding = s.finding JOIN report_record r ON r.rid = l.rid
LEFT JOIN correction o ON o.library = s.library AND o.group_id = l.group_id AND o.rid = l.rid AND l.part <> 'confirmed'
WHERE s.library >= $first AND s.library <= $last
ORDER BY s.library, s.place, NOT s.mine, l.finding, NOT l.keep,
         NOT list_contains(CASE WHEN o.action IS NULL THEN l.doers ELSE [o.library] END, s.library),
         NOT list_contains(r.holders, s.library), r.record_id
"""

_SIZES = """
SELECT s.library, count(*) AS rows FROM report_sees s JOIN report_line l ON l.finding = s.finding
GROUP BY s.library ORDER BY s.library
"""

_OF_CENTRE = f"""
SELECT '' AS viewer, {_COLUMNS}
FROM report_line l JOIN report_record r ON r.rid = l.rid
JOIN (SELECT unnest($parts) AS part, unnest(range(len($parts))) AS place) p ON p.part = l.part
LEFT JOIN correction o ON false
ORDER BY p.place, l.finding, NOT l.keep, r.record_id
"""


def packages(engine: Engine, rules: RuleSet) -> Iterator[Package]:
    """The package of every library that has a finding; some thousands of lines in memory at a time.

    A library is given whole groups: each of which it holds or made a record, or in which it has to act.
    """
    return (package(library, lines_of(rows)) for library, rows in tables(engine, rules))


def tables(engine: Engine, rules: RuleSet) -> Iterator[tuple[str, pa.Table]]:
    """Libraries with their lines as rows, for `lines_of`: those of many lines first, the others by name."""
    if not engine.has("report_line"):
        lines.prepare(engine, rules)
    for first, last in _stretches(engine):
        table = engine.read(_OF_LIBRARIES, {"first": first, "last": last})
        for library in pc.unique(table["viewer"]).to_pylist():
            yield library, table if first == last else table.filter(pc.equal(table["viewer"], library))


def count(engine: Engine) -> tuple[int, int]:
    """How many libraries have a package, and how many lines these have together."""
    sizes = engine.read(_SIZES)["rows"].to_pylist()
    return len(sizes), sum(sizes)


def _stretches(engine: Engine) -> Iterator[tuple[str, str]]:
    """Runs of libraries (first, last) with some thousands of rows together; what takes long comes first."""
    runs: list[tuple[int, str, str]] = []
    for row in engine.read(_SIZES).to_pylist():
        library, rows = row["library"], row["rows"]
        if runs and runs[-1][0] + rows <= ROWS_AT_ONCE:
            rows, (_, library, _) = rows + runs[-1][0], runs.pop()
        runs.append((rows, library, row["library"]))
    return ((first, last) for _, first, last in sorted(runs, key=lambda run: -run[0]))


def package(library: str, found: tuple[Line, ...]) -> Package:
    """Lines as a package with its counts: `PART_groups` and `PART_records` of every part."""
    counts = {}
    for part in Part:
        mine = [line for line in found if line.part is part]
        counts[f"{part}_records"] = len(mine)
        counts[f"{part}_groups"] = len({line.group_id or line.key for line in mine})
    return Package(library, found, counts)


def centre(engine: Engine, rules: RuleSet) -> Iterator[Line]:
    """All lines of all findings, each once, as the centre sees them; streamed in the order of the parts."""
    if not engine.has("report_line"):
        lines.prepare(engine, rules)
    engine.sql("report_centre", _OF_CENTRE, {"parts": [str(part) for part in Part]})
    for batch in engine.batches("FROM report_centre"):
        yield from _lines(pa.Table.from_batches([batch]))
    engine.drop("report_centre")


def lines_of(rows: pa.Table) -> tuple[Line, ...]:
    """Rows of the queries above as lines, in their order."""
    return tuple(_lines(rows))


def _lines(rows: pa.Table) -> Iterator[Line]:
    """Lines, made of some thousand rows at a time."""
    for batch in rows.to_batches(max_chunksize=_LINES_AT_ONCE):
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        ids = zip(columns["group_id"], columns["record_id"], strict=True)
        columns["key"] = [f"{group or 'J'}|{record}" for group, record in ids]
        columns["part"] = list(map(Part, columns["part"]))
        columns["differing"] = list(map(tuple, columns["differing"]))
        columns |= {name: _spoken(columns, name) for name in ("correction", "reason")}
        yield from map(Line, *(columns[name] for name in Line.__slots__))


def _spoken(columns: dict[str, list[Any]], name: str) -> list[Mapping[str, str]]:
    """A text in both languages, row by row."""
    both = zip(columns[f"{name}_zh"], columns[f"{name}_en"], strict=True)
    return [{"zh": zh or "", "en": en or ""} for zh, en in both]
