"""Volumes named with ISBNs and prices: 010$b 上册, 020 (v. 1), 010$d (全二册)."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Level
from dedup.normalise.batch import RawBatch
from dedup.normalise.coded import coded
from dedup.normalise.pick import picked, picks
from dedup.normalise.subfield import Ints
from dedup.normalise.volume_designation import Volume, is_designation, parse_volume
from dedup.normalise.volume_words import any_of
from dedup.rules import RuleSet

_PARTS = re.compile(r"[:;,()（）：；，]+")


@cache
def _memories(rules: RuleSet) -> tuple[dict[str, Volume], dict[str, int]]:
    """What was read before, per worker and rule set: qualifiers, prices."""
    return {}, {}


def qualifier_volume(text: str, rules: RuleSet) -> Volume:
    """The volume named in a qualifier (上册 : 精装; v. 1 : pbk.); an empty Volume when none is."""
    for part in _PARTS.split(text):
        if part and is_designation(part, rules):
            return parse_volume(part, rules)
    return Volume()


def isbn_volumes(batch: RawBatch, rules: RuleSet) -> tuple[list[Volume], Ints]:
    """One volume when the only ISBN of a record names it; a set when several ISBNs name different volumes.

    Gives distinct volumes and for each record the position of its own, -1 for none.
    """
    row, texts = _qualifiers(batch, rules)
    volumes, codes = coded(lambda text: qualifier_volume(text, rules), texts, _memories(rules)[0])
    numbers = np.array([-1 if one.level != Level.VOLUME or one.first is None else one.first for one in volumes] + [-1])
    said = numbers[codes] != -1
    # 下 (-1) names a volume too, though its number is unknown.
    said |= np.array([one.level == Level.VOLUME and one.first is not None for one in volumes] + [False])[codes]
    row, codes = row[said], codes[said]
    column = np.full(len(batch), -1, np.int64)
    if not len(row):
        return volumes, column
    keys = np.unique(row * (len(volumes) + 1) + codes)
    owners, kinds = np.divmod(keys, len(volumes) + 1)
    several = np.bincount(owners, minlength=len(batch)) > 1
    isbns = np.bincount(
        batch.subfields("isbn").row[picked(batch, "isbn", picks(rules, "volume", "isbn"))], minlength=len(batch)
    )
    column[owners] = np.where(isbns[owners] <= 1, kinds, -1)
    column[several] = len(volumes)
    return [*volumes, Volume(level=Level.SET)], column


def _qualifiers(batch: RawBatch, rules: RuleSet) -> tuple[Ints, pa.StringArray]:
    """Qualifiers of ISBNs: subfields of their own, and what stands in brackets behind the number."""
    subfields = batch.subfields("isbn")
    at = np.flatnonzero(picked(batch, "isbn", picks(rules, "volume", "qualifier")))
    behind = np.flatnonzero(picked(batch, "isbn", picks(rules, "volume", "bracketed")))
    values = subfields.taken(behind)
    hits = np.flatnonzero(np.asarray(pc.match_substring_regex(values, "[(（]")))
    bracketed = pc.replace_substring_regex(values.take(pa.array(hits)), "^[^(（]*", "")
    rows = np.concatenate([subfields.row[at], subfields.row[behind[hits]]])
    return rows, pa.concat_arrays([subfields.taken(at), bracketed])


def price_totals(batch: RawBatch, rules: RuleSet) -> Ints:
    """The number of volumes that a price is for (CNY96.80 (全五册)), per record; 0 when none is said."""
    subfields = batch.subfields("isbn")
    at = np.flatnonzero(picked(batch, "isbn", picks(rules, "volume", "price")))
    values = subfields.taken(at)
    wanted = any_of(rules.entries("volume", "whole"))
    hits = np.flatnonzero(np.asarray(pc.match_substring_regex(values, wanted)))
    totals, codes = coded(
        lambda text: parse_volume(text, rules).total or 0, values.take(pa.array(hits)), _memories(rules)[1]
    )
    column = np.zeros(len(batch), np.int64)
    column[subfields.row[at[hits]]] = np.asarray([*totals, 0], np.int64)[codes]
    return column
