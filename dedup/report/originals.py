"""The records of findings as their libraries sent them: where each stands, and all its fields again.

A plain file of ISO 2709 is read in place, record by record. Of any other container (XML, JSON, text, archives) the
wanted records are copied once, in one pass, into a file beside the database, so that no file is read twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.marc.columns import left_out
from dedup.marc.many import Spot, can_seek, read_in_place, read_many
from dedup.marc.single import Whole
from dedup.model import Format, Verdict
from dedup.rules import RuleSet
from dedup.stages.accounts import FILES_OF
from dedup.tables import FIELD_MARK

_LEADER = 24
_TAG = 3
_BATCH = 1_000
_KINDS = pa.schema([("source", pa.string()), ("file", pa.string()), ("path", pa.string()), ("kind", pa.string())])
_COPIES = pa.schema([("record_id", pa.string()), ("at", pa.int64()), ("bytes", pa.int64())])
_MEMBERSHIP = ("group_id", "keep", "verdict")
_IN_PLACE, _COPIED, GONE = "in-place", "copied", "gone"

_FILES = FILES_OF.format(records="rid IN (SELECT rid FROM member UNION SELECT rid FROM junk)")

# A control number that two records of a source share names neither of them.
_ORIGINALS = """
WITH wanted AS (SELECT rid FROM member UNION SELECT rid FROM junk),
twice AS (SELECT source, control FROM record WHERE control <> '' GROUP BY source, control HAVING count(*) > 1)
SELECT r.rid, r.record_id, r.source, r.control, t.control IS NOT NULL AS shared, r.format, r.file, r."offset", r.length,
       r.encoding, r.fingerprint,
       array_to_string(r.source_numbers, '; ') AS source_numbers,
       coalesce(r.printing_year, r.year, r.fixed_year) AS year, r.pages, r.isbn_other AS others,
       k.path, k.kind
FROM record r JOIN original_file k ON k.source = r.source AND k.file = r.file
LEFT JOIN twice t ON t.source = r.source AND t.control = r.control
WHERE r.rid IN (SELECT rid FROM wanted)
"""

_TO_COPY = """
SELECT o.source, o.file, o.path, o.record_id, o."offset", o.length, o.encoding FROM original o
WHERE o.kind = $copied AND o.rid IN (SELECT rid FROM member)
ORDER BY o.source, o.file, o."offset"
"""

_OF_PACKAGE = """
SELECT o.* EXCLUDE (rid), coalesce(m.group_id, '') AS group_id, coalesce(m.keep, false) AS keep,
       coalesce(m.verdict, '') AS verdict, c.at, c.bytes
FROM original o LEFT JOIN member m ON m.rid = o.rid LEFT JOIN original_copy c ON c.record_id = o.record_id
WHERE m.group_id IN (SELECT unnest($groups::VARCHAR[])) OR o.record_id IN (SELECT unnest($records::VARCHAR[]))
ORDER BY o.record_id
"""


@dataclass(frozen=True, slots=True)
class Original:
    """One record: how its source numbers it (`shared`: as another record, too), where it stands, what notes say of it.

    `kind`: read in place, copied (then `at` and `bytes` in the file of copies), or gone with its source file. `others`:
    ISBN cores in it that are never its identity.
    """

    record_id: str
    source: str
    control: str
    shared: bool
    format: Format
    file: str
    path: str
    kind: str
    offset: int
    length: int
    encoding: str
    fingerprint: int
    source_numbers: str
    year: int | None
    pages: int | None
    others: tuple[int, ...]
    at: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Originals:
    """The records of one package, and what is merged: kept record -> the others of its group. It can be pickled."""

    records: Mapping[str, Original] = field(default_factory=dict)
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    copies: Path = Path()


def prepare(engine: Engine, rules: RuleSet, copies: Path) -> None:
    """Write `original`, `original_file` and `original_copy`, and the file of copies."""
    files = engine.read(_FILES).to_pylist()
    rows = [{"source": row["source"], "file": row["file"], "path": row["path"], "kind": _kind(row)} for row in files]
    engine.write("original_file", _KINDS, [pa.RecordBatch.from_pylist(rows, _KINDS)])
    engine.sql("original", _ORIGINALS)
    engine.sql("original_wanted", _TO_COPY, {"copied": _COPIED})
    with copies.open("wb") as out:
        engine.write("original_copy", _COPIES, _copied(engine, out, left_out(rules)))
    engine.drop("original_wanted")


def forget(engine: Engine) -> None:
    """Drop the tables of `prepare`; the file of copies is its owner's."""
    engine.drop("original", "original_file", "original_copy")


def _kind(row: Mapping[str, str]) -> str:
    path = Path(row["path"])
    try:
        if not path.is_file():
            return GONE
        return _IN_PLACE if can_seek(path) else _COPIED
    except (OSError, ValueError):
        return GONE


def _copied(engine: Engine, out: IO[bytes], outside: tuple[int, ...]) -> Iterator[pa.RecordBatch]:
    """Copies records into `out`; rows say where each stands there."""
    rows: list[dict[str, object]] = []
    at = 0
    for key, found in groupby(_wanted(engine), key=lambda row: (row["source"], row["file"], row["path"])):
        for name, whole in _read(Path(str(key[2])), str(key[1]), found, outside):
            if whole is None:
                continue
            written = _packed(whole)
            out.write(written)
            rows.append({"record_id": name, "at": at, "bytes": len(written)})
            at += len(written)
            if len(rows) >= _BATCH:
                yield pa.RecordBatch.from_pylist(rows, _COPIES)
                rows = []
    yield pa.RecordBatch.from_pylist(rows, _COPIES)


def _wanted(engine: Engine) -> Iterator[Mapping[str, object]]:
    for batch in engine.batches('FROM original_wanted ORDER BY source, file, "offset"'):
        for start in range(0, batch.num_rows, _BATCH):
            yield from batch.slice(start, _BATCH).to_pylist()


def _read(
    path: Path, file: str, rows: Iterable[Mapping[str, object]], outside: tuple[int, ...]
) -> Iterator[tuple[str, Whole | None]]:
    """The records of one file or one archive's member; nothing when it cannot be read any more."""
    member = file.partition(f"{path.name}!")[2]
    spots = (
        Spot(str(row["record_id"]), int(str(row["offset"])), int(str(row["length"])), str(row["encoding"]))
        for row in rows
    )
    try:
        yield from read_many(path, member, spots, outside)
    except OSError:
        return


def _packed(whole: Whole) -> bytes:
    fields = FIELD_MARK.join(tag[:_TAG].ljust(_TAG) + content for tag, content in whole.fields)
    return f"{whole.leader:<{_LEADER}}{whole.fingerprint:020d}{fields}".encode("utf-8", "replace")


def _unpacked(data: bytes) -> Whole:
    text = data.decode("utf-8")
    body = text[_LEADER + 20 :]
    fields = tuple((one[:_TAG], one[_TAG:]) for one in body.split(FIELD_MARK)) if body else ()
    return Whole(text[:_LEADER], fields, int(text[_LEADER : _LEADER + 20]))


def rows_of(engine: Engine, groups: Iterable[str], records: Iterable[str]) -> pa.Table:
    """What `prepare` found of the records of some groups, and of some beside them, as rows for `from_rows`.

    A group of no name is none: records without a usable title stand in no group.
    """
    return engine.read(_OF_PACKAGE, {"groups": sorted(set(groups) - {""}), "records": sorted(set(records))})


def from_rows(rows: pa.Table, copies: Path) -> Originals:
    """The records of one package."""
    found: dict[str, Original] = {}
    kept: dict[str, str] = {}
    beside: dict[str, list[str]] = {}
    columns = {name: rows[name].to_pylist() for name in rows.column_names}
    columns["format"] = list(map(Format, columns["format"]))
    originals = map(Original, *(columns[name] for name in Original.__slots__))
    for original, group, keep, verdict in zip(originals, *(columns[name] for name in _MEMBERSHIP), strict=True):
        name = original.record_id
        found[name] = original
        if verdict == Verdict.SAME and keep:
            kept[group] = name
        elif verdict == Verdict.SAME:
            beside.setdefault(group, []).append(name)
    merged = {name: tuple(beside.get(group, ())) for group, name in kept.items()}
    return Originals(found, merged, copies)


def read_originals(originals: Originals, names: Iterable[str], rules: RuleSet) -> dict[str, Whole]:
    """The fields of some records; those that are gone or not what the run saw are left out."""
    rows = sorted((originals.records[name] for name in set(names)), key=lambda row: (row.path, row.offset))
    found: dict[str, Whole] = {}
    for path, some in groupby((row for row in rows if row.kind == _IN_PLACE), key=lambda row: row.path):
        spots = [Spot(row.record_id, row.offset, row.length, row.encoding) for row in some]
        try:
            found |= {name: whole for name, whole in read_in_place(Path(path), spots, left_out(rules)) if whole}
        except (OSError, ValueError):
            continue
    copied = [row for row in rows if row.at is not None and row.bytes is not None]
    if copied:
        with originals.copies.open("rb") as stream:
            for row in copied:
                stream.seek(row.at or 0)
                found[row.record_id] = _unpacked(stream.read(row.bytes or 0))
    return {name: whole for name, whole in found.items() if whole.fingerprint == originals.records[name].fingerprint}
