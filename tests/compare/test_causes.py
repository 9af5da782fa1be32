"""Why two records of one book exist is told by what a search would have tripped over."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.codes import Kind, read_codes
from dedup.compare.causes import CAUSES, coded, columns_needed, diagnose, read_signatures
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.errors import RuleError
from dedup.rules import RuleSet, load_rules, read_rules
from tests.strategies import concept, concepts, table

PAIRS = tomllib.loads((Path(__file__).parent / "causes.toml").read_text(encoding="utf-8"))["pair"]


def prepared(*rows: dict[str, Any], held: list[int | None] | None = None) -> Concepts:
    """Rows as the stage has them, with what is known of their items."""
    known = held or [None] * len(rows)
    return Concepts(table(*({**row, "held": items} for row, items in zip(rows, known, strict=True))))


def side(case: dict[str, Any], name: str) -> tuple[dict[str, Any], int | None]:
    """One record of a case, and its items."""
    values = case.get("both", {}) | case.get(name, {})
    held = values.pop("held", None)
    return concept(**{key: None if value == "none" else value for key, value in values.items()}), held


def found(concepts: Concepts, rules: RuleSet) -> list[dict[str, Any]]:
    """The causes of the first two records, and of the same with left and right exchanged."""
    judged = judge(concepts, np.array([0, 1]), np.array([1, 0]), rules)
    return diagnose(concepts, judged, rules).to_pylist()


@pytest.mark.parametrize("case", PAIRS, ids=[case["story"] for case in PAIRS])
def test_a_duplicate_has_its_cause_whichever_record_comes_first(case: dict[str, Any], rules: RuleSet) -> None:
    (left, items), (right, others) = side(case, "left"), side(case, "right")
    for told in found(prepared(left, right, held=[items, others]), rules):
        assert (told["cause"], told["secondary"]) == (case["cause"], case.get("secondary", ""))


@pytest.mark.parametrize("case", PAIRS, ids=[case["story"] for case in PAIRS])
def test_the_columns_said_to_be_needed_are_enough(case: dict[str, Any], rules: RuleSet) -> None:
    (left, items), (right, others) = side(case, "left"), side(case, "right")
    whole = prepared(left, right, held=[items, others])
    judged = judge(whole, np.array([0]), np.array([1]), rules)
    some = Concepts(whole.table.select(columns_needed(rules)))
    assert diagnose(some, judged, rules) == diagnose(whole, judged, rules)


def test_the_cases_tell_every_cause(rules: RuleSet) -> None:
    known = {code.id for code in read_codes(rules).values() if code.kind is Kind.CAUSE}
    assert {case["cause"] for case in PAIRS} - {""} == known


@given(
    st.lists(concepts(), min_size=2, max_size=2), st.lists(st.sampled_from([None, -1, 0, 1]), min_size=2, max_size=2)
)
@settings(max_examples=60, deadline=None)
def test_causes_do_not_depend_on_the_side_and_are_given_to_every_duplicate(rows, held) -> None:
    rules = load_rules()
    concepts = prepared(*rows, held=held)
    one, other = found(concepts, rules)
    assert one == other
    verdict = judge(concepts, np.array([0]), np.array([1]), rules).to_pylist()[0]["verdict"]
    if verdict in {"same", "structure", "repair", "junk"}:
        assert one["cause"]
    if verdict == "different":
        assert one == {"cause": "", "secondary": "", "causes": 0, "single_search": False}


def test_the_causes_of_a_group_are_those_of_its_pairs_the_first_in_the_order_leading(rules: RuleSet) -> None:
    cases = {case["cause"]: case for case in PAIRS}
    sets = []
    for code in ("D12", "D08", "D02"):
        (left, items), (right, others) = side(cases[code], "left"), side(cases[code], "right")
        sets.append(found(prepared(left, right, held=[items, others]), rules)[0]["causes"])
    together = coded(np.bitwise_or.reduce(np.array([sets])[:, :, None], axis=1).ravel(), rules).to_pylist()[0]
    assert (together["cause"], together["secondary"]) == ("D02", "D08;D12")


def test_nothing_is_said_of_no_pairs(rules: RuleSet) -> None:
    concepts = prepared(concept())
    judged = judge(concepts, np.zeros(0, np.int64), np.zeros(0, np.int64), rules)
    assert diagnose(concepts, judged, rules).schema.names == CAUSES.names


def copied(rules: RuleSet, folder: Path, old: str, new: str) -> RuleSet:
    """The rules with one change in causes.toml."""
    for path in rules.root.rglob("*"):
        if path.suffix in {".toml", ".tsv"}:
            target = folder / path.relative_to(rules.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text(encoding="utf-8")
            target.write_text(text.replace(old, new, 1) if path.name == "causes.toml" else text, encoding="utf-8")
    return read_rules(folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"D09", "D10"', '"D09"', "order"),
        ('isbn_form = "differs", year', 'isbn_shape = "differs", year', "isbn_shape"),
        ('verdicts = ["same", "review"]', 'verdicts = ["equal"]', "equal"),
        ('severity = "error"', 'severity = "grave"', "grave"),
        ('id = "D02"', 'id = "D01"', "D01 twice"),
        ('id = "D02"', 'id = "X2"', "D, J or Q and two digits"),
        ('move = { zh = "《{title}》', 'move = { zh = "《》', "the same values in both languages"),
    ],
)
def test_a_fault_in_the_table_of_causes_is_named(rules: RuleSet, tmp_path: Path, old: str, new: str, says: str) -> None:
    changed = copied(rules, tmp_path, old, new)
    with pytest.raises(RuleError, match=says):
        read_signatures(changed)
