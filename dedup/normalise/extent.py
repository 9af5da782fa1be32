"""Extent columns: pages, runs, units, size and accompanying material of every record of a batch."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import firsts, holding, matching
from dedup.normalise.batch import RawBatch
from dedup.normalise.coded import coded, spread
from dedup.normalise.extent_parse import Extent, parse_extent, parse_size
from dedup.normalise.pick import in_record_order, per_row, picked, picks
from dedup.normalise.subfield import Ints
from dedup.normalise.text import fold
from dedup.normalise.volume_words import any_of
from dedup.rules import RuleSet

# Pages at the very beginning, perhaps after a leaf that was cut off: `l., 3-180 p.`.
_MORE_PAGES = r"^[\s,]*(?:[lℓ]\.?,\s*)?\[?\d+\]?(?:-\d+)?\]?\s*p[\s.]"

__all__ = ["Extent", "accompanying_classes", "extent_columns", "extents", "parse_extent", "parse_size"]


@cache
def _memories(rules: RuleSet) -> tuple[dict[str, Extent], dict[str, int | None], dict[str, str]]:
    """What was read before, per worker and rule set: extents, sizes, accompanying material."""
    return {}, {}, {}


def extents(batch: RawBatch, rules: RuleSet) -> tuple[list[Extent], Ints]:
    """The extents of a batch: distinct results, and for each record the position of its own (-1: no extent)."""
    return batch.derived("extents", lambda: _extents(batch, rules))


def _extents(batch: RawBatch, rules: RuleSet) -> tuple[list[Extent], Ints]:
    subfields = batch.subfields("extent")
    texts = subfields.first_per_row(picked(batch, "extent", picks(rules, "extent", "extent")))
    texts = _continued(texts, subfields.first_per_row(picked(batch, "extent", picks(rules, "extent", "continued"))))
    return coded(lambda text: parse_extent(text, rules), texts, _memories(rules)[0])


def _continued(texts: pa.StringArray, more: pa.StringArray) -> pa.StringArray:
    """Extents with the pages that were put with the illustrations: `xx p., 1 l.,$b359 p.`."""
    runs = pc.fill_null(pc.match_substring_regex(more, _MORE_PAGES), False)
    if not pc.any(runs).as_py():
        return texts
    joined = pc.binary_join_element_wise(texts, more, " ")
    return pc.if_else(pc.and_(runs, pc.is_valid(joined)), joined, texts)


def extent_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """Columns `pages`, `preliminary_pages`, `page_runs`, `units`, `size`, `accompanying` of `dedup.tables.CONCEPT`."""
    found, codes = extents(batch, rules)
    subfields = batch.subfields("extent")
    texts = subfields.first_per_row(picked(batch, "extent", picks(rules, "extent", "size")))
    sizes, size_codes = coded(lambda text: parse_size(text, rules), texts, _memories(rules)[1])
    runs = pa.array([*(one.runs for one in found), ()], pa.list_(pa.int64()))
    return {
        "pages": spread([one.pages for one in found], codes, pa.int32()),
        "preliminary_pages": spread([one.preliminary for one in found], codes, pa.int16()),
        "page_runs": runs.take(pa.array(np.where(codes < 0, len(found), codes))),
        "units": spread([one.units for one in found], codes, pa.int16()),
        "size": spread(sizes, size_codes, pa.int16()),
        "accompanying": _accompanying(batch, rules),
    }


@cache
def _class_patterns(rules: RuleSet) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """For each class of accompanying material the pattern of its words in folded text."""
    found = []
    for row in rules.terms["accompanying"]:
        latin = any_of(word for word in row.entries if word.isascii())
        other = any_of(word for word in row.entries if not word.isascii())
        shapes = [rf"(?<![a-z])(?:{latin})(?![a-z])"] if latin else []
        found.append((row.id, re.compile("|".join([*shapes, other] if other else shapes))))
    return tuple(found)


def accompanying_classes(text: str, rules: RuleSet) -> str:
    """The classes of accompanying material named in a text, sorted, one space between; '' when none is known."""
    folded = fold(unicodedata.normalize("NFKC", text), rules)
    return " ".join(sorted(name for name, pattern in _class_patterns(rules) if pattern.search(folded)))


def _accompanying(batch: RawBatch, rules: RuleSet) -> pa.Array:
    """Accompanying material from its own subfield, from behind a plus, and from the price (含光盘)."""
    rows: list[Ints] = []
    values: list[pa.Array] = []
    plus, included = r"^[^+]*\+", rules.tables["extent"]["included"]
    sources: list[tuple[str, str, tuple[str, ...], Callable[[pa.Array], pa.Array] | None]] = [
        ("extent", "accompanying", (), None),
        ("extent", "added", ("+",), lambda found: pc.replace_substring_regex(found, plus, "")),
        ("isbn", "price", tuple(included), None),
    ]
    for column, key, wanted, change in sources:
        subfields = batch.subfields(column)
        at = np.flatnonzero(picked(batch, column, picks(rules, "extent", key)))
        found = subfields.taken(at)
        if wanted:
            hits = np.flatnonzero(matching(found, "|".join(map(re.escape, wanted)), holding(found, firsts(wanted))))
            at, found = at[hits], found.take(pa.array(hits))
        rows.append(subfields.row[at])
        values.append(change(found) if change else found)
    row, joined = in_record_order(np.concatenate(rows), pa.concat_arrays(values))
    lists = per_row(row, joined, len(batch))
    owners = np.unique(row)
    texts = pc.binary_join(lists.take(pa.array(owners)), " + ")
    classes, codes = coded(lambda text: accompanying_classes(text, rules), texts, _memories(rules)[2])
    index = np.full(len(batch), len(classes), np.int64)
    index[owners] = codes
    return pa.array([*classes, ""], pa.string()).take(pa.array(index))
