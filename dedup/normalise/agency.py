"""Cataloguing agencies: who made the record, who changed it last."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import Mask, Pick, per_row, picked, picks
from dedup.rules import RuleSet

_DATE = "^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])$"


def agency_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`agencies`, original cataloguer first, last modifier last (one that follows itself stands once); `agency_date`.

    The order of the functions (original, transcribing, issuing, modifying) is the order of the picks in the field map.
    """
    subfields = batch.subfields("agency")
    wanted = picks(rules, "agency", "agency")
    rank = np.full(len(subfields.row), -1, np.int64)
    for place in range(max(len(list_of) for list_of in wanted.values())):
        rank[_one(batch, wanted, place)] = place
    at = np.flatnonzero(rank >= 0)
    at = at[np.lexsort((at, rank[at], subfields.row[at]))]
    row = subfields.row[at]
    values = pc.utf8_trim_whitespace(subfields.taken(at))
    codes = np.asarray(values.dictionary_encode().indices).astype(np.int64)
    kept = np.ones(len(at), np.bool_)
    kept[1:] = (row[1:] != row[:-1]) | (codes[1:] != codes[:-1])
    kept &= np.asarray(pc.not_equal(values, ""))
    return {
        "agencies": per_row(row[kept], values.filter(pa.array(kept)), len(batch)),
        "agency_date": _last_date(batch, rules),
    }


def _last_date(batch: RawBatch, rules: RuleSet) -> pa.Int32Array:
    """The latest date that an agency gives its work, yyyymmdd; null when none does."""
    subfields = batch.subfields("agency")
    at = np.flatnonzero(picked(batch, "agency", picks(rules, "agency", "date")))
    digits = pc.replace_substring_regex(subfields.taken(at), "[^0-9]", "")
    whole = np.asarray(pc.match_substring_regex(digits, _DATE)).astype(np.bool_)
    latest = np.zeros(len(batch), np.int64)
    np.maximum.at(latest, subfields.row[at[whole]], np.asarray(digits.filter(pa.array(whole)).cast(pa.int64())))
    return pa.array(latest, pa.int32(), mask=latest == 0)


def _one(batch: RawBatch, wanted: dict[Format, tuple[Pick, ...]], place: int) -> Mask:
    only = {form: list_of[place : place + 1] for form, list_of in wanted.items()}
    return picked(batch, "agency", only)
