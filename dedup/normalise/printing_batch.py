"""Printing columns of a batch, from edition statements, dates, printing fields, ISBN qualifiers and notes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.gathered import int_column, memory
from dedup.normalise.pick import picked, picks
from dedup.normalise.printing import Printing, parse_printing
from dedup.normalise.subfield import distinct
from dedup.normalise.window import among
from dedup.rules import RuleSet

_SOURCES = ("imprint", "edition", "note")


def _statements(batch: RawBatch, rules: RuleSet, column: str) -> Iterator[tuple[int, Printing]]:
    """Record and Printing of the values of one raw column that speak of a printing."""
    parts = batch.subfields(column)
    at = np.flatnonzero(picked(batch, column, picks(rules, "printing", column)))
    if not len(at):
        return
    table = rules.tables["printing"]
    values = parts.taken(at)
    hinted = np.asarray(pc.match_substring_regex(values, table["hint"])).astype(np.bool_)
    if column == "note":
        hinted &= np.asarray(pc.utf8_length(values)) <= table["note_length"]
    found = distinct(
        lambda text: parse_printing(text, rules), values.filter(pa.array(hinted)), memory(rules, "printing")
    )
    rows = parts.row[at[hinted]].tolist()
    yield from ((row, one) for row, one in zip(rows, found, strict=True) if one.rows or one.year)


def _qualifier_years(batch: RawBatch, rules: RuleSet) -> Iterator[tuple[int, int]]:
    """Years in ISBN qualifiers: the year of the printing in NLC records (`$b1996`)."""
    parts = batch.subfields("isbn")
    at = np.flatnonzero(picked(batch, "isbn", picks(rules, "printing", "isbn_year")))
    values = parts.taken(at)
    years = pc.extract_regex(values, rules.tables["printing"]["qualifier"]["year"])
    good = np.flatnonzero(pc.is_valid(years))
    yield from zip(
        parts.row[at[good]].tolist(),
        map(int, pc.struct_field(years, "year").take(pa.array(good)).to_pylist()),
        strict=True,
    )


def _coded(batch: RawBatch, rules: RuleSet) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Records whose fixed field says reprint."""
    coded = np.zeros(len(batch), np.bool_)
    for form in Format:
        fixed = rules.tables["date"]["fixed"]["marc21" if form is Format.MARC21 else "cnmarc"]
        if form in batch.present:
            signs = batch.window("fixed")[:, fixed["type"]]
            coded |= (batch.formats == form) & among(signs, fixed["reprint_types"])
    return coded


def printing_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """The columns printing_number, printing_year, is_reprint of `tables.CONCEPT`, one entry per record."""
    found = [pair for column in _SOURCES for pair in _statements(batch, rules, column)]
    reprints = _coded(batch, rules)
    reprints[[row for row, one in found if one.is_reprint]] = True
    rows = len(batch)
    years = [(row, one.year) for row, one in found]
    return {
        "printing_number": int_column(rows, ((row, one.number) for row, one in found), pa.int16()),
        "printing_year": int_column(rows, [*years, *_qualifier_years(batch, rules)], pa.int16()),
        "is_reprint": pa.array(reprints),
    }
