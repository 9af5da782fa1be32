"""Small raw batches for the tests of columns: records written as (column, tag, indicators, subfields)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.tables import FIELD_MARK, RAW_COLUMNS, SUBFIELD_MARK

Record = Mapping[str, Sequence[str] | str]


def field(tag: str, text: str, indicators: str = "  ") -> str:
    """Field text from `$aBoston :$bMIT Press`; a control field when the text has no `$`."""
    return f"{tag}{indicators}{text.replace('$', SUBFIELD_MARK)}" if "$" in text else f"{tag}{text}"


def batch(records: Sequence[Record], form: Format = Format.MARC21) -> RawBatch:
    """RECORD rows with the given columns, empty elsewhere; a list of fields becomes field text."""

    def text(record: Record, name: str) -> str:
        value = record.get(name, "")
        return value if isinstance(value, str) else FIELD_MARK.join(value)

    columns: dict[str, pa.Array] = {"format": pa.array([form] * len(records), pa.int8())}
    for name in RAW_COLUMNS:
        columns[name] = pa.array([text(record, name) for record in records], pa.string())
    return RawBatch(pa.RecordBatch.from_pydict(columns))
