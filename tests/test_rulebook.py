"""The rule book says everything the tables decide by, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dedup.codes import LANGUAGES, Code, read_codes
from dedup.compare.asked import QUESTIONS
from dedup.compare.policy import conditions
from dedup.model import Flag, Outcome, Verdict
from dedup.rulebook import Entry, EntryKind, find, markdown, nearest, overview, page, read_legend, rulebook
from dedup.rulebook.words import outcomes_named
from dedup.rules import RuleSet, load_rules
from dedup.stages.blocking import read_blocking
from docs.make_rules import PAGE, made

RULES = load_rules()
LEGEND = read_legend(RULES)
ENTRIES = rulebook(RULES)
ROWS = RULES.tables["policy"]["row"]
HAN = re.compile(r"[\u4e00-\u9fff]")
BY_ID = {(entry.kind, entry.id): entry for entry in ENTRIES}


def test_the_page_of_rules_is_what_the_tables_make() -> None:
    same = PAGE.read_text(encoding="utf-8") == made()
    assert same, "run: python docs/make_rules.py"


@pytest.mark.parametrize("code", read_codes(RULES).values(), ids=lambda code: code.id)
def test_a_code_is_explained_in_both_languages(code: Code) -> None:
    texts = [code.name, code.means, code.signature, code.counter, code.responsible, *code.corrections.values()]
    assert len(texts) > 5
    for text in texts:
        assert HAN.search(text["zh"]) and re.search(r"[a-z]{3}", text["en"]), f"{code.id}: {text}"


def test_every_cause_of_the_contract_has_its_page() -> None:
    assert {code for code in read_codes(RULES) if code[0] == "D"} == {f"D{number:02}" for number in range(1, 13)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_policy_row_says_what_it_means(row: dict[str, dict[str, str]]) -> None:
    assert HAN.search(row["means"]["zh"]) and row["means"]["en"].strip()


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_explained_in_chinese_and_by_its_docstring(name: str) -> None:
    told = {row["id"]: row for row in RULES.tables["questions"]["question"]}
    assert name in told, "add a row to rules/questions.toml"
    assert HAN.search(told[name]["means"]) and set(told[name]["name"]) == set(LANGUAGES)
    assert QUESTIONS[name].explanation.strip()


def test_no_question_is_explained_that_nobody_asks_and_none_twice() -> None:
    told = [row["id"] for row in RULES.tables["questions"]["question"]]
    assert set(told) == set(QUESTIONS) and len(told) == len(set(told))


def test_the_legend_knows_every_verdict_flag_outcome_and_veto() -> None:
    assert set(LEGEND.means["verdict"]) == set(Verdict) and set(LEGEND.means["flag"]) == set(Flag)
    assert set(LEGEND.means["outcome"]) == {outcome.name.lower() for outcome in Outcome}
    assert vetoes() <= set(LEGEND.names["veto"])
    assert set(LEGEND.names["kind"]) == set(EntryKind)


def vetoes() -> set[str]:
    """Every veto of the policy, and those that a centre's switches may give."""
    changes = [
        change
        for switch in RULES.tables["switches"]["switch"]
        for choice in switch.get("choice", [])
        for change in choice.get("change", [])
    ]
    named = {row["veto"] for row in (*ROWS, *changes) if row.get("veto")}
    return named | {RULES.tables["switches"]["texts"]["veto"]}


def test_every_column_that_is_compared_has_a_name_in_both_languages() -> None:
    asked = {column for question in QUESTIONS.values() for column in question.columns}
    assert asked | set(read_blocking(RULES).columns) | set(LEGEND.shown) <= set(LEGEND.columns)


def test_conditions_are_worded_as_the_policy_reads_them() -> None:
    for row in ROWS:
        for name, allowed in conditions(row.get("when", {}), row["id"]).items():
            assert set(outcomes_named(row["when"][name])) == allowed


def test_a_page_names_conditions_exceptions_and_source_in_words() -> None:
    text = page(BY_ID["row", "P14.structure"], LEGEND, "en")
    assert "level of a multi-volume work (level): differs" in text
    assert "publisher (publisher): agrees, close or unknown" in text
    assert "Unless one of these:" in text and "P14 D03" in text and not HAN.search(text)
    chinese = page(BY_ID["row", "P14.structure"], LEGEND, "zh")
    assert "著录级别 (level): 不同" in chinese and "一致、相近或不明" in chinese


def test_a_cause_shows_how_it_is_known_what_it_is_not_and_its_correction() -> None:
    entry = BY_ID["cause", "D01"]
    labels = [paragraph.label.en for paragraph in entry.paragraphs]
    for wanted in ("Means", "How it is known", "What it is not", "Whose job", "Correction", "Severity", "Source"):
        assert wanted in labels
    assert "form of the ISBN (isbn_form): differs" in page(entry, LEGEND, "en")


def test_one_cause_remains_when_no_other_is_found() -> None:
    remains = LEGEND.labels["remains"].en
    assert [entry.id for entry in ENTRIES if remains in page(entry, LEGEND, "en")] == ["D12"]


def test_a_row_that_a_centre_switched_off_says_so() -> None:
    policy = RULES.tables["policy"]
    rows = [{**row, "on": row["id"] != "P23.exam"} for row in policy["row"]]
    changed = replace(RULES, tables={**RULES.tables, "policy": {**policy, "row": rows}})
    said = {entry.id: page(entry, read_legend(changed), "en") for entry in rulebook(changed) if entry.kind == "row"}
    assert [name for name, text in said.items() if "switched off" in text] == ["P23.exam"]


def test_a_blocking_rule_says_what_its_key_is_made_of() -> None:
    text = page(BY_ID["blocking", "name_title_start"], LEGEND, "en")
    assert "the first value of authors or the first value of access points" in text
    assert "the first 6 characters of skeleton of the title" in text and "when more than 12 records share it" in text


@pytest.mark.parametrize("word", ["D05", "d05", " D05 ", "套录未改"])
def test_an_entry_is_found_by_id_or_name_whatever_the_capitals(word: str) -> None:
    assert [entry.id for entry in find(ENTRIES, word)] == ["D05"]


def test_one_word_may_name_a_question_a_veto_and_a_blocking_rule() -> None:
    assert {entry.kind for entry in find(ENTRIES, "title")} >= {"question", "veto"}


@pytest.mark.parametrize(
    ("typed", "meant"), [("D1", "D01"), ("edition_numer", "edition_number"), ("P9.edtion", "P9.edition")]
)
def test_a_misspelt_code_leads_to_the_one_that_was_meant(typed: str, meant: str) -> None:
    assert nearest(ENTRIES, typed)[0] == meant


def test_the_list_names_every_entry_once_in_one_language() -> None:
    for language in LANGUAGES:
        lines = [line.split()[0] for line in overview(ENTRIES, LEGEND, language).splitlines() if line.startswith("  ")]
        assert lines == [entry.id for entry in ENTRIES]


def test_the_page_in_markdown_has_a_section_for_every_entry_and_no_broken_table() -> None:
    text = markdown(ENTRIES, LEGEND)
    assert text.count("\n### ") == len(ENTRIES)
    for line in text.splitlines():
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) == 4, line


def test_an_older_copy_of_the_tables_explains_a_new_question_in_english() -> None:
    questions = [row for row in RULES.tables["questions"]["question"] if row["id"] != "isbn"]
    older: RuleSet = replace(RULES, tables={**RULES.tables, "questions": {"question": questions}})
    found: list[Entry] = [entry for entry in find(rulebook(older), "isbn") if entry.kind == "question"]
    assert QUESTIONS["isbn"].explanation in page(found[0], read_legend(older), "zh")
