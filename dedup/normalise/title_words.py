"""Titles and notes with any word that the columns on companions, examinations, theses and series ask for.

One look at a column for all of them.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import lengths, matches, matching
from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import Mask, picked, picks
from dedup.normalise.subfield import Ints
from dedup.normalise.wordlist import raw_words
from dedup.rules import RuleSet


@cache
def _wanted(rules: RuleSet) -> str:
    words = {word for row in rules.terms["companion"] for word in row.entries}
    words |= {*rules.entries("exam", "word"), *rules.entries("thesis", "word"), *rules.entries("series", "word-han")}
    return raw_words(words, rules)


def _speaking(batch: RawBatch, rules: RuleSet) -> Mask:
    """Mask over the subfields of the title column that match any of the words."""
    subfields = batch.subfields("title")
    mask = picked(batch, "title", picks(rules, "genre", "whole")) | picked(
        batch, "title", picks(rules, "genre", "part")
    )
    at = np.flatnonzero(mask)
    hits = matches(subfields.taken(at), _wanted(rules))
    mask[at] = hits
    return mask


def speaking_titles(batch: RawBatch, rules: RuleSet, section: str, key: str) -> tuple[Ints, pa.StringArray]:
    """Record and value of the subfields of a pick of the title column that hold any of the words."""
    subfields = batch.subfields("title")
    speaking = batch.derived("speaking titles", lambda: _speaking(batch, rules))
    at = np.flatnonzero(speaking)
    at = at[picked(batch, "title", picks(rules, section, key))[at]]
    return subfields.row[at], subfields.taken(at)


@cache
def _noted(rules: RuleSet) -> str:
    rows = [row for row in rules.terms["series"] if row.kind in ("word-han", "before")]
    words = {word for row in rows for word in row.entries if not word.isascii()}
    announced = [word for row in rows if row.kind == "before" for word in row.entries if word.isascii()]
    return raw_words([*words, *announced, *rules.entries("thesis", "word")], rules)


@cache
def _western(rules: RuleSet) -> str:
    return rf"(?i)(?:{'|'.join(map(re.escape, rules.entries('series', 'word-western')))})"


def short_western(values: pa.StringArray, rules: RuleSet) -> Mask:
    """Mask of the notes that are short enough to be a Western series title and hold a word of one."""
    short = lengths(values) <= rules.tables["series"]["western_note_limit"]
    return matching(values, _western(rules), short)


def _speaking_notes(batch: RawBatch, rules: RuleSet) -> tuple[Ints, pa.StringArray]:
    subfields = batch.subfields("note")
    mask = picked(batch, "note", picks(rules, "series", "note")) | picked(batch, "note", picks(rules, "genre", "note"))
    at = np.flatnonzero(mask)
    values = subfields.taken(at)
    # A Western series in a note stands between quotation marks, or is all that a short note says.
    hits = matches(values, _noted(rules)) | short_western(values, rules)
    for mark in rules.tables["series"]["quotes"]:
        hits = hits | np.asarray(pc.starts_with(values, mark))
    kept = np.flatnonzero(hits)
    return subfields.row[at[kept]], values.take(pa.array(kept))


def speaking_notes(batch: RawBatch, rules: RuleSet) -> tuple[Ints, pa.StringArray]:
    """Record and value of the notes that hold a word of series or theses, or begin with a quotation mark."""
    return batch.derived("speaking notes", lambda: _speaking_notes(batch, rules))
