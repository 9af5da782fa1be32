from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalise.subfield import Subfields, split, tag_number
from dedup.tables import FIELD_MARK, SUBFIELD_MARK

_TEXT = st.text("abé中 ", max_size=4)
_FIELD = st.builds(
    lambda tag, signs, parts: tag + signs + "".join(f"{SUBFIELD_MARK}{code}{value}" for code, value in parts),
    st.sampled_from(["245", "200", "AVA", "001"]),
    st.sampled_from(["10", "  ", "1 "]),
    st.lists(st.tuples(st.sampled_from("abc"), _TEXT), max_size=3),
)
_COLUMN = st.lists(st.lists(_FIELD, max_size=3).map(FIELD_MARK.join), max_size=6)


def plain(column: list[str]) -> list[tuple[int, int, str, str, str, str]]:
    """Row, number of the field, tag, indicators, code, value of every subfield, one after the other."""
    found, number = [], -1
    for row, text in enumerate(column):
        for field in text.split(FIELD_MARK):
            head, *parts = field.split(SUBFIELD_MARK)
            number += bool(parts)
            found += [(row, number, head[:3], head[3:5], part[:1], part[1:]) for part in parts]
    return found


def listed(parts: Subfields) -> list[tuple[int, int, int, str, str, str]]:
    """The same of the subfields of a column, the tag as a number."""
    signs = [chr(one) + chr(two) for one, two in zip(parts.first.tolist(), parts.second.tolist(), strict=True)]
    codes = map(chr, parts.code.tolist())
    columns = parts.row.tolist(), parts.field.tolist(), parts.tag.tolist(), signs, codes, parts.values.to_pylist()
    return list(zip(*columns, strict=True))


@given(_COLUMN, st.integers(0, 3))
def test_a_column_is_split_as_its_fields_one_by_one(column: list[str], begin: int) -> None:
    parts = split(pa.array(column, pa.string()).slice(begin))
    wanted = plain(column[begin:])
    assert listed(parts) == [(row, field, tag_number(tag), *rest) for row, field, tag, *rest in wanted]
    assert parts.lengths().tolist() == [len(value.encode()) for *_, value in wanted]
    assert parts.rows == len(column[begin:])


@given(_COLUMN)
def test_values_are_taken_and_gathered_per_record(column: list[str]) -> None:
    parts = split(pa.array(column, pa.string()))
    rows: list[list[str]] = [[value for row, *_, code, value in plain(column) if row == at and code == "a"]
                             for at in range(len(column))]  # fmt: skip
    mask = parts.where("a")
    assert parts.taken(np.flatnonzero(mask)).to_pylist() == [value for row in rows for value in row]
    assert parts.first_per_row(mask).to_pylist() == [row[0] if row else None for row in rows]
    assert parts.joined_per_row(mask).to_pylist() == [" ".join(row) if row else None for row in rows]
    assert parts.lists_per_row(mask).to_pylist() == rows


def test_a_mark_without_code_holds_nothing() -> None:
    parts = split(pa.array([f"24510{SUBFIELD_MARK}aX{SUBFIELD_MARK}"]))
    assert parts.values.to_pylist() == ["X", ""]
    assert parts.code.tolist() == [ord("a"), 0]
