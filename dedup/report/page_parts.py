"""Which parts of values that stand side by side differ: words, characters, or whole values of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

# A Han character is a word of its own; letters and digits hold together over hyphens and apostrophes (ISBN, O'Neill);
# the code of a subfield stands apart from its value.
_HAN = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS = rf"[^\W_{_HAN}]+"
_WORD = re.compile(rf"(?<= )\$\w|{_LETTERS}(?:[-'’.]{_LETTERS})*|\s+|.", re.DOTALL)
_BETWEEN = re.compile(r"(; )")
LIST_MARK = "; "


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a value; `differs`: the other records of the group do not have it."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """`words`: of longer texts only beginning and end are compared; `alike`: less alike texts differ as a whole."""

    words: int
    alike: float


def side_by_side(values: Sequence[str], listed: bool, limits: Limits) -> tuple[tuple[Piece, ...], ...]:
    """The pieces of each value. The first is that of the record to keep: the others are held against it, it is held
    against all of them. An absent value ('') has no pieces and makes the others differ as a whole.
    """
    words = [_values(value) if listed else _WORD.findall(value) for value in values]
    apart = [[False] * len(one) for one in words]
    for place in range(1, len(words)):
        ours, theirs = (_listed if listed else _read)(words[0], words[place], limits)
        apart[0] = [was or now for was, now in zip(apart[0], ours, strict=True)]
        apart[place] = theirs
    return tuple(tuple(_joined(one, marks)) for one, marks in zip(words, apart, strict=True))


def _values(value: str) -> list[str]:
    """The values of a list and what stands between them, in turn."""
    return [part for part in _BETWEEN.split(value) if part]


def _listed(left: Sequence[str], right: Sequence[str], _: Limits) -> tuple[list[bool], list[bool]]:
    ours, theirs = set(left) | {LIST_MARK}, set(right) | {LIST_MARK}
    return [word not in theirs for word in left], [word not in ours for word in right]


def _read(left: Sequence[str], right: Sequence[str], limits: Limits) -> tuple[list[bool], list[bool]]:
    marks = [True] * len(left), [True] * len(right)
    for start, other, size in _common(left, right, limits):
        marks[0][start : start + size] = marks[1][other : other + size] = [False] * size
    return marks


def _common(left: Sequence[str], right: Sequence[str], limits: Limits) -> Iterable[tuple[int, int, int]]:
    """Stretches in both: start in the one, start in the other, size."""
    if max(len(left), len(right)) > limits.words:
        return _ends(left, right)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return matcher.get_matching_blocks() if matcher.ratio() >= limits.alike else []


def _ends(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """The common beginning and end of texts too long to be compared word by word."""
    shorter = min(len(left), len(right))
    head = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    tail = next((n for n in range(shorter - head) if left[-1 - n] != right[-1 - n]), shorter - head)
    yield 0, 0, head
    yield len(left) - tail, len(right) - tail, tail


def _joined(words: Sequence[str], marks: Sequence[bool]) -> Iterator[Piece]:
    """Words of one kind next to each other in one piece; blanks alone between two marked words are marked with them."""
    filled = list(marks)
    for place in range(1, len(words) - 1):
        if words[place].isspace() and marks[place - 1] and marks[place + 1]:
            filled[place] = True
    for differs, pairs in groupby(zip(words, filled, strict=True), key=lambda pair: pair[1]):
        yield Piece("".join(word for word, _ in pairs), differs)
