from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.model import Format
from dedup.normalise.publisher import place_key, publisher_columns, publisher_family, publisher_key, publisher_keys
from dedup.rules import Term, load_rules
from tests.normalise.raw import batch, field

RULES = load_rules()
ROWS = [row for row in RULES.terms["publisher"] if not row.kind.startswith("place")]
COMPARED = [
    (row, example, wanted) for row in ROWS for wanted, of in ((True, row.yes), (False, row.no)) for example in of
]


@pytest.mark.parametrize(("row", "example", "wanted"), COMPARED, ids=lambda value: getattr(value, "id", str(value)))
def test_every_word_of_the_table_does_what_its_examples_say(row: Term, example: str, wanted: bool) -> None:
    left, equals, right = example.partition(" = ")
    if equals:
        assert bool(set(publisher_keys(left, RULES)) & set(publisher_keys(right, RULES))) is wanted
    else:
        assert (publisher_keys(example, RULES) == ()) is wanted


PLACES = [row for row in RULES.terms["publisher"] if row.kind.startswith("place")]
PLACED = [(example, wanted) for row in PLACES for wanted, of in ((True, row.yes), (False, row.no)) for example in of]


@pytest.mark.parametrize(("example", "wanted"), PLACED)
def test_words_of_places_do_what_their_examples_say(example: str, wanted: bool) -> None:
    left, _, right = example.partition(" = ")
    assert (place_key(left, RULES) == right) is wanted


ONE_HOUSE = [
    ("J. Wiley & sons", "John Wiley and Sons", "Wiley"),
    ("C. Scribner's sons,", "Charles Scribner's Sons", "Scribner"),
    ("Otis Broaders and company,", "Otis, Broaders,"),
    ("Houghton, Mifflin & Co.", "Houghton Mifflin company"),
    ("G.P.O.", "U.S. Govt. Print. Off.", "Gov't print. off.", "For sale by the Supt. of Docs., U.S. G.P.O.,"),
    ("A. A. Knopf,", "Alfred A. Knopf"),
    ("Univ. of Chicago Pr.", "The University of Chicago press,"),
    ("Printed for T. Garthwait,", "Printed for T. Garthwait at the little North-doore of S. Pauls,"),
    ("Eyre & Spottiswoode", "Eyre and Spottiswoode, Printers to the Queen's Most Excellent Majesty,"),
    ("Robert and William Chambers", "W. & R. Chambers"),
    ("W. Creech", "Printed and sold by W. Creech,", "Printed for and sold by William Creech"),
    ("H.M.S.O.", "Her Majesty's Stationary Office"),
    ("生活·读书·新知三联书店", "三联书店", "北京三联书店"),
    ("貓頭鷹出版", "猫头鹰出版社"),
    ("世界图书出版公司", "世界图书出版公司北京公司"),
    ("人民文学出版社", "人民文学出版社有限公司"),
    ("Ren min wen xue chu ban she", "Renmin wenxue chubanshe"),
]


@pytest.mark.parametrize("names", ONE_HOUSE, ids=lambda names: names[0])
def test_one_house_under_many_names_has_one_key(names: tuple[str, ...]) -> None:
    assert len({publisher_key(name, RULES) for name in names}) == 1


TWO_HOUSES = [
    ("人民出版社", "天津人民出版社"),
    ("人民出版社", "人民文学出版社"),
    ("科学出版社", "科学普及出版社"),
    ("三联书店", "上海三联书店"),
    ("商务印书馆", "臺灣商務印書館"),
    ("世界图书出版公司", "世界图书出版西安公司"),
    ("作家出版社", "南海出版公司"),
    ("Academic Press", "Pergamon Press"),
    ("University of Chicago Press", "University of California Press"),
]


@pytest.mark.parametrize(("one", "other"), TWO_HOUSES)
def test_two_houses_never_share_a_key(one: str, other: str) -> None:
    assert not set(publisher_keys(one, RULES)) & set(publisher_keys(other, RULES))


@pytest.mark.parametrize(
    "text", ["[s.n.]", "s.n.,", "出版者不详", "[自印]", "[publisher not identified]", "The Author", ""]
)
def test_a_record_without_a_publisher_has_no_key(text: str) -> None:
    assert publisher_keys(text, RULES) == ()


def test_an_imprint_of_a_university_press_names_both() -> None:
    keys = publisher_keys("Belknap Press of Harvard University Press,", RULES)
    assert keys == ("belknap", publisher_key("Harvard University Press", RULES))


def test_a_distributor_is_no_publisher_but_the_printer_of_the_government_is() -> None:
    text = "A Writers Workshop Publication; [distributor in U.S.A.: Lee A. Smith, Merrick, N.Y.,"
    assert publisher_keys(text, RULES) == ("writers workshop",)
    assert publisher_key("Supt. of Docs., U.S. G.P.O., distributor,", RULES) == publisher_key("G.P.O.", RULES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Prentice-Hall", "Pearson"),
        ("Clarendon Press", "Oxford University Press"),
        ("世界图书出版西安公司", "世界图书出版公司"),
        ("北京图书馆出版社", "国家图书馆出版社"),
    ],
)
def test_imprints_and_renamed_houses_share_a_family_but_no_key(one: str, other: str) -> None:
    left, right = publisher_key(one, RULES), publisher_key(other, RULES)
    assert left != right
    assert publisher_family(left, RULES) == publisher_family(right, RULES) != ""


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("Boston, Mass. :", "boston"),
        ("Boston :", "boston"),
        ("New York [etc.]", "new york"),
        ("[Washington, D.C.] :", "washington"),
        ("臺北市", "台北"),
        ("[北京]", "北京"),
        ("N.Y. :", "new york"),
        ("New-York :", "new york"),
        ("N[ew] Y[ork] :", "new york"),
        ("London and", "london"),
        ("Philad'a :", "philadelphia"),
        ("Bost. :", "boston"),
        ("[S.l.] :", ""),
        ("[Place of publication not identified] :", ""),
    ],
)
def test_a_place_is_its_first_city(text: str, city: str) -> None:
    assert place_key(text, RULES) == city


def test_only_the_publication_statement_counts_and_manufacture_never() -> None:
    record = {
        "imprint": [
            field("264", "$aNew York :$bOther Distributor,", " 2"),
            field("264", "$aBoston :$bMIT Press,$c2009.", " 1"),
            field("264", "$aAnn Arbor :$bEdwards Brothers,", " 3"),
            field("264", "$c©2009", " 4"),
        ]
    }
    columns = publisher_columns(batch([record]), RULES)
    assert columns["publishers"].to_pylist() == [["mit"]]
    assert columns["places"].to_pylist() == [["boston"]]


def test_co_publishers_of_one_imprint_are_both_kept_in_order() -> None:
    record = {"imprint": [field("260", "$aCambridge, Mass. :$bMIT Press ;$aBoston :$bMcGraw-Hill,$cc2001.")]}
    columns = publisher_columns(batch([record]), RULES)
    assert columns["publishers"].to_pylist() == [["mit", "mcgraw hill"]]
    assert columns["publisher_families"].to_pylist() == [["mcgraw-hill"]]
    assert columns["places"].to_pylist() == [["cambridge", "boston"]]


def test_a_publisher_typed_behind_the_place_is_found() -> None:
    records = [
        {"imprint": [field("260", "$aBoston : LeRoy Phillips,$c1922.")]},
        {"imprint": [field("260", "$aPhiladelphia, J. B. Lippincott,$c1889.")]},
        {"imprint": [field("260", "$aSheffield :$bAcademic Press ;$aBoca Raton, FL : CRC Press,$c2002.")]},
        {"imprint": [field("260", "$aTabuse, Yamaguchi Pref., Japan,$c1950.")]},
    ]
    columns = publisher_columns(batch(records), RULES)
    assert columns["publishers"].to_pylist() == [["leroy phillips"], ["lippincott"], ["academic", "crc"], []]
    assert columns["places"].to_pylist() == [["boston"], ["philadelphia"], ["sheffield", "boca raton"], ["tabuse"]]


def test_an_imprint_in_another_script_is_kept_beside_the_romanised_one() -> None:
    record = {
        "imprint": [field("260", "$6880-03$aBeijing :$bBei hai chu ban she,$c2010.")],
        "linked": [
            field("880", "$6260-03/$1$a北京 :$b北海出版社,$c2010."),
            field("880", "$6245-02/$1$a北海 /$b传"),
        ],
    }
    columns = publisher_columns(batch([record]), RULES)
    assert columns["publishers"].to_pylist() == [["beihai", "北海"]]
    assert columns["places"].to_pylist() == [["beijing", "北京"]]


def test_a_name_that_many_houses_share_is_told_apart_by_its_place() -> None:
    records = [
        {"imprint": [field("260", "$aCambridge,$bThe University Press,$c1911.")]},
        {"imprint": [field("260", "$aCambridge :$bCambridge University Press,$c1911.")]},
        {"imprint": [field("260", "$aOttawa :$bGovt. Print. Off.,$c1911.")]},
        {"imprint": [field("260", "$aWashington :$bGovt. Print. Off.,$c1911.")]},
    ]
    at_place, full, canada, usa = publisher_columns(batch(records), RULES)["publishers"].to_pylist()
    assert at_place == full
    assert canada != usa == [publisher_key("G.P.O.", RULES)]


def test_a_cnmarc_imprint_gives_its_parts() -> None:
    record = {"imprint": [field("210", "$a[北京市]$c清华大学出版社$d2005")]}
    columns = publisher_columns(batch([record], Format.CNMARC), RULES)
    assert columns["publishers"].to_pylist() == [[publisher_key("清华出版社", RULES)]]
    assert columns["places"].to_pylist() == [["北京"]]


@given(st.lists(st.text(alphabet="ABab 京社人民,.;&[]'1出版者不详", max_size=20), max_size=6))
def test_columns_equal_the_plain_function_applied_record_by_record(names: list[str]) -> None:
    records = [{"imprint": [field("260", f"$b{name}")]} for name in names]
    found = publisher_columns(batch(records), RULES)["publishers"].to_pylist()
    local = {entry["key"] for entry in RULES.tables["publishers"]["local"]}
    plain = [list(publisher_keys(name, RULES)) for name in names]
    assert [keys for keys, one in zip(found, plain, strict=True) if not local & set(one)] == [
        one for one in plain if not local & set(one)
    ]


@given(st.text(max_size=60))
def test_any_text_gives_distinct_keys_without_blanks_at_the_ends(text: str) -> None:
    keys = publisher_keys(text, RULES)
    assert len(set(keys)) == len(keys)
    assert all(key and key == key.strip() for key in keys)
