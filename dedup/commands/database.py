"""The option `--db`: which database a command works on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


def db_option(what: str = "DuckDB file of the runs") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option, told as `what` in the help of the command; its value comes as `database`."""
    kind = click.Path(path_type=Path)
    told = f"{what}. [default: dedup.duckdb]"
    return click.option("--db", "database", type=kind, default="dedup.duckdb", help=told)
