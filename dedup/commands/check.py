"""`dedup check`: new records before they enter the catalogue."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from dedup.commands.check_fix import corrected, usage
from dedup.commands.ending import DONE, FINDINGS, silence
from dedup.commands.language import console_language, lang_option
from dedup.commands.layout import console_width
from dedup.commands.progress import Console, Line, told
from dedup.commands.settings import Settings
from dedup.config import Config

if TYPE_CHECKING:
    from dedup.check.counting import Report
    from dedup.check.formats import Look
    from dedup.rules import RuleSet

FORMS = ("text", "json", "jsonl", "sarif", "junit", "github", "csv")
SEVERITIES = ("error", "warning", "note")
_JSON = ("json", "jsonl", "sarif")
_XML = ("junit",)


class CheckOptions(TypedDict):
    """The parameters of `dedup check`."""

    inputs: tuple[Path, ...]
    database: Path | None
    form: str
    lang: str | None
    config: Path | None
    rules: Path | None
    threads: int | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    fail_on: str | None
    baseline: Path | None
    write_baseline: Path | None
    quiet: bool
    color: str
    orders: Path | None
    out: Path | None
    fix: bool
    diff: bool
    prune_baseline: bool


class _Silent:
    """Progress that nobody wants to see."""

    def advance(self, done: int, total: int) -> None:
        """Say nothing."""


@click.command()
@click.argument("inputs", nargs=-1, metavar="NEW...", type=click.Path(path_type=Path))
@click.option(
    "--db",
    "database",
    type=click.Path(path_type=Path),
    help="Catalogue: DuckDB file of a run. [default: none; new records are checked by themselves and among each other]",
)
@click.option(
    "--format", "form", type=click.Choice(FORMS), default="text", show_default=True, help="How it is written."
)
@lang_option
@click.option("--config", type=click.Path(path_type=Path), help="Configuration. [default: dedup.toml in NEW or here]")
@click.option("--rules", type=click.Path(path_type=Path), help="Folder of rule tables. [default: the built-in ones]")
@click.option("--threads", type=click.IntRange(1, 256), help="Workers to keep busy. [default: 2]")
@click.option(
    "--select", multiple=True, metavar="CODE", help="Report these codes only, or all that begin so; may repeat."
)
@click.option(
    "--ignore", multiple=True, metavar="CODE", help="Leave out these codes, or all that begin so; may repeat."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help="Exit code 1 for findings of this severity and above. [default: that of [check] fail_on, else warning]",
)
@click.option("--baseline", type=click.Path(path_type=Path), help="Findings on file, which count no more.")
@click.option("--write-baseline", type=click.Path(path_type=Path), help="Put all findings on file, and exit with 0.")
@click.option("--prune-baseline", is_flag=True, help="Take out of --baseline what is found no more.")
@click.option(
    "--fix", is_flag=True, help="Put right what needs no book in hand, write that to --out, and check what remains."
)
@click.option("--diff", is_flag=True, help="With --fix: show the changed fields instead of a report.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colours of the text form; auto: on a terminal, unless NO_COLOR is set.",
)
@click.option(
    "--orders",
    type=click.Path(path_type=Path),
    help="Instead of NEW an order list (.xlsx or CSV): which of its titles the catalogue holds. Text, csv or json.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="With --fix: file (for several files: folder) for the corrected records. With --orders: file for the answers; "
    ".xlsx: the list itself with columns added.",
)
@click.pass_context
def check(context: click.Context, /, **given: Unpack[CheckOptions]) -> None:
    """Check new records before they are loaded: against the catalogue, against each other, and each by itself.

    NEW is a file or a folder of MARC files, as for `dedup run`. The catalogue is only read. Exit code 0: clean, 1:
    there are findings, 2: the check could not be made.
    """
    settings = context.obj
    if given["rules"] is not None:
        settings = replace(settings, rules=given["rules"])
    if given["orders"] is not None:
        from dedup.commands.check_orders import check_list

        context.exit(check_list(settings, given["orders"], given))
    if not given["inputs"]:
        raise click.UsageError("Missing argument 'NEW...', or an order list with --orders.", context)
    usage(context, given)
    context.exit(_checked(settings, given))


def _checked(settings: Settings, given: CheckOptions) -> int:
    from dedup.check import check as checked
    from dedup.check.baseline import baseline_of, read_baseline, without, write_baseline
    from dedup.check.counting import checked_config, counted

    config = settings.configuration(given["inputs"], given["config"])
    rules = settings.rule_set(config)
    config = _told_here(config, rules, given)
    checked_config(config, rules)
    baseline = read_baseline(given["baseline"]) if given["baseline"] else None
    if given["write_baseline"] is not None and given["write_baseline"].exists():
        read_baseline(given["write_baseline"])
    inputs = given["inputs"]
    if given["fix"]:
        fixed = corrected(given, rules, config)
        if given["out"] is None:
            return FINDINGS if fixed.changes else DONE
        inputs, config = fixed.paths, fixed.config
    progress = _Silent() if given["quiet"] else Console().stage("check")
    threads = given["threads"] or settings.threads
    result = checked(inputs, given["database"], rules, config, threads, progress)
    if isinstance(progress, Line):
        progress.gone()
    report = counted(result, config, baseline, date.today())
    look = _look(config, rules, given)
    _warn(report, look)
    if not given["diff"]:
        _give(report, look, given["form"])
    if baseline is not None and given["baseline"] is not None and given["prune_baseline"]:
        write_baseline(given["baseline"], without(baseline, report.stale))
    if given["write_baseline"] is not None:
        write_baseline(given["write_baseline"], baseline_of((*report.findings, *report.known)))
        return DONE
    return FINDINGS if report.fails else DONE


def _told_here(config: Config, rules: RuleSet, given: CheckOptions) -> Config:
    """The configuration with what the command line says instead."""
    said = config.check
    fail_on = given["fail_on"] or said.fail_on or rules.tables["check"]["fail_on"]
    select, ignore = given["select"] or said.select, given["ignore"] or said.ignore
    return replace(config, check=replace(said, select=select, ignore=ignore, fail_on=fail_on))


def _look(config: Config, rules: RuleSet, given: CheckOptions) -> Look:
    from dedup.check.formats import Look

    colour = given["color"] == "always" or (given["color"] == "auto" and _on_a_terminal())
    return Look(
        language=given["lang"] or console_language(),
        rules=rules,
        colour=colour and given["form"] == "text",
        width=console_width(),
        help_base=config.check.help_base,
        config=str(config.path),
        baseline="" if given["baseline"] is None else str(given["baseline"]),
    )


def _on_a_terminal() -> bool:
    """Whether somebody looks at standard output and has nothing against colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _warn(report: Report, look: Look) -> None:
    """What is no finding and should be known, on standard error."""
    catalogue = report.result.catalogue
    if catalogue is not None and catalogue.other_rules:
        told(f"{catalogue.path}: {look.word('summary', 'other_rules')}")
    for allow in report.expired:
        told(look.expired(allow))
    if report.stale:
        told(look.word("notice", "stale", path=look.baseline, count=len(report.stale)))


def _give(report: Report, look: Look, form: str) -> None:
    """The report on standard output, and nothing else; a reader who has gone does not change how the check ends."""
    from dedup.check.formats import FORMATS

    text = "".join(FORMATS[form](report, look))
    try:
        click.echo(fitting(text, form, sys.stdout.encoding), nl=False, color=True)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def fitting(text: str, form: str, encoding: str | None) -> str:
    r"""A report that a stream of that encoding can hold; what is read by programs stays what it is in any of them.

    JSON and XML have escapes for every letter; of the other forms the stream shows a letter it lacks as `\uNNNN`.
    """
    if (encoding or "utf-8").lower().replace("-", "").replace("_", "") == "utf8":
        return text
    if form in _JSON:
        return "".join(sign if sign.isascii() else json.dumps(sign)[1:-1] for sign in text)
    if form in _XML:
        return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    return text
