"""`dedup config show` tells every setting in force and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dedup.config import find_config
from tests.commands.conftest import Result

FILE = """[switches]
with-disc = "review"
[check]
ignore = ["Q13"]
[check.severity]
Q0 = "note"
[[allow]]
record = "A/1"
code = "Q02"
reason = "as printed"
expires = 2030-01-31
[[source]]
path = "a.mrc"
code = "NKU"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "dedup.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def shown(dedup: Callable[..., Result], *words: object, **environment: str) -> dict[str, dict[str, Any]]:
    made = dedup(*words, "config", "show", "--format", "json", **environment)
    assert made.returncode == 0, made.stderr
    return {one["name"]: one for one in json.loads(made.stdout)["settings"]}


def test_the_configuration_is_found_upward_from_the_input(place: Path) -> None:
    for start in (place / "in" / "deep", place / "in" / "deep" / "a.mrc", place):
        assert find_config(None, (start,)).path.resolve() == (place / "dedup.toml").resolve()
    (place / "in" / "dedup.toml").write_text("", encoding="utf-8")
    assert find_config(None, (place / "in" / "deep",)).path.resolve() == (place / "in" / "dedup.toml").resolve()


def test_each_setting_has_its_value_and_its_line(place: Path, dedup: Callable[..., Result]) -> None:
    made = dedup("config", "show", place / "in" / "deep", "--format", "json", cwd=place / "in")
    found = {one["name"]: one for one in json.loads(made.stdout)["settings"]}
    for name, value, line in (
        ("switches.with-disc", "review", 2),
        ("check.ignore", ["Q13"], 4),
        ("check.severity.Q02", "note", 6),
        ("allow[1].expires", "2030-01-31", 11),
        ("source[1].code", "NKU", 14),
    ):
        assert (found[name]["value"], found[name]["origin"]) == (value, "file")
        assert found[name]["place"] == f"{place / 'dedup.toml'}:{line}"
    assert found["switches.region"]["origin"] == "default" and found["check.severity.D01"]["value"] == "error"
    assert found["check.fail_on"]["origin"] == "default" and found["source[1].library"]["origin"] == "default"


def test_options_and_the_environment_are_told_apart_from_defaults(place: Path, dedup: Callable[..., Result]) -> None:
    plain = shown(dedup, LC_ALL="", LC_MESSAGES="", LANG="", NO_COLOR="", DEDUP_RULES="")
    assert {plain[name]["origin"] for name in ("rules", "threads", "language", "color", "config")} == {"default"}
    found = shown(dedup, "--threads", 3, "--config", place / "dedup.toml", LC_ALL="zh_CN.UTF-8", NO_COLOR="1")
    assert (found["threads"]["value"], found["threads"]["place"]) == (3, "--threads")
    assert (found["config"]["origin"], found["language"]["value"]) == ("option", "zh")
    assert (found["language"]["place"], found["color"]["place"]) == ("LC_ALL", "NO_COLOR")
    rules = plain["rules"]["value"]
    assert shown(dedup, DEDUP_RULES=rules)["rules"]["origin"] == "environment"
    assert shown(dedup, "--rules", rules)["rules"]["origin"] == "option"


def test_the_text_shows_where_values_come_from_when_asked(place: Path, dedup: Callable[..., Result]) -> None:
    plain = dedup("config", "show", place).stdout
    told = dedup("config", "show", place, "--origin").stdout
    assert 'switches.with-disc = "review"' in plain.splitlines() and "#" not in plain
    assert f"({place / 'dedup.toml'}:2)" in told and "# default (rules/switches.toml)" in told
    assert len(plain.splitlines()) == len(told.splitlines())


@pytest.mark.parametrize("text", ["[check]\nselect = ['X']", "[switches]\nnone = 1", "[check", "[chek]"])
def test_a_configuration_that_cannot_hold_is_one_line_and_exit_code_2(
    tmp_path: Path, dedup: Callable[..., Result], text: str
) -> None:
    (tmp_path / "dedup.toml").write_text(text, encoding="utf-8")
    made = dedup("config", "show", tmp_path)
    assert made.returncode == 2 and not made.stdout and len(made.stderr.splitlines()) == 1
    assert "dedup.toml" in made.stderr
