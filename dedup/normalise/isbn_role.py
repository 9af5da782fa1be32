"""What an ISBN stands for, from its qualifier: the record itself, the set, one volume, a disc, an e-book.

Source of the rules: domain facts 1.2, P14, P22; words in `rules/terms/isbn_role.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dedup.model import IsbnRole
from dedup.normalise.phrase import EASTERN
from dedup.normalise.text import fold
from dedup.rules import RuleSet

_NUMERAL = "(?:[0-9]{1,3}|[一二三四五六七八九十百〇两]{1,4}|[ivxl]{1,6})"


@dataclass(frozen=True, slots=True)
class RoleWords:
    """The patterns of `rules/terms/isbn_role.toml`: neutral words, and the roles in the order in which they count."""

    neutral: re.Pattern[str]
    roles: tuple[tuple[IsbnRole, re.Pattern[str]], ...]


def _entry(entry: str, rules: RuleSet) -> str:
    """One entry as a pattern over folded text: whole words, or anywhere when Eastern and longer than one character."""
    pieces = [fold(piece, rules) for piece in entry.split("{n}")]
    spaced = [
        f"{' ' if piece.startswith(' ') else ''}{folded}{' ' if piece.endswith(' ') else ''}"
        for piece, folded in zip(entry.split("{n}"), pieces, strict=True)
    ]
    body = _NUMERAL.join(re.escape(piece) for piece in spaced).replace(r"\ ", "[ .-]*")
    if EASTERN.search(entry):
        han = "[\u3400-\u9fff]"
        return f"(?<!{han}){body}(?!{han})" if len(entry) == 1 else body
    return rf"(?<![^\W_]){body}(?![^\W_])"


def _pattern(kind: str, rules: RuleSet) -> re.Pattern[str]:
    return re.compile("|".join(_entry(entry, rules) for entry in rules.entries("isbn_role", kind)))


@cache
def role_words(rules: RuleSet) -> RoleWords:
    """Compile the table, once per rule set."""
    order = rules.tables["isbn"]["role_order"]
    return RoleWords(
        neutral=_pattern("neutral", rules),
        roles=tuple((IsbnRole[kind.upper()], _pattern(kind, rules)) for kind in order),
    )


def role_of(qualifier: str, rules: RuleSet) -> IsbnRole:
    """The role that a qualifier (`(v. 1 : pbk.)`, `精装`, `光盘`) or note of a price gives; SELF when it names none."""
    words = role_words(rules)
    folded = fold(qualifier, rules)
    if not folded:
        return IsbnRole.SELF
    left = words.neutral.sub(" ", folded)
    return next((role for role, pattern in words.roles if pattern.search(left)), IsbnRole.SELF)
