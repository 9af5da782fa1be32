"""`dedup decisions`: what people said, whether it holds, and how it is taken elsewhere or taken back."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dedup import store
from dedup.commands.database import db_option
from dedup.commands.decide import SHORT_ID, user
from dedup.commands.decide import told as told_entry
from dedup.commands.language import console_language, lang_option
from dedup.commands.progress import told as told_aside
from dedup.commands.settings import Settings
from dedup.errors import InputError, problem
from dedup.review.decide import undo
from dedup.review.decisions import Imported, Listed, export_decisions, import_decisions, list_decisions
from dedup.rules import RuleSet

_DONE, _ERROR = 0, 2
_DAY = 19


class DecisionsOptions(TypedDict):
    """The parameters of `dedup decisions`."""

    database: Path
    export: Path | None
    taken: Path | None
    undone: str
    by: str
    note: str
    lang: str | None


@click.command()
@db_option()
@click.option(
    "--export", type=click.Path(path_type=Path, dir_okay=False), help="Write the whole log as CSV; - = stdout."
)
@click.option(
    "--import",
    "taken",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take in an exported log, or a CSV file with the columns left, right, answer, by, note.",
)
@click.option("--undo", "undone", default="", metavar="ID", help="An entry holds no longer; its first letters do.")
@click.option("--by", default="", metavar="NAME", help="Who undoes, or imports. [default: the user of this machine]")
@click.option("--note", default="", metavar="TEXT", help="Why it is undone.")
@lang_option
@click.pass_obj
def decisions(settings: Settings, /, **given: Unpack[DecisionsOptions]) -> int:
    """List what people decided and answered, with what holds of it; or export, import, undo.

    Nothing is ever taken out of the log: --undo adds an entry by which an earlier one holds no longer. To import a file
    twice adds nothing; it ends with 0 when every row was taken, else with 2: rows that were not are named.
    """
    if sum(map(bool, (given["export"], given["taken"], given["undone"]))) > 1:
        raise InputError(problem("--export, --import, --undo", "several of them", "one at a time", "leave one out"))
    if given["undone"]:
        with store.amending(given["database"], "decisions", told_aside) as engine:
            entry = undo(engine, given["undone"], given["by"].strip() or user(), given["note"])
        click.echo(told_entry(entry))
        return _DONE
    if taken := given["taken"]:
        with store.amending(given["database"], "decisions", told_aside) as engine:
            imported = import_decisions(engine, settings.rule_set(), taken, given["by"].strip() or user())
        return _tell_import(taken, imported)
    engine = store.opened(given["database"], settings.threads)
    try:
        if path := given["export"]:
            text = io.StringIO()
            rows = export_decisions(engine, text)
            _write(path, text.getvalue(), rows)
        else:
            rules = settings.rule_set()
            click.echo("\n".join(described(list_decisions(engine, rules), rules, given["lang"] or console_language())))
    finally:
        engine.close()
    return _DONE


def _write(path: Path, text: str, rows: int) -> None:
    """The file as a whole, or not at all."""
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    aside = path.with_name(path.name + ".part")
    try:
        aside.write_text(text, encoding="utf-8", newline="")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise InputError(problem(str(path), str(error), "a file to write", "name another --export")) from error
    click.echo(f"{path}: {rows:,} entries")


def _tell_import(path: Path, imported: Imported) -> int:
    parts = [f"{imported.added:,} entries added"]
    parts += [f"{imported.known:,} in the log already"] if imported.known else []
    parts += [f"{len(imported.refused):,} not taken"] if imported.refused else []
    click.echo(f"{path}: {'; '.join(parts)}")
    for refusal in imported.refused:
        click.echo(f"dedup: not taken: {refusal}", err=True)
    return _ERROR if imported.refused else _DONE


def described(listed: Sequence[Listed], rules: RuleSet, language: str) -> Iterator[str]:
    """One line an entry in the order of the log, then how many there are of each state."""
    words = rules.tables["review"]["decisions"]
    if not listed:
        yield words["none"][language]
        return
    for one in listed:
        entry = one.entry
        pair = " ".join(filter(None, (entry.left, entry.right)))
        what = f"{entry.answer} {entry.undoes[:SHORT_ID]}" if entry.undoes else entry.answer
        state = f" [{words[one.state][language]}]" if one.state else ""
        note = f": {' '.join(entry.note.split())}" if entry.note else ""
        yield f"{entry.id[:SHORT_ID]}  {entry.when[:_DAY]:<{_DAY}}  {entry.by}: {pair}: {what}{state}{note}"
    counts = Counter(one.state for one in listed if one.state)
    yield ", ".join(f"{words[state][language]}: {count:,}" for state, count in sorted(counts.items()))
