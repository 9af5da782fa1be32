"""The folder of results: made apart, put in the place of the old one when a run is done.

What people are given may come back to its folder changed: a workbook answered in place. Such files are never lost; the
next run sets them aside in `kept-1`, `kept-2` ... beside the new ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dedup.errors import InputError, problem

DATA = "data"
_MADE = ".made.tsv"
_KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Workplace:
    """Folders of a run at work: `data` for the machine-readable part, `people` for the rest, `scratch` in between."""

    data: Path
    people: Path
    scratch: Path


@contextmanager
def workplace(database: Path, out: Path) -> Iterator[Workplace]:
    """Empty folders for results in the making, and one for files between stages beside the database.

    Raises InputError when one cannot be made. All are gone when the block ends.
    """
    places = Workplace(
        data=out / ".data.building",
        people=out / ".people.building",
        scratch=database.with_name(database.name + ".parts"),
    )
    folders = (places.data, places.people, places.scratch)
    try:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(folder), found, "a folder to write to", "name another --out or --db")) from error
    try:
        yield places
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def publish(places: Workplace, out: Path) -> tuple[Path, ...]:
    """Put finished results in the place of the old ones. Returns where files were set aside that people had changed.

    Without anything for people the old part for people stays as it is. Raises InputError when a file cannot be moved.
    """
    try:
        _replace(places.data, out / DATA)
        made = sorted(places.people.iterdir())
        if not made:
            return ()
        kept = _set_aside(out, [out / path.name for path in made])
        listed = "".join(f"{_state(file)}\t{file.relative_to(places.people)}\n" for file in _files(made))
        for path in made:
            _replace(path, out / path.name)
        (out / _MADE).write_text(listed, encoding="utf-8", errors="surrogateescape")
        return kept
    except OSError as error:
        place, found = error.filename or str(out), error.strerror or str(error)
        raise InputError(problem(str(place), found, "a file that can be replaced", "close it and run again")) from error


def _replace(fresh: Path, place: Path) -> None:
    """Put a finished file or folder in the place of the old one."""
    old = place.with_name(f".{place.name}.old")
    _remove(old)
    if place.exists():
        place.rename(old)
    fresh.rename(place)
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _files(places: list[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]


def _state(file: Path) -> str:
    """Size and time of a file: what it was when it was made."""
    told = file.stat()
    return f"{told.st_size}\t{told.st_mtime_ns}"


def _set_aside(out: Path, places: list[Path]) -> tuple[Path, ...]:
    """Move files that are not as they were made into a folder of their own."""
    listed = out / _MADE
    text = listed.read_text(encoding="utf-8", errors="surrogateescape") if listed.is_file() else ""
    made = {name: state for state, _, name in (line.rpartition("\t") for line in text.splitlines())}
    changed = [
        file
        for file in _files([place for place in places if place.exists()])
        if made.get(str(file.relative_to(out))) != _state(file)
    ]
    if not changed:
        return ()
    folder = next(folder for number in count(1) if not (folder := out / f"{_KEPT}-{number}").exists())
    for file in changed:
        target = folder / file.relative_to(out)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)
    return (folder,)
