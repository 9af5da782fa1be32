"""The words of extents, compiled: what stands after or before the numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.normalise.volume_words import any_of
from dedup.rules import RuleSet, Term


@dataclass(frozen=True, slots=True, eq=False)
class ExtentWords:
    """`rows` maps each word to its row of rules/terms/extent.toml; `token` cuts an extent into its parts.

    `simple` matches the commonest whole extents, `online` is the kind of unit of an online resource.
    """

    rows: Mapping[str, Term]
    token: re.Pattern[str]
    simple: re.Pattern[str]
    online: str
    settings: Mapping[str, Any]
    size: re.Pattern[str]
    folds: re.Pattern[str]


@cache
def extent_words(rules: RuleSet) -> ExtentWords:
    """Compile the extent tables of a rule set, once."""
    settings = rules.tables["extent"]
    rows = {word: row for row in rules.terms["extent"] for word in row.entries}
    latin = any_of(word for word in rows if word[-1] < "\u2e80")
    han = any_of(word for word in rows if word[-1] >= "\u2e80")
    measures = any_of(settings["measures"])
    pages = any_of(
        word for word, row in rows.items() if (row.kind == "page" and len(word) > 1) or word in settings["plain"]
    )
    online = any_of(word for word, row in rows.items() if row.more.get("online") and word.isascii())
    folds = settings["folds"]
    return ExtentWords(
        rows=rows,
        token=re.compile(
            rf"(?P<open>\[)|(?P<close>\])|(?P<dash>[-‐‑–—~]+)|(?P<num>\d+)|(?P<into>(?:{any_of(settings['into'])})\s+(?=\d))"
            rf"|(?P<word>(?:{latin})(?![^\W\d_])|(?:{han}))"
            r"|(?P<roman>[ivxlcdm]+)(?![^\W\d_])|(?P<sep>[,;:/()、])|(?P<plus>\+)"
            r"|(?P<letter>[a-z]-?(?=\d))|(?P<other>[\u2e80-\uffff]|[^\W\d_]+)"
        ),
        simple=re.compile(
            rf"\s*(?:(?P<online>1 (?:{online})) \()?(?:(?P<roman>[ivxlcdm]+),\s*)?"
            rf"(?P<pages>[1-9]\d{{0,4}})\s*(?:{pages})"
            r"\.?(?(online)\))[\s.:;,]*"
        ),
        online=next(row.more["unit"] for row in rules.terms["extent"] if row.more.get("online")),
        settings=settings,
        size=re.compile(
            rf"(?P<whole>\d+(?:[.,]\d+)?)(?:\s+(?P<above>\d)/(?P<below>\d))?"
            rf"(?:\s*[x×*]\s*[\d.,]+)?\s*(?P<unit>{measures})(?![^\W\d_])"
        ),
        folds=re.compile(rf"(?P<large>{re.escape(folds['large'])})?\s*(?P<fold>\d+)\s*(?:{any_of(folds['words'])})"),
    )
