"""The words of made catalogues, read from words.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TABLE: dict[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def _words(name: str) -> tuple[str, ...]:
    return tuple(_TABLE[name])


def _rows(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in _TABLE[name])


NUMERALS = "零一二三四五六七八九十"
ZH_TOPICS = _words("zh_topics")
ZH_FRONT = _words("zh_front")
ZH_FORM = _words("zh_form")
ZH_POETIC = _words("zh_poetic")
ZH_SUBTITLE = _words("zh_subtitle")
ZH_SURNAMES = _words("zh_surnames")
ZH_GIVEN = _words("zh_given")
ZH_FOREIGN = _rows("zh_foreign")
ZH_PUBLISHERS = _rows("zh_publishers")
ZH_PROVINCES = _rows("zh_provinces")
ZH_KINDS = _words("zh_kinds")
ZH_CLASSES = _words("zh_classes")
EN_NOUNS = _words("en_nouns")
EN_FRONT = _words("en_front")
EN_PATTERNS = _words("en_patterns")
EN_SUBTITLE = _words("en_subtitle")
EN_SURNAMES = _words("en_surnames")
EN_GIVEN = _words("en_given")
EN_PUBLISHERS = _rows("en_publishers")
EN_PLACES = _rows("en_places")
EN_HOUSES = _words("en_houses")
SERIES_ZH = _words("series_zh")
SERIES_EN = _words("series_en")
ZH_HOUSES = {row[0]: row[1:] for row in _rows("zh_houses")}
EN_HOUSES_TYPED = {row[0]: row[1:] for row in _rows("en_houses_typed")}
OVERSEAS = _rows("overseas")
ZH_PLACE_CODES: dict[str, str] = {row[0]: row[1] for row in _rows("zh_place_codes")}
ZH_EXAMS = _words("zh_exams")
EN_EXAMS = _words("en_exams")
ZH_PARTS = _rows("zh_parts")
EN_PARTS = _rows("en_parts")
ZH_WALKS = _words("zh_walks")
ZH_SCENES = _words("zh_scenes")
EN_SCENES = _words("en_scenes")
ZH_STANDARDS = _words("zh_standards")
EN_STANDARDS = _words("en_standards")
ZH_BODIES = _words("zh_bodies")
EN_BODIES = _words("en_bodies")
NUMBER_TITLES = _words("number_titles")


def _hanzi() -> dict[str, tuple[str, str]]:
    """Characters with their traditional form and their reading, from hanzi.tsv."""
    text = Path(__file__).with_name("hanzi.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {character: (traditional, reading) for character, traditional, reading in rows}


_HANZI = _hanzi()
TRADITIONAL = str.maketrans({character: forms[0] for character, forms in _HANZI.items()})
READINGS = {character: forms[1] for character, forms in _HANZI.items()}
HOMOPHONES = {
    character: others
    for character, (_, reading) in _HANZI.items()
    if (others := "".join(other for other, forms in _HANZI.items() if forms[1] == reading and other != character))
}


def pinyin(text: str) -> str:
    """The reading of a text, one syllable a character; other characters as they are."""
    return " ".join("".join(f" {READINGS[c]} " if c in READINGS else c for c in text).split())
