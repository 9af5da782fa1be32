"""Columns of a list known by their headings, wherever in the sheet these stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dedup.errors import RuleError, problem
from dedup.review.model import Row

_LONGEST = 60
_PER_CELL = 2
NEEDED = ("isbn", "title")
"""A list has one of these columns at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Headings:
    """The words of `[[column]]`: folded word -> (column, its place among the words of that column)."""

    words: Mapping[str, tuple[str, int]]
    several: frozenset[str]
    wanted: Mapping[str, tuple[str, ...]]
    brackets: re.Pattern[str]
    marks: re.Pattern[str]
    beside: re.Pattern[str]
    simplified: Mapping[int, str]

    def folded(self, text: str) -> str:
        """A heading in simplified characters, without case, width, blanks and marks."""
        return self.marks.sub("", unicodedata.normalize("NFKC", text).casefold().translate(self.simplified))

    def of(self, cell: str) -> tuple[str, int] | None:
        """The column that a cell is the heading of: as it stands, without its brackets, or in one of two words."""
        if not cell or len(cell) > _LONGEST:
            return None
        plain = self.brackets.sub(" ", cell)
        for text in (cell, plain, *self.beside.split(plain), *_in_two_scripts(plain)):
            if found := self.words.get(self.folded(text)):
                return found
        return None


def _in_two_scripts(text: str) -> tuple[str, ...]:
    """`题名 Title` as its two words."""
    han = "".join(sign for sign in text if ord(sign) >= 0x2E80)
    other = "".join(sign for sign in text if ord(sign) < 0x2E80)
    return (han, other) if han and other.strip() else ()


def headings_of(table: Mapping[str, Any], simplified: Mapping[str, str]) -> Headings:
    """The headings of orders.toml. Raises RuleError for a word that stands twice."""
    reading = table["reading"]
    marks = re.compile(reading["marks"])
    brackets, beside = re.compile(reading["brackets"]), re.compile(reading["beside"])
    signs = str.maketrans(dict(simplified))
    empty = Headings({}, frozenset(), {}, brackets, marks, beside, signs)
    words: dict[str, tuple[str, int]] = {}
    for row in table["column"]:
        for place, word in enumerate(row["headings"]):
            folded = empty.folded(word)
            if words.setdefault(folded, (row["id"], place))[0] != row["id"]:
                found = f"heading {word!r} in both {words[folded][0]} and {row['id']}"
                raise RuleError(problem("orders.toml [[column]]", found, "each word in one column", "keep one"))
    several = frozenset(row["id"] for row in table["column"] if row.get("several"))
    wanted = {row["id"]: tuple(row["headings"]) for row in table["column"]}
    return Headings(words, several, wanted, brackets, marks, beside, signs)


def find(rows: Iterable[Row], headings: Headings, among: int) -> tuple[int, dict[str, tuple[int, ...]]]:
    """The number of the row that holds the headings, and the places of the columns by name; 0 when no row does.

    The row among the first `among` that names most columns, ISBN or title with them. A single heading must stand
    alone or beside one other cell: in a row of a table one word is no heading.
    """
    best: tuple[int, dict[str, tuple[int, ...]]] = (0, {})
    for row in rows:
        if row.number > among:
            break
        columns = _columns(row.cells, headings)
        enough = len(columns) >= _PER_CELL or len(row.cells) <= _PER_CELL
        if enough and not columns.keys().isdisjoint(NEEDED) and len(columns) > len(best[1]):
            best = (row.number, columns)
    return best


def _columns(cells: Mapping[int, str], headings: Headings) -> dict[str, tuple[int, ...]]:
    """Of several columns with one meaning the one with the better word counts; all of them where several may be."""
    found: dict[str, list[tuple[int, int]]] = {}
    for place, cell in sorted(cells.items()):
        if known := headings.of(cell):
            found.setdefault(known[0], []).append((known[1], place))
    return {
        name: tuple(sorted(place for _, place in places)) if name in headings.several else (min(places)[1],)
        for name, places in found.items()
    }


def missing(file: str, rows: Sequence[Row], headings: Headings) -> str:
    """The words for a list without headings: those of the row that looks most like some, and those wanted."""
    likely = max(rows, key=lambda row: sum(not _figures(cell) for cell in row.cells.values()), default=None)
    found = "no rows"
    if likely:
        cells = [cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…" for cell in likely.cells.values()]
        found = f"no heading of an ISBN or title column (row {likely.number}: {' | '.join(cells)})"
    wanted = "; ".join(f"{name}: {', '.join(_some(headings.wanted[name]))} ..." for name in NEEDED)
    remedy = "name these columns so in the row above the first title, or add such a row"
    return problem(file, found, f"a row of headings with at least one of {wanted}", remedy)


def _some(words: Sequence[str]) -> list[str]:
    """The first words in Chinese and in English."""
    first = 3
    here = [word for word in words if not word.isascii()][:first]
    return [*here, *[word for word in words if word.isascii()][:first]]


def _figures(cell: str) -> bool:
    return not any(sign.isalpha() for sign in cell)
