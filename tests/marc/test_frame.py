"""Frames depend on their own bytes alone, whatever the ranges, chunk sizes and read sizes are."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc import frame
from dedup.marc.frame import Chunk, chunks, record_heads
from tests.marc.plain import iso2709

RECORD = iso2709([("001", b"1"), ("200", b"1 \x1faA title")])
CONTENT = st.lists(st.sampled_from([b"a", b"\x1d", b"bc\x1d", b"\r\n", RECORD]), max_size=20).map(b"".join)


def frames(read: list[Chunk]) -> list[tuple[int, bytes]]:
    """Every frame with its place, whatever the chunks are."""
    found = []
    for chunk in read:
        at = chunk.offset
        for part in chunk.data.split(b"\x1d"):
            end = min(at + len(part) + 1, chunk.offset + len(chunk.data))
            if end > at:
                found.append((at, chunk.data[at - chunk.offset : end - chunk.offset]))
            at = end
    return found


def read(data: bytes, size: int, step: int) -> list[Chunk]:
    begins = list(range(0, max(len(data), 1), step))
    result = []
    for begin, end in zip(begins, [*begins[1:], None], strict=True):
        stream = io.BytesIO(data)
        stream.seek(max(begin - 1, 0))
        result += list(chunks(stream, begin, end, size))
    return result


@given(data=CONTENT, size=st.integers(1, 50), step=st.integers(1, 60))
def test_every_byte_is_in_one_chunk_and_frames_do_not_depend_on_sizes(data: bytes, size: int, step: int) -> None:
    cut = read(data, size, step)
    assert b"".join(chunk.data for chunk in cut) == data
    assert frames(cut) == frames([Chunk(data, 0)])


def test_a_chunk_ends_after_a_record_terminator_or_with_the_file() -> None:
    data = RECORD * 20 + RECORD[:-1]
    cut = read(data, 100, 1 << 20)
    assert all(chunk.data.endswith(b"\x1d") for chunk in cut[:-1])
    assert cut[-1].data.endswith(RECORD[:-1])


@pytest.mark.parametrize("step", [1 << 20, 333, 1000])
def test_a_file_without_terminators_is_cut_where_a_record_begins(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "LONGEST_FRAME", 500)
    monkeypatch.setattr(frame, "_HEAD_SEARCH", 400)
    bare = RECORD[:-1]
    data = bare * 30
    cut = read(data, 64, step)
    assert b"".join(chunk.data for chunk in cut) == data
    assert all(chunk.data.startswith(bare[:24]) for chunk in cut)
    assert max(len(chunk.data) for chunk in cut) <= 500 + len(bare)


def test_a_record_head_needs_a_base_address_that_points_at_the_end_of_its_directory() -> None:
    assert record_heads(b"rubbish" + RECORD + RECORD) == [7, 7 + len(RECORD)]
    assert record_heads(RECORD.replace(b"00049", b"00050")) == []
