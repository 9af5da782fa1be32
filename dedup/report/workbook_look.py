"""How workbooks look: one cell format for each combination that occurs, made once a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

OPTIONS = {
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}
"""Nothing that stands in a record becomes a number, a formula or a link."""
TEXT_FORMAT = "@"
# Points from line to line for each point of the letters, points around a text, and the share of a width that words fill
# when they are not torn apart, in plain and in bold letters.
_LEADING, _MARGIN, _ROOM, _BOLD = 1.3, 3.0, 0.9, 0.82
# As much of a text as can be seen in the highest row.
_SEEN = 1_000


def _wide(text: str) -> int:
    """How many letters wide a text is; a Chinese character takes two bytes or four in GB 18030, others as good as."""
    return len(text) if text.isascii() else len(text.encode("gb18030", "replace"))


class Look:
    """The cell formats of one workbook."""

    def __init__(self, book: Workbook, look: Mapping[str, Any]) -> None:
        self._book, self._look = book, look
        self._made: dict[tuple[str, bool, bool, bool], Format] = {}
        self.head = self._new(bold=True, bg_color=look["head"], text_wrap=True, valign="vcenter", border=1)
        self.title = self._new(bold=True, font_size=look["size"] + 4)
        self.plain = self._new(valign="top")

    def _new(self, **properties: str | float | bool) -> Format:
        look = self._look
        fixed = {"font_name": look["font"], "font_size": look["size"], "num_format": TEXT_FORMAT}
        return self._book.add_format({**fixed, "border_color": look["line"], **properties})

    def height(self, texts: Sequence[str], widths: Sequence[float], *, bold: bool = False) -> float:
        """The height of a row in points, so that its texts are seen whatever program opens it; not above some lines.

        A Chinese character is as wide as two letters; letters in bold are a little wider.
        """
        lines = 1
        for text, width in zip(texts, widths, strict=False):
            if len(text) * 2 > width:
                room = width * (_BOLD if bold else _ROOM)
                lines = max(lines, sum(1 + int((_wide(part) - 1) // room) for part in text[:_SEEN].split("\n")))
        most, size = int(self._look["most_lines"]), float(self._look["size"])
        return size * _LEADING * min(lines, most) + _MARGIN

    def cell(self, shade: str, bold: bool, red: bool, locked: bool) -> Format:
        """The format of a cell of a table: its shade, whether in bold, red, locked."""
        wanted = (shade, bold, red, locked)
        if wanted not in self._made:
            properties: dict[str, str | bool | int] = {"bg_color": shade, "bold": bold, "locked": locked, "border": 1}
            properties |= {"font_color": self._look["differs"]} if red else {}
            self._made[wanted] = self._new(text_wrap=True, valign="top", **properties)
        return self._made[wanted]
