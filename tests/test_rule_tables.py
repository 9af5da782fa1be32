"""Every row of every rule table is complete, and is said in Chinese and in English."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dedup.errors import RuleError
from dedup.rules import RuleSet, Term, load_rules, read_rules
from dedup.stages.blocking import BlockingRule, read_blocking

RULES = load_rules()
TERMS = [(table, row) for table, rows in RULES.terms.items() for row in rows]
HAN = re.compile(r"[\u4e00-\u9fff]")
ID = re.compile(r"[a-z0-9]+(?:[-._][a-z0-9]+)*")


def name(value: object) -> str:
    return f"{value.table}/{value.id}" if isinstance(value, Term) else str(getattr(value, "id", value))


@pytest.mark.parametrize("row", [row for _, row in TERMS], ids=name)
class TestTermRow:
    def test_has_an_id_that_reports_can_cite(self, row: Term) -> None:
        assert ID.fullmatch(row.id)

    def test_says_what_it_means_in_both_languages(self, row: Term) -> None:
        assert set(row.means) >= {"zh", "en"} and HAN.search(row.means["zh"]) and row.means["en"].strip()

    def test_names_its_source(self, row: Term) -> None:
        assert row.source.strip()

    def test_has_words_without_blanks_around_them(self, row: Term) -> None:
        assert row.entries and all(entry == entry.strip() and entry for entry in row.entries)

    def test_has_examples(self, row: Term) -> None:
        assert (row.yes or row.no) and not set(row.yes) & set(row.no)


@pytest.mark.parametrize("rule", read_blocking(RULES).rules, ids=name)
def test_a_blocking_rule_says_what_it_means_and_has_a_sensible_cap(rule: BlockingRule) -> None:
    assert HAN.search(rule.means["zh"]) and rule.means["en"].strip() and 2 <= rule.cap <= 100


def test_every_table_is_toml_in_utf8_and_has_a_head_that_explains_it() -> None:
    for path in sorted(RULES.root.rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
        assert text.startswith("#"), f"{path.name} does not say what it is"


def test_there_is_nothing_but_tables_among_the_rules() -> None:
    assert {path.suffix for path in RULES.root.rglob("*") if path.is_file()} <= {".toml", ".tsv", ".md"}


def changed(rules: RuleSet, folder: Path, path: str, text: str) -> Path:
    """A copy of the rules with one file replaced."""
    for old in rules.root.rglob("*"):
        if old.is_file():
            new = folder / old.relative_to(rules.root)
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(old.read_bytes())
    (folder / path).write_text(text, encoding="utf-8")
    return folder


ROW = """[[row]]
id = "{id}"
kind = "k"
entries = ["{word}"]
means = {{ zh = "", en = "" }}
source = ""
yes = []
no = []
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROW.format(id="a", word="pbk") + ROW.format(id="b", word="pbk"), "'pbk' in both a and b"),
        (ROW.format(id="a", word="x") + ROW.format(id="a", word="y"), "id 'a' twice"),
        ('[[row]]\nid = "a"\n', "kind, entries"),
        ("[[row", "a TOML table"),
    ],
)
def test_a_faulty_table_is_named_with_its_row(rules: RuleSet, tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RuleError) as error:
        read_rules(changed(rules, tmp_path, "terms/trial.toml", text))
    assert says in str(error.value) and "trial.toml" in str(error.value)


def test_the_sum_of_the_rules_changes_with_any_of_them(rules: RuleSet, tmp_path: Path) -> None:
    text = (rules.root / "group.toml").read_text(encoding="utf-8")
    same = read_rules(changed(rules, tmp_path / "1", "group.toml", text))
    other = read_rules(changed(rules, tmp_path / "2", "group.toml", text + "\n"))
    assert same.sha256 == read_rules(rules.root).sha256 != other.sha256
