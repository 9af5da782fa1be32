"""A centre's choice changes what it says it changes, and nothing else; a wish that cannot be met is refused by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.compare.asked import QUESTIONS
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts, Pairs
from dedup.compare.policy import read_policy
from dedup.config import Config, read_config
from dedup.errors import InputError, RuleError
from dedup.rules import RuleSet, load_rules
from dedup.switches import read_switches, switched
from dedup.switches.rows import Selector
from tests.strategies import concept, concepts, table

RULES = load_rules()
SWITCHES = read_switches(RULES)
SAID = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
HARD = tomllib.loads((Path(__file__).parent.parent / "compare" / "hard_cases.toml").read_text(encoding="utf-8"))
HAN = re.compile(r"[\u4e00-\u9fff]")


def value_of(switch: str, word: str) -> str | float:
    return word if SWITCHES[switch].choices else float(word)


CHOICES = sorted(
    {(case["switch"], value_of(case["switch"], word)) for case in SAID["case"] for word in case["choices"]}, key=str
)


@cache
def by(switch: str, value: str | float) -> RuleSet:
    return switched(RULES, Config(switches={switch: value}))


def record(values: dict[str, Any]) -> dict[str, Any]:
    return concept(**{name: None if value == "none" else value for name, value in values.items()})


def sides(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for side in ("left", "right"):
        yield record(SAID.get(case.get("kind", ""), {}) | case.get("both", {}) | case.get(side, {}))


@cache
def prepared() -> Concepts:
    """All cases and all hard cases, pair after pair."""
    return Concepts(table(*(one for case in (*SAID["case"], *HARD["pair"]) for one in sides(case))))


@cache
def verdicts(rules: RuleSet) -> list[dict[str, Any]]:
    lefts = np.arange(0, len(prepared()), 2)
    found: list[dict[str, Any]] = judge(prepared(), lefts, lefts + 1, rules).to_pylist()
    return found


@pytest.mark.parametrize("at", range(len(SAID["case"])), ids=lambda at: f"{SAID['case'][at]['switch']}-{at}")
def test_a_choice_does_what_it_says(at: int) -> None:
    case = SAID["case"][at]
    assert verdicts(RULES)[at]["verdict"] == case["default"], verdicts(RULES)[at]["row"]
    for word, wanted in case["choices"].items():
        found = verdicts(by(case["switch"], value_of(case["switch"], word)))[at]
        assert found["verdict"] == wanted, (word, found["row"])
        assert bool(found["veto"]) == (wanted == "different" and found["row"] != "rest.different")


def meant(switch: str, value: str | float) -> set[str]:
    """The ids of all rows that a choice speaks of."""
    changes = SWITCHES[switch].choices[str(value)].changes
    rows = RULES.tables["policy"]["row"]
    return {row["id"] for change in changes for row in rows if Selector.of(change["rows"]).fits(row)}


@pytest.mark.parametrize(("switch", "value"), CHOICES)
def test_no_choice_touches_the_pairs_that_it_does_not_speak_of(switch: str, value: str | float) -> None:
    number = SWITCHES[switch].number
    question = {"western_pages": "pages", "western_share": "pages", "jump_share": "pages_jump", "before": "early"}
    for at, (one, other) in enumerate(zip(verdicts(RULES), verdicts(by(switch, value)), strict=True)):
        if (one["verdict"], one["veto"]) == (other["verdict"], other["veto"]):
            continue
        if number is None:
            assert one["row"] in meant(switch, value)
            continue
        ask = QUESTIONS[question[number.place.rsplit(".", 1)[-1]]].ask
        pair = Pairs(prepared(), np.array([2 * at]), np.array([2 * at + 1]))
        assert ask(pair, RULES) != ask(pair, by(switch, value)), (one, other)


@given(st.lists(concepts(), min_size=2, max_size=8), st.sampled_from(CHOICES))
@settings(max_examples=80, deadline=None)
def test_a_pair_is_decided_by_its_old_row_or_a_narrower_one_unless_a_row_is_off(
    records: list[dict[str, Any]], choice: tuple[str, str | float]
) -> None:
    if SWITCHES[choice[0]].number is not None:
        return
    one, two = np.triu_indices(len(records), 1)
    made, rules = Concepts(table(*records)), by(*choice)
    there = {row.id for row in read_policy(rules).rows}
    for old, new in zip(*(judge(made, one, two, r).to_pylist() for r in (RULES, rules)), strict=True):
        if old["row"] in there:
            assert new["row"] == old["row"] or new["row"].startswith(f"{old['row']}/"), (old, new)


def test_every_choice_is_shown_by_a_case() -> None:
    offered = {
        (name, choice)
        for name, switch in SWITCHES.items()
        for choice in switch.choices
        if choice != switch.default and name != "multivolume"
    }
    assert offered <= set(CHOICES)
    assert {name for name, switch in SWITCHES.items() if switch.number} <= {switch for switch, _ in CHOICES}


@pytest.mark.parametrize("level", ["volumes", "set"])
def test_the_level_of_multi_volume_works_stands_where_corrections_look_for_it(level: str) -> None:
    assert RULES.tables["group"]["structure"]["level"] == SWITCHES["multivolume"].default == "advice"
    rules = by("multivolume", level)
    assert rules.tables["group"]["structure"]["level"] == level
    assert rules.tables["group"]["keep"] == RULES.tables["group"]["keep"]
    assert verdicts(rules) == verdicts(RULES)


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=lambda switch: switch.id)
def test_a_switch_is_explained_in_both_languages_and_its_default_is_what_the_tables_say(switch: Any) -> None:
    for means in (switch.means, *(choice.means for choice in switch.choices.values())):
        assert HAN.search(means["zh"]) and means["en"]
    assert switch.source and bool(switch.choices) != bool(switch.number)
    if switch.number is not None:
        name, *keys = switch.number.place.split(".")
        value: Any = RULES.tables[name]
        for key in keys:
            value = value[key]
        assert value == switch.default / switch.number.per
        assert switch.number.least <= switch.default <= switch.number.most


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=lambda switch: switch.id)
def test_a_switch_names_rows_that_stand_in_the_policy(switch: Any) -> None:
    rows = RULES.tables["policy"]["row"]
    for choice in switch.choices.values():
        for change in choice.changes:
            if "rows" not in change:
                continue
            selector = Selector.of(change["rows"])
            meant = [row for row in rows if selector.fits(row)]
            assert meant and set(selector.ids) <= {row["id"] for row in meant}
            verdict = change.get("verdict")
            if verdict == "same":
                assert {row["verdict"] for row in meant} <= {"review"} and change.get("means")


def test_a_centre_that_says_nothing_new_has_the_published_rules() -> None:
    assert switched(RULES, Config()) is RULES
    defaults = {name: switch.default for name, switch in SWITCHES.items()}
    assert switched(RULES, Config(switches=defaults)) is RULES
    assert switched(RULES, Config(verdicts={"P1.isbn": "same"})) is RULES


def test_the_sha256_tells_every_two_settings_apart_and_equal_ones_together() -> None:
    more = [Config(off=("P1.isbn",)), Config(verdicts={"P1.isbn": "review"}), Config(verdicts={"P9.source": "review"})]
    configs = [*(Config(switches={name: value}) for name, value in CHOICES), *more]
    digests = [switched(RULES, config).sha256 for config in configs]
    assert len({RULES.sha256, *digests}) == len(configs) + 1
    assert digests == [switched(RULES, config).sha256 for config in configs]
    assert switched(RULES, configs[0]).root == RULES.root


def test_the_published_tables_are_not_changed_by_a_choice() -> None:
    before = deepcopy(RULES.tables)
    for name, value in CHOICES:
        switched(RULES, Config(switches={name: value}, off=("P13.translator",), verdicts={"P1.isbn": "review"}))
    assert RULES.tables == before


def test_where_two_settings_speak_of_one_pair_the_first_of_the_list_counts() -> None:
    rules = switched(RULES, Config(switches={"cross-format": "different", "with-disc": "review"}))
    one = record(SAID["chinese"] | {"isbn": [11]})
    other = one | {"format": 0, "accompanying": "disc"}
    pair = Concepts(table(one, other))
    assert judge(pair, np.array([0]), np.array([1]), rules).column("verdict").to_pylist() == ["review"]
    alone = Concepts(table(one, one | {"format": 0}))
    assert judge(alone, np.array([0]), np.array([1]), rules).column("verdict").to_pylist() == ["different"]


class TestSingleRows:
    """`[policy]`: what experts may say of one row."""

    def verdict(self, rules: RuleSet, **change: Any) -> str:
        one = record(SAID["chinese"] | {"isbn": [11]})
        pair = Concepts(table(one, one | change))
        return str(judge(pair, np.array([0]), np.array([1]), rules).column("verdict")[0])

    def test_a_row_gets_the_verdict_named(self) -> None:
        rules = switched(RULES, Config(verdicts={"P1.isbn": "review"}))
        assert self.verdict(RULES, size=30) == "same" and self.verdict(rules, size=30) == "review"

    def test_a_row_that_is_off_leaves_its_pairs_to_the_rows_behind_it(self) -> None:
        rules = switched(RULES, Config(off=("P10.forgotten",)))
        change = {"edition_number": 2, "edition_text": "2版"}
        assert self.verdict(RULES, **change) == "review" and self.verdict(rules, **change) == "same"

    @pytest.mark.parametrize("row", ["P13.translator", "P27.companion", "P24.title-year", "P9.edition", "P21.carrier"])
    def test_a_veto_that_is_off_still_merges_nothing_by_itself(self, row: str) -> None:
        rules = switched(RULES, Config(off=(row,)))
        one = record(SAID["chinese"] | {"isbn": [11], "translators": ["范晔"], "title_years": [2003]})
        others = [
            one | {"translators": ["黄锦炎"]},
            one | {"companions": ["companion.teacher"]},
            one | {"title_years": [2004]},
            one | {"carrier": "online"},
        ]
        pairs = Concepts(table(one, *others))
        right = np.arange(1, len(others) + 1)
        found = judge(pairs, np.zeros_like(right), right, rules).to_pylist()
        old = judge(pairs, np.zeros_like(right), right, RULES).to_pylist()
        for before, after in zip(old, found, strict=True):
            assert after["verdict"] == ("review" if before["row"] == row else before["verdict"]), after

    def test_what_a_centre_says_of_a_row_goes_before_its_switches(self) -> None:
        config = Config(switches={"exam-guides": "different"}, verdicts={"P23.exam": "same"})
        change = {"is_exam": True, "year": 2004, "transcribed_year": 2004}
        assert self.verdict(switched(RULES, config), **change) == "same"

    @pytest.mark.parametrize(
        ("config", "says"),
        [
            (Config(off=("P1.isbm",)), r"\[policy\] off.*'P1\.isbm'.*did you mean 'P1\.isbn'"),
            (Config(off=("rest.different",)), "the last takes every pair"),
            (Config(verdicts={"P31.erly": "same"}), r"\[policy\.verdict\].*'P31\.erly'.*'P31\.early'"),
            (Config(verdicts={"P31.early": "sane"}), r"'sane'.*did you mean 'same'"),
            (Config(verdicts={"P31.early": "junk"}), "'junk'"),
            (Config(verdicts={"P13.translator": "same"}), 'veto `translator`.*write "review"'),
            (Config(verdicts={"P9.repair-D05": "same"}), "verdict repair"),
            (Config(verdicts={"rest.different": "same"}), "verdict different"),
            (Config(off=("P31.early",), verdicts={"P31.early": "same"}), "also off"),
        ],
    )
    def test_a_wish_that_cannot_be_met_is_refused_by_name(self, config: Config, says: str) -> None:
        with pytest.raises(InputError, match=r"dedup\.toml") as error:
            switched(RULES, config)
        assert re.search(says, str(error.value)), error.value


@given(st.lists(concepts(), min_size=2, max_size=6), st.data())
@settings(max_examples=50, deadline=None)
def test_no_setting_of_single_rows_brings_a_vetoed_pair_to_same(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    one, two = np.triu_indices(len(records), 1)
    made = Concepts(table(*records))
    before = judge(made, one, two, RULES).to_pylist()
    kept_apart = sorted({pair["row"] for pair in before if pair["verdict"] in ("different", "structure", "repair")})
    apart = [row for row in kept_apart if row != "rest.different"]
    if not apart:
        return
    row = data.draw(st.sampled_from(apart))
    after = judge(made, one, two, switched(RULES, Config(off=(row,)))).to_pylist()
    assert not [
        pair for old, pair in zip(before, after, strict=True) if old["row"] == row and pair["verdict"] == "same"
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[switches]\nwestern-printing = "review"', r"switch 'western-printing'.*did you mean 'western-printings'"),
        ('[switches]\nexam-guides = "diferent"', r"exam-guides = \"diferent\".*did you mean 'different'"),
        ('[switches]\nwestern-pages = "ten"', r"western-pages = \"ten\".*a number from 3 to 50"),
        ("[switches]\nwestern-pages = 500", "a number from 3 to 50"),
        ("[switches]\nregion = 3", r"region = 3.*different, review"),
    ],
)
def test_a_misspelt_switch_or_choice_is_told_with_its_place_and_the_nearest(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        switched(RULES, read_config(path))
    assert f"{path} [switches]" in str(error.value) and re.search(says, str(error.value)), error.value


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["P31.early"]', '["P31.earlier"]', r"switch early-books.*'P31\.earlier'"),
        ('source = "Western printings"', 'source = "Eastern printings"', "switch western-printings.*Eastern"),
        ('default = "advice"', 'default = "volumes"', r"\(multivolume\).*default 'volumes'"),
        ('set = "group.structure.level"', 'set = "group.structures.level"', "group.structures.level"),
        ('rows = { id = ["P31.early"] }, on = false', 'rows = { id = ["P31.early"] }, off = true', "'off'"),
        ('veto = "exam-year"', 'means = { zh = "", en = "" }', "the name of a veto"),
    ],
)  # fmt: skip
def test_a_table_of_switches_that_does_not_fit_the_policy_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    for path in RULES.root.rglob("*.t*"):
        target = tmp_path / path.relative_to(RULES.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    page = tmp_path / "switches.toml"
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new), encoding="utf-8")
    rules = load_rules(str(tmp_path))
    with pytest.raises(RuleError, match=r"switches\.toml") as error:
        for name, switch in read_switches(rules).items():
            for choice in switch.choices:
                switched(rules, Config(switches={name: choice}))
    assert re.search(says, str(error.value)), error.value


def test_no_two_reasons_of_a_switched_policy_lose_a_language() -> None:
    for name, value in CHOICES:
        for row in read_policy(by(name, value)).rows:
            assert HAN.search(row.means["zh"]) and row.means["en"], row.id
