"""The records of one source as a load finds them, held against those that the last run left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engine.base import Engine
from dedup.marc.rawhash import Known
from dedup.stages.identify import record_ids

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

_HELD = """
SELECT rid, file, "offset", length::BIGINT AS length, coalesce(raw, 2) AS raw FROM record WHERE source = $source
"""
_NAMES = "SELECT rid, record_id, control FROM record WHERE source = $source"
# Whether each record is named by a control number that no other has.
_PLAIN = """
SELECT coalesce(bool_and(control <> '' AND record_id = source || '/' || control), true) AS plain FROM record
WHERE source = $source
"""
_OF_CONTROL = """
SELECT rid, control FROM record WHERE source = $source AND control IN (SELECT control FROM control_read)
"""
_NOTHING = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Held:
    """The records of a source as the last run left them; columns of one length. `names`: files by `file`."""

    engine: Engine
    source: str
    rid: Ints
    file: Ints
    names: tuple[str, ...]
    offset: Ints
    length: Ints
    raw: Hashes
    known: Known

    @classmethod
    def read(cls, engine: Engine, source: str) -> Held:
        """Those in table `record`."""
        rows = engine.read(_HELD, {"source": source})
        file = rows["file"].combine_chunks().dictionary_encode()
        rid, offset, length = (np.asarray(rows[name], np.int64) for name in ("rid", "offset", "length"))
        codes, raw = np.asarray(file.indices, np.int64), np.asarray(rows["raw"], np.uint64)
        return cls(engine, source, rid, codes, tuple(file.dictionary.to_pylist()), offset, length, raw, Known(raw))

    def of_file(self, name: str) -> Ints:
        """Which of them stand in a file, in the order of their places."""
        if name not in self.names:
            return _NOTHING
        mine = np.flatnonzero(self.file == self.names.index(name))
        return mine[np.argsort(self.offset[mine], kind="stable")]

    def strings(self) -> tuple[pa.StringArray, pa.StringArray]:
        """Record ids and control numbers of all of them."""
        rows = self.engine.read(_NAMES, {"source": self.source})
        order = np.argsort(np.asarray(rows["rid"], np.int64))
        place = np.searchsorted(np.asarray(rows["rid"], np.int64), self.rid, sorter=order)
        take = pa.array(order[place] if len(order) else order)
        return rows["record_id"].combine_chunks().take(take), rows["control"].combine_chunks().take(take)

    @property
    def plain(self) -> bool:
        """Whether each of them is named by a control number that no other has."""
        return bool(self.engine.read(_PLAIN, {"source": self.source})["plain"][0].as_py())

    def of_controls(self, controls: pa.StringArray) -> Ints:
        """For each of some control numbers, all different, the record that has it, or -1."""
        names = pa.table({"control": controls})
        self.engine.write("control_read", names.schema, names.to_batches())
        rows = self.engine.read(_OF_CONTROL, {"source": self.source})
        self.engine.drop("control_read")
        order = np.argsort(self.rid)
        place = order[np.searchsorted(self.rid, np.asarray(rows["rid"], np.int64), sorter=order)]
        found = np.asarray(pc.index_in(controls, value_set=rows["control"]).fill_null(-1), np.int64)
        return np.where(found >= 0, np.append(place, -1)[found], -1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records of one file, in any order. `row`: of each its number among those read of the source, or -1 - its place
    among those held when its bytes are known.
    """

    file: str
    offset: Ints
    length: Ints
    raw: Hashes
    row: Ints


@dataclass(frozen=True, slots=True)
class Listing:
    """All records of a source that a load found, in canonical order; columns as in `Stretch`.

    `at`: the held record of the same record id, or -1. `names`: files by `file`. `ids`: the record ids, at least of
    those that do not say what the held record says.
    """

    ids: pa.StringArray
    file: Ints
    names: tuple[str, ...]
    offset: Ints
    length: Ints
    raw: Hashes
    row: Ints
    at: Ints

    @property
    def new(self) -> Mask:
        """Those whose id nothing held has."""
        return self.at < 0

    def same(self, held: Held) -> Mask:
        """Those that say what the held record of their id says."""
        if not len(held.raw):
            return np.zeros(len(self.at), np.bool_)
        same: Mask = (self.at >= 0) & (self.raw == held.raw[self.at])
        return same

    def moved(self, held: Held) -> Mask:
        """Those of the same that stand elsewhere."""
        if not len(held.raw):
            return np.zeros(len(self.at), np.bool_)
        places = {name: code for code, name in enumerate(held.names)}
        codes = np.array([places.get(name, -1) for name in self.names], np.int64)
        elsewhere = (self.offset != held.offset[self.at]) | (self.length != held.length[self.at])
        elsewhere |= codes[self.file] != held.file[self.at]
        moved: Mask = self.same(held) & elsewhere
        return moved

    def gone(self, held: Held) -> Ints:
        """Which held records are not among them."""
        there = np.zeros(len(held.rid), np.bool_)
        there[self.at[self.at >= 0]] = True
        return np.flatnonzero(~there)


def listed(stretches: Sequence[Stretch], read: pa.StringArray, held: Held, partial: bool) -> Listing:
    """The records of a source; `stretches` in canonical order of files, those of one file next to each other.

    `read`: the control numbers of the records read, by their number. `partial`: the files add to what is held.
    """
    names = tuple(dict.fromkeys(one.file for one in stretches))
    file = np.concatenate([_NOTHING, *(np.full(len(one.row), names.index(one.file)) for one in stretches)])
    offset = np.concatenate([_NOTHING, *(one.offset for one in stretches)])
    length = np.concatenate([_NOTHING, *(one.length for one in stretches)])
    raw = np.concatenate([np.zeros(0, np.uint64), *(one.raw for one in stretches)])
    row = np.concatenate([_NOTHING, *(one.row for one in stretches)])
    order = np.lexsort((offset, file))
    nobody = pa.array([], pa.string())
    found = Listing(nobody, file[order], names, offset[order], length[order], raw[order], row[order], _NOTHING)
    named = _plainly(found, read, held) or _fully(found, read, held)
    return _beside(named, held) if partial else named


def _plainly(found: Listing, read: pa.StringArray, held: Held) -> Listing | None:
    """Record ids where each record has a control number of its own, as most exports have it; None where not."""
    known = -1 - found.row[found.row < 0]
    there = np.zeros(len(held.rid), np.bool_)
    there[known] = True
    alone = there.sum() == len(known) and pc.count_distinct(read).as_py() == len(read)
    if not alone or pc.any(pc.equal(read, "")).as_py() or not held.plain:
        return None
    places = held.of_controls(read)
    if there[places[places >= 0]].any():
        return None
    at = np.where(found.row < 0, -1 - found.row, np.append(places, -1)[np.maximum(found.row, -1)])
    ids = pa.concat_arrays([pc.binary_join_element_wise(held.source, read, "/"), pa.array([""])])
    return replace(found, at=at, ids=ids.take(pa.array(np.where(found.row < 0, len(read), found.row))))


def _fully(found: Listing, read: pa.StringArray, held: Held) -> Listing:
    """Record ids of any source."""
    ids, control = held.strings()
    row = found.row
    controls = pa.concat_arrays([read, control]).take(pa.array(np.where(row >= 0, row, len(read) - 1 - row)))
    made = record_ids(held.source, controls, pa.array(found.offset))
    return replace(found, ids=made, at=_places(made, ids))


def _places(ids: pa.StringArray, among: pa.StringArray) -> Ints:
    return np.asarray(pc.index_in(ids, value_set=among).fill_null(-1), np.int64)


def _beside(listing: Listing, held: Held) -> Listing:
    """The listing of inputs that add to a source: records without a control number get ids that nothing else has.

    Two files may have such records at one offset. One that says what a held one says is that one.
    """
    start = f"{held.source}/@"
    nameless = np.flatnonzero(np.asarray(pc.starts_with(listing.ids, start)))
    if not len(nameless):
        return listing
    ids, among = listing.ids.to_pylist(), held.strings()[0]
    taken = set(among.to_pylist())
    waiting: dict[int, list[str]] = {}
    for place in np.flatnonzero(np.asarray(pc.starts_with(among, start))).tolist():
        waiting.setdefault(int(held.raw[place]), []).append(among[place].as_py())
    for place in nameless.tolist():
        same = waiting.get(int(listing.raw[place]), [])
        name = same.pop(0) if same else next(one for one in _numbered(ids[place]) if one not in taken)
        taken.add(name)
        ids[place] = name
    made = pa.array(ids, pa.string())
    return replace(listing, ids=made, at=_places(made, among))


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}#{number}" for number in count(2))
