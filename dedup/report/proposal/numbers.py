"""Numbers that the kept record lacks: forms of its ISBN, source numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dedup.marc.record import Field
from dedup.normalise.isbn import parse_isbn
from dedup.report.proposal.isbn_text import number_text, qualifier_text
from dedup.report.proposal.selectors import Selectors, selected
from dedup.report.proposal.side import Side, copied, new_field
from dedup.rules import RuleSet


def isbns(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """Numbers with a right check digit that do not stand in the kept record in this form."""
    places = (*mine.select("isbn", "number"), *mine.select("isbn", "cancelled"))
    known = {key for _, _, text in selected(mine.full.fields, places) for key in _forms(text, mine.rules)}
    shape = mine.shape["isbn"]
    for side in sides:
        for field, at, text in selected(side.full.fields, side.select("isbn", "number")):
            for isbn in parse_isbn(text, side.rules):
                key = (isbn.core, isbn.form)
                if not isbn.valid or key in known or isbn.core in side.full.others:
                    continue
                known.add(key)
                behind = _behind(field, at, side)
                words = [qualifier_text(isbn.rest), *_beside(field.tag, behind, side.select("isbn", "qualifier"))]
                price = _beside(field.tag, behind, side.select("isbn", "price"))
                named = [(shape["qualifier"], " ; ".join(filter(None, words))), (shape["price"], "; ".join(price))]
                number = (shape["number"], number_text(text, isbn))
                yield new_field(shape, [number, *(one for one in named if one[1])])


def _forms(text: str, rules: RuleSet) -> Iterator[tuple[int, int]]:
    return ((isbn.core, isbn.form) for isbn in parse_isbn(text, rules))


def _behind(field: Field, at: int, side: Side) -> list[tuple[str, str]]:
    """The subfields between a number and the next: a qualifier or price belongs to the number in front of it."""
    following: list[tuple[str, str]] = []
    for code, value in field.subfields[at + 1 :]:
        if code == field.subfields[at][0]:
            break
        following.append((code, value))
    return following


def _beside(tag: str, subfields: Iterable[tuple[str, str]], selectors: Selectors) -> list[str]:
    codes = "".join(one.split()[-1] for one in selectors if one.startswith(tag))
    return [value.strip() for code, value in subfields if code in codes and value.strip()]


def sources(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """Source numbers, in the fields that the kept record's format has for them."""
    known = {_number(field) for field in mine.full.fields if field.tag in mine.shape["source"]}
    for side in sides:
        for field in side.full.fields:
            if field.tag not in side.shape["source"] or not (key := _number(field)) or key in known:
                continue
            known.add(key)
            tag = field.tag if field.tag in mine.shape["source"] else mine.shape["source"][0]
            yield copied(field, tag, mine.rules)


def unified(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """Unified book numbers (books of China before the ISBN), from records of the same family of formats."""
    known = {_number(field) for field in mine.full.fields if field.tag in mine.shape["unified"]}
    for side in sides:
        for field in side.full.fields if side.shape["family"] == mine.shape["family"] else ():
            if field.tag in mine.shape["unified"] and (key := _number(field)) and key not in known:
                known.add(key)
                yield copied(field, field.tag, mine.rules)


def _number(field: Field) -> str:
    return next((re.sub(r"\s", "", value).upper() for code, value in field.subfields if code == "a"), "")
