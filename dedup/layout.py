"""Text in columns for a console, where a Chinese character is as wide as two letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_GAP = "  "


def wide(text: str) -> int:
    """How many letters wide a text is shown."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines of at most `width`, broken at blanks where there are any; at least one line."""
    lines, line, used = [], "", 0
    for character in text.replace("\n", " "):
        size = _width(character)
        if used + size > width:
            head, blank, tail = line.rpartition(" ")
            # A line that is all one word, or Chinese, is broken where it is full.
            line, kept = (head, tail) if blank and wide(tail) < width // 2 and character != " " else (line, "")
            lines.append(line.rstrip())
            line, used = kept, wide(kept)
            if character == " " and not line:
                continue
        line, used = line + character, used + size
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def padded(text: str, width: int) -> str:
    """A text filled up with blanks."""
    return text + " " * (width - wide(text))


def side_by_side(label: str, left: str, right: str, widths: tuple[int, int, int]) -> Iterator[str]:
    """A label and two texts as lines of three columns."""
    columns = [wrapped(text, width) for text, width in zip((label, left, right), widths, strict=True)]
    for at in range(max(map(len, columns))):
        cells = [column[at] if at < len(column) else "" for column in columns]
        yield _GAP.join(padded(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def thirds(width: int, label: int) -> tuple[int, int, int]:
    """Widths of a label column and two equal ones."""
    half = (width - label - 2 * len(_GAP)) // 2
    return label, half, half


def indented(text: str, width: int, by: int) -> Iterator[str]:
    """A text in lines, each a little to the right."""
    for line in wrapped(text, width - by):
        yield " " * by + line
