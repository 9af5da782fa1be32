"""The command line: a command parses, calls one function and prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast

import click

from dedup import __version__
from dedup.commands.ending import ended
from dedup.commands.settings import Settings
from dedup.commands.shelf import Shelf

_NAMES = ("run", "judge", "check", "config", "explain", "rule", "replies", "stats", "decide", "decisions", "export")
"""Each command stands in a module of its name."""
_COMMANDS = Shelf({name: f"dedup.commands.{name}:{name}" for name in _NAMES})


@click.group(
    commands=cast(dict[str, click.Command], _COMMANDS), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="dedup")
@click.option("--rules", type=click.Path(path_type=Path), help="Folder of rule tables. [default: the built-in ones]")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration. [default: dedup.toml in INPUT or here]")
@click.option("--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="Workers to keep busy.")
@click.pass_context
def dedup(context: click.Context, rules: Path | None, config: Path | None, threads: int) -> None:
    """Find, explain and help to correct duplicate records in a union catalogue."""
    context.obj = Settings(rules, config, threads)


def main() -> None:
    """Run the command line: 0 done, 1 findings, 2 error. A fault of this program is one line, too."""
    # Nothing here multiplies matrices; where memory is short OpenBLAS would wait for it for ever, a thread at a time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # A GBK or ASCII console shows what it cannot write as \uNNNN instead of failing.
            reconfigure(errors="backslashreplace")
    sys.exit(ended(lambda: dedup.main(standalone_mode=False)))
