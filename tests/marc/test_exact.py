"""What is wrong with one record is mended where its bytes allow it, and named."""

from __future__ import annotations

import pytest

from dedup.marc.exact import Found, read_frame
from tests.marc.plain import iso2709

FIELDS = [
    ("001", b"42"),
    ("010", b"  \x1fa978-7-02-000220-7"),
    ("200", "1 \x1fa围城\x1ff钱钟书著".encode()),
    ("905", b"  \x1faTEST"),
]
WANTED = tuple((tag.encode(), content) for tag, content in FIELDS)
RECORD = iso2709(FIELDS)
BASE = 24 + 12 * len(FIELDS) + 1


def read(data: bytes) -> Found:
    found = Found()
    read_frame(data, 1000, found)
    return found


def with_lengths(lengths: list[int], fields: list[tuple[str, bytes]]) -> bytes:
    """A record whose directory has the given lengths."""
    starts = [sum(lengths[:at]) for at in range(len(lengths))]
    directory = "".join(f"{tag}{n:04d}{s:05d}" for (tag, _), n, s in zip(fields, lengths, starts, strict=True)).encode()
    body = b"".join(content + b"\x1e" for _, content in fields)
    base = 24 + len(directory) + 1
    return f"{base + len(body) + 1:05d}nam0 22{base:05d}   450 ".encode() + directory + b"\x1e" + body + b"\x1d"


IN_CHARACTERS = [len(content.decode()) + 1 for _, content in FIELDS]
ORDERED = [FIELDS[1], FIELDS[0], FIELDS[3], FIELDS[2]]
_GOOD = [len(content) + 1 for _, content in FIELDS]

READABLE = {
    "a sound record": (RECORD, ""),
    "line ends before it": (b"\r\n\r\n" + RECORD, ""),
    "a byte order mark before it": (b"\xef\xbb\xbf" + RECORD, ""),
    "no record terminator": (RECORD[:-1], "terminator"),
    "lengths in characters": (with_lengths(IN_CHARACTERS, FIELDS), "lengths"),
    "a wrong record length": (b"99999" + RECORD[5:], ""),
    "a wrong base address": (RECORD[:12] + b"00001" + RECORD[17:], "leader is damaged"),
    "letters for a base address": (RECORD[:12] + b"xxxxx" + RECORD[17:], "leader is damaged"),
    "a leader of 23 characters": (RECORD[:8] + RECORD[9:], "24 characters"),
    "a leader of 26 characters": (RECORD[:9] + b"  " + RECORD[9:], "24 characters"),
    "a line end in the directory": (RECORD[:48] + b"\r\n" + RECORD[48:], "line ends inside the directory"),
    "a line end in a field": (RECORD[: BASE + 12] + b"\r\n" + RECORD[BASE + 12 :], "lengths"),
    "no terminator after the directory": (RECORD[: BASE - 1] + b"\x1f" + RECORD[BASE:], "base address"),
    "a field without its terminator": (RECORD[: BASE + 2] + b" " + RECORD[BASE + 3 :], "by the directory"),
    "a lost field terminator": (RECORD[: BASE + 2] + RECORD[BASE + 3 :], "lined up"),
    "a terminator too many": (RECORD[: BASE + 5] + b"\x1e" + RECORD[BASE + 6 :], "by the directory"),
}


@pytest.mark.parametrize("case", READABLE)
def test_a_damaged_record_is_read_and_its_damage_named(case: str) -> None:
    data, named = READABLE[case]
    found = read(data)
    assert found.aside == []
    assert [tag for tag, _ in found.records[0].fields] == [tag for tag, _ in WANTED]
    if case != "a terminator too many":
        assert found.records[0].fields == WANTED
    notes = "; ".join(note.reason for note in found.notes)
    assert named in notes
    assert bool(named) == bool(notes)


def test_places_are_those_of_the_record_without_its_padding() -> None:
    found = read(b"\r\n" + RECORD)
    assert (found.records[0].offset, found.records[0].length) == (1002, len(RECORD))


UNREADABLE = {
    "words": (b"this is no record", "0x1E"),
    "cut off in the directory": (RECORD[:50], "0x1E"),
    "cut off between fields": (RECORD[: BASE + 3], "cut off: 1 of 4 fields"),
    "cut off in the last field": (RECORD[:-5], "cut off inside its last field"),
    "a directory of odd length": (RECORD[:45] + b"01x" + RECORD[45:], "multiple of 12"),
    "no entries": (b"00026     2200025   4500\x1e\x1d", "no entry"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_set_aside_with_its_bytes_and_a_reason(case: str) -> None:
    data, reason = UNREADABLE[case]
    found = read(data)
    assert found.records == []
    assert (found.aside[0].offset, found.aside[0].content) == (1000, data)
    assert reason in found.aside[0].reason


@pytest.mark.parametrize("between", [b"", b"\r\n", b"\0"])
def test_two_records_in_one_frame_are_told_apart(between: bytes) -> None:
    found = read(RECORD[:-1] + between + RECORD)
    assert [record.fields for record in found.records] == [WANTED, WANTED]
    assert found.records[1].offset == 1000 + len(RECORD) - 1 + len(between)


def test_a_record_cut_off_in_the_middle_does_not_take_the_next_with_it() -> None:
    found = read(RECORD[: BASE + 10] + RECORD)
    assert [record.fields for record in found.records] == [WANTED]
    assert found.aside[0].content == RECORD[: BASE + 10]


def test_fields_come_in_the_order_of_the_directory_not_of_the_data() -> None:
    entries = {tag: RECORD[24 + 12 * at : 36 + 12 * at] for at, (tag, _) in enumerate(FIELDS)}
    turned = RECORD[:24] + b"".join(entries[tag] for tag, _ in ORDERED) + RECORD[BASE - 1 :]
    found = read(turned)
    assert found.records[0].fields == tuple((tag.encode(), content) for tag, content in ORDERED)
    assert found.notes == []


def test_a_field_longer_than_a_directory_can_say_is_read_whole() -> None:
    fields = [*FIELDS[:3], ("300", b"  \x1fa" + b"long " * 30_000), FIELDS[3]]
    found = read(with_lengths([_GOOD[0], _GOOD[1], _GOOD[2], 9999, _GOOD[3]], fields))
    assert len(found.records[0].fields[3][1]) == 150_004
    assert found.records[0].length > 99_999


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"1 Title", b"1 \x1faTitle"),
        (b"Title", b"  \x1faTitle"),
        (b"\x1faTitle", b"  \x1faTitle"),
        (b"1\x1faTitle", b"1 \x1faTitle"),
        (b"10 \x1faTitle", b"10\x1faTitle"),
        (b"1984", b"  \x1fa1984"),
    ],
)
def test_a_field_without_marks_or_indicators_gets_them(content: bytes, wanted: bytes) -> None:
    found = read(iso2709([("001", b"1"), ("200", content)]))
    assert found.records[0].fields[1] == (b"200", wanted)
    assert "field 200" in found.notes[0].reason
