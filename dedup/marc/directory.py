"""Directories that may be damaged: where they end, what their entries are, whether the fields agree with them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dedup.marc.frame import FIELD_END, PADDING
from dedup.marc.tokens import LEADER_LENGTH

_ENTRY = 12
_LINE_ENDS = re.compile(rb"[\r\n]")
_ENTRIES = re.compile(rb"(?:[0-9A-Za-z]{3}[0-9]{9})+\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the tag, and length and start in bytes, None where they are no numbers."""

    tag: bytes
    length: int | None
    start: int | None


class UnreadableRecord(Exception):
    """Why a record cannot be read."""


def directory_end(content: bytes) -> int:
    """Where the directory ends: at the first 0x1E, or before the leader's base address if only the fields from there
    on agree with the directory; -1 if there is no 0x1E.
    """
    at = content.find(FIELD_END)
    stated = content[12:17]
    end = int(stated) - 1 if stated.isdigit() else -1
    is_earlier = LEADER_LENGTH < end < at and (end - LEADER_LENGTH) % _ENTRY == 0
    if is_earlier and by_positions(_entries(content[LEADER_LENGTH:end]), content[end + 1 :]) is not None:
        return end
    fields = content.rstrip(PADDING).count(FIELD_END, end + 1) if at < end else 0
    is_later = content[end : end + 1] == FIELD_END and fields * _ENTRY == end - LEADER_LENGTH
    return end if fields and is_later else at


def read_directory(head: bytes, fields: int, notes: list[str]) -> list[Entry]:
    """The entries of a directory; `head` is leader and directory, `fields` how many fields follow."""
    entries = head[LEADER_LENGTH:]
    if len(entries) % _ENTRY and _LINE_ENDS.search(entries):
        entries = _LINE_ENDS.sub(b"", entries)
        notes.append("line ends inside the directory")
    if len(entries) % _ENTRY or len(entries) // _ENTRY != fields:
        run = _ENTRIES.search(head)
        tail = run[0][len(run[0]) - fields * _ENTRY :] if run and len(run[0]) >= fields * _ENTRY > 0 else b""
        if len(tail) != len(entries) and _without_gaps(tail):
            notes.append("the leader has not 24 characters")
            entries = tail
    if 0 < len(entries) - fields * _ENTRY < _ENTRY and _without_gaps(entries[: fields * _ENTRY]):
        notes.append("characters too many at the end of the directory")
        entries = entries[: fields * _ENTRY]
    if len(entries) % _ENTRY:
        raise UnreadableRecord(f"the directory has {len(entries)} characters, which is no multiple of {_ENTRY}")
    return _entries(entries)


def _entries(text: bytes) -> list[Entry]:
    return [_entry(text[at : at + _ENTRY]) for at in range(0, len(text), _ENTRY)]


def _without_gaps(text: bytes) -> bool:
    """Whether these are entries of which each begins where the one before ends, the first at zero."""
    entries = _entries(text)
    places = [(entry.start, entry.length) for entry in entries if entry.start is not None and entry.length]
    at = 0
    for start, length in places:
        if start != at:
            return False
        at += length
    return bool(places) and len(places) == len(entries)


def _entry(text: bytes) -> Entry:
    length, start = text[3:7], text[7:12]
    return Entry(text[:3], int(length) if length.isdigit() else None, int(start) if start.isdigit() else None)


def by_positions(entries: list[Entry], body: bytes) -> list[bytes] | None:
    """Fields as the directory says, if each begins after a terminator and ends with one, and none twice."""
    contents, starts = [], set()
    for entry in entries:
        if entry.length is None or entry.start is None or entry.length == 0:
            return None
        stop = entry.start + entry.length
        begins = entry.start == 0 or body[entry.start - 1 : entry.start] == FIELD_END
        if not begins or body[stop - 1 : stop] != FIELD_END:
            return None
        contents.append(body[entry.start : stop - 1])
        starts.add(entry.start)
    return contents if len(starts) == len(entries) else None
