"""The folder of results: made apart, put in the place of the old one together with the database when a run is done.

What people are given may come back to its folder changed: a workbook answered in place. Such files are never lost; the
next run sets them aside in `kept-1`, `kept-2` ... beside the new ones.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dedup.errors import InputError, refused
from dedup.journal import Journal, Move, Op, remove

DATA = "data"
_MADE = ".made.tsv"
_KEPT = "kept"
_QUARANTINE = "quarantine"
_TEMP = "TMPDIR"


@dataclass(frozen=True, slots=True)
class Workplace:
    """Folders of a run at work: `data` for the machine-readable part, `people` for the rest, `scratch` in between."""

    data: Path
    people: Path
    scratch: Path

    @property
    def spill(self) -> Path:
        """Where DuckDB puts what does not fit into memory; it makes the folder."""
        return self.scratch / "spill"


@contextmanager
def workplace(database: Path, out: Path, journal: Journal, temp: Path | None = None) -> Iterator[Workplace]:
    """Empty folders for results in the making, and one for files between stages, in `temp` or beside the database.

    Temporary files of any library are made there as well, in this process and in workers, so that they go with it.
    Raises InputError when one cannot be made. All are gone when the block ends, unless they wait to be put in place.
    """
    name = database.name + ".parts"
    scratch = database.with_name(name) if temp is None else temp / f"dedup-{os.getpid()}-{name}"
    places = Workplace(data=out / ".data.building", people=out / ".people.building", scratch=scratch)
    folders = (places.data, places.people, places.scratch)
    folder = out
    try:
        journal.owns(*folders)
        for folder in folders:
            remove(folder)
            folder.mkdir(parents=True)
    except OSError as error:
        remedy = "name another --out, --db or --temp-dir"
        raise InputError(refused(error, str(folder), "a folder to write to", remedy)) from error
    try:
        with _temporary(places.scratch):
            yield places
    finally:
        if not journal.pending:
            for folder in folders:
                remove(folder)


@contextmanager
def _temporary(folder: Path) -> Iterator[None]:
    """Temporary files of this process and of those it starts come into a folder."""
    before, told = tempfile.tempdir, os.environ.get(_TEMP)
    tempfile.tempdir = os.environ[_TEMP] = str(folder.resolve())
    try:
        yield
    finally:
        tempfile.tempdir = before
        if told is None:
            del os.environ[_TEMP]
        else:
            os.environ[_TEMP] = told


def publication(places: Workplace, out: Path) -> tuple[tuple[Move, ...], tuple[Path, ...]]:
    """The moves that put finished results in the place of the old ones, and folders for files that people had changed.

    Without anything for people the old part for people stays as it is. Raises InputError when a place cannot be read.
    """
    try:
        moves = [Move(Op.PUT, places.data, out / DATA)]
        made = sorted(places.people.iterdir())
        kept = _foreign(places.data, out / DATA)
        if made:
            kept += _changed(out, [out / path.name for path in made])
            listed = "".join(f"{_state(file)}\t{file.relative_to(places.people)}\n" for file in _files(made))
            (places.people / _MADE).write_text(listed, encoding="utf-8", errors="surrogateescape")
            moves += [Move(Op.PUT, path, out / path.name) for path in (*made, places.people / _MADE)]
    except OSError as error:
        place = str(error.filename or out)
        raise InputError(refused(error, place, "results that can be replaced", "close them, run again")) from error
    if not kept:
        return tuple(moves), ()
    folder = next(folder for number in count(1) if not (folder := out / f"{_KEPT}-{number}").exists())
    aside = [Move(Op.KEEP, file, folder / file.relative_to(out)) for file in kept]
    return (*aside, *moves), (folder,)


def _files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]


def _state(file: Path) -> str:
    """Size and time of a file: what it was when it was made."""
    told = file.stat()
    return f"{told.st_size}\t{told.st_mtime_ns}"


def _foreign(fresh: Path, old: Path) -> list[Path]:
    """Files in the old data folder that no run makes: somebody put them there."""
    if not old.is_dir():
        return [old] if old.exists() else []
    names = {file.relative_to(fresh) for file in _files([fresh])}
    found = [(file, file.relative_to(old)) for file in _files([old])]
    return [file for file, name in found if name not in names and name.parts[0] != _QUARANTINE]


def _changed(out: Path, places: list[Path]) -> list[Path]:
    """Files that are not as they were made."""
    listed = out / _MADE
    text = listed.read_text(encoding="utf-8", errors="surrogateescape") if listed.is_file() else ""
    made = {name: state for state, _, name in (line.rpartition("\t") for line in text.splitlines())}
    files = _files([place for place in places if place.exists()])
    return [file for file in files if made.get(str(file.relative_to(out))) != _state(file)]
