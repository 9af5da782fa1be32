from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.normalise.name import heading_key, name_keys
from dedup.normalise.person import person_headings
from dedup.rules import Term, load_rules

RULES = load_rules()
BUCKET = {"author": "authors", "editor": "authors", "translator": "translators", "other": "others", "by": "authors"}
EXAMPLES = [
    (row, example, wanted)
    for row in RULES.terms["role"]
    if row.kind in BUCKET and row.more["script"] != "code"
    for wanted, of in ((True, row.yes), (False, row.no))
    for example in of
]


@pytest.mark.parametrize(("row", "example", "wanted"), EXAMPLES, ids=lambda value: getattr(value, "id", str(value)))
def test_every_role_word_files_its_examples_as_the_table_says(row: Term, example: str, wanted: bool) -> None:
    found = name_keys(example, RULES)
    same_bucket = {"author", "editor", "by"}
    if wanted:
        assert getattr(found, BUCKET[row.kind]) or found.corporate
    elif row.kind not in same_bucket:
        assert not getattr(found, BUCKET[row.kind])


ET_AL = [example for row in RULES.terms["role"] if row.kind == "et-al" for example in row.yes]


@pytest.mark.parametrize("statement", ET_AL)
def test_and_others_is_no_name(statement: str) -> None:
    found = name_keys(statement, RULES)
    assert len(found.authors) == 1 and not (found.translators or found.others or found.corporate)


STATEMENTS = [
    ("Thomas H. Cormen ... [et al.].", ("cormen t",), ()),
    ("Erich Gamma [and three others].", ("gamma e",), ()),
    ("by Julius Caesar ; translated by John Smith ; with an introd. by Mary Y. Jones.", ("caesar j",), ("smith j",)),
    ("[by] John Abercrombie. With additions and explanations, by Jacob Abbott.", ("abercrombie j",), ()),
    ("by Leon Wall [and] William Morgan.", ("wall l", "morgan w"), ()),
    ("S. T. Orhan, editor", ("orhan s",), ()),
    ("translated from the French by John H. P. Marks.", (), ("marks j",)),
    ("English translation by A.L. Sadler ...", (), ("sadler a",)),
    ("by Mrs. Humphry Ward", ("ward h",), ()),
    ("by the Rev. J.P. Farler", ("farler j",), ()),
    ("by Lewis Melville [pseud.] with thirty-nine illustrations", ("melville l",), ()),
    ("by the late Edward A. Freeman . . . First series.", ("freeman e",), ()),
    ("passed at the extra session, December 3, 1827.", (), ()),
    ("Nancy Boyd-Franklin, A.J. Franklin, with Pamela A. Toussaint.", ("boydfranklin n", "franklin a"), ()),
    ("hrsg. von Hans Meyer", ("meyer h",), ()),
    ("Л.Н. Толстой ; пер. с англ. И.И. Иванова", ("толстои л",), ("иванова и",)),
    ("Foster, Susan A..", ("foster s",), ()),
    ("by Knuth, D. E.", ("knuth d",), ()),
    ("Smith, J., Jones, K. L. and O'Neill, Anna M.", ("smith j", "jones k", "oneill a"), ()),
    ("Smith, Jones and Brown.", ("smith", "jones", "brown"), ()),
    ("Qian Zhongshu zhu.", ("qian z",), ()),
    ("(美) 佛瑞斯特·卡特著", ("卡特",), ()),
    ("(英)J.K.罗琳著", ("罗琳",), ()),
    ("主编季野, 张西明, 张弢...[等]", ("季野", "张西明", "张弢"), ()),
    ("季野［等］主编", ("季野",), ()),
    ("乔尔·D. 威斯纳(Joel D.Wisner), 琳达·L. 斯坦利(Linda L. Stanley)著", ("威斯纳", "斯坦利"), ()),
    ("(清)曹雪芹, 高鹗著", ("曹雪芹", "高鹗"), ()),
    ("(苻秦)王嘉撰", ("王嘉",), ()),
    ("郭斌和, 张竹明译", (), ("郭斌和", "张竹明")),
    ("张三主编 李四副主编", ("张三", "李四"), ()),
    ("劉慈欣著", ("刘慈欣",), ()),
    ("(美)Christian Collberg, (美)Jasvir Nagra著", ("collberg c", "nagra j"), ()),
    ("史军", ("史军",), ()),
    ("王选", ("王选",), ()),
    ("한강 지음", ("한강",), ()),
]


@pytest.mark.parametrize(("statement", "authors", "translators"), STATEMENTS, ids=lambda value: str(value))
def test_a_statement_gives_its_authors_and_translators(
    statement: str, authors: tuple[str, ...], translators: tuple[str, ...]
) -> None:
    found = name_keys(statement, RULES)
    assert (found.authors, found.translators) == (authors, translators)


@pytest.mark.parametrize(
    ("statement", "body"),
    [
        ("同济大学数学系编", "同济大学数学系"),
        ("国家统计局编", "国家统计局"),
        ("本书编写组编", "本书编写组"),
        ("经济学课题组著", "经济学课题组"),
        ("中共中央马克思恩格斯列宁斯大林著作编译局编译", "中共中央马克思恩格斯列宁斯大林著作编译局"),
        ("prepared by the Federal Works Agency", "federalworksagency"),
    ],
)
def test_a_body_is_kept_whole_and_is_no_person(statement: str, body: str) -> None:
    found = name_keys(statement, RULES)
    assert found.corporate == (body,)
    assert found.authors == found.translators == ()


@pytest.mark.parametrize("statement", ["by Frank Church", "Edward M. House", "張司編"])
def test_a_surname_that_is_also_a_word_of_bodies_stays_a_person(statement: str) -> None:
    assert name_keys(statement, RULES).corporate == ()
    assert len(name_keys(statement, RULES).authors) == 1


BODIES = [row for row in RULES.terms["person"] if row.kind.startswith("body")]


@pytest.mark.parametrize(
    ("example", "wanted"),
    [(one, True) for row in BODIES for one in row.yes] + [(o, False) for r in BODIES for o in r.no],
)
def test_words_of_bodies_match_their_examples(example: str, wanted: bool) -> None:
    assert bool(name_keys(example, RULES).corporate) is wanted


PERSONS = [one for row in RULES.terms["person"] if not row.kind.startswith("body") for one in row.yes]


@pytest.mark.parametrize("example", PERSONS)
def test_titles_suffixes_and_particles_leave_a_person(example: str) -> None:
    found = name_keys(example, RULES)
    assert len(found.authors) == 1 and found.corporate == ()


NATIONALITIES = [one for row in RULES.terms["nationality"] for one in (*row.yes, *row.no)]


@pytest.mark.parametrize("statement", NATIONALITIES)
def test_a_nationality_in_brackets_goes_and_the_same_character_in_a_name_stays(statement: str) -> None:
    name = statement.rpartition(")")[2].rpartition("］")[2].rpartition("]")[2].rstrip("著撰")
    assert name_keys(statement, RULES).authors == (name,)


@pytest.mark.parametrize(
    ("heading", "statement"),
    [
        ("Knuth, Donald Ervin, 1938-", "Donald E. Knuth"),
        ("Rawls, J.", "John Rawls"),
        ("King, Martin Luther, Jr.", "Martin Luther King, Jr."),
        ("McCosh, James,", "James M'Cosh"),
        ("Mac Donald, George", "George MacDonald"),
        ("De la Mare, Walter,", "Walter de la Mare"),
        ("García Márquez, Gabriel,", "Gabriel García Márquez"),
        ("Beethoven, Ludwig van,", "Ludwig van Beethoven"),
        ("O'Brien, Flann", "Flann O'Brien"),
        ("Ward, Humphry, Mrs.", "by Mrs. Humphry Ward"),
        ("Plutarch.", "Plutarch"),
        ("Ma, Yo-Yo, 1955-", "Yo-Yo Ma"),
        ("Толстой, Лев Николаевич", "Л.Н. Толстой"),
        ("Qian, Zhongshu", "Qian Zhongshu zhu"),
    ],
)
def test_a_heading_and_a_statement_of_one_person_have_one_key(heading: str, statement: str) -> None:
    assert (heading_key(heading, RULES),) == name_keys(statement, RULES).authors


@pytest.mark.parametrize("heading", ["卡特,F.", "卡特", "佛瑞斯特·卡特", "F. 卡特 (Carter, Forrest)"])
def test_a_foreign_name_in_han_is_its_last_part_in_every_style(heading: str) -> None:
    assert person_headings(heading, RULES) == ("卡特",)


def test_several_chinese_names_typed_into_one_heading_are_told_apart() -> None:
    assert person_headings("李智民 刘璐 张健杰", RULES) == ("李智民", "刘璐", "张健杰")


@given(st.text(alphabet="ABcd ., ;[]()&'著编译等季野张(美)·…éñ1", max_size=60))
def test_any_statement_gives_distinct_keys(statement: str) -> None:
    found = name_keys(statement, RULES)
    for keys in (found.authors, found.translators, found.others, found.corporate):
        assert len(set(keys)) == len(keys) and all(keys)


@given(st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True), st.from_regex(r"[A-Z][a-z]{3,8}", fullmatch=True))
def test_order_and_initials_make_no_difference_to_a_heading(given_name: str, surname: str) -> None:
    full = heading_key(f"{surname}, {given_name}, 1900-", RULES)
    assert full == heading_key(f"{surname}, {given_name[0]}.", RULES) or given_name.lower() in RULES.entries(
        "person", "title"
    ) + RULES.entries("person", "suffix")
