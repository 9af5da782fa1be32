"""Many records of one file read again at the places where a run found them, with all their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from dedup.marc.archive import ArchiveStream, Member, members, open_member
from dedup.marc.columnar import tokenise
from dedup.marc.columns import raw_tokens
from dedup.marc.container import Container, detect
from dedup.marc.encoding import UTF8
from dedup.marc.exact import Found, read_frame
from dedup.marc.fingerprint import fingerprints
from dedup.marc.inflate import ByteSource
from dedup.marc.reader import READERS
from dedup.marc.record import RawRecord
from dedup.marc.single import Whole
from dedup.marc.text import to_utf8
from dedup.marc.tokens import Loose, Tokens, all_loose, from_loose

_HEAD = 1 << 16
_BATCH = 256
_SKIP = 4 << 20


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a record stands in a file: bytes in the uncompressed file; `key` is the caller's name for it."""

    key: str
    offset: int
    length: int
    encoding: str


def can_seek(path: Path) -> bool:
    """Whether single records of a file can be read without all that stands before them: plain ISO 2709.

    Raises OSError when the file cannot be read.
    """
    with path.open("rb") as stream:
        return detect(stream.read(_HEAD)).container is Container.ISO2709


def read_many(
    path: Path, member: str, spots: Iterable[Spot], left_out: tuple[int, ...]
) -> Iterator[tuple[str, Whole | None]]:
    """The records at some places of a file (of an archive's member), in one pass; None where no record begins.

    `spots` ascend by offset. `left_out`: tags that the hash of `Whole` leaves out. Raises OSError when the file cannot
    be read.
    """
    found = [one for one in members(path) if one.name == member and not one.fault]
    if not found:
        yield from ((spot.key, None) for spot in spots)
        return
    with open_member(path, found[0]) as stream:
        container = detect(stream.read(_HEAD)).container
    if container is Container.ISO2709:
        yield from _standing(_bytes(path, found[0], spots), left_out)
        return
    nothing = ((spot, None) for spot in spots)
    pairs = _sought(path, found[0], container, spots) if container in READERS else nothing
    while batch := list(islice(pairs, _BATCH)):
        yield from _wholes(batch, left_out)


def read_in_place(path: Path, spots: Iterable[Spot], left_out: tuple[int, ...]) -> Iterator[tuple[str, Whole | None]]:
    """As `read_many`, of a file that can be sought (`can_seek`). Raises OSError when it cannot be read."""
    return _standing(_sought_bytes(path, spots), left_out)


def read_copies(
    path: Path, member: str, spots: Iterable[Spot], left_out: tuple[int, ...]
) -> Iterator[tuple[str, Whole | None, bytes | None]]:
    """As `read_many`, with the bytes of each record as they stand in the file where that is ISO 2709, else None.

    Raises OSError when the file cannot be read.
    """
    found = [one for one in members(path) if one.name == member and not one.fault]
    iso = False
    if found:
        with open_member(path, found[0]) as stream:
            iso = detect(stream.read(_HEAD)).container is Container.ISO2709
    if not iso:
        yield from ((name, whole, None) for name, whole in read_many(path, member, spots, left_out))
        return
    standing = _bytes(path, found[0], spots)
    while some := list(islice(standing, _BATCH)):
        for (name, whole), (_, data) in zip(_framed(some, left_out), some, strict=True):
            yield name, whole, data


def _bytes(path: Path, member: Member, spots: Iterable[Spot]) -> Iterator[tuple[Spot, bytes]]:
    """What stands at some places of a file, or of an archive's member."""
    if member.path_in:
        with open_member(path, member) as stream:
            yield from _passing(stream, spots)
        return
    yield from _sought_bytes(path, spots)


def _sought_bytes(path: Path, spots: Iterable[Spot]) -> Iterator[tuple[Spot, bytes]]:
    with path.open("rb") as plain:
        for spot in spots:
            plain.seek(spot.offset)
            yield spot, plain.read(spot.length)


def _passing(stream: ArchiveStream, spots: Iterable[Spot]) -> Iterator[tuple[Spot, bytes]]:
    at, held = 0, b""
    for spot in spots:
        while at + len(held) < spot.offset + spot.length and (piece := stream.read(_SKIP)):
            keep = max(spot.offset - at, 0)
            at, held = at + min(keep, len(held)), held[keep:] + piece
        begin = spot.offset - at
        yield spot, held[begin : begin + spot.length] if begin >= 0 else b""


def _standing(pairs: Iterator[tuple[Spot, bytes]], left_out: tuple[int, ...]) -> Iterator[tuple[str, Whole | None]]:
    """Records of ISO 2709 from the bytes of each, some at a time."""
    while some := list(islice(pairs, _BATCH)):
        yield from _framed(some, left_out)


def _framed(standing: Iterable[tuple[Spot, bytes]], left_out: tuple[int, ...]) -> Iterator[tuple[str, Whole | None]]:
    """Records of ISO 2709 from the bytes of each: those of one encoding that follow each other together."""
    for encoding, run in groupby(standing, key=lambda pair: pair[0].encoding):
        some = list(run)
        tokens = _sound([data for _, data in some])
        if tokens is None:
            yield from _wholes([(spot, _frame(data, spot)) for spot, data in some], left_out)
        else:
            yield from zip((spot.key for spot, _ in some), _told(_in_utf8(tokens, encoding), left_out), strict=True)


def _sound(pieces: list[bytes]) -> Tokens | None:
    """The records of pieces each of which is one sound record and nothing else; None when one is not."""
    read = tokenise(b"".join(pieces), 0)
    return read.tokens if not read.rest and read.tokens.length.tolist() == list(map(len, pieces)) else None


def _frame(data: bytes, spot: Spot) -> Loose | None:
    found = Found()
    read_frame(data, spot.offset, found)
    return found.records[0] if len(found.records) == 1 and found.records[0].offset == spot.offset else None


def _sought(
    path: Path, member: Member, container: Container, spots: Iterable[Spot]
) -> Iterator[tuple[Spot, RawRecord | None]]:
    """Records of any other container: all before the last of them is read."""
    with open_member(path, member) as stream:
        source: ByteSource = stream
        items = READERS[container](source)
        item = next(items, None)
        for spot in spots:
            while item is not None and item.offset < spot.offset:
                item = next(items, None)
            right = isinstance(item, RawRecord) and item.offset == spot.offset
            yield spot, item if right and isinstance(item, RawRecord) else None


def _wholes(
    batch: Sequence[tuple[Spot, Loose | RawRecord | None]], left_out: tuple[int, ...]
) -> Iterator[tuple[str, Whole | None]]:
    """Records as UTF-8 with their hashes: those of one encoding that follow each other together."""
    for kind, run in groupby(batch, key=lambda pair: (type(pair[1]), pair[0].encoding)):
        some = list(run)
        if kind[0] is type(None):
            yield from ((spot.key, None) for spot, _ in some)
            continue
        tokens = _tokens([record for _, record in some if record is not None], kind[1])
        yield from zip((spot.key for spot, _ in some), _told(tokens, left_out), strict=True)


def _told(tokens: Tokens, left_out: tuple[int, ...]) -> Iterator[Whole]:
    """Records in UTF-8 with their hashes."""
    for loose, value in zip(all_loose(tokens), fingerprints(tokens, left_out).tolist(), strict=True):
        fields = tuple(
            (tag.decode("ascii", "replace"), content.decode("utf-8", "replace")) for tag, content in loose.fields
        )
        yield Whole(loose.leader.decode("ascii", "replace"), fields, int(value))


def _tokens(records: list[Loose | RawRecord], encoding: str) -> Tokens:
    raw = [record for record in records if isinstance(record, RawRecord)]
    if raw:
        return raw_tokens(raw)
    return _in_utf8(from_loose([record for record in records if isinstance(record, Loose)]), encoding)


def _in_utf8(tokens: Tokens, encoding: str) -> Tokens:
    plain = encoding in ("", UTF8)
    return to_utf8(tokens, UTF8 if plain else None, None if plain else encoding)
