"""Errors that a person can act on: file, place, what was found, what was wanted, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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


def nearest(word: str, known: Iterable[str]) -> str:
    """The remedy for a misspelt name: "did you mean 'a' or 'b'?"; '' when nothing known is like it."""
    names = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(map(repr, names))}?" if names else ""
