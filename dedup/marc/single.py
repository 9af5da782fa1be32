"""One record read again at the place where a run found it, with all its fields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dedup.marc.archive import ArchiveStream, Member, members, open_member
from dedup.marc.columns import raw_tokens
from dedup.marc.container import Container, detect
from dedup.marc.encoding import UTF8
from dedup.marc.exact import Found, read_frame
from dedup.marc.fingerprint import fingerprints
from dedup.marc.reader import READERS
from dedup.marc.record import RawRecord
from dedup.marc.text import to_utf8
from dedup.marc.tokens import Tokens, from_loose, to_loose

_HEAD = 1 << 16
_SKIP = 4 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: the file, the member of an archive ('' for none), bytes in the uncompressed file."""

    path: Path
    member: str
    offset: int
    length: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A record with all its fields: `leader`, (tag, content as field text), and the hash that a run stored of it."""

    leader: str
    fields: tuple[tuple[str, str], ...]
    fingerprint: int


def read_whole(place: Place, left_out: tuple[int, ...]) -> Whole | None:
    """The record at a place, None when no record begins there. `left_out`: tags that the hash leaves out.

    Raises OSError when the file cannot be read.
    """
    found = [member for member in members(place.path) if member.name == place.member and not member.fault]
    if not found:
        return None
    with open_member(place.path, found[0]) as stream:
        container = detect(stream.read(_HEAD)).container
    if container is Container.ISO2709:
        tokens = _framed(place, found[0])
    elif container in READERS:
        tokens = _sought(place, found[0], container)
    else:
        return None
    if tokens is None:
        return None
    loose = to_loose(tokens, 0)
    fields = tuple(
        (tag.decode("ascii", "replace"), content.decode("utf-8", "replace")) for tag, content in loose.fields
    )
    return Whole(loose.leader.decode("ascii", "replace"), fields, int(fingerprints(tokens, left_out)[0]))


def _framed(place: Place, member: Member) -> Tokens | None:
    """The one record in a stretch of ISO 2709, as UTF-8."""
    found = Found()
    read_frame(_bytes(place, member), place.offset, found)
    if len(found.records) != 1 or found.records[0].offset != place.offset:
        return None
    plain = place.encoding in ("", UTF8)
    return to_utf8(from_loose(found.records), UTF8 if plain else None, None if plain else place.encoding)


def _bytes(place: Place, member: Member) -> bytes:
    if not member.path_in:
        with place.path.open("rb") as plain:
            plain.seek(place.offset)
            return plain.read(place.length)
    with open_member(place.path, member) as stream:
        _skip(stream, place.offset)
        return stream.read(place.length)


def _skip(stream: ArchiveStream, size: int) -> None:
    while size > 0 and (piece := stream.read(min(size, _SKIP))):
        size -= len(piece)


def _sought(place: Place, member: Member, container: Container) -> Tokens | None:
    """A record of any other container: all before it must be read, too."""
    with open_member(place.path, member) as stream:
        for item in READERS[container](stream):
            if item.offset >= place.offset:
                right = isinstance(item, RawRecord) and item.offset == place.offset
                return raw_tokens([item]) if right and isinstance(item, RawRecord) else None
    return None
