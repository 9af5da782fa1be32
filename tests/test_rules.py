from __future__ import annotations

from pathlib import Path

import pytest

from dedup.errors import RuleError
from dedup.rules import RuleSet, find_rules


def test_the_folder_named_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("named", "environment"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "policy.toml").write_text("# none\n")
    monkeypatch.setenv("DEDUP_RULES", str(tmp_path / "environment"))
    assert find_rules(tmp_path / "named") == tmp_path / "named"
    assert find_rules() == tmp_path / "environment"


def test_a_folder_without_a_policy_is_no_rule_folder(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="name one with --rules"):
        find_rules(tmp_path)


def test_the_longest_word_of_a_kind_comes_first(rules: RuleSet) -> None:
    for table, rows in rules.terms.items():
        for kind in {row.kind for row in rows}:
            lengths = [len(word) for word in rules.entries(table, kind)]
            assert lengths == sorted(lengths, reverse=True)
