"""Every byte of every broken file is in a record, set aside with a reason, or padding."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.marc import plain

BROKEN = sorted(path for path in (plain.DATA / "broken").rglob("*") if path.is_file())
# Records of several sizes and both formats, made up.
RECORDS = [
    plain.iso2709(
        [
            ("001", f"{number:09d}".encode()),
            ("005", b"20200101000000.0"),
            ("010", f"  \x1fa978-7-{number:04d}-0000-1\x1fb平装".encode()),
            ("100", b"  \x1fa20100315d2010    em y0chiy50      ea"),
            ("200", f"1 \x1fa{'中国地理' * (number % 5 + 1)}\x1ff作者{number}著".encode()),
            ("801", b" 0\x1faCN\x1fbTEST"),
        ]
    )
    for number in range(6)
] + [
    plain.iso2709(
        [
            ("001", b"ocm0001"),
            ("008", b"010101s2001    nyu           000 0 eng d"),
            ("100", b"1 \x1faRawls, John"),
            ("245", b"10\x1faA theory of justice /\x1fcJohn Rawls."),
            ("300", "  \x1faxv, 607 p. ;\x1fc24 cm é".encode()),
        ],
        "00000nam a2200000 a 4500",
    )
]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_a_broken_file_is_accounted_for_to_the_byte(path: Path) -> None:
    read = plain.read_file(path)
    plain.check_sums(read, path.stat().st_size)
    assert all(reason for _, _, reason, _ in read.aside)


@pytest.mark.skipif(not BROKEN, reason="the folder of broken files is not here")
def test_bytes_set_aside_are_kept_as_they_stand_in_the_file() -> None:
    path = plain.DATA / "broken" / "pymarc_bad_records.mrc"
    data = path.read_bytes()
    aside = plain.read_file(path).aside
    assert aside
    for offset, length, _, content in aside:
        assert content == data[offset : offset + length]


def controls(read: plain.Read) -> list[str]:
    return read.rows.column("control").to_pylist()


WHOLE = b"".join(RECORDS)
NUMBERS = [f"{number:09d}" for number in range(6)] + ["ocm0001"]


def hit(at: int) -> int:
    """The number of the record that a byte belongs to."""
    end = 0
    for number, record in enumerate(RECORDS):
        end += len(record)
        if at < end:
            return number
    return len(RECORDS) - 1


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(at=st.integers(0, len(WHOLE) - 1), value=st.integers(0, 255))
def test_a_flipped_byte_harms_no_other_record(at: int, value: int, tmp_path: Path) -> None:
    data = WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :]
    read = plain.read_bytes(data, tmp_path)
    plain.check_sums(read, len(data))
    others = [number for place, number in enumerate(NUMBERS) if place != hit(at)]
    after = hit(at) + 1
    if WHOLE[at] == 0x1D and after < len(NUMBERS) and NUMBERS[after] in others and value in b"0123456789":
        others.remove(NUMBERS[after])
    assert [number for number in controls(read) if number in others] == others


@SETTINGS
@given(at=st.integers(0, len(WHOLE)))
def test_a_file_cut_anywhere_keeps_every_record_before_the_cut(at: int, tmp_path: Path) -> None:
    read = plain.read_bytes(WHOLE[:at], tmp_path)
    plain.check_sums(read, at)
    ends = [sum(map(len, RECORDS[: count + 1])) for count in range(len(RECORDS))]
    whole = [number for number, end in zip(NUMBERS, ends, strict=True) if end <= at]
    assert controls(read)[: len(whole)] == whole


@SETTINGS
@given(at=st.integers(0, len(WHOLE)), stray=st.sampled_from([b"\r\n", b"\n", b"\r\n\r\n", b"  ", b"\0\0", b"\x1a"]))
def test_stray_line_ends_harm_no_other_record(at: int, stray: bytes, tmp_path: Path) -> None:
    data = WHOLE[:at] + stray + WHOLE[at:]
    read = plain.read_bytes(data, tmp_path)
    plain.check_sums(read, len(data))
    others = [number for place, number in enumerate(NUMBERS) if place != hit(at)]
    assert [number for number in controls(read) if number in others] == others


@SETTINGS
@given(data=st.binary(max_size=400))
def test_any_bytes_at_all_are_read_without_an_error(data: bytes, tmp_path: Path) -> None:
    plain.check_sums(plain.read_bytes(data, tmp_path), len(data))


@SETTINGS
@given(
    pieces=st.lists(st.sampled_from([*RECORDS, b"\r\n", b"\x1d", RECORDS[0][:50], RECORDS[1][:-1], b"\xef\xbb\xbf"])),
    size=st.integers(1, 700),
)
def test_byte_ranges_do_not_change_what_is_read(pieces: list[bytes], size: int, tmp_path: Path) -> None:
    data = b"".join(pieces)
    whole, ranged = plain.read_bytes(data, tmp_path), plain.read_bytes(data, tmp_path, size)
    plain.check_sums(ranged, len(data))
    assert whole.rows.equals(ranged.rows)
    assert whole.aside == ranged.aside
    assert whole.notes == ranged.notes
