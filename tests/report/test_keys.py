"""The hidden key of a row comes back as it was sent, or is known to be spoilt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.report.keys import Seal, key_check, seal, unseal

RECORDS = st.text(st.characters(codec="utf-8"), min_size=1).map(lambda text: f"QSU/{text.strip()}x")
LIBRARIES = st.text(st.characters(codec="utf-8"))


@given(RECORDS, LIBRARIES, st.sampled_from(["2026-01", ""]))
def test_whatever_record_and_library_are_called_the_key_comes_back(record: str, library: str, period: str) -> None:
    assert unseal(f" {seal(f'GABC|{record}', library, period)} ") == Seal(f"GABC|{record}", library, period)
    told = unseal(seal(f"GABC|{record}", library, period))
    assert told is not None and (told.group, told.record) == ("GABC", record)


@given(RECORDS, st.data())
def test_a_key_with_one_sign_changed_is_none(record: str, data: st.DataObject) -> None:
    text = seal(f"GABC|{record}", "NKU", "2026-01")
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.characters(codec="ascii", categories=("L", "N")).filter(lambda one: one != text[place]))
    assert unseal(text[:place] + sign + text[place + 1 :]) is None


def test_other_texts_are_no_keys() -> None:
    for text in ("", "|", "G|A/1", "x" * 40, key_check(""), f"{key_check('a|b')}|a|b"):
        assert unseal(text) is None
