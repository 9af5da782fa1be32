"""One writer at a time: the lock on a database, and what the one before left if it was killed."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from os import getpid
from pathlib import Path
from typing import IO

from dedup.errors import StoreError, problem
from dedup.journal import Journal, now, read_journal, recover

SETTLING = "settle"
"""What a reader does that completes what a killed run had begun: it takes no time."""
_PATIENCE = 10.0
_HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})

Tell = Callable[[str], None]


def real(database: Path) -> Path:
    """The file that a link stands for, so that two names of one database have one lock."""
    return database.resolve() if database.is_symlink() else database


def journal_of(database: Path) -> Path:
    """Where the journal of a writer stands."""
    return database.with_name(database.name + ".journal")


@contextmanager
def locked(path: Path, command: str = "run") -> Iterator[None]:
    """Hold the database for one process. Raises StoreError naming the process that holds it, and what it does.

    The lock is the operating system's, on a file beside the database, so it ends with its process however that ends.
    """
    path = real(path)
    name = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = name.open("a+", encoding="utf-8")
    except OSError as error:
        raise _unlockable(name, error) from error
    with handle:
        try:
            if not _taken(handle, name):
                raise StoreError(problem(str(path), _holder(path), "a database that nobody else uses", "wait for it"))
            handle.seek(0)
            handle.truncate()
            handle.write(f"{getpid()}\t{now()}\t{command}\n")
            handle.flush()
        except OSError as error:
            raise _unlockable(name, error) from error
        yield


def _unlockable(name: Path, error: OSError) -> StoreError:
    found = error.strerror or str(error)
    return StoreError(problem(str(name), found, "a folder to write to, with space left", "name another --db"))


def _taken(handle: IO[str], name: Path) -> bool:
    """Take the lock; wait only for a reader that completes what a killed run had begun."""
    end = time.monotonic() + _PATIENCE
    while not _try_lock(handle):
        if _lines(name)[2:] != [SETTLING] or time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _try_lock(handle: IO[str]) -> bool:
    """Take the lock without waiting. On Windows one byte far beyond the text, which stays readable to others.

    Raises OSError where the file system knows no locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(1 << 20)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


def _lines(name: Path) -> list[str]:
    with suppress(OSError):
        return name.read_text(encoding="utf-8", errors="replace").rstrip("\n").split("\t")
    return []


def _holder(path: Path) -> str:
    said = _lines(path.with_name(path.name + ".lock"))
    if len(said) < 2:
        return "it in use by another process"
    left = read_journal(journal_of(path))
    at = f", stage {left.stage}" if left and left.stage and left.process == said[0] else ""
    return f"it in use by process {said[0]} since {said[1]} (`dedup {' '.join(said[2:])}`{at})"


@contextmanager
def at_work(path: Path, command: str = "run", tell: Tell | None = None) -> Iterator[Journal]:
    """Hold the database, see what the writer before left behind, and keep a journal meanwhile.

    `tell` is given a line when that one was killed. Raises StoreError when another process is at work, or when what
    was left cannot be put in order.
    """
    path = real(path)
    with locked(path, command):
        place = journal_of(path)
        try:
            found = recover(place)
            if found and tell is not None:
                tell(f"{path}: {found}")
            journal = Journal(place)
            journal.begin(command)
        except OSError as error:
            raise _unlockable(place, error) from error
        try:
            yield journal
        finally:
            journal.end()


def settled(path: Path) -> None:
    """Complete what a killed run had begun to put in place, so that a reader sees the whole of it.

    Does nothing while a writer is at work, and where this process may not write: what stands then is a finished state.
    """
    path = real(path)
    left = read_journal(journal_of(path))
    if left is None or left.moves is None:
        return
    with suppress(StoreError, OSError), locked(path, SETTLING):
        recover(journal_of(path))
