"""Lay fields out as the columns of RECORD (see `dedup.tables`), without Python per record.

Which tag goes into which column stands in `rules/fields/FORMAT.toml`. The text of a column is gathered by one Arrow
`take` over slices of the buffer the records were read from: tag, content, tag, content ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.marc.fingerprint import fingerprints
from dedup.marc.record import RawRecord
from dedup.marc.sniff import formats
from dedup.marc.tokens import Ints, Loose, Tokens, from_loose, places, tag_code
from dedup.model import Format
from dedup.rules import RuleSet
from dedup.tables import RAW_COLUMNS, RECORD

RECORD_WITHOUT_SOURCE = pa.schema([field for field in RECORD if field.name != "source"])
_SINGLE = ("control", "updated", "fixed")
_FIELD_COLUMNS = tuple(name for name in RAW_COLUMNS if name != "leader" and name not in _SINGLE)
_TAG_SPACE = 1 << 24
_SUBFIELD, _FIRST_CODE = 0x1F, ord("a")
# Where a label (field mark and tag) stands in the pool, and how long it is.
_LABEL = 4


@dataclass(frozen=True, slots=True)
class FieldMap:
    """`column` gives the number of a field column + 1 (0 for none) by format x 2^24 + tag code; `label` the number of
    a tag in `pool`; `single` the tag codes of control, updated and fixed for each format.
    """

    column: npt.NDArray[np.uint8]
    label: npt.NDArray[np.int16]
    pool: bytes
    single: tuple[dict[str, tuple[int, ...]], ...]


@cache
def field_map(rules: RuleSet) -> FieldMap:
    """The tables `rules/fields/*.toml` as look-up arrays."""
    column = np.zeros(len(Format) * _TAG_SPACE, np.uint8)
    label = np.zeros(_TAG_SPACE, np.int16)
    pool: dict[str, int] = {}
    single = []
    for kind in Format:
        table = rules.tables[f"fields/{kind.name.lower()}"]
        single.append({name: tuple(tag_code(tag) for tag in table[name]) for name in _SINGLE})
        for number, name in enumerate(_FIELD_COLUMNS, 1):
            for tag in table["columns"].get(name, []):
                column[kind * _TAG_SPACE + tag_code(tag)] = number
                label[tag_code(tag)] = pool.setdefault(tag, len(pool))
    return FieldMap(column, label, b"".join(b"\x1e" + tag.encode() for tag in pool), tuple(single))


@cache
def left_out(rules: RuleSet) -> tuple[int, ...]:
    """Codes of the tags that the fingerprint leaves out: record number and version."""
    tables = [rules.tables[f"fields/{kind.name.lower()}"] for kind in Format]
    return tuple(sorted({tag_code(tag) for table in tables for tag in (*table["control"], *table["updated"])}))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: the file's display path, and the format if the user named one."""

    file: str
    format: Format | None = None


def record_batch(tokens: Tokens, origin: Origin, rules: RuleSet) -> pa.RecordBatch:
    """RECORD rows without `source`, in the order of the tokens; their content must be UTF-8."""
    count = len(tokens)
    kinds = formats(tokens, rules) if origin.format is None else np.full(count, origin.format, np.int8)
    columns: dict[str, pa.Array] = {
        "file": pa.repeat(pa.scalar(origin.file, pa.string()), count),
        "offset": pa.array(tokens.offset),
        "length": pa.array(tokens.length.astype(np.int32)),
        "format": pa.array(kinds),
        "encoding": pa.array(list(tokens.encoding or [""] * count), pa.string()),
        "fingerprint": pa.array(fingerprints(tokens, left_out(rules))),
        "leader": _strings(np.arange(count + 1, dtype=np.int32) * 24, np.ascontiguousarray(tokens.leader)),
    }
    rows = tokens.rows()
    mapping = field_map(rules)
    columns.update(_single_columns(tokens, rows, kinds, mapping))
    columns.update(_field_columns(tokens, rows, kinds, mapping))
    return pa.RecordBatch.from_arrays(
        [columns[name] for name in RECORD_WITHOUT_SOURCE.names], schema=RECORD_WITHOUT_SOURCE
    )


def _strings(offsets: npt.NDArray[np.int32], data: npt.NDArray[np.uint8]) -> pa.StringArray:
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def _slices(data: npt.NDArray[np.uint8], start: Ints, stop: Ints) -> pa.StringArray:
    """Cut strings out of one buffer, one after another: Arrow takes every other slice."""
    edges = np.empty(2 * len(start) + 1, np.int32)
    edges[-1] = len(data)
    edges[:-1:2] = start
    edges[1::2] = stop
    cut = pa.StringArray.from_buffers(2 * len(start), pa.py_buffer(edges), pa.py_buffer(data))
    return cut.take(pa.array(np.arange(0, 2 * len(start), 2)))


def _single_columns(
    tokens: Tokens, rows: Ints, kinds: npt.NDArray[np.int8], mapping: FieldMap
) -> dict[str, pa.StringArray]:
    """The first field of a kind as plain text: control (trimmed), updated, fixed."""
    columns = {}
    for name in _SINGLE:
        found = np.zeros(len(rows), np.bool_)
        inside = np.zeros(len(rows), np.bool_)
        for tags in {single[name] for single in mapping.single}:
            same = np.array([single[name] == tags for single in mapping.single])
            mine = np.zeros(len(rows), np.bool_)
            for tag in tags:
                mine |= tokens.tag == tag
            if not same.all():
                mine &= same[kinds][rows]
            found |= mine
            inside |= mine & ((tokens.tag & np.uint32(0xFFFF)) != np.uint32(0x3030))
        fields = np.flatnonzero(found)
        owners = rows[fields]
        opens = np.ones(len(fields), np.bool_)
        opens[1:] = owners[1:] != owners[:-1]
        owners, fields = owners[opens], fields[opens]
        start, stop = np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
        start[owners], stop[owners] = tokens.start[fields], tokens.stop[fields]
        nested = owners[inside[fields]]
        if len(nested):
            start[nested], stop[nested] = _first_subfield(tokens.data, start[nested], stop[nested])
        text = _slices(tokens.data, start, stop)
        columns[name] = pc.utf8_trim_whitespace(text) if name == "control" else text
    return columns


def _first_subfield(data: npt.NDArray[np.uint8], start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Begin and end of the first $a of each field; an empty stretch where there is none."""
    marks = places(data == _SUBFIELD)
    sought = marks[data[np.minimum(marks + 1, len(data) - 1)] == _FIRST_CODE]
    at = np.append(sought, len(data))[np.searchsorted(sought, start)]
    there = at < stop
    begin = np.where(there, at + 2, start)
    following = np.append(marks, len(data))[np.searchsorted(marks, begin)]
    return begin, np.where(there, np.minimum(following, stop), start)


def _field_columns(
    tokens: Tokens, rows: Ints, kinds: npt.NDArray[np.int8], mapping: FieldMap
) -> dict[str, pa.StringArray]:
    """Every column of field text: fields with their tags, joined by the field mark, in record order."""
    count = len(tokens)
    column = mapping.column[kinds.astype(np.int64)[rows] * _TAG_SPACE + tokens.tag]
    chosen = np.flatnonzero(column)
    chosen = chosen[np.argsort(column[chosen], kind="stable")]
    cell = (column[chosen].astype(np.int64) - 1) * count + rows[chosen]
    opens = np.ones(len(cell), np.int64)
    opens[1:] = cell[1:] != cell[:-1]
    pool = np.frombuffer(mapping.pool, np.uint8)
    data = np.concatenate((pool, tokens.data))
    labels = mapping.label[tokens.tag[chosen]].astype(np.int64) * _LABEL
    edges = np.empty(4 * len(chosen) + 1, np.int32)
    edges[-1] = len(data)
    edges[:-1:4], edges[1::4] = labels + opens, labels + _LABEL
    edges[2::4], edges[3::4] = tokens.start[chosen] + len(pool), tokens.stop[chosen] + len(pool)
    pieces = pa.StringArray.from_buffers(4 * len(chosen), pa.py_buffer(edges), pa.py_buffer(data))
    text = pieces.take(pa.array(np.arange(0, 4 * len(chosen), 2)))
    lengths = np.concatenate(([0], np.cumsum(_LABEL - opens + tokens.stop[chosen] - tokens.start[chosen])))
    filled = np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=count * len(_FIELD_COLUMNS)))))
    offsets = lengths[filled].astype(np.int32)
    buffer = text.buffers()[2] or pa.py_buffer(b"")
    return {
        name: pa.StringArray.from_buffers(count, pa.py_buffer(offsets[at * count : (at + 1) * count + 1]), buffer)
        for at, name in enumerate(_FIELD_COLUMNS)
    }


def raw_tokens(records: Sequence[RawRecord]) -> Tokens:
    """Records that another reader took apart (MARCXML, JSON, text), as arrays with UTF-8 content."""
    return from_loose([_loose(record) for record in records])


def raw_batch(records: Sequence[RawRecord], origin: Origin, rules: RuleSet) -> pa.RecordBatch:
    """RECORD rows without `source` from records that another reader took apart."""
    return record_batch(raw_tokens(records), origin, rules)


def _loose(record: RawRecord) -> Loose:
    fields: list[tuple[bytes, bytes]] = []
    for one in record.fields:
        marked = "".join(f"\x1f{code}{value}" for code, value in one.subfields)
        text = one.indicators[:2].ljust(2) + marked if one.indicators or marked else one.value
        text = text.replace("\x1e", " ").replace("\x1d", " ")
        fields.append((_tag(one.tag), text.encode("utf-8", "replace")))
    leader = record.leader.encode("ascii", "replace").ljust(24)[:24]
    return Loose(record.offset, record.length, leader, tuple(fields), record.encoding)


def _tag(tag: str) -> bytes:
    """Three bytes whatever the reader found."""
    return tag.encode("ascii", "replace").ljust(3)[:3]
