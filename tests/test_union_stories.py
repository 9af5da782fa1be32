"""A run over the small union catalogue finds what its stories tell, however the records are arranged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from dedup.codes import Kind, Severity, read_codes
from dedup.rules import RuleSet
from tests import told
from tests.told import FIXTURES, ROOT, Arrangement, Found

ARRANGEMENTS: dict[str, Callable[[Path], Arrangement]] = {
    "exchanged": told.exchanged,
    "each-alone": told.each_alone,
    "all-in-one": told.all_in_one,
}


def run(place: Path, *words: object) -> Path:
    """The data folder of one run."""
    command = [sys.executable, str(ROOT / "cli.py"), "run", *map(str, words), "--period", "2024-05"]
    command += ["--db", str(place / "u.duckdb"), "--out", str(place / "out")]
    surroundings = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=surroundings)
    assert done.returncode == 0, done.stderr
    return place / "out" / "data"


def nothing_but(differences: Sequence[str]) -> None:
    """Fails with one difference a line."""
    assert not differences, "\n" + "\n".join(differences)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What is found in the catalogue as it stands."""
    return told.read_found(run(tmp_path_factory.mktemp("told"), FIXTURES / "marc"), told.as_told())


@pytest.fixture(scope="module")
def serious(rules: RuleSet) -> frozenset[str]:
    """Codes of faults that are more than a note."""
    codes = read_codes(rules).values()
    return frozenset(code.id for code in codes if code.kind is Kind.FAULT and code.severity is not Severity.NOTE)


def test_the_duplicates_are_those_of_the_stories_and_no_others(found: Found) -> None:
    nothing_but(told.wrong_groups(found))


def test_every_look_alike_is_told_from_a_duplicate(found: Found) -> None:
    nothing_but(told.wrong_pairs(found))


def test_every_group_has_the_cause_that_its_story_gives(found: Found) -> None:
    nothing_but(told.wrong_causes(found))


def test_the_record_to_keep_is_the_one_of_the_story(found: Found) -> None:
    nothing_but(told.wrong_keeps(found))


def test_the_library_that_made_the_mistake_is_asked_to_mend_it(found: Found) -> None:
    nothing_but(told.wrong_responsible(found))


def test_own_duplicates_two_call_numbers_and_careless_searches_are_marked(found: Found) -> None:
    nothing_but(told.wrong_flags(found))


def test_every_kind_of_junk_is_known_and_rescued_where_a_good_record_exists(found: Found) -> None:
    nothing_but(told.wrong_junk(found))


def test_junk_is_laid_before_the_library_that_holds_it(found: Found) -> None:
    assert found.junk
    nothing_but(told.wrong_junk_owners(found))


def test_planted_faults_are_found_and_good_records_have_none(found: Found, serious: frozenset[str]) -> None:
    assert serious and told.STORIES.faults
    nothing_but(told.wrong_faults(found, serious))


@pytest.mark.parametrize("name", sorted(ARRANGEMENTS))
def test_the_same_records_in_other_files_and_another_order_tell_the_same(
    name: str, tmp_path: Path, serious: frozenset[str]
) -> None:
    made = ARRANGEMENTS[name](tmp_path)
    data = run(tmp_path, made.folder, "--config", made.config)
    found = told.read_found(data, made.named)
    nothing_but([*told.all_wrong(found), *told.wrong_faults(found, serious)])
