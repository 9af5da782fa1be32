"""The MARC fields of a group side by side: those alone that are not the same in all its records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from dedup.marc.single import Whole
from dedup.report.page_parts import Piece, side_by_side
from dedup.report.page_view import Card, Row, Section, seen
from dedup.report.page_words import PageWords
from dedup.rulebook import same
from dedup.tables import SUBFIELD_MARK

Reader = Callable[[Iterable[str]], Mapping[str, Whole]]
"""Reads records by their ids from their source files; those that are gone or changed are left out."""

Fields = Mapping[str, list[str]]


def with_marc(lists: Iterable[Section], read: Reader, words: PageWords) -> tuple[Section, ...]:
    """Lists whose groups show their MARC fields; the records of some hundred groups are read at a time."""
    return tuple(replace(one, cards=tuple(_with_rows(one.cards, read, words))) for one in lists)


def _with_rows(cards: Iterable[Card], read: Reader, words: PageWords) -> Iterator[Card]:
    waiting = iter(cards)
    while some := list(islice(waiting, words.at_once)):
        wholes = read({column.record_id for card in some for column in card.columns if len(card.columns) > 1})
        for card in some:
            yield replace(card, marc=marc_rows([wholes.get(column.record_id) for column in card.columns], words))


def marc_rows(wholes: Sequence[Whole | None], words: PageWords) -> tuple[Row, ...]:
    """A row for each field that differs, tag by tag: fields that all records have are left out, the others stand in
    their order. A record whose fields are not at hand has no pieces; nothing is shown when fewer than two have.
    """
    at_hand = [place for place, whole in enumerate(wholes) if whole is not None]
    if len(at_hand) < 2:
        return ()
    fields = [_fields(whole, words) for whole in wholes if whole is not None]
    tags = sorted({tag for one in fields for tag in one})
    return tuple(row for tag in tags for row in _rows(tag, fields, (at_hand, len(wholes)), words))


def _fields(whole: Whole, words: PageWords) -> Fields:
    found: dict[str, list[str]] = {}
    for tag, content in whole.fields:
        if tag not in words.outside:
            found.setdefault(seen(tag), []).append(seen(typed(content, words.blank)))
    return found


def typed(content: str, blank: str) -> str:
    """A field as cataloguers write it: indicators, a blank one as `blank`, and `$` before each subfield's code."""
    head, mark, rest = content.partition(SUBFIELD_MARK)
    if not mark:
        return content
    return f"{head.replace(' ', blank)} ${rest.replace(SUBFIELD_MARK, ' $')}"


def _rows(tag: str, fields: Sequence[Fields], places: tuple[Sequence[int], int], words: PageWords) -> Iterator[Row]:
    lists = [one.get(tag, []) for one in fields]
    common = Counter(lists[0])
    for one in lists[1:]:
        common &= Counter(one)
    apart = [_without(one, common) for one in lists]
    at_hand, count = places
    for number in range(max(map(len, apart))):
        values = [one[number] if number < len(one) else "" for one in apart]
        pieces = side_by_side(values, False, words.limits)
        cells: list[tuple[Piece, ...] | None] = [None] * count
        for place, value in zip(at_hand, pieces, strict=True):
            cells[place] = value
        yield Row(same(tag), True, False, max(map(len, values)) > words.long, tuple(cells))


def _without(values: Sequence[str], common: Counter[str]) -> list[str]:
    """The values without those in common, each taken away as often as all records have it."""
    left, kept = common.copy(), []
    for value in values:
        if left[value] > 0:
            left[value] -= 1
        else:
            kept.append(value)
    return kept
