"""Rows of a list as lines: cells cleaned of what spreadsheets and vendors do to them, nothing judged.

Source: domain facts 1.0 (lists in Excel), 1.2 (ISBNs as typed), 1.4 (editions inside titles).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dedup.check.orders.model import Line, Note, OrderList, Row, Sheet
from dedup.check.orders.settings import Settings
from dedup.normalise.edition_title import cut_edition
from dedup.normalise.isbn import SHORT_DIGITS, check_ten, parse_isbn
from dedup.rules import RuleSet

APART = "\x1e"
"""Between the ISBNs of one line."""
# Numbers of days from the end of 1899 that are dates of books: 1968 to 2064.
_DAYS, _EPOCH = range(25_000, 60_000), date(1899, 12, 30)
# Zeros at the end of a number that a spreadsheet leaves out, and no more: else figures were rounded away.
_ZEROS = 2
_ONE_CELL = ("title", "author")


@dataclass(frozen=True, slots=True)
class _Number:
    """A cell of an ISBN column: what can be read, and what is to be said of it."""

    text: str
    qualifier: str
    notes: tuple[Note, ...]


def lines(orders: OrderList, settings: Settings, rules: RuleSet) -> Iterator[Line]:
    """Every row below the headings of every sheet that has some, in the order of the list."""
    for sheet in orders.sheets:
        for row in sheet.lines:
            yield line(sheet, row, settings, rules)


def line(sheet: Sheet, row: Row, settings: Settings, rules: RuleSet) -> Line:
    """One row as a line: `says` holds what is filled, cleaned; `notes` what was found amiss in the ISBN column."""
    cells = {name: [row.cells[at] for at in places if at in row.cells] for name, places in sheet.columns.items()}
    numbers = [_number(cell, settings, rules) for cell in cells.get("isbn", [])]
    says = {name: _plain(found[0], name, settings) for name, found in cells.items() if found and name != "isbn"}
    read = [number for number in numbers if number.text]
    says["isbn"] = APART.join(number.text for number in read)
    says.setdefault("binding", next((number.qualifier for number in read if number.qualifier), ""))
    says |= _title(says, settings, rules)
    notes = tuple(note for number in numbers for note in number.notes)
    return Line(sheet.name, row.number, {name: text for name, text in says.items() if text}, notes)


def _plain(cell: str, name: str, settings: Settings) -> str:
    """A cell on one line; a whole number without the fraction that spreadsheets store, a day number as a date."""
    text = (" " if name in _ONE_CELL else "; ").join(part.strip() for part in cell.splitlines() if part.strip())
    if settings.patterns["numeric"].match(text):
        whole = text.partition(".")[0]
        if name == "year" and int(whole) in _DAYS:
            return f"{_EPOCH + timedelta(days=int(whole)):%Y-%m-%d}"
        return text if name == "price" else whole
    return text


def _number(cell: str, settings: Settings, rules: RuleSet) -> _Number:
    """A cell of an ISBN column, what spreadsheets do to numbers undone where that is certain."""
    text, notes = " ".join(cell.split()), []
    if settings.patterns["rounded"].match(text):
        told = len(text.upper().partition("E")[0].replace(".", ""))
        whole = str(int(Decimal(text)))
        if told < len(whole) - _ZEROS or not any(one.valid for one in parse_isbn(whole, rules)):
            return _Number("", "", (Note("isbn-rounded", text),))
        text = whole
    elif settings.patterns["numeric"].match(text):
        text = text.partition(".")[0]
        filled = text.zfill(SHORT_DIGITS)
        if len(text) < SHORT_DIGITS and check_ten(filled) and int(text):
            notes.append(Note("isbn-restored", filled))
            text = filled
    found = parse_isbn(text, rules)
    if not found:
        return _Number("", "", (*notes, Note("isbn-unread", text)))
    if not any(one.valid for one in found):
        notes.append(Note("isbn-wrong", text))
    return _Number(text, found[0].rest, tuple(notes))


def _title(says: Mapping[str, str], settings: Settings, rules: RuleSet) -> dict[str, str]:
    """The title without the marks around it and without the edition in it; `variant`: the title as it was."""
    typed = says.get("title", "")
    found = settings.patterns["title_marks"].match(typed)
    title = found[1] if found and not set("《》〈〉「」『』“”") & set(found[1]) else typed
    bare, edition = cut_edition(title, rules)
    if not edition or not bare:
        return {"title": title}
    return {"title": bare, "variant": title, "edition": says.get("edition") or edition}
