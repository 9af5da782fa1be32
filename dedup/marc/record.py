"""One MARC record in plain Python: what the exact parsers give, and how it becomes field text."""

from __future__ import annotations

from dataclasses import dataclass

from dedup.tables import SUBFIELD_MARK


@dataclass(frozen=True, slots=True)
class Field:
    """A control field (`value`, no indicators) or a data field (`indicators`, `subfields` as (code, value))."""

    tag: str
    value: str = ""
    indicators: str = ""
    subfields: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The field as field text, see `dedup.tables`."""
        marked = "".join(f"{SUBFIELD_MARK}{code}{value}" for code, value in self.subfields)
        return f"{self.tag}{self.indicators}{marked}" if self.indicators else f"{self.tag}{self.value}"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as read: `offset` and `length` in bytes within the uncompressed file, `encoding` as decided."""

    leader: str
    fields: tuple[Field, ...]
    offset: int
    length: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes set aside because no record could be read from them; offsets as in `RawRecord`.

    `data` holds the bytes themselves (all of them, or their beginning when they are too long to keep), so that
    they can be shown and repaired; `reason` says what was found and what was wanted.
    """

    offset: int
    length: int
    reason: str
    data: bytes
