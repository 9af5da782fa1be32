"""The action sheets of a workbook: one row per record, groups shaded in turn, three columns for answers."""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dedup.report.columns import BookWords, Column, cut, said, storable
from dedup.report.keys import seal
from dedup.report.model import Line, Part
from dedup.report.workbook_look import Look
from dedup.rulebook import Words

_KEY = "key"
_ANSWER = "answer"
# What a library may do in a protected sheet: fill in, choose, filter, make rows higher. Hidden columns stay hidden.
_ALLOWED = {"autofilter": True, "sort": True, "format_rows": True, "select_locked_cells": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom a sheet is, for which month, in which language; `words` and `look` are those of its workbook."""

    library: str
    period: str
    language: str
    words: BookWords
    look: Look

    def say(self, words: Words) -> str:
        """Words in the language of the workbook, as much of them as a cell holds."""
        mark = said(self.words.texts["cut"], self.language, "")
        return cut(said(words, self.language), self.words.look["longest"], mark)


class ActionSheet:
    """One sheet of lines, written row by row from the top; `close` adds what needs to know its length.

    A sheet of what people have confirmed shows their answers; in all others the library gives its own.
    """

    def __init__(self, sheet: Worksheet, part: Part, asked: Asked) -> None:
        self._sheet, self._asked = sheet, asked
        self._answered = part is Part.CONFIRMED
        answers = asked.words.answers
        self._answers = tuple(one for one in answers if one.id != _KEY) if self._answered else answers
        self._columns = asked.words.columns
        self._group, self._shade = "", 1
        self.rows, self.left_out = 0, 0
        self._page()

    def _page(self) -> None:
        """Heads, widths, freezing, printing."""
        sheet, look = self._sheet, self._asked.look
        columns = (*self._columns, *self._answers)
        heads = [said(column.name, self._asked.language) for column in columns]
        sheet.set_row(0, look.height(heads, [column.width for column in columns], bold=True))
        for place, (column, head) in enumerate(zip(columns, heads, strict=True)):
            sheet.set_column(place, place, column.width, None, {"hidden": column.id == _KEY})
            sheet.write_string(0, place, head, look.head)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(self._asked.words.look["paper"])
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&L&A&R&P / &N")

    def add(self, line: Line) -> None:
        """Write one line; one that no sheet can hold is counted in `left_out`."""
        if self.rows >= self._asked.words.look["most_rows"]:
            self.left_out += 1
            return
        self.rows += 1
        name = line.group_id or line.key
        if name != self._group:
            self._group, self._shade = name, 1 - self._shade
        look, shade = self._asked.look, self._asked.words.look["shades"][self._shade]
        texts = [self._asked.say(column.text(line)) for column in self._columns]
        widths = [column.width for column in self._columns]
        self._sheet.set_row(self.rows, look.height(texts, widths))
        for place, (column, text) in enumerate(zip(self._columns, texts, strict=True)):
            self._write(place, text, look.cell(shade, line.keep, column.id in line.differing, True))
        self._add_answers(line, shade)

    def _write(self, place: int, text: str, form: Format) -> None:
        """One cell of the row: a text, or nothing at all."""
        if text:
            self._sheet.write_string(self.rows, place, text, form)
        else:
            self._sheet.write_blank(self.rows, place, None, form)

    def _add_answers(self, line: Line, shade: str) -> None:
        look, first = self._asked.look, len(self._columns)
        locked, open_ = (
            look.cell(shade, False, False, True),
            look.cell(self._asked.words.look["answers"], False, False, False),
        )
        for place, column in enumerate(self._answers, first):
            if column.id == _KEY:
                self._write(place, storable(seal(line.key, self._asked.library, self._asked.period)), locked)
            elif self._answered:
                self._write(place, self._given(column), locked)
            else:
                self._write(place, "", open_)

    def _given(self, column: Column) -> str:
        """The answer that all rows of this sheet have; when and by whom stands in the correction."""
        return said(self._asked.words.choices["different"], self._asked.language) if column.id == _ANSWER else ""

    def close(self) -> None:
        """Filter, choices, protection."""
        words, sheet, last = self._asked.words, self._sheet, max(self.rows, 1)
        width = len(self._columns) + len(self._answers)
        sheet.autofilter(0, 0, last, width - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})
        if not self._answered:
            place = len(self._columns) + [one.id for one in self._answers].index(_ANSWER)
            sheet.data_validation(1, place, last, place, self._choices(words))
        sheet.protect("", _ALLOWED)

    def _choices(self, words: BookWords) -> dict[str, object]:
        language = self._asked.language
        choices = [choice.en if language == "en" else choice.zh for choice in words.choices.values()]
        told = words.text("wrong", choices=", ".join(choices))
        return {
            "validate": "list",
            "source": choices,
            "input_title": said(words.texts["choose_title"], language, " "),
            "input_message": said(words.texts["choose"], language),
            "error_title": said(words.texts["choose_title"], language, " "),
            "error_message": said(told, language),
        }
