"""Many records brought to UTF-8 together read as each of them alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.marc.columnar import tokenise
from dedup.marc.encoding import decide, decode
from dedup.marc.text import to_utf8
from dedup.marc.tokens import to_loose
from tests.marc.plain import iso2709

_HANZI = "少年小树之歌佛瑞斯特著姚宏昌译杭州浙江文艺出版社中国文学现代小说模式臺灣歷史研究叢書"
_WORDS = st.one_of(
    st.text(st.sampled_from(_HANZI), min_size=1, max_size=40).flatmap(
        lambda text: st.sampled_from([text.encode("gb18030"), text.encode("utf-8"), text.encode("big5", "replace")])
    ),
    st.sampled_from(
        [
            b"Plain ASCII",
            "Les misérables, œuvres".encode(),
            "Ele\u0301ments".encode(),
            "Économie générale".encode("latin-1"),
            b"ibn \xb0Ali al-Mu\xf2hammad, H\xe5am\xe5id",
            b"\x1b$1!<n!VX\x1b(B",
            b"\xc4\xa3\xca\xbd",
            b"\xb0",
            b"\xe4\xb8",
        ]
    ),
    st.binary(max_size=8).map(lambda data: data.translate(None, b"\x00\x0a\x0d\x1d\x1e")),
)
_FIELD = st.lists(_WORDS, min_size=1, max_size=3).map(lambda words: b"1 \x1fa" + b"\x1fb".join(words))
_RECORD = st.lists(st.tuples(st.sampled_from(["200", "245", "330"]), _FIELD), min_size=1, max_size=3).map(iso2709)


@settings(deadline=None)
@given(st.lists(_RECORD, min_size=1, max_size=6), st.sampled_from([None, "utf-8", "gb18030", "big5", "marc-8"]))
def test_a_chunk_reads_as_its_records_do_one_by_one(records: list[bytes], hint: str | None) -> None:
    read = tokenise(b"".join(records), 0)
    assert read.rest == []
    made = to_utf8(read.tokens, hint)
    assert made.encoding is not None
    for row in range(len(records)):
        content = b"".join(text + b"\x1e" for _, text in to_loose(read.tokens, row).fields)
        name = "utf-8" if content.isascii() and b"\x1b" not in content else decide(content, " ", hint)
        text = content.decode("ascii") if content.isascii() and b"\x1b" not in content else decode(content, name)
        one = to_loose(made, row)
        assert made.encoding[row] == name
        if text.count("\x1e") == len(one.fields):
            assert b"".join(field + b"\x1e" for _, field in one.fields).decode() == text


def test_a_file_in_gb_18030_keeps_a_record_in_utf_8() -> None:
    record = {
        codec: iso2709([("200", "1 \x1fa中国文学史\x1ff姚宏昌著".encode(codec)), ("210", b"  \x1faBeijing")])
        for codec in ("gb18030", "utf-8")
    }
    made = to_utf8(tokenise(record["gb18030"] * 3 + record["utf-8"] + record["gb18030"], 0).tokens, "gb18030")
    assert made.encoding == ["gb18030"] * 3 + ["utf-8", "gb18030"]
    assert {to_loose(made, row).fields for row in range(5)} == {
        ((b"200", "1 \x1fa中国文学史\x1ff姚宏昌著".encode()), (b"210", b"  \x1faBeijing"))
    }


def test_one_broken_record_does_not_change_its_neighbours() -> None:
    good = iso2709([("245", "10\x1faŒuvres compl\u00e8tes".encode())])
    bad = iso2709([("245", "10\x1faŒuvres compl\u00e8tes".encode() + b"\xe9")])
    made = to_utf8(tokenise(good + bad + good, 0).tokens, "utf-8")
    assert made.encoding == ["utf-8"] * 3
    texts = [to_loose(made, row).fields[0][1].decode() for row in range(3)]
    assert texts[0] == texts[2] == "10\x1faŒuvres complètes"
    assert texts[1] == "10\x1faŒuvres complètes\ufffd"
