from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.normalise.text import bare_column, chinese_number, fold, fold_column, number, roman_number, skeleton
from dedup.normalise.text import skeleton_column as skeletons
from dedup.rules import load_rules

RULES = load_rules()
SHARED = Path(__file__).resolve().parents[3] / "shared"

ANY = st.text(st.characters(exclude_categories=["Cs"]))
# Signs that meet each other in titles: marks, numerals, scripts, letters that expand.
TITLES = st.text(
    st.sampled_from(
        list("aZ09 .-–—+#&'’《》[]:/第十二〇卷年三體著ßæﬁⅣ①é\u0301ё\u3099かﾊﾞ한\u1112\u1161\u11ab\n\u3000ʻ~·ａ")
    ),
    max_size=24,
)


@settings(deadline=None)
@given(st.lists(st.one_of(ANY, TITLES, st.none())))
def test_a_column_folds_as_its_values_do(values):
    expected = [None if value is None else fold(value, RULES) for value in values]
    assert fold_column(pa.array(values, pa.string()), RULES).to_pylist() == expected


@settings(deadline=None)
@given(st.lists(st.one_of(ANY, TITLES, st.none())))
def test_a_column_of_skeletons_equals_the_skeletons(values):
    expected = [None if value is None else skeleton(value, RULES) for value in values]
    assert skeletons(pa.array(values, pa.string()), RULES).to_pylist() == expected


@given(st.lists(TITLES, min_size=3), st.integers(0, 3))
def test_a_slice_of_a_column_folds_like_the_whole(values, start):
    column = pa.array(values, pa.string())
    assert fold_column(column.slice(start), RULES).to_pylist() == fold_column(column, RULES).to_pylist()[start:]


@settings(max_examples=300, deadline=None)
@given(st.one_of(ANY, TITLES))
def test_folding_twice_changes_nothing(value):
    once = fold(value, RULES)
    assert fold(once, RULES) == once
    assert skeleton(once, RULES) == skeleton(value, RULES)


def test_every_single_character_folds_the_same_alone_in_a_column_and_twice():
    values = [
        chr(code) for code in range(0x110000) if code < 0x3000 or (code % 5 == 0 and not 0xD800 <= code <= 0xDFFF)
    ]
    folded = fold_column(pa.array(values, pa.string()), RULES)
    assert fold_column(folded, RULES).equals(folded)
    assert folded.to_pylist()[:3000] == [fold(value, RULES) for value in values[:3000]]


@given(TITLES)
def test_ascii_digits_are_never_removed(value):
    wanted = [sign for sign in value if sign in "0123456789"]
    found = iter(sign for sign in skeleton(value, RULES) if sign.isdigit())
    assert all(digit in found for digit in wanted)


@given(st.text(st.sampled_from("aeoué\u00e7ñŁØşЖйё άω")))
def test_composed_and_decomposed_letters_are_one(value):
    assert fold(unicodedata.normalize("NFD", value), RULES) == fold(unicodedata.normalize("NFC", value), RULES)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Ｃ＋＋ 程序设计 : 第２版", "c++程序设计第2版"),
        ("C# in depth / by X.", "c# in depth by x"),
        ("A + B", "a b"),
        ("Élan vital; Ångström’s œuvre", "elan vital angstroms oeuvre"),
        ("Straße & Weg", "strasse and weg"),
        ("i͡ubileĭ Prokofʹeva ; ʻAyn", "iubilei prokofeva ayn"),
        ("Война и миръ : Фёдор", "воина и миръ федор"),
        ("加西亚·马尔克斯", "加西亚.马尔克斯"),
        ("加西亚・马尔克斯", "加西亚.马尔克斯"),
        ("《学点历史》丛书 读一点世界史", "学点历史丛书读一点世界史"),
        ("1978～1980", "1978-1980"),
        ("1978—1980", "1978-1980"),
        ("紅樓夢", "红楼梦"),
        ("钱锺书", "钱钟书"),
        ("図書館の歴史", "图书馆の历史"),
        ("はば", "はば"),
        ("ﾊﾞｯﾊ", "バッハ"),
        ("Ⅳ ⅻ ①", "iv xii 1"),
        ("m² ㎡", "m2 m2"),
        ("1999 年中国", "1999年中国"),
        ("[Title] (sub) = {x}", "title sub x"),
        ("U.S.A.", "u.s.a"),
        ("twenty-first", "twenty-first"),
        ("word - word", "word word"),
        ("  ", ""),
        ("***", ""),
    ],
)
def test_what_cataloguers_type_in_several_ways_folds_into_one(typed, folded):
    assert fold(typed, RULES) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("第十二届会议", "第12届会议"),
        ("第二〇卷", "第20卷"),
        ("第廿三期", "第23期"),
        ("一九九九年报", "1999年报"),
        ("第一百零八回", "第108回"),
    ],
)
def test_chinese_ordinals_and_years_become_arabic(typed, folded):
    assert fold(typed, RULES) == folded


@pytest.mark.parametrize(
    "title", ["三体", "一九八四", "二十四史", "百年孤独", "三国演义", "第三帝国的兴亡", "二十年目睹之怪现状", "十月"]
)
def test_chinese_numerals_in_running_words_stay(title):
    assert fold(title, RULES) == title


def test_different_programming_languages_have_different_skeletons():
    assert len({skeleton(name, RULES) for name in ("C", "C++", "C#", "F#", "F")}) == 5


def test_no_character_is_both_replaced_and_a_replacement():
    assert not set(RULES.characters) & set(RULES.characters.values())


@pytest.mark.parametrize("sign", "芸欠余著后里干")
def test_simplified_characters_are_left_alone(sign):
    assert fold(sign, RULES) == sign


@pytest.mark.parametrize(
    ("text", "value"),
    [("十二", 12), ("二〇〇五", 2005), ("廿三", 23), ("一百零八", 108), ("壹拾贰", 12), ("两", 2), ("十", 10),
     ("二十", 20), ("一万二千", 12000), ("卅", 30), ("上", None), ("", None), ("12", None), ("二三十", None)],
)  # fmt: skip
def test_chinese_numerals_have_their_value(text, value):
    assert chinese_number(text) == value


@given(st.integers(1, 3999))
def test_roman_numerals_are_read_back(value):
    signs = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), 
             (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")]  # fmt: skip
    text, rest = "", value
    for size, sign in signs:
        text += sign * (rest // size)
        rest %= size
    assert roman_number(text) == roman_number(text.upper()) == value


def test_numerals_of_every_kind_are_numbers_and_words_are_not():
    assert [number(text) for text in ("12", "１２", "⑫", "XII", "Ⅻ", "十二", "㈫")] == [12, 12, 12, 12, 12, 12, None]
    assert [roman_number(text) for text in ("iiii", "", "mild", "vx")] == [None] * 4


def test_the_titles_of_real_labelled_records_fold_the_same_in_a_column_and_alone():
    path = SHARED / "cases" / "hard_pairs.jsonl"
    if not path.is_file():
        pytest.skip("the shared labelled pairs are not here")
    lines = [str(part) for row in map(json.loads, path.read_text("utf-8").splitlines()) for part in row["a"] + row["b"]]
    assert fold_column(pa.array(lines, pa.string()), RULES).to_pylist() == [fold(line, RULES) for line in lines]
    assert bare_column(fold_column(pa.array(lines), RULES)).to_pylist() == [skeleton(line, RULES) for line in lines]
