"""The format of a record is told from its grammar; the table's examples hold; arrays and plain twin agree."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.marc.sniff import fitting, formats, sniffer
from dedup.marc.tokens import Loose, from_loose
from dedup.model import Format
from tests.marc import plain

ROWS = plain.rules().tables["sniff"]["row"]


def record(*fields: tuple[str, str], leader: str = "00000nam0 2200000   450 ") -> Loose:
    return Loose(
        0, 0, leader.encode(), tuple((tag.encode(), text.replace("^", "\x1f").encode()) for tag, text in fields)
    )


def told(*records: Loose) -> list[Format]:
    return [Format(kind) for kind in formats(from_loose(records), plain.rules()).tolist()]


CNMARC = [
    ("001", "012004002367"),
    ("010", "  ^a978-7-02-000220-7^dCNY39.00"),
    ("100", "  ^a20100315d2010    em y0chiy50      ea"),
    ("101", "0 ^achi"),
    ("102", "  ^aCN^b110000"),
    ("200", "1 ^a围城^f钱钟书著"),
    ("210", "  ^a北京^c人民文学出版社^d2010"),
    ("215", "  ^a359页^d21cm"),
    ("690", "  ^aI246.5"),
    ("801", " 0^aCN^bNLC"),
]
MARC21 = [
    ("001", "ocm01"),
    ("008", "010101s2001    nyu           000 0 eng d"),
    ("010", "  ^a   97012345 "),
    ("100", "1 ^aRawls, John"),
    ("245", "12^aA theory of justice"),
    ("260", "  ^aNew York"),
    ("300", "  ^axv, 607 p. ;^c24 cm"),
]
CASES = {
    "a CNMARC record": (record(*CNMARC), Format.CNMARC),
    "a MARC 21 record": (record(*MARC21, leader="00000cam a2200000 a 4500"), Format.MARC21),
    "a CNMARC record loaded as MARC 21: placeholder title, coded data shown as an author": (
        record(
            ("008", "100315s2010    cc            000 0 chi d"),
            ("010", "  ^a978-7-02-000220-7"),
            ("100", "  ^a20100315d2010    em y0chiy50      ea"),
            ("245", "00^a**REQUIRED FIELD**"),
            ("300", "  ^a有书目"),
            ("999", "  ^aI246.5^iB1^mPUL"),
            leader="00000nam a2200000 a 4500",
        ),
        Format.CNMARC,
    ),
    "a western book loaded as CNMARC: placeholder title, an author in 100": (
        record(
            ("050", "00^aJC578"),
            ("100", "1 ^aRawls, John"),
            ("200", "1 ^a**REQUIRED FIELD**"),
            ("300", "  ^axv, 607 p."),
            leader="00000nam0 2200000   450 ",
        ),
        Format.MARC21,
    ),
    "a Chinese book in MARC 21": (
        record(*MARC21[:2], ("020", "  ^a9787020002207"), ("245", "10^a围城 /^c钱钟书著"), ("260", "  ^a北京")),
        Format.MARC21,
    ),
    "a French record": (
        record(
            ("100", "  ^a19900101d1990    m  y0frey0103    ba"),
            ("101", "0 ^afre"),
            ("102", "  ^aFR"),
            ("200", "1 ^aÀ la recherche du temps perdu"),
            ("801", " 3^aFR^bAbes"),
        ),
        Format.UNIMARC,
    ),
    "a French record of a periodical from Macao": (
        record(("101", "0 ^achi"), ("102", "  ^aMO"), ("200", "1 ^aShen zhou jiao liu"), ("801", " 3^aFR^bAbes")),
        Format.UNIMARC,
    ),
    "a Russian record": (
        record(("101", "0 ^arus"), ("102", "  ^aRU"), ("200", "1 ^aОсновы"), ("801", " 0^aRU^bRSL")),
        Format.UNIMARC,
    ),
    "a western book catalogued in CNMARC in China": (
        record(("101", "0 ^aeng"), ("102", "  ^aUS"), ("200", "1 ^aA theory of justice"), ("801", " 0^aCN^bPUL")),
        Format.CNMARC,
    ),
    "nothing but a Symphony item and no leader": (record(("999", "  ^aX"), leader=" " * 24), Format.MARC21),
}


@pytest.mark.parametrize("case", CASES)
def test_the_format_is_told_from_the_grammar(case: str) -> None:
    given_record, wanted = CASES[case]
    assert told(given_record) == [wanted]
    assert plain.sniff(given_record) is wanted


@pytest.mark.parametrize("row", [row for row in ROWS if "shapes" in row], ids=lambda row: row["id"])
def test_every_shape_fits_its_own_examples_and_no_others(row: dict[str, list[str]]) -> None:
    number = ROWS.index(row)
    compiled = sniffer(plain.rules())
    for text, wanted in [*((one, True) for one in row["yes"]), *((one, False) for one in row["no"])]:
        bits = int(fitting(from_loose([record((str(row["tag"]), text))]), np.arange(1), compiled)[0])
        assert bool(bits >> number & 1) is wanted, text


_TAGS = sorted({row["tag"] for row in ROWS} | {"001", "856", "AVA"})
_EXAMPLES = sorted({text for row in ROWS for text in (*row.get("yes", ()), *row.get("no", ()))})
_TEXT = st.one_of(
    st.sampled_from(_EXAMPLES), st.text(st.characters(exclude_characters="\x1d\x1e", exclude_categories=["Cs"]))
)
_RECORD = st.builds(
    lambda fields, leader: record(*fields, leader=leader),
    st.lists(st.tuples(st.sampled_from(_TAGS), _TEXT), max_size=8),
    st.sampled_from(["00000nam0 2200000   450 ", "00000nam a2200000 a 4500", " " * 24]),
)


@given(st.lists(_RECORD, max_size=6))
def test_many_records_at_once_are_told_as_one_by_one(records: list[Loose]) -> None:
    assert told(*records) == [plain.sniff(one) for one in records]


def test_ids_are_unique_and_every_row_counts_for_something() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert all(row.get("family") or row.get("dialect") for row in ROWS)
    assert all(re.fullmatch(r"\d{3}", row["tag"]) for row in ROWS)
