"""The DuckDB file of a catalogue: one writer at a time, and a run that either counts whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import duckdb

from dedup.engine.duck import DuckEngine
from dedup.errors import StoreError, problem

FORMAT_VERSION = 1
KEPT_TABLES = ("judgement", "reported", "history")
"""Tables that outlive runs: what people decided, what they were told and the trend are carried into the new file."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the database for one process. Raises StoreError naming the process that holds it.

    The lock is the operating system's, on a file beside the database, so it ends with its process however that ends.
    """
    name = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = name.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(problem(str(name), str(error), "a folder to write to", "name another --db")) from error
    with handle:
        if not _try_lock(handle):
            raise StoreError(problem(str(path), _holder(name), "a database that nobody else uses", "wait for it"))
        handle.seek(0)
        handle.truncate()
        handle.write(f"{os.getpid()}\t{datetime.now().astimezone().isoformat(timespec='seconds')}\n")
        handle.flush()
        yield


def _try_lock(handle: IO[str]) -> bool:
    """Take the lock without waiting. On Windows one byte far beyond the text, which stays readable to others."""
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(1 << 20)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(name: Path) -> str:
    parts = name.read_text(encoding="utf-8", errors="replace").split()
    return f"it in use by process {parts[0]} since {parts[1]}" if len(parts) == 2 else "it in use by another process"


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
        problem(str(path), str(error).splitlines()[0], wanted, "move it away, or name another file with --db")
    )


def _check_version(path: Path, rows: list[tuple[object, ...]]) -> None:
    if rows != [(FORMAT_VERSION,)]:
        wanted = f"format {FORMAT_VERSION}"
        raise StoreError(problem(str(path), f"format {rows}", wanted, "use the program that made it, or a new --db"))


@contextmanager
def building(path: Path, threads: int) -> Iterator[DuckEngine]:
    """A fresh database beside `path`, which takes its place when the block ends without an error.

    Killed at any moment, the old file stands as it was; what a killed run left behind is removed by the next.
    """
    with locked(path):
        check(path)
        fresh = path.with_name(path.name + ".building")
        _remove(fresh)
        try:
            _carry(path, fresh)
            engine = DuckEngine(fresh, threads)
            try:
                yield engine
                engine.sql("dedup_store", f"SELECT {FORMAT_VERSION} AS format_version")
            finally:
                engine.close()
            fresh.replace(path)
        finally:
            _remove(fresh)


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


def _remove(fresh: Path) -> None:
    for path in (fresh, fresh.with_name(fresh.name + ".wal")):
        path.unlink(missing_ok=True)
    shutil.rmtree(fresh.with_name(fresh.name + ".spill"), ignore_errors=True)


@contextmanager
def amending(path: Path) -> Iterator[DuckEngine]:
    """The database of an earlier run, to add to one of the tables that outlive runs; nobody else may use it meanwhile.

    Raises StoreError when there is none, it is damaged or in use.
    """
    opened(path).close()
    with locked(path):
        engine = DuckEngine(path, 1)
        try:
            yield engine
        finally:
            engine.close()


def opened(path: Path, threads: int = 1) -> DuckEngine:
    """The database of an earlier run, to read only: any number of processes may do so at once, without the lock.

    Raises StoreError when there is none or it is damaged.
    """
    if not path.is_file():
        raise StoreError(problem(str(path), "no such file", "the database of an earlier run", "start with `dedup run`"))
    engine = DuckEngine(path, threads, read_only=True)
    try:
        rows = engine.read("SELECT format_version FROM dedup_store")["format_version"].to_pylist()
        _check_version(path, [(row,) for row in rows])
    except duckdb.Error as error:
        engine.close()
        raise _stranger(path, error) from error
    except StoreError:
        engine.close()
        raise
    return engine
