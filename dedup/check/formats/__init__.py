"""The forms in which a check is reported: each makes pieces of text of a report, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dedup.check.counting import Report
from dedup.check.formats import github, junit, plain, sarif, sheet, text
from dedup.check.formats.look import Look

__all__ = ["FORMATS", "Look"]

FORMATS: Mapping[str, Callable[[Report, Look], Iterator[str]]] = {
    "text": text.written,
    "json": plain.as_json,
    "jsonl": plain.as_lines,
    "sarif": sarif.written,
    "junit": junit.written,
    "github": github.written,
    "csv": sheet.written,
}
"""Name of a form -> what writes it, as pieces of text that follow each other; the same report gives the same text."""
