"""Zip archives: the list of their files, also when the directory at the end is lost, and one file as a stream."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from dedup.marc.inflate import PIECE, RAW_DEFLATE, ArchiveFault, inflate

_LOCAL = b"PK\x03\x04"
_SIGNATURES = (_LOCAL, b"PK\x01\x02", b"PK\x07\x08")
_LOCAL_HEADER = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_LATER, _NAME_IS_UTF8 = 0x1, 0x8, 0x800


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file in a zip: its name (shown only), where its local header stands, compressed size (-1 = not known)."""

    name: str
    header: int
    packed: int
    method: int
    crc: int | None
    fault: str = ""


def _name(data: bytes, is_utf8: bool) -> str:
    """A file name: UTF-8 by its flag; else GBK, which Windows in China writes without saying so, else Latin-1."""
    for encoding in ("utf-8",) if is_utf8 else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _fault(method: int, flags: int) -> str:
    if flags & _ENCRYPTED:
        return "encrypted; wanted plain data; unpack it yourself"
    if method not in (_STORED, _DEFLATED):
        return f"packed with method {method}; wanted stored or deflate; unpack it yourself"
    return ""


def zip_entries(file: IO[bytes]) -> list[ZipEntry]:
    """The files of a zip, folders left out. Without a usable directory they are found by their local headers."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        return list(_scan(file))
    return [
        ZipEntry(
            _name(info.orig_filename.encode("utf-8" if info.flag_bits & _NAME_IS_UTF8 else "cp437"), False),
            info.header_offset,
            info.compress_size,
            info.compress_type,
            info.CRC,
            _fault(info.compress_type, info.flag_bits),
        )
        for info in infos
        if not info.is_dir()
    ]


def _scan(file: IO[bytes]) -> Iterator[ZipEntry]:
    """Entries by their local headers, for an archive that was cut off before its directory."""
    place = 0
    while (place := _find(file, place, (_LOCAL,))) >= 0:
        file.seek(place)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size:
            return
        _, _, flags, method, _, _, crc, packed, _, name_size, _ = _LOCAL_HEADER.unpack(header)
        name = _name(file.read(name_size), bool(flags & _NAME_IS_UTF8))
        known = not flags & _SIZES_LATER
        if not name.endswith("/"):
            yield ZipEntry(name, place, packed if known else -1, method, crc if known else None, _fault(method, flags))
        place += _LOCAL_HEADER.size + (packed if known else 0)


def _find(file: IO[bytes], start: int, signatures: tuple[bytes, ...]) -> int:
    """The place of the next signature at or after `start`, or -1."""
    file.seek(start)
    kept = b""
    base = start
    while piece := file.read(PIECE):
        text = kept + piece
        hits = [hit for hit in (text.find(signature) for signature in signatures) if hit >= 0]
        if hits:
            return base + min(hits)
        kept = text[-3:]
        base += len(text) - len(kept)
    return -1


def _packed_bytes(file: IO[bytes], entry: ZipEntry, packed: list[int]) -> Iterator[bytes]:
    """The compressed bytes of an entry, counted in `packed[0]`."""
    file.seek(entry.header)
    header = file.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != _LOCAL:
        raise ArchiveFault("no file stands where the archive's directory says")
    name_size, extra_size = struct.unpack_from("<HH", header, 26)
    start = entry.header + _LOCAL_HEADER.size + name_size + extra_size
    left = entry.packed
    if left < 0 and entry.method == _STORED:
        end = _find(file, start, _SIGNATURES)
        left = end - start if end >= 0 else -1
    file.seek(start)
    while left != 0 and (piece := file.read(min(PIECE, left) if left > 0 else PIECE)):
        left -= len(piece) if left > 0 else 0
        packed[0] += len(piece)
        yield piece
    if left > 0:
        raise ArchiveFault("the archive ends too early")


def read_entry(file: IO[bytes], entry: ZipEntry, packed: list[int]) -> Iterator[bytes]:
    """The uncompressed bytes of an entry; raises ArchiveFault after everything readable has been given."""
    chunks = _packed_bytes(file, entry, packed)
    crc = 0
    for piece in inflate(chunks, RAW_DEFLATE) if entry.method == _DEFLATED else chunks:
        crc = zlib.crc32(piece, crc)
        yield piece
    if entry.crc is not None and crc != entry.crc:
        raise ArchiveFault("the checksum does not fit: some bytes were changed")
