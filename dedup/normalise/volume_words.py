"""The words of volume designations, compiled: units, ordered signs, number words and the patterns they make.

Words and numbers come from `rules/terms/volume.toml` and `rules/volume.toml`; here are only the shapes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from dedup.normalise.numerals import number
from dedup.rules import RuleSet, Term

_ENCLOSING = str.maketrans(dict.fromkeys('[]()<>{}（）［］【】〔〕《》〈〉"“”', " "))
_ENDS = " .,:;/=+。，；："
_RANGE = r"[-‐‑–—―~～〜/、]"
_STOP = r"[\s)）\]】〕》〉.,;:/=。，；：]*$"
_LONE = r"(?![^\W_]|['’])"


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Shapes by name, each compiled when it is first asked for: few records need all of them."""

    shapes: Mapping[str, str]
    compiled: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> re.Pattern[str]:
        if name not in self.compiled:
            self.compiled[name] = re.compile(self.shapes[name])
        return self.compiled[name]


@dataclass(frozen=True, slots=True, eq=False)
class VolumeWords:
    """Values and patterns of one rule set; see `volume_words`."""

    numbers: Mapping[str, int]
    units: Mapping[str, str]
    physical: frozenset[str]
    wholes: Mapping[str, int]
    settings: Mapping[str, Any]
    patterns: Patterns

    def is_year(self, value: int) -> bool:
        """Whether a number is a year, which is never a volume."""
        return bool(self.settings["year_from"] <= value <= self.settings["year_to"])

    def value(self, token: str) -> int | None:
        """The place a numeral, number word, ordered sign or letter stands for; null for a year or no number."""
        known = self.numbers.get(token)
        found = number(token) if known is None else known
        if len(token) == 1 and "a" <= token <= "z" and (found is None or token not in self.settings["title_roman"]):
            found = ord(token) - ord("a") + 1
        return None if found is None or self.is_year(found) else found


def any_of(words: Iterable[str]) -> str:
    """One regex alternation of literal words, longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def any_sign(characters: Iterable[str]) -> str:
    """A regex character class of single signs."""
    return "[" + re.escape("".join(characters)) + "]"


def plain(text: str, rules: RuleSet) -> str:
    """NFKC, lower case, traditional to simplified, one space; marks and brackets stay."""
    lowered = unicodedata.normalize("NFKC", text).lower()
    if not lowered.isascii():
        lowered = "".join(rules.characters.get(sign, sign) for sign in lowered)
    return " ".join(lowered.split())


def tidy(text: str, rules: RuleSet) -> str:
    """`plain` with brackets as spaces and ISBD marks at the ends taken off."""
    return " ".join(plain(text, rules).translate(_ENCLOSING).split()).strip(_ENDS)


@cache
def volume_words(rules: RuleSet) -> VolumeWords:
    """Compile the volume tables of a rule set, once."""
    terms = rules.terms["volume"]
    ordered = [row for row in terms if row.kind == "ordered"]
    numbers = {word: row.more["value"] for row in terms if row.kind == "ordinal" for word in row.entries}
    for row in ordered:
        numbers |= dict(zip(row.entries, row.more["values"], strict=True))
    return VolumeWords(
        numbers=numbers,
        units={word: row.id for row in terms if row.kind.startswith("unit") for word in row.entries},
        physical=frozenset(row.id for row in terms if row.more.get("physical")),
        wholes=_wholes([row.entries for row in ordered if row.more.get("free")]),
        settings=rules.tables["volume"],
        patterns=Patterns(_patterns(rules)),
    )


def _wholes(rows: list[tuple[str, ...]]) -> dict[str, int]:
    """The ordered signs that together name a whole set: 上下 = 2, 上中下 = 3."""
    pairs = {row[0] + row[-1]: 2 for row in rows}
    return pairs | {"".join(row): len(row) for row in rows}


def _words(terms: tuple[Term, ...], kind: str, **marks: object) -> list[str]:
    """Words of the rows whose kind begins so and whose extra keys have these values."""
    rows = [row for row in terms if row.kind.startswith(kind)]
    return [word for row in rows if all(row.more.get(k) == v for k, v in marks.items()) for word in row.entries]


def _numeral_shapes(rules: RuleSet) -> dict[str, str]:
    """Shapes of single numerals and of runs of them (1-2; 三至五; I-VII; 上、下)."""
    settings, terms = rules.tables["volume"], rules.terms["volume"]
    joiners = any_of(_words(terms, "joiner"))
    marks = any_of(_words(terms, "ordinal-mark"))
    han_unit = any_of(_words(terms, "unit-han"))
    numeral = rf"(?:\d+|{any_sign(settings['numerals'])}+)"
    roman = rf"(?:(?<![a-z]){any_sign(settings['roman'])}+(?![a-z]))"
    word = rf"(?:(?:{any_of(_words(terms, 'ordinal'))})(?![^\W_]))"
    single = rf"(?:\d+|{roman}|{word}|[a-z]{_LONE}|[ivx]+(?=[a-z]{_LONE}))"
    tail = rf"(?:(?<=[\divx])[a-z]{_LONE})?"
    west = rf"(?<![^\W_])(?<!-)(?:{any_of(_words(terms, 'unit-western'))})(?![^\W\d_])"
    between = rf"\s*{_RANGE}+\s*|\s*,\s*(?=\d)|\s+(?:{joiners})\s+"
    signs = any_sign(_words(terms, "ordered"))
    return {
        "marks": marks,
        "numeral": numeral,
        "roman": roman,
        "west": west,
        "signs": rf"{signs}(?:\s*[、,/-]?\s*{signs})*",
        "free": any_sign(_words(terms, "ordered", free=True)),
        "han": rf"(?:{numeral}|{roman})(?:\s*(?:{han_unit})?\s*(?:{_RANGE}+|,|{joiners})\s*(?:{marks})?\s*"
        rf"(?:{numeral}|{roman}))*",
        "latin": rf"{single}{tail}(?:(?:{between})(?:(?<!,\s)(?<!,){west}\.?\s*)?{single}{tail})*",
        "ordinal": rf"(?:\d+(?:\s*(?:st|nd|rd|th|er|re|e|ème|eme|-?[йяe])(?![^\W_])|[.ºª°])?|{roman}\.?|{word})",
        "token": rf"{numeral}[a-z]?(?![a-z])|{roman}|{word}|{signs}|(?<![a-z])[a-z](?![a-z])|[ivx]+[a-z](?![a-z])",
    }


def _patterns(rules: RuleSet) -> dict[str, str]:
    """`designation`, `bare`, `labelled`, `total`, `plural` read tidied text; the others the end of a title."""
    terms, shape = rules.terms["volume"], _numeral_shapes(rules)
    marks, han, latin, west = shape["marks"], shape["han"], shape["latin"], shape["west"]
    units = _words(terms, "unit-han")
    unit = rf"(?:{any_of(units)})"
    counted = any_of(_words(terms, "unit-han", counts=True))
    whole = any_of(_words(terms, "whole"))
    after_unit = any_sign({word[-1] for word in units})
    return {
        "token": shape["token"],
        "designation": rf"(?P<s1>{shape['signs']})\s*(?:之\s*)?(?P<u1>{unit})(?:\s*之\s*(?P<below>{shape['numeral']}))?"
        rf"|(?:{marks})?\s*(?P<n2>{han})\s*(?P<u2>{unit})"
        rf"|(?P<u3>{unit})\s*(?:{marks}|之)?\s*(?P<n3>{han})"
        rf"|(?P<u4>{west})[\s.,]*(?:the\s+)?(?P<n4>{latin})"
        rf"|(?<![^\W_])(?P<n5>{shape['ordinal']})\s*(?P<u5>{west})"
        rf"|(?:^|(?<=[\s.·-])|(?<={after_unit}))(?P<s6>{shape['signs']})(?=\s|$)",
        "bare": rf"(?:{marks})?\s*(?P<han>{han})|(?P<latin>{latin})",
        "labelled": rf"(?:[^\W\d_]+\.?\s+)+(?P<n>\d+|{shape['roman']})",
        "total": rf"(?:{whole})\s*(?P<total>{shape['numeral']})\s*(?:{counted})",
        "plural": rf"(?P<total>\d+)\s*{west}\.?(?:\s+in\s+\d+)?",
        **_title_patterns(rules, shape),
    }


def _title_patterns(rules: RuleSet, shape: dict[str, str]) -> dict[str, str]:
    """A designation `d` at the end of a title: attached to it, set apart by marks `s`, Western, or a mere number."""
    settings, terms = rules.tables["volume"], rules.terms["volume"]
    marks, han, free = shape["marks"], shape["han"], shape["free"]
    attach = any_of(_words(terms, "unit-han", attached="all"))
    ends = any_of(_words(terms, "unit-han", attached="ends"))
    counted = any_of(_words(terms, "unit-han", counts=True))
    edge = any_sign(word for row in terms if row.more.get("free") for word in (row.entries[0], row.entries[-1]))
    run = rf"{free}(?:\s*[、,/-]?\s*{free})*"
    total = rf"(?:{any_of(_words(terms, 'whole'))})\s*{shape['numeral']}\s*(?:{counted})"
    units = rf"(?:{any_of(_words(terms, 'unit-han'))})"
    firm = any_of(word for row in terms if row.kind == "unit-han" for word in row.entries)
    grade = any_of(_words(terms, "unit-han", grade=True))
    long_units = [word for word in _words(terms, "unit-western", title=True) if len(word) > 2]
    short_units = [word for word in _words(terms, "unit-western", title=True) if len(word) <= 2]
    western = rf"(?<![^\W_])(?:(?:{any_of(long_units)})(?![^\W\d_])\.?|(?:{any_of(short_units)})\.)"
    spaced = any_of(word for word in _words(terms, "unit-western", trailing=True) if len(word) > 1)
    separators, western_marks = re.escape(settings["separators"]), re.escape(settings["western_separators"])
    signs = any_sign(_words(terms, "ordered"))
    return {
        "attached": rf"(?P<d>(?:{marks})\s*{han}\s*(?:{firm})|{shape['numeral']}(?:{grade})"
        rf"|{run}(?:{attach})|{edge}(?:{ends})|{total}){_STOP}",
        "apart": rf"(?P<s>[{separators}]+)(?P<d>(?:{marks})?\s*{han}\s*{units}|{units}\s*(?:{marks}|之)?\s*{han}"
        rf"|{signs}(?:{firm})(?:之{shape['numeral']})?|{run}(?:{firm})|{total}){_STOP}",
        "lone": rf"(?P<s>[{separators}]+)(?P<d>{run}|{han}){_STOP}",
        "western": rf"(?:[{western_marks}][\s{western_marks}]*(?P<d>{western}\s*(?:the\s+)?{shape['latin']}"
        rf"|{shape['ordinal']}\s*{western})|\s(?P<d2>(?:{spaced})(?![^\W\d_])\.?\s*{shape['latin']})){_STOP}",
        "number": rf"(?P<d>\d{{1,3}}|{any_sign(settings['title_roman'])}+){_STOP}",
        "opening": rf"[\[(]?(?P<d>{western}\s*{shape['latin']}"
        rf"|{shape['ordinal']}\s*(?:{any_of([*long_units, *settings['opening_ordinal']])})(?![^\W\d_]))\s*[.,;:]",
    }
