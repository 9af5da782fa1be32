"""Short names for column types, and the schema of named, explained columns."""

from __future__ import annotations

import pyarrow as pa

TEXT, FLAG = pa.string(), pa.bool_()
TEXTS, NUMBERS = pa.list_(pa.string()), pa.list_(pa.int64())
I8, I16, I32, I64 = pa.int8(), pa.int16(), pa.int32(), pa.int64()


def schema(*columns: tuple[str, pa.DataType, str]) -> pa.Schema:
    """A schema of columns (name, type, what it means)."""
    return pa.schema([pa.field(name, kind, metadata={"means": means}) for name, kind, means in columns])
