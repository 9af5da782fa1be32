"""Columns of names: statement of responsibility, access points, translators, bodies."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.arrow import glued
from dedup.normalise.batch import RawBatch
from dedup.normalise.han_column import han_names, plain_han
from dedup.normalise.han_statement import han_tails
from dedup.normalise.linked import linked_values
from dedup.normalise.name_column import western_headings, western_names
from dedup.normalise.person import corporate_key, heading_key, person_headings, plainly_written
from dedup.normalise.pick import Mask, Memory, flat, in_record_order, joined_per_field, per_row, picked, picks, trimmed
from dedup.normalise.responsibility import NameKeys, name_keys
from dedup.normalise.subfield import Ints, opening
from dedup.rules import RuleSet

__all__ = ["NameKeys", "corporate_key", "heading_key", "name_columns", "name_keys"]

Keys = tuple[Ints, pa.StringArray]
_AUTHOR, _TRANSLATOR = 1, 2
# Editors count as authors (see `NameKeys`); other roles give no key.
_KINDS = {"author": _AUTHOR, "editor": _AUTHOR, "translator": _TRANSLATOR}


@cache
def _statements(rules: RuleSet) -> Memory:
    def keys(statement: str) -> tuple[tuple[str, ...], ...]:
        """Authors, translators and bodies of a statement."""
        found = name_keys(statement, rules)
        return found.authors, found.translators, found.corporate

    return Memory(keys, width=3)


@cache
def _persons(rules: RuleSet) -> Memory:
    return Memory(lambda heading: (person_headings(heading, rules),))


@cache
def _bodies(rules: RuleSet) -> Memory:
    def key(heading: str) -> tuple[tuple[str, ...]]:
        """The key of a body, or none."""
        found = corporate_key(heading, rules)
        return ((found,) if found else (),)

    return Memory(key)


@cache
def _translator_words(rules: RuleSet) -> frozenset[str]:
    """Role words and codes that mean translator, as they stand in relator subfields, plainly written."""
    return frozenset(plainly_written(word, rules) for word in rules.entries("role", "translator"))


def name_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`authors`, `headings`, `translators`, `corporate`, `heading_forms`: one list per record, each key once, in order.

    `authors` come from the statement of responsibility, `headings` from personal access points; an access point with a
    translator's relator goes to `translators`; one with a title names another work and is left out.
    """
    rows = len(batch)
    (author_row, authors), translators, bodies = _from_statements(batch, rules)
    excluded, translating = _field_marks(batch, rules)
    heading, heading_translators = _from_headings(batch, rules, excluded, translating)
    heading = _with_linked(heading, *linked_values(batch, rules, "person"), _persons(rules))
    author_row, authors = _with_linked(
        (author_row, authors), *linked_values(batch, rules, "statement"), _statements(rules)
    )
    return {
        "authors": per_row(author_row, authors, rows, distinct=True),
        "headings": per_row(*heading, rows, distinct=True),
        "translators": _both(translators, heading_translators, rows),
        "corporate": _both(_from_bodies(batch, rules, excluded), bodies, rows),
        "heading_forms": _forms(batch, rules),
    }


def _with_linked(found: Keys, row: Ints, values: pa.StringArray, memory: Memory) -> Keys:
    """Keys with those of the same names in another script (880)."""
    if not len(row):
        return found
    row, keys = flat(row, memory.lists(values)[0])
    return in_record_order(np.concatenate((found[0], row)), pa.concat_arrays([found[1], keys]))


def _both(one: Keys, other: Keys, rows: int) -> pa.ListArray:
    row, values = in_record_order(np.concatenate((one[0], other[0])), pa.concat_arrays([one[1], other[1]]))
    return per_row(row, values, rows, distinct=True)


def _from_statements(batch: RawBatch, rules: RuleSet) -> tuple[Keys, Keys, Keys]:
    subfields = batch.subfields("title")
    at = np.flatnonzero(picked(batch, "title", picks(rules, "name", "statement")))
    row = subfields.row[at]
    values = subfields.taken(at)
    eastern, western = han_names(values, rules), western_names(values, rules)
    left = np.flatnonzero(~(eastern.plain | western.plain))
    authors, translators, bodies = (
        flat(left, lists) for lists in _statements(rules).lists(values.take(pa.array(left)))
    )
    kinds = np.array([_KINDS.get(kind, 0) for kind in han_tails(rules).kinds])[eastern.kind]
    by, translated = kinds == _AUTHOR, kinds == _TRANSLATOR
    authors = _gathered(authors, (western.at, western.keys), (eastern.at[by], eastern.keys.filter(pa.array(by))))
    translators = _gathered(translators, (eastern.at[translated], eastern.keys.filter(pa.array(translated))))
    return (row[authors[0]], authors[1]), (row[translators[0]], translators[1]), (row[bodies[0]], bodies[1])


def _gathered(*found: Keys) -> Keys:
    """Keys with their places, from several sources, in the order of the places."""
    filled = [one for one in found if len(one[0])] or [found[0]]
    if len(filled) == 1:
        return filled[0]
    return in_record_order(np.concatenate([one[0] for one in filled]), pa.concat_arrays([one[1] for one in filled]))


def _field_marks(batch: RawBatch, rules: RuleSet) -> tuple[Mask, Mask]:
    """For each name subfield: its field names another work; its field has a translator's relator."""
    subfields = batch.subfields("name")
    fields = int(subfields.field[-1]) + 1 if len(subfields.field) else 0
    other = np.zeros(fields, np.bool_)
    other[subfields.field[picked(batch, "name", picks(rules, "name", "other_work"))]] = True
    relators = np.flatnonzero(picked(batch, "name", picks(rules, "name", "relator")))
    words = pc.utf8_trim(pc.utf8_lower(subfields.taken(relators)), " .,:;[]()").dictionary_encode()
    named = [plainly_written(word, rules) in _translator_words(rules) for word in words.dictionary.to_pylist()]
    translator = np.array([*named, False], np.bool_)[np.asarray(words.indices)]
    translating = np.zeros(fields, np.bool_)
    translating[subfields.field[relators[translator]]] = True
    return other[subfields.field], translating[subfields.field]


def _from_headings(batch: RawBatch, rules: RuleSet, excluded: Mask, translating: Mask) -> tuple[Keys, Keys]:
    """Keys of personal access points: those of translators apart."""
    subfields = batch.subfields("name")
    mask = picked(batch, "name", picks(rules, "name", "person")) & ~excluded
    at = np.flatnonzero(mask)
    values = subfields.taken(at)
    rest = picked(batch, "name", picks(rules, "name", "person_rest")) & ~excluded
    if rest.any():
        values = _with_rest(batch, values, subfields.field[at], np.flatnonzero(rest))
    place, keys = _heading_keys(values, rules)
    row, translator = subfields.row[at[place]], translating[at[place]]
    if not translator.any():
        return (row, keys), (row[:0], keys.slice(0, 0))
    return (
        (row[~translator], keys.filter(pa.array(~translator))),
        (row[translator], keys.filter(pa.array(translator))),
    )


def _heading_keys(values: pa.StringArray, rules: RuleSet) -> Keys:
    """Keys of access points with their places in the column: plain ones by the column, the others one by one."""
    eastern, western = plain_han(values, rules), western_headings(values, rules)
    at = np.flatnonzero(eastern)
    left = np.flatnonzero(~(eastern | western.plain))
    (lists,) = _persons(rules).lists(values.take(pa.array(left)))
    return _gathered(flat(left, lists), (western.at, western.keys), (at, values.take(pa.array(at))))


def _with_rest(batch: RawBatch, values: pa.StringArray, fields: Ints, rest: Ints) -> pa.StringArray:
    """UNIMARC splits a name: surname in $a, given names in $b."""
    subfields = batch.subfields("name")
    place = np.searchsorted(subfields.field[rest], fields)
    found = rest[np.minimum(place, len(rest) - 1)]
    missing = subfields.field[found] != fields
    given = subfields.taken_or_null(np.where(missing, -1, found))
    return pc.if_else(pc.is_null(given), values, pc.binary_join_element_wise(values, given, ", "))


def _from_bodies(batch: RawBatch, rules: RuleSet, excluded: Mask) -> Keys:
    mask = picked(batch, "name", picks(rules, "name", "corporate")) & ~excluded
    _, row, joined = joined_per_field(batch.subfields("name"), mask, " ")
    return flat(row, _bodies(rules).lists(joined)[0])


def _forms(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """Access points as typed: tag, in UNIMARC the second indicator (0 direct, 1 inverted), subfields by one space."""
    subfields = batch.subfields("name")
    mask = picked(batch, "name", picks(rules, "name", "form"))
    _, row, joined = joined_per_field(subfields, mask, " ")
    at = np.flatnonzero(mask)
    first = at[opening(subfields.field[at])] if len(at) else at
    unimarc = batch.formats[subfields.row[first]] != Format.MARC21
    kinds, place = np.unique(subfields.kind[first] * 2 + unimarc, return_inverse=True)
    marks = [_mark(subfields.kinds[kind // 2], bool(kind % 2)) for kind in kinds.tolist()]
    return per_row(row, glued(pa.array(marks, pa.string()).take(pa.array(place)), trimmed(joined)), len(batch))


def _mark(kind: Ints, unimarc: bool) -> str:
    """What stands before an access point: `701 1 `, `100 `."""
    indicator = chr(int(kind[2])).replace(" ", "#") + " " if unimarc else ""
    return f"{int(kind[0]):03d} {indicator}"
