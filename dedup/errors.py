"""Errors that a person can act on: file, place, what was found, what was wanted, what to do."""

from __future__ import annotations

import difflib
import errno
import os
import re
from collections.abc import Iterable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NUMBER = re.compile(r"\[errno (\d+)\]", re.IGNORECASE)


class DedupError(Exception):
    """An error with one clear line for the user; the command line prints it and exits with 2."""


class InputError(DedupError):
    """A file or folder given by the user cannot be used."""


class RuleError(DedupError):
    """A rule table is missing, malformed or contradicts itself."""


class StoreError(DedupError):
    """The database file cannot be opened, written or trusted."""


def problem(place: str, found: str, wanted: str, remedy: str) -> str:
    """Word an error: where, what was found, what was wanted, what to do."""
    return f"{place}: found {found}; wanted {wanted}; {remedy}"


def refused(error: Exception, place: str, wanted: str, remedy: str) -> str:
    """Word what the system refused at a place; a full disk is told as one, whatever was wanted of it."""
    text = str(error)
    # Libraries put the error of the system into the text of their own.
    number = getattr(error, "errno", None) or next((int(found[1]) for found in _NUMBER.finditer(text)), 0)
    if number in _FULL:
        full = "free some, or name another --db, --out or --temp-dir; the last finished run is intact"
        return problem(place, os.strerror(number), "space on the disk", full)
    return problem(place, getattr(error, "strerror", None) or text, wanted, remedy)


def nearest(word: str, known: Iterable[str]) -> str:
    """The remedy for a misspelt name: "did you mean 'a' or 'b'?"; '' when nothing known is like it."""
    names = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, names))}?" if names else ""
