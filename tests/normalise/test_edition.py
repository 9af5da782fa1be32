from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.edition import Edition, edition_rows, parse_edition
from dedup.normalise.edition_batch import edition_columns
from dedup.normalise.edition_title import title_edition
from dedup.rules import load_rules
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()
ROWS = RULES.terms["edition"]


def number(text: str) -> int | None:
    return parse_edition(text, RULES).number


@pytest.mark.parametrize(("row", "text"), [(row.id, text) for row in ROWS for text in row.yes])
def test_edition_words_are_found(row, text):
    assert row in edition_rows(text, RULES)


@pytest.mark.parametrize(("row", "text"), [(row.id, text) for row in ROWS for text in row.no])
def test_words_that_only_look_like_edition_words_are_not(row, text):
    assert row not in edition_rows(text, RULES)


def test_every_row_says_what_it_does_to_identity():
    effects = {"content", "other_identity", "form", "imprint", "empty"}
    assert {row.id for row in ROWS if row.more.get("effect") not in effects} == set()


@pytest.mark.parametrize(
    "text",
    [
        "2版",
        "第2版",
        "第二版",
        "２版",
        "修订2版",
        "第2版修订本",
        "新2版",
        "再版",
        "第2次修订版",
        "Ⅱ版",
        "第2版第3刷",
        "2版3次印刷",
        "改訂2版",
        "제2판",
        "2nd ed.",
        "2d ed.",
        "Second edition",
        "second ed",
        "[2nd ed.]",
        "2. Aufl.",
        "Zweite Auflage",
        "2., überarb. Aufl.",
        "2e éd.",
        "2ème édition",
        "Deuxième édition",
        "2a ed.",
        "2ª ed.",
        "2.a ed.",
        "Seconda ed.",
        "2-е изд.",
        "Изд. 2-е",
        "2nd American ed.",
        "2d American, from the 3d London ed.",
        "2. rev. udg.",
        "Ed. a 2-a",
        "Vyd. 2.",
        "2. vyd.",
        "Wyd. 2.",
        "2. uppl.",
        "2e druk",
        "II ed.",
        "Di 2 ban",
        "Ti 2 pan.",
        "Dai 2-han",
        "Che 2-p'an",
        "2nd ed. / edited by X",
        "The second edition improved.",
        "Rev. 2d ed.",
        "2nd completely rev. ed.",
        "3 printing, 2nd ed.",
        "2nd",
        "2d, rev. and enl. ed.",
    ],
)
def test_every_way_to_write_a_second_edition_is_the_second(text):
    assert number(text) == 2


@pytest.mark.parametrize(
    ("text", "expected"), [("Twentieth edition", 20), ("Twenty-first ed.", 21), ("第十二版", 12), ("廿一版", 21)]
)
def test_higher_numbers_are_read_in_words(text, expected):
    assert number(text) == expected


@pytest.mark.parametrize(
    "text", ["1版", "初版", "1st ed.", "First edition", "1. Aufl.", "1re éd", "Chu ban", "新1版", ""]
)
def test_a_first_edition_says_no_more_than_none(text):
    assert parse_edition(text, RULES).empty


@pytest.mark.parametrize("text", ["Vintage Books ed.", "1st Vintage Books ed.", "1st American ed.", "[1st U.S. ed.]"])
def test_an_edition_of_a_publisher_or_place_is_no_first_edition(text):
    assert parse_edition(text, RULES) == Edition(forms=("imprint",))


@pytest.mark.parametrize(
    "text",
    [
        "2nd printing",
        "9th printing, November 1970",
        "3rd thousand",
        "10th anniversary ed.",
        "November 1, 1918",
        "第3次印刷",
        "3刷",
    ],
)
def test_printings_thousands_and_dates_are_no_edition_numbers(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("修订版", ("revised",)),
        ("改訂版", ("revised",)),
        ("增补版", ("enlarged",)),
        ("3rd ed., rev. and enl.", ("enlarged", "revised")),
        ("New and rev. ed. (being the 3d)", ("revised",)),
        ("第4版, 英文影印版", ("facsimile", "original_language")),
        ("3rd ed., reprint ed.", ("reprint_edition",)),
        ("Изд. 2-е, испр. и доп.", ("enlarged", "revised")),
        ("International student ed.", ("international", "student")),
        ("50周年纪念版", ()),
        ("精装本", ()),
        ("1st American from the last corr. and enl. London ed.", ()),
    ],
)
def test_kinds_that_change_the_content_are_kept(text, kinds):
    assert parse_edition(text, RULES).kinds == kinds


@pytest.mark.parametrize(
    ("text", "forms"),
    [("精装本", ("hardback",)), ("[New ed.]", ("new",)), ("1st pbk. ed.", ("paperback",)), ("珍藏版", ("collectors",))],
)
def test_kinds_of_form_stand_apart(text, forms):
    assert parse_edition(text, RULES) == Edition(forms=forms)


@pytest.mark.parametrize(
    ("text", "original"),
    [("原书第3版", 3), ("据原书第2版译", 2), ("1st American, from the 4th London ed.", 4), ("第2版(原书第5版)", 5)],
)
def test_the_edition_of_the_original_is_another_number(text, original):
    assert parse_edition(text, RULES).original == original
    assert number(text) in (None, 2)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2019版", 2019),
        ("2019年版", 2019),
        ("二〇一九年版", 2019),
        ("2020年度版", 2020),
        ("94版", 1994),
        ("最新2021版", 2021),
        ("1953 ed.", 1953),
        ("Rev. Oct. 1978", 1978),
        ("Third ed. 1969, revised 1977.", 1977),
        ("1st ed., reprinted October 1914", None),
        ("第4版", None),
        ("9th printing, November 1970", None),
    ],
)
def test_year_editions_keep_their_year(text, year):
    assert parse_edition(text, RULES).year == year


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("经济学 (第二版)", Edition(number=2)),
        ("C程序设计（第五版）", Edition(number=5)),
        ("同济·第七版", Edition(number=7)),
        ("新概念英语修订版", Edition(kinds=("revised",))),
        ("修订本", Edition(kinds=("revised",))),
        ("中英对照", Edition(kinds=("bilingual",))),
        ("深入理解计算机系统（原书第3版）", Edition(original=3)),
        ("考研英语 2019版", Edition(year=2019)),
        ("Linear algebra, 2nd ed.", Edition(number=2)),
        ("Calculus (International Edition)", Edition(kinds=("international",))),
    ],
)
def test_editions_in_titles_are_read(title, expected):
    assert title_edition(title, RULES) == expected


@pytest.mark.parametrize(
    "title",
    [
        "日本",
        "基本",
        "老年人读本",
        "天津版画",
        "中国版本学",
        "版权法",
        "第2版权",
        "活字本",
        "世界地图册",
        "百科全书出版史",
        "Edition",
        "the new edition of the gospel",
        "a translation of the revised edition",
        "a draft of the second edition",
        "2020考研英语历年真题解析",
        "Standard edition.",
        "Second thoughts",
        "学生用书",
    ],
)
def test_titles_that_only_hold_such_words_state_no_edition(title):
    assert title_edition(title, RULES) is None


def test_the_columns_take_the_statement_first_and_the_title_after_it():
    records = [
        (Format.CNMARC, {"edition": ["205 $a3版$b修订本"], "title": ["200 1#$aC程序设计$f谭浩强著"]}),
        (Format.CNMARC, {"title": ["200 1#$a经济学 (第二版)$e修订版"]}),
        (Format.MARC21, {"edition": ["250 $a3rd ed. /$brevised by X."], "title": ["245 10$aLogic :$b4th ed."]}),
        (Format.MARC21, {"title": ["245 10$aLogic."]}),
        (Format.CNMARC, {"edition": ["205 $a2020版"]}),
    ]
    found = {name: column.to_pylist() for name, column in edition_columns(raw_batch(*records), RULES).items()}
    assert found["edition_number"] == [3, 2, 3, None, None]
    assert found["edition_kinds"] == [["revised"], ["revised"], [], [], []]
    assert found["edition_year"] == [None, None, None, None, 2020]
    assert found["edition_text"] == ["3版修订本", "", "3rd ed", "", "2020版"]


SIGNS = st.sampled_from(
    [*"第二2版修订本原书新印刷次. ,年", "ed", " ", "2nd", "rev", "from", "the", "first", "printing", "1999"]
)


@settings(deadline=None)
@given(st.lists(st.lists(SIGNS, max_size=8).map("".join), min_size=1, max_size=6))
def test_a_column_of_statements_is_read_as_its_values_are(texts):
    typed = [text for text in texts if text]
    records = [(Format.CNMARC, {"edition": [f"205 ##$a{text}"]}) for text in typed]
    if records:
        found = edition_columns(raw_batch(*records), RULES)
        expected = [parse_edition(text, RULES) for text in typed]
        assert found["edition_number"].to_pylist() == [one.number for one in expected]
        assert found["edition_kinds"].to_pylist() == [list(one.kinds) for one in expected]
        assert found["edition_year"].to_pylist() == [one.year for one in expected]
