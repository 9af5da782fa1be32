"""Bring the content of many records to UTF-8 in composed form (NFC), whatever each record was in."""

from __future__ import annotations

import codecs
from dataclasses import replace

import numpy as np
import pyarrow as pa

from dedup.marc.composed import loose_places
from dedup.marc.encoding import UTF8, composed, decide, decode
from dedup.marc.hanzi import HANZI, decoded_together, sure_rows
from dedup.marc.tokens import Bytes, Ints, Mask, Tokens, contents, places, with_content

_ESCAPE, _ZERO, _FIELD_MARK = 0x1B, 0x00, b"\x1e"
_RECORD_END, _FIELD_END = "\x1d", "\x1e"


def to_utf8(tokens: Tokens, hint: str | None, forced: str | None = None) -> Tokens:
    """The same records with UTF-8 content and their encoding named.

    `hint` is what most of the file is in, if known; `forced` is what the user says it is. Never raises.
    """
    tokens = replace(tokens, encoding=[UTF8] * len(tokens))
    data = tokens.data
    if not len(tokens):
        return tokens
    has_escape = data.min() <= _ESCAPE and bool((data == _ESCAPE).any())
    if not has_escape and data.max() < 0x80:
        return tokens
    is_unicode = forced is None and hint in (None, UTF8)
    if is_unicode and not has_escape and _is_utf8(data):
        return _composed(tokens, np.flatnonzero(_rows_with(tokens, loose_places(data))))
    if is_unicode:
        return _mostly_unicode(tokens, hint)
    high = np.flatnonzero(data >= 0x80)
    marked = _rows_with(tokens, high) | _rows_with(tokens, places(data == _ESCAPE))
    if forced is not None or hint not in HANZI:
        return _each_decided(tokens, np.flatnonzero(marked), hint, forced)
    sure = sure_rows(tokens, high, str(hint))
    tokens = _each_decided(tokens, np.flatnonzero(marked & ~sure), hint, None)
    return _hanzi_decoded(tokens, np.flatnonzero(sure), str(hint))


def _mostly_unicode(tokens: Tokens, hint: str | None) -> Tokens:
    """Records of a file in UTF-8: only those with broken bytes, escapes or zeros are looked at one by one."""
    data = tokens.data
    odd = places((data == _ESCAPE) | (data == _ZERO))
    doubtful = _rows_with(tokens, odd) | _rows_with(tokens, _broken_places(data))
    doubtful &= _rows_with(tokens, np.flatnonzero((data >= 0x80) | (data == _ESCAPE)))
    loose = _rows_with(tokens, loose_places(data)) & ~doubtful
    tokens = _composed(tokens, np.flatnonzero(loose))
    return _each_decided(tokens, np.flatnonzero(doubtful), hint, None)


def _each_decided(tokens: Tokens, rows: Ints, hint: str | None, forced: str | None) -> Tokens:
    """The records `rows` in UTF-8, the encoding of each decided by its own bytes."""
    names = np.array(tokens.encoding, object)
    for row, content in zip(rows.tolist(), contents(tokens, rows), strict=True):
        names[row] = forced or decide(content, chr(tokens.leader[row, 9]), hint)
    tokens = replace(tokens, encoding=names.tolist())
    for encoding in sorted(set(names[rows])):
        tokens = _decoded(tokens, rows[names[rows] == encoding], encoding)
    return tokens


def _hanzi_decoded(tokens: Tokens, rows: Ints, encoding: str) -> Tokens:
    """Records that are surely in GB 18030 or Big5 in UTF-8."""
    if not len(rows):
        return tokens
    names = np.array(tokens.encoding, object)
    names[rows] = encoding
    tokens = replace(tokens, encoding=names.tolist())
    together = decoded_together(tokens, rows, encoding)
    if together is None:
        return _decoded(tokens, rows, encoding)
    before = len(tokens.data)
    loose = loose_places(together.data[before:]) + before
    return _composed(together, np.flatnonzero(_rows_with(together, loose)))


def _composed(tokens: Tokens, rows: Ints) -> Tokens:
    """The records `rows`, whose content is sound UTF-8, in composed form."""
    if not len(rows):
        return tokens
    held = [
        _FIELD_MARK.join(
            [field if field.isascii() else composed(field.decode()).encode() for field in content.split(_FIELD_MARK)]
        )
        for content in contents(tokens, rows)
    ]
    return with_content(tokens, rows, held)


def _rows_with(tokens: Tokens, found: Ints) -> Mask:
    """Records with one of the places in their content; the places ascend."""
    if not len(found):
        return np.zeros(len(tokens), np.bool_)
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


def _broken_places(data: Bytes) -> Ints:
    """Where bytes are not UTF-8; the first such place of a field is enough."""
    whole, found, at = data.tobytes(), [], 0
    view = memoryview(whole)
    while at < len(whole):
        try:
            codecs.utf_8_decode(view[at:], "strict", True)
            break
        except UnicodeDecodeError as error:
            found.append(at + error.start)
            at = (whole.find(_FIELD_MARK, at + error.start) + 1) or len(whole)
    return np.array(found, np.int64)


def _decoded(tokens: Tokens, rows: Ints, encoding: str) -> Tokens:
    """Decode the records of one encoding in one go; one by one where that would move a mark."""
    if not len(rows):
        return tokens
    held = contents(tokens, rows)
    joined = decode(_RECORD_END.encode().join(held), encoding)
    texts = joined.split(_RECORD_END)
    if len(texts) != len(held):
        texts = [decode(content, encoding) for content in held]
    decoded = [
        text.encode("utf-8", "replace")
        if text.count(_FIELD_END) == content.count(_FIELD_MARK)
        else _by_field(content, encoding)
        for text, content in zip(texts, held, strict=True)
    ]
    return with_content(tokens, rows, decoded)


def _by_field(content: bytes, encoding: str) -> bytes:
    fields = [decode(field, encoding).replace(_FIELD_END, " ") for field in content.split(_FIELD_MARK)[:-1]]
    return "".join(field.replace(_RECORD_END, " ") + _FIELD_END for field in fields).encode("utf-8", "replace")
