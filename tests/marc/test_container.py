from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.container import Container, detect

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
XML = '<?xml version="1.0"?><collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader/></record></collection>'


def zip_of(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"", Container.EMPTY),
        (b"\xef\xbb\xbf \r\n\x00\x1a", Container.EMPTY),
        (b"00050nam a2200037   4500001000200000\x1ex\x1e\x1d", Container.ISO2709),
        (b"\r\n\r\n00050nam a2200037   4500245000200000\x1e10\x1fax\x1e\x1d", Container.ISO2709),
        (b"garbage \x1e10\x1faTitle\x1e\x1d", Container.ISO2709),
        (XML.encode(), Container.MARCXML),
        (b"\xef\xbb\xbf" + XML.encode(), Container.MARCXML),
        (XML.encode("utf-16"), Container.MARCXML),
        (XML.encode("utf-16-be"), Container.MARCXML),
        (b"<marc:record><marc:controlfield tag='001'>1</marc:controlfield></marc:record>", Container.MARCXML),
        (b'[{"leader": "x", "fields": []}]', Container.MARC_JSON),
        (b'{\n "leader": "x",\n "fields": []\n}', Container.MARC_JSON),
        (b'{"leader":"x","fields":[]}\n{"leader":"y","fields":[]}\n', Container.MARC_JSON_LINES),
        (b"*** DOCUMENT BOUNDARY ***\nFORM=MARC\n.000. |aam\n", Container.SYMPHONY_FLAT),
        (b".001. |a1\n.245. 10|aTitle\n", Container.SYMPHONY_FLAT),
        (b"=LDR  00000nam\n=245  10$aTitle\n", Container.LINE_TEXT),
        ("200 1 ▼a小王子▼f著\n210   ▼a北京\n".encode(), Container.LINE_TEXT),
        ("2001 @a小王子@f著\n210  @a北京\n".encode("gb18030"), Container.LINE_TEXT),
        (gzip.compress(b"x", mtime=0), Container.GZIP),
        (bytes(pa.compress(b"x", codec="zstd", asbytes=True)), Container.ZSTD),
        (zip_of("a.mrc"), Container.ZIP),
    ],
)
def test_the_container_is_told_from_the_bytes(head, container):
    assert detect(head).container is container


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (zip_of("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
        (zip_of("mimetype"), "OpenDocument"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500), "xls"),
        (b"SQLite format 3\x00" + bytes(80), "SQLite"),
        (b"\n<!DOCTYPE html><html><body>", "HTML"),
        (b"<?xml version='1.0'?><rss><item/></rss>", "<rss>"),
        (b"id,title,year\n1,A,2000\n2,B,2001\n", "CSV"),
        (b"id\ttitle\n1\tA\n", "tabs"),
        (b'{"name": "x"}', "JSON without MARC"),
        (b"*** DOCUMENT BOUNDARY ***\nFORM=LDUSER\n.USER_ID.   |a2122\n", "SirsiDynix"),
        (b"TY  - BOOK\nTI  - Title\n", "RIS"),
        (b"@book{a, title={b}}", "BibTeX"),
        (b"### 02951cM2.01200024      h\n001 39-5\n", "MAB2"),
        (b"02951cM2.01200024      h001 39-5\x1e002a1999\x1e\x1d", "MAB2"),
        (b"000000001 LDR   L ^^^^^nam^a22", "Aleph"),
        (b"CREATE TABLE x (y int);\n", "SQL"),
        (bytes(257) + b"ustar", "tar"),
        (b"Dear colleague,\nplease find attached.\n", "text without MARC"),
        (bytes(range(1, 9)) * 20, "binary"),
    ],
)
def test_what_is_not_marc_is_named(head, words):
    found = detect(head)
    assert found.container is Container.NOT_MARC
    assert words in found.name


@needs_shared
def test_real_files_are_told_apart():
    kinds = {}
    for path in sorted(SHARED.rglob("*")):
        if (
            path.suffix in (".mrc", ".marc", ".iso", ".usmarc", ".xml", ".dat", ".gz", ".txt")
            and path.stat().st_size > 200
        ):
            with path.open("rb") as file:
                kinds.setdefault(detect(file.read(65536)).container, set()).add(path.suffix)
    assert kinds == {
        Container.ISO2709: {".mrc", ".marc", ".iso", ".usmarc"},
        Container.MARCXML: {".xml"},
        Container.NOT_MARC: {".dat"},
        Container.GZIP: {".gz"},
        Container.LINE_TEXT: {".txt"},
    }


@given(st.binary(max_size=300))
def test_any_bytes_have_a_container_and_a_name(head):
    assert detect(head).name
