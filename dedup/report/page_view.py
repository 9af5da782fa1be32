"""A package as its page shows it: lists of groups, the records of each side by side, all texts chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dedup.report.model import Line, Package, Part
from dedup.report.page_parts import LIST_MARK, Piece, side_by_side
from dedup.report.page_words import Band, PageWords, Shown
from dedup.rulebook import Words

# Characters that a page may not hold or that would not be seen: shown as their pictures (U+2400 and after).
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PICTURE, _DELETE = 0x2400, 0x2421


@dataclass(frozen=True, slots=True)
class Named:
    """An id with its name and what it means."""

    id: str
    name: Words
    means: Words | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A record of a group, at the head of its column, and what is to be done with it."""

    record_id: str
    keep: bool
    action: Named
    responsible: tuple[Words, ...]
    correction: Words | None


@dataclass(frozen=True, slots=True)
class Row:
    """One field of all records of a group. `equal`: several records have the one text; `long`: some text is very long.

    A cell of None is not known. `named` holds what the values are called where they are ids, else nothing.
    """

    name: Words
    differs: bool
    equal: bool
    long: bool
    cells: tuple[tuple[Piece, ...] | None, ...]
    named: tuple[Words, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether its values are one piece of text each."""
        return not (self.differs or self.long or self.named)


@dataclass(frozen=True, slots=True)
class Card:
    """One group in one list; `number` counts from 1 through the page."""

    number: int
    group_id: str
    title: str
    part: Part
    verdict: Named
    cause: Named | None
    secondary: tuple[Named, ...]
    flags: tuple[Named, ...]
    confidence: str
    band: Band | None
    reason: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    marc: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One list of a page."""

    part: Part
    name: Words
    cards: tuple[Card, ...]

    @property
    def records(self) -> int:
        """How many records its groups have."""
        return sum(len(card.columns) for card in self.cards)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to filter by, with the groups it holds."""

    id: str
    name: Words
    groups: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to filter: `part`, `verdict`, `cause` or `confidence`, with the choices that the page has."""

    id: str
    choices: tuple[Choice, ...]


def seen(text: str) -> str:
    """A text without control characters: each is replaced by its picture."""
    return _UNSEEN.sub(lambda match: chr(_DELETE if match[0] == "\x7f" else _PICTURE + ord(match[0])), text)


Group = tuple[Part, tuple[Line, ...]]
"""The records of one group, and the list in which it stands."""


def groups(package: Package, words: PageWords) -> list[Group]:
    """All groups of a library, list by list in the order of page.toml."""
    return [
        (Part(id), tuple(lines))
        for id in words.parts
        for _, lines in groupby(package.of(Part(id)), key=lambda line: line.group_id or line.key)
    ]


def sections(some: Sequence[Group], words: PageWords, first: int = 1) -> tuple[Section, ...]:
    """Groups as the lists of a page; they are numbered from `first` on."""
    return tuple(
        Section(part, words.parts[part], tuple(_card(lines, words, number) for number, (_, lines) in mine))
        for part, mine in groupby(enumerate(some, first), key=lambda numbered: numbered[1][0])
    )


def _card(lines: tuple[Line, ...], words: PageWords, number: int) -> Card:
    first = lines[0]
    return Card(
        number=number,
        group_id=first.group_id,
        title=seen(next((line.title for line in lines if line.title), "")),
        part=first.part,
        verdict=_named(words, "verdict", first.verdict),
        cause=_named(words, "code", first.cause) if first.cause else None,
        secondary=tuple(_named(words, "code", id) for id in _ids(first.secondary)),
        flags=tuple(_named(words, "flag", id) for id in _ids(first.flags)),
        confidence=first.confidence,
        band=words.band(first.confidence),
        reason=Words(seen(first.reason.get("zh", "")), seen(first.reason.get("en", ""))),
        columns=tuple(_column(line, words) for line in lines),
        rows=tuple(_rows(lines, words)),
    )


def _ids(text: str) -> list[str]:
    return [id.strip() for id in text.split(";") if id.strip()]


def _named(words: PageWords, kind: str, id: str) -> Named:
    return Named(id, words.name(kind, id), words.means[kind].get(id))


def _column(line: Line, words: PageWords) -> Column:
    zh, en = (seen(line.correction.get(language, "")) for language in ("zh", "en"))
    correction = Words(zh or en, en or zh) if zh or en else None
    return Column(seen(line.record_id), line.keep, _named(words, "action", line.action), _who(line, words), correction)


def _who(line: Line, words: PageWords) -> tuple[Words, ...]:
    """Who acts on a record; the centre is called so."""
    named = filter(None, line.responsible.split(LIST_MARK))
    return tuple(words.labels["centre"] if one == words.centre else Words(seen(one), seen(one)) for one in named)


def _rows(lines: Sequence[Line], words: PageWords) -> Iterator[Row]:
    differing = set().union(*(line.differing for line in lines))
    for field in words.fields:
        values = [seen(getattr(line, field.id)) for line in lines]
        if any(values):
            yield _row(field, values, field.id in differing and len(lines) > 1, words)


def _row(field: Shown, values: Sequence[str], differs: bool, words: PageWords) -> Row:
    cells = side_by_side(values, field.listed, words.limits) if differs else tuple((Piece(v, False),) for v in values)
    long = max(map(len, values)) > words.long
    named = (
        tuple(words.values[field.id].get(value, Words(value, value)) for value in values)
        if field.id in words.values
        else ()
    )
    return Row(field.name, differs, 1 == len(set(values)) < len(values) and not differs, long, cells, named)


def facets(lists: Sequence[Section], words: PageWords) -> tuple[Facet, ...]:
    """What the groups of a page can be filtered by; a facet with one choice is no filter, but says what there is."""
    cards = [card for section in lists for card in section.cards]
    verdicts = _choices((card.verdict.id, card.verdict.name) for card in cards)
    causes = _choices(
        (card.cause.id, card.cause.name) if card.cause else ("", words.labels["no_cause"]) for card in cards
    )
    bands = _choices((card.band.id, card.band.name) for card in cards if card.band)
    order = [band.id for band in words.bands]
    return (
        Facet("part", tuple(Choice(one.part, one.name, len(one.cards)) for one in lists)),
        Facet("verdict", tuple(sorted(verdicts, key=lambda choice: -choice.groups))),
        Facet("cause", tuple(sorted(causes, key=lambda choice: choice.id or "~"))),
        Facet("confidence", tuple(sorted(bands, key=lambda choice: order.index(choice.id)))),
    )


def _choices(found: Iterator[tuple[str, Words]]) -> list[Choice]:
    names: dict[str, Words] = {}
    counts: dict[str, int] = {}
    for id, name in found:
        names[id] = name
        counts[id] = counts.get(id, 0) + 1
    return [Choice(id, name, counts[id]) for id, name in names.items()]
