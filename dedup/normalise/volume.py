"""Volume columns: the level of every record of a batch within a multi-volume work, and the volume it describes.

Evidence, strongest first: the part number ($h, $n), a part name that is a designation, a designation at the end of
the title or the other title information, the volume named with the only ISBN, the number of volumes in the extent,
the leader. A price for all volumes (全二册) is only a hint: every volume of a set may carry it.
Source: domain facts 1.3, D03, P14-P16, 5.8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Level
from dedup.normalise.batch import RawBatch
from dedup.normalise.coded import coded, scattered
from dedup.normalise.extent import extents
from dedup.normalise.extent_parse import VOLUME, Extent
from dedup.normalise.pick import Mask, picked, picks
from dedup.normalise.subfield import Ints
from dedup.normalise.text import fold
from dedup.normalise.volume_designation import (
    Volume,
    is_designation,
    is_number,
    opening_designation,
    parse_volume,
    resolved,
    strip_volume,
    weak_volume,
)
from dedup.normalise.volume_isbn import isbn_volumes, price_totals
from dedup.normalise.volume_trail import may_begin_with_volume, may_end_in_volume
from dedup.normalise.volume_words import VolumeWords, volume_words
from dedup.normalise.window import among
from dedup.rules import RuleSet
from dedup.tables import SUBFIELD_MARK

__all__ = ["Volume", "may_end_in_volume", "parse_volume", "strip_volume", "volume_columns", "weak_volume"]


_SERIAL, _LEADER, _NAMED, _OLD, _BY_ISBN, _COPY = 1, 2, 4, 8, 16, 32
_OPEN, _ALONE, _STEP = 1, 2, 4
_NONE = Volume()


@cache
def _memory(rules: RuleSet, about: str) -> dict[str, Volume]:
    """What was read before, per worker, rule set and part of the record."""
    return {}


@cache
def _folded(rules: RuleSet) -> dict[str, str]:
    """Part names folded before, per worker and rule set."""
    return {}


def volume_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """Columns `level`, `volume_from`, `volume_to`, `volume_total`, `volume_label`, `part` of `dedup.tables.CONCEPT`.

    3 v. in 1 is a SET of three volumes: the record covers all of them, however they are bound.
    """
    part, by_name = _names(batch, rules)
    (volumes, codes), late = _numbers(batch, rules)
    volumes, codes = _merged((volumes, codes), by_name)
    volumes, codes = _merged((volumes, codes), _titles(batch, rules, codes < 0))
    sure = len(volumes)
    volumes, codes = _merged((volumes, codes), isbn_volumes(batch, rules))
    flags = _flags(batch, rules) + _NAMED * np.asarray(pc.not_equal(part, "")) + _BY_ISBN * (codes >= sure)
    flags[late] |= _COPY
    final, index = _levels(batch, rules, (volumes, codes), flags)
    return {
        "level": pa.array([int(one.level) for one in final], pa.int8()).take(index),
        "volume_from": pa.array([one.first for one in final], pa.int32()).take(index),
        "volume_to": pa.array([one.last if one.level == Level.RANGE else None for one in final], pa.int32()).take(
            index
        ),
        "volume_total": pa.array([one.total for one in final], pa.int32()).take(index),
        "volume_label": pa.array([one.label for one in final], pa.string()).take(index),
        "part": part,
    }


Coded = tuple[list[Volume], Ints]


def _merged(strong: Coded, weak: Coded) -> Coded:
    """Take the weaker evidence where the stronger is silent."""
    volumes, codes = strong
    more, others = weak
    shifted = np.where(others < 0, -1, others + len(volumes))
    return [*volumes, *more], np.where(codes < 0, shifted, codes)


def _numbers(batch: RawBatch, rules: RuleSet) -> tuple[Coded, Ints]:
    """Volumes from the part numbers of the title field, all levels of a hierarchy together, and the records where the
    number follows the statement of responsibility.

    What follows it and is no mere designation is a series or a collection that a library added, never a part.
    """
    subfields = batch.subfields("title")
    mask = picked(batch, "title", picks(rules, "volume", "number"))
    late = _behind_names(batch, rules, np.flatnonzero(mask))
    mask[late[[not is_number(text, rules) for text in subfields.taken(late).to_pylist()]]] = False
    rows = np.unique(subfields.row[mask])
    texts = pc.binary_join(subfields.lists_per_row(mask).take(pa.array(rows)), SUBFIELD_MARK)
    volumes, codes = coded(lambda text: parse_volume(text, rules), texts, _memory(rules, "number"))
    kept = np.array([one.level != Level.SINGLE for one in volumes] + [False], np.bool_)[codes]
    return (volumes, scattered(len(batch), rows, np.where(kept, codes, -1))), subfields.row[late]


def _behind_names(batch: RawBatch, rules: RuleSet, at: Ints) -> Ints:
    """Those of some title subfields that stand behind a statement of responsibility of the same field."""
    subfields = batch.subfields("title")
    names = np.flatnonzero(picked(batch, "title", picks(rules, "volume", "statement")))
    place = np.searchsorted(names, at) - 1
    before = names[np.maximum(place, 0)] if len(names) else at
    late: Ints = at[(place >= 0) & (subfields.field[before] == subfields.field[at])]
    return late


def _names(batch: RawBatch, rules: RuleSet) -> tuple[pa.Array, Coded]:
    """Part names folded, and the volumes of those part names that are designations (200$i 上册)."""
    subfields = batch.subfields("title")
    at = np.flatnonzero(picked(batch, "title", picks(rules, "volume", "name")))
    names = subfields.taken(at)

    def read(name: str) -> Volume:
        """The volume that a part name designates, if it does."""
        return parse_volume(name, rules) if is_designation(name, rules) else Volume()

    volumes, codes = coded(read, names, _memory(rules, "name"))
    said = np.array([one.level != Level.SINGLE for one in volumes] + [False], np.bool_)[codes]
    by_name = np.full(len(batch), -1, np.int64)
    by_name[subfields.row[at[said]][::-1]] = codes[said][::-1]
    named = np.zeros(len(subfields.row), np.bool_)
    named[at[~said]] = True
    rows = np.unique(subfields.row[named])
    texts = pc.binary_join(subfields.lists_per_row(named).take(pa.array(rows)), " ")
    folded, places = coded(lambda text: fold(text, rules), texts, _folded(rules))
    index = np.full(len(batch), len(folded), np.int64)
    index[rows] = places
    return pa.array([*folded, ""], pa.string()).take(pa.array(index)), (volumes, by_name)


def _titles(batch: RawBatch, rules: RuleSet, silent: Mask) -> Coded:
    """Volumes at the end of the title proper or, when that has none, of the other title information."""
    proper = _ends(batch, rules, "title", (_title_volume, silent))
    return _merged(proper, _ends(batch, rules, "other", (_other_volume, silent & (proper[1] < 0))))


def _ends(batch: RawBatch, rules: RuleSet, key: str, how: tuple[Callable[[str, RuleSet], Volume], Mask]) -> Coded:
    """The volumes that the first speaking subfield of a pick gives to the records under a mask.

    Other title information may begin with the designation too.
    """
    read, wanted = how
    subfields = batch.subfields("title")
    at = np.flatnonzero(picked(batch, "title", picks(rules, "volume", key)) & wanted[subfields.row])
    values = subfields.taken(at)
    telling = np.asarray(may_end_in_volume(values, rules))
    hits = np.flatnonzero(telling | may_begin_with_volume(values, rules) if key == "other" else telling)

    def parsed(text: str) -> Volume:
        """The volume in a text, as this subfield is read."""
        return read(text, rules)

    volumes, codes = coded(parsed, values.take(pa.array(hits)), _memory(rules, key))
    said = np.array([one.level != Level.SINGLE for one in volumes] + [False], np.bool_)[codes]
    column = np.full(len(batch), -1, np.int64)
    column[subfields.row[at[hits[said]]][::-1]] = codes[said][::-1]
    return volumes, column


def _title_volume(title: str, rules: RuleSet) -> Volume:
    """The volume at the end of a title proper, a bare number behind a Chinese title included."""
    _, designation = strip_volume(title, rules)
    if designation:
        return parse_volume(designation, rules)
    weak = weak_volume(title, rules)
    return Volume() if weak is None else Volume("", weak, weak, None, str(weak), Level.VOLUME)


def _other_volume(text: str, rules: RuleSet) -> Volume:
    """The volume in other title information: all of it, or its end."""
    if is_designation(text, rules):
        return parse_volume(text, rules)
    return parse_volume(strip_volume(text, rules)[1] or opening_designation(text, rules), rules)


def _levels(batch: RawBatch, rules: RuleSet, said: Coded, flags: Ints) -> tuple[list[Volume], pa.Array]:
    """Weigh designation, extent, leader, price and part name of each record: distinct results and their places."""
    volumes, codes = said
    found, places = extents(batch, rules)
    totals = price_totals(batch, rules)
    old = _old_books(batch, rules, volumes, codes)
    kind = np.array([*(_packed(one) for one in found), 0], np.int64)[places]
    table = np.stack([codes + 1, kind, totals, flags + _OLD * old], axis=1)
    widths = tuple(table.max(axis=0, initial=0) + 1)
    distinct, inverse = np.unique(np.ravel_multi_index(tuple(table.T), widths), return_inverse=True)
    cases = np.stack(np.unravel_index(distinct, widths), axis=1).tolist()
    words = volume_words(rules)
    choices = [Volume(), *volumes]
    final = [_weighed(choices[code], extent, (total, flag), words) for code, extent, total, flag in cases]
    return final, pa.array(inverse.reshape(-1))


def _packed(extent: Extent) -> int:
    """What an extent says about the level, as one number: volumes, and whether they are open, single or paged."""
    is_volumes = extent.unit_kind == VOLUME
    alone = extent.pages is not None or (is_volumes and extent.units == 1)
    return _STEP * (extent.volumes or 0) + _OPEN * extent.is_open + _ALONE * alone


def _weighed(volume: Volume, extent: int, other: tuple[int, int], words: VolumeWords) -> Volume:
    """The level of one record from designation, packed extent, total in the price and flags (see `_SERIAL` and on)."""
    total, flag = other
    bits = (_SERIAL, _LEADER, _NAMED, _OLD, _BY_ISBN, _COPY)
    serial, leader_set, named, old, by_isbn, copy = (bool(flag & bit) for bit in bits)
    hint = total if total > 1 else None
    volumes, is_open, alone = extent // _STEP, bool(extent & _OPEN), bool(extent & _ALONE)
    several = volumes > 1 and not serial
    if old:
        volume = Volume(volume.unit, label=volume.label)
    elif (by_isbn or copy) and (several or is_open):
        # The ISBN of the first volume, or the volume in hand behind the names, in the record of the whole work.
        volume = _NONE
    if volume.level in (Level.VOLUME, Level.RANGE):
        return _one_volume(volume, several, hint, words)
    if volume.level == Level.SET:
        return volume if volume.total else replace(volume, total=volumes if several else hint)
    if several:
        return replace(volume, level=Level.SET, total=volumes)
    if named and not old:
        return replace(volume, level=Level.VOLUME, total=hint)
    if not serial and not alone and (is_open or leader_set):
        return replace(volume, level=Level.SET, total=hint)
    return volume if volume.total == hint else replace(volume, total=hint)


def _one_volume(volume: Volume, several: bool, hint: int | None, words: VolumeWords) -> Volume:
    """A designated volume: with the total known, 下 has a number; several bound volumes under it are a range (D03)."""
    volume = resolved(replace(volume, total=volume.total or hint))
    physical = not volume.unit or volume.unit in words.physical
    if several and physical and volume.level == Level.VOLUME and volume.first is not None:
        return replace(volume, level=Level.RANGE)
    return volume


def _flags(batch: RawBatch, rules: RuleSet) -> Ints:
    """_SERIAL for serials and other open publications (leader/07), _LEADER where leader says "record of the set"."""
    settings = rules.tables["volume"]
    leaders = batch.window("leader")
    serial = among(leaders[:, 7], "".join(settings["open_levels"])).astype(np.int64)
    whole = np.zeros(len(batch), np.bool_)
    for form, name in enumerate(settings["formats"]):
        position, sign = rules.tables[f"fields/{name}"]["volume"]["set_leader"]
        whole |= (leaders[:, position] == ord(sign)) & (batch.formats == form)
    return np.asarray(_SERIAL * serial + _LEADER * whole, np.int64)


def _old_books(batch: RawBatch, rules: RuleSet, volumes: list[Volume], codes: Ints) -> Ints:
    """1 for thread-bound and block-printed books whose designation counts 卷: those are chapters, not volumes (N1)."""
    settings = rules.tables["volume"]
    counted = np.array([one.unit == settings["chapter_unit"] for one in volumes] + [False], np.bool_)[codes]
    rows = np.flatnonzero(counted)
    found = np.zeros(len(batch), np.int64)
    for column in settings["old_columns"]:
        texts = batch.text(column).take(pa.array(rows))
        found[rows] |= np.asarray(pc.match_substring_regex(texts, "|".join(settings["old_words"]))).astype(np.int64)
    return found
