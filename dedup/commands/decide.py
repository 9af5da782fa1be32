"""`dedup decide`: a person's word about two records."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dedup import store
from dedup.commands.database import db_option
from dedup.commands.progress import told as told_aside
from dedup.commands.settings import Settings
from dedup.review.decide import Decided, Entry, Word
from dedup.review.decide import decide as decided

SHORT_ID = 12


class DecideOptions(TypedDict):
    """The parameters of `dedup decide`."""

    left: str
    right: str
    decision: str
    database: Path
    by: str
    note: str


@click.command()
@click.argument("left")
@click.argument("right")
@click.argument("decision", type=click.Choice([str(one) for one in Decided]))
@db_option("DuckDB file of the run")
@click.option("--by", default="", metavar="NAME", help="Who decides. [default: the user of this machine]")
@click.option("--note", default="", metavar="TEXT", help="Why, for those who read it later.")
@click.pass_obj
def decide(settings: Settings, /, **given: Unpack[DecideOptions]) -> None:
    """Say what two records are to each other; the next run goes by it.

    LEFT and RIGHT are record ids (SOURCE/CONTROL), or control numbers that one record has. DECISION: same (they come
    into one group), different (they are kept apart), review (somebody looks at the book). The last word about a pair
    counts, as long as both records stay what they are; `dedup decisions` lists all, and undoes.
    """
    with store.amending(given["database"], "decide", told_aside) as engine:
        word = Word(Decided(given["decision"]), given["by"].strip() or user(), given["note"])
        entry = decided(engine, settings.rule_set(), (given["left"], given["right"]), word)
    click.echo(told(entry))


def user() -> str:
    """The name of the user of this machine; '' when it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def told(entry: Entry) -> str:
    """One entry in one line."""
    before = f" (the last run: {entry.before})" if entry.before else ""
    holds = "until the next `dedup run` nothing changes"
    pair = " ".join(filter(None, (entry.left, entry.right)))
    what = f"{entry.answer} of {entry.undoes[:SHORT_ID]}" if entry.undoes else entry.answer
    return f"{entry.id[:SHORT_ID]}: {pair}: {what}{before}, by {entry.by}; {holds}"
