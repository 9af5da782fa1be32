from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalise.han_column import han_names, plain_han
from dedup.normalise.han_statement import han_tails
from dedup.normalise.name import name_keys
from dedup.normalise.name_column import western_headings, western_names
from dedup.normalise.person import person_headings
from dedup.rules import load_rules

RULES = load_rules()
# The tables are compiled before the first example is timed.
han_names(pa.array(["王著"]), RULES)
_ROLES = [word for row in RULES.terms["role"] if row.more["script"] == "han" for word in row.entries]
_HAN = st.one_of(
    st.text("王国文编著张大千书院学会社局等主译国", min_size=1, max_size=5),
    st.sampled_from([*_ROLES, "组编写组编", "美国", "馬克思", "李 白", "(美)卡特", "Wang"]),
)
_HAN_STATEMENT = st.tuples(
    st.lists(_HAN, min_size=1, max_size=3),
    st.sampled_from([", ", ",", " ,", "，", "、", " ", ""]),
    st.sampled_from(["", "著", "主编", "编著", "译", "等编", ".", " ", *_ROLES]),
).map(lambda found: found[1].join(found[0]) + found[2])
_WORDS = [
    "Noor", "F.", "Ramirez", "Yuki", "S.", "Khan", "De", "Van", "Witt", "O'Brien", "Jean-Paul", "Jr.", "Sir", "Press",
    "House", "University", "By", "Von", "by", "and", "und", "edited", "Brothers", "et", "al.", "Al", "Others", "the",
    "J.R.", "Mc", "M'Cosh", "Zhu", "zhu", "PhD", "Inc", "B", "Ed", "1999",
]  # fmt: skip
_WESTERN = st.lists(
    st.tuples(st.sampled_from(_WORDS), st.sampled_from([" ", ", ", " ", " and ", ", and ", " ; ", ". ", ""])),
    min_size=1,
    max_size=8,
).map(lambda pairs: "".join(word + mark for word, mark in pairs).strip())


def plain_keys(statement: str) -> dict[str, list[str]]:
    found = name_keys(statement, RULES)
    return {"author": list(found.authors), "translator": list(found.translators)}


@given(st.lists(_HAN_STATEMENT, min_size=1, max_size=8))
def test_a_plain_chinese_statement_gives_the_names_that_reading_it_gives(statements: list[str]) -> None:
    found = han_names(pa.array(statements), RULES)
    kinds = [han_tails(RULES).kinds[kind] for kind in found.kind.tolist()]
    kinds = ["author" if kind == "editor" else kind for kind in kinds]
    for place, statement in enumerate(statements):
        if not found.plain[place]:
            assert place not in found.at
            continue
        rows = zip(found.at.tolist(), kinds, found.keys.to_pylist(), strict=True)
        mine = [(kind, key) for at, kind, key in rows if at == place]
        for kind, wanted in plain_keys(statement).items():
            assert list(dict.fromkeys(key for one, key in mine if one == kind)) == wanted
        assert not name_keys(statement, RULES).corporate


@given(st.lists(_WESTERN, min_size=1, max_size=8))
def test_a_plain_western_statement_gives_the_names_that_reading_it_gives(statements: list[str]) -> None:
    found = western_names(pa.array(statements), RULES)
    rows = list(zip(found.at.tolist(), found.keys.to_pylist(), strict=True))
    for place, statement in enumerate(statements):
        mine = [key for at, key in rows if at == place]
        if found.plain[place]:
            wanted = name_keys(statement, RULES)
            assert list(dict.fromkeys(mine)) == list(wanted.authors)
            assert not (wanted.translators or wanted.corporate or wanted.others)
        else:
            assert not mine


@given(st.lists(_WESTERN, min_size=1, max_size=8))
def test_a_plain_heading_gives_the_key_that_reading_it_gives(headings: list[str]) -> None:
    found = western_headings(pa.array(headings), RULES)
    assert [headings[at] for at in found.at.tolist()] == [
        heading for heading, plain in zip(headings, found.plain.tolist(), strict=True) if plain
    ]
    for at, key in zip(found.at.tolist(), found.keys.to_pylist(), strict=True):
        assert (key,) == person_headings(headings[at], RULES)


@given(st.lists(_HAN, min_size=1, max_size=8))
def test_a_heading_of_simplified_characters_is_its_own_key(headings: list[str]) -> None:
    for heading, plain in zip(headings, plain_han(pa.array(headings), RULES).tolist(), strict=True):
        if plain:
            assert person_headings(heading, RULES) == (heading,)


@pytest.mark.parametrize("statement", ["余琴健, 田国, 许健丽编著", "尹平著", "陈才刚, 李明译"])
def test_usual_chinese_statements_are_plain(statement: str) -> None:
    assert han_names(pa.array([statement]), RULES).plain.all()


@pytest.mark.parametrize(
    "statement", ["Douglas N. Morgan.", "by Noor F. Ramirez, Yuki S. Khan.", "A. Smith and B. Jones"]
)
def test_usual_western_statements_are_plain(statement: str) -> None:
    assert western_names(pa.array([statement]), RULES).plain.all()
