"""Exam guides and theses."""

from __future__ import annotations

import pytest

from dedup.normalise.genre import genre_columns, is_exam_class, is_exam_text, is_thesis_text
from dedup.rules import Term, load_rules
from tests.normalise.parts_batch import batch_of, chinese, western

RULES = load_rules()
THESES = RULES.terms["thesis"]


@pytest.mark.parametrize("row", RULES.terms["exam"], ids=lambda row: row.id)
def test_an_exam_guide_is_known_by_class_or_words(row: Term):
    asks = is_exam_class if row.kind == "class" else is_exam_text
    assert all(asks(text, RULES) for text in row.yes)
    assert not any(asks(text, RULES) for text in row.no)


@pytest.mark.parametrize("row", THESES, ids=lambda row: row.id)
def test_a_thesis_is_known_by_words_and_a_book_made_from_one_is_none(row: Term):
    theses, others = (row.yes, row.no) if row.kind == "word" else (row.no, row.yes)
    assert all(is_thesis_text(text, RULES) for text in theses)
    assert not any(is_thesis_text(text, RULES) for text in others)


FIXED = "990101s1999    xxu     bm   000 0 eng d"
MAP = "00000nem a2200000 a 4500"


def test_the_kinds_of_text_of_a_batch():
    batches = [
        (chinese(RULES, "200 1 $a考研英语历年真题解析"), True, False),
        (chinese(RULES, "200 1 $a中學語文", "690   $aG634.303$v4"), True, False),
        (chinese(RULES, "200 1 $a活着", "690   $aI247.5"), False, False),
        (chinese(RULES, "200 1 $a论水", "328   $a博士$b清华大学"), False, True),
        (chinese(RULES, "200 1 $a论水$e博士學位論文"), False, True),
        (chinese(RULES, "105   $ay   m   000yy", "200 1 $a论水"), False, True),
        (western(RULES, "245 00$aOn water", "502   $aThesis (Ph.D.)--Harvard"), False, True),
        (
            western(RULES, "245 00$aOn water", "500   $aOriginally presented as the author's thesis (Ph.D.)"),
            False,
            False,
        ),
        (western(RULES, "245 00$aOn water", fixed=FIXED), False, True),
        (western(RULES, "245 00$aOn water", fixed=FIXED, leader=MAP), False, False),
        (western(RULES, "245 00$aTOEFL practice tests"), True, False),
        (western(RULES, "245 00$aLinear algebra"), False, False),
    ]
    found = genre_columns(batch_of([one.batch.to_pylist()[0] for one, _, _ in batches]), RULES)
    assert found["is_exam"].to_pylist() == [exam for _, exam, _ in batches]
    assert found["is_thesis"].to_pylist() == [thesis for _, _, thesis in batches]
