"""Raw batches typed as cataloguers show records: `245 10$aTitle :$bsubtitle`."""

from __future__ import annotations

import pyarrow as pa

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.tables import FIELD_MARK, RAW_COLUMNS, RECORD, SUBFIELD_MARK


def field(line: str) -> str:
    """Field text of one shown line; tag, blank, up to two indicators, `$` before each subfield code."""
    head, _, rest = line.partition("$")
    indicators = head[3:].removeprefix(" ").ljust(2)[:2].replace("#", " ")
    marked = "".join(SUBFIELD_MARK + part for part in rest.split("$")) if rest else ""
    return f"{head[:3]}{indicators}{marked}"


def raw_batch(*records: tuple[Format, dict[str, list[str]]]) -> RawBatch:
    """A batch of records, each a format and shown lines by raw column; plain columns (`fixed`) as one bare line."""
    columns = {}
    for column in RECORD:
        if column.name == "format":
            columns[column.name] = pa.array([kind for kind, _ in records], pa.int8())
        elif column.name in RAW_COLUMNS:
            texts = [
                FIELD_MARK.join(field(line) if "$" in line else line for line in fields.get(column.name, []))
                for _, fields in records
            ]
            columns[column.name] = pa.array(texts, pa.string())
        else:
            blank = "" if pa.types.is_string(column.type) else 0
            columns[column.name] = pa.array([blank] * len(records), column.type)
    return RawBatch(pa.RecordBatch.from_pydict(columns, schema=RECORD))
