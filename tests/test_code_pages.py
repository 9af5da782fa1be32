"""Every code that a check can report has a page, made from the table that decides."""

from __future__ import annotations

import re

import pytest

from dedup.codes import read_codes
from dedup.rules import load_rules
from docs.make_rules import CODES, made_codes

PAGES = made_codes()
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_tables_make(name: str) -> None:
    path = CODES / name
    assert path.is_file() and path.read_text(encoding="utf-8") == PAGES[name], "run: python docs/make_rules.py"


def test_every_code_has_a_page_and_no_page_speaks_of_a_code_that_is_gone() -> None:
    codes = {f"{code}.md" for code in read_codes(load_rules())}
    assert codes | {"README.md"} == set(PAGES) == {path.name for path in CODES.iterdir()}


@pytest.mark.parametrize("code", read_codes(load_rules()))
def test_a_page_tells_in_both_languages_what_the_code_means_and_what_to_do(code: str) -> None:
    chinese, english = PAGES[f"{code}.md"].split("\n## ")[1:]
    assert chinese.startswith("中文") and english.startswith("English")
    assert "**含义** " in chinese and "**更正说明** " in chinese and HAN.search(chinese)
    for label in ("Means", "How it is known", "What it is not", "Correction", "Severity"):
        assert f"**{label}** " in english
    assert f"[{code}]({code}.md)" in PAGES["README.md"]
