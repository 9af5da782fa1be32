"""New records held against the catalogue and against each other before they enter it: `dedup check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dedup.check.model import Catalogue, FileRead, Finding, Match, Result, Severity, Update

if TYPE_CHECKING:
    from dedup.config import Config
    from dedup.rules import RuleSet
    from dedup.stages.context import Progress

__all__ = ["Catalogue", "FileRead", "Finding", "Match", "Result", "Severity", "Update", "check"]


def check(
    inputs: tuple[Path, ...],
    database: Path | None,
    rules: RuleSet,
    config: Config,
    threads: int,
    progress: Progress,
) -> Result:
    """Check the records of some files or folders, against a catalogue (DuckDB file of a run) where one is named.

    The catalogue is only read. `rules` and `config` as a run would be given them; `progress` is told of bytes read.
    Raises InputError for input that is missing, unreadable or without records, StoreError for a database that cannot be
    read, RuleError for a rule table that contradicts itself.
    """
    # What writes findings down does not need what finds them.
    from dedup.check.judging import judged

    return judged(inputs, database, rules, config, threads, progress)
