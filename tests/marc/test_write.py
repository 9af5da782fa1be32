"""What is written as ISO 2709 or MARCXML is what any reader reads, and a record that is too long is not forced."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.marc.record import Field
from dedup.marc.reread import expected, faults
from dedup.marc.write import MOST_BYTES, MOST_FIELD_BYTES, XML_FOOT, XML_HEAD, cleaned, iso2709, marcxml
from dedup.rules import load_rules

RULES = load_rules()
LEADER = "00000nam a2200000 a 4500"
TITLES = [
    "=1+1",
    "+A",
    "-A",
    "@A",
    "<script>&amp;",
    "\u202e\u200f右",
    "]]>",
    "红楼梦\x00\x07\x1b$1",
    "a\r\nb\tc",
    "e\u0301",
    "\ufffd",
    "𠀀",
]
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(TITLES)
parts = st.tuples(st.sampled_from("abcxz096$"), values).map("".join)
contents = st.tuples(st.sampled_from(["  ", "1 ", "10", "", "#", "\x07 ", "中文"]), st.lists(parts, max_size=4)).map(
    lambda found: "\x1f".join([found[0], *found[1]])
)
fields = st.lists(st.tuples(st.sampled_from(["020", "245", "500", "880", "999", "AVA"]), contents), max_size=6)


def written(tmp_path: Path, records: list[tuple[Field, ...]]) -> list[Path]:
    """The records in both forms."""
    iso, xml = tmp_path / "a.mrc", tmp_path / "a.xml"
    iso.write_bytes(b"".join(iso2709(LEADER, one) or b"" for one in records))
    xml.write_bytes(XML_HEAD.encode() + b"".join(marcxml(LEADER, one) for one in records) + XML_FOOT.encode())
    return [iso, xml]


@settings(max_examples=60)
@given(st.lists(fields, min_size=1, max_size=3))
def test_two_readers_read_what_was_written_whatever_stands_in_the_record(
    tmp_path_factory: pytest.TempPathFactory, found: list[list[tuple[str, str]]]
) -> None:
    title = ("245", "10\x1faA sound title of a book\x1fcby someone")
    records = [cleaned([("001", f"c{number}"), *one, title]).fields for number, one in enumerate(found)]
    wanted = [expected(LEADER, one, RULES) for one in records]
    for path in written(tmp_path_factory.mktemp("written"), records):
        assert faults(path, wanted, RULES) == ""


def test_any_change_in_a_file_is_found_when_it_is_read_again(tmp_path: Path) -> None:
    record = cleaned([("001", "c1"), ("005", "20240101000000.0"), ("245", "10\x1faA book of books")]).fields
    wanted = [expected(LEADER, record, RULES)]
    for path in written(tmp_path, [record]):
        whole = path.read_bytes()
        for old, new in ((b"A book", b"B book"), (b"c1", b"c2"), (b"2024", b"2025")):
            path.write_bytes(whole.replace(old, new, 1))
            assert "record 1" in faults(path, wanted, RULES)
        path.write_bytes(whole)
        assert faults(path, [*wanted, *wanted], RULES) and faults(path, [], RULES)
    (tmp_path / "a.mrc").write_bytes(whole[: len(whole) // 2])
    assert faults(tmp_path / "a.mrc", wanted, RULES)


@pytest.mark.parametrize("sign", ["a", "书", "𠀀"])
def test_a_record_is_written_in_iso_2709_up_to_its_last_byte_and_no_further(tmp_path: Path, sign: str) -> None:
    note = sign * ((MOST_FIELD_BYTES - 100) // len(sign.encode()))
    some = [("001", "c1"), ("245", "10\x1faA book"), *[("500", f"  \x1fa{note}")] * 10]
    size = len(iso2709(LEADER, cleaned(some).fields) or b"")
    room = MOST_BYTES - size - 12 - len("  \x1fa\x1e")
    full = cleaned([*some, ("500", "  \x1fa" + "x" * room)]).fields
    data = iso2709(LEADER, full)
    assert data is not None and len(data) == MOST_BYTES == int(data[:5])
    (tmp_path / "a.mrc").write_bytes(data)
    assert faults(tmp_path / "a.mrc", [expected(LEADER, full, RULES)], RULES) == ""
    assert iso2709(LEADER, cleaned([*some, ("500", "  \x1fa" + "x" * (room + 1))]).fields) is None


def test_a_field_is_no_longer_than_its_directory_entry_can_say() -> None:
    for length, fits in ((MOST_FIELD_BYTES, True), (MOST_FIELD_BYTES + 1, False)):
        long = cleaned([("245", "10\x1fa" + "x" * (length - len("10\x1fa\x1e")))]).fields
        assert (iso2709(LEADER, long) is not None) == fits


def test_control_characters_become_blanks_and_are_counted() -> None:
    clean = cleaned([("001", "a\x00b"), ("245", "10\x1faA\x07\x1b\ufffe\x1fb\r\nx")])
    assert [field.text() for field in clean.fields] == ["001a b", "24510\x1faA   \x1fb  x"] and clean.blanked == 6


@pytest.mark.parametrize("tag", ["", "24", "2450", "2 5", "24\x1f", "题名项"])
def test_a_tag_that_is_none_is_refused(tag: str) -> None:
    with pytest.raises(ValueError):
        cleaned([(tag, "  \x1fax")])


def test_text_without_subfields_or_indicators_is_not_lost() -> None:
    fields = cleaned([("500", "plain text"), ("AVA", "x"), ("245", "1\x1faA"), ("300", "  \x1f\x1faB\x1f书名")]).fields
    assert [field.text() for field in fields] == [
        "500  \x1faplain text",
        "AVA  \x1fax",
        "245  \x1fa1\x1faA",
        "300  \x1faB\x1fa书名",
    ]
