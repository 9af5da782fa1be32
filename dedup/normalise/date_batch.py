"""Date columns of a batch: the fixed field, the imprint, and the year made of both.

Source of the rules: domain facts 0.4 (read both dates), 1.4, 1.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.date import Dates, parse_date
from dedup.normalise.gathered import memory
from dedup.normalise.pick import picked, picks
from dedup.normalise.window import among, number_at
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_FIELDS = ("year", "copyright", "end", "reissue")
NONE = -1


def _imprint_years(batch: RawBatch, rules: RuleSet, key: str) -> dict[str, Ints]:
    """For each record the years of the first date subfield picked that gives any; -1 where none does."""
    parts = batch.subfields("imprint")
    at = np.flatnonzero(picked(batch, "imprint", picks(rules, "date", key)))
    encoded = parts.taken(at).dictionary_encode()
    known = memory(rules, "date")
    table = np.full((len(encoded.dictionary) + 1, len(_FIELDS)), NONE, np.int64)
    for place, text in enumerate(encoded.dictionary.to_pylist()):
        dates: Dates | None = known.get(text)
        if dates is None:
            dates = known[text] = parse_date(text, rules)
        table[place] = [NONE if (value := getattr(dates, name)) is None else value for name in _FIELDS]
    index = np.asarray(encoded.indices)
    telling = (table[index] != NONE).any(axis=1) if len(index) else np.zeros(0, np.bool_)
    rows, first = np.unique(parts.row[at[telling]], return_index=True)
    years = np.full((len(batch), len(_FIELDS)), NONE, np.int64)
    years[rows] = table[index[telling][first]]
    return {name: years[:, place] for place, name in enumerate(_FIELDS)}


def _fixed(batch: RawBatch, rules: RuleSet) -> tuple[npt.NDArray[np.uint8], dict[str, Ints]]:
    """Date type as a byte; years, day of entry and flags of the type (1, 0), -1 where there is none."""
    matrix = batch.window("fixed")
    rows = len(batch)
    kind = np.zeros(rows, np.uint8)
    found = {
        name: np.full(rows, NONE, np.int64) for name in ("first", "second", "entered", "open", "range", "uncertain")
    }
    settings = rules.tables["date"]
    for form in Format:
        here = batch.formats == form
        if not here.any():
            continue
        fixed: Mapping[str, Any] = settings["fixed"]["marc21" if form is Format.MARC21 else "cnmarc"]
        kind[here] = matrix[here, fixed["type"]]
        for name in ("first", "second"):
            found[name][here] = number_at(matrix, fixed[name], 4)[here]
        width = fixed["type"] - fixed["entered"]
        entered = number_at(matrix, fixed["entered"], width)
        found["entered"][here] = (_century(entered, settings["entered_century"]) if width == 6 else entered)[here]
        for name in ("open", "range", "uncertain"):
            found[name][here] = among(kind[here], fixed[f"{name}_types"])
    for name in ("first", "second"):
        outside = (found[name] < settings["year_from"]) | (found[name] > settings["year_to"])
        found[name][outside & (found[name] != settings["open_year"])] = NONE
    found["first"][found["first"] == settings["open_year"]] = NONE
    found["entered"][~_is_day(found["entered"])] = NONE
    return kind, found


def _century(entered: Ints, turn: int) -> Ints:
    """Six digits yymmdd as eight: MARC began in the sixties."""
    full = np.where(entered // 10_000 >= turn, 19_000_000, 20_000_000) + entered
    return np.where(entered >= 0, full, NONE)


def _is_day(dates: Ints) -> Mask:
    month, day = dates // 100 % 100, dates % 100
    return (dates > 0) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)


def _array(values: Ints, kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.int64(), mask=values == NONE).cast(kind)


def _types(kind: npt.NDArray[np.uint8]) -> pa.StringArray:
    """One letter per record; empty for blanks and fill characters."""
    letters = pa.array([chr(byte) if chr(byte).isalpha() and byte < 128 else "" for byte in range(256)], pa.string())
    return letters.take(pa.array(kind))


def date_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """The columns from date_type to entered of `tables.CONCEPT`, one entry per record.

    A publication statement wins over other imprints and over a copyright date given apart (264 #4).
    """
    kind, fixed = _fixed(batch, rules)
    keys = ("publication", "other", "copyright", "misplaced")
    published, other, right, misplaced = (_imprint_years(batch, rules, key) for key in keys)

    def first(*choices: Ints) -> Ints:
        """Of several columns of years, for each record the first that holds one."""
        result = choices[0]
        for choice in choices[1:]:
            result = np.where(result == NONE, choice, result)
        return result

    transcribed = first(published["year"], right["year"], other["year"])
    open_year = rules.tables["date"]["open_year"]
    coded_end = np.where(fixed["open"] == 1, open_year, np.where(fixed["range"] == 1, fixed["second"], NONE))
    coded_end = np.where((coded_end <= fixed["first"]) & (coded_end != NONE), NONE, coded_end)
    wide = (fixed["uncertain"] == 1) & (fixed["second"] - fixed["first"] > rules.tables["date"]["uncertain_span"])
    coded = np.where(wide, NONE, fixed["first"])
    return {
        "date_type": _types(kind),
        "fixed_year": _array(fixed["first"], pa.int16()),
        "fixed_year2": _array(fixed["second"], pa.int16()),
        "year": _array(first(transcribed, coded, misplaced["year"]), pa.int16()),
        "transcribed_year": _array(transcribed, pa.int16()),
        "copyright_year": _array(first(published["copyright"], right["copyright"], right["year"]), pa.int16()),
        "end_year": _array(first(published["end"], coded_end), pa.int16()),
        "reissue_year": _array(published["reissue"], pa.int16()),
        "entered": _array(fixed["entered"], pa.int32()),
    }
