"""Kinds of text that need their own care: exam guides, which come out every year (P23), and theses (P26)."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.arrow import matches
from dedup.normalise.batch import RawBatch
from dedup.normalise.coded import coded
from dedup.normalise.pick import FORMATS, Mask, parse_pick, picked, picks
from dedup.normalise.text import fold
from dedup.normalise.title_words import speaking_notes, speaking_titles
from dedup.normalise.volume_words import any_of
from dedup.normalise.wordlist import raw_words, whole_words
from dedup.rules import RuleSet

__all__ = ["genre_columns", "is_exam_class", "is_exam_text", "is_thesis_text"]


@cache
def _patterns(rules: RuleSet) -> dict[str, re.Pattern[str]]:
    return {
        "exam": re.compile(whole_words(rules.entries("exam", "word"), rules)),
        "class": re.compile(rf"\s*(?:{any_of(rules.entries('exam', 'class'))})"),
        "thesis": re.compile(whole_words(rules.entries("thesis", "word"), rules)),
        "not": re.compile(any_of(fold(word, rules) for word in rules.entries("thesis", "not"))),
    }


@cache
def _raw(rules: RuleSet) -> dict[str, str]:
    words = {name: raw_words(rules.entries(name, "word"), rules) for name in ("exam", "thesis")}
    return words | {"class": rf"^\s*(?:{any_of(rules.entries('exam', 'class'))})"}


@cache
def _memories(rules: RuleSet) -> dict[str, dict[str, bool]]:
    """What was read before, per worker and rule set."""
    return {"exam": {}, "thesis": {}, "class": {}}


def is_exam_text(text: str, rules: RuleSet) -> bool:
    """Whether a title or series speaks of an examination or a study aid: 考研英语历年真题解析."""
    return bool(_patterns(rules)["exam"].search(fold(text, rules)))


def is_exam_class(number: str, rules: RuleSet) -> bool:
    """Whether a class number is one of examinations and school study aids: G634.413, H310.42."""
    return bool(_patterns(rules)["class"].match(number))


def is_thesis_text(text: str, rules: RuleSet) -> bool:
    """Whether title or note says that the record describes a thesis, and not a book made from one or about them."""
    folded = fold(text, rules)
    patterns = _patterns(rules)
    return bool(patterns["thesis"].search(folded)) and not patterns["not"].search(folded)


def genre_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """Columns `is_exam`, `is_thesis` of `dedup.tables.CONCEPT`."""
    exam = _said(batch, rules, "title", "whole", "exam") | _said(batch, rules, "title", "part", "exam")
    exam |= _said(batch, rules, "series", "series", "exam") | _said(batch, rules, "subject", "class", "class")
    thesis = _said(batch, rules, "title", "whole", "thesis") | _said(batch, rules, "note", "note", "thesis")
    thesis |= _with_field(batch, rules) | _coded_thesis(batch, rules)
    return {"is_exam": pa.array(exam), "is_thesis": pa.array(thesis)}


def _said(batch: RawBatch, rules: RuleSet, column: str, key: str, about: str) -> Mask:
    """Records with a subfield of these that says so."""
    if column == "title":
        row, values = speaking_titles(batch, rules, "genre", key)
    elif column == "note":
        row, values = speaking_notes(batch, rules)
    else:
        subfields = batch.subfields(column)
        at = np.flatnonzero(picked(batch, column, picks(rules, "genre", key)))
        row, values = subfields.row[at], subfields.taken(at)
    hits = np.flatnonzero(matches(values, _raw(rules)[about]))
    row, values = row[hits], values.take(pa.array(hits))
    functions = {"exam": is_exam_text, "thesis": is_thesis_text, "class": is_exam_class}
    function = functions[about]
    found, codes = coded(lambda text: function(text, rules), values, _memories(rules)[about])
    yes = np.array([*found, False], np.bool_)[codes]
    column_mask = np.zeros(len(batch), np.bool_)
    column_mask[row[yes]] = True
    return column_mask


def _with_field(batch: RawBatch, rules: RuleSet) -> Mask:
    """Records with a field made for theses: 502, 328."""
    mask = np.zeros(len(batch), np.bool_)
    subfields = batch.subfields("note")
    mask[subfields.row[picked(batch, "note", picks(rules, "genre", "thesis_field"))]] = True
    return mask


def _coded_thesis(batch: RawBatch, rules: RuleSet) -> Mask:
    """Records of books whose coded data say "thesis" (008/24-27, 105$a/4-7)."""
    types = list(rules.tables["genre"]["book_types"])
    books = np.asarray(pc.is_in(pc.utf8_slice_codeunits(batch.text("leader"), 6, 7), pa.array(types)))
    found = np.zeros(len(batch), np.bool_)
    for form, name in FORMATS:
        mine = batch.formats == form
        if mine.any():
            where = rules.tables[f"fields/{name}"]["genre"]["thesis_coded"]
            codes = _coded_text(batch, where, form)
            part = pc.utf8_slice_codeunits(codes, where["begin"], where["end"])
            found |= mine & np.asarray(pc.fill_null(pc.match_substring(part, where["sign"]), False))
    found &= books
    return found


def _coded_text(batch: RawBatch, where: dict[str, object], form: Format) -> pa.StringArray:
    """The coded data field of each record: a plain raw column, or the first subfield of a pick."""
    column = str(where["column"])
    chosen = where.get("pick")
    if not isinstance(chosen, list):
        return batch.text(column)
    pick = {form: tuple(parse_pick(text, f"rules/fields [genre] {column}") for text in chosen)}
    return batch.subfields(column).first_per_row(picked(batch, column, pick))
