"""Answers to an order list as text, CSV, JSON and as the list itself with columns added."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dedup.check.orders.lines import APART
from dedup.check.orders.model import Answer, Match, OrderReport, Sheet, Status
from dedup.check.orders.settings import Settings
from dedup.layout import indented, padded, wide, wrapped
from dedup.model import CONTRACT_VERSION
from dedup.report.cells import cell
from dedup.report.workbook_list import ListRow, ListSheet, write_list
from dedup.rules import RuleSet

TOLD = ("isbn", "title", "author", "publisher", "year", "edition", "volume", "binding")
"""What of a line is repeated in CSV and JSON, cleaned."""
_RESULT = ("result", "kind", "libraries", "copies", "records", "catalogue", "differs", "reason", "note")
_WIDTHS = (14.0, 12.0, 24.0, 8.0, 24.0, 40.0, 40.0, 40.0, 30.0)
_GAP, _ROW, _LEAST = "  ", 6, 24
_SHOWN = 4
COLUMNS = ["row", "sheet", *TOLD, "result", "kind", "libraries", "copies", "records", "differs_zh", "differs_en"]
COLUMNS += ["reason_zh", "reason_en", "note_zh", "note_en"]


def as_csv(report: OrderReport) -> str:
    """One row for each line (RFC 4180, LF), every cell guarded against being taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for answer in report.answers:
        writer.writerow(map(cell, _cells(answer)))
    return text.getvalue()


def _cells(answer: Answer) -> Iterator[str]:
    line = answer.line
    yield from (str(line.row), line.sheet, *(_told(answer, name) for name in TOLD))
    yield from (str(answer.status), answer.kind)
    held = answer.status in (Status.HELD, Status.LIKELY, Status.OTHER)
    yield ";".join(f"{library}:{copies}" for library, copies in answer.libraries.items()) if held else ""
    yield str(sum(answer.libraries.values())) if held else ""
    yield ";".join(match.record_id for match in answer.best or answer.matches)
    yield from (_differs(answer.best, language) for language in ("zh", "en"))
    yield from (answer.reason.zh, answer.reason.en)
    yield from ("; ".join(note.of(language) for note in answer.notes) for language in ("zh", "en"))


def _told(answer: Answer, name: str) -> str:
    return answer.line.says.get(name, "").replace(APART, "; ")


def _differs(matches: Iterable[Match], language: str) -> str:
    """In what each record differs, several by their ids."""
    told = {match.record_id: "; ".join(one.text(language) for one in match.differs) for match in matches}
    if len(told) == 1:
        return next(iter(told.values()))
    return " | ".join(f"{record}: {text}" for record, text in told.items() if text)


def as_json(report: OrderReport) -> str:
    """Everything that is known, `contract_version` first."""
    lines = [_line(answer) for answer in report.answers]
    sheets = [
        {"name": sheet.name, "heading_row": sheet.heading, "rows": len(sheet.rows), "lines": len(sheet.lines)}
        for sheet in report.orders.sheets
    ]
    head = {"contract_version": CONTRACT_VERSION, "file": report.orders.file, "database": report.database}
    body = {"records": report.records, "sheets": sheets, "counts": report.counts, "lines": lines}
    return json.dumps(head | body, ensure_ascii=False, indent=1) + "\n"


def _line(answer: Answer) -> dict[str, Any]:
    return {
        "sheet": answer.line.sheet,
        "row": answer.line.row,
        "says": {name: _told(answer, name) for name in answer.line.says},
        "result": str(answer.status),
        "kind": answer.kind,
        "libraries": answer.libraries,
        "reason": answer.reason.en,
        "reason_zh": answer.reason.zh,
        "notes": [note.en for note in answer.notes],
        "notes_zh": [note.zh for note in answer.notes],
        "matches": [_match(match) for match in answer.matches],
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        "record_id": match.record_id,
        "libraries": dict(match.libraries),
        "title": match.title,
        "statement": match.statement,
        "result": str(match.status),
        "kind": match.kind,
        "reason": match.reason.en,
        "reason_zh": match.reason.zh,
        "differs": [
            {"name": one.name.en, "name_zh": one.name.zh, "list": one.line, "catalogue": one.record}
            for one in match.differs
        ],
    }


def as_text(report: OrderReport, settings: Settings, language: str, width: int) -> str:
    """A table with a line or more for each line of the list, then the counts."""
    texts = settings.names["texts"]
    head = (
        texts["head"]
        .of(language)
        .format(
            list=report.orders.file, lines=len(report.answers), records=f"{report.records:,}", database=report.database
        )
    )
    out = [line for text in (head, *_aside(report, settings, language)) for line in wrapped(_seen(text), width)]
    sheet = ""
    for answer in report.answers:
        if answer.line.sheet != sheet:
            sheet = answer.line.sheet
            out += ["", texts["sheet"].of(language).format(_seen(sheet))]
        out += ["", *_told_in_text(answer, settings, language, width)]
    names = settings.names["result"]
    counts = (f"{names[id].of(language)} {count:,}" for id, count in report.counts.items())
    return "\n".join([*out, "", " · ".join(counts), ""])


def _aside(report: OrderReport, settings: Settings, language: str) -> list[str]:
    """The sheets without headings, whose rows were not looked up."""
    text = settings.text("texts", "aside").of(language)
    sheets = (sheet for sheet in report.orders.sheets if not sheet.heading)
    return [text.format(sheet=_seen(sheet.name), rows=len(sheet.rows)) for sheet in sheets]


def _told_in_text(answer: Answer, settings: Settings, language: str, width: int) -> Iterator[str]:
    """`12  held  title  QSU (2), YHU (1)`, the reason, then each record with what differs."""
    names = settings.names
    form = names["kind"][answer.kind].of(language) if answer.kind else names["result"][answer.status].of(language)
    label = max(wide(words.of(language)) for group in ("result", "kind") for words in names[group].values())
    left = f"{answer.line.row:>{_ROW}}{_GAP}{padded(form, label)}{_GAP}"
    told = _seen(" / ".join(filter(None, (_told(answer, name) for name in TOLD))) or "—")
    room = max(width - wide(left), _LEAST)
    first, *rest = wrapped(told, room)
    yield f"{left}{first}"
    indent = wide(left)
    yield from (f"{' ' * indent}{line}" for line in rest)
    yield from indented(_seen(answer.reason.of(language)), width, indent)
    for match in (answer.best or answer.matches)[:_SHOWN]:
        yield from indented(f"→ {_seen(_record(match, settings, language))}", width, indent)
    more = len(answer.best or answer.matches) - _SHOWN
    if more > 0:
        yield from indented(settings.text("texts", "more").of(language).format(more), width, indent)
    for note in answer.notes:
        yield from indented(f"! {_seen(note.of(language))}", width, indent)


def _record(match: Match, settings: Settings, language: str) -> str:
    """Id, holders, title and statement of a record, and in what it differs."""
    parts = [match.record_id, holders(match.libraries, settings, language), match.title, match.statement]
    differs = "; ".join(one.text(language) for one in match.differs)
    return " · ".join(filter(None, parts)) + (f" [{differs}]" if differs else "")


def holders(libraries: Mapping[str, int], settings: Settings, language: str) -> str:
    """`QSU (2), YHU (no copies)`."""
    some, none = (settings.text("texts", id).of(language) for id in ("items", "no_items"))
    return ", ".join(
        some.format(library, copies) if copies else none.format(library) for library, copies in libraries.items()
    )


def _seen(text: str) -> str:
    """Text that moves no cursor: signs that are not seen as such, by number."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def write_workbook(report: OrderReport, path: Path, settings: Settings, rules: RuleSet, language: str) -> None:
    """The list as it came, with the result beside each line. Raises InputError when the file cannot be written."""
    answers = {(answer.line.sheet, answer.line.row): answer for answer in report.answers}
    sheets = []
    for sheet in report.orders.sheets:
        first = max(place for row in sheet.rows for place in row.cells) + 1
        rows = [_list_row(sheet, row.number, row.cells, (first, answers, settings, language)) for row in sheet.rows]
        widths = {first + at: width for at, width in enumerate(_WIDTHS)} if sheet.heading else {}
        sheets.append(ListSheet(sheet.name, rows, widths, sheet.heading))
    write_list(path, sheets, rules, language)


def _list_row(
    sheet: Sheet,
    number: int,
    cells: dict[int, str],
    added: tuple[int, dict[tuple[str, int], Answer], Settings, str],
) -> ListRow:
    first, answers, settings, language = added
    if number == sheet.heading:
        heads = (settings.text("columns", name).of(language) for name in _RESULT)
        return ListRow(number, {**cells, **dict(enumerate(heads, first))}, head=True)
    answer = answers.get((sheet.name, number))
    if answer is None:
        return ListRow(number, cells)
    texts = {first + at: text for at, text in enumerate(_beside(answer, settings, language)) if text}
    red = frozenset({first}) if answer.status is not Status.ABSENT else frozenset()
    return ListRow(number, {**cells, **texts}, red=red)


def _beside(answer: Answer, settings: Settings, language: str) -> Iterator[str]:
    """The texts of the columns of `_RESULT`."""
    held = answer.status in (Status.HELD, Status.LIKELY, Status.OTHER)
    shown = answer.best or answer.matches
    yield settings.text("result", answer.status).of(language)
    yield settings.text("kind", answer.kind).of(language) if answer.kind else ""
    yield holders(answer.libraries, settings, language) if held else ""
    yield str(sum(answer.libraries.values())) if held else ""
    yield "\n".join(match.record_id for match in shown)
    yield "\n".join(_described(match) for match in shown)
    yield _differs(answer.best, language).replace(" | ", "\n")
    yield answer.reason.of(language)
    yield "\n".join(note.of(language) for note in answer.notes)


def _described(match: Match) -> str:
    return " · ".join(filter(None, (match.title, match.statement)))
