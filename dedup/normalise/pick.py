"""Pick subfields by the tag lists of `rules/fields`, and gather picked values into one list per record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.errors import RuleError, problem
from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.subfield import Ints, Subfields, tag_number
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
FORMATS: tuple[tuple[Format, str], ...] = (
    (Format.MARC21, "marc21"),
    (Format.CNMARC, "cnmarc"),
    (Format.UNIMARC, "unimarc"),
)
LIMIT = 500_000
_ANY = -1


@dataclass(frozen=True, slots=True)
class Pick:
    """Subfields of one tag: indicators as byte values (-1 = any), codes as byte values."""

    tag: int
    first: int
    second: int
    codes: tuple[int, ...]


def _indicator(sign: str) -> int:
    return _ANY if sign == "*" else ord(" " if sign == "_" else sign)


def parse_pick(text: str, place: str) -> Pick:
    """Read `TAG INDICATORS CODES`: `264 *1 ab` (`*` any, `_` blank). Raises RuleError on another shape."""
    parts = text.split(" ")
    if len(parts) != 3 or len(parts[0]) != 3 or len(parts[1]) != 2 or not parts[2]:
        raise RuleError(problem(place, repr(text), "tag, two indicators, codes: '264 *1 b'", "mend that entry"))
    tag, indicators, codes = parts
    return Pick(tag_number(tag), _indicator(indicators[0]), _indicator(indicators[1]), tuple(codes.encode()))


@cache
def picks(rules: RuleSet, section: str, key: str) -> dict[Format, tuple[Pick, ...]]:
    """The picks `key` of one section of each format's field map; none where the map has no such entry."""
    found: dict[Format, tuple[Pick, ...]] = {}
    for form, name in FORMATS:
        entries = rules.tables[f"fields/{name}"].get(section, {}).get(key, [])
        place = f"rules/fields/{name}.toml [{section}] {key}"
        found[form] = tuple(parse_pick(entry, place) for entry in entries)
    return found


def picked(batch: RawBatch, column: str, wanted: dict[Format, tuple[Pick, ...]]) -> Mask:
    """Mask over the subfields of one raw column: those picked for the format of their record."""
    subfields = batch.subfields(column)
    mask = np.zeros(len(subfields.row), np.bool_)
    formats = batch.formats
    present = batch.present
    for form in present:
        chosen = np.zeros(len(subfields.kinds), np.bool_)
        for pick in wanted.get(Format(int(form)), ()):
            chosen |= _matching(subfields.kinds, pick)
        if not chosen.any():
            continue
        if len(present) == 1:
            return chosen[subfields.kind]
        mask |= chosen[subfields.kind] & (formats[subfields.row] == form)
    return mask


def _matching(kinds: Ints, pick: Pick) -> Mask:
    """Which kinds of subfields (see `Subfields.kinds`) a pick names."""
    mask: Mask = kinds[:, 0] == pick.tag
    if pick.first != _ANY:
        mask &= kinds[:, 1] == pick.first
    if pick.second != _ANY:
        mask &= kinds[:, 2] == pick.second
    codes = np.zeros(256, np.bool_)
    codes[list(pick.codes)] = True
    mask &= codes[kinds[:, 3]]
    return mask


@dataclass(slots=True)
class Memory:
    """A pure function of one string that gives tuples of strings, with what it gave before.

    One per worker and function: frequent values cost one look-up.
    """

    function: Callable[[str], Sequence[tuple[str, ...]]]
    width: int = 1
    known: dict[str, Sequence[tuple[str, ...]]] = field(default_factory=dict)

    def lists(self, column: pa.StringArray) -> tuple[pa.ListArray, ...]:
        """For each value, `width` lists of strings. Null gives empty lists."""
        encoded = column.dictionary_encode()
        results = self._results(encoded.dictionary.to_pylist())
        index = pc.fill_null(encoded.indices, len(results)) if encoded.indices.null_count else encoded.indices
        found = []
        for place in range(self.width):
            values = [result[place] for result in results]
            values.append(())
            found.append(pa.array(values, pa.list_(pa.string())).take(index))
        return tuple(found)

    def _results(self, values: list[str]) -> list[Any]:
        known = self.known
        if len(known) > LIMIT:
            known.clear()
        results: list[Any] = []
        for value in values:
            found = known.get(value)
            if found is None:
                found = known[value] = self.function(value)
            results.append(found)
        return results


def flat(row: Ints, lists: pa.ListArray) -> tuple[Ints, pa.StringArray]:
    """The values of lists, each with the record its list belongs to."""
    lengths = np.asarray(pc.list_value_length(lists)).astype(np.int64)
    return np.repeat(row, lengths), lists.flatten()


def per_row(row: Ints, values: pa.Array, rows: int, distinct: bool = False) -> pa.ListArray:
    """One list per record out of values in record order; with `distinct`, each value once, where it stands first."""
    if distinct and len(row) > 1 and bool((row[1:] == row[:-1]).any()):
        codes = np.asarray(values.dictionary_encode().indices).astype(np.int64)
        _, first = np.unique(row * (int(codes.max()) + 1) + codes, return_index=True)
        kept = np.sort(first)
        row, values = row[kept], values.take(pa.array(kept))
    offsets = np.zeros(rows + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=rows), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def in_record_order(row: Ints, values: pa.Array) -> tuple[Ints, pa.Array]:
    """Sort values by record, keeping the order they stand in."""
    order = np.argsort(row, kind="stable")
    return row[order], values.take(pa.array(order))


def trimmed(values: pa.StringArray) -> pa.StringArray:
    """Values without blanks and ISBD punctuation at their ends."""
    return pc.utf8_rtrim(pc.utf8_trim_whitespace(values), " /:;,=")


def joined_per_field(
    subfields: Subfields, mask: Mask, separator: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], pa.StringArray]:
    """For each field with a subfield under the mask: field number, record, and its values joined."""
    at = np.flatnonzero(mask)
    fields = subfields.field[at]
    starts = np.flatnonzero(np.diff(fields, prepend=-1)) if len(at) else np.zeros(0, np.int64)
    edges = np.append(starts, len(at)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(edges), subfields.taken(at))
    return fields[starts], subfields.row[at][starts], pc.binary_join(lists, separator)
