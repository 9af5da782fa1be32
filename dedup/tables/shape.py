"""Short names for column types, and the schema of named, explained columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pyarrow as pa

TEXT, FLAG = pa.string(), pa.bool_()
TEXTS, NUMBERS = pa.list_(pa.string()), pa.list_(pa.int64())
I8, I16, I32, I64 = pa.int8(), pa.int16(), pa.int32(), pa.int64()


def schema(*columns: tuple[str, pa.DataType, str]) -> pa.Schema:
    """A schema of columns (name, type, what it means)."""
    return pa.schema([pa.field(name, kind, metadata={"means": means}) for name, kind, means in columns])


Packing = Literal["uncompressed", "zstd"]


def packed(table: pa.Schema, packing: Packing, *names: str) -> pa.Schema:
    """The schema with a wish how a database stores some of its columns; of the others it chooses itself."""
    fields = [
        field.with_metadata({**field.metadata, "packing": packing}) if field.name in names else field for field in table
    ]
    return pa.schema(fields)


def packing_of(table: pa.Schema) -> Mapping[str, str]:
    """By name of a column the wish that `packed` put there."""
    return {field.name: field.metadata[b"packing"].decode() for field in table if b"packing" in (field.metadata or {})}
