from __future__ import annotations

import pytest

from dedup.model import Format
from dedup.normalise.carrier import carrier_columns
from dedup.normalise.carrier_words import carrier_of_text
from dedup.rules import Term, load_rules
from tests.normalise.raw import Record, batch, field

RULES = load_rules()
EXAMPLES = [
    (row, example, wanted)
    for row in RULES.terms["carrier"]
    for wanted, of in ((True, row.yes), (False, row.no))
    for example in of
]
BOOK = "01234cam a2200301 a 4500"


@pytest.mark.parametrize(("row", "example", "wanted"), EXAMPLES, ids=lambda value: getattr(value, "id", str(value)))
def test_every_carrier_word_gives_its_carrier(row: Term, example: str, wanted: bool) -> None:
    assert (carrier_of_text(example, RULES) == row.kind) is wanted


def carrier(form: Format = Format.MARC21, **columns: str | list[str]) -> str:
    record: Record = {"leader": BOOK, **columns}
    return str(carrier_columns(batch([record], form), RULES)["carrier"][0].as_py())


EXTENT = [field("300", "$axix, 650 p. :$bill. ;$c25 cm")]
MARC21 = [
    ("print", {"extent": EXTENT}),
    ("", {}),
    ("online", {"extent": [field("300", "$a1 online resource (650 pages)")]}),
    ("online", {"medium": [field("338", "$averkkoaineisto$bcr$2rdacarrier")]}),
    ("online", {"medium": [field("338", "$averkkoaineisto")]}),
    ("online", {"extent": EXTENT, "title": [field("245", "$aX$h[electronic resource] /")]}),
    ("online", {"extent": EXTENT, "fixed": "880719s1839    mau     o     00010 eng d"}),
    ("print", {"extent": EXTENT, "fixed": "880719s1839    mau           00010 eng d"}),
    ("print", {"extent": EXTENT, "medium": [field("856", "$uhttp://example.org/book.pdf", "41")]}),
    ("print", {"extent": [field("300", "$a284 p. ;$c21 cm +$e1 CD-ROM")], "physical": "007co cga---"}),
    ("print", {"extent": [field("300", "$a284 p. + 1 CD-ROM")]}),
    ("disc", {"extent": [field("300", "$a1 CD-ROM")]}),
    ("disc", {"title": [field("245", "$aX$h[electronic resource]")], "extent": [field("300", "$a1 computer disc")]}),
    # A code made from the online twin beside a book that was measured, and one with the electronic form of item.
    ("print", {"extent": EXTENT, "medium": [field("338", "$aonline resource$bcr")], "physical": "007cr bn"}),
    (
        "online",
        {
            "extent": EXTENT,
            "medium": [field("338", "$aonline resource$bcr")],
            "fixed": "880719s1839    mau     o     00010 eng d",
        },
    ),
    # A microform code with nothing else of a microform beside the pages of a book is a slip.
    ("print", {"extent": EXTENT, "fixed": "880719s1839    mau     a     00010 eng d"}),
    ("microform", {"extent": EXTENT, "physical": "007he bmb024bbca"}),
    ("microform", {"extent": EXTENT, "medium": [field("533", "$aMicrofilm.$bAnn Arbor")]}),
    ("microform", {"extent": [field("300", "$a2 microfiches")]}),
    ("large-print", {"extent": [field("300", "$a456 p. (large print)")]}),
    ("braille", {"extent": EXTENT, "physical": "007fb a"}),
    ("audio-cd", {"extent": [field("300", "$a1 CD-äänilevy")]}),
    ("audio-cd", {"extent": [field("300", "$a1 äänilevy")], "physical": "007sd|f||g|||m||d"}),
    ("audio-lp", {"extent": [field("300", "$a1 LP-levy")]}),
    ("audio-cassette", {"extent": [field("300", "$a1 cassette")]}),
    ("video-dvd", {"physical": "007v|||v||||"}),
    ("video-blu-ray", {"physical": "007v|||s||||"}),
    ("video-vhs", {"extent": [field("300", "$a1 videocassette (30 min.)")]}),
]


@pytest.mark.parametrize(("wanted", "columns"), MARC21, ids=lambda value: str(value))
def test_the_carrier_of_a_marc21_record(wanted: str, columns: dict[str, str | list[str]]) -> None:
    assert carrier(**columns) == wanted


def test_a_chinese_book_and_its_electronic_copy_have_two_carriers() -> None:
    book = {"title": [field("200", "$a'97中国发展报告$b专著")], "extent": [field("215", "$a393页$d26cm")]}
    copy = {
        "title": [field("200", "$a'97中国发展报告$b电子资源")],
        "extent": [field("215", "$a在线资源(393页)")],
        "medium": [field("325", "$a电子复制品")],
        "physical": [field("135", "$adrbn#---auaua")],
    }
    assert carrier(Format.CNMARC, **book) == "print"
    assert carrier(Format.CNMARC, **copy) == "online"


def test_a_disc_that_goes_with_a_chinese_book_leaves_it_a_book() -> None:
    columns = {"extent": [field("215", "$a284页$d21cm+光盘1张")], "physical": [field("106", "$ar")]}
    assert carrier(Format.CNMARC, **columns) == "print"
    assert carrier(Format.CNMARC, extent=[field("215", "$a光盘1片")]) == "disc"


def test_the_leader_gives_type_level_hierarchy_and_content() -> None:
    western = {"leader": "01234cem a2200301 a 450c"[:19] + "c4500"}
    columns = carrier_columns(batch([western]), RULES)
    found = {name: columns[name][0].as_py() for name in ("record_type", "bib_level", "hierarchy", "content")}
    assert found == {"record_type": "e", "bib_level": "m", "hierarchy": "c", "content": "map"}
    chinese = {"leader": "01576nam0-2200409---4500"}
    columns = carrier_columns(batch([chinese], Format.CNMARC), RULES)
    assert (columns["hierarchy"][0].as_py(), columns["content"][0].as_py()) == ("0", "text")


def test_a_short_leader_gives_empty_values() -> None:
    columns = carrier_columns(batch([{"leader": ""}]), RULES)
    assert columns["record_type"].to_pylist() == [""]
    assert columns["hierarchy"].to_pylist() == [" "]
    assert columns["content"].to_pylist() == [""]


def test_records_of_a_batch_do_not_disturb_each_other() -> None:
    records: list[Record] = [{"leader": BOOK, **columns} for _, columns in MARC21]
    together = carrier_columns(batch(records), RULES)["carrier"].to_pylist()
    assert together == [wanted for wanted, _ in MARC21]
