"""`dedup check --fix`: new records put right where that needs no book in hand, before they are checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.commands.ending import silence
from dedup.commands.language import console_language
from dedup.commands.progress import told

if TYPE_CHECKING:
    from dedup.check.fix import Fixed
    from dedup.commands.check import CheckOptions
    from dedup.config import Config
    from dedup.rules import RuleSet


def usage(context: click.Context, given: CheckOptions) -> None:
    """Raise UsageError for options that do not go together."""
    wrong = (
        (given["diff"] and not given["fix"], "--diff goes with --fix."),
        (
            given["fix"] and not given["diff"] and given["out"] is None,
            "--fix needs --out FILE, or --diff to look first.",
        ),
        (given["out"] is not None and not given["fix"], "--out goes with --fix or --orders."),
        (given["prune_baseline"] and given["baseline"] is None, "--prune-baseline goes with --baseline FILE."),
    )
    for holds, text in wrong:
        if holds:
            raise click.UsageError(text, context)


def corrected(given: CheckOptions, rules: RuleSet, config: Config) -> Fixed:
    """Write the corrected records to `--out`, show the changes with `--diff`, and tell what was done."""
    from dedup.check.fix import fix
    from dedup.check.fix.told import diff, summary

    kept = [given[name] for name in ("database", "baseline", "write_baseline")]
    protected: list[Path] = [*filter(None, kept), config.path]
    fixed = fix(given["inputs"], given["out"], rules, config, protected)
    if given["diff"]:
        try:
            click.echo("".join(diff(fixed.files)), nl=False)
            sys.stdout.flush()
        except BrokenPipeError:
            silence()
    for line in summary(fixed.files, rules, given["lang"] or console_language()):
        told(line)
    return fixed
