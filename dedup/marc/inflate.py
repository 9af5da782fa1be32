"""Decompress gzip, deflate and Zstandard piece by piece, giving all that can be read before a fault."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa

PIECE = 1 << 16
_SMALL = 256
_ZSTD_PIECE = 4096
_GZIP_WINDOW = 31
RAW_DEFLATE = -15


class ByteSource(Protocol):
    """Anything with a `read` like a binary file's."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; empty at the end."""
        ...


class ArchiveFault(Exception):
    """Why the rest of a compressed stream cannot be read, in words for people."""


def pieces(source: ByteSource) -> Iterator[bytes]:
    """The bytes of a source in pieces."""
    while piece := source.read(PIECE):
        yield piece


def _feed(engine: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """Decompress one piece; on a fault, what the piece gave up to it, found by feeding it again in small steps."""
    before = engine.copy()
    try:
        yield engine.decompress(piece)
        return
    except zlib.error as error:
        fault = ArchiveFault(str(error))
    for start in range(0, len(piece), _SMALL):
        try:
            yield before.decompress(piece[start : start + _SMALL])
        except zlib.error:
            break
    raise fault


def inflate(chunks: Iterator[bytes], window: int = _GZIP_WINDOW) -> Iterator[bytes]:
    """Uncompressed bytes of gzip (several members one after another are one stream, RFC 1952) or of raw deflate.

    Raises ArchiveFault after everything readable has been given. Zero bytes after a gzip member are padding.
    """
    engine = zlib.decompressobj(window)
    begun = False
    for chunk in chunks:
        rest = chunk
        while rest:
            if not begun and window == _GZIP_WINDOW and not (rest := rest.lstrip(b"\0")):
                break
            begun = True
            yield from _feed(engine, rest)
            if not engine.eof:
                break
            if window != _GZIP_WINDOW:
                return
            rest = engine.unused_data
            engine, begun = zlib.decompressobj(window), False
    if begun and not engine.eof:
        raise ArchiveFault("the compressed data end too early")


class _Readable:
    """Dresses a piece iterator as the file object that Arrow wants."""

    closed = False

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, as they come."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def close(self) -> None:
        """Nothing to close: the source belongs to someone else."""


def unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Uncompressed bytes of Zstandard frames (RFC 8878). Raises ArchiveFault after everything readable."""
    stream = pa.CompressedInputStream(pa.PythonFile(_Readable(chunks), mode="r"), "zstd")
    while True:
        try:
            piece = stream.read(_ZSTD_PIECE)
        except OSError as error:
            raise ArchiveFault(str(error)) from error
        if not piece:
            return
        yield piece
