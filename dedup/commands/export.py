"""`dedup export`: parts of a finished run for other programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dedup import store
from dedup.commands.database import db_option
from dedup.commands.settings import Settings
from dedup.extract import Choice, Form, LeftOut, What, write_marc, write_tables

_DONE, _INCOMPLETE = 0, 2
_MARC = "marc"


class ExportOptions(TypedDict):
    """The parameters of `dedup export`."""

    database: Path
    form: str
    what: str | None
    library: str
    out: Path


@click.command()
@db_option("DuckDB file of the run")
@click.option(
    "--format",
    "form",
    type=click.Choice([*map(str, Form), _MARC]),
    required=True,
    help="parquet or csv: tables; marc: the records as they stand in their source files.",
)
@click.option(
    "--what",
    type=click.Choice(list(map(str, What))),
    help="Which table, or the records of which table. [default: every table; with marc all records]",
)
@click.option("--library", default="", metavar="CODE", help="The share of one library. [default: all]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A folder, or a file ending in .parquet, .csv or .mrc.",
)
@click.pass_obj
def export(settings: Settings, /, **given: Unpack[ExportOptions]) -> int:
    """Write records, groups, findings and pairs of a run as Parquet, CSV or MARC.

    The tables are the views of docs/sql.md. MARC: records of ISO 2709 files byte for byte, of other files in UTF-8; a
    record whose file was changed since the run is named and left out, and the command ends with 2.
    """
    engine = store.opened(given["database"], settings.threads)
    try:
        what, library, out = given["what"], given["library"], given["out"]
        if given["form"] == _MARC:
            choice = Choice(What(what or What.RECORDS), library)
            made = write_marc(engine, settings.rule_set(), choice, out)
            files, left_out = sorted(made.files.items()), made.left_out
        else:
            chosen = [What(what)] if what else list(What)
            files = write_tables(engine, [Choice(one, library) for one in chosen], Form(given["form"]), out)
            left_out = []
    finally:
        engine.close()
    for path, rows in files:
        click.echo(f"{path}: {rows:,} {'records' if given['form'] == _MARC else 'rows'}")
    for line in missing(left_out):
        click.echo(f"dedup: {line}", err=True)
    return _INCOMPLETE if left_out else _DONE


def missing(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """What was left out: one line for each file and reason, with every record."""
    by_file: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in left_out:
        by_file[one.path, str(one.why)].append(one.record_id)
    for (path, why), names in sorted(by_file.items()):
        yield f"{path}: {len(names):,} records left out, {why}: {', '.join(sorted(names))}; run again, then export"
