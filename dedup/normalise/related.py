"""Kinds of content as RDA names them (336), and the host that a part belongs to (773)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import per_row, picked, picks
from dedup.rules import RuleSet


def related_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`content_types`: codes of content types, lower case; `hosts`: control numbers of hosts, their digits alone."""
    content = _values(batch, rules, "medium", "content_type")
    types = pc.utf8_lower(pc.utf8_trim_whitespace(content[1]))
    row, numbers = _values(batch, rules, "link", "host")
    digits = pc.utf8_ltrim(pc.replace_substring_regex(numbers, "[^0-9]+", ""), "0")
    named = np.asarray(pc.not_equal(digits, "")).astype(np.bool_)
    return {
        "content_types": per_row(content[0], types, len(batch), distinct=True),
        "hosts": per_row(row[named], digits.filter(pa.array(named)), len(batch), distinct=True),
    }


def _values(batch: RawBatch, rules: RuleSet, column: str, key: str) -> tuple[np.ndarray, pa.StringArray]:
    subfields = batch.subfields(column)
    at = np.flatnonzero(picked(batch, column, picks(rules, "related", key)))
    return subfields.row[at], subfields.taken(at)
