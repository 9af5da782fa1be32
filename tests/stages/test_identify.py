from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dedup.stages.identify import record_ids


def ids(controls: list[str], offsets: list[int] | None = None) -> list[str]:
    places = list(range(0, 100 * len(controls), 100)) if offsets is None else offsets
    return record_ids("NKU", pa.array(controls, pa.string()), pa.array(places, pa.int64())).to_pylist()


def test_a_record_is_named_by_its_source_and_control_number() -> None:
    assert ids(["a1", "a2"]) == ["NKU/a1", "NKU/a2"]


def test_repeats_are_counted_in_file_order_and_missing_numbers_become_offsets() -> None:
    assert ids(["7", "", "7", "8", "7"]) == ["NKU/7", "NKU/@100", "NKU/7#2", "NKU/8", "NKU/7#3"]


def test_two_files_may_have_a_nameless_record_at_one_offset() -> None:
    assert ids(["", ""], [0, 0]) == ["NKU/@0", "NKU/@0#2"]


def test_a_control_number_that_looks_counted_does_not_collide() -> None:
    assert ids(["7", "7#2", "7"]) == ["NKU/7", "NKU/7#2", "NKU/7#3"]


def test_a_source_without_records_has_no_ids() -> None:
    assert ids([]) == []


def plain(controls: list[str]) -> list[str]:
    """The slow twin: one record after the other."""
    counts: dict[str, int] = {}
    names = []
    for number, control in enumerate(controls):
        name = f"NKU/{control or f'@{100 * number}'}"
        counts[name] = counts.get(name, 0) + 1
        names.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return names


@given(st.lists(st.sampled_from(["", "1", "2", "ab", "题"])))
def test_ids_are_what_counting_by_hand_gives(controls: list[str]) -> None:
    assert ids(controls) == plain(controls)


@given(st.lists(st.sampled_from(["", "1", "1#2", "1#3", "1#2#2", "@0"])))
def test_no_two_records_of_a_source_share_an_id(controls: list[str]) -> None:
    assert len(set(ids(controls))) == len(controls)
