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
EN_PLACES = _words("en_places")
EN_HOUSES = _words("en_houses")
SERIES_ZH = _words("series_zh")
SERIES_EN = _words("series_en")
