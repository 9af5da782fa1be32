"""Series titles, their numbers, and series named in the wrong place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalise.series import note_series, series_columns, series_key, series_number, strip_series_prefix
from dedup.normalise.text import skeleton
from dedup.rules import load_rules
from tests.normalise.parts_batch import batch_of, chinese, western

RULES = load_rules()


@pytest.mark.parametrize(
    ("title", "rest", "series"),
    [
        ("《学点历史》丛书 读一点世界史", "读一点世界史", "学点历史丛书"),
        ("“走向未来”丛书 人的发现", "人的发现", "走向未来丛书"),
        ("中国古典文学丛书: 楚辞补注", "楚辞补注", "中国古典文学丛书"),
        ("21世纪系列丛书·经济学", "经济学", "21世纪系列丛书"),
    ],
)
def test_a_series_in_front_of_a_title_is_parted_from_it(title, rest, series):
    assert strip_series_prefix(title, RULES) == (rest, series)


@pytest.mark.parametrize(
    "title",
    [
        "汉译世界学术名著丛书",
        "丛书集成初编",
        "时间序列分析",
        "大学英语系列教程. 3",
        "文库版三国",
        "丛书目录 第1册",
        "SPSS系列 之一",
        "系列化设计",
        "《红楼梦》研究丛书",
        "《红楼梦》 导读",
        "Linear algebra",
    ],
)
def test_a_title_that_only_speaks_of_a_series_stays_whole(title):
    assert strip_series_prefix(title, RULES) == (title, "")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("普通高等教育“十一五”国家级规划教材", "“十一五”国家级规划教材"),
        ("普通高等教育国家级“十五”规划教材", "十五国家级规划教材"),
        ("面向21世纪课程教材", "面向二十一世纪课程教材"),
        ("Graduate texts in mathematics ;", "Graduate Texts in Mathematics"),
        ("Water-supply paper (Washington, D.C.)", "Water-supply paper"),
        ("叢書集成", "丛书集成"),
        ("中国历史小丛书. 第三辑", "中国历史小丛书"),
    ],
)
def test_one_series_in_two_forms_has_one_key(first, second):
    assert series_key(first, RULES) == series_key(second, RULES) != ""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("“十一五”国家级规划教材", "“十五”国家级规划教材"),
        ("“十一五”国家级规划教材", "卫生部“十一五”规划教材"),
        ("Lecture notes in mathematics", "Lecture notes in physics"),
    ],
)
def test_two_series_have_two_keys(first, second):
    assert series_key(first, RULES) != series_key(second, RULES)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("v. 211", "211"),
        ("第3辑", "3"),
        ("Bd. 189", "189"),
        ("no. 97-206", "97-206"),
        ("v. 3, no. 2", "3 2"),
        ("75-26", "75-26"),
    ],
)
def test_the_number_in_a_series_is_free_of_its_unit(text, number):
    assert series_number(text, RULES) == number


def test_a_year_in_the_number_of_a_series_is_part_of_it():
    assert series_number("2007-3009", RULES) != series_number("2006-3009", RULES)


@pytest.mark.parametrize(
    ("note", "series"),
    [
        ("经济法系列教材", "经济法系列教材"),
        ("本书系经济法系列教材之一", "经济法系列教材"),
        ("丛书题名: 学点历史丛书", "学点历史丛书"),
        ("封面题：经济法系列教材。", "经济法系列教材"),
        ("本书为普通高等教育“十五”国家级规划教材", "“十五”国家级规划教材"),
        ('"Graduate texts in mathematics, 211."', "Graduate texts in mathematics"),
    ],
)
def test_a_note_names_a_series(note, series):
    assert note_series(note, RULES) == series_key(series, RULES)


@pytest.mark.parametrize(
    "note",
    ["丛书题名取自封面", "根据原书第3版译出", "This book is in a series on cats", "2020年重印", "", "Includes index."],
)
def test_a_note_without_a_series_names_none(note):
    assert note_series(note, RULES) == ""


def test_the_words_of_series_are_known_by_their_examples():
    for row in RULES.terms["series"]:
        if row.kind in ("word-han", "before", "is"):
            assert all(note_series(text, RULES) for text in row.yes), row.id
            assert not any(note_series(text, RULES) for text in row.no), row.id
        elif row.kind == "word-western":
            assert all(note_series(f'"{text}."', RULES) for text in row.yes)
            assert not any(note_series(f'"{text}."', RULES) for text in row.no)
        elif row.kind in ("generic", "planning", "plan"):
            keys = {series_key(text, RULES) for text in row.yes}
            assert len({series_key(text, RULES) for text in row.yes if row.kind != "planning"}) <= 1
            assert not keys & {series_key(text, RULES) for text in row.no}, row.id
        else:
            assert all(strip_series_prefix(text, RULES)[1] == "" for text in row.yes)
            assert all(strip_series_prefix(f"学点历史丛书 {text}", RULES)[1] for text in row.no)


@given(st.text(max_size=60))
def test_no_title_is_too_odd_to_be_read(text):
    rest, series = strip_series_prefix(text, RULES)
    assert rest == text if not series else len(rest) > 0
    assert note_series(text, RULES) == note_series(text, RULES)


@given(st.text(alphabet="abcdefg 丛书系列", min_size=1, max_size=20))
def test_a_series_key_is_a_skeleton(text):
    key = series_key(text, RULES)
    assert key == skeleton(key, RULES)


def columns(*rows):
    return {name: column.to_pylist() for name, column in series_columns(batch_of(list(rows)), RULES).items()}


def row_of(batch):
    return batch.batch.to_pylist()[0]


def test_the_series_field_the_note_and_the_prefix_give_one_key():
    found = columns(
        row_of(chinese(RULES, "200 1 $a经济法概论", "225 2 $a经济法系列教材", "410  0$12001 $a经济法系列教材")),
        row_of(chinese(RULES, "200 1 $a经济法概论", "300   $a经济法系列教材")),
        row_of(chinese(RULES, "200 1 $a经济法概论$e经济法系列教材")),
        row_of(chinese(RULES, "200 1 $a《学点历史》丛书 读一点世界史")),
        row_of(western(RULES, "245 00$aAlgebra", "490 1 $aGraduate texts in mathematics ;$v211")),
        row_of(western(RULES, "245 00$aAlgebra", '500   $a"Graduate texts in mathematics, 211."')),
        row_of(western(RULES, "245 00$aNo series")),
    )
    assert found["series"] == [["经济法系列教材"], [], [], [], ["graduatetextsinmathematics"], [], []]
    noted = [[], ["经济法系列教材"], ["经济法系列教材"], ["学点历史丛书"], [], ["graduatetextsinmathematics"], []]
    assert found["note_series"] == noted
    assert found["series_numbers"] == [[], [], [], [], ["graduatetextsinmathematics 211"], [], []]


def test_numbers_read_together_are_what_each_one_says():
    texts = [
        "v. 211",
        "no. 007",
        "[5]",
        "第3辑",
        "EPA-600/3-78-021",
        "75-26",
        "1997",
        "no. 1997",
        "Bd.189 ;",
        "A-13",
        "0",
    ]
    found = columns(*(row_of(western(RULES, "245 00$aA", f"490 1 $aBlue books ;$v{text}")) for text in texts))
    assert found["series_numbers"] == [[f"bluebooks {series_number(text, RULES)}"] for text in texts]
    assert series_number("1997", RULES) == series_number("no. 1997", RULES)


def test_a_number_belongs_to_the_series_of_its_own_field():
    found = columns(
        row_of(western(RULES, "245 00$aA", "490 1 $aBlue books ;$v2", "490 1 $aAtlas", "830  0$aRed books ;$vno. 7"))
    )
    assert found["series"] == [["atlas", "bluebooks", "redbooks"]]
    assert found["series_numbers"] == [["bluebooks 2", "redbooks 7"]]
