"""What every code, policy row, question and blocking rule means, made from the tables that decide."""

from __future__ import annotations

from dedup.rulebook.entries import EntryKind, find, nearest, rulebook
from dedup.rulebook.pages import markdown, overview, page
from dedup.rulebook.words import Entry, Legend, Paragraph, Words, read_legend, same

__all__ = [
    "Entry",
    "EntryKind",
    "Legend",
    "Paragraph",
    "Words",
    "find",
    "markdown",
    "nearest",
    "overview",
    "page",
    "read_legend",
    "rulebook",
    "same",
]
