"""The stage that normalises: raw RECORD columns in, comparable CONCEPT columns out, row by row the same records."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.agency import agency_columns
from dedup.normalise.arrow import EMPTY, text, text_or_empty
from dedup.normalise.batch import RawBatch
from dedup.normalise.binding import binding_columns
from dedup.normalise.carrier import carrier_columns
from dedup.normalise.classes import classes_columns
from dedup.normalise.companion import companion_columns
from dedup.normalise.date_batch import date_columns
from dedup.normalise.edition_batch import edition_columns
from dedup.normalise.extent import extent_columns
from dedup.normalise.fault import fault_column
from dedup.normalise.genre import genre_columns
from dedup.normalise.holdings import holdings_columns
from dedup.normalise.isbn_batch import isbn_columns
from dedup.normalise.junk import junk_columns
from dedup.normalise.language import language_columns
from dedup.normalise.name import name_columns
from dedup.normalise.number_batch import number_columns
from dedup.normalise.printing_batch import printing_columns
from dedup.normalise.publisher import publisher_columns
from dedup.normalise.related import related_columns
from dedup.normalise.series import series_columns
from dedup.normalise.title import title_columns
from dedup.normalise.volume import volume_columns
from dedup.rules import RuleSet
from dedup.tables import CONCEPT

Columns = dict[str, pa.Array]
_BETWEEN = text(" · ")
STEPS: tuple[Callable[[RawBatch, RuleSet], Columns], ...] = (
    carrier_columns,
    language_columns,
    isbn_columns,
    number_columns,
    title_columns,
    volume_columns,
    edition_columns,
    printing_columns,
    date_columns,
    publisher_columns,
    extent_columns,
    binding_columns,
    name_columns,
    series_columns,
    companion_columns,
    genre_columns,
    classes_columns,
    holdings_columns,
    agency_columns,
    related_columns,
)


def concepts(records: pa.RecordBatch, rules: RuleSet) -> pa.RecordBatch:
    """Normalise RECORD rows into CONCEPT rows; the number and order of rows stay.

    Raises KeyError when no step fills a column of the schema (a fault of the program, found by its tests).
    """
    batch = RawBatch(records)
    columns: Columns = {"format": records.column("format")}
    for step in STEPS:
        columns |= step(batch, rules)
    columns |= junk_columns(batch, columns, rules)
    columns |= _statement(batch, rules)
    columns["fullness"] = _fullness(columns, rules)
    columns["faults"] = fault_column(batch, columns, rules)
    return pa.RecordBatch.from_arrays([_cast(columns[field.name], field.type) for field in CONCEPT], schema=CONCEPT)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    return column if column.type == kind else column.cast(kind)


def _statement(batch: RawBatch, rules: RuleSet) -> Columns:
    """Edition, imprint and extent as typed, one after the other, for people to read; and which of them are there."""
    parts = []
    held = np.zeros(len(batch.formats), np.int8)
    for place, (column, codes) in enumerate(rules.tables["display"]["statement"].items()):
        subfields = batch.subfields(column)
        part = subfields.joined_per_row(subfields.where(codes))
        empty = np.asarray(pc.binary_length(part).fill_null(0)) == 0
        held += ~empty * np.int8(1 << place)
        parts.append(pc.if_else(pa.array(empty), pa.scalar(None, pa.string()), part) if empty.any() else part)
    # Arrow leaves out a row in which all parts are skipped: the first part stays, its mark is trimmed off.
    parts[0] = text_or_empty(parts[0])
    joined = pc.binary_join_element_wise(*parts, _BETWEEN, null_handling="skip")
    return {"display_statement": pc.utf8_trim(joined, _BETWEEN.as_py()), "statement_parts": pa.array(held)}


def _fullness(columns: Columns, rules: RuleSet) -> pa.Array:
    """How many of the fields named in display.toml are filled (which record to keep)."""
    total = np.zeros(len(columns["format"]), np.int16)
    for name in rules.tables["display"]["fullness"]["columns"]:
        column = columns[name]
        if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
            present = pc.greater(pc.list_value_length(column), 0)
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            present = pc.not_equal(column, EMPTY)
        else:
            present = pc.is_valid(column)
        total += np.asarray(present.fill_null(False).to_numpy(zero_copy_only=False), np.int16)
    return pa.array(total)
