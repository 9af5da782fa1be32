"""Volume designations, alone and in records."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Level
from dedup.normalise.numerals import roman_number
from dedup.normalise.volume import may_end_in_volume, parse_volume, strip_volume, volume_columns, weak_volume
from dedup.normalise.volume_designation import is_designation
from dedup.rules import Term, load_rules
from tests.normalise.parts_batch import batch_of, chinese, western

RULES = load_rules()
WORDS = RULES.terms["volume"]
UNITS = [row for row in WORDS if row.kind.startswith("unit")]


def test_every_example_of_a_volume_word_is_read_as_a_volume():
    for row in WORDS:
        for text in row.yes:
            volume = parse_volume(text, RULES)
            assert volume.level != Level.SINGLE, (row.id, text)
            assert volume.first is not None or volume.total is not None, (row.id, text)


@pytest.mark.parametrize("row", UNITS, ids=lambda row: row.id)
def test_a_unit_of_volumes_is_known_by_its_examples(row: Term):
    assert any(parse_volume(text, RULES).unit == row.id for text in row.yes)
    assert all(parse_volume(text, RULES).first is None for text in row.no)


@pytest.mark.parametrize(
    ("text", "first", "last", "total", "level"),
    [
        ("第1-2册", 1, 2, None, Level.RANGE),
        ("三至五", 3, 5, None, Level.RANGE),
        ("1/2", 1, 2, None, Level.RANGE),
        ("1、2", 1, 2, None, Level.RANGE),
        ("上、中册", 1, 2, None, Level.RANGE),
        ("v. 1-2", 1, 2, None, Level.RANGE),
        ("Bd. 1/2", 1, 2, None, Level.RANGE),
        ("Parts 5 and 6,", 5, 6, None, Level.RANGE),
        ("[Ч.] 1-2", 1, 2, None, Level.RANGE),
        ("上", 1, 1, None, Level.VOLUME),
        ("中册", 2, 2, None, Level.VOLUME),
        ("下", -1, -1, None, Level.VOLUME),
        ("下册 (全二册)", 2, 2, 2, Level.VOLUME),
        ("下册 (全三册)", 3, 3, 3, Level.VOLUME),
        ("卷之三", 3, 3, None, Level.VOLUME),
        ("1卷", 1, 1, None, Level.VOLUME),
        ("Ⅱ", 2, 2, None, Level.VOLUME),
        ("Volume IIb,", 2002, 2002, None, Level.VOLUME),
        ("Erster Band", 1, 1, None, Level.VOLUME),
        ("上册之一", 1001, 1001, None, Level.VOLUME),
        ("t. 2, vol. 1", 2001, 2001, None, Level.VOLUME),
        ("三年级上册", 3001, 3001, None, Level.VOLUME),
        ("Part 6-A,", 6001, 6001, None, Level.VOLUME),
        ("H-170,", 8170, 8170, None, Level.VOLUME),
        ("全三册", None, None, 3, Level.SET),
        ("全套5册", None, None, 5, Level.SET),
        ("(套装共4册)", None, None, 4, Level.SET),
        ("上下册", None, None, 2, Level.SET),
        ("3 v. in 1", None, None, 3, Level.SET),
        ("附册", None, None, None, Level.VOLUME),
        ("Гл. 1-48]", None, None, None, Level.VOLUME),
        ("48107-B1-TF-024,", None, None, None, Level.VOLUME),
        ("40075-H1-TF-024,", None, None, None, Level.VOLUME),
        ("", None, None, None, Level.SINGLE),
    ],
)
def test_a_designation_says(text, first, last, total, level):
    volume = parse_volume(text, RULES)
    assert (volume.first, volume.last, volume.total, volume.level) == (first, last, total, level)


@pytest.mark.parametrize("text", ["2012", "1999/2000", "1999-2000", "Volume 1999", "第2012卷"])
def test_a_year_is_no_volume_but_keeps_its_label(text):
    volume = parse_volume(text, RULES)
    assert volume.first is None
    assert volume.label


@pytest.mark.parametrize(
    ("first", "second"),
    [("第一卷", "卷1"), ("v. 1", "Volume I"), ("1卷", "V.1"), ("第三册", "三"), ("下冊", "下册"), ("II", "Ⅱ")],
)
def test_two_ways_to_name_one_volume_give_one_number(first, second):
    assert parse_volume(first, RULES).first == parse_volume(second, RULES).first is not None


@given(st.integers(1, 1399))
def test_every_number_is_read_back_whatever_its_unit(number):
    for shape in ("第{}册", "{}卷", "v. {}", "Bd. {}", "т. {}", "{}"):
        assert parse_volume(shape.format(number), RULES).first == number


@given(st.text(max_size=40))
def test_no_text_is_too_odd_to_be_read(text):
    volume = parse_volume(text, RULES)
    assert (volume.first is None) == (volume.last is None)
    title, designation = strip_volume(text, RULES)
    assert bool(designation) <= (len(title) < len(text) * 4)


@given(st.text(alphabet="ivxlcdm", min_size=1, max_size=6))
def test_roman_volumes_count_as_roman_numbers(text):
    number = roman_number(text)
    if number is not None and len(text) > 1 and number < 1400:
        assert parse_volume(f"vol. {text}", RULES).first == number


@pytest.mark.parametrize(
    ("title", "rest", "designation"),
    [
        ("高等数学. 上册", "高等数学", "上册"),
        ("高等数学（上）", "高等数学", "上"),
        ("高等數學：下冊", "高等數學", "下册"),
        ("三体Ⅱ", "三体", "ii"),
        ("大学英语. 3", "大学英语", "3"),
        ("红楼梦下卷", "红楼梦", "下卷"),
        ("天龙八部(全五册)", "天龙八部", "全五册"),
        ("小学语文三年级上册", "小学语文", "三年级 上册"),
        ("中国近代史 (一)", "中国近代史", "一"),
        ("Title, vol. 2", "Title", "vol. 2"),
        ("Title (v. 1-3)", "Title", "v. 1-3"),
        ("Henry IV, part 1", "Henry IV", "part 1"),
        ("Goethes Werke. 2. Band", "Goethes Werke", "2. band"),
        ("A history of England volume 2", "A history of England", "volume 2"),
    ],
)
def test_a_volume_is_cut_off_a_title(title, rest, designation):
    assert strip_volume(title, RULES) == (rest, designation)


@pytest.mark.parametrize(
    "title",
    [
        "三体2",
        "Advances in neural information processing systems 16",
        "World War II",
        "Windows 95",
        "上册",
        "九·一八",
        "纪念五·四",
        "中国2049",
        "档案X",
        "维生素C",
        "天下第一",
        "优秀中篇",
        "我的第一本",
        "中共十八届",
        "Reports, 1999-2000",
        "中国统计年鉴. 2012",
        "C程序设计 第2版",
        "早教游戏 (0-3)",
        "史记一百三十卷",
        "第二次世界大战",
        "Climatography of the U.S. no. 84",
        "Timber plan, region 6",
    ],
)
def test_a_title_that_ends_like_a_volume_stays_whole(title):
    assert strip_volume(title, RULES) == (title, "")


def test_a_number_right_after_a_chinese_title_is_only_a_weak_volume():
    assert weak_volume("三体2", RULES) == 2
    assert weak_volume("Linear algebra 2", RULES) is None
    assert weak_volume("中国2049", RULES) is None


def test_a_part_name_is_a_designation_only_when_it_holds_nothing_else():
    assert is_designation("上册", RULES) and is_designation("Part 2", RULES) and is_designation("全二册", RULES)
    assert not is_designation("提高篇", RULES) and not is_designation("Ohio River basin, part 3A of the report", RULES)


def columns(batch):
    found = {name: column.to_pylist() for name, column in volume_columns(batch, RULES).items()}
    return {name: values[0] for name, values in found.items()}


def said(batch):
    row = columns(batch)
    return Level(row["level"]).name, row["volume_from"], row["volume_to"], row["volume_total"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["200 1 $a高等数学", "215   $a2册"], ("SET", None, None, 2)),
        (["200 1 $a高等数学$h上册", "215   $a394页"], ("VOLUME", 1, None, None)),
        (["200 1 $a天龙八部$h第1-2册", "215   $a2册"], ("RANGE", 1, 2, None)),
        (["200 1 $a天龙八部$h三至五", "215   $a3册"], ("RANGE", 3, 5, None)),
        (["200 1 $a天龙八部$h1", "215   $a2册"], ("RANGE", 1, 1, None)),
        (["010   $a7020$dCNY59.70 (全二册)", "200 1 $a红楼梦$h下"], ("VOLUME", 2, None, 2)),
        (["010   $a7020$dCNY59.70 (全二册)", "200 1 $a红楼梦"], ("SINGLE", None, None, 2)),
        (["010   $a7020$b上册", "200 1 $a红楼梦", "215   $a300页"], ("VOLUME", 1, None, None)),
        (["010   $a7020$b上册", "010   $a7021$b下册", "200 1 $a红楼梦"], ("SET", None, None, None)),
        (["010   $a7020$b上册", "200 1 $a红楼梦", "215   $a2册"], ("SET", None, None, 2)),
        (["200 1 $a三体$hⅡ$i黑暗森林"], ("VOLUME", 2, None, None)),
        (["200 1 $a三体2"], ("VOLUME", 2, None, None)),
        (["200 1 $a三体", "215   $a302页"], ("SINGLE", None, None, None)),
        (["200 1 $a高等数学$i上册"], ("VOLUME", 1, None, None)),
        (["200 1 $a高等数学$e下册"], ("VOLUME", -1, None, None)),
        (["200 1 $a汉书$h卷1-20", "215   $a2册", "305   $a线装"], ("SET", None, None, 2)),
        (["200 1 $a奥运英语大家说$i提高篇"], ("VOLUME", None, None, None)),
    ],
)
def test_a_chinese_record_has_a_level_and_a_volume(lines, expected):
    assert said(chinese(RULES, *lines)) == expected


@pytest.mark.parametrize(
    ("lines", "leader", "expected"),
    [
        (["245 14$aThe art of computer programming", "300   $a3 v. :"], "", ("SET", None, None, 3)),
        (
            ["245 14$aThe art.$nVolume 1,$pFundamental algorithms /", "300   $axix, 650 p."],
            "",
            ("VOLUME", 1, None, None),
        ),
        (["245 00$aWorks", "300   $a3 v. in 1"], "", ("SET", None, None, 3)),
        (["245 00$aWorks", "300   $av. :"], "", ("SET", None, None, None)),
        (["245 00$aJournal", "300   $av. :"], "00000nas a2200000 a 4500", ("SINGLE", None, None, None)),
        (["020   $a123 (v. 1)", "245 00$aWorks", "300   $av. :"], "", ("SET", None, None, None)),
        (["020   $a123 (v. 1 : pbk.)", "245 00$aWorks", "300   $a300 p."], "", ("VOLUME", 1, None, None)),
        (["020   $a123$qv. 1", "020   $a124$qv. 2", "245 00$aWorks"], "", ("SET", None, None, None)),
        (["245 00$aAnnals.$n2012"], "", ("VOLUME", None, None, None)),
        (["245 00$aAdvances in systems 16 :$bproceedings"], "", ("SINGLE", None, None, None)),
        (["245 00$aWorks"], "00000nam a2200000 aa4500", ("SET", None, None, None)),
        (["245 00$aSounds", "300   $a2 sound discs"], "", ("SINGLE", None, None, None)),
        (["245 10$aPrairie farms /$cBy P. Gillmore.$nv. 1", "300   $a2 v."], "", ("SET", None, None, 2)),
        (["245 10$aEarly verse /$cJ. Ames.$nVol. 2", "300   $a88 p."], "", ("VOLUME", 2, None, None)),
        (
            ["245 10$aFishes /$cJ. Ames.$nLake Museum Zoology v. 7, no. 9", "300   $a9 p."],
            "",
            ("SINGLE", None, None, None),
        ),
        (["245 10$aArithmetic :$bPart third, for advanced scholars"], "", ("VOLUME", 3, None, None)),
        (["245 10$aInsect life :$bsecond series, summer"], "", ("VOLUME", 2, None, None)),
        (["245 10$aPlays :$bpart I. Youth. Part II. Age"], "", ("SINGLE", None, None, None)),
        (["245 10$aThe stream :$bbook one of a trilogy"], "", ("SINGLE", None, None, None)),
    ],
)
def test_a_western_record_has_a_level_and_a_volume(lines, leader, expected):
    assert said(western(RULES, *lines, leader=leader)) == expected


def test_the_part_name_is_kept_and_the_levels_of_a_hierarchy_make_one_label():
    row = columns(western(RULES, "245 00$aWorks.$nPart II,$pLetters.$nVolume 2,$pLast years /"))
    assert row["volume_from"] == 2002
    assert row["volume_label"] == "ii 2"
    assert row["part"] == "letters last years"


def test_a_record_gives_the_same_volume_alone_and_among_others():
    lines = [
        ["200 1 $a高等数学$h上册"],
        ["200 1 $a三体2"],
        ["200 1 $a活着"],
        ["200 1 $a天龙八部$h三至五", "215   $a3册"],
    ]
    single = [chinese(RULES, *one) for one in lines]
    rows = [one.batch.to_pylist()[0] for one in single]
    together = volume_columns(batch_of(rows), RULES)
    for name, column in together.items():
        assert column.to_pylist() == [volume_columns(one, RULES)[name].to_pylist()[0] for one in single]


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row.id)
def test_the_cheap_look_at_titles_misses_no_volume(row: Term):
    titles = [
        f"{title}{mark}{text}" for title in ("高等数学", "A history") for text in row.yes for mark in (". ", ", ", " (")
    ]
    looked = may_end_in_volume(pa.array([*titles, None]), RULES).to_pylist()
    assert not [
        title for title, found in zip(titles, looked, strict=False) if strip_volume(title, RULES)[1] and not found
    ]
