"""Languages of the text and of the original, country of publication."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import Memory, flat, in_record_order, per_row, picked, picks
from dedup.rules import RuleSet

_LANGUAGE = slice(35, 38)
_COUNTRY = slice(15, 18)


def language_codes(text: str, rules: RuleSet) -> tuple[str, ...]:
    """Language codes in one subfield: three letters each, also written together as before 2002 (`engfre`).

    Codes of one language become one; codes that name no language are left out.
    """
    table = rules.tables["language"]
    same, none = table["same"], set(table["none"])
    codes = text.strip().lower()
    parts = [codes[at : at + 3] for at in range(0, len(codes), 3)] if len(codes) % 3 == 0 else []
    named = [same.get(part, part) for part in parts if part not in none and part.isalpha()]
    return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class _Tables:
    codes: Memory


@cache
def _tables(rules: RuleSet) -> _Tables:
    return _Tables(Memory(lambda text: (language_codes(text, rules),)))


def language_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`languages` (the coded one of the fixed field first), `original_languages`, `country`."""
    rows = np.arange(len(batch))
    marc21 = batch.formats == Format.MARC21
    fixed = _slice(batch, marc21, _LANGUAGE)
    codes = _tables(rules).codes
    first_row, first = flat(rows, codes.lists(fixed)[0])
    row, values = _picked_codes(batch, rules, "text")
    row, values = in_record_order(np.concatenate((first_row, row)), pa.concat_arrays([first, values]))
    original_row, original = _picked_codes(batch, rules, "original")
    return {
        "languages": per_row(row, values, len(batch), distinct=True),
        "original_languages": per_row(original_row, original, len(batch), distinct=True),
        "country": _country(batch, rules, marc21),
    }


def _slice(batch: RawBatch, mask: np.ndarray[tuple[int], np.dtype[np.bool_]], part: slice) -> pa.StringArray:
    """Some positions of the fixed field, for the records under the mask; empty elsewhere."""
    cut = pc.utf8_slice_codeunits(batch.text("fixed"), part.start, part.stop)
    return cut if mask.all() else pc.if_else(pa.array(mask), cut, "")


def _picked_codes(batch: RawBatch, rules: RuleSet, key: str) -> tuple[np.ndarray, pa.Array]:
    at = np.flatnonzero(picked(batch, "language", picks(rules, "language", key)))
    subfields = batch.subfields("language")
    (lists,) = _tables(rules).codes.lists(subfields.taken(at))
    return flat(subfields.row[at], lists)


def _country(batch: RawBatch, rules: RuleSet, marc21: np.ndarray) -> pa.StringArray:
    """008/15-17 or the first 102 $a, trimmed, lower case, without fill characters."""
    mask = picked(batch, "country", picks(rules, "language", "country"))
    named = batch.subfields("country").first_per_row(mask)
    coded = _slice(batch, marc21, _COUNTRY)
    text = pc.if_else(pa.array(marc21), coded, pc.fill_null(named, ""))
    return pc.ascii_lower(pc.replace_substring_regex(text, "[^A-Za-z]", ""))
