"""Lines of a text file with their places in bytes, in whatever encoding, and fields out of lines."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

from dedup.marc.encoding import decide, decode, file_hint
from dedup.marc.inflate import ByteSource

_PIECE = 1 << 20
_HINT_BYTES = 1 << 18
_WIDE_SAMPLE = 4096
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its place and length in bytes with its end, its bytes without it (UTF-8 if the file is UTF-16)."""

    offset: int
    length: int
    data: bytes


@dataclass(slots=True)
class Block:
    """Lines that make one record, or one stretch that is none."""

    lines: list[Line] = field(default_factory=list)

    @property
    def offset(self) -> int:
        """Byte place of the first line."""
        return self.lines[0].offset

    @property
    def length(self) -> int:
        """Bytes from the first line to the end of the last."""
        return self.lines[-1].offset + self.lines[-1].length - self.lines[0].offset

    @property
    def data(self) -> bytes:
        """The lines' bytes, joined by line feeds."""
        return b"\n".join(line.data for line in self.lines)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file being read: its lines, the encoding of most of it, and of all of it when it is UTF-16."""

    lines: Iterator[Line]
    hint: str | None
    wide: str | None

    def text(self, data: bytes) -> tuple[str, str]:
        """Bytes of a line or block as (text, name of their encoding)."""
        encoding = decide(data, hint=self.hint)
        return decode(data, encoding), self.wide or encoding


def source_pieces(source: ByteSource | bytes) -> Iterator[bytes]:
    """A stream's or a byte string's content in pieces."""
    if isinstance(source, bytes):
        for start in range(0, len(source), _PIECE):
            yield source[start : start + _PIECE]
        return
    while piece := source.read(_PIECE):
        yield piece


def wide_encoding(head: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` when a file is in it, by its mark or by its zero bytes; else None."""
    name = _WIDE.get(head[:2]) or decide(head[:_WIDE_SAMPLE])
    return name if name.startswith("utf-16") else None


def open_text(source: ByteSource | bytes) -> TextFile:
    """A text file as lines, ends LF, CR LF or CR; its head tells the encoding."""
    chunks = source_pieces(source)
    head = next(chunks, b"")
    wide = wide_encoding(head)
    whole = _chain(head, chunks)
    if wide:
        return TextFile(_wide_lines(whole, wide), "utf-8", wide)
    sample = head[:_HINT_BYTES]
    cut = sample[: sample.rfind(b"\n") + 1] or sample
    return TextFile(_lines(whole), file_hint(cut), None)


def _chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _lines(chunks: Iterator[bytes]) -> Iterator[Line]:
    place = 0
    kept: list[bytes] = []
    for chunk in chunks:
        if b"\n" not in chunk and b"\r" not in chunk:
            kept.append(chunk)
            continue
        text = b"".join((*kept, chunk))
        lines = text.splitlines(keepends=True)
        kept = [lines.pop()] if not text.endswith(b"\n") else []
        for line in lines:
            yield _line(place, line)
            place += len(line)
    for line in b"".join(kept).splitlines(keepends=True):
        yield _line(place, line)
        place += len(line)


def _line(place: int, line: bytes) -> Line:
    data = line.rstrip(b"\r\n")
    return Line(place, len(line), data.removeprefix(codecs.BOM_UTF8) if place == 0 else data)


def _wide_lines(chunks: Iterator[bytes], wide: str) -> Iterator[Line]:
    """Lines of a UTF-16 file, turned to UTF-8; places and lengths stay those of the file."""
    decoder = codecs.getincrementaldecoder(wide)("replace")
    place = 0
    for line in _lines(decoder.decode(chunk).encode("utf-8", "surrogatepass") for chunk in chunks):
        text = line.data.decode("utf-8", "surrogatepass")
        ends = line.length - len(line.data)
        if line.offset == 0 and ends > 2:  # the mark of byte order was taken off
            text, ends = "\ufeff" + text, ends - len(codecs.BOM_UTF8)
        length = 2 * ends + len(text.encode("utf-16-le", "surrogatepass"))
        yield Line(place, length, line.data)
        place += length


def join_wrapped(left: str, right: str) -> str:
    """A wrapped line put back: with a blank between ASCII words, without one where a hanzi stands on either side."""
    if not left or not right:
        return left + right
    is_ascii = left[-1].isascii() and right[0].isascii()
    return left + (" " if is_ascii and not left.endswith(" ") else "") + right
