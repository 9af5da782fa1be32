"""Laws of two records: neither is first; a record is itself; what is not said proves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dedup.compare.causes import diagnose
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.tables import CONCEPT
from tests.laws.records import RULES, Told, all_records, beside, ends, named_pairs, published, rewritten
from tests.strategies import concepts, table

# What makes of a record the record of a certain book: without any of it, two copies may be two books.
IDENTIFYING = ("isbn", "source_numbers", "document_numbers", "pages", "units")


def held(records: pa.Table) -> Concepts:
    """Records of which some have items, some have none, and of some nobody knows."""
    known = pa.array([(None, 1, 0)[at % 3] for at in range(len(records))], pa.int8())
    plain = records.drop_columns(["held"]) if "held" in records.column_names else records
    return Concepts(plain.append_column("held", known))


def decided(batch: pa.RecordBatch) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in ("verdict", "row", "veto", "score", "reason")) for row in batch.to_pylist()]


def test_no_verdict_depends_on_which_record_is_left() -> None:
    left, right = ends()
    known = Concepts(all_records())
    assert decided(judge(known, left, right, RULES)) == decided(judge(known, right, left, RULES))


def test_no_cause_depends_on_which_record_is_left() -> None:
    left, right = ends()
    known = held(all_records())
    one, other = (diagnose(known, judge(known, *both, RULES), RULES) for both in ((left, right), (right, left)))
    assert one.to_pylist() == other.to_pylist()


@given(st.lists(concepts(), min_size=2, max_size=6))
@settings(max_examples=25, deadline=None)
def test_no_verdict_and_no_cause_of_any_two_records_depends_on_their_order(records: list[dict[str, object]]) -> None:
    left, right = np.triu_indices(len(records), 1)
    known = held(table(*records))
    one, other = judge(known, left, right, RULES), judge(known, right, left, RULES)
    assert decided(one) == decided(other)
    assert diagnose(known, one, RULES).to_pylist() == diagnose(known, other, RULES).to_pylist()


def test_a_record_is_the_same_as_itself() -> None:
    """But for one without a title, which is nobody's copy, an early Chinese book, which is never merged unseen, and a
    record that says too little to be told from another.
    """
    early = RULES.tables["policy"]["limits"]["early"]["before"]
    every = np.arange(len(all_records()))
    itself = judge(Concepts(all_records()), every, every, RULES).to_pylist()
    for row, found in zip(all_records().to_pylist(), itself, strict=True):
        if not row["title_usable"]:
            assert found["verdict"] in ("junk", "different"), row
        elif any(row[name] for name in IDENTIFYING) and not (row["script"] == "han" and (row["year"] or early) < early):
            assert found["verdict"] == "same", row
        else:
            assert found["verdict"] in ("same", "review"), row


@given(concepts())
@settings(max_examples=40, deadline=None)
def test_any_record_with_a_number_or_an_extent_is_the_same_as_itself(record: dict[str, object]) -> None:
    assume(record["title_usable"] and any(record[name] for name in IDENTIFYING))
    assume(record["year"] is None or record["year"] >= 1949)
    known = Concepts(table(record, record))
    [found] = judge(known, np.array([0]), np.array([1]), RULES).to_pylist()
    assert found["verdict"] == "same", found


def emptied(name: str, value: pa.DataType) -> object:
    """What stands in a column of a record that says nothing about it."""
    if pa.types.is_list(value):
        return []
    return "" if pa.types.is_string(value) else False if pa.types.is_boolean(value) else None


# Columns of one statement: a record that is silent about it is silent in all of them. (One that is silent about its
# carrier is taken for print beside print, as most such records are.)
TOGETHER = (
    ("isbn", "isbn_weak", "isbn_set", "isbn_part", "isbn_other", "registrants", "isbn_typed", "isbn_noted"),
    ("edition_number", "edition_kinds", "edition_forms", "edition_original", "edition_year", "edition_text"),
    ("publishers", "publisher_families"),
    ("places",),
    ("pages", "page_runs", "preliminary_pages", "units"),
    ("size",),
    ("year", "transcribed_year", "copyright_year", "end_year", "fixed_year", "fixed_year2", "date_type"),
    ("authors", "headings", "corporate", "translators", "responsibility"),
    ("translators",),
    ("series", "series_numbers", "note_series"),
    ("source_numbers",),
    ("document_numbers",),
    ("standard_numbers",),
    ("country",),
    ("languages", "original_languages"),
    ("binding",),
    ("price",),
    ("subtitle",),
    ("content", "record_type"),
)


def silenced(records: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """The records without what some columns say."""
    for name in columns:
        kind = CONCEPT.field(name).type
        column = pa.array([emptied(name, kind)] * len(records), kind)
        records = records.set_column(records.schema.get_field_index(name), CONCEPT.field(name), column)
    return records


def merged(names: Iterable[object], old: list[dict[str, object]], new: list[dict[str, object]]) -> list[object]:
    """The pairs that were different and have become the same."""
    return [
        (name, before["row"], after["row"])
        for name, before, after in zip(names, old, new, strict=True)
        if before["verdict"] == "different" and after["verdict"] == "same"
    ]


@pytest.mark.parametrize("columns", TOGETHER, ids=lambda columns: columns[0])
def test_a_record_that_falls_silent_does_not_become_the_same(columns: tuple[str, ...]) -> None:
    for found in beside(silenced(all_records(), columns), both=False):
        assert merged(named_pairs(), published(), found) == []


@given(st.lists(concepts(), min_size=2, max_size=7), st.sampled_from(TOGETHER))
@settings(max_examples=40, deadline=None)
def test_no_record_that_falls_silent_becomes_the_same(
    records: list[dict[str, object]], columns: tuple[str, ...]
) -> None:
    """But for one that no longer names its translator: then the number decides (P13)."""
    assume("translators" not in columns)
    left, right = (side.ravel() for side in np.indices((len(records), len(records))))
    whole = table(*records)
    known = Concepts(pa.concat_tables([whole, silenced(whole, columns)]))
    old = judge(known, left, right, RULES).to_pylist()
    assert merged(range(len(old)), old, judge(known, left, right + len(records), RULES).to_pylist()) == []


OPTIONAL = [
    *("010", "205", "210", "215", "225", "701", "702", "035", "099", "102", "101"),
    *("020", "250", "260", "300", "490", "100", "700"),
    *("200$e", "200$f", "200$g", "200$h", "200$i", "245$b", "245$c", "245$n", "245$p", "210$c", "210$d", "260$c"),
]


def without(one: Told, what: str) -> Told:
    """A record that lacks a field, or a subfield `TAG$code`; the coded field stays."""
    tag, _, code = what.partition("$")
    kept = []
    for field in one.record.fields:
        coded = not field.subfields or (tag == "100" and field.subfields[0][1][:8].isdigit())
        if field.tag != tag or coded:
            kept.append(field)
        elif code:
            rest = tuple(part for part in field.subfields if part[0] != code)
            kept += [replace(field, subfields=rest)] if rest else []
    return one.with_fields(kept)


@pytest.mark.parametrize("what", OPTIONAL)
def test_a_record_that_lacks_a_field_does_not_become_the_same(what: str) -> None:
    for found in beside(rewritten(lambda one: without(one, what)), both=False):
        assert merged(named_pairs(), published(), found) == []
