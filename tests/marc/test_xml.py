from __future__ import annotations

import tracemalloc
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.record import Field, RawRecord, Unreadable
from dedup.marc.xml import read
from dedup.marc.xmlrecord import parse_record

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
BODY = (
    '<leader>00000nam a2200000   4500</leader><controlfield tag="001">{number}</controlfield>'
    '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{title}</subfield></datafield>'
)


def record(number: int = 1, title: str = "中国 &amp; Title", element: str = "record") -> str:
    return f"<{element}>{BODY.format(number=number, title=title)}</{element.split()[0]}>"


def good(source) -> list[RawRecord]:
    return [one for one in read(source) if isinstance(one, RawRecord)]


def bad(source) -> list[Unreadable]:
    return [one for one in read(source) if isinstance(one, Unreadable)]


def titles(source) -> list[str]:
    return [field.subfields[0][1] for one in good(source) for field in one.fields if field.tag == "245"]


class Slowly:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step = data, step

    def read(self, size: int = -1, /) -> bytes:
        piece, self.data = self.data[: self.step], self.data[self.step :]
        return piece


@pytest.mark.parametrize(
    "text",
    [
        record(),
        f"<collection xmlns='http://www.loc.gov/MARC21/slim'>{record()}</collection>",
        f"<collection>{record(element='record xmlns=' + chr(34) + 'http://www.nlc.cn/' + chr(34))}</collection>",
        record().replace("<", "<dp:").replace("<dp:/", "</dp:"),
        f"<r><record><header><id>1</id></header><metadata>{record()}</metadata></record></r>",
        f"<srw:records><srw:record><srw:recordData>{record()}</srw:recordData></srw:record></srw:records>",
        f"<c><!-- <record><leader>no</leader></record> -->{record()}<![CDATA[<record><leader/></record>]]></c>",
        record().replace("<leader", "<!-- in the record --><leader"),
        record().replace(' tag="245" ind1="1" ind2="0"', " ind2='0' tag='245' ind1='1'"),
        record().replace("中国 &amp; Title", "<![CDATA[中国 & Title]]>"),
        record().replace("中国 &amp; Title", "&#x4E2D;国 &#38; Title"),
        record().replace("中国 &amp; Title", "\n   中国 &amp;\n   Title\n"),
        record().replace("<leader>", '<leader xmlns="urn:x">'),
        record().replace("<datafield", '<datafield x:note="unbound"'),
    ],
)
def test_every_dress_of_marcxml_gives_the_same_record(text):
    (one,) = good(text.encode())
    assert one.leader == "00000nam a2200000   4500"
    assert one.fields == (Field("001", "1"), Field("245", "", "10", (("a", "中国 & Title"),)))
    assert not [item for item in bad(text.encode()) if "without a leader" not in item.reason]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"])
def test_encodings_and_places(codec):
    text = f'<?xml version="1.0" encoding="{codec.removesuffix("-sig")}"?>\n<c>{record(1)}𠀀 <p/>{record(2)}</c>'
    data = text.encode(codec)
    found = good(data)
    assert titles(data) == ["中国 & Title"] * 2
    name = "utf-16-le" if codec == "utf-16" else codec.removesuffix("-sig")
    assert [data[one.offset : one.offset + one.length].decode(name) for one in found] == [record(1), record(2)]


def test_a_declaration_that_lies_is_not_believed():
    assert titles(f'<?xml version="1.0" encoding="utf-8"?>{record()}'.encode("gb18030")) == ["中国 & Title"]
    assert titles(f'<?xml version="1.0" encoding="gbk"?>{record()}'.encode()) == ["中国 & Title"]


def test_one_bad_record_is_set_aside_and_the_others_are_read():
    broken = record(2).replace("</subfield>", "</subfeld>")
    data = f"<c>{record(1)}{broken}{record(3)}</c>".encode()
    assert [one.fields[0].value for one in good(data)] == ["1", "3"]
    (item,) = bad(data)
    assert data[item.offset : item.offset + item.length] == item.data == broken.encode()


def test_a_record_that_never_ends_does_not_swallow_the_next():
    data = f"<c>{record(1).removesuffix('</record>')}\n{record(2)}</c>".encode()
    assert [one.fields[0].value for one in good(data)] == ["2"]
    assert "without its end tag" in bad(data)[0].reason


def test_a_cut_off_file_gives_its_whole_records_and_the_rest_aside():
    data = f"<c>{record(1)}{record(2)}".encode()[:-30]
    assert [one.fields[0].value for one in good(data)] == ["1"]
    (item,) = bad(data)
    assert item.offset + item.length == len(data)


def test_entities_are_refused_and_harm_no_other_record():
    bomb = '<!DOCTYPE c [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    data = f'<?xml version="1.0"?>{bomb}<c>{record(1, "&b;")}{record(2, "&f;")}{record(3)}</c>'.encode()
    assert [one.fields[0].value for one in good(data)] == ["3"]
    reasons = [item.reason for item in bad(data)]
    assert "DOCTYPE" in reasons[0]
    assert all("undefined entity" in reason for reason in reasons[1:])
    assert len(reasons) == 3


def test_a_control_character_in_the_text_is_shown_not_fatal():
    assert titles(record(title="a\x1fb").encode()) == ["a\ufffdb"]


def test_accents_given_by_reference_are_composed():
    assert titles(record(title="cafe&#x301;").encode()) == ["café"]


def test_missing_leader_odd_tags_and_blank_indicators():
    data = b'<record><datafield tag="AVA"><subfield code="a">x</subfield></datafield></record>'
    (one,) = good(data)
    assert one.leader == " " * 24
    assert one.fields == (Field("AVA", "", "  ", (("a", "x"),)),)


def test_the_older_form_of_aleph():
    data = b"""<record><metadata><oai_marc><fixfield id="LDR">^^^^^nam</fixfield><fixfield id="001">1</fixfield>
      <varfield id="245" i1="1" i2="0"><subfield label="a">T</subfield></varfield></oai_marc></metadata></record>"""
    (one,) = good(data)
    assert one.fields == (Field("001", "1"), Field("245", "", "10", (("a", "T"),)))


def test_xml_without_records_is_one_item():
    data = b"<collection><notarecord/></collection>"
    (item,) = list(read(data))
    assert isinstance(item, Unreadable)
    assert (item.offset, item.length) == (0, len(data))


@pytest.mark.parametrize("step", [1, 7, 100])
def test_pieces_of_any_size_give_the_same_records(step):
    data = f"<c><!-- c -->{record(1)}<!-- <record> -->{record(2)}<x/></c>".encode()
    assert list(read(Slowly(data, step))) == list(read(data))


def test_memory_stays_flat_over_a_long_file():
    class Long:
        left = 30

        def read(self, size: int = -1, /) -> bytes:
            self.left -= 1
            return record(self.left, "x" * 2000).encode() * 500 if self.left > 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in read(Long()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 29 * 500
    assert peak < 12_000_000


@needs_shared
def test_three_records_of_which_the_second_has_an_odd_code_are_all_kept():
    data = (SHARED / "broken/three-records-second-bad.xml").read_bytes()
    assert len(good(data)) + len(bad(data)) == 3
    assert len(good(data)) >= 2


@needs_shared
@pytest.mark.parametrize("name", ["cnmarc/sample_cnmarcxml.xml", "cnmarc/sample_marcxml.xml", "broken/marc-broken.xml"])
def test_real_records_read_as_the_xml_library_reads_them(name):
    data = (SHARED / name).read_bytes()
    assert [one.fields for one in good(data)] == [slow_fields(one) for one in slow_records(data)]


def slow_records(data: bytes) -> list[ET.Element]:
    return [one for one in ET.fromstring(data).iter() if any(child.tag.endswith("leader") for child in one)]


def slow_fields(one: ET.Element) -> tuple[Field, ...]:
    fields = []
    for child in one:
        attributes, text = child.attrib, unicodedata.normalize("NFC", child.text or "")
        if child.tag.endswith("controlfield"):
            fields.append(Field(attributes["tag"], text))
        elif child.tag.endswith("datafield"):
            parts = tuple((sub.attrib["code"], unicodedata.normalize("NFC", sub.text or "")) for sub in child)
            fields.append(Field(attributes["tag"], "", attributes["ind1"] + attributes["ind2"], parts))
    return tuple(fields)


@needs_shared
@pytest.mark.parametrize("name", ["nbs_monograph", "nist_technical_note"])
def test_xml_and_iso_2709_forms_of_a_collection_are_equal(name):
    folder = SHARED / "gpo/serialisations"
    with (folder / f"{name}_utf8.mrc").open("rb") as file:
        wanted = [iso_fields(one) for one in pymarc.MARCReader(file, to_unicode=True, force_utf8=True)]
    found = [[field.text().rstrip() for field in one.fields] for one in good((folder / f"{name}.xml").read_bytes())]
    plain = [pair for pair in zip(found, wanted, strict=True) if "\x1b" not in "".join(pair[1])]
    assert len(plain) >= 0.97 * len(wanted)
    assert [one for one, _ in plain] == [two for _, two in plain]


def iso_fields(one: pymarc.Record) -> list[str]:
    return [
        f"{field.tag}{field.data}".rstrip()
        if field.is_control_field()
        else Field(
            field.tag,
            "",
            "".join(field.indicators),
            tuple((sub.code, unicodedata.normalize("NFC", sub.value)) for sub in field.subfields),
        )
        .text()
        .rstrip()
        for field in one.fields
    ]


@needs_shared
def test_no_broken_xml_raises():
    for path in (SHARED / "broken").rglob("*.xml"):
        assert list(read(path.read_bytes()))


@given(st.text(alphabet="<>/=\"' abrecodlfi!-[]&;\n", max_size=120))
def test_any_text_between_tags_is_read_or_set_aside(text):
    data = f"<c>{record(1)}<record><leader>{text}</leader></record>{record(3)}</c>".encode()
    items = list(read(data))
    assert items
    assert all(0 <= item.offset <= item.offset + item.length <= len(data) for item in items)


@given(st.text(max_size=60).filter(str.isprintable))
def test_any_printable_value_comes_back(value):
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    _, fields = parse_record(record(title=escaped))
    assert fields[1].subfields == (("a", value),)
