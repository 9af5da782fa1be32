from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from dedup.commands import dedup as program
from tests.commands.conftest import Result

Cli = Callable[..., Result]


def said(*words: str, **environment: str) -> str:
    """What the command prints, started within this process."""
    result = CliRunner().invoke(program, ["rule", *words], env=environment)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_without_a_code_all_are_listed_kind_after_kind(dedup: Cli) -> None:
    result = dedup("rule", "--lang", "en")
    assert result.returncode == 0 and result.stderr == ""
    heads = [line for line in result.stdout.splitlines() if line and not line.startswith(" ")]
    assert heads[0] == "Causes of duplicates" and any(head.startswith("Blocking rules") for head in heads)
    assert "  D05  record derived from a similar one" in result.stdout and "  P9.edition " in result.stdout


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("d07", "D07  new edition dated as a reprint  [cause of duplicates]"),
        ("P9.EDITION", "edition number (edition_number): differs"),
        ("volume", "[veto]"),
        ("edition_number", "Used by:"),
        ("title_alone", "[blocking rule]"),
        ("two-call-numbers", "[flag]"),
        ("repair", "[verdict]"),
        ("ask", "[action]"),
    ],
)
def test_every_kind_of_code_has_its_page(code: str, says: str) -> None:
    assert says in said(code, "--lang", "en")


def test_the_language_is_that_of_the_console_and_an_option_wins() -> None:
    chinese = said("D05", LC_ALL="", LC_MESSAGES="", LANG="zh_CN.UTF-8")
    assert chinese.startswith("D05  套录未改") and "识别特征" in chinese
    assert said("D05", "--lang", "en", LC_ALL="zh_CN.UTF-8").startswith("D05  record derived")
    assert said("D05", LC_ALL="C", LANG="zh_CN.UTF-8").startswith("D05  record derived")


def test_an_unknown_code_leads_to_the_nearest_in_one_line(dedup: Cli) -> None:
    result = dedup("rule", "D1")
    assert result.returncode == 2 and result.stdout == "" and "did you mean D01" in result.stderr
    assert result.stderr.count("\n") == 1
    lost = dedup("rule", "???")
    assert lost.returncode == 2 and "`dedup rule` lists them" in lost.stderr


def test_a_gbk_console_reads_a_page(dedup: Cli) -> None:
    result = dedup("rule", "D01", "--lang", "zh", PYTHONUTF8="0", PYTHONIOENCODING="gbk")
    assert result.returncode == 0 and result.stdout.startswith("D01")
