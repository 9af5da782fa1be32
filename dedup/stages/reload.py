"""Reload: the files held against what the last run loaded; only records that are new or others are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
import pyarrow as pa

from dedup.marc.survey import Survey, survey, together
from dedup.stages import accounts
from dedup.stages.accounts import Done, Work
from dedup.stages.context import Context, Tally
from dedup.stages.listing import Held, Ints, Listing, Stretch, listed
from dedup.stages.load import Plan, fields, loaded, read_all
from dedup.stages.read import Part
from dedup.stages.sources import SourceFile, find_sources
from dedup.tables import CHANGE, LOADED

_SMALL = 24 << 20
"""Bytes below which starting worker processes costs more than they save, as the rules are at hand already."""

_AT_ONCE = 32 << 20
"""Bytes that one task reads of what is left of a file."""

_PLACE = pa.schema([LOADED.field(name) for name in ("rid", "file", "offset")] + [pa.field("length", pa.int64())])
_COPY = pa.schema([pa.field("came", pa.int64()), LOADED.field("record_id"), *_PLACE])
_COPIED = """
SELECT r.* REPLACE (c.rid AS rid, c.record_id AS record_id, c.file AS file, c."offset" AS "offset",
                    c.length::INTEGER AS length)
FROM copied c JOIN record r ON r.rid = c.came
"""
_NEXT = "SELECT greatest(max(next_rid), (SELECT coalesce(max(rid) + 1, 0) FROM record)) AS n FROM run"
_KEPT = "SELECT source, file, reading, digest FROM input WHERE digest <> '' AND NOT partial"


@dataclass(slots=True)
class _Unit:
    """One file, or one member of an archive: what is to do for it, what is known of it, what was read of it.

    `kept`: its bytes are those of the last run, and it can only be read as a whole: nothing is to do.
    """

    work: list[Work]
    kept: bool = False
    known: Survey | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def file(self) -> str:
        """Its name in tables."""
        return self.work[0].task.file


@dataclass(slots=True)
class _Source:
    """One source: what the last run left of it, what is found of it now, and the rows that come of it.

    `numbers` and `ids`: rid and record id of each record that was read, -1 where it is not stored anew.
    """

    code: str
    held: Held
    units: list[_Unit]
    listing: Listing
    numbers: Ints
    ids: pa.StringArray
    change: pa.RecordBatch
    copied: pa.RecordBatch
    moved: pa.RecordBatch
    renamed: bool


def run(context: Context) -> Tally:
    """From files and the tables of the last run to `record`, its accounts, `change` (CHANGE) and `source_change`."""
    engine = context.engine
    files = find_sources(context.inputs, context.config)
    planned = Plan.of(files)
    units = {file: _units(planned.work[file]) for file in files}
    _keep(context, planned, units)
    held = {code: Held.read(engine, code) for code in dict.fromkeys(file.source for file in files)}
    _read(context, [unit for file in files for unit in units[file] if not unit.kept], held)
    accounts.unchanged(files, planned.stamps)
    next_rid = int(engine.read(_NEXT)["n"][0].as_py())
    sources = []
    for code, before in held.items():
        mine = [unit for file in files if file.source == code for unit in units[file]]
        sources.append(_source(code, before, mine, (next_rid, context.partial)))
        next_rid += int(sources[-1].listing.new.sum())
    rows = _store(context, sources)
    read = _account(context, planned, units)
    there = sum(len(source.listing.ids) for source in sources)
    aside = {"unchanged": there - rows, "other kinds of records, or quarantined": read - there}
    return Tally(read, rows, aside)


def _units(work: list[Work]) -> list[_Unit]:
    return [_Unit(list(mine)) for _, mine in groupby(work, key=lambda entry: entry.task.file)]


def _keep(context: Context, planned: Plan, units: dict[SourceFile, list[_Unit]]) -> None:
    """Mark the files that can only be read as a whole and hold the same bytes as in the last run."""
    if context.partial:
        return
    was = {
        (row["source"], row["file"]): (row["reading"], row["digest"]) for row in context.engine.read(_KEPT).to_pylist()
    }
    for file, mine in units.items():
        kept = was.get((file.source, file.name)) == (accounts.reading(file), planned.digests.get(file.path))
        for unit in mine:
            unit.kept = kept


def _read(context: Context, units: Sequence[_Unit], held: dict[str, Held]) -> None:
    """Look through plain files for records that are known; read what is left, and all of any other file."""
    plain = [(unit, entry) for unit in units if accounts.plain(unit.work[0].task) for entry in unit.work]
    known = {code: before.known for code, before in held.items()}
    with ThreadPoolExecutor(context.threads) as pool:
        found = list(pool.map(lambda pair: survey(pair[1].task, known[pair[1].source]), plain))
    for _, same in groupby(zip(plain, found, strict=True), key=lambda pair: id(pair[0][0])):
        mine = list(same)
        mine[0][0][0].known = together(one for _, one in mine)
    # Only now: what is read holds the interpreter, and whoever looks through files beside it waits for that.
    work = [(unit, entry) for unit in units for entry in _left(unit)]
    for (unit, _), part in zip(work, read_all(context, [entry for _, entry in work], _SMALL), strict=True):
        unit.parts.append(part)


def _left(unit: _Unit) -> Iterator[Work]:
    """What is to be read of a file: the stretches with unknown records, some _AT_ONCE bytes at a time, or all of it."""
    if unit.known is None:
        yield from unit.work
        return
    held: list[tuple[int, int]] = []
    first, room = unit.work[0], _AT_ONCE
    for begin, end in unit.known.left:
        held.append((begin, end))
        room -= end - begin
        if room <= 0:
            yield replace(first, task=replace(first.task, ranges=tuple(held)))
            held, room = [], _AT_ONCE
    if held:
        yield replace(first, task=replace(first.task, ranges=tuple(held)))


def _stretches(units: Sequence[_Unit], held: Held) -> tuple[list[Stretch], pa.StringArray]:
    """All records of a source; and the control numbers of those that were read, by their number."""
    made: list[Stretch] = []
    controls: list[pa.Array] = []
    count = 0
    for unit in units:
        if unit.kept:
            at = held.of_file(unit.file)
            made.append(Stretch(unit.file, held.offset[at], held.length[at], held.raw[at], -1 - at))
        if unit.known is not None:
            one = unit.known
            made.append(Stretch(unit.file, one.offset, one.length, one.raw, -1 - one.at))
        for part in unit.parts:
            table = _columns(part)
            controls += table["control"].chunks
            offset, length = (np.asarray(table[name], np.int64) for name in ("offset", "length"))
            row = np.arange(count, count + len(offset))
            made.append(Stretch(unit.file, offset, length, np.asarray(table["raw"], np.uint64), row))
            count += len(offset)
    return made, pa.concat_arrays(controls) if controls else pa.array([], pa.string())


def _columns(part: Part) -> pa.Table:
    with pa.OSFile(str(part.records)) as file:
        options = pa.ipc.IpcReadOptions(included_fields=fields("offset", "length", "control", "raw"))
        return pa.ipc.open_file(file, options=options).read_all()


def _source(code: str, held: Held, units: list[_Unit], how: tuple[int, bool]) -> _Source:
    """Hold what is found of a source against what was there; `how`: the next free rid, and whether nothing goes."""
    next_rid, partial = how
    stretches, controls = _stretches(units, held)
    listing = listed(stretches, controls, held, partial)
    new, same, moved = listing.new, listing.same(held), listing.moved(held)
    rid = np.where(new, next_rid + np.cumsum(new) - 1, held.rid[listing.at] if len(held.rid) else -1)
    gone = np.zeros(0, np.int64) if partial else listing.gone(held)
    kinds = {"new": rid[new], "changed": rid[~new & ~same], "withdrawn": held.rid[gone]}
    numbers = np.full(len(controls), -1, np.int64)
    places = np.zeros(len(controls), np.int64)
    fresh = ~same & (listing.row >= 0)
    numbers[listing.row[fresh]] = rid[fresh]
    places[listing.row[fresh]] = np.flatnonzero(fresh)
    ids = listing.ids.take(pa.array(places)) if len(listing.ids) else pa.array([], pa.string())
    again = np.flatnonzero(~same & (listing.row < 0))
    copied = _places(listing, rid, again)
    came = pa.array(held.rid[-1 - listing.row[again]] if len(again) else again)
    copied = pa.RecordBatch.from_arrays([came, listing.ids.take(pa.array(again)), *copied.columns], schema=_COPY)
    elsewhere = _places(listing, rid, np.flatnonzero(moved))
    renamed = not set(listing.names) <= set(held.names) or len(held.names) > 1
    change = _change(code, kinds)
    return _Source(code, held, units, listing, numbers, ids, change, copied, elsewhere, renamed)


def _places(listing: Listing, rid: Ints, rows: Ints) -> pa.RecordBatch:
    """Some records with their places, in the schema _PLACE."""
    files = pa.DictionaryArray.from_arrays(
        pa.array(listing.file[rows].astype(np.int32)), pa.array(listing.names, pa.string())
    )
    columns = [
        pa.array(rid[rows]),
        files.cast(pa.string()),
        pa.array(listing.offset[rows]),
        pa.array(listing.length[rows]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_PLACE)


def _change(source: str, kinds: dict[str, Ints]) -> pa.RecordBatch:
    lengths = [len(rids) for rids in kinds.values()]
    words = pa.DictionaryArray.from_arrays(
        pa.array(np.repeat(np.arange(len(kinds), dtype=np.int32), lengths)), pa.array(list(kinds))
    )
    rids = pa.array(np.concatenate([np.asarray(rids, np.int64) for rids in kinds.values()]))
    columns = [rids, words.cast(pa.string()), pa.repeat(pa.scalar(source), len(rids))]
    return pa.RecordBatch.from_arrays(columns, schema=CHANGE)


def _store(context: Context, sources: Sequence[_Source]) -> int:
    """Bring `record` to the new state, and write `change`. Returns how many records are new or others."""
    engine = context.engine
    engine.write("change", CHANGE, [source.change for source in sources])
    moved = pa.table({"source": [one.code for one in sources], "records": [one.moved.num_rows for one in sources]})
    engine.write("moved", moved.schema, moved.to_batches())
    rows = engine.write("incoming", LOADED, _incoming(sources), passing=True)
    if copied := [source.copied for source in sources if source.copied.num_rows]:
        engine.write("copied", _COPY, copied, passing=True)
        rows += engine.append("incoming", _COPIED)
        engine.drop("copied")
    if elsewhere := [source.moved for source in sources if source.moved.num_rows]:
        engine.write("elsewhere", _PLACE, elsewhere, passing=True)
        sets = ['"offset" = e."offset"', "length = e.length"]
        sets += ["file = e.file"] if any(source.renamed for source in sources) else []
        engine.update("record", ", ".join(sets), "elsewhere e", "record.rid = e.rid")
        engine.drop("elsewhere")
    engine.delete("record", "rid IN (SELECT rid FROM change WHERE kind IN ('changed', 'withdrawn'))")
    engine.append("record", "FROM incoming")
    engine.drop("incoming")
    return rows


def _incoming(sources: Sequence[_Source]) -> Iterator[pa.RecordBatch]:
    """The records read that are new or others, in the schema LOADED. An Arrow file is removed once it is passed on."""
    for source in sources:
        at = 0
        for unit in source.units:
            for part in unit.parts:
                with pa.memory_map(str(part.records)) as file:
                    reader = pa.ipc.open_file(file)
                    for number in range(reader.num_record_batches):
                        batch = reader.get_batch(number)
                        mine = slice(at, at + batch.num_rows)
                        at += batch.num_rows
                        wanted = np.flatnonzero(source.numbers[mine] >= 0)
                        if len(wanted):
                            take = pa.array(wanted)
                            rids = pa.array(source.numbers[mine][wanted])
                            yield loaded(batch.take(take), rids, source.code, source.ids[mine].take(take))
                part.records.unlink()


def _account(context: Context, planned: Plan, units: dict[SourceFile, list[_Unit]]) -> int:
    """Bring ledger, quarantine, notes, sources and inputs to the new state. Returns the records in all inputs."""
    engine = context.engine
    files = [file for file in units if not any(unit.kept for unit in units[file])]
    kept = {(file.source, file.name) for file in units} - {(file.source, file.name) for file in files}
    named = {file.source for file in units}
    rows = engine.read("SELECT DISTINCT source, file FROM input").to_pylist()
    was = {(row["source"], row["file"]) for row in rows if row["source"] in named}
    read = {(file.source, file.name) for file in files}
    gone = sorted((read if context.partial else was | read) - kept)
    table = pa.table({"source": [source for source, _ in gone], "file": [name for _, name in gone]})
    accounts.forget(engine, table.cast(pa.schema([("source", pa.string()), ("file", pa.string())])))
    done = []
    for file in files:
        for unit in units[file]:
            if unit.known is not None:
                done.append(Done(file.source, unit.file, unit.known.counts, None, unit.known.notes))
            done += [Done(file.source, unit.file, part.counts, part) for part in unit.parts]
    accounts.store(context, done)
    accounts.sources(context, list(units))
    accounts.inputs(context, files, planned.digests)
    shown = {(file.source, unit.file) for file in units for unit in units[file]}
    ledger = engine.read("SELECT source, file, records FROM ledger").to_pylist()
    return sum(row["records"] for row in ledger if (row["source"], row["file"]) in shown)
