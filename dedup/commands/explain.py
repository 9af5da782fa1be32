"""`dedup explain`: why two records were judged as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dedup import store
from dedup.commands.database import db_option
from dedup.commands.explained import described
from dedup.commands.language import console_language, lang_option
from dedup.commands.settings import Settings
from dedup.explain import as_dict, configuration_of
from dedup.explain import explain as explained
from dedup.rulebook import read_legend


class ExplainOptions(TypedDict):
    """The parameters of `dedup explain`."""

    left: str
    right: str
    database: Path
    form: str
    lang: str | None
    config: Path | None


@click.command()
@click.argument("left")
@click.argument("right")
@db_option("DuckDB file of the run")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How it is written; docs/explain.md describes the keys of json.",
)
@lang_option
@click.option("--config", type=click.Path(path_type=Path), help="Configuration. [default: that of the run]")
@click.pass_obj
def explain(settings: Settings, /, **given: Unpack[ExplainOptions]) -> None:
    """Show two records side by side, every comparison, the rule that decided, the cause and the correction.

    LEFT and RIGHT are record ids (SOURCE/CONTROL), or control numbers that one record has. The database is only read.
    """
    engine = store.opened(given["database"], settings.threads)
    try:
        named = given["config"] or settings.config
        config = None if named else configuration_of(engine)
        rules = settings.rule_set(config or settings.configuration((), named))
        found = explained(engine, rules, (given["left"], given["right"]))
    finally:
        engine.close()
    legend = read_legend(rules)
    if given["form"] == "json":
        click.echo(json.dumps(as_dict(found, legend), ensure_ascii=False, indent=2))
    else:
        click.echo(described(found, rules, given["lang"] or console_language()))
