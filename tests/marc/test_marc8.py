from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc.marc8 import MARC8ToUnicode

from dedup.marc.marc8 import REPLACEMENT, marc8_text

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")


EXTENDED_CYRILLIC = b"\x1b(Q"


def pymarc_text(value: bytes) -> str:
    return MARC8ToUnicode(quiet=True).translate(value)


@needs_shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("marc8/*.m*rc")), ids=lambda path: path.name)
def test_real_values_read_as_pymarc_reads_them(path):
    """Where pymarc gives up on a byte it writes a blank or nothing, here is U+FFFD; extended Cyrillic it loses."""
    every = re.split(rb"[\x1d\x1e\x1f\n]", path.read_bytes())
    values = {value for value in every if (not value.isascii() or b"\x1b" in value) and EXTENDED_CYRILLIC not in value}
    assert values
    ours = {value: marc8_text(value) for value in values}
    clean = [value for value in values if REPLACEMENT not in ours[value]]
    assert len(clean) >= 0.97 * len(values)
    assert {value: ours[value] for value in clean} == {value: pymarc_text(value) for value in clean}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xe2e", "café"),
        (b"\xe1\xe3a", "\u0061\u0300\u0302"),
        (b"\xebt\xecsar", "t\ufe20s\ufe21ar"),
        (b"\x1b$1!0!zz~\x1b(B: x", f"一{REPLACEMENT}: x"),
        (b"\x1b(N\x42\x43\x1b(B", "бц"),
        (b"\x1b(NRE[E\x1b(QJ\x1b(NA\x1b(B", "решења"),
        (b"x\x1bp1\x1bs y", "x¹ y"),
        (b"end\xe2", f"end{REPLACEMENT}"),
        (b"x\x1b", f"x{REPLACEMENT}"),
        (b"", ""),
    ],
)
def test_marks_sets_and_loose_ends(data, text):
    assert marc8_text(data) == unicodedata.normalize("NFC", text)


def test_hanzi_with_a_plain_blank_between_them():
    word = b"!0!"
    one = marc8_text(b"\x1b$1" + b"!0&" + b"\x1b(B")
    both = marc8_text(b"\x1b$1" + b"!0& !0&" + b"\x1b(B")
    assert len(one) == 1
    assert both == f"{one} {one}"
    assert marc8_text(b"\x1b$1" + word + word) != ""


def test_an_open_escape_sequence_harms_one_subfield_only():
    text = marc8_text(b"\x1fa\x1b$1!0&\x1fbTitle\x1e\x1fc\xe2e")
    assert text.endswith("\x1fbTitle\x1e\x1fcé")


@given(st.binary(max_size=80))
def test_any_bytes_give_text_and_keep_the_three_marks_in_place(data):
    text = marc8_text(data)
    assert re.findall("[\x1d-\x1f]", text) == [chr(byte) for byte in data if 0x1D <= byte <= 0x1F]


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_ascii_is_its_own_reading(text):
    assert marc8_text(text.encode()) == text
