"""`dedup stats`: the trend."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dedup import store
from dedup.codes import read_codes
from dedup.commands.database import db_option
from dedup.commands.language import console_language, lang_option
from dedup.commands.layout import padded, wide
from dedup.commands.settings import Settings
from dedup.review.stats import COLUMNS, Count, as_rows, read_counts, summed
from dedup.rulebook import Words
from dedup.rules import RuleSet


class StatsOptions(TypedDict):
    """The parameters of `dedup stats`."""

    database: Path
    period: str
    library: str | None
    form: str
    lang: str | None


@click.command()
@db_option()
@click.option("--period", default="", metavar="YYYY-MM", help="One month. [default: all]")
@click.option("--library", metavar="CODE", help="One library. [default: all]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
    help="How it is written; csv and json hold a row for each month, library ('' = all together) and cause.",
)
@lang_option
@click.pass_obj
def stats(settings: Settings, /, **given: Unpack[StatsOptions]) -> None:
    """Tell how many findings were new, repeated, solved or answered, month by month.

    A finding is counted for each library that has to act on it, and once for all together. Solved: the report before
    had it, and it is gone. Answered: people confirmed that it is no duplicate, so that it is not shown again.
    """
    engine = store.opened(given["database"], settings.threads)
    try:
        counts = read_counts(engine, given["period"], given["library"])
    finally:
        engine.close()
    if given["form"] == "json":
        click.echo(json.dumps(as_rows(counts), ensure_ascii=False, indent=2))
    elif given["form"] == "csv":
        click.echo(as_csv(counts), nl=False)
    else:
        click.echo(described(counts, settings.rule_set(), given["lang"] or console_language()))


def as_csv(counts: Sequence[Count]) -> str:
    """Counts as CSV with a head, lines ended by LF."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(as_rows(counts))
    return text.getvalue()


def described(counts: Sequence[Count], rules: RuleSet, language: str) -> str:
    """Month by month; of the last month also by cause, and by library when more than one is told of."""
    labels = {name: Words(**text) for name, text in rules.tables["review"]["stats"].items()}
    names = {code.id: Words(**code.name) for code in read_codes(rules).values()}
    if not counts:
        return labels["none"].of(language)
    whole = [count for count in counts if count.library == ""] or list(counts)
    apart = [count for count in counts if count.library]
    last = max(count.period for count in counts)
    tables = [("period", summed(whole, "period"))]
    tables += [("cause", summed([count for count in whole if count.period == last], "cause"))]
    if len({count.library for count in apart}) > 1:
        tables += [("library", summed([count for count in apart if count.period == last], "library"))]
    blocks = []
    for kind, rows in tables:
        head = labels[kind].of(language) + ("" if kind == "period" else f" ({last})")
        blocks.append(
            _table(head, [(_name(str(getattr(row, kind)), names, language), row) for row in rows], labels, language)
        )
    return "\n\n".join(blocks)


def _name(text: str, names: Mapping[str, Words], language: str) -> str:
    """What a row is called: a code with its name."""
    return f"{text} {names[text].of(language)}" if text in names else text or "-"


def _table(head: str, rows: Sequence[tuple[str, Count]], labels: dict[str, Words], language: str) -> str:
    """Rows under a head, numbers to the right."""
    numbers = COLUMNS[3:]
    heads = [labels[name].of(language) for name in numbers]
    cells = [[f"{getattr(count, name):,}" for name in numbers] for _, count in rows]
    widths = [max(map(wide, (title, *column))) for title, column in zip(heads, zip(*cells, strict=True), strict=True)]
    first = max(map(wide, (head, *(name for name, _ in rows))))
    lines = []
    for name, values in ((head, heads), *((name, row) for (name, _), row in zip(rows, cells, strict=True))):
        filled = (" " * (width - wide(value)) + value for value, width in zip(values, widths, strict=True))
        lines.append("  ".join((padded(name, first), *filled)))
    return "\n".join(lines)
