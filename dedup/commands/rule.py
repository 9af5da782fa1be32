"""`dedup rule`: what a code means."""

from __future__ import annotations

import click

from dedup.commands.language import console_language, lang_option
from dedup.commands.settings import Settings
from dedup.errors import InputError, problem
from dedup.rulebook import find, nearest, overview, page, read_legend, rulebook


@click.command()
@click.argument("code", required=False)
@lang_option
@click.pass_obj
def rule(settings: Settings, /, code: str | None, lang: str | None) -> None:
    """Tell what CODE means, how it is detected, what it is not, and the correction; without CODE list all.

    CODE is a cause (D01), a kind of junk (J05), a fault (Q02), a verdict, a flag, a policy row (P9.edition), a veto, a
    question (edition_number) or a blocking rule; capitals do not matter, and its name will do.
    """
    rules = settings.rule_set()
    entries, legend, language = rulebook(rules), read_legend(rules), lang or console_language()
    if code is None:
        click.echo(overview(entries, legend, language))
        return
    found = find(entries, code)
    if not found:
        near = ", ".join(nearest(entries, code))
        remedy = f"did you mean {near}?" if near else "`dedup rule` lists them"
        raise InputError(problem("dedup rule", repr(code), "a code, a rule's id or a name", remedy))
    click.echo("\n\n".join(page(entry, legend, language) for entry in found))
