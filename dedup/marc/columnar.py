"""Take ISO 2709 records apart by arithmetic over many directories at once; what does not add up is left over.

A record is read here only if its directory agrees with the terminators (ISO 2709 section 4: leader, directory of
12 characters an entry, fields ended by 0x1E, record ended by 0x1D). Everything else goes to `dedup.marc.exact`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dedup.marc.tokens import LEADER_LENGTH, Bytes, Ints, Mask, Tags, Tokens, gathered, windows

_RECORD_END, _FIELD_END, _SUBFIELD = 0x1D, 0x1E, 0x1F
_ENTRY = 12
_START_SPAN = 100_000
_LONGEST_PADDING = 8
_IS_PADDING = np.zeros(256, np.bool_)
_IS_PADDING[[0x0A, 0x0D, 0x20, 0x00, 0x1A]] = True
# Four digits at once, as bytes of a word: their values, pairs of them, the pairs of pairs.
_NIBBLES, _DIGITS = np.uint32(0x0F0F0F0F), np.uint32(0x30303030)
_PAIRS, _PAIR_FACTOR, _QUAD_FACTOR = np.uint32(0x00FF00FF), np.uint32(2561), np.uint32(6553601)


@dataclass(frozen=True, slots=True)
class _Frames:
    """Frames of a chunk: `begin` after padding, `end` the place of the 0x1D, `mark` and `marks`: their 0x1E."""

    begin: Ints
    end: Ints
    mark: Ints
    marks: Ints

    def at(self, rows: Ints) -> _Frames:
        """Some of the frames."""
        return _Frames(self.begin[rows], self.end[rows], self.mark[rows], self.marks[rows])


@dataclass(frozen=True, slots=True)
class Tokenised:
    """`tokens`: the records read; `by_order`: which of them have wrong lengths in the directory; `rest`: (begin, end)
    within the chunk of every frame that is left over.
    """

    tokens: Tokens
    by_order: Ints
    rest: list[tuple[int, int]]


def tokenise(data: bytes, offset: int) -> Tokenised:
    """The records of a chunk that add up, and what is left over.

    `offset` is the place of the chunk in its file. A chunk ends after a 0x1D or with the file.
    """
    content = np.frombuffer(data, np.uint8)
    all_marks = np.flatnonzero((content - np.uint8(_RECORD_END)) <= 1)
    at_end = np.flatnonzero(content[all_marks] == _RECORD_END)
    end = all_marks[at_end]
    outer = np.concatenate((np.zeros(1, np.int64), end + 1))
    rest = [(int(outer[-1]), len(data))] if outer[-1] < len(data) else []
    if not len(end):
        return Tokenised(_no_tokens(content), end, rest)
    first_mark = np.concatenate((np.zeros(1, np.int64), at_end[:-1] + 1))
    frames = _Frames(after_padding(content, outer[:-1], end), end, first_mark, at_end - first_mark)
    picked = np.flatnonzero(_sound_leaders(content, frames, all_marks))
    tokens, read, by_order = _read(content, frames.at(picked), all_marks, offset)
    left = np.ones(len(end), np.bool_)
    left[picked[read]] = False
    rest = [(int(outer[at]), int(end[at]) + 1) for at in np.flatnonzero(left)] + rest
    return Tokenised(tokens, by_order, rest)


def after_padding(content: Bytes, begin: Ints, end: Ints) -> Ints:
    """Where each record begins after line ends, blanks and zero bytes; long padding is left to the exact reader."""
    begin = begin.copy()
    for _ in range(_LONGEST_PADDING):
        padded = np.flatnonzero(_IS_PADDING[content[begin]] & (begin < end))
        if not len(padded):
            break
        begin[padded] += 1
    return begin


def _sound_leaders(content: Bytes, frames: _Frames, marks: Ints) -> Mask:
    """Frames whose leader is plain ASCII with the base address that the directory has, entries = fields."""
    room = (frames.end - frames.begin > LEADER_LENGTH) & (frames.marks >= 2)
    dir_end = marks[np.minimum(frames.mark, len(marks) - 1)]
    last = marks[np.maximum(frames.mark + frames.marks - 1, 0)]
    span = dir_end - frames.begin - LEADER_LENGTH
    sound: Mask = room & (span == _ENTRY * (frames.marks - 1)) & (last == frames.end - 1)
    at = np.flatnonzero(sound)
    leader = windows(content, frames.begin[at], LEADER_LENGTH)
    digits = leader[:, 12:17].astype(np.int64) - 48
    plain = ((leader >= 0x20) & (leader < 0x7F)).all(axis=1) & ((digits >= 0) & (digits <= 9)).all(axis=1)
    base = digits @ np.array([10000, 1000, 100, 10, 1])
    sound[at] = plain & (base == (dir_end + 1 - frames.begin)[at])
    return sound


def _entry_number(words: Tags) -> tuple[Tags, Ints]:
    """Tag and the nine digits (length x 100,000 + start, -1 if they are none) of directory entries of three words."""
    columns = np.ascontiguousarray(words.T)
    first, digits = columns[0], columns[1:]
    quads = digits & _NIBBLES
    quads *= _PAIR_FACTOR
    quads >>= np.uint32(8)
    quads &= _PAIRS
    quads *= _QUAD_FACTOR
    quads >>= np.uint32(16)
    number = (first >> np.uint32(24)).astype(np.int64)
    number -= 48
    number *= 100_000_000
    number += quads[0] * np.uint32(10_000) + quads[1]
    plain = (digits & ~_NIBBLES) == _DIGITS
    if not plain.all():
        number[~plain.all(axis=0)] = -1
    return first & np.uint32(0xFFFFFF), number


def _read(content: Bytes, frames: _Frames, marks: Ints, offset: int) -> tuple[Tokens, Ints, Ints]:
    """Records of frames with sound leaders; which frames they are; which records have wrong lengths."""
    count = frames.marks - 1
    first = _edges(count)
    if not len(count):
        return _no_tokens(content), count, count
    number = np.arange(first[-1]) + np.repeat(frames.mark - first[:-1], count)
    start, stop = marks[number] + 1, marks[number + 1]
    begin = frames.begin + LEADER_LENGTH
    entries = gathered(content, begin, begin + _ENTRY * count).reshape(-1, _ENTRY)
    tag, value = _entry_number(entries.view("<u4"))
    wanted = (stop + 1 - start) * _START_SPAN + start - np.repeat(marks[frames.mark] + 1, count)
    placed = _all_of(value == wanted, first)
    well = _all_of(_begins_well(content, tag, start, stop), first)
    by_order = _in_order(content, entries, value, (first, frames, well & ~placed))
    read = np.flatnonzero(well & (placed | by_order))
    if len(read) < len(count):
        kept = np.zeros(len(count), np.bool_)
        kept[read] = True
        keep = np.repeat(kept, count)
        tag, start, stop, first = tag[keep], start[keep], stop[keep], _edges(count[read])
    begin, end = frames.begin[read], frames.end[read]
    leader = windows(content, begin, LEADER_LENGTH)
    tokens = Tokens(content, begin + offset, end + 1 - begin, leader, first, tag, start, stop)
    return tokens, read, np.flatnonzero(by_order[read])


def _all_of(good: Mask, first: Ints) -> Mask:
    """Which records have nothing but good fields; each has one at least."""
    if good.all():
        return np.ones(len(first) - 1, np.bool_)
    found: Mask = np.logical_and.reduceat(good, first[:-1])
    return found


def _edges(count: Ints) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(count)))


def _in_order(content: Bytes, entries: Bytes, value: Ints, doubtful: tuple[Ints, _Frames, Mask]) -> Mask:
    """Which doubtful frames may be read in the order of their terminators although lengths are wrong.

    Many Chinese exports count characters, not bytes: the starts still ascend, and no line end was broken in.
    """
    first, frames, mask = doubtful
    good = np.zeros(len(mask), np.bool_)
    for at in np.flatnonzero(mask).tolist():
        mine = slice(int(first[at]), int(first[at + 1]))
        digits = entries[mine, 3:]
        if ((digits < 0x30) | (digits > 0x39)).any() or (np.diff(value[mine] % _START_SPAN) <= 0).any():
            continue
        record = content[frames.begin[at] : frames.end[at]]
        good[at] = not ((record == 0x0A) | (record == 0x0D)).any()
    return good


def _begins_well(content: Bytes, tag: Tags, start: Ints, stop: Ints) -> Mask:
    """A field whose tag has three digits and is none of 00X begins with two indicators and a subfield mark."""
    numeric = (tag & np.uint32(0xF0F0F0)) == np.uint32(0x303030)
    control = (tag & np.uint32(0xFFFF)) == np.uint32(0x3030)
    marked = content[np.minimum(start + 2, len(content) - 1)] == _SUBFIELD
    good: Mask = control | ~numeric | (marked & (stop > start + 2))
    return good


def _no_tokens(content: Bytes) -> Tokens:
    none = np.zeros(0, np.int64)
    leader = np.zeros((0, LEADER_LENGTH), np.uint8)
    return Tokens(content, none, none, leader, np.zeros(1, np.int64), np.zeros(0, np.uint32), none, none)
