"""Edition columns of a batch: statements of 250 / 205 first, then what titles and subtitles say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.batch import RawBatch
from dedup.normalise.edition import Edition, join_editions, read_edition
from dedup.normalise.edition_title import title_edition
from dedup.normalise.gathered import int_column, memory, text_lists
from dedup.normalise.pick import joined_per_field, picked, picks
from dedup.normalise.subfield import distinct
from dedup.normalise.text import fold_column
from dedup.rules import RuleSet


def _statements(batch: RawBatch, rules: RuleSet) -> tuple[list[int], pa.StringArray, list[Edition]]:
    """Record, folded text and Edition of every edition statement."""
    parts = batch.subfields("edition")
    _, rows, texts = joined_per_field(parts, picked(batch, "edition", picks(rules, "edition", "statement")), " ")
    # What follows the slash is a statement of responsibility (ISBD 2.3).
    plain = pc.replace_substring_regex(texts, r"\s/.*$", "")
    folded = fold_column(plain, rules)
    read = distinct(lambda text: read_edition(text, rules), folded, memory(rules, "edition"))
    return rows.tolist(), folded, read


def titles_with_edition(batch: RawBatch, rules: RuleSet) -> list[tuple[int, Edition]]:
    """Place (in the title column's subfields) and Edition of the titles and subtitles that state one."""
    return batch.derived("titles with an edition", lambda: list(_in_titles(batch, rules)))


def _in_titles(batch: RawBatch, rules: RuleSet) -> Iterator[tuple[int, Edition]]:
    parts = batch.subfields("title")
    where = np.flatnonzero(picked(batch, "title", picks(rules, "edition", "title")))
    values = parts.taken(where)
    hinted = pc.match_substring_regex(values, rules.tables["edition"]["title"]["hint"])
    where, values = where[np.asarray(hinted)], values.filter(hinted)
    read = distinct(lambda text: title_edition(text, rules), values, memory(rules, "edition in title"))
    return ((at, edition) for at, edition in zip(where.tolist(), read, strict=True) if edition is not None)


def _texts(rows: list[int], folded: pa.StringArray, count: int) -> pa.StringArray:
    """The folded statements of each record, joined by one space; empty where there is none."""
    texts = [""] * count
    for row, text in zip(rows, folded.to_pylist(), strict=True):
        texts[row] = f"{texts[row]} {text}".strip()
    return pa.array(texts, pa.string())


def edition_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """The columns edition_number, _kinds, _forms, _original, _year, _text of `tables.CONCEPT`, one entry per record."""
    rows, folded, read = _statements(batch, rules)
    by_row: dict[int, list[Edition]] = {}
    for row, edition in zip(rows, read, strict=True):
        by_row.setdefault(row, []).append(edition)
    owner = batch.subfields("title").row
    for at, edition in titles_with_edition(batch, rules):
        by_row.setdefault(int(owner[at]), []).append(edition)
    found = {row: listed[0] if len(listed) == 1 else join_editions(listed) for row, listed in sorted(by_row.items())}
    count = len(batch)

    def numbers(name: str) -> pa.Array:
        """One number of the editions found as a column."""
        return int_column(count, ((row, getattr(one, name)) for row, one in found.items()), pa.int16())

    return {
        "edition_number": numbers("number"),
        "edition_kinds": text_lists(count, ((row, kind) for row, one in found.items() for kind in one.kinds)),
        "edition_forms": text_lists(count, ((row, form) for row, one in found.items() for form in one.forms)),
        "edition_original": numbers("original"),
        "edition_year": numbers("year"),
        "edition_text": _texts(rows, folded, count),
    }
