from __future__ import annotations

import pytest

from dedup.marc.record import Field, RawRecord, Unreadable
from dedup.marc.symphony import read

FLAT = """*** DOCUMENT BOUNDARY ***
FORM=MARC
.000. |aamIi0n a
.001. |aocm12345
.008. |a990101s1999    nyu           000 0 eng d
.020.   |a0123456789 (pbk.)
.245. 10|aTitle of the book :|ba very long remainder of the title that
was wrapped /|cby Someone.
.300.   |axv, 607 p.
*** DOCUMENT BOUNDARY ***
FORM=CNMARC
.000. |aam 0 n
.001. |a012004002367
.200. 1 |a高等数学|h上册|f同济大学
数学系编
.701.  0|a张三
"""


def test_documents_become_records_with_their_form():
    first, second = read(FLAT.encode())
    assert isinstance(first, RawRecord)
    assert first.fields[0] == Field("001", "ocm12345")
    assert first.fields[1].value == "990101s1999    nyu           000 0 eng d"
    assert first.fields[2] == Field("020", "", "  ", (("a", "0123456789 (pbk.)"),))
    assert first.fields[-1] == Field("FRM", "", "  ", (("a", "MARC"),))
    assert isinstance(second, RawRecord)
    assert second.fields[-1].subfields == (("a", "CNMARC"),)
    assert second.fields[2] == Field("701", "", " 0", (("a", "张三"),))


def test_wrapped_lines_are_joined_with_a_blank_only_between_latin_words():
    first, second = read(FLAT.encode())
    assert first.fields[3].subfields[1:] == (
        ("b", "a very long remainder of the title that was wrapped /"),
        ("c", "by Someone."),
    )
    assert second.fields[1].subfields[-1] == ("f", "同济大学数学系编")


def test_the_short_leader_is_spread_over_twenty_four_places():
    first, _ = read(FLAT.encode())
    assert len(first.leader) == 24
    assert (
        first.leader[5],
        first.leader[6],
        first.leader[7],
        first.leader[9],
        first.leader[17],
        first.leader[18],
    ) == tuple("namaIi")


def test_a_whole_leader_is_kept():
    (one,) = read(b"*** DOCUMENT BOUNDARY ***\n.000. |a00000nam a2200000   4500\n.001. |a1\n")
    assert one.leader == "00000nam a2200000   4500"


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_line_ends_and_places(codec, end):
    data = FLAT.replace("\n", end).encode(codec)
    items = list(read(data))
    assert items[1].fields[1].subfields[0] == ("a", "高等数学")
    assert items[0].offset + items[0].length == items[1].offset
    assert items[1].offset + items[1].length == len(data)


def test_a_document_without_fields_is_set_aside():
    data = b"*** DOCUMENT BOUNDARY ***\nFORM=MARC\n" + FLAT.encode()
    first, *rest = read(data)
    assert isinstance(first, Unreadable)
    assert data[first.offset : first.offset + first.length] == b"*** DOCUMENT BOUNDARY ***\nFORM=MARC\n"
    assert len(rest) == 2
