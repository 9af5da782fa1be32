"""What a writer at work leaves beside the database, so that the next one knows what a killed one was doing.

The journal grows line by line (JSON): who began what, the stage reached, files that are only its own, and at the end
the moves that put finished files in place. The line with the moves is what makes a run count: it is on the disk before
the first move, every move may be repeated, and whoever comes next completes them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from dedup.errors import StoreError, problem

_PATIENCE = 10.0
"""Seconds that a move waits where the system does not let go of a file that somebody reads (Windows)."""
_SYNCING = 8


class Op(StrEnum):
    """What a move does, in a way that may be repeated."""

    PUT = "put"
    """A finished file or folder takes the place of the old one."""
    KEEP = "keep"
    """A file goes where nothing is yet; done before, it is left alone."""
    DROP = "drop"
    """A file goes away."""


@dataclass(frozen=True, slots=True)
class Move:
    """One step of putting results in place. `source` is where the file is, `place` where it goes (DROP: the same)."""

    op: Op
    source: Path
    place: Path


@dataclass(frozen=True, slots=True)
class Left:
    """What the journal of a killed writer says. `moves`: None as long as it had not finished."""

    process: str
    started: str
    command: str
    stage: str
    own: tuple[Path, ...]
    moves: tuple[Move, ...] | None

    @property
    def sentence(self) -> str:
        """What was found, and what becomes of it, in one line."""
        who = f"`dedup {self.command}` (process {self.process}, begun {self.started})"
        if self.moves is not None:
            return f"{who} was killed while its results were put in place; that is completed now"
        at = f" in stage {self.stage}" if self.stage else ""
        return f"{who} was killed{at}; what it left behind is removed, the last finished state stands"


def now() -> str:
    """The present moment, to the second, with its offset from UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


@dataclass(slots=True)
class Journal:
    """The journal of this process. `committed`: the moves are on the disk; `done`: and all of them are made."""

    path: Path
    intended: list[Move] = field(default_factory=list)
    own: list[Path] = field(default_factory=list)
    committed: bool = False
    done: bool = False

    @property
    def pending(self) -> bool:
        """Whether results wait to be put in place: then nothing of this run may be removed."""
        return self.committed and not self.done

    def begin(self, command: str) -> None:
        """Say who is at work. Raises OSError."""
        line = {"process": os.getpid(), "started": now(), "command": command}
        self.path.write_text(json.dumps(line) + "\n", encoding="utf-8")

    def stage(self, name: str) -> None:
        """Say which stage begins. Raises OSError."""
        self._add({"stage": name})

    def owns(self, *paths: Path) -> None:
        """Name files and folders that mean nothing without this run. Raises OSError."""
        self.own += paths
        self._add({"own": [_told(path, self.path) for path in paths]})

    def intend(self, moves: Iterable[Move]) -> None:
        """Add moves to those made at the end."""
        self.intended += moves

    def commit(self, moves: Iterable[Move]) -> None:
        """Make the run count: `moves` and those intended are written down, then made.

        Everything that is moved must be on the disk already (`settle_on_disk`). Raises OSError before the run counts,
        StoreError when it does and a move fails: the next command repeats it.
        """
        moves = (*moves, *self.intended)
        lines = [[move.op, _told(move.source, self.path), _told(move.place, self.path)] for move in moves]
        size = self.path.stat().st_size
        try:
            self._add({"moves": lines}, durable=True)
        except OSError:
            os.truncate(self.path, size)
            raise
        self.committed = True
        try:
            make(moves)
        except KeyboardInterrupt:
            # It takes no time, and what counts should be seen.
            make(moves)
            self.done = True
            raise
        self.done = True

    def end(self) -> None:
        """Remove what is only this run's, and the journal; nothing while results wait to be put in place."""
        if self.pending:
            return
        for path in self.own:
            remove(path)
        self.path.unlink(missing_ok=True)

    def _add(self, line: dict[str, Any], *, durable: bool = False) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if durable:
            _sync_folder(self.path.parent)


def read_journal(path: Path) -> Left | None:
    """What a journal says; None without one. A line that was cut off does not count."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    told: dict[str, Any] = {}
    own: list[Path] = []
    moves: tuple[Move, ...] | None = None
    for line in text.splitlines(keepends=True):
        with suppress(ValueError, TypeError, AttributeError):
            said = json.loads(line)
            if line.endswith("\n"):
                own += [_meant(name, path) for name in said.get("own", ())]
                if "moves" in said:
                    moves = tuple(Move(Op(op), _meant(at, path), _meant(to, path)) for op, at, to in said["moves"])
                told |= said
    process, started, command = (str(told.get(name, "?")) for name in ("process", "started", "command"))
    return Left(process, started, command, str(told.get("stage", "")), tuple(own), moves)


def recover(path: Path) -> str:
    """Complete or undo what a killed writer left, by its journal. Returns what was found, '' for nothing.

    Only the holder of the lock may ask. Raises StoreError when a move cannot be made even now.
    """
    left = read_journal(path)
    if left is None:
        return ""
    make(left.moves or ())
    for own in left.own:
        remove(own)
    path.unlink(missing_ok=True)
    gone = [str(move.place) for move in left.moves or () if move.op is Op.PUT and not move.place.exists()]
    return left.sentence + (f", but for what somebody has removed: {', '.join(gone)}" if gone else "")


def make(moves: Sequence[Move]) -> None:
    """Make all moves that are not made yet, in their order. Raises StoreError for one that cannot be made."""
    folders: dict[Path, None] = {}
    for move in moves:
        try:
            _make(move)
        except OSError as error:
            found = f"{error.strerror or error} (for {error.filename or move.source})"
            remedy = "the run is complete: close what holds the file, and the next `dedup` command puts it in place"
            raise StoreError(
                problem(str(move.place), found, "a file or folder that can be replaced", remedy)
            ) from error
        folders |= {move.source.parent: None, move.place.parent: None}
    for folder in folders:
        _sync_folder(folder)


def _make(move: Move) -> None:
    if move.op is Op.DROP:
        move.source.unlink(missing_ok=True)
    elif move.op is Op.KEEP:
        if move.source.exists() and not move.place.exists():
            move.place.parent.mkdir(parents=True, exist_ok=True)
            _patiently(move.source, move.place)
    else:
        _put(move.source, move.place)


def _put(source: Path, place: Path) -> None:
    """A finished file takes its place in one step; a folder by way of the old one's new name."""
    old = place.with_name(f".{place.name}.old")
    if source.is_dir() or (source.exists() and place.is_dir()):
        remove(old)
        if os.path.lexists(place):
            _patiently(place, old)
    if source.exists():
        _patiently(source, place)
    remove(old)


def _patiently(source: Path, place: Path) -> None:
    """Rename; where a file in use cannot be replaced, wait for those who use it, who only read."""
    end = time.monotonic() + (_PATIENCE if sys.platform == "win32" else 0)
    while True:
        try:
            source.replace(place)
            return
        except PermissionError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)


def remove(path: Path) -> None:
    """Remove a file or a folder with all in it, if it is there. A worker about to end may still write into it."""
    for wait in (0.0, 0.05, 0.2, 0.5):
        time.sleep(wait)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        if not os.path.lexists(path):
            return


def settle_on_disk(paths: Iterable[Path]) -> None:
    """Wait until files, and folders with all in them, are on the disk and not only on their way. Raises OSError."""
    files = [file for path in paths for file in _below(path)]
    with ThreadPoolExecutor(_SYNCING) as pool:
        list(pool.map(_sync, files))


def _below(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir() and not path.is_symlink():
        yield from path.rglob("*")


def _sync(path: Path) -> None:
    if path.is_dir():
        _sync_folder(path)
        return
    # Windows lets only a file open for writing be flushed.
    handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk once its folder is. Windows has no such call, some file systems refuse it."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _told(path: Path, journal: Path) -> str:
    """A path as the journal writes it: below its own folder from there, so that the folder may be moved."""
    whole, folder = path.absolute(), journal.parent.absolute()
    return str(whole.relative_to(folder)) if whole.is_relative_to(folder) else str(whole)


def _meant(name: str, journal: Path) -> Path:
    return journal.parent.absolute() / name
