"""Books that go with another book."""

from __future__ import annotations

import pytest

from dedup.normalise.companion import companion_columns, companion_words, companions
from dedup.rules import Term, load_rules
from tests.normalise.parts_batch import batch_of, chinese, western

RULES = load_rules()


@pytest.mark.parametrize("row", RULES.terms["companion"], ids=lambda row: row.id)
def test_a_companion_is_known_by_its_words(row: Term):
    family = companion_words(RULES).family[row.id]
    for text in row.yes:
        assert family in companions(text, row.kind == "part", RULES), text
    for text in row.no:
        assert family not in companions(text, False, RULES), text


@pytest.mark.parametrize("row", RULES.terms["companion"], ids=lambda row: row.id)
def test_a_companion_is_found_in_a_whole_column_too(row: Term):
    lines = "200 1 $a教程$i{}" if row.kind == "part" else "200 1 $a{}"
    found = companion_columns(
        batch_of([chinese(RULES, lines.format(text)).batch.to_pylist()[0] for text in row.yes]), RULES
    )
    assert all(companion_words(RULES).family[row.id] in ids for ids in found["companions"].to_pylist())


def test_a_title_about_indexes_is_no_index_but_a_part_is():
    assert companions("Index of forbidden books", False, RULES) == ()
    assert companions("Index of names", True, RULES) == ("index",)


def test_companions_of_title_and_part_are_gathered_sorted_and_once():
    batches = [
        chinese(RULES, "200 1 $a大学英语读写教程$h1$i教师用书"),
        chinese(RULES, "200 1 $a大学英语读写教程$h1$i学生用书"),
        chinese(RULES, "200 1 $a高等數學習題全解指南$h上册"),
        western(RULES, "245 00$aBiology.$pStudent's book :$bteacher’s edition, with answer key"),
        western(RULES, "245 00$aDeutsch :$bÜbungsbuch"),
        western(RULES, "245 00$aBiology"),
    ]
    found = companion_columns(batch_of([one.batch.to_pylist()[0] for one in batches]), RULES)["companions"]
    assert found.to_pylist() == [
        ["teacher"],
        ["student"],
        ["solutions"],
        ["solutions", "student", "teacher"],
        ["workbook"],
        [],
    ]
