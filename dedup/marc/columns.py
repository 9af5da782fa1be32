"""Lay fields out as the columns of RECORD (see `dedup.tables`), without Python per record.

Which tag goes into which column stands in `rules/fields/FORMAT.toml`. The text of a column is gathered by one Arrow
`take` over slices of the buffer the records were read from: tag, content, tag, content ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.marc.fingerprint import fingerprints
from dedup.marc.rawhash import raw_hashes
from dedup.marc.record import Field, RawRecord
from dedup.marc.sniff import formats
from dedup.marc.tokens import LEADER_LENGTH, Ints, Tokens, tag_code, windows
from dedup.model import Format
from dedup.rules import RuleSet
from dedup.tables import RAW_COLUMNS, RECORD

RECORD_WITHOUT_SOURCE = pa.schema([field for field in RECORD if field.name != "source"])
_SINGLE = ("control", "updated", "fixed")
_FIELD_COLUMNS = tuple(name for name in RAW_COLUMNS if name != "leader" and name not in _SINGLE)
_TAG_SPACE = 1 << 24
_SUBFIELD, _FIRST_CODE, _FIRST_MARK = 0x1F, ord("a"), b"\x1fa"
# A value usually begins after two indicators, a subfield mark and its code, and ends within so many bytes.
_BEFORE_VALUE, _SEEN = 4, 48
_CONTROL_TAG = 0x3030  # tags of control fields begin with two zeros
# Where a label (field mark and tag) stands in the pool, and how long it is.
_LABEL = 4


@dataclass(frozen=True, slots=True)
class FieldMap:
    """By format x 2^24 + tag code: `column` the number of a field column + 1 (0 for none), `single` bits for control,
    updated and fixed. By tag code: `label` the number of a tag in `pool`.
    """

    column: npt.NDArray[np.uint8]
    label: npt.NDArray[np.int16]
    pool: bytes
    single: npt.NDArray[np.uint8]


@cache
def field_map(rules: RuleSet) -> FieldMap:
    """The tables `rules/fields/*.toml` as look-up arrays."""
    column = np.zeros(len(Format) * _TAG_SPACE, np.uint8)
    label = np.zeros(_TAG_SPACE, np.int16)
    pool: dict[str, int] = {}
    single = np.zeros(len(Format) * _TAG_SPACE, np.uint8)
    for kind in Format:
        table = rules.tables[f"fields/{kind.name.lower()}"]
        for at, name in enumerate(_SINGLE):
            for tag in table[name]:
                single[kind * _TAG_SPACE + tag_code(tag)] |= 1 << at
        for number, name in enumerate(_FIELD_COLUMNS, 1):
            for tag in table["columns"].get(name, []):
                column[kind * _TAG_SPACE + tag_code(tag)] = number
                label[tag_code(tag)] = pool.setdefault(tag, len(pool))
    return FieldMap(column, label, b"".join(b"\x1e" + tag.encode() for tag in pool), single)


@cache
def left_out(rules: RuleSet) -> tuple[int, ...]:
    """Codes of the tags that the fingerprint leaves out: record number and version."""
    tables = [rules.tables[f"fields/{kind.name.lower()}"] for kind in Format]
    return tuple(sorted({tag_code(tag) for table in tables for tag in (*table["control"], *table["updated"])}))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: the file's display path, the format if the user named one, and the number of what else
    their reading depends on (`rawhash.seed_of`).
    """

    file: str
    format: Format | None = None
    seed: int = 0


def record_batch(tokens: Tokens, origin: Origin, rules: RuleSet) -> pa.RecordBatch:
    """RECORD rows without `source`, in the order of the tokens; their content must be UTF-8."""
    count = len(tokens)
    kinds = formats(tokens, rules) if origin.format is None else np.full(count, origin.format, np.int8)
    columns: dict[str, pa.Array] = {
        "file": pa.repeat(pa.scalar(origin.file, pa.string()), count),
        "offset": pa.array(tokens.offset),
        "length": pa.array(tokens.length.astype(np.int32)),
        "format": pa.array(kinds),
        "encoding": _names(tokens.encoding or [""] * count),
        "fingerprint": pa.array(fingerprints(tokens, left_out(rules))),
        "raw": pa.array(raw_hashes(tokens, origin.seed)),
        "leader": _strings(np.arange(count + 1, dtype=np.int32) * 24, np.ascontiguousarray(tokens.leader)),
    }
    rows = tokens.rows()
    mapping = field_map(rules)
    code = (kinds.astype(np.int64) * _TAG_SPACE)[rows] + tokens.tag
    columns.update(_single_columns(tokens, rows, mapping.single[code]))
    columns.update(_field_columns(tokens, rows, mapping.column[code], mapping))
    return pa.RecordBatch.from_arrays(
        [columns[name] for name in RECORD_WITHOUT_SOURCE.names], schema=RECORD_WITHOUT_SOURCE
    )


def _names(names: Sequence[str]) -> pa.StringArray:
    """Names that are mostly the same."""
    if len(set(names)) == 1:
        return pa.repeat(pa.scalar(names[0], pa.string()), len(names))
    return pa.array(names, pa.string())


def _trimmed(text: pa.StringArray) -> pa.StringArray:
    """Text without white space around it; nothing is done where each first and last byte is a printed ASCII sign."""
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return text
    edges = np.frombuffer(offsets, np.int32, len(text) + 1)
    filled = edges[1:] > edges[:-1]
    content = np.frombuffer(data, np.uint8)
    outer = np.concatenate((content[edges[:-1][filled]], content[edges[1:][filled] - 1]))
    return pc.utf8_trim_whitespace(text) if ((outer <= 0x20) | (outer >= 0x7F)).any() else text


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


def _single_columns(tokens: Tokens, rows: Ints, single: npt.NDArray[np.uint8]) -> dict[str, pa.StringArray]:
    """The first field of a kind as plain text: control (trimmed), updated, fixed. `single`: bits by field."""
    columns = {}
    candidates = np.flatnonzero(single)
    single = single[candidates]
    for at, name in enumerate(_SINGLE):
        fields = candidates[(single >> at & 1) != 0]
        owners = rows[fields]
        opens = np.ones(len(fields), np.bool_)
        opens[1:] = owners[1:] != owners[:-1]
        owners, fields = owners[opens], fields[opens]
        start, stop = np.zeros(len(tokens), np.int64), np.zeros(len(tokens), np.int64)
        start[owners], stop[owners] = tokens.start[fields], tokens.stop[fields]
        nested = owners[(tokens.tag[fields] & np.uint32(0xFFFF)) != _CONTROL_TAG]
        if len(nested):
            start[nested], stop[nested] = _first_subfield(tokens.data, start[nested], stop[nested])
        text = _slices(tokens.data, start, stop)
        columns[name] = _trimmed(text) if name == "control" else text
    return columns


def _first_subfield(data: npt.NDArray[np.uint8], start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Begin and end of the first $a of each field; an empty stretch where there is none."""
    begin, end = start + _BEFORE_VALUE, stop.copy()
    seen = (begin <= stop) & (begin + _SEEN <= len(data))
    at = np.flatnonzero(seen)
    opening = data[begin[at] - 2] == _SUBFIELD
    opening &= data[begin[at] - 1] == _FIRST_CODE
    opening &= (data[start[at]] != _SUBFIELD) & (data[start[at] + 1] != _SUBFIELD)
    marks = windows(data, begin[at], _SEEN) == _SUBFIELD
    mark = begin[at] + marks.argmax(axis=1)
    ends = marks[np.arange(len(at)), mark - begin[at]]
    end[at] = np.where(ends, np.minimum(mark, stop[at]), stop[at])
    seen[at] = opening & (ends | (begin[at] + _SEEN >= stop[at]))
    for row in np.flatnonzero(~seen).tolist():
        begin[row], end[row] = _sought_subfield(data, int(start[row]), int(stop[row]))
    return begin, end


def _sought_subfield(data: npt.NDArray[np.uint8], start: int, stop: int) -> tuple[int, int]:
    """`_first_subfield` for a field in any form."""
    content = data[start:stop].tobytes()
    at = content.find(_FIRST_MARK)
    if at < 0:
        return start, start
    following = content.find(_FIRST_MARK[:1], at + 2)
    return start + at + 2, start + following if following >= 0 else stop


def _field_columns(
    tokens: Tokens, rows: Ints, column: npt.NDArray[np.uint8], mapping: FieldMap
) -> dict[str, pa.StringArray]:
    """Every column of field text: fields with their tags, joined by the field mark, in record order.

    `column`: by field the number of its column + 1, or 0.
    """
    count = len(tokens)
    chosen = np.flatnonzero(column)
    column = column[chosen]
    order = np.argsort(column, kind="stable")
    chosen = chosen[order]
    cell = (column[order].astype(np.int64) - 1) * count + rows[chosen]
    opens = np.ones(len(cell), np.int32)
    opens[1:] = cell[1:] != cell[:-1]
    pool = np.frombuffer(mapping.pool, np.uint8)
    data = np.concatenate((pool, tokens.data))
    labels = mapping.label[tokens.tag[chosen]].astype(np.int32) * _LABEL
    edges = np.empty(4 * len(chosen) + 1, np.int32)
    edges[-1] = len(data)
    edges[:-1:4], edges[1::4] = labels + opens, labels + _LABEL
    edges[2::4], edges[3::4] = tokens.start[chosen] + len(pool), tokens.stop[chosen] + len(pool)
    pieces = pa.StringArray.from_buffers(4 * len(chosen), pa.py_buffer(edges), pa.py_buffer(data))
    text = pieces.take(pa.array(np.arange(0, 4 * len(chosen), 2)))
    ends = np.frombuffer(text.buffers()[1], np.int32)[: 2 * len(chosen) + 1 : 2] if len(chosen) else edges[:1] * 0
    filled = np.zeros(count * len(_FIELD_COLUMNS) + 1, np.int64)
    np.cumsum(np.bincount(cell, minlength=len(filled) - 1), out=filled[1:])
    offsets = ends[filled]
    buffer = text.buffers()[2] or pa.py_buffer(b"")
    return {
        name: pa.StringArray.from_buffers(count, pa.py_buffer(offsets[at * count : (at + 1) * count + 1]), buffer)
        for at, name in enumerate(_FIELD_COLUMNS)
    }


def raw_tokens(records: Sequence[RawRecord]) -> Tokens:
    """Records that another reader took apart (MARCXML, JSON, text), as arrays with UTF-8 content."""
    texts = [_text(one) for record in records for one in record.fields]
    joined = "\x1e".join([*texts, ""])
    if "\x1d" in joined or joined.count("\x1e") != len(texts):
        joined = "\x1e".join([*(text.replace("\x1e", " ").replace("\x1d", " ") for text in texts), ""])
    data = np.frombuffer(joined.encode("utf-8", "replace"), np.uint8)
    stop = np.flatnonzero(data == ord("\x1e"))
    leaders = "".join([record.leader.ljust(LEADER_LENGTH)[:LEADER_LENGTH] for record in records])
    counts = np.fromiter((len(record.fields) for record in records), np.int64, len(records))
    return Tokens(
        data,
        np.fromiter((record.offset for record in records), np.int64, len(records)),
        np.fromiter((record.length for record in records), np.int64, len(records)),
        np.frombuffer(leaders.encode("ascii", "replace"), np.uint8).reshape(-1, LEADER_LENGTH),
        np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))),
        np.array([_tag(one.tag) for record in records for one in record.fields], np.uint32),
        np.concatenate((np.zeros(1, np.int64), stop + 1))[:-1],
        stop,
        [record.encoding for record in records],
    )


def raw_batch(records: Sequence[RawRecord], origin: Origin, rules: RuleSet) -> pa.RecordBatch:
    """RECORD rows without `source` from records that another reader took apart."""
    return record_batch(raw_tokens(records), origin, rules)


def _text(one: Field) -> str:
    """Content of a field: two indicators and subfields, or a plain value."""
    if not (one.indicators or one.subfields):
        return one.value
    return one.indicators[:2].ljust(2) + "".join([f"\x1f{code}{value}" for code, value in one.subfields])


@lru_cache(1 << 12)
def _tag(tag: str) -> int:
    """The code of three bytes whatever the reader found."""
    return int.from_bytes(tag.encode("ascii", "replace").ljust(3)[:3], "little")
