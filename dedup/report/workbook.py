"""Workbooks (Excel): one for each library, one for the centre. Every cell is written as text, nothing is calculated.

Source: domain facts 6.3. Whatever stands in a record stays text: no number, formula or link is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from dedup.errors import InputError, refused
from dedup.report.columns import BookWords, read_words, said
from dedup.report.folders import folder_of
from dedup.report.model import Line, Package, Part
from dedup.report.statistics import Statistics
from dedup.report.workbook_look import OPTIONS, Look
from dedup.report.workbook_notes import notes
from dedup.report.workbook_rows import ActionSheet, Asked
from dedup.report.workbook_summary import Row, centre_summary, library_summary, write_rows
from dedup.rules import RuleSet

_SUMMARY, _NOTES = "summary", "notes"


def workbook_name(library: str, period: str, rules: RuleSet) -> str:
    """The file name of a library's workbook, safe on every system."""
    return f"{read_words(rules).texts['workbook'].zh}_{folder_of(library)}_{period}.xlsx"


def write_workbook(package: Package, path: Path, rules: RuleSet, period: str, lang: str) -> None:
    """Write a library's workbook. `lang`: zh, en or both. Raises InputError when the file cannot be written."""
    words = read_words(rules)
    with new_book(path, {"in_memory": True}) as book:
        asked = Asked(package.library, period, lang, words, Look(book, words.look))
        summary, sheets = _sheets(book, asked)
        for line in package.lines:
            sheets[line.part].add(line)
        _finish(book, asked, summary, sheets)
        write_rows(summary, library_summary(package, asked), asked)
        write_rows(book.get_worksheet_by_name(_named(words, _NOTES, lang)), notes(asked, rules, path.name), asked)


def write_centre(lines: Iterable[Line], numbers: Statistics, path: Path, rules: RuleSet, lang: str) -> int:
    """Write the centre's workbook of all findings, row by row: memory does not grow with them. Returns its rows.

    Raises InputError when the file cannot be written.
    """
    words = read_words(rules)
    with new_book(path, {"constant_memory": True}) as book:
        asked = Asked("", numbers.period, lang, words, Look(book, words.look))
        summary, sheets = _sheets(book, asked)
        for line in lines:
            sheets[line.part].add(line)
        _finish(book, asked, summary, sheets)
        left_out = sum(sheet.left_out for sheet in sheets.values())
        more = [Row("text", (asked.say(words.text("too_many", count=f"{left_out:,}")),))] if left_out else []
        write_rows(summary, [*centre_summary(numbers, asked, rules), *more], asked)
        write_rows(book.get_worksheet_by_name(_named(words, _NOTES, lang)), notes(asked, rules, path.name), asked)
        return sum(sheet.rows for sheet in sheets.values())


@contextmanager
def new_book(path: Path, options: dict[str, Any]) -> Iterator[Workbook]:
    """A workbook that is written when the block ends, or not at all."""
    place = f"{path}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        book = Workbook(place, {**OPTIONS, **options})
        # Always the same day, so that the same findings give the same file.
        book.set_properties({"created": datetime(1980, 1, 1)})
        yield book
        book.close()
    except (OSError, XlsxWriterException) as error:
        raise InputError(refused(error, place, "a file to write to", "close it, or name another --out")) from error


def _named(words: BookWords, id: str, lang: str) -> str:
    """What a sheet is called: in Chinese unless English alone is asked for."""
    name = next(sheet.name for sheet in words.sheets if sheet.id == id)
    return name.en if lang == "en" else name.zh


def _sheets(book: Workbook, asked: Asked) -> tuple[Worksheet, dict[Part, ActionSheet]]:
    """All sheets in their order, those of lines ready to be written."""
    made = {sheet.id: book.add_worksheet(_named(asked.words, sheet.id, asked.language)) for sheet in asked.words.sheets}
    return made[_SUMMARY], {part: ActionSheet(made[part], part, asked) for part in Part}


def _finish(book: Workbook, asked: Asked, summary: Worksheet, sheets: dict[Part, ActionSheet]) -> None:
    for sheet in sheets.values():
        sheet.close()
    title = asked.words.texts["workbook" if asked.library else "workbook_centre"]
    book.set_properties({"title": f"{said(title, 'zh')} {asked.period}", "created": datetime(1980, 1, 1)})
    summary.activate()
