"""The ISBN fields of one record put right, every other byte of it as it was."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.check.fix.numbers import Kind, Typed, other_form, right_check_digit, right_signs, typed_number
from dedup.model import Format, IsbnRole
from dedup.normalise.isbn import LONG_DIGITS, SHORT_DIGITS, parse_isbn
from dedup.normalise.isbn_role import role_of
from dedup.rules import RuleSet
from dedup.tables import SUBFIELD_MARK

Field = tuple[bytes, bytes]
"""Tag, and content without its end mark, as bytes of the record's own encoding."""
_MARK = SUBFIELD_MARK.encode()
# Encodings in which a text can be cut anywhere and each piece be written back as it was.
_PLAIN = frozenset(("utf-8", "gb18030", "big5", "koi8-r", "cp1251", "cp866", "cp1252"))
_YEAR = 4
_BRACKETS = " ()[]（）［］"


@dataclass(frozen=True, slots=True)
class Edit:
    """One correction: the place of the field, what it said and what it says; `before` is '' for a new field."""

    kind: Kind
    tag: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Place:
    """What stands where in one format; `number`, `qualifier`, `price`: subfield codes of the ISBN field `tag`."""

    tag: bytes
    number: bytes
    qualifier: bytes
    price: bytes
    known: tuple[tuple[bytes, bytes], ...]
    year: Mapping[str, Any]
    blank: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The fields of a record, and what was put right in them."""

    fields: tuple[Field, ...]
    edits: tuple[Edit, ...]


@cache
def place_of(form: Format, rules: RuleSet) -> Place:
    """Where ISBNs stand, from the tables of the format."""
    name = form.name.lower()
    shape, fields = rules.tables["proposal"][name]["isbn"], rules.tables[f"fields/{name}"]["isbn"]
    fix = rules.tables["check_fix"]["format"][name]
    listed = [selector.split() for selector in (*fields["number"], *fields["cancelled"])]
    return Place(
        tag=shape["tag"].encode(),
        number=shape["number"].encode(),
        qualifier=shape["qualifier"].encode(),
        price=shape["price"].encode(),
        known=tuple((tag.encode(), codes.encode()) for tag, _, codes in listed),
        year=fix["year"],
        blank=fix["blank"],
    )


def corrected(
    fields: Sequence[Field], encoding: str, form: Format, kinds: Collection[Kind], rules: RuleSet
) -> Corrected:
    """The fields of a record with what can be put right in them, of the kinds asked for.

    `encoding`: the record's own, in which the bytes of `fields` are. A value that could not be written back in it as
    it was stays untouched.
    """
    place = place_of(form, rules)
    made: list[Field] = []
    edits: list[Edit] = []
    for tag, content in fields:
        if tag == place.tag:
            content, some = _tidied(content, encoding, place, (kinds, rules))
            edits += some
        made.append((tag, content))
    if Kind.FORM in kinds:
        made, added = _completed(made, encoding, place, rules)
        edits += added
    return Corrected(tuple(made), tuple(edits))


def _tidied(
    content: bytes, encoding: str, place: Place, how: tuple[Collection[Kind], RuleSet]
) -> tuple[bytes, list[Edit]]:
    """One field with its check digits and signs put right."""
    kinds, rules = how
    head, *parts = content.split(_MARK)
    edits: list[Edit] = []
    for number, part in enumerate(parts):
        text = _text(part[1:], encoding)
        typed = typed_number(text, rules) if part[:1] == place.number and text else None
        said = text
        for kind, new in _right(typed, place, kinds, rules) if typed else ():
            again = _bytes(typed, new, part[1:], encoding) if typed else None
            if again is not None:
                parts[number] = part[:1] + again
                edits.append(Edit(kind, place.tag.decode(), said, new))
                said = new
    return _MARK.join([head, *parts]), edits


def _right(typed: Typed, place: Place, kinds: Collection[Kind], rules: RuleSet) -> Iterator[tuple[Kind, str]]:
    """What becomes of a value, step by step; a step begins where the one before ended."""
    new = right_check_digit(typed, rules) if Kind.CHECK_DIGIT in kinds else None
    if new is not None:
        yield Kind.CHECK_DIGIT, new
        typed = typed_number(new, rules) or typed
    signs = right_signs(typed, rules.tables["check_fix"]["isbn"], place.blank, rules)
    if signs is not None and Kind.PUNCTUATION in kinds:
        yield Kind.PUNCTUATION, signs


def _completed(fields: Sequence[Field], encoding: str, place: Place, rules: RuleSet) -> tuple[list[Field], list[Edit]]:
    """The fields with one more behind each number whose other form is nowhere in the record."""
    known = {key for text in _numbers(fields, encoding, place) for key in _forms(text, rules)}
    before = rules.tables["check_fix"]["isbn"]["ten_before"]
    early = 0 < _year(fields, place) < before
    made: list[Field] = []
    edits: list[Edit] = []
    for tag, content in fields:
        made.append((tag, content))
        if tag != place.tag:
            continue
        head, *parts = content.split(_MARK)
        for number, part in enumerate(parts):
            typed = typed_number(_text(part[1:], encoding), rules) if part[:1] == place.number else None
            wanted = _wanted(typed, known, early)
            new = other_form(typed, rules) if typed is not None and wanted else None
            if typed is None or new is None:
                continue
            known.add((typed.isbn.core, wanted))
            field, said = _beside(head, parts[number:], (typed, new, encoding, rules), place)
            made.append((tag, field))
            edits.append(Edit(Kind.FORM, tag.decode(), "", said))
    return made, edits


def _wanted(typed: Typed | None, known: Collection[tuple[int, int]], early: bool) -> int:
    """The form that is to be added: thirteen digits always, ten to the record of a book that carries ten; 0: none."""
    if typed is None or not typed.isbn.valid:
        return 0
    wanted = SHORT_DIGITS if typed.isbn.form == LONG_DIGITS else LONG_DIGITS
    lacking = (typed.isbn.core, wanted) not in known
    return wanted if lacking and (early or wanted == LONG_DIGITS) else 0


def _beside(
    head: bytes, parts: Sequence[bytes], what: tuple[Typed, str, str, RuleSet], place: Place
) -> tuple[bytes, str]:
    """A new field for a number: its qualifiers go with it, its price and what ties it to other fields do not.

    What a price says of the number (CNY39.50 (全二册): that of the set) becomes a qualifier.
    """
    typed, number, encoding, rules = what
    behind = parts[0][1:]
    rest = behind.removeprefix(_written(typed.text[: typed.end], encoding) or behind)
    qualifiers: list[bytes] = []
    for part in parts[1:]:
        if part[:1] == place.number:
            break
        if part[:1] == place.qualifier:
            qualifiers.append(part)
        elif part[:1] == place.price and (note := _price_note(_text(part[1:], encoding), rules)):
            qualifiers.append(place.qualifier + (_written(note, encoding) or b""))
    value = number.encode("ascii") + rest
    if not qualifiers:
        value = value.rstrip(rules.tables["check_fix"]["isbn"]["trailing"].encode("ascii"))
    return _MARK.join([head, parts[0][:1] + value, *qualifiers]), _text(value, encoding)


def _price_note(price: str, rules: RuleSet) -> str:
    """The words behind a price that say what the number stands for; '' when they say nothing of that."""
    found = re.search(rules.tables["isbn"]["price_note"], price)
    words = found[0].strip(_BRACKETS) if found else ""
    return words if role_of(words, rules) is not IsbnRole.SELF else ""


def _numbers(fields: Sequence[Field], encoding: str, place: Place) -> Iterator[str]:
    """The text of every subfield in which a number may stand, cancelled ones too."""
    for tag, content in fields:
        codes = b"".join(code for known, code in place.known if known == tag)
        for part in content.split(_MARK)[1:] if codes else ():
            if part[:1] and part[:1] in codes:
                yield _text(part[1:], encoding)


def _forms(text: str, rules: RuleSet) -> Iterator[tuple[int, int]]:
    return ((isbn.core, isbn.form) for isbn in parse_isbn(text, rules))


def _year(fields: Sequence[Field], place: Place) -> int:
    """The coded year of publication; 0 when there is none."""
    for tag, content in fields:
        if tag != place.year["tag"].encode():
            continue
        code = place.year.get("code", "").encode()
        coded = [part[1:] for part in content.split(_MARK)[1:] if part[:1] == code] if code else [content]
        at = place.year["at"]
        year = coded[0][at : at + _YEAR] if coded else b""
        return int(year) if year.isdigit() else 0
    return 0


def _text(data: bytes, encoding: str) -> str:
    """Text of some bytes; '' where it cannot be cut and written back as it was."""
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    if encoding not in _PLAIN:
        return ""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _written(text: str, encoding: str) -> bytes | None:
    if text.isascii():
        return text.encode("ascii")
    try:
        return text.encode(encoding) if encoding in _PLAIN else None
    except UnicodeEncodeError:
        return None


def _bytes(typed: Typed, new: str, old: bytes, encoding: str) -> bytes | None:
    """The new value in the record's encoding, what stands around the number byte for byte as it was."""
    before, after = (_written(part, encoding) for part in (typed.text[: typed.begin], typed.text[typed.end :]))
    if before is None or after is None or not old.startswith(before) or not old.endswith(after):
        return None
    number = new[typed.begin : len(new) - len(typed.text) + typed.end]
    return before + number.encode("ascii") + after if number.isascii() else None
