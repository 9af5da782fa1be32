"""Numerals as catalogues write them: arabic, Chinese plain and formal, Roman, circled."""

from __future__ import annotations

import re
import unicodedata

_ROMAN = re.compile(r"(?=.)m{0,3}(cm|cd|d?c{0,3})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})", re.IGNORECASE)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_WAN = 10_000
# Unicode before 15.1 gives these two no numeric value.
_PAIR = {"两": 2, "兩": 2}


def _value(character: str) -> int | None:
    found = _PAIR.get(character)
    if found is not None:
        return found
    number = unicodedata.numeric(character, None)
    return int(number) if number is not None and number == int(number) and not character.isdecimal() else None


def chinese_number(text: str) -> int | None:
    """The value of a Chinese numeral: 十二, 二〇〇五, 廿三, 一百零八, 壹拾贰; None for anything else.

    Digits without units are read by position (一九八四 = 1984), 廿 卅 卌 as 20, 30, 40.
    """
    values = [_value(character) for character in text]
    if not values or any(value is None for value in values):
        return None
    known = [value for value in values if value is not None]
    if all(value < 10 for value in known):
        return int("".join(str(value) for value in known))
    return _with_units(known)


def _with_units(values: list[int]) -> int | None:
    """Add up digits and units; None when two digits stand together (二三十) or a zero stands before a unit."""
    total = section = 0
    digit: int | None = None
    for value in values:
        if value < 10:
            if digit:
                return None
            digit = value
        elif value >= _WAN:
            total += (section + (digit or 0)) * value
            section, digit = 0, None
        elif value in (10, 100, 1000):
            section += (1 if digit is None else digit) * value
            digit = None
        else:
            section, digit = section + value, None
    return total + section + (digit or 0)


def roman_number(text: str) -> int | None:
    """The value of a Roman numeral in its regular form (iv, not iiii), below 4000; None for anything else."""
    if not _ROMAN.fullmatch(text):
        return None
    values = [_ROMAN_VALUES[letter] for letter in text.lower()]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def number(text: str) -> int | None:
    """The value of a numeral of any kind standing alone: 12, １２, ⑫, XII, Ⅻ, 十二; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.isascii() and plain.isdigit():
        return int(plain)
    found = roman_number(plain)
    return chinese_number(plain) if found is None else found
