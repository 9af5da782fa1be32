"""What is worked out from the rule tables at every start, kept in files from one start to the next.

As Python keeps the code it has compiled: nothing depends on it but the time a command takes to begin. A file that is
missing, damaged or of another version is made anew; where none can be written, nothing is kept.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from dedup import __version__

Value = TypeVar("Value")
_VARIABLE = "DEDUP_CACHE"
_MOST = 6
"""Files kept of one name: rules as they were before, and as other centres switch them."""


def folder() -> Path | None:
    """Where files are kept: `$DEDUP_CACHE`, else the user's folder for such files; None when the variable is empty."""
    named = os.environ.get(_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        home = str(Path.home() / "Library" / "Caches")
    else:
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "dedup" if home else None


def kept(name: str, key: str, make: Callable[[], Value]) -> Value:
    """What `make` gives, from a file if an earlier start has kept it under that name and key.

    The value consists of numbers, texts, bytes, None, and tuples, lists and dictionaries of these; it must depend on
    nothing but the key, the version of this program and the file that `make` is written in.
    """
    path = _path(name, f"{key}\0{_written(make)}")
    if path is None:
        return make()
    with suppress(OSError, EOFError, ValueError, TypeError):
        data = path.read_bytes()
        if hashlib.sha256(data[32:]).digest() == data[:32]:
            value: Value = marshal.loads(data[32:])
            return value
    value = make()
    with suppress(OSError, ValueError):
        plain: Any = value
        _keep(path, name, marshal.dumps(plain))
    return value


def _written(make: Callable[[], object]) -> str:
    """When the file was written that a function stands in: of a checkout it may change without a new version."""
    try:
        known = Path(make.__code__.co_filename).stat()
    except (AttributeError, OSError):
        return ""
    return f"{known.st_mtime_ns} {known.st_size}"


def _path(name: str, key: str) -> Path | None:
    try:
        home = folder()
    except RuntimeError:
        # A user without a home folder.
        return None
    marked = f"{name}\0{key}\0{__version__}\0{sys.implementation.cache_tag}"
    return None if home is None else home / f"{name}-{hashlib.sha256(marked.encode()).hexdigest()[:24]}.kept"


def _keep(path: Path, name: str, data: bytes) -> None:
    """Write a file in one step, and forget the oldest of its name when there are many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=name)
    with os.fdopen(handle, "wb") as file:
        file.write(hashlib.sha256(data).digest() + data)
    Path(made).replace(path)
    others = sorted(path.parent.glob(f"{name}-*.kept"), key=lambda one: one.stat().st_mtime)
    for old in others[:-_MOST]:
        old.unlink(missing_ok=True)
