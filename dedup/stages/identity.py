"""The identity of a record as one number: what a judgement about it rests on."""

from __future__ import annotations

import pyarrow as pa

from dedup.errors import RuleError, nearest, problem
from dedup.rules import RuleSet
from dedup.tables import LOADED


def identity_of(rules: RuleSet, record: str = "r") -> str:
    """An SQL term over the table `record` (LOADED) by its alias: the hash of the identity columns as a UBIGINT.

    Which columns these are stands in `rules/review.toml`; a value that is absent differs from an empty one in nothing.
    Raises RuleError for an unknown column.
    """
    columns = rules.tables["review"]["identity"]["columns"]
    for name in columns:
        if name not in LOADED.names:
            place = f"{rules.root / 'review.toml'} [identity] columns"
            remedy = nearest(name, LOADED.names) or "correct it"
            raise RuleError(problem(place, repr(name), "a column of the table record", remedy))
    # Signs that no text holds stand between columns and between the values of a list.
    parts = ", ".join(_text(f"{record}.{name}", LOADED.field(name).type) for name in columns)
    return f"md5_number_lower(concat_ws(chr(31), {parts}))"


def _text(term: str, kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"coalesce(array_to_string({term}, chr(30)), '')"
    return f"coalesce(CAST({term} AS VARCHAR), '')"
