"""Companions: teacher's books, workbooks, keys, indexes, supplements: they go with a book and are not it (P27)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from dedup.normalise.arrow import matches
from dedup.normalise.batch import RawBatch
from dedup.normalise.coded import coded, sorted_lists
from dedup.normalise.pick import flat
from dedup.normalise.text import fold
from dedup.normalise.title_words import speaking_titles
from dedup.normalise.volume_words import any_of
from dedup.normalise.wordlist import raw_words, whole_words
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True, eq=False)
class CompanionWords:
    """`anywhere`, `end`, `part`: (id, pattern over folded text) of each row of that kind; `family` maps id to class.

    `raw`: a cheap look at raw titles, and at raw parts.
    """

    anywhere: tuple[tuple[str, re.Pattern[str]], ...]
    end: tuple[tuple[str, re.Pattern[str]], ...]
    part: tuple[tuple[str, re.Pattern[str]], ...]
    family: dict[str, str]
    raw: tuple[str, str]


@cache
def companion_words(rules: RuleSet) -> CompanionWords:
    """Compile the companion table of a rule set, once."""
    terms = rules.terms["companion"]

    def rows(kind: str, before: str, after: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The rows of a kind as patterns, each with its id."""
        chosen = [row for row in terms if row.kind == kind]
        return tuple((row.id, re.compile(f"{before}(?:{_shape(kind, row.entries, rules)}){after}")) for row in chosen)

    return CompanionWords(
        anywhere=rows("anywhere", "", ""),
        end=rows("end", "", r"[\s\d.-]*$"),
        part=rows("part", "^", r"(?![^\W\d_])"),
        raw=(
            raw_words((word for row in terms if row.kind != "part" for word in row.entries), rules),
            raw_words((word for row in terms for word in row.entries), rules),
        ),
        family={row.id: row.more.get("class", row.id) for row in terms},
    )


def _shape(kind: str, words: tuple[str, ...], rules: RuleSet) -> str:
    return whole_words(words, rules) if kind == "anywhere" else any_of(fold(word, rules) for word in words)


def companions(text: str, is_part: bool, rules: RuleSet) -> tuple[str, ...]:
    """Ids of the companion words in one element, sorted: a title, or (`is_part`) a part or other title information.

    A title is no companion because it is about teachers or begins with "Index".
    """
    words = companion_words(rules)
    folded = fold(text, rules)
    found = {name for name, pattern in words.anywhere if pattern.search(folded)}
    for name, pattern in words.end:
        at = pattern.search(folded)
        if at and (is_part or at.start() > 0):
            found.add(name)
    if is_part:
        found |= {name for name, pattern in words.part if pattern.match(folded)}
    return tuple(sorted({words.family[name] for name in found}))


@cache
def _memories(rules: RuleSet) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """What was read before, per worker and rule set: titles, parts."""
    return {}, {}


def companion_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """Column `companions` of `dedup.tables.CONCEPT`: sorted ids from title, other title information and part."""
    words = companion_words(rules)
    rows, values = [], []
    for place, key in enumerate(("whole", "part")):
        owners, texts = speaking_titles(batch, rules, "genre", key)
        hits = np.flatnonzero(matches(texts, words.raw[place]))
        owners, texts = owners[hits], texts.take(pa.array(hits))

        def read(text: str, is_part: bool = bool(place)) -> tuple[str, ...]:
            """The companions that a text names."""
            return companions(text, is_part, rules)

        found, codes = coded(read, texts, _memories(rules)[place])
        lists = pa.array(found, pa.list_(pa.string())).take(pa.array(codes))
        row, names = flat(owners, lists)
        rows.append(row)
        values.append(names)
    return {"companions": sorted_lists(np.concatenate(rows), pa.concat_arrays(values), len(batch))}
