"""What every code, policy row, question and blocking rule means, made from the tables that decide."""

from __future__ import annotations

from dedup.rulebook.entries import EntryKind, find, nearest, rulebook
from dedup.rulebook.pages import code_list, code_page, markdown, overview, page
from dedup.rulebook.words import Entry, Legend, Paragraph, Words, read_legend, same

__all__ = [
    "Entry",
    "EntryKind",
    "Legend",
    "Paragraph",
    "Words",
    "code_list",
    "code_page",
    "find",
    "markdown",
    "nearest",
    "overview",
    "page",
    "read_legend",
    "rulebook",
    "same",
]
