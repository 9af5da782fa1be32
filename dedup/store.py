"""The DuckDB file of a catalogue: one writer at a time, and a run that either counts whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from dedup.engine.duck import DuckEngine
from dedup.engine.faults import worded
from dedup.engine.limits import Limits
from dedup.errors import StoreError, problem
from dedup.journal import Journal, Move, Op, remove, settle_on_disk
from dedup.lock import Tell, at_work, locked, real, settled

__all__ = ["amending", "at_work", "beside", "building", "check", "locked", "opened"]

FORMAT_VERSION = 1
Continues = Callable[[DuckEngine], bool]
# ioctl_ficlone(2): the two files share their blocks (btrfs, XFS).
_CLONE = 0x40049409
CATALOGUE = "catalogue"
"""Under this name `beside` shows the database of an earlier run."""
_PATIENCE = 10.0
"""Seconds to wait for a reader who is in the way of a writer, or a writer of answers who is in the way of a reader."""
KEPT_TABLES = ("judgement", "reported", "history", "named")
"""Tables that outlive runs: what people decided, what they were told, the trend and the names of groups."""


def check(path: Path) -> None:
    """Refuse a file that is not one of our databases, so that a run never replaces something else.

    Raises StoreError for a damaged file, a stranger's database or one of a newer version.
    """
    if not path.exists():
        return
    try:
        connection = duckdb.connect(str(path), read_only=True)
        try:
            rows = connection.execute("SELECT format_version FROM dedup_store").fetchall()
        finally:
            connection.close()
    except duckdb.Error as error:
        raise _stranger(path, error) from error
    _check_version(path, [tuple(row) for row in rows])


def _stranger(path: Path, error: duckdb.Error) -> StoreError:
    wanted = "a database that `dedup run` made"
    return StoreError(
        problem(
            str(path),
            str(error).splitlines()[0],
            wanted,
            "put a copy in its place, or move it away, or name another --db",
        )
    )


def _check_version(path: Path, rows: list[tuple[object, ...]]) -> None:
    if rows != [(FORMAT_VERSION,)]:
        wanted = f"format {FORMAT_VERSION}"
        raise StoreError(problem(str(path), f"format {rows}", wanted, "use the program that made it, or a new --db"))


@contextmanager
def building(
    path: Path, limits: Limits | int, journal: Journal | None = None, continues: Continues | None = None
) -> Iterator[DuckEngine]:
    """A database beside `path`, which takes its place when the block ends without an error.

    It is a fresh one, or a copy of the old one if `continues`, asked with the old one to read, says so.

    Killed at any moment, the old file stands as it was; what a killed run left behind is removed by the next. With the
    journal of `at_work`, the moves that it was given are made together with that of the database. `limits` may be
    threads alone. Raises StoreError.
    """
    limits = Limits(limits) if isinstance(limits, int) else limits
    path = real(path)
    with ExitStack() as held:
        journal = journal or held.enter_context(at_work(path))
        _fold(path)
        check(path)
        fresh = path.with_name(path.name + ".building")
        with _written(fresh):
            journal.owns(*_rests(fresh))
            for rest in _rests(fresh):
                remove(rest)
            if path.exists() and continues is not None and _asked(path, continues):
                duplicate(path, fresh)
            else:
                _carry(path, fresh)
        engine = DuckEngine(fresh, limits.threads, f"{limits.memory}B", temp=limits.temp)
        try:
            yield engine
            engine.sql("dedup_store", f"SELECT {FORMAT_VERSION} AS format_version")
            engine.settle()
        finally:
            engine.close()
        with _written(fresh):
            _commit(fresh, path, journal)


def _asked(path: Path, continues: Continues) -> bool:
    engine = opened(path)
    try:
        return continues(engine)
    finally:
        engine.close()


def duplicate(path: Path, fresh: Path) -> None:
    """Copy a file: without copying any byte where the file system can share them, else inside the system. OSError."""
    with path.open("rb") as old, fresh.open("wb") as new:
        if _cloned(old.fileno(), new.fileno()):
            return
        left = os.fstat(old.fileno()).st_size
        with suppress(OSError, AttributeError):
            while left > 0 and (done := os.copy_file_range(old.fileno(), new.fileno(), left)):
                left -= done
        if left:
            old.seek(0)
            new.seek(0)
            shutil.copyfileobj(old, new, 1 << 20)


def _cloned(old: int, new: int) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(new, _CLONE, old)
    except OSError:
        return False
    return True


def _rests(fresh: Path) -> tuple[Path, ...]:
    """The files of a database in the making."""
    return fresh, _wal(fresh), fresh.with_name(fresh.name + ".spill")


def _wal(path: Path) -> Path:
    """DuckDB's log of what has not come into the file yet."""
    return path.with_name(path.name + ".wal")


def _commit(fresh: Path, path: Path, journal: Journal) -> None:
    """Put the finished database, and the files that the journal was told of, in place: all or nothing."""
    if _wal(fresh).exists():
        raise StoreError(problem(str(fresh), "a database that is not closed", "all of it in its file", "run again"))
    settle_on_disk([fresh, *(move.source for move in journal.intended if move.op is Op.PUT)])
    journal.commit([Move(Op.DROP, _wal(path), _wal(path)), Move(Op.PUT, fresh, path)])


@contextmanager
def _written(fresh: Path) -> Iterator[None]:
    """What the disk refuses, as an error for people."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        place, found = getattr(error, "filename", None) or fresh, getattr(error, "strerror", None) or str(error)
        raise worded(str(place), found) from error


def _fold(path: Path) -> None:
    """Bring into the file what a killed writer of answers left in DuckDB's log: it belongs to this very file."""
    if path.exists() and _wal(path).exists():
        _patiently(lambda: DuckEngine(path, 1)).close()


def _patiently(open_it: Callable[[], DuckEngine]) -> DuckEngine:
    """Open a database; wait a little for another process that has it open in a way that excludes us."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return open_it()
        except StoreError as error:
            if "lock on file" not in str(error).lower() or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _carry(old: Path, fresh: Path) -> None:
    """Copy the tables that outlive runs, before the run begins: they tell it what was reported and answered."""
    if not old.exists():
        return
    connection = duckdb.connect(str(fresh))
    try:
        connection.execute(f"ATTACH '{_quoted(old)}' AS before (READ_ONLY)")
        names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'before'").fetchall()
        for name in sorted({row[0] for row in names} & set(KEPT_TABLES)):
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM before.{name}")
    finally:
        connection.close()


def _quoted(path: Path) -> str:
    """A path inside an SQL literal: ATTACH takes no parameter."""
    return str(path).replace("'", "''")


@contextmanager
def amending(path: Path, command: str = "replies", tell: Tell | None = None) -> Iterator[DuckEngine]:
    """The database of an earlier run, to add to one of the tables that outlive runs; no other writer meanwhile.

    Each table written counts whole or not at all, even if the process is killed. Raises StoreError when there is no
    database, it is damaged or in use.
    """
    path = real(path)
    settled(path)
    _must_exist(path)
    with at_work(path, command, tell):
        opened(path).close()
        engine = _patiently(lambda: DuckEngine(path, 1))
        try:
            yield engine
        finally:
            engine.close()


def opened(path: Path, threads: int = 1) -> DuckEngine:
    """The database of an earlier run, to read only: any number of processes may do so at once, without the lock.

    Raises StoreError when there is none or it is damaged.
    """
    path = real(path)
    settled(path)
    _must_exist(path)
    return _trusted(_patiently(lambda: DuckEngine(path, threads, read_only=True)), path)


def beside(path: Path | None, threads: int = 1, temp: Path | None = None) -> DuckEngine:
    """An engine in memory, for work that leaves nothing behind; it reads the tables of an earlier run as `catalogue.`.

    `temp`: a folder for what does not fit into memory; without one it must fit. Raises StoreError when a path is given
    and there is no database at it, or it is damaged.
    """
    if path is None:
        return DuckEngine(threads=threads, temp=temp)
    path = real(path)
    settled(path)
    _must_exist(path)
    return _trusted(_patiently(lambda: _attached(path, threads, temp)), path, f"{CATALOGUE}.")


def _attached(path: Path, threads: int, temp: Path | None) -> DuckEngine:
    engine = DuckEngine(threads=threads, temp=temp)
    try:
        engine.attach(path, CATALOGUE)
    except StoreError:
        engine.close()
        raise
    return engine


def _must_exist(path: Path) -> None:
    if not path.is_file():
        raise StoreError(problem(str(path), "no such file", "the database of an earlier run", "start with `dedup run`"))


def _trusted(engine: DuckEngine, path: Path, prefix: str = "") -> DuckEngine:
    """The engine, if what it has open is a database of ours; else it is closed. Raises StoreError."""
    try:
        rows = engine.read(f"SELECT format_version FROM {prefix}dedup_store")["format_version"].to_pylist()
        _check_version(path, [(row,) for row in rows])
    except duckdb.Error as error:
        engine.close()
        raise _stranger(path, error) from error
    except StoreError:
        engine.close()
        raise
    return engine
