"""Records made for tests: plain CONCEPT rows, and Hypothesis strategies over them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from dedup.tables import CONCEPT, LOADED

BOOK: dict[str, Any] = {
    "format": 0,
    "title": "a theory of justice",
    "title_key": "atheoryofjustice",
    "title_usable": True,
    "script": "latin",
    "authors": ["rawls j"],
    "publishers": ["harvard university"],
    "places": ["cambridge"],
    "year": 1999,
    "transcribed_year": 1999,
    "pages": 538,
    "carrier": "print",
    "content": "text",
    "bib_level": "m",
    "languages": ["eng"],
    "level": 0,
    "is_exam": False,
    "is_thesis": False,
    "is_reprint": False,
}


def concept(**values: Any) -> dict[str, Any]:
    """One CONCEPT row: a plain book with some values changed; lists empty and strings '' where not given."""
    row: dict[str, Any] = {}
    for field in CONCEPT:
        if pa.types.is_list(field.type):
            row[field.name] = []
        elif pa.types.is_string(field.type):
            row[field.name] = ""
        else:
            row[field.name] = None
    return row | BOOK | values


def table(*rows: dict[str, Any]) -> pa.Table:
    """CONCEPT rows as a table, with what is known of their items (`held`: nothing unless given)."""
    return pa.Table.from_pylist(list(rows), schema=CONCEPT.append(pa.field("held", pa.int8())))


def loaded(*rows: dict[str, Any]) -> pa.Table:
    """LOADED rows: CONCEPT rows with a running `rid` and record ids `A/0`, `A/1` ... unless given."""
    full = []
    for number, row in enumerate(rows):
        base = {field.name: None for field in LOADED}
        full.append(base | {"rid": number, "record_id": f"A/{number}", "source": "A", "control": str(number)} | row)
    return pa.Table.from_pylist(full, schema=LOADED)


_titles = st.sampled_from(["a theory of justice", "linear algebra", "三体", "高等数学", "advances in computing 16"])
_maybe_year = st.one_of(st.none(), st.integers(1900, 2024))


@st.composite
def concepts(draw: st.DrawFn) -> dict[str, Any]:
    """A random record from small vocabularies, so that records often agree in part."""
    title = draw(_titles)
    year = draw(_maybe_year)
    return concept(
        format=draw(st.integers(0, 1)),
        title=title,
        title_key=title.replace(" ", ""),
        subtitle=draw(st.sampled_from(["", "an introduction", "essays", "黑暗森林"])),
        title_usable=draw(st.booleans()),
        title_years=draw(st.lists(st.integers(1990, 1993), max_size=2, unique=True)),
        title_numbers=draw(st.sampled_from(["", "16", "17", "16 2"])),
        isbn=draw(st.lists(st.integers(1, 4), max_size=9, unique=True)),
        isbn_weak=draw(st.lists(st.integers(1, 4), max_size=2, unique=True)),
        isbn_set=draw(st.lists(st.integers(1, 4), max_size=1)),
        level=draw(st.integers(0, 3)),
        volume_from=draw(st.one_of(st.none(), st.integers(-1, 3))),
        volume_label=draw(st.sampled_from(["", "上", "1"])),
        part=draw(st.sampled_from(["", "fundamental algorithms", "searching"])),
        edition_number=draw(st.one_of(st.none(), st.integers(1, 3))),
        edition_kinds=draw(st.lists(st.sampled_from(["edition.revised", "edition.abridged"]), max_size=2, unique=True)),
        publishers=draw(st.lists(st.sampled_from(["harvard university", "belknap", "wiley"]), max_size=2, unique=True)),
        authors=draw(st.lists(st.sampled_from(["rawls j", "rawls", "lang s", "刘慈欣"]), max_size=2, unique=True)),
        headings=draw(st.lists(st.sampled_from(["rawls j", "hoffman k"]), max_size=1)),
        translators=draw(st.lists(st.sampled_from(["范晔", "黄锦炎"]), max_size=1)),
        year=year,
        transcribed_year=year,
        pages=draw(st.one_of(st.none(), st.integers(80, 90))),
        carrier=draw(st.sampled_from(["", "print", "online"])),
        companions=draw(st.lists(st.sampled_from(["companion.teacher", "companion.workbook"]), max_size=1)),
        is_exam=draw(st.booleans()),
    )
