"""Columns and fingerprints made with arrays are those of the plain twin, for any records."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.marc.columns import RECORD_WITHOUT_SOURCE, Origin, raw_batch, record_batch
from dedup.marc.record import Field, RawRecord
from dedup.marc.tokens import Loose, from_loose, to_loose
from dedup.model import Format
from dedup.tables import RAW_COLUMNS
from tests.marc import plain

_TAGS = ["001", "005", "008", "010", "020", "100", "200", "245", "300", "500", "701", "905", "999", "AVA", "OWN", "LKR"]
_CONTENT = st.one_of(
    st.text(st.characters(exclude_characters="\x1d\x1e", exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(["", "  \x1fa题名\x1fb", "1 \x1fa20100315d2010\x1fbx", "\x1f", "  \x1f\x1fa", " x "]),
)
_FIELDS = st.lists(st.tuples(st.sampled_from(_TAGS).map(str.encode), _CONTENT.map(str.encode)), max_size=9).map(tuple)
_PLACE = st.integers(0, 9)
_LEADER = st.just(b"00000nam0 2200000   450 ")
_RECORDS = st.lists(st.builds(Loose, _PLACE, _PLACE, _LEADER, _FIELDS, st.just("utf-8")))


@settings(deadline=None)  # the first record loads the tables
@given(_RECORDS, st.sampled_from([None, *Format]))
def test_columns_and_fingerprints_are_those_of_the_plain_twin(records: list[Loose], kind: Format | None) -> None:
    batch = record_batch(from_loose(records), Origin("a/b.iso", kind), plain.rules())
    batch.validate(full=True)
    assert batch.schema.equals(RECORD_WITHOUT_SOURCE)
    for row, record in zip(batch.to_pylist(), records, strict=True):
        wanted = plain.sniff(record) if kind is None else kind
        assert row["format"] == wanted
        assert {name: row[name] for name in RAW_COLUMNS} == plain.columns(record, wanted)
        assert row["fingerprint"] == plain.fingerprint(record)
        assert (row["file"], row["offset"], row["length"]) == ("a/b.iso", record.offset, record.length)


@given(_RECORDS)
def test_arrays_give_back_the_records_they_were_made_of(records: list[Loose]) -> None:
    tokens = from_loose(records)
    assert [to_loose(tokens, at) for at in range(len(records))] == records


def one(*fields: Field, leader: str = "00000nam a2200000 a 4500") -> RawRecord:
    return RawRecord(leader, fields, 7, 90, "utf-8")


def fingerprint(record: RawRecord) -> int:
    return raw_batch([record], Origin("f"), plain.rules()).to_pylist()[0]["fingerprint"]


TITLE = Field("245", indicators="10", subfields=(("a", "A theory of justice"), ("c", "John Rawls")))


def test_the_fingerprint_leaves_out_number_and_version_only() -> None:
    bare = fingerprint(one(TITLE))
    assert fingerprint(one(Field("001", "1"), Field("005", "2020"), TITLE)) == bare
    assert fingerprint(one(TITLE, Field("599", "x"))) != bare
    assert fingerprint(one(Field("246", indicators="10", subfields=TITLE.subfields))) != bare
    assert fingerprint(one(Field("245", indicators="11", subfields=TITLE.subfields))) != bare
    assert fingerprint(one(TITLE, leader="00000cam a2200000 a 4500")) == bare
    assert fingerprint(one(TITLE, leader="00000nas a2200000 a 4500")) != bare


def test_a_record_read_by_another_reader_gets_the_same_columns() -> None:
    row = raw_batch([one(Field("001", " 42 "), TITLE)], Origin("f"), plain.rules()).to_pylist()[0]
    assert row["control"] == "42"
    assert row["title"] == "24510\x1faA theory of justice\x1fcJohn Rawls"
    assert (row["offset"], row["length"], row["encoding"], row["format"]) == (7, 90, "utf-8", Format.MARC21)


def test_control_characters_inside_values_do_not_break_the_field_text() -> None:
    torn = Field("245", indicators="1", subfields=(("a", "one\x1etwo\x1dthree"),))
    assert raw_batch([one(torn)], Origin("f"), plain.rules()).to_pylist()[0]["title"] == "2451 \x1faone two three"
