from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.linetext import looks_like_lines, read
from dedup.marc.record import Field, RawRecord, Unreadable

SHARED = Path(__file__).resolve().parents[3] / "shared"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
FIELDS = (
    Field("001", "012004"),
    Field("010", "", "  ", (("a", "978-7-5001-6208-7"), ("d", "CNY32.00"))),
    Field("200", "", "1 ", (("a", "小王子"), ("f", "圣·埃克苏佩里著"))),
    Field("701", "", " 0", (("a", "李玉民"), ("4", "译"))),
)
STYLES = {
    "mrk": r"""=LDR  00000nam0 2200000   450
=001  012004
=010  \\$a978-7-5001-6208-7$dCNY32.00
=200  1\$a小王子$f圣·埃克苏佩里著
=701  \0$a李玉民$4译""",
    "blank after the tag": """LDR 00000nam0 2200000   450
001 012004
010   ǂa978-7-5001-6208-7ǂdCNY32.00
200 1 ǂa小王子ǂf圣·埃克苏佩里著
701  0ǂa李玉民ǂ4译""",
    "compact": """LDR00000nam0 2200000   450
001012004
010  @a978-7-5001-6208-7@dCNY32.00
2001 @a小王子@f圣·埃克苏佩里著
701 0@a李玉民@4译""",
    "signs for blanks": """头标区 00000nam0#2200000###450
001 012004
010 ##|a978-7-5001-6208-7|dCNY32.00
200 1#|a小王子|f圣·埃克苏佩里著
701 #0|a李玉民|4译""",
    "triangles": """001 012004
010 △△▼a978-7-5001-6208-7▼dCNY32.00
200 1△▼a小王子▼f圣·埃克苏佩里著
701 △0▼a李玉民▼4译""",
    "caret": """001 012004
010 __^_a978-7-5001-6208-7^_dCNY32.00
200 1_^_a小王子^_f圣·埃克苏佩里著
701 _0^_a李玉民^_4译""",
    "control character": """001 012004
010 --\x1fa978-7-5001-6208-7\x1fdCNY32.00
200 1-\x1fa小王子\x1ff圣·埃克苏佩里著
701 -0\x1fa李玉民\x1f4译""",
    "blanks around codes": """001 012004
010    ‡a 978-7-5001-6208-7 ‡d CNY32.00
200 1  ‡a 小王子 ‡f 圣·埃克苏佩里著
701  0 ‡a 李玉民 ‡4 译""",
    "blanks between indicators": """001 012004
010     $a978-7-5001-6208-7$dCNY32.00
200 1   $a小王子$f圣·埃克苏佩里著
701   0 $a李玉民$4译""",
    "tabs": "001\t012004\n010\t  \t$a978-7-5001-6208-7$dCNY32.00\n"
    "200\t1 \t$a小王子$f圣·埃克苏佩里著\n701\t 0\t$a李玉民$4译",
    "wrapped": """001 012004
010   ǂa978-7-5001-6208-7ǂdCNY32.00
200 1 ǂa小王
      子ǂf圣·埃克苏佩里著
701  0ǂa李玉民ǂ4译""",
}


@pytest.mark.parametrize("style", [name for name in STYLES if name != "blanks between indicators"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_every_way_to_write_a_worksheet_gives_the_same_fields(style, codec):
    text = STYLES[style]
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        pytest.skip(f"{codec} has no such sign")
    (one,) = read(data)
    assert isinstance(one, RawRecord)
    assert one.fields == FIELDS
    assert one.leader.startswith("00000nam0 2200000   450") or "00000nam" not in text
    assert len(one.leader) == 24
    assert looks_like_lines(text)


def test_indicators_with_a_blank_between_them():
    (one,) = read(b"245 1 0 $aTitle\n100 1 # $aName")
    assert [field.indicators for field in one.fields] == ["10", "1 "]


@pytest.mark.parametrize("gap", ["\n\n", "\n\n\n# a comment\n", "\n----------\n", "\n"])
def test_records_are_parted_by_blank_lines_rules_or_leaders(gap):
    data = (STYLES["mrk"] + gap + STYLES["mrk"].replace("012004", "012005") + "\n").encode()
    first, second = read(data)
    assert (first.fields[0].value, second.fields[0].value) == ("012004", "012005")
    assert data[second.offset : second.offset + second.length].decode().startswith("=LDR")
    assert first.offset == 0
    assert second.offset + second.length == len(data)


def test_a_second_001_starts_a_record():
    first, second = read("001 1\n200 1 $a甲\n001 2\n200 1 $a乙\n".encode())
    assert [first.fields[1].subfields[0][1], second.fields[1].subfields[0][1]] == ["甲", "乙"]


def test_money_and_mnemonics_are_not_subfields():
    (one,) = read(b"=020  \\\\$a123$cUS$25.00 (HK$80)\n=500  \\\\$aCost {dollar}5, caf{acute}e {copy}1999")
    assert one.fields[0].subfields == (("a", "123"), ("c", "US$25.00 (HK$80)"))
    assert one.fields[1].subfields == (("a", "Cost $5, café ©1999"),)


def test_a_first_code_left_out_is_a():
    (one,) = read("245 10 Title of it / ǂc Author\n300    xv, 607 p. ; ǂc 24 cm\n650  0 ǂa Physics".encode())
    assert one.fields[0].indicators == "10"
    assert [code for code, _ in one.fields[0].subfields] == ["a", "c"]


def test_prose_between_records_is_set_aside():
    data = ("Dear colleague,\nhere they are.\n\n" + STYLES["mrk"]).encode()
    first, second = read(data)
    assert isinstance(first, Unreadable)
    assert data[first.offset : first.offset + first.length] == b"Dear colleague,\nhere they are.\n"
    assert isinstance(second, RawRecord)


@needs_shared
def test_the_seventeen_real_records_are_read():
    items = list(read((SHARED / "data/cnmarc/cnmarc_snippets.txt").read_bytes()))
    assert all(isinstance(item, RawRecord) for item in items)
    assert len(items) == 17
    assert items[0].fields[-3].tag == "210"
    title = next(field for field in items[0].fields if field.tag == "200")
    assert title.indicators == "1 "
    assert title.subfields[:2] == (("a", "小王子"), ("b", "专著"))
    assert {field.indicators for item in items for field in item.fields if field.tag == "701"} <= {
        " 0",
        " 1",
        "  ",
        "00",
    }


@needs_shared
def test_the_lines_of_the_hard_pairs_are_read():
    for line in (SHARED / "cases/hard_pairs.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        for side in ("a", "b"):
            lines = [text for text in case[side] if text[:3].isdigit()]
            (one,) = read("\n".join(lines).encode())
            assert isinstance(one, RawRecord), case["id"]
            assert [field.tag for field in one.fields] == [text[:3] for text in lines]
            assert all(field.subfields or field.tag < "010" for field in one.fields), case["id"]


@given(st.text(alphabet="0123456789 $@|a\n\r=\\#LDR著", max_size=80))
def test_any_lines_are_read_or_set_aside_in_order(text):
    data = text.encode()
    items = list(read(data))
    ends = [item.offset + item.length for item in items]
    assert all(item.offset >= end for item, end in zip(items[1:], ends, strict=False))
    assert not ends or ends[-1] <= len(data)
