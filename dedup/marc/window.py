"""A moving window over a stream of any size, with places counted from the stream's start."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from dedup.marc.inflate import ByteSource
from dedup.marc.lines import source_pieces, wide_encoding


class Window:
    """Bytes `[start, start + len(data))` of a stream; it grows at its end and is cut at its beginning.

    A UTF-16 stream is turned into UTF-8: `wide` names its encoding, `mark_bytes` counts the byte order mark before it.
    """

    def __init__(self, source: ByteSource | bytes) -> None:
        self._chunks: Iterator[bytes] = source_pieces(source)
        self.start = 0
        self.data = next(self._chunks, b"")
        self.wide = wide_encoding(self.data)
        self.mark_bytes = 0
        self._decoder = codecs.getincrementaldecoder(self.wide or "utf-8")("replace")
        if self.wide:
            text = self._decoder.decode(self.data)
            self.mark_bytes = 2 if text.startswith("\ufeff") else 0
            self.data = text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")

    def grow(self) -> bool:
        """Take another piece; false at the end of the stream."""
        piece = next(self._chunks, b"")
        if not piece:
            return False
        self.data += self._decoder.decode(piece).encode("utf-8", "surrogatepass") if self.wide else piece
        return True

    def cut(self, place: int) -> None:
        """Forget everything before `place`, an index into `data`."""
        self.start += place
        self.data = self.data[place:]
