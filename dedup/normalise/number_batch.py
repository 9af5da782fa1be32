"""The columns of other numbers of a batch: 统一书号, source numbers, ISSN, standards, document numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import holding, matching
from dedup.normalise.batch import RawBatch
from dedup.normalise.gathered import Ints, memory
from dedup.normalise.number import document_number, issn, lccn, source_number, standard_numbers, unified_number
from dedup.normalise.pick import Mask, in_record_order, joined_per_field, per_row, picked, picks
from dedup.normalise.subfield import distinct
from dedup.rules import RuleSet

_JOINERS = "-‐‑–—－:："
Parsed = tuple[Ints, pa.StringArray]
Reader = Callable[[str], str | None]


def _parsed(
    rows: Ints, values: pa.StringArray, read: Callable[[str], str | None], known: dict[str, str | None]
) -> Parsed:
    """Read each value; rows and results of those that gave one."""
    found = pa.array(distinct(read, values, known), pa.string())
    good = np.asarray(pc.is_valid(found))
    return rows[good], found.filter(pa.array(good))


def _column(batch: RawBatch, rules: RuleSet, column: str, key: str) -> Parsed:
    """Record and value of the subfields of one raw column that `[number] key` of the field maps picks."""
    parts = batch.subfields(column)
    at = np.flatnonzero(picked(batch, column, picks(rules, "number", key)))
    return parts.row[at], parts.taken(at)


def _read(batch: RawBatch, rules: RuleSet, column: str, key: str, read: Callable[[str], str | None]) -> Parsed:
    return _parsed(*_column(batch, rules, column, key), read, memory(rules, f"number {key}"))


def _oclc(values: pa.StringArray, rules: RuleSet) -> tuple[Mask, pa.StringArray]:
    """The commonest source numbers read by the column, `(OCoLC)` or ocm, ocn, on and digits: mask, and results."""
    source = rules.tables["number"]["source"]
    typed = pc.starts_with(values, source["own_typed"])
    bare = pc.if_else(typed, pc.utf8_slice_codeunits(values, len(source["own_typed"])), values)
    own = typed
    for letters in source["own_letters"]:
        own = pc.or_(own, pc.starts_with(values, letters))
    digits = pc.ascii_ltrim(bare, "".join(source["own_letters"]) + "0")
    good = np.asarray(pc.and_(own, pc.ascii_is_decimal(digits))).astype(np.bool_)
    return good, pc.binary_join_element_wise(source["own_agency"], digits.filter(pa.array(good)), "")


def _lccn(rows: Ints, values: pa.StringArray, rules: RuleSet) -> list[Parsed]:
    """LC control numbers: those without hyphen and suffix by the column, the others one by one."""
    prefix = rules.tables["number"]["source"]["lccn"]
    plain = pc.replace_substring(pc.replace_substring(values, " ", ""), "^", "")
    good = np.asarray(pc.match_substring_regex(plain, "^[a-z]{0,3}([0-9]{8}|[0-9]{10})$")).astype(np.bool_)
    quick = pc.binary_join_element_wise(prefix, plain.filter(pa.array(good)), "")
    odd = [(row, lccn(text)) for row, text in zip(rows[~good], values.filter(pa.array(~good)).to_pylist(), strict=True)]
    found = [(row, f"{prefix}{number}") for row, number in odd if number]
    slow = np.array([row for row, _ in found], np.int64), pa.array([text for _, text in found], pa.string())
    return [(rows[good], quick), slow]


def _source_numbers(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """099, 035 and 010 together, in record order."""
    rows, values = _column(batch, rules, "origin", "source")
    plain, quick = _oclc(values, rules)
    slow = _parsed(
        rows[~plain],
        values.filter(pa.array(~plain)),
        lambda text: source_number(text, rules),
        memory(rules, "number source"),
    )
    control = _lccn(*_column(batch, rules, "origin", "lccn"), rules)
    return _lists([(rows[plain], quick), slow, *control], len(batch))


def _lists(found: list[Parsed], rows: int) -> pa.ListArray:
    row = np.concatenate([one[0] for one in found])
    values = pa.concat_arrays([one[1].cast(pa.string()) for one in found])
    return per_row(*in_record_order(row, values), rows, distinct=True)


def _standards(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """Standards from their own fields, $a and $b joined (094 $a CN $b GB/T 5795-2006), and from titles and notes."""
    parts = batch.subfields("number")
    _, rows, texts = joined_per_field(parts, picked(batch, "number", picks(rules, "number", "standard")), " ")
    own = distinct(lambda text: _in_field(text, rules), texts, memory(rules, "number standard"))
    found = [(row, number) for row, several in zip(rows.tolist(), own, strict=True) for number in several]
    # MARC 21 has no field for them: 024 with a first indicator for kinds not named holds some.
    rows, texts = _column(batch, rules, "isbn", "standard_among_others")
    found += [
        (row, one)
        for row, text in zip(rows.tolist(), texts.to_pylist(), strict=True)
        for one in standard_numbers(text, rules, whole=True)
    ]
    for column in ("title", "note"):
        at_rows, values = _column(batch, rules, column, f"standard_in_{column}")
        # Between number and year of a standard stands a dash or colon.
        joined = holding(values, _JOINERS, final=":")
        hinted = np.flatnonzero(matching(values, rules.tables["number"]["standard"]["hint"], joined))
        named = [standard_numbers(text, rules) for text in values.take(pa.array(hinted)).to_pylist()]
        found += [(row, one) for row, several in zip(at_rows[hinted].tolist(), named, strict=True) for one in several]
    row = np.array([one[0] for one in found], np.int64)
    return _lists([(row, pa.array([one[1] for one in found], pa.string()))], len(batch))


def _in_field(text: str, rules: RuleSet) -> tuple[str, ...]:
    """A field of standard numbers: a country code may stand in front."""
    return standard_numbers(
        text.split(" ", 1)[-1] if text[:2].isalpha() and text[2:3] == " " else text, rules, whole=True
    )


def _first(found: Parsed, rows: int) -> pa.StringArray:
    """The first value of each record; the empty string where there is none."""
    where, at = np.unique(found[0], return_index=True)
    index = np.full(rows, -1, np.int64)
    index[where] = at
    return pc.fill_null(found[1].cast(pa.string()).take(pa.array(index, mask=index < 0)), "")


def number_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """The columns unified_number, source_numbers, issn, standard_numbers, document_numbers of `tables.CONCEPT`."""
    rows = len(batch)
    unified = _read(batch, rules, "number", "unified", lambda text: unified_number(text, rules))
    serial = _read(batch, rules, "number", "issn", lambda text: issn(text, rules))
    return {
        "unified_number": _first(unified, rows),
        "source_numbers": _source_numbers(batch, rules),
        "issn": _lists([serial], rows),
        "standard_numbers": _standards(batch, rules),
        "document_numbers": _documents(batch, rules),
    }


def _documents(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """Report, government document and music numbers, folded by the column: most of them occur once."""
    rows, values = _column(batch, rules, "number", "document")
    plain = pc.utf8_upper(pc.utf8_trim(pc.utf8_normalize(values, "NFKC"), " .,;:"))
    # Blanks are few around marks: the pattern runs over the values that have one, `document_number` says what it does.
    loose = np.asarray(pc.match_substring_regex(plain, r"\s\s| [/:.-]|[/:.-] ")).astype(np.bool_)
    tidy = pa.array([document_number(text) for text in plain.filter(pa.array(loose)).to_pylist()], pa.string())
    plain = pc.replace_with_mask(plain, pa.array(loose), pc.fill_null(tidy, ""))
    good = np.asarray(pc.match_substring_regex(plain, "[0-9]"))
    return _lists([(rows[good], plain.filter(pa.array(good)))], len(batch))
