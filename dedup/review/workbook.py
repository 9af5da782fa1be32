"""Workbooks (.xlsx) as rows of text, whatever program saved them: the few parts that answers stand in.

Read with the standard library: a reader of whole workbooks also reads styles, charts and validations, and fails on
those that another office program writes in its own way. Nothing in a workbook is ever evaluated; a formula counts as
the value that was saved with it. Source: ECMA-376 parts 1 (SpreadsheetML) and 2 (package), in both its dialects.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from dedup.errors import InputError, problem
from dedup.review.model import Row

FAULTS = (
    zipfile.BadZipFile,
    ET.ParseError,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged workbook raises."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]+")
_DOCTYPE = b"<!DOCTYPE"
_PROLOGUE = 1 << 16


@dataclass(frozen=True, slots=True)
class Workbook:
    """An open workbook. `saved` and `saved_by` tell of the last time it was saved; `from_1904` how it counts days."""

    archive: zipfile.ZipFile
    sheets: tuple[tuple[str, str], ...]
    strings: tuple[str, ...]
    saved: str
    saved_by: str
    from_1904: bool

    def rows(self, part: str) -> Iterator[Row]:
        """The rows of a sheet that hold anything, one at a time; `part` as in `sheets`. Raises one of FAULTS."""
        with _part(self.archive, part) as file:
            yield from _rows(file, self.strings)


@contextmanager
def opened(path: Path, largest: int) -> Iterator[Workbook]:
    """Open a workbook of at most `largest` bytes unpacked. Raises InputError when it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > largest:
                found = f"more than {largest >> 20} MB when unpacked"
                raise InputError(problem(str(path), found, "a workbook of a library", "save the answered sheets alone"))
            yield _workbook(archive)
    except FAULTS as error:
        found = f"a file that is no whole workbook ({' '.join(str(error).split())})"
        raise InputError(
            problem(str(path), found, "an .xlsx workbook or a CSV file", "save it again as .xlsx")
        ) from error


def _workbook(archive: zipfile.ZipFile) -> Workbook:
    main = next((target for kind, _, target in _relations(archive, "") if kind == "officeDocument"), "xl/workbook.xml")
    book = _tree(archive, main)
    relations = list(_relations(archive, main))
    parts = {name: target for _, name, target in relations}
    strings = next((target for kind, _, target in relations if kind == "sharedStrings"), "")
    sheets = [(sheet.get("name", ""), parts[_attribute(sheet, "id")]) for sheet in _named(book, "sheet")]
    core = next((target for kind, _, target in _relations(archive, "") if kind == "core-properties"), "")
    said = {_local(element): (element.text or "").strip() for element in _tree(archive, core)} if core else {}
    return Workbook(
        archive,
        tuple(sheets),
        tuple(_strings(archive, strings)) if strings else (),
        said.get("modified", ""),
        said.get("lastModifiedBy", ""),
        any(one.get("date1904") in ("1", "true") for one in _named(book, "workbookPr")),
    )


@contextmanager
def _part(archive: zipfile.ZipFile, name: str) -> Iterator[IO[bytes]]:
    """A part of the package; no part of a workbook has a DOCTYPE, and what one declares is not let in."""
    with archive.open(name) as file:
        if _DOCTYPE in file.read(_PROLOGUE).upper():
            raise ValueError(f"{name} with a DOCTYPE")
    with archive.open(name) as file:
        yield file


def _tree(archive: zipfile.ZipFile, name: str) -> ET.Element:
    with _part(archive, name) as file:
        return ET.parse(file).getroot()


def _relations(archive: zipfile.ZipFile, of: str) -> Iterator[tuple[str, str, str]]:
    """Last word of the type, id and target of all relations of a part ('' = the package)."""
    folder = PurePosixPath(of).parent
    name = str(folder / "_rels" / f"{PurePosixPath(of).name}.rels") if of else "_rels/.rels"
    if name not in archive.namelist():
        return
    for one in _named(_tree(archive, name), "Relationship"):
        target = one.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else str(folder / target)
        yield one.get("Type", "").rpartition("/")[2], one.get("Id", ""), whole


def _local(element: ET.Element) -> str:
    """The name of an element without its namespace, of which there are two dialects."""
    return str(element.tag).rpartition("}")[2]


def _attribute(element: ET.Element, name: str) -> str:
    """The value of an attribute in some namespace."""
    return next(value for key, value in element.attrib.items() if key.rpartition("}")[2] == name and "}" in key)


def _named(root: ET.Element, name: str) -> Iterator[ET.Element]:
    return (element for element in root.iter() if _local(element) == name)


def _text(element: ET.Element) -> str:
    """The text of a string with or without formats; how it is spoken (rPh) is no part of it."""
    found = []
    for child in element:
        kind = _local(child)
        if kind == "t":
            found.append(child.text or "")
        elif kind == "r":
            found.append(_text(child))
    return "".join(found)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _strings(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    with _part(archive, name) as file:
        for _, element in ET.iterparse(file):
            if _local(element) == "si":
                yield _unescaped(_text(element))
                element.clear()


def _rows(file: IO[bytes], strings: tuple[str, ...]) -> Iterator[Row]:
    number, table = 0, None
    for event, element in ET.iterparse(file, ("start", "end")):
        kind = _local(element)
        if event == "start":
            table = element if kind == "sheetData" else table
        elif kind == "row" and table is not None:
            number = int(element.get("r", number + 1))
            cells = dict(_cells(element, strings))
            if cells:
                yield Row(number, cells)
            # What has been read is let go of: sheets may be larger than the memory.
            table.clear()


def _cells(row: ET.Element, strings: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Column from 0 and text of every cell that holds one; a cell without a place follows the one before."""
    column = -1
    for cell in row:
        if _local(cell) != "c":
            continue
        place = _PLACE.fullmatch(cell.get("r", ""))
        column = _column(place[1]) if place else column + 1
        text = _value(cell, strings).strip()
        if text:
            yield column, text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: ET.Element, strings: tuple[str, ...]) -> str:
    kind = cell.get("t", "n")
    for child in cell:
        name = _local(child)
        if name == "is" and kind == "inlineStr":
            return _unescaped(_text(child))
        if name == "v":
            text = child.text or ""
            if kind == "s":
                return strings[int(text)] if int(text) < len(strings) else ""
            return "" if kind == "e" else _unescaped(text) if kind == "str" else text
    return ""
