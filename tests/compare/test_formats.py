"""One book in CNMARC and in MARC 21 (P30): one by number or several elements; to be seen when only sound agrees."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.model import Format
from dedup.rules import load_rules
from dedup.stages.normalise import concepts
from tests.normalise.raw_batch import raw_batch

RULES = load_rules()
LEADERS = pa.array(["00000nam0 2200000   450 ", "00000nam a2200000 a 4500"])
CHINESE = {
    "fixed": ["20100305d2010    em y0chiy50      ea"],
    "isbn": ["010   $a978-7-5302-9911-1$dCNY32.00"],
    "language": ["101 0 $achi"],
    "country": ["102   $aCN$b110000"],
    "title": ["200 1 $a北海遗书$9bei hai yi shu$e海岸城市的往事$f沈怀舟著"],
    "imprint": ["210   $a北京$c北京十月文艺出版社$d2010"],
    "extent": ["215   $a312页$d21cm"],
    "name": ["701  0$a沈怀舟$4著"],
}
ROMANISED = {
    "fixed": ["100601s2010    cc            000 0 chi  "],
    "isbn": ["020   $a9787530299111"],
    "title": ["245 10$6880-02$aBei hai yi shu :$bhai an cheng shi de wang shi /$cShen Huaizhou zhu."],
    "imprint": ["260   $6880-03$aBeijing :$bBeijing shi yue wen yi chu ban she,$c2010."],
    "extent": ["300   $a312 p. ;$c21 cm."],
    "name": ["100 1 $6880-01$aShen, Huaizhou."],
}
IN_HAN = [
    "880 1 $6100-01/$1$a沈懷舟.",
    "880 10$6245-02/$1$a北海遺書 :$b海岸城市的往事 /$c沈懷舟著.",
    "880   $6260-03/$1$a北京 :$b北京十月文藝出版社,$c2010.",
]


def verdicts(chinese: dict[str, list[str]], western: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Verdict and row from both sides."""
    batch = raw_batch((Format.CNMARC, chinese), (Format.MARC21, western)).batch
    place = batch.schema.get_field_index("leader")
    made = Concepts(pa.Table.from_batches([concepts(batch.set_column(place, "leader", LEADERS), RULES)]))
    found = judge(made, np.array([0, 1]), np.array([1, 0]), RULES).to_pylist()
    return {(one["verdict"], one["row"]) for one in found}


def without(record: dict[str, list[str]], *columns: str) -> dict[str, list[str]]:
    return {name: lines for name, lines in record.items() if name not in columns}


def test_number_and_title_in_both_scripts_are_one_book():
    assert verdicts(CHINESE, ROMANISED | {"linked": IN_HAN}) == {("same", "P30.format")}


@pytest.mark.parametrize("silent", ["chinese", "western", "both"])
def test_without_a_number_title_names_imprint_and_pages_in_both_scripts_are_enough(silent):
    chinese = without(CHINESE, "isbn") if silent != "western" else CHINESE
    western = without(ROMANISED, "isbn") if silent != "chinese" else ROMANISED
    assert {verdict for verdict, _ in verdicts(chinese, western | {"linked": IN_HAN})} == {"same"}


@pytest.mark.parametrize("names", [True, False])
def test_a_record_in_letters_alone_is_one_book_by_its_number_and_pinyin(names):
    western = ROMANISED if names else without(ROMANISED, "name")
    assert verdicts(CHINESE, western) == {("same", "P30.romanised-number")}


def test_a_record_in_letters_alone_without_a_number_needs_the_book():
    assert verdicts(CHINESE, without(ROMANISED, "isbn")) == {("review", "P30.romanised")}


def test_one_number_and_no_pinyin_needs_the_book():
    silent = CHINESE | {"title": ["200 1 $a北海遗书$e海岸城市的往事$f沈怀舟著"]}
    assert verdicts(silent, ROMANISED) == {("review", "P30.scripts")}


def test_titles_that_sound_alike_in_two_chinese_records_are_two_titles():
    other = CHINESE | {"title": ["200 1 $a背海遗书$9bei hai yi shu$e海岸城市的往事$f沈怀舟著"]}
    batch = raw_batch((Format.CNMARC, without(CHINESE, "isbn")), (Format.CNMARC, without(other, "isbn"))).batch
    made = Concepts(pa.Table.from_batches([concepts(batch, RULES)]))
    assert judge(made, np.array([0]), np.array([1]), RULES)["verdict"].to_pylist() == ["different"]


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ["245 10$aBei hai yi shu.$nDi er ce :$bhai an cheng shi de wang shi."]},
        {"title": ["245 10$aNan hai yi shu :$bhai an cheng shi de wang shi."]},
        {"extent": ["300   $a1 online resource (312 p.)"], "fixed": ["100601s2010    cc      o     000 0 chi  "]},
    ],
    ids=["another volume", "another title", "another carrier"],
)
def test_a_shared_number_never_merges_another_volume_title_or_carrier(changed):
    assert "same" not in {verdict for verdict, _ in verdicts(CHINESE, ROMANISED | changed)}


def test_a_name_in_han_that_differs_separates_two_books_of_one_title():
    other = [line.replace("沈懷舟", "林若溪") for line in IN_HAN]
    western = without(ROMANISED, "isbn", "name") | {"linked": other}
    western["title"] = ["245 10$6880-02$aBei hai yi shu /$cLin Ruoxi zhu."]
    assert "same" not in {verdict for verdict, _ in verdicts(without(CHINESE, "isbn"), western)}
