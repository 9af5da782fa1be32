"""An order list as rows of text: a workbook (.xlsx) or a text file, known by its bytes and not by its name."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from dedup.check.orders import headings
from dedup.check.orders.model import OrderList, Row, Sheet
from dedup.check.orders.settings import Settings
from dedup.errors import InputError, problem
from dedup.review import workbook

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WANTED = "an order list: an .xlsx workbook, or a CSV or tab-separated text file"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PAGE = (b"<!doctype", b"<html", b"<?xml", b"<table")
_CERTAIN = "utf-8"
_LONGEST_CELL = 1 << 24
_SAMPLE = 1 << 16


def read_list(path: Path, settings: Settings) -> OrderList:
    """Every row of every sheet of a list, its headings found.

    Raises InputError for a file that is missing, of another kind, damaged, without headings or without a line.
    """
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(path), found, _WANTED, "check the name")) from error
    if start.startswith(_OLD):
        found = "an old .xls workbook, or one locked by a password"
        raise InputError(problem(str(path), found, _WANTED, "save it as .xlsx without a password"))
    if start.lstrip(codecs.BOM_UTF8 + b" \t\r\n").lower().startswith(_PAGE):
        found = "a web page or XML under the name of a table"
        raise InputError(problem(str(path), found, _WANTED, "open it in a spreadsheet program and save it as .xlsx"))
    tables = _workbook(path, settings) if start.startswith(_ZIP) else [("", _text(path, settings))]
    sheets = tuple(_sheet(name, rows, settings) for name, rows in tables if rows)
    _check(path, sheets, settings)
    return OrderList(str(path), sheets)


def _sheet(name: str, rows: Sequence[Row], settings: Settings) -> Sheet:
    heading, columns = headings.find(rows, settings.headings, settings.heading_rows)
    return Sheet(name, tuple(rows), heading, columns)


def _check(path: Path, sheets: Sequence[Sheet], settings: Settings) -> None:
    if not sheets:
        raise InputError(problem(str(path), "no filled cell", _WANTED, "check that this is the right file"))
    if not any(sheet.heading for sheet in sheets):
        raise InputError(headings.missing(str(path), sheets[0].rows[: settings.heading_rows], settings.headings))
    if not any(sheet.lines for sheet in sheets):
        raise InputError(problem(str(path), "headings without a line below them", _WANTED, "check that it is the file"))


def _workbook(path: Path, settings: Settings) -> list[tuple[str, list[Row]]]:
    """All sheets, hidden ones and hidden rows with them."""
    tables = []
    with workbook.opened(path, settings.largest) as book:
        for name, part in book.sheets:
            try:
                tables.append((name, list(book.rows(part))))
            except workbook.FAULTS as error:
                found = f"sheet {name!r} that cannot be read ({' '.join(str(error).split())})"
                raise InputError(problem(str(path), found, "whole sheets", "save it again as .xlsx")) from error
    return tables


def _text(path: Path, settings: Settings) -> list[Row]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(problem(str(path), str(error), _WANTED, "check the name")) from error
    ways = [(text, delimiter) for text in _decoded(path, content, settings) for delimiter in settings.delimiters]
    return _rows(*max(ways, key=lambda way: _known(way[0][:_SAMPLE], way[1], settings)))


def _decoded(path: Path, content: bytes, settings: Settings) -> Iterator[str]:
    """The text in every encoding that it may be in: Chinese bytes fit more than one, of which one gives headings."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            yield content.decode(encoding, "replace")
            return
    if b"\0" in content:
        found = "a binary file, or UTF-16 without a byte order mark"
        raise InputError(problem(str(path), found, _WANTED, "save it as .xlsx or as CSV in UTF-8"))
    fitting = 0
    for encoding in settings.encodings:
        with suppress(UnicodeDecodeError):
            yield content.decode(encoding)
            fitting += 1
            if encoding == _CERTAIN:
                return
    if fitting:
        return
    found = f"text in none of {', '.join(settings.encodings)}"
    raise InputError(problem(str(path), found, _WANTED, "save it as CSV in UTF-8"))


def _known(sample: str, delimiter: str, settings: Settings) -> tuple[int, int]:
    """How many columns are known by their headings when a text is cut so, and how wide that row is."""
    rows = _rows(sample, delimiter)
    number, columns = headings.find(rows, settings.headings, settings.heading_rows)
    return len(columns), max((len(row.cells) for row in rows if row.number == number), default=0)


def _rows(text: str, delimiter: str) -> list[Row]:
    """The rows that hold anything, numbered as a spreadsheet program numbers them, blank ones counted."""
    csv.field_size_limit(_LONGEST_CELL)
    rows, lines = [], io.StringIO(text, newline="")
    if _left_open(text, delimiter):
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter)
    for number, cells in enumerate(reader, 1):
        filled = {place: cell.strip() for place, cell in enumerate(cells) if cell.strip()}
        if filled:
            rows.append(Row(number, filled))
    return rows


def _left_open(text: str, delimiter: str) -> bool:
    """Whether a quotation mark is never closed and would swallow all lines behind it: then it is a plain sign."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False
