"""The hidden key of a report's row: by it `dedup replies` knows which record of which finding was answered, by whom.

Every row that a library may answer carries `seal(key, library, period)` in one hidden, locked column (workbook) or in
the column `key` (CSV); `Line.key` is the first argument. Nothing else on the row is needed to read an answer back.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from urllib.parse import quote, unquote

_LETTERS = 8
_APART = "|"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a hidden key says: `key` is `GROUP|RECORD` (junk: `J|RECORD`), `library` '' for the centre."""

    key: str
    library: str
    period: str

    @property
    def group(self) -> str:
        """The group; `J` for a record without a usable title."""
        return self.key.partition(_APART)[0]

    @property
    def record(self) -> str:
        """The record id, which may itself hold a bar."""
        return self.key.partition(_APART)[2]


def key_check(key: str) -> str:
    """Eight letters and digits that go with a text: after a slip of the keyboard or a torn paste they do not fit it.

    It guards against accidents, not against forgery: who may write to a workbook may answer it.
    """
    digest = hashlib.sha256(f"dedup row\0{key}".encode(errors="surrogatepass")).digest()
    return base64.b32encode(digest).decode()[:_LETTERS]


def seal(key: str, library: str, period: str) -> str:
    """What the hidden column holds: CHECK|PERIOD|LIBRARY|GROUP|RECORD, the library percent-encoded."""
    told = _APART.join((period, quote(library, safe=""), key))
    return f"{key_check(told)}{_APART}{told}"


def unseal(text: str) -> Seal | None:
    """The hidden key read back; None when it is not one, or was edited."""
    check, _, told = text.strip(" \t\r\n").partition(_APART)
    parts = told.split(_APART, 2)
    if len(parts) < 3 or check != key_check(told):
        return None
    return Seal(parts[2], unquote(parts[1]), parts[0])
