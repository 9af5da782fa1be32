from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.encoding import REPLACEMENT, decide, decode, file_hint

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
HAN = re.compile("[\u3400-\u9fff]")
HANZI = "少年小树之歌 佛瑞斯特卡特著 姚宏昌译 杭州浙江文艺出版社 中国文学 现代小说"
TRADITIONAL = "臺灣歷史研究叢書 國立臺灣大學出版中心 經濟學概論 張曉明編著 臺北市"
RUSSIAN = "Преступление и наказание : роман / Ф. М. Достоевский. — Москва, издательство Наука"


def records(name: str) -> list[bytes]:
    return [record for record in (SHARED / name).read_bytes().split(b"\x1d") if record.strip()]


def read(record: bytes, hint: str | None) -> str:
    return decode(record, decide(record, record[9:10].decode("latin-1"), hint))


def texts(name: str) -> list[str]:
    hint = file_hint((SHARED / name).read_bytes())
    return [read(record, hint) for record in records(name)]


@needs_shared
def test_no_chinese_is_invented_in_two_thousand_latin_marc_8_records():
    """One of them has a real Chinese title in EACC, behind an escape sequence."""
    data = [record for record in records("marc8/uva_001_2000.mrc") if b"\x1b$" not in record]
    hint = file_hint((SHARED / "marc8/uva_001_2000.mrc").read_bytes())
    assert hint == "marc-8"
    assert len(data) == 1999
    assert not [read(record, hint) for record in data if HAN.search(read(record, hint))]


@needs_shared
def test_no_chinese_is_invented_when_each_latin_record_comes_alone():
    data = [record for record in records("marc8/uva_001_2000.mrc") if b"\x1b$" not in record]
    assert not [record for record in data if HAN.search(read(record, None))]
    high = [record for record in data if not record.isascii()]
    assert sum(decide(record, " ") == "marc-8" for record in high) >= 0.99 * len(high)


@needs_shared
def test_russian_in_koi8_r_is_not_chinese():
    hint = file_hint((SHARED / "unimarc/rusmarc_koi8r.iso").read_bytes())
    assert hint == "koi8-r"
    assert {decide(record, " ", hint) for record in records("unimarc/rusmarc_koi8r.iso")} == {"koi8-r"}
    assert not any(HAN.search(text) for text in texts("unimarc/rusmarc_koi8r.iso"))


@needs_shared
def test_chinese_records_read_the_same_in_three_encodings():
    utf8, gb, crlf = (
        [text.strip("\r\n")[24:].split("\x1e", 1)[1] for text in texts(f"cnmarc/cnmarc_27_{name}.iso")]
        for name in ("utf8", "gb18030", "gb18030_crlf")
    )
    assert len(utf8) == 27
    assert utf8 == gb == crlf


@needs_shared
@pytest.mark.parametrize("name", ["nbs_monograph", "nist_technical_note"])
def test_marc_8_and_utf_8_forms_of_a_collection_have_equal_text(name):
    utf8, marc8 = (texts(f"gpo/serialisations/{name}_{form}.mrc") for form in ("utf8", "marc8"))
    assert [text[24:].split("\x1e", 1)[1] for text in utf8] == [text[24:].split("\x1e", 1)[1] for text in marc8]


@needs_shared
def test_utf_8_with_some_bad_bytes_stays_utf_8_and_shows_them():
    (record,) = records("broken/utf8_with_bad_bytes.marc")
    assert decide(record, record[9:10].decode()) == "utf-8"
    assert 0 < decode(record, "utf-8").count(REPLACEMENT) < 5


@needs_shared
def test_dos_cyrillic_is_read_as_cp866():
    assert file_hint((SHARED / "broken/cp866_multirecord.marc").read_bytes()) == "cp866"


@needs_shared
def test_no_broken_file_raises():
    for path in sorted((SHARED / "broken").iterdir()):
        if path.is_file():
            data = path.read_bytes()
            hint = file_hint(data)
            for record in [data, *data.split(b"\x1d")]:
                assert isinstance(read(record, hint), str)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (HANZI, "gb18030", "gb18030"),
        (HANZI, "utf-8", "utf-8"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-8", "utf-8"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN.replace("—", "-"), "cp866", "cp866"),
        (RUSSIAN, "cp1251", "cp1251"),
        ("Économie générale et comptabilité à l'école, façade", "cp1252", "cp1252"),
        ("Größe und Würde der schönen Künste", "latin-1", "cp1252"),
        ("00100nam 245 title", "utf-16-le", "utf-16-le"),
        ("00100nam 245 title", "utf-16-be", "utf-16-be"),
        ("Plain ASCII", "ascii", "utf-8"),
    ],
)
def test_each_encoding_is_told_from_its_bytes(text, codec, name):
    data = text.encode(codec, "replace")
    assert decide(data) == name
    assert decode(data, name) == unicodedata.normalize("NFC", data.decode(codec))


def test_what_the_leader_says_does_not_make_chinese_bytes_utf_8():
    data = HANZI.encode("gb18030")
    assert decide(data, "a") == decide(data, " ") == "gb18030"


def test_utf_8_bytes_under_a_marc_8_leader_are_utf_8():
    assert decide("Les misérables / Victor Hugo, œuvres".encode(), " ") == "utf-8"


def test_iso_5426_accents_of_old_unimarc_come_out_right():
    data = b"Orgueil et pr\xc2ejug\xc2es / traduit par H\xc2el\xc1ene"
    assert decide(data) == "iso-5426"
    assert decode(data, "iso-5426") == "Orgueil et préjugés / traduit par Hélène"


def test_the_word_that_is_both_gb_and_utf_8_follows_its_file():
    data = "模式".encode("gb18030")
    assert decide(data, hint="gb18030") == "gb18030"
    assert decide(data) == "utf-8"


def test_ayn_before_a_long_vowel_is_not_a_hanzi():
    data = b"ibn \xb0\xe5Ali al-Mu\xf2hammad, H\xe5am\xe5id"
    assert decide(data) == "marc-8"
    assert not HAN.search(decode(data, "marc-8"))


def test_an_accent_never_joins_a_subfield_code():
    assert decode("\x1fa\u0301x\x1fbe\u0301".encode(), "utf-8") == "\x1fa\u0301x\x1fb\u00e9"


def test_a_sample_of_plain_ascii_gives_no_hint():
    assert file_hint(b"00100nam\x1d00100nam\x1d") is None


NAMES = [
    "utf-8",
    "gb18030",
    "big5",
    "marc-8",
    "koi8-r",
    "cp1251",
    "cp866",
    "iso-5426",
    "cp1252",
    "utf-16-le",
    "no-such",
]


@given(st.binary(max_size=200), st.sampled_from([None, *NAMES]), st.sampled_from(" a"))
def test_deciding_and_decoding_never_fail(data, hint, leader09):
    for name in (decide(data, leader09, hint), *NAMES):
        text = decode(data, name)
        assert unicodedata.is_normalized("NFC", text) or "\x1f" in text


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
def test_utf_8_hanzi_are_utf_8_whatever_the_hint(text):
    assert decide(text.encode(), hint="marc-8") == "utf-8"
    assert decode(text.encode(), "utf-8") == unicodedata.normalize("NFC", text)
