from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.text import fold, fold_column, skeleton
from dedup.normalise.title import title_columns
from dedup.normalise.title_core import core_of, title_cores
from dedup.normalise.title_numbers import read_token
from dedup.normalise.title_split import settle, strip_series
from dedup.rules import load_rules
from dedup.tables import CONCEPT
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()
SHARED = Path(__file__).resolve().parents[3] / "shared"
MARC, CN = Format.MARC21, Format.CNMARC


def title(kind: Format, line: str, **more: list[str]) -> dict[str, object]:
    """The title columns of one record."""
    columns = title_columns(raw_batch((kind, {"title": [line], **more})), RULES)
    return {name: column[0].as_py() for name, column in columns.items()}


def test_every_title_column_has_the_agreed_type_and_no_nulls():
    lines = ["245 10$aTitle :$bsub /$cby me", "", "245 10$a", "245 10$b only"]
    columns = title_columns(raw_batch(*((MARC, {"title": [line] if line else []}) for line in lines)), RULES)
    for name, column in columns.items():
        assert column.type == CONCEPT.field(name).type, name
        assert column.null_count == 0 and len(column) == len(lines), name


def test_an_empty_batch_gives_empty_columns():
    columns = title_columns(raw_batch(), RULES)
    assert {name: len(column) for name, column in columns.items()} == dict.fromkeys(columns, 0)


def test_a_western_title_is_filed_without_article_and_punctuation():
    found = title(MARC, "245 14$aThe art of computer programming /$cDonald E. Knuth.")
    assert found["title"] == "art of computer programming"
    assert found["title_key"] == "artofcomputerprogramming"
    assert found["responsibility"] == "donald e knuth"
    assert found["display_title"] == "The art of computer programming"
    assert found["script"] == "latin"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("245 12$aA theory of justice", "theory of justice"),
        ("245 02$aL'homme", "homme"),
        ("245 04$aIntroduction", "introduction"),
        ("245 00$aThe art of war", "art of war"),
        ("245 09$aThe", "the"),
        ("245 04$aDie Welt", "welt"),
    ],
)
def test_an_article_goes_only_when_the_indicator_is_plausible(line, wanted):
    assert title(MARC, line)["title"] == wanted


@pytest.mark.parametrize("line", ["200 1 $a\u0088Le \u0089monde", "200 1 $a\u0098Le \u009cmonde", "200 1 $a¬Le ¬monde"])
def test_what_stands_between_non_sorting_marks_is_no_part_of_the_title(line):
    assert title(Format.UNIMARC, line)["title"] == "monde"


def test_only_the_first_title_field_counts():
    columns = title_columns(raw_batch((MARC, {"title": ["245 00$aFirst$csame", "245 00$aSecond$bother"]})), RULES)
    assert (columns["title"][0].as_py(), columns["subtitle"][0].as_py()) == ("first", "")


@pytest.mark.parametrize(
    "line",
    ["245 10$aAll :$bpart one /$cby me", "245 10$aAll : part one /$cby me", "245 10$aAll : part one / by me",
     "245 10$aAll /$bpart one$cby me", "245 10$aAll [microform] :$bpart one /$cby me",
     "245 10$aAll$h[electronic resource] :$bpart one /$cby me"],
)  # fmt: skip
def test_isbd_punctuation_in_one_subfield_gives_the_same_parts(line):
    found = title(MARC, line)
    assert (found["title"], found["subtitle"], found["responsibility"]) == ("all", "part one", "by me")


@pytest.mark.parametrize(
    "line", ["200 1 $a学习$e方法论$f张三", "200 1 $a学习：方法论$f张三", "200 1 $a學習 : 方法論 / 张三"]
)
def test_a_colon_in_a_chinese_title_gives_the_same_parts(line):
    found = title(CN, line)
    assert (found["title"], found["subtitle"], found["responsibility"]) == ("学习", "方法论", "张三")


@pytest.mark.parametrize(
    "line",
    ["245 10$aComputer systems = $b深入理解计算机系统 : 概论", "245 10$aComputer systems$h[text] =$b深入理解计算机系统",
     "245 10$aComputer systems = 深入理解计算机系统", "200 1 $aComputer systems$d深入理解计算机系统$e概论"],
)  # fmt: skip
def test_a_parallel_title_is_another_name_and_no_subtitle(line):
    found = title(MARC if line.startswith("245") else CN, line)
    assert found["subtitle"] == ""
    assert "深入理解计算机系统" in found["alternatives"]


def test_a_subtitle_before_a_parallel_title_stays():
    found = title(MARC, "245 10$aSystems :$ba view = 系统")
    assert (found["subtitle"], found["alternatives"][0]) == ("a view", "系统")


@pytest.mark.parametrize(
    "line", ["200 1 $a高等数学$h上册", "200 1 $a高等数学. 上册", "200 1 $a高等数学（上册）", "200 1 $a高等数学上册"]
)
def test_a_volume_in_the_title_meets_the_volume_in_its_own_subfield(line):
    found = title(CN, line)
    assert found["title_key"] == "高等数学"
    assert "高等数学上册" in found["alternatives"]


def test_a_western_volume_at_the_end_is_not_part_of_the_key():
    assert title(MARC, "245 10$aHistory of things. Vol. 2 /$cby me")["title_key"] == "historyofthings"


def test_series_words_in_front_are_not_part_of_the_key():
    found = title(CN, "200 1 $a《学点历史》丛书 读一点世界史$f史军")
    assert found["title_key"] == "读一点世界史"
    assert found["title"] == "学点历史丛书读一点世界史"
    assert "学点历史丛书读一点世界史" in found["alternatives"]


@pytest.mark.parametrize(
    "typed", ["汉译世界学术名著丛书 第一辑", "系列产品设计", "文库", "《当代文库》", "外国文学丛书·上册"]
)
def test_a_title_that_is_a_series_stays_whole(typed):
    assert strip_series(typed, RULES) == ("", typed)


@pytest.mark.parametrize(
    ("line", "years"),
    [
        ("200 1 $a'94中国发展报告", [1994]),
        ("200 1 $a`93中国发展报告", [1993]),
        ("200 1 $aˋ93中国发展报告", [1993]),
        ("200 1 $a’92中国发展报告", [1992]),
        ("200 1 $a'96 发展报告", [1996]),
        ("200 1 $a1999 年中国", [1999]),
        ("200 1 $a考研英语$e2019版", [2019]),
        ("200 1 $a(1978～1980)全国会议", [1978, 1980]),
        ("200 1 $a年鉴$h2004", [2004]),
        ("200 1 $a一九九九年年鉴", [1999]),
        ("200 1 $a一九八四", []),
        ("245 00$aReport :$bFY 95", [1995]),
        ("245 00$aReport, fiscal year 1996", [1996]),
        ("245 00$aReport 2001-02", [2001, 2002]),
        ("245 00$aReport 1999-2000 (2003)", [1999, 2000, 2003]),
        ("245 00$aThe '98-'99 season", [1998, 1999]),
        ("245 00$aReport.$pAppendix 1987", [1987]),
        ("245 00$a1984", [1984]),
    ],
)
def test_years_in_a_title_are_found_however_they_are_typed(line, years):
    assert title(CN if line.startswith("200") else MARC, line)["title_years"] == years


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("245 00$aAdvances in systems 16 :$bproceedings of the 2003 conference", "16"),
        ("245 00$aHearings :$b104th Congress, 2d session", "104 2"),
        ("245 00$aHearings :$bOne hundred fourth Congress, second session", "104 2"),
        ("245 00$aThe twenty-first century", "21"),
        ("245 00$aWorld War II", "2"),
        ("245 00$aHenry V", "5"),
        ("245 00$aI and thou", ""),
        ("245 00$aCivil mix", ""),
        ("245 00$aCalculus, 3rd edition", ""),
        ("245 00$aPi is 3.14", "3.14"),
        ("200 1 $a第12届国际会议", "12"),
        ("200 1 $a第十二届国际会议", "12"),
        ("200 1 $a三体2", "2"),
        ("200 1 $a三体", ""),
        ("200 1 $a高等数学. 上册", ""),
        ("200 1 $a大学英语. 3", ""),
        ("200 1 $aC程序设计$e第2版", ""),
        ("200 1 $a1978年全国10次会议", "10"),
    ],
)
def test_numbers_in_a_title_are_kept_apart_from_years_editions_and_volumes(line, numbers):
    assert title(CN if line.startswith("200") else MARC, line)["title_numbers"] == numbers


def test_a_span_of_years_over_a_century_keeps_its_order():
    assert read_token("1999-00", RULES).years == (1999, 2000)


def test_pinyin_comes_from_its_subfield_without_spaces():
    assert title(CN, "200 1 $a围城$9wei cheng$f钱钟书")["pinyin"] == "weicheng"
    assert title(CN, "200 1 $a围城$AWei Cheng$f钱钟书")["pinyin"] == "weicheng"
    assert title(Format.UNIMARC, "200 1 $aTitre$9rien")["pinyin"] == ""


def test_a_romanised_title_serves_as_pinyin():
    linked = title(MARC, "245 10$6880-01$aWei cheng /$cQian", linked=["880 10$6245-01/$1$a圍城 /$c錢鍾書"])
    assert (linked["pinyin"], linked["alternatives"]) == ("weicheng", ["围城"])
    fixed = ["910101s1991    cc            000 1 chi d"]
    assert title(MARC, "245 10$aWei cheng", fixed=fixed)["pinyin"] == "weicheng"
    assert title(MARC, "245 10$aFortress besieged")["pinyin"] == ""


@pytest.mark.parametrize(
    ("line", "script"),
    [("245 00$aC程序设计", "han"), ("245 00$aВойна Latin", "cyrillic"), ("245 00$aはる 春", "kana"),
     ("245 00$a한국", "hangul"),
     ("245 00$aβ-carotene", "latin"), ("245 00$aΙλιάς", "greek"), ("245 00$a1984", ""), ("245 00$aÉtat", "latin")],
)  # fmt: skip
def test_the_script_of_a_title_is_that_of_its_words(line, script):
    assert title(MARC, line)["script"] == script


def test_the_shown_title_has_isbd_punctuation():
    assert (
        title(CN, "200 1 $a三體$hⅡ$i黑暗森林$e科幻$d3 Body$f刘")["display_title"] == "三體. Ⅱ. 黑暗森林 : 科幻 = 3 Body"
    )
    assert title(MARC, "245 10$aA :$bb.$n2,$pc /$cd")["display_title"] == "A : b. 2, c"
    assert title(CN, "200 1 $a軟件$d = Software")["display_title"] == "軟件 = Software"


def test_the_rules_of_another_format_are_not_applied():
    batch = raw_batch((MARC, {"title": ["200 1 $a围城"]}), (CN, {"title": ["245 10$aTitle"]}))
    assert title_columns(batch, RULES)["title"].to_pylist() == ["", ""]


PIECE = st.text(st.sampled_from(list("ab :=/丛书《》 ：第二上册.(（）)1V")), max_size=12)


@settings(deadline=None)
@given(PIECE, PIECE, PIECE, PIECE)
def test_settling_loses_no_letters(proper, other, parallel, responsibility):
    before = sorted(sign for part in (proper, other, parallel, responsibility) for sign in part if sign.isalnum())
    after = sorted(sign for part in settle(proper, other, parallel, responsibility) for sign in part if sign.isalnum())
    # Only the other title information of a parallel title may go.
    assert not [sign for sign in after if after.count(sign) > before.count(sign)]
    if "=" not in proper + other:
        assert before == after


def slow_key(typed: str) -> str:
    """The key of one title proper, in plain words: fold what is left without volume and series."""
    return skeleton(core_of(typed, RULES)[0], RULES)


def plain_keys(typed: list[str]) -> None:
    column = pa.array(typed, pa.string())
    folded = fold_column(column, RULES)
    whole = pa.array([skeleton(value, RULES) for value in typed], pa.string())
    found = title_cores(column, folded, whole, RULES)
    wanted = [
        slow_key(value).removeprefix("the") if fold(value, RULES).startswith("the ") else slow_key(value)
        for value in typed
    ]
    got = [key.removeprefix("the") if fold(value, RULES).startswith("the ") else key
           for key, value in zip(found.key.to_pylist(), typed, strict=True)]  # fmt: skip
    assert got == wanted


@settings(deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from(list("数学历史丛书 .·（）上下册第二卷1IVvolpart[]《》-")), max_size=14), max_size=8
    )
)
def test_titles_without_a_hint_have_no_volume_and_no_series(typed):
    plain_keys(typed)


def test_real_titles_have_the_keys_of_the_slow_way():
    path = SHARED / "gold" / "hathitrust_pairs" / "records.jsonl.gz"
    if not path.is_file():
        pytest.skip("the shared labelled records are not here")
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for _, line in zip(range(1500), lines, strict=False)]
    typed = [value["a"] for record in records for one in record["fields"] if "245" in one
             for value in one["245"]["subfields"] if "a" in value]  # fmt: skip
    assert len(typed) > 1000
    plain_keys(typed)
