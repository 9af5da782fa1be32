from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.text import skeleton
from dedup.normalise.title import title_columns
from dedup.rules import load_rules
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()
MARC, CN = Format.MARC21, Format.CNMARC


def names(kind: Format, **fields: list[str]) -> list[str]:
    """The alternatives of one record."""
    return title_columns(raw_batch((kind, fields)), RULES)["alternatives"][0].as_py()


def test_part_name_part_number_and_subtitle_are_joined_to_the_title():
    found = names(CN, title=["200 1 $a三体$hⅡ$i黑暗森林$e科幻小说"])
    assert set(found) == {"三体黑暗森林", "三体ii", "三体ii黑暗森林", "三体科幻小说"}


def test_a_part_typed_into_the_title_meets_the_part_in_its_subfield():
    typed = title_columns(raw_batch((CN, {"title": ["200 1 $a奥运英语大家说. 提高篇"]})), RULES)["title_key"][0].as_py()
    assert typed in names(CN, title=["200 1 $a奥运英语大家说$i提高篇"])


def test_variant_titles_come_in_the_order_of_trust():
    found = names(
        MARC, title=["245 10$aMain"], variant=["240 10$aUniform", "246 3 $aOther title :$bsub", "740 0 $aThird"]
    )
    assert found == ["othertitle", "third", "uniform"]
    assert names(CN, title=["200 1 $a正题名"], variant=["510 1 $aEnglish", "517 1 $a其他題名$9qi ta"]) == [
        "其他题名",
        "english",
    ]


def test_an_880_of_another_field_is_no_title():
    assert names(MARC, title=["245 10$aX y"], linked=["880 1 $6100-02$a钱钟书", "880 3 $6246-03$a變題"]) == ["变题"]


def test_the_work_that_stands_second_in_the_title_field_is_another_name():
    assert "乙书" in names(CN, title=["200 1 $a甲书$a乙书$f某人"])


def test_the_title_of_a_volume_typed_under_its_series_is_another_name():
    assert "理想国" in names(CN, title=["200 1 $a汉译世界学术名著丛书$i理想国"])


def test_an_uncounted_foreign_article_gives_a_name_without_it():
    assert names(MARC, title=["245 00$aDer Zauberberg"]) == ["zauberberg"]


def test_an_article_joined_by_an_apostrophe_gives_a_name_without_it():
    assert names(Format.UNIMARC, title=["200 1 $aL’Afrique des lacs"]) == ["afriquedeslacs"]


def test_other_title_information_typed_into_the_title_gives_a_name_without_it():
    assert names(MARC, title=["245 04$aThe evolution of world-peace; essays arranged"]) == ["evolutionofworldpeace"]
    assert names(MARC, title=["245 00$aAt 12:30"]) == []


def test_the_title_itself_and_names_said_twice_are_left_out():
    assert names(
        MARC, title=["245 10$aMain"], variant=["246 3 $aMAIN.", "246 3 $aOther", "246 1 $aother!", "246 1 $aX"]
    ) == ["other"]


LINES = st.lists(st.text(st.sampled_from(list("abcde f.三体體")), min_size=1, max_size=4), max_size=14)


@settings(deadline=None)
@given(st.lists(LINES, max_size=5))
def test_alternatives_are_distinct_few_and_in_first_come_order(records):
    batch = raw_batch(
        *((MARC, {"title": ["245 10$aabc"], "variant": [f"246 3 $a{line}" for line in lines]}) for lines in records)
    )
    found = title_columns(batch, RULES)["alternatives"].to_pylist()
    most = RULES.tables["text"]["title"]["most"]
    shortest = RULES.tables["text"]["title"]["shortest"]
    for lines, given_names in zip(records, found, strict=True):
        wanted = dict.fromkeys(skeleton(line, RULES) for line in lines)
        assert given_names == [name for name in wanted if name != "abc" and len(name) >= shortest][:most]
