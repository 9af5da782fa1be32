"""Access points of names that the kept record lacks, or has in another form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dedup.codes import filled
from dedup.marc.record import Field
from dedup.normalise.name import corporate_key
from dedup.normalise.person import EAST_ASIAN, person_headings
from dedup.normalise.text import skeleton
from dedup.report.proposal.selectors import joined, selected
from dedup.report.proposal.side import Side, copied, told_of


def headings(mine: Side, sides: Sequence[Side]) -> Iterator[Field]:
    """Access points of names that the kept record has in no form, from records of the same family of formats.

    They become added entries: which name is the main one stays as it is in the kept record.
    """
    own = list(_named(mine))
    known = {key for _, keys in own for key in keys}
    scripts = {_script(field, mine) for field, _ in own}
    for side in sides:
        if side.shape["family"] != mine.shape["family"]:
            continue
        for field, keys in _named(side):
            # 钱穆 and Qian Mu are one name: a heading in another script than all of the kept record's is no new one.
            if known.isdisjoint(keys) and (not scripts or _script(field, side) in scripts):
                known |= set(keys)
                yield copied(field, mine.shape["main"].get(field.tag, field.tag), mine.rules)


def _script(field: Field, side: Side) -> bool:
    """Whether a heading is in Han characters, kana or Hangul."""
    selectors = (*side.select("name", "person"), *side.select("name", "corporate"))
    return any(EAST_ASIAN.search(text) for _, text in joined((field,), selectors, " "))


def _named(side: Side) -> Iterator[tuple[Field, tuple[str, ...]]]:
    """Access points of persons and bodies with their keys; not those that name another work."""
    works = {id(field) for field, _, _ in selected(side.full.fields, side.select("name", "other_work"))}
    rest = {id(field): text for field, text in joined(side.full.fields, side.select("name", "person_rest"), " ")}
    for field, text in joined(side.full.fields, side.select("name", "person"), " "):
        whole = f"{text}, {rest[id(field)]}" if id(field) in rest else text
        if id(field) not in works and (keys := person_headings(whole, side.rules)):
            yield field, keys
    for field, text in joined(side.full.fields, side.select("name", "corporate"), " "):
        if id(field) not in works and (key := corporate_key(text, side.rules)):
            yield field, (key,)


def other_forms(mine: Side, sides: Sequence[Side]) -> list[str]:
    """Headings of the same names in another form, for the cataloguer to choose."""
    texts, language = mine.rules.tables["proposal"]["text"], mine.shape["words"]
    own = {key: _form(field, mine) for field, keys in _named(mine) for key in keys}
    scripts = {_script(field, mine) for field, _ in _named(mine)}
    found: dict[str, None] = {}
    for side in sides:
        for field, keys in _named(side):
            other_form = any(key in own and own[key] != _form(field, side) for key in keys)
            if other_form or (scripts and _script(field, side) not in scripts):
                heading = told_of(copied(field, field.tag, mine.rules), mine.rules)
                found[filled(texts["other_heading"][language], {"heading": heading})] = None
    return list(found)


def _form(field: Field, side: Side) -> str:
    forms = joined((field,), side.select("name", "form"), " ")
    return field.tag + skeleton(" ".join(text for _, text in forms), side.rules)
