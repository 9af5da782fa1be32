"""Items of the member libraries, found by the fingerprint of their fields and never by the tag alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.errors import RuleError, problem
from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import Memory, per_row
from dedup.normalise.subfield import Ints, Subfields, opening, tag_number
from dedup.rules import RuleSet

_PARTS = ("library", "call", "barcode", "date", "location")
COLUMNS = ("libraries", "call_numbers", "barcodes", "item_dates", "locations")


@dataclass(frozen=True, slots=True)
class Preset:
    """How one system writes items; see `rules/holdings.toml`."""

    id: str
    tag: int
    needs: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    repeats: bool
    day_first: bool


@dataclass(frozen=True, slots=True)
class _Items:
    """Items of one preset: record, field, and one text per item for each of `_PARTS`."""

    row: Ints
    field: Ints
    texts: tuple[pa.StringArray, ...]


@cache
def presets(rules: RuleSet) -> tuple[Preset, ...]:
    """The presets in order of preference."""
    return tuple(_preset(entry) for entry in rules.tables["holdings"]["preset"])


def _preset(entry: Mapping[str, Any]) -> Preset:
    return Preset(
        id=entry["id"],
        tag=tag_number(entry["tag"]),
        needs=tuple(entry["needs"]),
        codes={part: tuple(entry[part]) for part in _PARTS},
        repeats=entry.get("repeats", False),
        day_first=entry.get("date_order") == "dmy",
    )


def item_date(text: str, day_first: bool = False) -> str:
    """A date as yyyymmdd: `2010-10-12`, `20101012`, `10/12/2010` (month first unless told); else empty."""
    if found := re.match(r"((?:1[89]|20)\d\d)[-./]?(\d\d?)[-./]?(\d\d?)(?!\d)", text.strip()):
        year, month, day = found.groups()
    elif found := re.match(r"(\d\d?)[-./](\d\d?)[-./]((?:1[89]|20)\d\d)(?!\d)", text.strip()):
        month, day, year = found.groups()
        if day_first or int(month) > 12:
            month, day = day, month
    else:
        return ""
    valid = 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    return f"{year}{int(month):02d}{int(day):02d}" if valid else ""


@cache
def _dates(day_first: bool) -> Memory:
    return Memory(lambda text: ((item_date(text, day_first),),))


def holdings_columns(batch: RawBatch, rules: RuleSet, preset: str | None = None) -> dict[str, pa.Array]:
    """`libraries`, `call_numbers`, `barcodes`, `item_dates`, `locations`: parallel lists, one entry per item.

    In a record the first preset that finds an item counts; `preset` names the only one to try.
    Raises RuleError for a preset that is not in the table.
    """
    subfields = batch.subfields("holdings")
    taken = np.zeros(len(batch), np.bool_)
    found: list[_Items] = []
    present = set(subfields.kinds[:, 0].tolist())
    for candidate in _chosen(rules, preset):
        if candidate.tag not in present:
            continue
        items = _items(subfields, candidate, taken)
        taken[items.row] = True
        found.append(items)
    return _columns(found, len(batch), rules)


def _chosen(rules: RuleSet, preset: str | None) -> tuple[Preset, ...]:
    known = presets(rules)
    if preset is None:
        return known
    chosen = tuple(one for one in known if one.id == preset)
    if not chosen:
        names = ", ".join(one.id for one in known)
        raise RuleError(problem("rules/holdings.toml", f"no preset {preset!r}", names, "name one of these"))
    return chosen


def _items(subfields: Subfields, preset: Preset, taken: np.ndarray) -> _Items:
    """The fields of the preset's tag that pass its fingerprint, in records not taken by another preset."""
    at = np.flatnonzero((subfields.tag == preset.tag) & ~taken[subfields.row])
    begins = opening(subfields.field[at])
    fields, row = subfields.field[at[begins]], subfields.row[at[begins]]
    group = np.cumsum(begins) - 1
    code = subfields.code[at]
    where = {letter: _first_of(code, group, at, ord(letter), len(fields)) for letter in _letters(preset)}
    counts = np.zeros(len(fields), np.bool_)
    for combination in preset.needs:
        counts |= np.logical_and.reduce([where[letter] >= 0 for letter in combination])
    texts = [_text(subfields, preset.codes[part], where, len(fields)) for part in _PARTS]
    texts[3] = _dates(preset.day_first).lists(texts[3])[0].flatten()
    chosen = np.flatnonzero(counts)
    if preset.repeats and preset.codes["barcode"]:
        letter = preset.codes["barcode"][0]
        chosen, texts[2] = _copies(subfields, at[code == ord(letter)], group[code == ord(letter)], counts)
        texts = [text if place == 2 else text.take(pa.array(chosen)) for place, text in enumerate(texts)]
    else:
        texts = [text.take(pa.array(chosen)) for text in texts]
    return _Items(row[chosen], fields[chosen], tuple(texts))


def _letters(preset: Preset) -> set[str]:
    return set("".join(preset.needs) + "".join("".join(codes) for codes in preset.codes.values()))


def _first_of(code: np.ndarray, group: Ints, at: Ints, letter: int, fields: int) -> Ints:
    """For each field the position of its first subfield with the code; -1 where there is none."""
    found = np.full(fields, -1, np.int64)
    chosen = np.flatnonzero(code == letter)[::-1]
    found[group[chosen]] = at[chosen]
    return found


def _text(subfields: Subfields, choices: tuple[str, ...], where: dict[str, Ints], fields: int) -> pa.StringArray:
    """For each field the first choice that has a value; codes of one choice are joined by a space."""
    text = pa.array([""] * fields, pa.string())
    for codes in reversed(choices):
        values = []
        for letter in codes:
            index = where[letter]
            value = subfields.taken_or_null(index)
            values.append(pc.utf8_trim_whitespace(pc.fill_null(value, "")))
        joined = values[0]
        for value in values[1:]:
            joined = pc.utf8_trim_whitespace(pc.binary_join_element_wise(joined, value, " "))
        text = pc.if_else(pc.equal(joined, ""), text, joined)
    return text


def _copies(subfields: Subfields, at: Ints, group: Ints, counts: np.ndarray) -> tuple[Ints, pa.StringArray]:
    """One item per barcode, and one for a field without: the field of each item and its barcode."""
    kept = counts[group]
    without = np.setdiff1d(np.flatnonzero(counts), group[kept])
    owner = np.concatenate((group[kept], without))
    codes = pc.utf8_trim_whitespace(subfields.taken(at[kept]))
    barcodes = pa.concat_arrays([codes, pa.array([""] * len(without), pa.string())])
    order = np.argsort(owner, kind="stable")
    return owner[order], barcodes.take(pa.array(order))


def _columns(found: list[_Items], rows: int, rules: RuleSet) -> dict[str, pa.Array]:
    """Items of all presets as one list per record, in the record's order."""
    if not found:
        empty = pa.array([[]] * rows, pa.list_(pa.string()))
        return dict.fromkeys(COLUMNS, empty)
    row = np.concatenate([items.row for items in found])
    field = np.concatenate([items.field for items in found])
    order = np.lexsort((np.arange(len(row)), field, row))
    columns = {}
    for place, name in enumerate(COLUMNS):
        values = pa.concat_arrays([items.texts[place] for items in found]).take(pa.array(order))
        if name == "call_numbers":
            automatic = pc.match_substring_regex(values, rules.tables["holdings"]["automatic_call_numbers"])
            values = pc.if_else(automatic, "", values)
        columns[name] = per_row(row[order], values, rows)
    return columns
