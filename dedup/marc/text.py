"""Bring the content of many records to UTF-8 in composed form (NFC), whatever each record was in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from dedup.marc.encoding import UTF8, decide, decode
from dedup.marc.tokens import Bytes, Ints, Mask, Tokens, places, with_content

_ESCAPE = 0x1B
_RECORD_END, _FIELD_END = "\x1d", "\x1e"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def to_utf8(tokens: Tokens, hint: str | None, forced: str | None = None) -> Tokens:
    """The same records with UTF-8 content and their encoding named.

    `hint` is what most of the file is in, if known; `forced` is what the user says it is. Never raises.
    """
    names = np.full(len(tokens), UTF8, object)
    marked = _marked_rows(tokens)
    if not marked.any():
        return replace(tokens, encoding=names.tolist())
    rows = np.flatnonzero(marked)
    begin, end = tokens.span()
    plain = forced is None and hint in (None, UTF8) and not (tokens.data == _ESCAPE).any() and _is_utf8(tokens.data)
    if not plain:
        for row in rows.tolist():
            content = tokens.data[begin[row] : end[row]].tobytes()
            names[row] = forced or decide(content, chr(tokens.leader[row, 9]), hint)
    tokens = replace(tokens, encoding=names.tolist())
    uneven = _uneven_rows(tokens) & marked
    for encoding in sorted(set(names[rows])):
        group = rows[names[rows] == encoding]
        if encoding == UTF8:
            group = group[uneven[group]] if plain else group
        if len(group):
            tokens = _decoded(tokens, group, encoding)
    return tokens


def _marked_rows(tokens: Tokens) -> Mask:
    """Records with a byte above 0x7F or an escape."""
    marked = tokens.data >= 0x80
    marked |= tokens.data == _ESCAPE
    if not marked.any():
        return np.zeros(len(tokens), np.bool_)
    return _rows_with(tokens, places(marked))


def _rows_with(tokens: Tokens, found: Ints) -> Mask:
    begin, end = tokens.span()
    rows: Mask = np.searchsorted(found, end) > np.searchsorted(found, begin)
    return rows


def _is_utf8(data: Bytes) -> bool:
    offsets = pa.py_buffer(np.array([0, len(data)], np.int64))
    try:
        pa.LargeBinaryArray.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(data)]).cast(
            pa.large_string()
        )
    except pa.ArrowInvalid:
        return False
    return True


def _uneven_rows(tokens: Tokens) -> Mask:
    """Records that may hold characters not in composed form (Unicode UAX 15), told from UTF-8 lead bytes."""
    data = tokens.data
    high = places(data >= 0xC3)
    lead = data[high]
    second = data[np.minimum(high + 1, len(data) - 1)]
    # Combining marks and points of European, Semitic and Indic scripts; Hangul letters; then single blocks.
    uneven = (lead == 0xCC) | (lead == 0xCD) | ((lead >= 0xD6) & (lead <= 0xE1))
    uneven |= (lead == 0xCE) & (second == 0x87)
    uneven |= (lead == 0xE2) & ((second == 0x84) | (second == 0x8C) | (second == 0xAB) | (second == 0x80))
    uneven |= (lead == 0xE3) & (second == 0x82)
    uneven |= (lead == 0xEF) & (second >= 0xA4) & (second <= 0xAD)
    uneven |= (lead >= 0xEA) & (lead <= 0xED) & (lead != 0xEB) & (lead != 0xEC) & (lead != 0xED)
    uneven |= lead >= 0xF0
    return _rows_with(tokens, high[uneven])


def _decoded(tokens: Tokens, rows: Ints, encoding: str) -> Tokens:
    """Decode the records of one encoding in one go; one by one where that would move a mark."""
    begin, end = tokens.span()
    places = zip(begin[rows].tolist(), end[rows].tolist(), strict=True)
    contents = [tokens.data[left:right].tobytes() for left, right in places]
    joined = decode(_RECORD_END.encode().join(contents), encoding)
    texts = joined.split(_RECORD_END)
    if len(texts) != len(contents):
        texts = [decode(content, encoding) for content in contents]
    decoded = [
        text.encode("utf-8", "replace")
        if text.count(_FIELD_END) == content.count(b"\x1e")
        else _by_field(content, encoding)
        for text, content in zip(texts, contents, strict=True)
    ]
    return with_content(tokens, rows, decoded)


def _by_field(content: bytes, encoding: str) -> bytes:
    fields = [decode(field, encoding).replace(_FIELD_END, " ") for field in content.split(b"\x1e")[:-1]]
    return "".join(field.replace(_RECORD_END, " ") + _FIELD_END for field in fields).encode("utf-8", "replace")
