"""Progress on stderr: a bar on a terminal, a line every few seconds otherwise."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

import click

from dedup.stages.context import Tally

_EVERY = 5.0
_BAR = 30


@dataclass(slots=True)
class Line:
    """One stage's progress, as a `dedup.stages.context.Progress`."""

    name: str
    terminal: bool
    begun: float = field(default_factory=time.monotonic)
    shown: float = field(default_factory=time.monotonic)

    def advance(self, done: int, total: int) -> None:
        """Show how far the stage is, when enough time has passed."""
        now = time.monotonic()
        if now - self.shown < (0.2 if self.terminal else _EVERY):
            return
        self.shown = now
        share = min(done / total, 1.0) if total else 0.0
        if self.terminal:
            filled = round(share * _BAR)
            _say(f"\r{self.name:8} [{'#' * filled}{'-' * (_BAR - filled)}] {share:4.0%}", nl=False)
        else:
            _say(f"{self.name}: {share:.0%} after {now - self.begun:.0f} s")

    def gone(self) -> None:
        """Take the bar off a terminal, where something else is to stand now."""
        if self.terminal:
            _say("\r\x1b[K", nl=False)


@dataclass(frozen=True, slots=True)
class Console:
    """Follows a run, as a `dedup.pipeline.Watcher`."""

    terminal: bool = field(default_factory=lambda: sys.stderr.isatty())

    def stage(self, name: str) -> Line:
        """A stage begins."""
        return Line(name, self.terminal)

    def done(self, name: str, tally: Tally, seconds: float) -> None:
        """A stage has ended: what came in, what went out, what was set aside."""
        aside = "".join(f"; {count:,} {reason}" for reason, count in tally.aside.items() if count)
        start = "\r\x1b[K" if self.terminal else ""
        flow = f"{tally.rows_in:>11,} {tally.unit_in} -> {tally.rows_out:,} {tally.unit_out}"
        _say(f"{start}{name:8} {flow}{aside} ({seconds:.1f} s)")

    def note(self, text: str) -> None:
        """Something that whoever started the run should know."""
        told(text)


def told(text: str) -> None:
    """A line about something that is no error but should be known."""
    _say(f"dedup: {text}")


def _say(text: str, *, nl: bool = True) -> None:
    """Progress that nobody reads any more (`dedup run 2>&1 | head`, a terminal that was closed) stops no run."""
    with suppress(OSError):
        click.echo(text, nl=nl, err=True)
