"""`dedup replies`: the way back."""

from __future__ import annotations

from pathlib import Path

import click

from dedup import store
from dedup.commands.database import db_option
from dedup.commands.progress import told as told_aside
from dedup.commands.settings import Settings
from dedup.review.log import Taken, take_replies

_DONE, _ERROR = 0, 2


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@db_option()
@click.option(
    "--by", default="", metavar="NAME", help="Who answers. [default: whoever saved the workbook, else its name]"
)
@click.pass_obj
def replies(settings: Settings, files: tuple[Path, ...], database: Path, by: str) -> int:
    """Read answered reports (workbooks, or CSV files) into the log of judgements.

    FILE is a workbook as it was sent, with answers in 处理结果, or a CSV file with the columns key, 处理结果, 完成日期
    and 备注. The next run keeps apart what was said to be no duplicate and checks what was said to be done. Reading a
    file twice adds nothing. Ends with 0 when every answer was taken, with 2 when some were
    not: those are named, all others are in the log.
    """
    with store.amending(database, "replies", told_aside) as engine:
        taken = take_replies(engine, settings.rule_set(), files, by.strip())
    for one in taken:
        click.echo(told(one))
        for refusal in one.refused:
            click.echo(f"dedup: not taken: {one.file}: {refusal}", err=True)
    return exit_code(taken)


def told(taken: Taken) -> str:
    """What became of one file, in one line."""
    answers = ", ".join(f"{count:,} {answer}" for answer, count in sorted(taken.answers.items()))
    parts = [f"{taken.rows:,} answers" + (f" ({answers})" if answers else "")]
    parts += [f"{taken.known:,} of them in the log already"] if taken.known else []
    parts += [f"{len(taken.refused):,} not taken"] if taken.refused else []
    parts += [f"{taken.blank:,} rows without an answer"] if taken.blank else []
    return f"{taken.file}: {'; '.join(parts)}" + (f"; by {taken.by}" if taken.rows else "")


def exit_code(taken: list[Taken]) -> int:
    """0 when everything was taken; a row that was not is an error, though all others count."""
    return _ERROR if any(one.refused for one in taken) else _DONE
