"""Find the words of a term table in a folded statement: whole words in Western scripts, anywhere in Eastern ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dedup.normalise.text import chinese_number, fold, roman_number
from dedup.rules import RuleSet, Term

EASTERN = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]")
_LOOSE_MARK = re.compile(r"(?<!\d)[.-]|[.-](?!\d)")
NUMERAL = r"(?P<n>[0-9]{1,3}|[一二三四五六七八九十百〇零廿卅]{1,5}|[ivxl]{1,6}(?![a-z]))"


def words(folded: str) -> list[str]:
    """The words of a folded statement; a full stop or hyphen stays between two digits only."""
    return _LOOSE_MARK.sub(" ", folded).split()


def numeral(text: str) -> int | None:
    """The value of a numeral matched by `NUMERAL`."""
    if text.isascii() and text.isdigit():
        return int(text)
    found = roman_number(text)
    return chinese_number(text) if found is None else found


def shape(pattern: str, **parts: str) -> re.Pattern[str]:
    """Compile a pattern of a rule table: `{n}` is a numeral, other names as given."""
    for name, part in {"n": NUMERAL, **parts}.items():
        pattern = pattern.replace("{" + name + "}", part)
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Found:
    """One term in a statement: its row, and the words or characters `begin` to `end` that it covers."""

    id: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrases:
    """The entries of a term table, looked up by their first word (Western) or first character (Eastern)."""

    western: dict[str, list[tuple[tuple[str, ...], str]]]
    eastern: dict[str, list[tuple[str, str]]]

    def in_words(self, tokens: list[str]) -> Iterator[Found]:
        """All Western terms; at each word the longest. Terms may overlap."""
        for at, token in enumerate(tokens):
            for entry, row in self.western.get(token, ()):
                if tuple(tokens[at : at + len(entry)]) == entry:
                    yield Found(row, at, at + len(entry))
                    break

    def in_characters(self, text: str) -> Iterator[Found]:
        """All Eastern terms of a statement without spaces; at each character the longest. Terms may overlap."""
        for at, character in enumerate(text):
            for entry, row in self.eastern.get(character, ()):
                if text.startswith(entry, at):
                    yield Found(row, at, at + len(entry))
                    break


def compile_phrases(rows: Iterable[Term], rules: RuleSet) -> Phrases:
    """Make the look-up of some rows of a term table. Entries are folded as the statements are."""
    western: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    eastern: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for entry in row.entries:
            tokens = words(fold(entry, rules))
            if EASTERN.search(entry):
                joined = "".join(tokens)
                eastern.setdefault(joined[0], []).append((joined, row.id))
            elif tokens:
                western.setdefault(tokens[0], []).append((tuple(tokens), row.id))
    for lists in (western, eastern):
        for listed in lists.values():
            listed.sort(key=lambda found: -len(found[0]))
    return Phrases(western, eastern)
