"""`dedup judge`: exactly the named pairs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TypedDict, Unpack

import click

from dedup.commands.progress import Console
from dedup.commands.settings import Settings
from dedup.errors import InputError, problem
from dedup.pairwise import Judgement, Material, Report, judge_pairs, measure, read_pairs, write_pairs


class JudgeOptions(TypedDict):
    """The parameters of `dedup judge`."""

    inputs: tuple[Path, ...]
    pairs: Path
    out: Path | None
    config: Path | None
    threads: int | None


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@click.option("--pairs", required=True, type=click.Path(path_type=Path), help="CSV with left,right and perhaps label.")
@click.option("--out", type=click.Path(path_type=Path), help="File for the verdicts. [default: standard output]")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file (TOML).")
@click.option("--threads", type=click.IntRange(1, 256), help="Workers to keep busy. [default: 2]")
@click.pass_obj
def judge(settings: Settings, /, **given: Unpack[JudgeOptions]) -> None:
    """Judge the pairs named in a CSV file; with labels, also measure the verdicts against them.

    Records are named by record id (SOURCE/CONTROL), or by control number where that is unique. A label is a verdict,
    or 1 / 0 for the same / not the same.
    """
    inputs, out = given["inputs"], given["out"]
    config = settings.configuration(inputs, given["config"])
    material = Material(inputs, config, Console().stage("load"), given["threads"] or settings.threads)
    judgements = judge_pairs(read_pairs(given["pairs"]), material, settings.rule_set(config))
    text = io.StringIO()
    write_pairs(judgements, text)
    if out is None:
        click.echo(text.getvalue(), nl=False)
    else:
        _write(out, text.getvalue())
    _warn(judgements)
    report = measure(judgements)
    if report is not None:
        # Standard output carries the pairs unless they went to a file.
        click.echo(described(report), err=out is None)


def _write(out: Path, text: str) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = out.with_name(out.name + ".building")
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(out)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(out), found, "a file to write to", "name another --out")) from error


def _warn(judgements: list[Judgement]) -> None:
    lost = [judgement for judgement in judgements if judgement.score is None]
    if lost:
        first = lost[0]
        more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        click.echo(f"not judged: {first.pair.left}, {first.pair.right}: {first.reason}{more}", err=True)


def described(report: Report) -> str:
    """Precision, recall and F1 of `same`, and the disagreements, one a line."""
    lines = [
        f"{report.labelled:,} labelled pairs: precision {report.precision:.4f}, recall {report.recall:.4f}, "
        f"F1 {report.f1:.4f} of `same`; {len(report.disagreements):,} disagreements",
    ]
    for one in report.disagreements:
        lines.append(f"  {one.pair.left}  {one.pair.right}  label {one.pair.label}, found {one.verdict}: {one.reason}")
    return "\n".join(lines)
