"""What the reader says of bytes it could not read, or read although something was wrong, in both languages."""

from __future__ import annotations

import re
from functools import cache

from dedup.rules import RuleSet


@cache
def _known(rules: RuleSet) -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Pattern, place and Chinese text of every row of `reader` in check.toml."""
    rows = rules.tables["check"]["reader"]
    return tuple((re.compile(row["pattern"]), row["place"], row["zh"]) for row in rows)


def told(reason: str, rules: RuleSet) -> tuple[str, dict[str, str]]:
    """The place it speaks of (the leader, when it names none), and the reason in both languages.

    A reason that no row knows stays as the reader words it.
    """
    for pattern, place, chinese in _known(rules):
        if found := pattern.fullmatch(reason):
            return found.expand(place), {"zh": found.expand(chinese), "en": reason}
    return rules.tables["check"]["leader"]["place"], {"zh": reason, "en": reason}
