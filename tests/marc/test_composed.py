"""Every character that composing text may touch is found in its UTF-8 form."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from dedup.marc.composed import loose_places


def places(text: str) -> list[int]:
    found: list[int] = loose_places(np.frombuffer(text.encode(), np.uint8)).tolist()
    return found


def joins_what_is_before_it(code: int) -> bool:
    return 0x1161 <= code <= 0x1175 or 0x11A8 <= code <= 0x11C2


def test_no_character_that_composing_changes_is_missed() -> None:
    seconds = {
        int(parts[1], 16)
        for parts in (unicodedata.decomposition(chr(code)).split() for code in range(0x110000))
        if len(parts) == 2 and not parts[0].startswith("<")
    }
    changing = [
        chr(code)
        for code in range(0x110000)
        if not 0xD800 <= code < 0xE000
        and (
            code in seconds
            or joins_what_is_before_it(code)
            or unicodedata.combining(chr(code))
            or not unicodedata.is_normalized("NFC", chr(code))
        )
    ]
    assert len(changing) > 2000
    ends = np.cumsum([len(character.encode()) for character in changing]).tolist()
    assert places("".join(changing)) == [0, *ends[:-1]]


@pytest.mark.parametrize(
    "text", ["", "plain", "中国地理，第三版：“精装”", "Économie générale", "Москва — Наука", "한국어"]
)
def test_text_that_is_composed_costs_no_second_look(text: str) -> None:
    assert places(text) == []


def test_a_letter_with_a_loose_accent_is_found_at_the_accent() -> None:
    assert places("Ele\u0301ments") == [3]


def test_a_character_cut_off_at_the_end_does_no_harm() -> None:
    assert loose_places(np.frombuffer(b"ab\xcc", np.uint8)).tolist() in ([], [2])
