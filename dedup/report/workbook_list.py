"""A list of somebody's own as a workbook: its rows as they came, every cell a text, with columns added beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from dedup.report.columns import clean, cut, read_words, said
from dedup.report.workbook import new_book
from dedup.report.workbook_look import Look
from dedup.rules import RuleSet

_NAME, _FORBIDDEN = 31, str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_WIDTH = 16.0


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: its number as a spreadsheet shows it, its cells by column from 0, whether it holds the headings, and the
    places of the cells that stand out.
    """

    number: int
    cells: Mapping[int, str]
    head: bool = False
    red: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ListSheet:
    """One sheet. `widths` of columns by place, in letters (others: a usual one); `frozen`: rows that stay in view."""

    name: str
    rows: Sequence[ListRow]
    widths: Mapping[int, float]
    frozen: int = 0


def write_list(path: Path, sheets: Sequence[ListSheet], rules: RuleSet, lang: str) -> None:
    """Write the sheets; nothing in them becomes a number, a formula or a link. Raises InputError if that fails."""
    words = read_words(rules)
    mark = said(words.texts["cut"], lang, "")
    with new_book(path, {"in_memory": True}) as book:
        look = Look(book, words.look)
        for sheet in sheets:
            made = _added(book.add_worksheet, sheet.name)
            _fill(made, sheet, look, (int(words.look["longest"]), mark))


def _added(add: object, name: str) -> Worksheet:
    """A sheet of that name, or of the nearest name that a workbook can have and has not yet."""
    assert callable(add)
    plain = clean(name).translate(_FORBIDDEN).strip("'")[:_NAME] or None
    for number in range(100):
        tail = f" {number + 1}" if number else ""
        try:
            return add(f"{plain[: _NAME - len(tail)]}{tail}" if plain else None)
        except XlsxWriterException:
            continue
    return add(None)


def _lined(text: str) -> str:
    """Text fit for a cell, in its lines."""
    return "\n".join(clean(line) for line in text.split("\n"))


def _fill(made: Worksheet, sheet: ListSheet, look: Look, room: tuple[int, str]) -> None:
    last = max((place for row in sheet.rows for place in row.cells), default=0)
    widths = [sheet.widths.get(place, _WIDTH) for place in range(last + 1)]
    for place, width in enumerate(widths):
        made.set_column(place, place, width)
    for row in sheet.rows:
        texts = {place: cut(_lined(text), *room) for place, text in row.cells.items()}
        heights = [texts.get(place, "") for place in range(last + 1)]
        made.set_row(row.number - 1, look.height(heights, widths, bold=row.head))
        for place, text in texts.items():
            form = look.head if row.head else look.cell("#FFFFFF", False, place in row.red, False)
            made.write_string(row.number - 1, place, text, form)
    made.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    made.freeze_panes(sheet.frozen, 0)
    made.set_landscape()
