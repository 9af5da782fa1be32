"""Whole columns of plain Western names: statements such as `by Noor F. Ramirez, Yuki S. Khan.` and inverted headings.

Patterns choose the values whose words can have no other meaning than a name; words are looked at once each. What is
left over goes through `responsibility.name_keys` and `person.person_headings`; both ways give the same keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import glued, text
from dedup.normalise.person import bare_word, name_words
from dedup.normalise.responsibility import told_words
from dedup.normalise.subfield import Ints
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
_WORD = "[A-Z][A-Za-z'-]"
_NAME = rf"(?:(?:[A-Z]\.|{_WORD}+) ){{1,3}}{_WORD}{{2,}}"
_NO_BRACKET = r"[ -'*-;=?-Z\\^-z|~]"
_HEADING = rf"^{_WORD}+, [A-Z][A-Za-z'.-]*(?:[ ,]{_NO_BRACKET}*)?$"
_LIMIT = 500_000


@dataclass(slots=True)
class _Words:
    """Words of names seen before: their bare form, empty for a word that may mean something else than a name."""

    statement: str
    other: frozenset[str]
    marks: tuple[str, ...]
    leads: frozenset[str]
    rules: RuleSet
    known: dict[str, str] = field(default_factory=dict)

    def bare(self, words: Iterable[str]) -> list[str]:
        """The bare form of each word (see `person.bare_word`)."""
        known = self.known
        if len(known) > _LIMIT:
            known.clear()
        found = []
        for word in words:
            form = known.get(word)
            if form is None:
                form = known[word] = self._read(word)
            found.append(form)
        return found

    def _read(self, word: str) -> str:
        plain = word.lower().strip(".,:;'\"?*")
        bare = bare_word(word, self.rules)
        meant = plain in self.other or bare in self.other or any(mark in word for mark in self.marks)
        return "" if meant else bare


@cache
def _statement_words(rules: RuleSet) -> _Words:
    told = told_words(rules)
    names = name_words(rules)
    leads = "|".join(sorted({form for word in told.leads for form in (word, word.title())}))
    connectors = "|".join(sorted(told.connectors))
    return _Words(
        statement=rf"^(?:(?:{leads}) )?{_NAME}(?:(?:,|,? (?:{connectors})) {_NAME})*\.? ?$",
        other=told.words | names.joined,
        marks=tuple(mark.strip() for mark in told.marks),
        leads=frozenset(form for word in told.leads for form in (word, word.title())),
        rules=rules,
    )


@cache
def _heading_words(rules: RuleSet) -> _Words:
    names = name_words(rules)
    return _Words(_HEADING, names.titles | names.suffixes, (), frozenset(), rules)


@dataclass(frozen=True, slots=True)
class Names:
    """Names in plain values: place of the value in the column, and key. `plain`: mask of the values that were read."""

    plain: Mask
    at: Ints
    keys: pa.StringArray


def western_names(values: pa.StringArray, rules: RuleSet) -> Names:
    """Read the plain statements of a column: names in natural order, all of authors. No value may be null."""
    words = _statement_words(rules)
    plain = np.array(pc.match_substring_regex(values, words.statement))
    at = np.flatnonzero(plain)
    if not len(at):
        return Names(plain, at, pa.array([], pa.string()))
    lists = pc.split_pattern(pc.ascii_rtrim(values.take(pa.array(at)), ". "), text(" ").as_py())
    tokens = lists.flatten().dictionary_encode()
    forms = tokens.dictionary.to_pylist()
    bare = words.bare(form.rstrip(",") for form in forms)
    codes, edges = np.asarray(tokens.indices), np.asarray(lists.offsets)
    owner = np.repeat(np.arange(len(at)), np.diff(edges))
    between = _of_words(forms, str.islower)[codes]
    between[edges[:-1]] = _of_words(forms, words.leads.__contains__)[codes[edges[:-1]]]
    ends = _of_words(forms, lambda form: form.endswith(","))[codes]
    # A name ends at a comma, before a word between names, and with the statement.
    opens = np.append(True, ends[:-1] | between[:-1])
    opens[edges[:-1]] = True
    opens |= between
    begin, final = np.flatnonzero(opens & ~between), np.flatnonzero(np.append(opens[1:], True) & ~between)
    unfit = np.zeros(len(at), np.bool_)
    unfit[owner[_of_words(bare, lambda form: not form)[codes] & ~between]] = True
    unfit[owner[begin[begin == final]]] = True
    plain[at[unfit]] = False
    kept = ~unfit[owner[begin]]
    begin, final = begin[kept], final[kept]
    return Names(plain, at[owner[begin]], _keys(bare, codes[final], codes[begin]))


def _of_words(words: list[str], said: Callable[[str], bool]) -> Mask:
    return np.array([said(word) for word in words] or [False], np.bool_)


def _keys(bare: list[str], surname: Ints, given: Ints) -> pa.StringArray:
    """Surname and first letter of the given name, both by their place among the bare words."""
    initials = pa.array([form[:1] for form in bare], pa.string())
    surnames = pa.array([f"{form} " for form in bare], pa.string())
    return glued(surnames.take(pa.array(surname)), initials.take(pa.array(given)))


def western_headings(values: pa.StringArray, rules: RuleSet) -> Names:
    """Read the plain headings of a column: `Ramirez, Noor F., 1950-`. No value may be null."""
    words = _heading_words(rules)
    plain = np.array(pc.match_substring_regex(values, words.statement))
    at = np.flatnonzero(plain)
    if not len(at):
        return Names(plain, at, pa.array([], pa.string()))
    lists = pc.split_pattern(values.take(pa.array(at)), " ", max_splits=2)
    starts = np.asarray(lists.offsets)[:-1].astype(np.int64)
    tokens = lists.values.take(pa.array(np.stack([starts, starts + 1], axis=1).reshape(-1))).dictionary_encode()
    forms = [form.partition(",")[0] for form in tokens.dictionary.to_pylist()]
    surnames = [bare_surname(form, rules) for form in forms]
    givens = words.bare(forms)
    codes = np.asarray(tokens.indices)
    surname, given = codes[0::2], codes[1::2]
    fit = np.array([bool(one) for one in givens] + [False], np.bool_)[given]
    fit &= np.array([bool(one) for one in surnames] + [False], np.bool_)[surname]
    plain[at[~fit]] = False
    first = pa.array([form[:1] for form in givens], pa.string())
    whole = pa.array([f"{form} " for form in surnames], pa.string())
    return Names(plain, at[fit], glued(whole.take(pa.array(surname[fit])), first.take(pa.array(given[fit]))))


@cache
def _surnames(rules: RuleSet) -> dict[str, str]:
    return {}


def bare_surname(word: str, rules: RuleSet) -> str:
    """`person.bare_word`, remembered."""
    known = _surnames(rules)
    found = known.get(word)
    if found is None:
        if len(known) > _LIMIT:
            known.clear()
        found = known[word] = bare_word(word, rules)
    return found
