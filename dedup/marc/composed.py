"""Find characters in UTF-8 that may not be in composed form (NFC, Unicode UAX 15), many records at once."""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np

from dedup.kept import kept
from dedup.marc.tokens import Bytes, Ints, Mask, places

# Lead bytes of the characters below U+10000 that can be other than composed: 0xCC to 0xE3, and from 0xEA on. Hanzi and
# accented Latin letters have none of them.
_FIRST, _LAST = 0xCC, 0xE3
_HANGUL_LETTERS, _LONG = 0xEA, 0xF0
_BLOCKS = ((0x300, 0x4000), (0xA000, 0xB000), (0xF000, 0x10000))
_JAMO = slice(0x1160, 0x1200)


def loose_places(data: Bytes) -> Ints:
    """Where characters begin that change, or may join the one before them, when text is composed; ascending."""
    mask = (data - np.uint8(_FIRST)) <= _LAST - _FIRST
    mask |= data >= _HANGUL_LETTERS
    found = places(mask)
    if not len(found):
        return found
    lead = data[found].astype(np.uint32)
    last = len(data) - 1
    second = data[np.minimum(found + 1, last)] & np.uint32(0x3F)
    third = data[np.minimum(found + 2, last)] & np.uint32(0x3F)
    short = ((lead & 0x1F) << 6) | second
    code = np.where(lead < 0xE0, short, ((lead & 0x0F) << 12) | (second << 6) | third)
    chosen: Ints = found[_loose()[code] | (lead >= _LONG)]
    return chosen


@cache
def _loose() -> Mask:
    """By code point below 0x10000: whether it is not composed, has an order among marks, or joins what is before it."""
    found = kept("loose", unicodedata.unidata_version, lambda: np.packbits(_scanned()).tobytes())
    return np.unpackbits(np.frombuffer(found, np.uint8)).astype(np.bool_)


def _scanned() -> Mask:
    loose = np.zeros(0x10000, np.bool_)
    loose[_JAMO] = True
    for first, end in _BLOCKS:
        for code in range(first, end):
            character = chr(code)
            loose[code] |= unicodedata.combining(character) != 0 or not unicodedata.is_normalized("NFC", character)
            parts = unicodedata.decomposition(character).split()
            if len(parts) == 2 and not parts[0].startswith("<"):
                loose[int(parts[1], 16)] = True
    return loose
