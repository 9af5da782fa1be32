"""Extents, sizes and accompanying material."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalise import extent_parse
from dedup.normalise.extent import accompanying_classes, extent_columns, parse_extent, parse_size
from dedup.normalise.extent_words import extent_words
from dedup.rules import Term, load_rules
from tests.normalise.parts_batch import batch_of, chinese, western

RULES = load_rules()


@pytest.mark.parametrize("row", RULES.terms["extent"], ids=lambda row: row.id)
def test_the_examples_of_an_extent_word_are_read_by_it_and_the_others_not(row: Term):
    pattern = re.compile("|".join(re.escape(word) for word in row.entries))
    assert all(pattern.search(text.lower()) for text in row.yes)
    unit = row.more.get("unit", row.kind)
    if row.kind in ("volume", "piece"):
        assert all(parse_extent(text, RULES).unit_kind == unit for text in row.yes)
        assert all(parse_extent(text, RULES).unit_kind != unit for text in row.no)
    if row.kind in ("page", "leaf"):
        assert all(parse_extent(text, RULES).pages for text in row.yes)
        assert not any(parse_extent(text, RULES).pages for text in row.no)


@pytest.mark.parametrize(
    ("text", "pages", "preliminary", "runs"),
    [
        ("10, 374页", 374, 10, (10, 374)),
        ("422,图版[40]页", 422, None, (422,)),
        ("在线资源(393页)", 393, None, (393,)),
        ("2册 (1200页)", 1200, None, (1200,)),
        ("1 online resource (xii, 393 pages)", 393, 12, (12, 393)),
        ("[6], 284 p.", 284, 6, (6, 284)),
        ("xix, 1292, [20] p.", 1292, 19, (19, 1292, 20)),
        ("v, 3-200 p.", 200, 5, (5, 200)),
        ("p. 345-402", 58, None, (345, 402)),
        ("页345-402", 58, None, (345, 402)),
        ("iii, pages 3863-3953 ;", 91, 3, (3, 3863, 3953)),
        ("2 p. l., vii-xii, 340 p., 1 l.", 340, 12, (12, 340, 1)),
        ("3 p.l., [v]-xiv, 283 p. illus.", 283, 14, (14, 283)),
        ("ii, 25 pages, 5 folded leaves of plates :", 25, 2, (2, 25)),
        ("2 unnumbered pages, 35 pages :", 35, 2, (2, 35)),
        ("1 vol. (XVI-306 p.)", 306, 16, (16, 306)),
        ("410 с., [1] л. портр.", 410, None, (410,)),
        ("[3],ХVII,340,ХХIV с.", 340, 17, (3, 17, 340, 24)),
        ("288, 4 p.", 288, None, (288, 4)),
        ("248 [i.e. 284] p.", 284, None, (284,)),
        ("4 p. β., [3]-212 p.", 212, 4, (4, 212)),
        ("1 p. l., [153]-195, 1 l.", 43, None, (153, 195, 1)),
        ("1 p.l., p. 281-340. illus. (map, facsim., music)", 60, None, (281, 340)),
        ("20lp.", 201, None, (201,)),
        ("13 pts.", None, None, ()),
        ("23 leaves", 23, None, (23,)),
        ("XX, 120 S.", 120, 20, (20, 120)),
        ("xliv + 320 p.", 320, 44, (44, 320)),
        ("312 p. + 1 CD-ROM (40 p.)", 312, None, (312,)),
        ("1 v. (various pagings)", None, None, ()),
        ("1 v. (unpaged)", None, None, ()),
        ("1册(各册页码不等)", None, None, ()),
        ("页", None, None, ()),
        ("28 cm", None, None, ()),
    ],
)
def test_an_extent_has_pages_and_runs(text, pages, preliminary, runs):
    found = parse_extent(text, RULES)
    assert (found.pages, found.preliminary, found.runs) == (pages, preliminary, runs)


@pytest.mark.parametrize(
    ("text", "units", "kind", "volumes", "is_open"),
    [
        ("3 v. in 1", 1, "volume", 3, False),
        ("3 v. en 1", 1, "volume", 3, False),
        ("1函10册", 10, "volume", 10, False),
        ("3册(50,23,1942页)", 3, "volume", 3, False),
        ("v. :", None, "volume", None, True),
        ("v, 3-200 p.", None, "", None, False),
        ("1 sheet", 1, "sheet", None, False),
        ("2 videocassettes (68 min.)", 2, "cassette", None, False),
        ("1 map on 2 sheets :", 1, "map", None, False),
    ],
)
def test_an_extent_has_units(text, units, kind, volumes, is_open):
    found = parse_extent(text, RULES)
    assert (found.units, found.unit_kind, found.volumes, found.is_open) == (units, kind, volumes, is_open)


@given(
    st.integers(1, 99999),
    st.sampled_from(["{} p.", "{} pages :", "{}页", "{} S.", "{} с.", "1 v. ({} p.)", "xii, {} p. ;"]),
)
def test_a_page_count_is_read_back_in_every_language(pages, shape):
    assert parse_extent(shape.format(pages), RULES).pages == pages


@given(st.text(max_size=40) | st.text(alphabet="0123456789ivxl ,[]-p.v页册", max_size=25))
def test_no_extent_is_too_odd_to_be_read(text):
    found = parse_extent(text, RULES)
    assert found.pages is None or 0 <= found.pages <= 100_000


@given(
    st.from_regex(r"(1 online resource \()?([ivx]{1,5}, ?)?[1-9][0-9]{0,3} ?(p|pages|页)\.?\)?[ :;]*", fullmatch=True)
)
def test_the_short_way_reads_what_the_long_way_reads(text):
    words = extent_words(RULES)
    quick = parse_extent(text, RULES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extent_parse, "extent_words", lambda rules: replace(words, simple=re.compile("(?!)")))
        assert parse_extent(text, RULES) == quick


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("28 cm.", 28),
        ("27x21cm", 27),
        ("23 1/2cm.", 24),
        ("23.5 cm", 24),
        ("4 3/4 in.", 12),
        ("32开", 19),
        ("大32开", 21),
        ("16开", 26),
        ("185 * 260", 26),
        ("20", 20),
        ("sheet 28 x 22 cm", 28),
        ("8vo.", None),
        ("33 1/3 rpm, stereo.", None),
        ("", None),
    ],
)
def test_a_size_is_a_height_in_centimetres(text, size):
    assert parse_size(text, RULES) == size


@pytest.mark.parametrize("row", RULES.terms["accompanying"], ids=lambda row: row.id)
def test_accompanying_material_is_known_by_its_words(row: Term):
    for text in row.yes:
        assert row.id in accompanying_classes(text, RULES).split(), text
    for text in row.no:
        assert row.id not in accompanying_classes(text, RULES).split(), text


def test_accompanying_material_is_found_behind_a_plus_and_in_the_price():
    own = chinese(RULES, "215   $a284页$d21cm$e光盘1片")
    plus = chinese(RULES, "215   $a284页$d21cm+光盘1张")
    price = chinese(RULES, "010   $a7$dCNY16.80 (含光盘)", "215   $a284页$d21cm")
    none = chinese(RULES, "010   $a7$dCNY16.80", "215   $a284页$d21cm")
    assert [extent_columns(one, RULES)["accompanying"].to_pylist() for one in (own, plus, price, none)] == [
        ["disc"],
        ["disc"],
        ["disc"],
        [""],
    ]


def test_the_columns_of_a_batch_are_what_each_extent_says():
    texts = ["10, 374页", "2册 (1200页)", "页", "422,图版[40]页"]
    rows = [chinese(RULES, f"215   $a{text}$d26cm").batch.to_pylist()[0] for text in texts]
    rows.append(western(RULES, "245 00$aNo extent").batch.to_pylist()[0])
    found = {name: column.to_pylist() for name, column in extent_columns(batch_of(rows), RULES).items()}
    plain = [parse_extent(text, RULES) for text in texts]
    assert found["pages"] == [*(one.pages for one in plain), None]
    assert found["preliminary_pages"] == [*(one.preliminary for one in plain), None]
    assert found["page_runs"] == [*(list(one.runs) for one in plain), []]
    assert found["units"] == [*(one.units for one in plain), None]
    assert found["size"] == [26, 26, 26, 26, None]
