"""An ISBN as it is written into a field: as typed where nothing else was typed with it, else its digits."""

from __future__ import annotations

import re

from dedup.normalise.isbn import CORE_DIGITS, FIRST_PREFIX, LONG_DIGITS, Isbn, check_ten, check_thirteen

_PLAIN = re.compile(r"\s*([0-9][0-9 -]+[0-9Xx])\s*")
_LONG_CORE = 12
_BRACKETS = " ()[]（）［］:;,"
_CHECK_SIGNS = "0123456789X"


def number_text(typed: str, isbn: Isbn) -> str:
    """A valid number for its subfield: with its hyphens as typed, without label, qualifier, a second number."""
    plain = _PLAIN.fullmatch(typed)
    if plain and len(re.sub("[ -]", "", plain[1])) == isbn.form:
        return plain[1].upper()
    if isbn.form == LONG_DIGITS:
        core = str(isbn.core)
        stem = core if len(core) == _LONG_CORE else f"{FIRST_PREFIX}{core:0>{CORE_DIGITS}}"
        return next(stem + sign for sign in _CHECK_SIGNS if check_thirteen(stem + sign))
    stem = f"{isbn.core:0{CORE_DIGITS}d}"
    return next(stem + sign for sign in _CHECK_SIGNS if check_ten(stem + sign))


def qualifier_text(rest: str) -> str:
    """What was typed behind a number, without the brackets of the old practice: `(pbk.)` gives `pbk.`."""
    return rest.strip(_BRACKETS)
