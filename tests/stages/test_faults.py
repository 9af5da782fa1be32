"""Table `fault` and records.csv: faults of single records, and those that only two records together show."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dedup.codes import read_codes
from dedup.engine.duck import DuckEngine
from dedup.rules import RuleSet
from dedup.stages.faults import RECORDS, write_faults
from dedup.tables import FAULT, JUDGED
from tests.strategies import concept, loaded

CORE = 730222446
RAWLS = {"title": "a theory of justice", "title_key": "atheoryofjustice", "display_title": "A theory of justice"}
LANG = {"title": "linear algebra", "title_key": "linearalgebra", "display_title": "Linear algebra"}
OTHER = {"publishers": ["springer"], "authors": ["lang s"], "headings": ["lang s"]}


def catalogue(engine: DuckEngine, *records: dict[str, Any], pairs: Iterable[tuple[int, int, str]] = ()) -> None:
    """The tables that the faults are made from: records of library A, and pairs judged different with a veto."""
    table = loaded(*(concept(**{"volume_label": "", **record}) for record in records))
    engine.write("record", table.schema, table.to_batches())
    rows = [
        {"left": left, "right": right, "verdict": "different", "row": "", "veto": veto, "score": 0.0, "reason": ""}
        for left, right, veto in pairs
    ]
    engine.write("judged", JUDGED, [pa.RecordBatch.from_pylist(rows, JUDGED)])
    source = pa.table({"source": ["A"], "library": ["LIB-A"]})
    engine.write("source", source.schema, source.to_batches())


def found(engine: DuckEngine) -> list[tuple[Any, ...]]:
    query = "SELECT rid, code, field, found, expected, other FROM fault ORDER BY ALL"
    return [tuple(row.values()) for row in engine.read(query).to_pylist()]


def rows_of(engine: DuckEngine, folder: Path) -> list[dict[str, str]]:
    engine.export(RECORDS, folder / "records.csv")
    with (folder / "records.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_faults_of_a_record_become_rows_with_place_and_values(engine: DuckEngine, rules: RuleSet) -> None:
    catalogue(engine, {}, {"faults": ["Q02\t020$a\t9780262033849\t9780262033848", "Q07\t300\t\t300"]})
    assert write_faults(engine, rules) == 2
    assert found(engine) == [
        (1, "Q02", "020$a", "9780262033849", "9780262033848", None),
        (1, "Q07", "300", "", "300", None),
    ]
    assert engine.read("SELECT * FROM fault").schema.names == FAULT.names


def test_records_csv_says_in_both_languages_what_is_wrong_and_what_to_do(
    engine: DuckEngine, rules: RuleSet, tmp_path: Path
) -> None:
    catalogue(
        engine,
        {"faults": ["Q07\t300\t\t300", "Q02\t020$a\t9780262033849 {expected}\t9780262033848"]},
        {"faults": ["Q11\t210$c\t鍑虹増\t"], "libraries": ["NKU", "", "TJU", "NKU"]},
    )
    write_faults(engine, rules)
    rows = rows_of(engine, tmp_path)
    assert list(rows[0]) == [
        *("record_id", "code", "field", "found", "expected", "library", "reason"),
        *("severity", "correction_zh", "correction_en"),
    ]
    assert [(row["record_id"], row["code"]) for row in rows] == [("A/0", "Q02"), ("A/0", "Q07"), ("A/1", "Q11")]
    assert [row["library"] for row in rows] == ["LIB-A", "LIB-A", "NKU;TJU"]
    assert [row["severity"] for row in rows] == ["error", "warning", "error"]
    first = rows[0]
    assert "9780262033848" in first["reason"]
    assert " / " in first["reason"]
    for text in (first["correction_zh"], first["correction_en"]):
        # A brace in what was found stays what it is.
        assert "A/0" in text
        assert "9780262033849 {expected}" in text
    assert rows[2]["correction_en"] == rows[2]["correction_en"].strip()


def test_every_code_has_texts_whose_places_are_all_filled(engine: DuckEngine, rules: RuleSet, tmp_path: Path) -> None:
    codes = [code for code in read_codes(rules) if code.startswith("Q")]
    catalogue(engine, {"faults": [f"{code}\t010$a\tfound\texpected" for code in codes]})
    write_faults(engine, rules)
    rows = rows_of(engine, tmp_path)
    assert [row["code"] for row in rows] == codes
    assert not [row for row in rows for text in row.values() if "{" in text]


def test_one_source_number_on_two_titles_is_a_wrong_download_named_on_both(
    engine: DuckEngine, rules: RuleSet, tmp_path: Path
) -> None:
    number = {"source_numbers": ["CAL012000594459", "OCLC1"], "format": 1}
    catalogue(engine, {**RAWLS, **number}, {**LANG, **number}, pairs=[(0, 1, "title")])
    write_faults(engine, rules)
    assert found(engine) == [
        (0, "Q12", "099$a", "CAL012000594459", "Linear algebra", 1),
        (1, "Q12", "099$a", "CAL012000594459", "A theory of justice", 0),
    ]
    rows = rows_of(engine, tmp_path)
    assert "A/1" in rows[0]["correction_zh"]
    assert "A/0" in rows[1]["correction_en"]


@pytest.mark.parametrize(
    ("number", "place"), [("OCLC311310321", "035$a"), ("LCCN2001012345", "010$a"), ("CAL0120", "035$a")]
)
def test_a_source_number_is_named_by_its_place_in_marc_21(
    engine: DuckEngine, rules: RuleSet, number: str, place: str
) -> None:
    both = {"source_numbers": [number]}
    catalogue(engine, {**RAWLS, **both}, {**LANG, **both}, pairs=[(0, 1, "title")])
    write_faults(engine, rules)
    assert {row[2] for row in found(engine)} == {place}


def test_one_isbn_on_two_books_of_two_publishers_is_told_with_the_whole_number(
    engine: DuckEngine, rules: RuleSet
) -> None:
    number = {"isbn": [CORE], "format": 1}
    catalogue(engine, {**RAWLS, **number}, {**LANG, **OTHER, **number}, pairs=[(0, 1, "title")])
    write_faults(engine, rules)
    assert found(engine) == [
        (0, "Q14", "010$a", "9787302224464", "Linear algebra", 1),
        (1, "Q14", "010$a", "9787302224464", "A theory of justice", 0),
    ]


@pytest.mark.parametrize(
    ("left", "right", "veto"),
    [
        ({}, {}, "edition"),  # other editions of one work
        ({}, {"level": 1}, "title"),  # a volume with the number of the set
        ({}, {"volume_label": "2"}, "title"),
        ({"bib_level": "s"}, {"bib_level": "s"}, "title"),
        ({}, {"publishers": ["harvard university"]}, "title"),
        ({"publisher_families": ["harvard"]}, {"publisher_families": ["harvard"]}, "title"),
        ({"publishers": []}, {}, "title"),
        ({"series": ["lecturenotes"]}, {"series": ["lecturenotes"]}, "title"),
        ({}, {"script": "han"}, "title"),
        ({}, {"title_key": "atheoryofjusticerevised"}, "title"),
        ({"alternatives": ["linearalgebra"]}, {}, "title"),
        ({}, {"title_key": "law"}, "title"),
        ({}, {"authors": ["rawls j"]}, "title"),
    ],
)
def test_sets_series_families_and_other_names_of_one_book_share_a_number_lawfully(
    engine: DuckEngine, rules: RuleSet, left: dict[str, Any], right: dict[str, Any], veto: str
) -> None:
    number = {"isbn": [CORE]}
    catalogue(engine, {**RAWLS, **number, **left}, {**LANG, **OTHER, **number, **right}, pairs=[(0, 1, veto)])
    assert write_faults(engine, rules) == 0


def test_an_isbn_shared_too_makes_a_source_number_no_proof_of_a_wrong_download(
    engine: DuckEngine, rules: RuleSet
) -> None:
    both = {"source_numbers": ["OCLC1"], "isbn": [CORE]}
    catalogue(engine, {**RAWLS, **both}, {**LANG, **both}, pairs=[(0, 1, "title")])
    write_faults(engine, rules)
    assert "Q12" not in {row[1] for row in found(engine)}


def test_a_number_on_many_records_is_told_once_on_each(engine: DuckEngine, rules: RuleSet) -> None:
    number = {"isbn": [CORE]}
    third = {**LANG, "title_key": "measuretheory", "publishers": ["dover"], "authors": ["doob j"]}
    books = [{**RAWLS, **number}, {**LANG, **OTHER, **number}, {**third, **number}]
    catalogue(engine, *books, pairs=[(0, 1, "title"), (0, 2, "title"), (1, 2, "title")])
    write_faults(engine, rules)
    assert [(row[0], row[5]) for row in found(engine)] == [(0, 1), (1, 0), (2, 0)]
