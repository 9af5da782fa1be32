"""`dedup run`: the monthly job."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

import click

from dedup import pipeline
from dedup.commands.database import db_option
from dedup.commands.progress import Console
from dedup.commands.settings import Settings
from dedup.engine.limits import MEMORY, read_size
from dedup.report.write import write_reports


def _period(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str:
    if value is None:
        return f"{date.today():%Y-%m}"
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", value):
        raise click.BadParameter(f"found {value!r}; wanted YYYY-MM, such as 2024-08")
    return value


def _memory(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    return read_size(value)


class RunOptions(TypedDict):
    """The parameters of `dedup run`."""

    inputs: tuple[Path, ...]
    database: Path
    out: Path | None
    config: Path | None
    period: str
    threads: int | None
    memory: int
    temp_dir: Path | None
    lang: str
    no_reports: bool
    full: bool
    partial: bool


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@db_option("DuckDB file to make")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results. [default: reports/PERIOD]")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file (TOML).")
@click.option("--period", callback=_period, help="Month that the results stand for, YYYY-MM. [default: this month]")
@click.option("--threads", type=click.IntRange(1, 256), help="Workers to keep busy. [default: 2]")
@click.option(
    "--memory",
    callback=_memory,
    default=f"{MEMORY // 1_000_000}MB",
    show_default=True,
    metavar="SIZE",
    help="What DuckDB may hold before it uses the disk, such as 2GB; columns at work and each worker come on top.",
)
@click.option(
    "--temp-dir",
    type=click.Path(path_type=Path),
    help="Folder for what is only needed during the run. [default: beside the database]",
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en", "both"]),
    default="zh",
    show_default=True,
    help="Language of workbooks, pages and letters.",
)
@click.option("--full", is_flag=True, help="Do everything anew, from INPUT alone; else only what has changed.")
@click.option("--partial", is_flag=True, help="INPUT holds new and changed records only: withdraw none.")
@click.option("--no-reports", is_flag=True, help="Write the data files only: no workbooks, pages and letters.")
@click.pass_obj
def run(settings: Settings, /, **given: Unpack[RunOptions]) -> None:
    """Load records, find duplicates among them and write the results.

    INPUT is a file or a folder of MARC files (MARC 21 or CNMARC, in any container): each file is one source, and so is
    each sub-folder.
    """
    if given["full"] and given["partial"]:
        raise click.UsageError("--full and --partial exclude each other: a full run knows INPUT alone")
    inputs = given["inputs"]
    out = given["out"] or Path("reports") / given["period"]
    order = pipeline.Order(
        inputs=inputs,
        database=given["database"],
        out=out,
        period=given["period"],
        config=settings.configuration(inputs, given["config"]),
        threads=given["threads"] or settings.threads,
        memory=given["memory"],
        temp=given["temp_dir"],
        full=given["full"],
        partial=given["partial"],
        reports=None if given["no_reports"] else partial(write_reports, language=given["lang"]),
    )
    summary = pipeline.run(order, settings.rule_set(order.config), Console())
    click.echo(closing(summary, out))


def closing(summary: dict[str, Any], out: Path) -> str:
    """What a cataloguer wants to know at the end, in Chinese and in English."""
    counts = summary["counts"]
    files, records, unreadable = counts["files"], counts["records"], counts["quarantined"]
    groups, junk = counts["groups"], counts["junk"]
    same, twins = groups.get("same", 0), counts["records_in_groups"].get("same", 0)
    kept = summary.get("kept", ())
    structure, repair, review = (groups.get(name, 0) for name in ("structure", "repair", "review"))
    return "\n".join(
        (
            f"共 {files:,} 个文件，{records:,} 条记录（{unreadable:,} 条无法读取，已隔离）。",
            f"重复 {same:,} 组（{twins:,} 条记录），著录级别不一 {structure:,} 组，形似应修改 {repair:,} 组，"
            f"待核 {review:,} 组，缺题名 {junk:,} 条。结果：{out}",
            f"{records:,} records in {files:,} files ({unreadable:,} unreadable, kept apart).",
            f"{same:,} groups of duplicates ({twins:,} records), {structure:,} of mixed levels, {repair:,} to repair, "
            f"{review:,} to review, {junk:,} records without a title. Results: {out}",
            *(
                f"文件已被改动，保留在 {folder}。 / Files that had been changed are kept in {folder}."
                for folder in kept
            ),
        )
    )
