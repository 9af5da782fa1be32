"""Records of a file known to be in GB 18030 or Big5, many at once: which surely are, and their text in one go."""

from __future__ import annotations

from functools import cache

import numpy as np

from dedup.marc.script import QUICK_BYTES, encoding_table
from dedup.marc.tokens import Bytes, Ints, Mask, Tokens, gathered, places, with_marked

HANZI = ("gb18030", "big5")
_RECORD_END, _FIELD_END = 0x1D, 0x1E
# Bytes that speak for MARC-8, UTF-16 or a byte order mark: such records get a closer look.
_ODD, _MARKS = (0x00, 0x1B), (0xEF, 0xFE, 0xFF)


@cache
def _zones(encoding: str) -> tuple[Mask, Mask]:
    """By byte: whether it is a lead, and whether it is a trail, of frequent hanzi."""
    zones = []
    for part in ("lead", "trail"):
        zone = np.zeros(256, np.bool_)
        for first, last in encoding_table()[encoding][part]:
            zone[first : last + 1] = True
        zones.append(zone)
    return zones[0], zones[1]


def sure_rows(tokens: Tokens, high: Ints, encoding: str) -> Mask:
    """Records for which `decide` gives the encoding of the file at the first look: not UTF-8, frequent hanzi.

    `high` holds the places of all bytes above 0x7F.
    """
    data = tokens.data
    begin, end = tokens.span()
    first, after = np.searchsorted(high, begin), np.searchsorted(high, end)
    sure = after > first
    for sign in _ODD:
        found = places(data == sign)
        if len(found):
            sure &= np.searchsorted(found, end) == np.searchsorted(found, begin)
    for sign in _MARKS:
        sure &= data[np.minimum(begin, len(data) - 1)] != sign
    rows = np.flatnonzero(sure)
    rows = rows[~_may_be_utf8(data, high[first[rows]], high[after[rows] - 1])]
    sure[:] = False
    sure[rows[_frequent(data, high, (first[rows], after[rows]), encoding)]] = True
    return sure


def _may_be_utf8(data: Bytes, first: Ints, last: Ints) -> Mask:
    """Whether the first and the last high byte of each record stand as they would in UTF-8."""
    edge = len(data) - 1
    lead = data[first]
    second = (data[np.minimum(first + 1, edge)] & 0xC0) == 0x80
    third = (data[np.minimum(first + 2, edge)] & 0xC0) == 0x80
    begins: Mask = second & (lead >= 0xC2) & ((lead < 0xE0) | third) & (lead < 0xF5)
    begins &= (data[last] & 0xC0) == 0x80
    return begins


def _frequent(data: Bytes, high: Ints, span: tuple[Ints, Ints], encoding: str) -> Mask:
    """`dedup.marc.script.reads_quickly_as` for many records; `span`: first and after the last number in `high`."""
    first, after = span
    count = np.minimum(after - first, QUICK_BYTES)
    column = np.arange(QUICK_BYTES)
    within = column < count[:, None]
    pairs = data[high[np.minimum(first[:, None] + column, len(high) - 1)]]
    lead, trail = _zones(encoding)
    wanted = float(encoding_table()[encoding]["quick"]) * ((count + 1) // 2)
    good_leads = np.count_nonzero(lead[pairs[:, ::2]] & within[:, ::2], axis=1)
    good_trails = np.count_nonzero(trail[pairs[:, 1::2]] & within[:, 1::2], axis=1)
    good: Mask = (good_leads >= wanted) & (good_trails >= wanted)
    return good


def decoded_together(tokens: Tokens, rows: Ints, encoding: str) -> Tokens | None:
    """The records `rows` as UTF-8 (not yet composed), decoded as one text; None where that would move a mark.

    Their content then stands at the end of `data`.
    """
    begin, end = (edge[rows] for edge in tokens.span())
    if (end >= len(tokens.data)).any() or (tokens.data[end] != _RECORD_END).any():
        return None
    joined = gathered(tokens.data, begin, end + 1).tobytes()
    text = np.frombuffer(joined.decode(encoding, "replace").encode("utf-8", "replace"), np.uint8)
    marks = np.flatnonzero((text - np.uint8(_RECORD_END)) <= 1)
    ends = np.cumsum(np.diff(tokens.first)[rows] + 1) - 1
    if len(marks) != ends[-1] + 1 or not (text[marks[ends]] == _RECORD_END).all():
        return None
    if np.count_nonzero(text[marks] == _RECORD_END) != len(rows):
        return None
    return with_marked(tokens, rows, text, marks)
