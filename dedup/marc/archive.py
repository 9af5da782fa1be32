"""Compressed files read as streams: gzip, zip and Zstandard, with caps on size and ratio.

Nothing is written to disk under a name from the archive: names are shown, never used as paths. A damaged,
truncated or swollen archive gives what could be read; the fault is in `ArchiveStream.unreadable()`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from dedup.marc.container import Container, detect
from dedup.marc.inflate import ArchiveFault, inflate, pieces, unzstd
from dedup.marc.record import Unreadable
from dedup.marc.zipped import ZipEntry, read_entry, zip_entries
from dedup.rules import load_rules

_IN_MEMORY = 1 << 26


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive, or a plain file itself.

    `name` is shown after a `!` and is empty for a plain file and for the one stream in a gzip or Zstandard file;
    `path_in` leads to it: the container opened at each level and, for a zip, the entry. `fault` says why it
    cannot be opened at all.
    """

    name: str
    path_in: tuple[tuple[Container, ZipEntry | None], ...] = ()
    fault: str = ""


class ArchiveStream:
    """Uncompressed bytes of one member. Reading never raises on damaged data: the stream ends, `fault` says why."""

    def __init__(self, chunks: Iterator[bytes], packed: list[int], held: ExitStack) -> None:
        self._chunks = chunks
        self._packed = packed
        self._held = held
        self._rest = b""
        self._caps: Mapping[str, Any] = load_rules().tables["container"]["archive"]
        self.taken = 0
        self.fault = ""

    def _next(self) -> bytes:
        if self.fault:
            return b""
        try:
            piece = next(self._chunks, b"")
        except (ArchiveFault, OSError) as error:
            self.fault = str(error)
            return b""
        self.taken += len(piece)
        self._check_caps()
        return b"" if self.fault else piece

    def _check_caps(self) -> None:
        caps = self._caps
        if self.taken > caps["max_bytes"]:
            self.fault = (
                f"more than {caps['max_bytes']} bytes come out of this archive; wanted less; unpack it yourself"
            )
        elif self._packed and self.taken > caps["ratio_after"] and self.taken > caps["ratio"] * max(self._packed[0], 1):
            self.fault = f"it swells to more than {caps['ratio']} times its size; wanted less; unpack it yourself"

    def read(self, size: int = -1, /) -> bytes:
        """Exactly `size` bytes, fewer only at the end (all that is left for a negative size)."""
        parts = [self._rest]
        have = len(self._rest)
        while (size < 0 or have < size) and (piece := self._pull()):
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        cut = have if size < 0 else size
        self._rest = whole[cut:]
        return whole[:cut]

    def _pull(self) -> bytes:
        """The next piece that is not empty, or nothing at the end."""
        while True:
            before = self.taken
            piece = self._next()
            if piece or self.taken == before:
                return piece

    def unreadable(self) -> Unreadable | None:
        """The quarantine item of a stream that broke off: it stands at its end and has no bytes of its own."""
        return Unreadable(self.taken, 0, self.fault, b"") if self.fault else None

    def close(self) -> None:
        """Close the file."""
        self._held.close()

    def __enter__(self) -> ArchiveStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _head_size() -> int:
    return int(load_rules().tables["container"]["sample"]["bytes"])


def members(path: Path) -> list[Member]:
    """What a file holds, in its order: itself if it is no archive; an archive inside an archive is looked into once.

    A member that cannot be opened is listed with its `fault`. Raises OSError when the file itself cannot be read.
    """
    return list(_members(path, Member(""), int(load_rules().tables["container"]["archive"]["depth"])))


def _members(path: Path, member: Member, depth: int) -> Iterator[Member]:
    """The member itself, or what it holds when it is an archive and may still be looked into."""
    if member.fault:
        yield member
        return
    with open_member(path, member) as stream:
        kind = detect(stream.read(_head_size())).container
    if kind not in (Container.GZIP, Container.ZIP, Container.ZSTD):
        yield member
    elif depth <= 0:
        yield Member(
            member.name, member.path_in, "an archive in an archive in an archive; wanted fewer; unpack it yourself"
        )
    elif kind is not Container.ZIP:
        yield from _members(path, Member(member.name, (*member.path_in, (kind, None))), depth - 1)
    else:
        yield from _zip_members(path, member, depth)


def _zip_members(path: Path, member: Member, depth: int) -> Iterator[Member]:
    cap = int(load_rules().tables["container"]["archive"]["max_members"])
    with ExitStack() as held:
        entries = zip_entries(_seekable(path, member, held))
    for number, entry in enumerate(entries):
        name = f"{member.name}!{entry.name}" if member.name else entry.name
        inside = Member(name, (*member.path_in, (Container.ZIP, entry)), entry.fault)
        if number >= cap:
            yield Member(
                name, inside.path_in, f"more than {cap} files in one archive; wanted fewer; unpack it yourself"
            )
            return
        yield from _members(path, inside, depth - 1)
    if not entries:
        yield Member(member.name, member.path_in, "a zip archive in which no file could be found")


def _seekable(path: Path, member: Member, held: ExitStack) -> IO[bytes]:
    """A member as a seekable file: the file on disk, or a nameless temporary copy of a zip inside an archive."""
    if not member.path_in:
        return held.enter_context(path.open("rb"))
    copy = held.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 (`held` closes it)
    with open_member(path, member) as stream:
        while piece := stream.read(1 << 20):
            copy.write(piece)
    copy.seek(0)
    return copy


def _counted(chunks: Iterator[bytes], packed: list[int]) -> Iterator[bytes]:
    for chunk in chunks:
        packed[0] += len(chunk)
        yield chunk


def open_member(path: Path, member: Member) -> ArchiveStream:
    """A stream of one member's uncompressed bytes (of a plain file: its bytes). Raises OSError if there is no file."""
    held = ExitStack()
    zipped = [place for place, (kind, _) in enumerate(member.path_in) if kind is Container.ZIP]
    packed: list[int] = [0] if member.path_in else []
    if zipped:
        at = zipped[-1]
        entry = member.path_in[at][1]
        assert entry is not None
        chunks = read_entry(_seekable(path, Member("", member.path_in[:at]), held), entry, packed)
        steps = member.path_in[at + 1 :]
    else:
        chunks = pieces(held.enter_context(path.open("rb")))
        chunks = _counted(chunks, packed) if packed else chunks
        steps = member.path_in
    for kind, _ in steps:
        chunks = inflate(chunks) if kind is Container.GZIP else unzstd(chunks)
    return ArchiveStream(chunks, packed, held)
