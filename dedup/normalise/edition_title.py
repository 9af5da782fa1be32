"""Edition statements that stand in a title or subtitle: 经济学 (第二版), 新概念英语修订版, Linear algebra, 2nd ed.

Only a segment that consists of edition words from end to end is read (domain facts 1.4: 200$e 修订版, `(第二版)` in
200$a), so that 日本 or "the new edition of the gospel" stay titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedup.normalise.edition import Edition, edition_words, read_edition
from dedup.normalise.ordinal import ordinal_at
from dedup.normalise.phrase import EASTERN, words
from dedup.normalise.text import fold
from dedup.rules import RuleSet

_BRACKETED = re.compile(r"[(（\[［【〔]([^()（）\[\]［］【】〔〕]{1,60})[)）\]］】〕]")
_SEPARATOR = re.compile(r"\s*[.:：,，;；/·—=]\s+|[·：，；—]|\s+-\s+|\s+(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])\s+(?=\d)")


@dataclass(frozen=True, slots=True)
class TitleWords:
    """What the reading of titles needs from the tables."""

    tail: frozenset[str]
    alone: frozenset[str]
    edition: frozenset[str]
    plain: frozenset[str]
    mark: re.Pattern[str]
    fillers: re.Pattern[str]
    tail_length: int


@cache
def title_words(rules: RuleSet) -> TitleWords:
    """Compile the settings for titles, once per rule set."""
    table, rows = rules.tables["edition"], rules.terms["edition"]
    return TitleWords(
        tail=frozenset(row.id for row in rows if row.more.get("tail")),
        alone=frozenset(row.id for row in rows if row.more.get("alone")),
        edition=frozenset(table["title"]["words"]),
        plain=frozenset([*table["title"]["words"], *table["title"]["fillers"]]),
        mark=re.compile(f"{table['han']['mark']}$"),
        fillers=re.compile(table["han"]["fillers"]),
        tail_length=table["tail_length"],
    )


def title_edition(text: str, rules: RuleSet) -> Edition | None:
    """The edition that a title or subtitle as typed states; None when it states none."""
    for segment in _segments(text):
        folded = fold(segment, rules)
        eastern = EASTERN.search(folded)
        if (_whole_eastern if eastern else _whole_western)(folded, rules):
            edition = read_edition(folded, rules)
            return None if edition.empty and edition.number is None else edition
    tail = _tail(fold(text, rules), rules)
    return read_edition(tail, rules) if tail else None


def cut_edition(text: str, rules: RuleSet) -> tuple[str, str]:
    """A title as typed without the edition it states in brackets, behind a mark or at its end, and that statement.

    The title as it was and '' when it states none, or nothing else.
    """
    for found in _BRACKETED.finditer(text):
        if title_edition(f"({found[1]})", rules) is not None:
            return " ".join((text[: found.start()] + text[found.end() :]).split()), found[1].strip()
    for found in _SEPARATOR.finditer(text):
        end = text[found.end() :]
        if found.start() and title_edition(f"({end})", rules) is not None:
            return text[: found.start()].strip(), end.strip()
    tail = _tail(fold(text, rules), rules)
    if tail:
        for at in range(len(text) - 1, 0, -1):
            if fold(text[at:], rules) == tail:
                return text[:at].strip(), text[at:].strip()
    return text, ""


def _segments(text: str) -> Iterator[str]:
    """What may be a statement: each bracketed part, the whole, each end after a mark of separation."""
    yield from (found[1] for found in _BRACKETED.finditer(text))
    yield text
    yield from (text[found.end() :] for found in _SEPARATOR.finditer(text))


def _whole_western(folded: str, rules: RuleSet) -> bool:
    """Whether every word is an edition word, a number, a kind or a filler, and an edition word is among them."""
    tokens, compiled = words(folded), edition_words(rules)
    if title_words(rules).edition.isdisjoint(tokens) or len(tokens) < 2:
        return False
    known = {at for one in compiled.phrases.in_words(tokens) for at in range(one.begin, one.end)}
    for at in range(len(tokens)):
        if found := ordinal_at(tokens, at, compiled.numbers):
            known.update(range(found.begin, found.end))
    plain = title_words(rules).plain
    return bool(known) and all(at in known or token in plain for at, token in enumerate(tokens))


def _whole_eastern(folded: str, rules: RuleSet) -> bool:
    """Whether nothing is left of a Chinese, Japanese or Korean segment without its edition words."""
    text, compiled, titles = "".join(words(folded)), edition_words(rules), title_words(rules)
    edition = read_edition(folded, rules)
    shapes = compiled.han
    kinds = set(edition.kinds) | set(edition.forms)
    numbered = edition.number or edition.year or edition.original
    if not numbered and not (kinds and (titles.mark.search(text) or kinds <= titles.alone)):
        return False
    for pattern in (*shapes.original, *shapes.year, *shapes.number, shapes.short_year, shapes.first, shapes.second):
        text = pattern.sub(" ", text)
    left = list(text)
    for one in compiled.phrases.in_characters(text):
        left[one.begin : one.end] = " " * (one.end - one.begin)
    return not titles.fillers.sub("", "".join(left)).strip()


def _tail(folded: str, rules: RuleSet) -> str | None:
    """The statement at the end of a Chinese title without any mark before it: 经济学第二版, 红楼梦插图本."""
    titles = title_words(rules)
    if not EASTERN.search(folded) or not titles.mark.search(folded):
        return None
    for length in range(min(titles.tail_length, len(folded) - 1), 1, -1):
        end = folded[-length:]
        if not end[0].isdigit() and _whole_eastern(end, rules):
            edition = read_edition(end, rules)
            return end if set(edition.kinds) <= titles.tail and not edition.forms else None
    return None
