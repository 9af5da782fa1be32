from __future__ import annotations

import gzip
import io
import json as standard
import unicodedata
from pathlib import Path

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.json import read
from dedup.marc.record import Field, RawRecord, Unreadable

SHARED = Path(__file__).resolve().parents[3] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
LEADER = "00000nam a2200000   4500"
FIELDS = (Field("001", "1"), Field("245", "", "1 ", (("a", "小王子"), ("c", "x"))))
PYMARC = {
    "leader": LEADER,
    "fields": [{"001": "1"}, {"245": {"ind1": "1", "ind2": " ", "subfields": [{"a": "小王子"}, {"c": "x"}]}}],
}
MELINDA = {
    "leader": LEADER,
    "fields": [
        {"tag": "001", "value": "1"},
        {
            "tag": "245",
            "ind1": "1",
            "ind2": " ",
            "subfields": [{"code": "a", "value": "小王子"}, {"code": "c", "value": "x"}],
        },
    ],
}
LISTS = {
    "leader": LEADER,
    "controlfield": {"@tag": "001", "#text": "1"},
    "datafield": [
        {
            "@tag": "245",
            "@ind1": "1",
            "@ind2": " ",
            "subfield": [{"@code": "a", "#text": "小王子"}, {"@code": "c", "#text": "x"}],
        }
    ],
}


def dump(value: object, ascii_only: bool = False) -> str:
    return standard.dumps(value, ensure_ascii=ascii_only)


@pytest.mark.parametrize("form", [PYMARC, MELINDA, LISTS, {"record": PYMARC}], ids=["pymarc", "js", "lists", "wrapped"])
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030"])
def test_every_form_gives_the_same_record(form, ascii_only, codec):
    for text in (dump(form, ascii_only), dump([form], ascii_only), dump(form, ascii_only) + "\r\n"):
        (one,) = read(text.encode(codec))
        assert isinstance(one, RawRecord)
        assert (one.leader, one.fields) == (LEADER, FIELDS)


@pytest.mark.parametrize("between", ["\n", ",\n", "", "\n\n", "\x1e"])
def test_each_record_has_its_place_in_bytes(between):
    one = dump(PYMARC)
    data = ("[" + between.join([one, one, one]) + "]").encode()
    assert [data[item.offset : item.offset + item.length].decode() for item in read(data)] == [one] * 3


def test_an_array_inside_an_object_is_read():
    data = dump({"total": 2, "records": [PYMARC, MELINDA]}).encode()
    assert [one.fields for one in read(data)] == [FIELDS, FIELDS]


@pytest.mark.parametrize("broken", ['{"leader":"x","fields":[{"001":"a}]}', '{"leader":"x",,}', '{"leader":', "{oops}"])
@pytest.mark.parametrize("line", ["\n", ",\n"])
def test_one_bad_record_is_set_aside_and_the_others_are_read(broken, line):
    data = line.join([dump(PYMARC), broken, dump(MELINDA)]).encode()
    first, bad, last = read(data)
    assert isinstance(first, RawRecord)
    assert isinstance(bad, Unreadable)
    assert isinstance(last, RawRecord)
    assert bad.data == broken.encode() == data[bad.offset : bad.offset + bad.length]


@pytest.mark.parametrize(
    "value",
    [
        1,
        "text",
        {"name": "x"},
        {"leader": "x", "fields": [1]},
        {"leader": "x", "fields": [{"245": {"subfields": [1]}}]},
    ],
)
def test_a_value_that_is_no_record_is_set_aside_with_a_reason(value):
    items = list(read(dump(value).encode()))
    assert items
    assert all(isinstance(item, Unreadable) and item.reason for item in items)


def test_accents_given_by_escapes_are_composed():
    (one,) = read(dump({"fields": [{"500": {"subfields": [{"a": "cafe\u0301"}]}}]}, True).encode())
    assert one.fields[0].subfields == (("a", "café"),)


def test_escaped_marks_cannot_break_a_field():
    (one,) = read(dump({"fields": [{"500": {"subfields": [{"a": "x\x1fby\x1ez"}]}}]}, True).encode())
    assert one.fields[0].subfields == (("a", "x by z"),)
    assert one.leader == " " * 24


def test_pieces_of_any_size_give_the_same_records():
    class Slowly(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(5)

    data = f"[{dump(PYMARC)}, {dump(MELINDA)}, {{bad\n{dump(LISTS)}]".encode()
    assert list(read(Slowly(data))) == list(read(data))
    assert len(list(read(data))) == 4


@needs_shared
def test_real_lines_read_as_pymarc_reads_them():
    data = gzip.decompress((SHARED / "gold/hathitrust_pairs/records.jsonl.gz").read_bytes())[:2_000_000]
    lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
    items = list(read(b"".join(lines)))
    assert sum(item.length for item in items) == sum(len(line.rstrip()) for line in lines)
    for line, item in zip(lines[:200], items, strict=False):
        (wanted,) = pymarc.JSONReader(io.StringIO("[" + line.decode() + "]"))
        assert [field.tag for field in item.fields] == [field.tag for field in wanted.fields]
        assert [value for field in item.fields for _, value in field.subfields] == [
            unicodedata.normalize("NFC", part.value)
            for field in wanted.fields
            if not field.is_control_field()
            for part in field.subfields
        ]


@needs_shared
def test_every_melinda_record_is_read():
    paths = sorted((SHARED / "gold/melinda").rglob("*ecord[AB]*.json"))
    assert len(paths) > 200
    for path in paths:
        items = list(read(path.read_bytes()))
        assert items
        assert all(isinstance(item, RawRecord) for item in items), path


@given(st.text(alphabet='{}[]",:\\ \nleadrfis01', max_size=80))
def test_any_text_is_read_or_set_aside(text):
    data = f"{dump(PYMARC)}\n{text}\n{dump(MELINDA)}".encode()
    items = list(read(data))
    assert isinstance(items[0], RawRecord)
    ends = [item.offset + item.length for item in items]
    assert all(item.offset >= end for item, end in zip(items[1:], ends, strict=False))
    assert ends[-1] <= len(data)
