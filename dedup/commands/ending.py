"""How a command ends: its exit code, one line about what went wrong, and nothing half done when it is told to stop."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import click

from dedup.addresses import address_limit
from dedup.errors import DedupError, StoreError, problem, refused

DONE, FINDINGS, ERROR, STOPPED = 0, 1, 2, 128
"""Exit codes. A command that a signal stopped ends with STOPPED + the signal's number, as shells count."""

_MEMORY = (
    "out of memory; give DuckDB less with --memory, use --threads 1, or more memory; the last finished run is intact"
)
# Texts of libraries that cannot get memory or threads; in small letters.
_NO_MEMORY = (
    "std::bad_alloc",
    "cannot allocate memory",
    "failed to map segment",
    "can't start new thread",
    "out of memory",
    "malloc of size",
    "binary is missing",
)
LEAST_SPACE = 3_000_000_000
"""Bytes; measured with DuckDB 2.0, pyarrow 26 and polars 2.1 on Linux, which reserve far more than they use."""
_ASKED: list[int] = []
"""Signals that asked this process to stop. DuckDB turns the interruption into an error of its own."""


def ended(command: Callable[[], Any]) -> int:
    """Run a command to its end and return its exit code. No traceback reaches a user, unless DEDUP_DEBUG is set."""
    _listen()
    try:
        _room()
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as stopped:
        return stopped.exit_code
    except click.ClickException as error:
        error.show()
        return ERROR
    except BrokenPipeError:
        silence()
        return DONE
    except SystemExit:
        # click's own answer to a broken pipe, with a code that here means findings; no command of ours exits so.
        silence()
        return DONE
    except (Exception, click.Abort, KeyboardInterrupt) as error:
        return _failed(error)
    return code if isinstance(code, int) else DONE


def _room() -> None:
    """Refuse a limit of address space under which libraries crash while they are loaded, where nobody can catch it."""
    limit = address_limit()
    if limit is not None and limit < LEAST_SPACE:
        found, wanted = (f"{size // 1_000_000} MB of address space" for size in (limit, LEAST_SPACE))
        remedy = "raise it; to limit what is really used take --memory, --threads or a control group"
        raise StoreError(problem("limit of memory (ulimit -v)", found, f"at least {wanted}", remedy))


def _listen() -> None:
    """Let the signals that end a process do so in order. One that whoever started us chose to ignore stays ignored."""
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    _ASKED.append(number)
    raise KeyboardInterrupt


def _failed(error: BaseException) -> int:
    if _ASKED or isinstance(error, KeyboardInterrupt | click.Abort):
        _say("stopped; the last finished run stands")
        return STOPPED + (_ASKED[0] if _ASKED else signal.SIGINT)
    if isinstance(error, DedupError):
        return _told(str(error), error)
    if isinstance(error, MemoryError) or any(word in str(error).lower() for word in _NO_MEMORY):
        return _told(_MEMORY, error)
    if isinstance(error, OSError):
        if error.filename is None:
            silence()
        place = str(error.filename or "a file, or standard output")
        remedy = "look at the disk and its permissions; the last finished run is intact"
        return _told(refused(error, place, "files and folders that can be used", remedy), error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    text = " ".join(str(error).split())[:500]
    return _told(f"{type(error).__name__} in {place}: {text}; a fault of this program, please report it", error)


def _told(line: str, error: BaseException) -> int:
    if os.environ.get("DEDUP_DEBUG"):
        traceback.print_exception(error)
    _say(f"dedup: {' '.join(line.splitlines())}")
    return ERROR


def _say(line: str) -> None:
    try:
        click.echo(line, err=True)
    except OSError:
        # Nobody listens any more.
        silence()


def silence() -> None:
    """The reader has gone (`dedup judge ... | head`): say nothing, and let nothing be flushed at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            try:
                stream.flush()
            except OSError:
                os.dup2(nowhere, stream.fileno())
