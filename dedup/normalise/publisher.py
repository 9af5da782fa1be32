"""Columns of the imprint: publisher keys, their families, places of publication."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.batch import RawBatch
from dedup.normalise.house import publisher_family, publisher_key, publisher_keys
from dedup.normalise.linked import linked_values
from dedup.normalise.person import EAST_ASIAN
from dedup.normalise.pick import Memory, flat, in_record_order, per_row, picked, picks
from dedup.normalise.subfield import Ints
from dedup.normalise.text import fold
from dedup.rules import RuleSet

__all__ = ["place_key", "publisher_columns", "publisher_family", "publisher_key", "publisher_keys"]

_AFTER = re.compile(r"[,;:(=]|\s\[")
# Letters that a cataloguer supplied to an abbreviation: N[ew] Y[ork].
_SUPPLIED = re.compile(r"(?<=\w)\[(\w+)\]")
# The next place stands in a subfield of its own: `London and$aNew York`.
_JOINED = re.compile(r"\s+(?:and|&|et|und)\s*$")
# Text behind a colon, the mark of a publisher (ISBD 4).
_BEHIND_COLON = r":\s*[\p{L}\[]?\p{L}{2,}"
_PREFERENCE = ("", "_else", "_last")


@dataclass(frozen=True, slots=True)
class _Places:
    same: Mapping[str, str]
    cut: re.Pattern[str]
    unknown: frozenset[str]
    han_suffix: re.Pattern[str]


@cache
def _places(rules: RuleSet) -> _Places:
    table = rules.tables["publishers"]["places"]
    cut = "|".join(re.escape(word) for word in sorted(table["cut"], key=len, reverse=True))
    suffix = "|".join(map(re.escape, rules.entries("publisher", "place-suffix-han")))
    return _Places(
        same=table["same"],
        cut=re.compile(rf"(?: (?:{cut}))+$"),
        unknown=frozenset(fold(word, rules) for word in rules.entries("publisher", "place-unknown")),
        han_suffix=re.compile(f"(?<=..)(?:{suffix})$"),
    )


def place_key(text: str, rules: RuleSet) -> str:
    """The first city of a place of publication, folded: `Boston, Mass.` and `[Boston]` give boston, 臺北市 gives 台北.

    Empty when no place is named. Countries and states behind the city are cut off (domain facts 1.4).
    """
    table = _places(rules)
    if EAST_ASIAN.search(text):
        key = fold(re.split(r"[,，;；、()（）]|\s", text.strip(" []［］"))[0], rules)
        key = table.han_suffix.sub("", key)
        return "" if key in table.unknown else table.same.get(key, key)
    text = _SUPPLIED.sub(r"\1", text) if "[" in text else text
    first = _AFTER.split(text.lstrip(" [(").replace(" [etc", ","), maxsplit=1)[0]
    key = fold(_JOINED.sub("", first), rules).replace(".", " ").replace("-", " ").strip()
    key = table.same.get(key) or table.cut.sub("", key)
    return "" if key in table.unknown else table.same.get(key, key)


@cache
def _publisher_memory(rules: RuleSet) -> Memory:
    return Memory(lambda text: (publisher_keys(text, rules),))


@cache
def _family_memory(rules: RuleSet) -> Memory:
    def family(key: str) -> tuple[tuple[str, ...]]:
        """The family of a house, or none."""
        found = publisher_family(key, rules)
        return ((found,) if found else (),)

    return Memory(family)


@cache
def _place_memory(rules: RuleSet) -> Memory:
    def place(text: str) -> tuple[tuple[str, ...]]:
        """The key of a place, or none."""
        found = place_key(text, rules)
        return ((found,) if found else (),)

    return Memory(place)


def publisher_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`publishers`, `publisher_families` and `places`: one list per record, each key once.

    Publication statements come first; production and, last, distribution statements stand in where a record has no
    other (MARC 21 field 264). Manufacturers and copyright statements are never publishers.
    """
    rows = len(batch)
    place_row, places = _with_linked(
        batch, rules, "place", _preferred(batch, rules, "place", _place_memory(rules)), _place_memory(rules)
    )
    place_lists = per_row(place_row, places, rows, distinct=True)
    row, keys = _with_misplaced(batch, rules, *_preferred(batch, rules, "name", _publisher_memory(rules)))
    keys = _localised(row, keys, place_lists, rules)
    row, keys = _with_linked(batch, rules, "publisher", (row, keys), _publisher_memory(rules))
    family_row, families = flat(row, _family_memory(rules).lists(keys)[0])
    return {
        "publishers": per_row(row, keys, rows, distinct=True),
        "publisher_families": per_row(family_row, families, rows, distinct=True),
        "places": place_lists,
    }


def _preferred(batch: RawBatch, rules: RuleSet, name: str, memory: Memory) -> tuple[Ints, pa.StringArray]:
    """Keys of the first group of fields, in order of preference, that has a subfield in the record."""
    subfields = batch.subfields("imprint")
    mask = np.zeros(len(subfields.row), np.bool_)
    settled = np.zeros(len(batch), np.bool_)
    for group in _PREFERENCE:
        chosen = picked(batch, "imprint", picks(rules, "publisher", name + group)) & ~settled[subfields.row]
        mask |= chosen
        settled[subfields.row[chosen]] = True
    at = np.flatnonzero(mask)
    (lists,) = memory.lists(subfields.taken(at))
    return flat(subfields.row[at], lists)


def _with_linked(
    batch: RawBatch, rules: RuleSet, key: str, found: tuple[Ints, pa.StringArray], memory: Memory
) -> tuple[Ints, pa.StringArray]:
    """Keys with those of the same element in another script (880)."""
    more_row, values = linked_values(batch, rules, key)
    if not len(more_row):
        return found
    more_row, more = flat(more_row, memory.lists(values)[0])
    return in_record_order(np.concatenate((found[0], more_row)), pa.concat_arrays([found[1], more]))


def _with_misplaced(batch: RawBatch, rules: RuleSet, row: Ints, keys: pa.StringArray) -> tuple[Ints, pa.StringArray]:
    """Publishers' keys, with those of names typed behind the place: `Boston : LeRoy Phillips,` in 260$a."""
    subfields = batch.subfields("imprint")
    at = np.flatnonzero(picked(batch, "imprint", picks(rules, "publisher", "misplaced")))
    values = subfields.taken(at)
    marked = np.asarray(pc.match_substring_regex(values, _BEHIND_COLON), np.bool_)
    nameless = np.ones(len(batch), np.bool_)
    nameless[row] = False
    lone = nameless[subfields.row[at]] & np.asarray(pc.match_substring_regex(values, _behind_city(rules)), np.bool_)
    hits = np.flatnonzero(marked | lone)
    if not len(hits):
        return row, keys
    names = pc.replace_substring_regex(values.take(pa.array(hits)), r"^[^:]*:\s*(?:b )?|^[^:,]*,\s*", "")
    (lists,) = _publisher_memory(rules).lists(names)
    more_row, more = flat(subfields.row[at[hits]], lists)
    return in_record_order(np.concatenate((row, more_row)), pa.concat_arrays([keys, more]))


@cache
def _behind_city(rules: RuleSet) -> str:
    """A pattern (RE2) of text behind a city that stands before publishers, parted by a comma."""
    cities = "|".join(map(re.escape, rules.tables["publishers"]["places"]["cities"]))
    return rf"(?i)^\W*(?:{cities}),\s*\p{{Lu}}[^,]*\s\p{{L}}"


def _localised(row: Ints, keys: pa.StringArray, places: pa.ListArray, rules: RuleSet) -> pa.StringArray:
    """Keys that many houses share get the place of their record: `univ pr` at Cambridge is `cambridge univ pr`."""
    table: dict[str, Mapping[str, Any]] = {entry["key"]: entry for entry in rules.tables["publishers"]["local"]}
    at = np.flatnonzero(np.asarray(pc.is_in(keys, value_set=pa.array(list(table)))))
    if len(at) == 0:
        return keys
    named = keys.take(pa.array(at)).to_pylist()
    where = places.take(pa.array(row[at])).to_pylist()
    found = [_local_key(table[key], cities) for key, cities in zip(named, where, strict=True)]
    mask = np.zeros(len(keys), np.bool_)
    mask[at] = True
    return pc.replace_with_mask(keys, pa.array(mask), pa.array(found, pa.string()))


def _local_key(entry: Mapping[str, Any], cities: list[str]) -> str:
    if not cities or any(city in entry["home"] for city in cities):
        return str(entry["key"])
    return f"{cities[0]} {entry['elsewhere']}"
