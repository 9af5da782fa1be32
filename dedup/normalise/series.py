"""Series columns: series titles and numbers of every record, and series-like names in notes and titles (D08)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import lengths, matches
from dedup.normalise.batch import RawBatch
from dedup.normalise.coded import coded, sorted_lists, spread
from dedup.normalise.pick import joined_per_field, per_row, picked, picks, trimmed
from dedup.normalise.series_title import counted_shape, note_series, series_key, series_number, strip_series_prefix
from dedup.normalise.subfield import Ints
from dedup.normalise.text import skeleton_column
from dedup.normalise.title_words import short_western, speaking_notes, speaking_titles
from dedup.normalise.volume_words import any_of
from dedup.normalise.wordlist import raw_words
from dedup.rules import RuleSet

__all__ = ["note_series", "series_columns", "series_key", "series_number", "strip_series_prefix"]

Found = tuple[Ints, pa.Array]


@cache
def _memories(rules: RuleSet) -> tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, str]]:
    """What was read before, per worker and rule set: titles, numbers, notes, titles proper."""
    return {}, {}, {}, {}


def series_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """Columns `series`, `series_text`, `series_numbers`, `note_series`, `note_keys` of `dedup.tables.CONCEPT`."""
    subfields = batch.subfields("series")
    fields, row, titles = joined_per_field(subfields, picked(batch, "series", picks(rules, "series", "title")), " ")
    keys, codes = coded(lambda text: series_key(text, rules), titles, _memories(rules)[0])
    skeletons = spread(keys, codes, pa.string())
    others = speaking_titles(batch, rules, "series", "other")
    noted = [_named(speaking_notes(batch, rules), rules), _named(others, rules), _prefixes(batch, rules)]
    rows = np.concatenate([one for one, _ in noted])
    return {
        "series": sorted_lists(row, skeletons, len(batch)),
        "note_keys": _short_notes(batch, rules),
        "series_text": per_row(row, trimmed(titles), len(batch)),
        "series_numbers": _numbers(batch, rules, fields, skeletons),
        "note_series": sorted_lists(rows, pa.concat_arrays([values for _, values in noted]), len(batch)),
    }


def _short_notes(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """Skeletons of the notes that are as short as a series title, numbers at their end cut off (D08)."""
    settings = rules.tables["series"]
    subfields = batch.subfields("note")
    at = np.flatnonzero(picked(batch, "note", picks(rules, "series", "note")))
    values = subfields.taken(at)
    short = lengths(values) <= settings["western_note_limit"]
    keys = skeleton_column(values.filter(pa.array(short)), rules)
    keys = pc.replace_substring_regex(keys, settings["number_at_end"], "")
    long = lengths(keys) >= settings["title_from"]
    return sorted_lists(subfields.row[at[short]][long], keys.filter(pa.array(long)), len(batch))


def _numbers(batch: RawBatch, rules: RuleSet, fields: Ints, skeletons: pa.Array) -> pa.ListArray:
    """`skeleton number` of every field that has both; `fields` numbers the fields of the skeletons, ascending."""
    subfields = batch.subfields("series")
    at = np.flatnonzero(picked(batch, "series", picks(rules, "series", "number")))
    place = np.searchsorted(fields, subfields.field[at])
    inside = place < len(fields)
    at, place = at[inside], place[inside]
    same = fields[place] == subfields.field[at]
    at, place = at[same], place[same]
    numbers = _read_numbers(subfields.taken(at), rules)
    names = skeletons.take(pa.array(place))
    return sorted_lists(subfields.row[at], pc.binary_join_element_wise(names, numbers, " "), len(batch))


@cache
def _worth_reading(rules: RuleSet) -> str:
    """A pattern (RE2) of the words one of which stands in every note that names a series."""
    rows = [row for row in rules.terms["series"] if row.kind in ("word-han", "before")]
    han = raw_words((word for row in rows for word in row.entries if not word.isascii()), rules)
    quoted = any_of(rules.entries("series", "word-western"))
    announced = any_of(word for row in rows if row.kind == "before" for word in row.entries if word.isascii())
    return rf"{han}|^(?:[\"“'‘].*(?i:{quoted})|(?i:{announced}))"


def _read_numbers(values: pa.StringArray, rules: RuleSet) -> pa.StringArray:
    """`series_number` of every value; plain numbers (no. 97), nearly all different, are read together."""
    shape = counted_shape(rules)
    plain = np.asarray(pc.match_substring_regex(values, shape))
    digits = pc.replace_substring_regex(values.filter(pa.array(plain)), shape, r"\1")
    counted = pc.replace_substring_regex(digits, "^0+([0-9])", r"\1")
    others = values.filter(pa.array(~plain))
    read, codes = coded(lambda text: series_number(text, rules), others, _memories(rules)[1])
    found = pa.concat_arrays([counted, spread([one or None for one in read], codes, pa.string())])
    place = np.where(plain, np.cumsum(plain) - 1, len(counted) + np.cumsum(~plain) - 1)
    return found.take(pa.array(place))


def _hits(found: Found, rules: RuleSet) -> Found:
    """Those of the texts that hold a word of series."""
    row, values = found
    at = np.flatnonzero(matches(values, _worth_reading(rules)) | short_western(values, rules))
    return row[at], values.take(pa.array(at))


def _named(found: Found, rules: RuleSet) -> Found:
    """Series-like names in notes and other title information."""
    row, values = _hits(found, rules)
    keys, codes = coded(lambda text: note_series(text, rules), values, _memories(rules)[2])
    return row, spread(keys, codes, pa.string())


def _prefixes(batch: RawBatch, rules: RuleSet) -> Found:
    """Series titles in front of titles proper."""
    row, values = _hits(speaking_titles(batch, rules, "series", "proper"), rules)

    def read(title: str) -> str:
        """The key of the series in front of a title; empty when there is none."""
        series = strip_series_prefix(title, rules)[1]
        return series_key(series, rules) if series else ""

    keys, codes = coded(read, values, _memories(rules)[3])
    return row, spread(keys, codes, pa.string())
