"""One ISBN as typed, put right where that needs no book in hand: its signs, a check digit kept from ten digits.

Source: ISO 2108; domain facts 1.2, D01. Whatever is not certain stays as it is: two numbers in one value, a number with
any other wrong check digit, what stands before and behind the number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dedup.normalise.fault_isbn import long_form, short_form
from dedup.normalise.isbn import (
    CORE_DIGITS,
    FIRST_PREFIX,
    LONG_DIGITS,
    Isbn,
    IsbnShapes,
    check_ten,
    isbn_shapes,
    parse_isbn,
)
from dedup.rules import RuleSet

_SIGNS = re.compile("[^0-9A-Z]+")
_NINE_TO_TWELVE = 10**CORE_DIGITS


class Kind(StrEnum):
    """What is put right; the keys of `[codes]` in rules/check_fix.toml."""

    FORM = "form"
    CHECK_DIGIT = "check_digit"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Typed:
    """The one number in a value: where it stands there, and how it reads."""

    text: str
    begin: int
    end: int
    isbn: Isbn

    @property
    def number(self) -> str:
        """The number as typed."""
        return self.text[self.begin : self.end]

    def put(self, number: str) -> str:
        """The value with another number in its place."""
        return f"{self.text[: self.begin]}{number}{self.text[self.end :]}"


def typed_number(text: str, rules: RuleSet) -> Typed | None:
    """The number in a value; None where there is none, or more than one."""
    found = parse_isbn(text, rules)
    if len(found) != 1:
        return None
    shapes = isbn_shapes(rules)
    spans = list(shapes.number.finditer(_plain(text, shapes)))
    return Typed(text, spans[0].start(), spans[0].end(), found[0]) if len(spans) == 1 else None


def _plain(text: str, shapes: IsbnShapes) -> str:
    """The value as `parse_isbn` reads it, each sign in its old place."""
    signs = []
    for sign in text.translate(shapes.signs):
        folded = unicodedata.normalize("NFKC", sign)
        signs.append(folded if len(folded) == 1 else sign)
    plain = "".join(signs).translate(shapes.signs)
    return shapes.label.sub(lambda found: " " * len(found[0]), plain)


def right_check_digit(typed: Typed, rules: RuleSet) -> str | None:
    """The value with thirteen right digits, where 978 was put before a number of ten and its check digit was kept."""
    digits = _digits(typed.number, rules)
    prefixed = len(digits) == LONG_DIGITS and digits.startswith(str(FIRST_PREFIX)) and typed.isbn.core < _NINE_TO_TWELVE
    if typed.isbn.valid or not prefixed or not check_ten(digits[3:]):
        return None
    return _certain(typed, typed.number[:-1] + long_form(typed.isbn.core)[-1], rules)


def right_signs(typed: Typed, settings: Mapping[str, Any], blank: str, rules: RuleSet) -> str | None:
    """The value with plain digits, X and hyphens; None where it has them already or its check digit is wrong.

    `settings`: `[isbn]` of rules/check_fix.toml; `blank`: what a blank between groups becomes in the record's format.
    """
    if not typed.isbn.valid:
        return None
    shapes = isbn_shapes(rules)
    plain = _plain(typed.text, shapes)[typed.begin : typed.end].translate(shapes.look_alikes).upper()
    between = _SIGNS.findall(plain)
    if all(not one.strip() for one in between):
        groups = settings["blanks"].get(str(typed.isbn.form)) == len(between)
        made = _SIGNS.sub(blank if groups else "", plain)
    else:
        hyphen = settings["hyphen"]
        made = _SIGNS.sub(lambda found: hyphen if found[0].strip() else "", plain)
    return None if made == typed.number else _certain(typed, made, rules, same=True)


def _certain(typed: Typed, number: str, rules: RuleSet, same: bool = False) -> str | None:
    """The value with the new number, if it reads as nothing but that number, now valid."""
    text = typed.put(number)
    found = parse_isbn(text, rules)
    was = typed.isbn
    right = len(found) == 1 and found[0].valid and found[0].core == was.core and found[0].rest == was.rest
    return text if right and (not same or found[0].form == was.form) else None


def other_form(typed: Typed, rules: RuleSet) -> str | None:
    """The number in its other form, with the hyphens it was typed with; None for one under 979."""
    core = typed.isbn.core
    if core >= _NINE_TO_TWELVE:
        return None
    long, short = long_form(core), short_form(core)
    wanted, prefix = (short, "") if typed.isbn.form == LONG_DIGITS else (long, f"{FIRST_PREFIX}-")
    body = typed.number[:-1]
    if not re.fullmatch("[0-9]+(?:-[0-9]+)+-", body):
        return wanted
    stem = body.partition("-")[2] if typed.isbn.form == LONG_DIGITS else body
    made = f"{prefix}{stem}{wanted[-1]}"
    # Hyphens elsewhere, such as behind 9787, leave no stem of nine digits.
    return made if made.replace("-", "") == wanted and _reads(made, rules) else wanted


def _reads(number: str, rules: RuleSet) -> bool:
    return [one.valid for one in parse_isbn(number, rules)] == [True]


def _digits(number: str, rules: RuleSet) -> str:
    shapes = isbn_shapes(rules)
    return _SIGNS.sub("", _plain(number, shapes).translate(shapes.look_alikes).upper())
