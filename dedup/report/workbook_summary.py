"""The sheet 汇总: for a library the counts of its lists, for the centre the statistics of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from dedup.report.columns import clean, said
from dedup.report.model import Line, Package, Part
from dedup.report.statistics import Statistics
from dedup.report.workbook_rows import Asked
from dedup.rulebook import Words
from dedup.rules import RuleSet

_WIDTHS = (26, 30, 12, 14, 12, 12, 14, 14, 12, 12, 14, 12)
_TABLES = ("head", "cells")
_ANSWERED_PARTS = (Part.OPEN, Part.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet that is read, not filled in: `kind` is title, head, cells, text or empty."""

    kind: str
    cells: tuple[str, ...] = ()


def write_rows(sheet: Worksheet, rows: Iterable[Row], asked: Asked) -> None:
    """Write rows from the top; the sheet is locked and prints as the others do."""
    look = asked.look
    forms = {"title": look.title, "head": look.head, "cells": look.cell("#FFFFFF", False, False, True)}
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    for place, row in enumerate(rows):
        if row.kind in _TABLES:
            sheet.set_row(place, look.height(row.cells, _WIDTHS, bold=row.kind == "head"))
        for at, text in enumerate(row.cells):
            sheet.write_string(place, at, text, forms.get(row.kind, look.plain))
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(asked.words.look["paper"])
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_rows": True, "format_columns": True})


def speaker(asked: Asked) -> Callable[..., str]:
    """A function that says a text of [summary] in the language of the workbook, with values put in."""

    def say(name: str, **values: str) -> str:
        """The text named."""
        words = asked.words.summary[name]
        text = said(words, asked.language, " ")
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)
        return text

    return say


def one_line(words: Words, asked: Asked) -> str:
    """A name in one line."""
    return said(words, asked.language, " ")


def here(package: Package) -> tuple[Line, ...]:
    """The lines of this month's findings, each finding once."""
    return tuple(line for line in package.lines if line.part not in _ANSWERED_PARTS)


def _finding(line: Line) -> str:
    return line.group_id or line.key


def library_summary(package: Package, asked: Asked) -> list[Row]:
    """Lists, verdicts, causes and flags with their counts, and what the library itself has to act on."""
    say, lines = speaker(asked), here(package)
    own = sum(package.library in line.responsible.split("; ") for line in lines)
    rows = [
        Row("title", (f"{asked.words.texts['workbook'].zh} {clean(package.library)} {asked.period}",)),
        Row("empty"),
        Row("text", (say("thanks"),)),
        Row("empty"),
        Row("head", (say("list"), say("contents"), say("groups"), say("records"))),
    ]
    for sheet in asked.words.sheets:
        if sheet.id in set(Part):
            counts = (str(package.counts.get(f"{sheet.id}_{unit}", 0)) for unit in ("groups", "records"))
            rows.append(Row("cells", (one_line(sheet.name, asked), one_line(sheet.means, asked), *counts)))
    rows += [Row("empty"), Row("cells", (say("own"), "", "", str(own))), Row("empty")]
    for head, kind, ids in (
        ("verdict", "verdict", lambda line: [line.verdict]),
        ("cause", "code", lambda line: [line.cause]),
        ("flag", "flag", lambda line: line.flags.split(";")),
    ):
        rows += [*_counted((say(head), say("name")), kind, ids, lines, asked), Row("empty")]
    return rows


def _counted(
    heads: tuple[str, str], kind: str, ids: Callable[[Line], list[str]], lines: tuple[Line, ...], asked: Asked
) -> list[Row]:
    """A table of findings by verdict, cause or flag: how many groups and how many records."""
    say = speaker(asked)
    records = Counter(id for line in lines for id in ids(line) if id)
    groups = Counter(id for id, _ in {(id, _finding(line)) for line in lines for id in ids(line) if id})
    rows = [Row("head", (*heads, say("groups"), say("records")))]
    for id in sorted(records):
        name = asked.words.names[kind].get(id, Words(id, id))
        rows.append(Row("cells", (id, one_line(name, asked), str(groups[id]), str(records[id]))))
    return rows


def centre_summary(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    """The statistics of domain facts 6.4: totals, causes by language, libraries, months, agencies, trend."""
    say = speaker(asked)
    title = f"{say('centre')} {numbers.period}"
    parts = (_totals, _verdicts, _causes, _ranking, _created, _agencies, _trend)
    tables = [[*part(numbers, asked, rules), Row("empty")] for part in parts]
    return [
        Row("title", (title,)),
        Row("empty"),
        *(row for table in tables for row in table),
    ]


def _totals(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    say, settings = speaker(asked), rules.tables["report"]["statistics"]
    named = {"files": "files", "read": "records", "chinese_format": "chinese_format", "marc21": "marc21"}
    named |= {"unreadable": "unreadable", "all_groups": "groups", "in_groups": "records_in_groups"}
    named |= {"junk": "junk", "faults": "faults"}
    rows = [Row("cells", (say(label), str(numbers.totals[name]))) for label, name in named.items()]
    rows.append(Row("cells", (say("rate"), f"{numbers.per_thousand:.1f}")))
    hours = f"{numbers.minutes / 60:.0f}"
    rows.append(Row("cells", (say("saved", minutes=str(settings["minutes_per_record"])), hours)))
    reference = settings["reference"]
    told = say("reference", groups=str(reference["groups_per_month"]), records=str(reference["records_per_month"]))
    return [Row("head", (say("measure"), say("number"))), *rows, Row("text", (told,))]


def _verdicts(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    say = speaker(asked)
    rows = [Row("head", (say("verdict"), say("name"), say("groups"), say("records")))]
    for id, name in asked.words.names["verdict"].items():
        if f"{id}_groups" in numbers.totals:
            counts = (str(numbers.totals[f"{id}_{unit}"]) for unit in ("groups", "records"))
            rows.append(Row("cells", (id, one_line(name, asked), *counts)))
    return rows


def _causes(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    say, names = speaker(asked), asked.words.names["code"]
    rows = [Row("head", (say("cause"), say("name"), say("chinese"), say("western")))]
    for one in numbers.causes:
        name = one_line(names.get(one.cause, Words(one.cause, one.cause)), asked)
        rows.append(Row("cells", (one.cause, name, str(one.chinese), str(one.other))))
    return rows


def _ranking(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    say = speaker(asked)
    columns = {"self_duplicates": "self", "band": "band", "caused": "caused", "groups": "involved"}
    columns |= {"two_calls": "two_calls", "junk_items": "junk_items", "junk_empty": "junk_empty"}
    columns |= {"corrections": "corrections", "open": "open", "answered": "answered", "records": "held"}
    rows = [Row("head", (say("ranking"), *(say(label) for label in columns.values())))]
    for one in numbers.libraries:
        band = one_line(asked.words.bands[one.band], asked)
        cells = [band if name == "band" else str(getattr(one, name)) for name in columns]
        rows.append(Row("cells", (clean(one.library), *cells)))
    return rows


def _created(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    """Records by the month they were made: new production stands apart from what piled up over the years."""
    say, most = speaker(asked), int(rules.tables["report"]["statistics"]["months"])
    dated = [(month, count) for month, count in numbers.created if month]
    earlier = sum(count for _, count in dated[:-most])
    undated = sum(count for month, count in numbers.created if not month)
    listed = [*reversed(dated[-most:]), (say("earlier"), earlier), (say("undated"), undated)]
    rows = [Row("cells", (month, str(count))) for month, count in listed]
    return [Row("head", (f"{say('created')}: {say('month')}", say("records"))), *rows]


def _agencies(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    say = speaker(asked)
    rows = [Row("cells", (clean(agency), str(groups))) for agency, groups in numbers.agencies]
    return [Row("head", (say("agencies"), say("caused"))), *rows] if rows else []


def _trend(numbers: Statistics, asked: Asked, rules: RuleSet) -> list[Row]:
    say, columns = speaker(asked), ("new", "repeated", "solved", "answered")
    rows = [Row("cells", (one.period, *(str(getattr(one, name)) for name in columns))) for one in numbers.trend]
    return [Row("head", (say("trend"), *map(say, columns))), *rows] if rows else []
