"""What every stage of a run is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dedup.config import Config
from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.sources import SourceFile


class Progress(Protocol):
    """Someone who watches a stage at work."""

    def advance(self, done: int, total: int) -> None:
        """So many of so many units (bytes, pairs, records) are done; `total` 0 when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """What one stage did: rows in = rows out + rows set aside, each class of set-aside rows by its reason.

    `unit_in` and `unit_out` name what was counted, for the reader of the log ("records", "pairs", "groups").
    """

    rows_in: int
    rows_out: int
    aside: Mapping[str, int] = field(default_factory=dict)
    unit_in: str = "records"
    unit_out: str = "records"


@dataclass(frozen=True, slots=True)
class Context:
    """One run: where its tables are, which rules hold, what comes in, where results go, which month they stand for."""

    engine: Engine
    rules: RuleSet
    config: Config
    inputs: tuple[Path, ...]
    scratch: Path
    out: Path
    progress: Progress
    threads: int = 2
    period: str = ""
    incremental: bool = False
    """The engine holds what the last run left; only what has changed since is worked again."""
    partial: bool = False
    """The inputs add and replace records; none is withdrawn because it is not among them."""
    also: tuple[SourceFile, ...] = ()
    """Files of sources that are not among the inputs, but must be read again."""
