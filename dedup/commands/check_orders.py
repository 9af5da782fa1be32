"""`dedup check --orders`: an order list held against the catalogue."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.check.orders import OrderReport, Status, check_orders
from dedup.commands.ending import DONE, FINDINGS, silence
from dedup.commands.language import console_language
from dedup.commands.layout import console_width
from dedup.commands.progress import told
from dedup.commands.settings import Settings
from dedup.errors import InputError, problem

if TYPE_CHECKING:
    from dedup.commands.check import CheckOptions

FORMS = ("text", "csv", "json")
_WORKBOOK = ".xlsx"
_FILES = {".csv": "csv", ".json": "json"}
"""What a file is by its name, unless `--format` says otherwise."""


def check_list(settings: Settings, path: Path, given: CheckOptions) -> int:
    """Tell of every line of the list whether the catalogue holds it, on standard output or in the file `--out`.

    Returns the exit code: 0 when nothing of the list is held and nobody has to look at a line, else 1.
    """
    from dedup.check.orders import output
    from dedup.check.orders.settings import read_settings

    _check(given)
    database, out = given["database"], given["out"]
    form = given["form"] if out is None or given["form"] != FORMS[0] else _FILES.get(out.suffix.lower(), FORMS[0])
    assert database is not None  # `_check` has seen to it
    rules = settings.rule_set(settings.configuration((), given["config"]))
    report = check_orders(path, database, rules, given["threads"] or settings.threads)
    table, language = read_settings(rules), given["lang"] or console_language()
    if out is not None and out.exists() and out.samefile(path):
        raise InputError(problem(str(out), "the order list itself", "another file", "name another --out"))
    if out is not None and out.suffix.lower() == _WORKBOOK:
        output.write_workbook(report, out, table, rules, language)
    elif form == "csv":
        _give(output.as_csv(report), form, out)
    elif form == "json":
        _give(output.as_json(report), form, out)
    else:
        _give(output.as_text(report, table, language, console_width()), form, out)
    _warn(report)
    return FINDINGS if any(answer.status is not Status.ABSENT for answer in report.answers) else DONE


def _check(given: CheckOptions) -> None:
    """Raise InputError for options that do not go together."""
    if given["inputs"]:
        found = f"{len(given['inputs'])} files of records beside an order list"
        raise InputError(problem("dedup check", found, "NEW... or --orders", "check them one after the other"))
    if given["database"] is None:
        found = "an order list without a catalogue"
        raise InputError(problem("dedup check", found, "the database of an earlier run", "name it with --db"))
    if given["form"] not in FORMS:
        wanted = f"for an order list one of {', '.join(FORMS)}"
        raise InputError(problem("--format", repr(given["form"]), wanted, "choose one"))


def _give(text: str, form: str, out: Path | None) -> None:
    from dedup.commands.check import fitting

    if out is not None:
        _write(text, form, out)
        return
    try:
        click.echo(fitting(text, form, sys.stdout.encoding), nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def _write(text: str, form: str, out: Path) -> None:
    """Write a whole file or none."""
    # Spreadsheet programs know UTF-8 in a CSV file by its mark.
    content = (codecs.BOM_UTF8 if form == "csv" else b"") + text.encode("utf-8", "replace")
    fresh = out.with_name(out.name + ".building")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(content)
        fresh.replace(out)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        found = error.strerror or str(error)
        raise InputError(problem(str(out), found, "a file to write to", "name another --out")) from error


def _warn(report: OrderReport) -> None:
    """What is no answer and should be known: sheets whose rows were not looked up, a catalogue made by other rules."""
    if report.other_rules:
        told(f"{report.database}: made by other rule tables than those in force; `dedup run` brings it up to date")
    for sheet in report.orders.sheets:
        if not sheet.heading:
            text = f"sheet {sheet.name!r} has no row of headings: its {len(sheet.rows)} rows were not looked up"
            told(f"{report.orders.file}: {text}")
