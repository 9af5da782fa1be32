"""Differences of typing that are none between two records (domain facts 1.2 to 1.5, 1.9).

Each takes a record and a `seed`, by which it chooses where there is a choice, and gives its fields back.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import isbnlib

from dedup.model import Format
from fixtures.line_text import LineField
from tests.laws.records import RULES, Told

Fields = Sequence[LineField]
Noise = Callable[[Told, int], list[LineField]]
NOISES: dict[str, Noise] = {}

# What people read; coded data, numbers and local fields are left alone.
_READ = {
    Format.CNMARC: "200 205 210 215 225 300 305 307 327 410 461 517 701 702 711 712",
    Format.MARC21: "245 246 250 260 264 300 490 500 505 100 110 700 710 830",
}
_TEXT = {form: set(tags.split()) for form, tags in _READ.items()}
_TITLE = {Format.CNMARC: "200", Format.MARC21: "245"}
_NAMES = {Format.CNMARC: ("701", "702", "711", "712"), Format.MARC21: ("100", "110", "700", "710")}
_ISBN = {Format.CNMARC: "010", Format.MARC21: "020"}


def noise(make: Noise) -> Noise:
    """Register a kind of noise under its name."""
    NOISES[make.__name__] = make
    return make


def _each(one: Told, tags: set[str] | str, change: Callable[[str, str], str]) -> list[LineField]:
    """Change every value (code, value) of the fields with some tags."""
    return [
        replace(field, subfields=tuple((code, change(code, value)) for code, value in field.subfields))
        if field.tag in tags and field.subfields
        else field
        for field in one.record.fields
    ]


def _pinyin(code: str) -> bool:
    return code.isupper() or code == "9"


@noise
def full_width(one: Told, seed: int) -> list[LineField]:
    """Digits and signs in full width, in Chinese records letters too."""
    western = one.form is Format.MARC21
    wide = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not (western or seed % 2) or not chr(code).isalpha()}
    return _each(one, _TEXT[one.form], lambda code, value: value if _pinyin(code) else value.translate(wide))


@noise
def traditional(one: Told, seed: int) -> list[LineField]:
    """Simplified characters in a traditional form that stands for them."""
    table = _traditional(seed % 4)
    return _each(one, _TEXT[one.form], lambda code, value: value.translate(table))


@cache
def _traditional(turn: int) -> dict[int, str]:
    forms: dict[str, list[str]] = {}
    for old, new in sorted(RULES.characters.items()):
        if new not in RULES.characters and _in_big5(old):
            forms.setdefault(new, []).append(old)
    return {ord(new): olds[turn % len(olds)] for new, olds in forms.items()}


def _in_big5(character: str) -> bool:
    """Whether a character is used for Chinese in traditional characters; others in the table are Japanese forms."""
    try:
        return bool(character.encode("big5"))
    except UnicodeEncodeError:
        return False


@noise
def capitals(one: Told, seed: int) -> list[LineField]:
    """Capitals, or small letters, in title and imprint."""
    change = (str.upper, str.lower)[seed % 2]
    tags = _TEXT[one.form] - set(_NAMES[one.form])
    return _each(one, tags, lambda code, value: value if _pinyin(code) else change(value))


@noise
def isbd_marks_left_out(one: Told, seed: int) -> list[LineField]:
    """The prescribed marks at the ends of subfields left out."""
    tags = _TEXT[one.form] - set(_NAMES[one.form])
    return _each(one, tags, lambda code, value: re.sub(r"(?<=[\w\])])\s*[/:;,]$|(?<=\w\w)\.$", "", value.rstrip()))


@noise
def isbd_marks_added(one: Told, seed: int) -> list[LineField]:
    """Title, place and publisher end with a mark, as records converted from cards do."""
    mark = (" /", " :", ",", " ;")[seed % 4]
    tags = {_TITLE[one.form], "210", "260", "264"}

    def change(code: str, value: str) -> str:
        return value if code not in "ab" or value.rstrip()[-1:] in "/:;,=." or not value.strip() else value + mark

    return _each(one, tags, change)


@noise
def supplied(one: Told, seed: int) -> list[LineField]:
    """Place, publisher or date in square brackets, as supplied by the cataloguer."""
    tags, codes = {"210", "260", "264"}, (("a",), ("a", "c"), ("a", "c", "d"))[seed % 3]
    western = {"c": "b", "d": "c", "a": "a"}
    wanted = {western[code] for code in codes} if one.form is Format.MARC21 else set(codes)

    def change(code: str, value: str) -> str:
        cut = re.fullmatch(r"([^\[\]()]+?)(\s*[:;,.]?\s*)", value)
        return f"[{cut[1]}]{cut[2]}" if code in wanted and cut else value

    return _each(one, tags, change)


@noise
def brackets(one: Told, seed: int) -> list[LineField]:
    """The brackets around a country or dynasty in another form."""
    pairs = ("（）", "[]", "〔〕", "［］", "()")[seed % 5]
    return _each(
        one,
        {"200"},
        lambda code, value: (
            re.sub(r"[(\[（]([\u4e00-\u9fff]{1,3})[)\]）]", rf"{pairs[0]}\1{pairs[1]}", value)
            if code in "fg"
            else value
        ),
    )


@noise
def title_marks(one: Told, seed: int) -> list[LineField]:
    """书名号 around the title proper."""
    left, right = ("《》", "〈〉")[seed % 2]
    done = []
    for field in one.record.fields:
        if field.tag == "200" and field.subfields and not re.search("[《〈]", field.subfields[0][1]):
            (code, value), *rest = field.subfields
            field = replace(field, subfields=((code, f"{left}{value.strip()}{right}"), *rest))
        done.append(field)
    return done


@noise
def blanks(one: Told, seed: int) -> list[LineField]:
    """Blanks doubled, at the ends, or in full width."""
    blank = ("  ", "\u3000", "\u00a0", "\u3000 ")[seed % 4]
    return _each(one, _TEXT[one.form], lambda code, value: value.replace(" ", blank) + (" " if seed % 3 else ""))


@noise
def quotes_and_dashes(one: Told, seed: int) -> list[LineField]:
    """Apostrophes, dashes and middle dots in another form."""
    table = str.maketrans(
        {
            "'": "’‘´`＇"[seed % 5],
            "-": "－–—"[seed % 3],
            "·": "•・．‧"[seed % 4],
        }
    )
    return _each(one, _TEXT[one.form], lambda code, value: value if _pinyin(code) else value.translate(table))


@noise
def accents_apart(one: Told, seed: int) -> list[LineField]:
    """Letters and their accents as separate characters."""
    return _each(one, _TEXT[one.form], lambda code, value: unicodedata.normalize("NFD", value))


@noise
def isbn_form(one: Told, seed: int) -> list[LineField]:
    """The other length of an ISBN, with or without hyphens."""

    def change(code: str, value: str) -> str:
        cut = re.match(r"[\dXx-]{10,17}", value)
        if code != "a" or not cut:
            return value
        number = cut[0]
        if not (isbnlib.is_isbn10(number) or isbnlib.is_isbn13(number)):
            return value
        if seed % 2:
            plain = isbnlib.canonical(number)
            number = (isbnlib.to_isbn13(plain) if len(plain) == 10 else isbnlib.to_isbn10(plain)) or number
        number = number.replace("-", "") if seed % 3 else (isbnlib.mask(number) or number)
        return number + value[cut.end() :]

    return _each(one, _ISBN[one.form], change)


@noise
def isbns_turned(one: Told, seed: int) -> list[LineField]:
    """Repeated ISBN fields in another order."""
    return _shuffled(one, (_ISBN[one.form],), seed)


@noise
def names_turned(one: Told, seed: int) -> list[LineField]:
    """Repeated access points of one tag in another order."""
    fields = list(one.record.fields)
    for tag in _NAMES[one.form]:
        fields = _shuffled(one.with_fields(fields), (tag,), seed)
    return fields


def _shuffled(one: Told, tags: tuple[str, ...], seed: int) -> list[LineField]:
    fields = list(one.record.fields)
    places = [at for at, field in enumerate(fields) if field.tag in tags]
    chosen = [fields[at] for at in places]
    random.Random(seed).shuffle(chosen)
    for at, field in zip(places, chosen, strict=True):
        fields[at] = field
    return fields


@noise
def subfields_turned(one: Told, seed: int) -> list[LineField]:
    """The subfields of an access point in another order, as agencies have theirs; repeated ones keep their order."""
    if one.form is Format.MARC21:
        return list(one.record.fields)
    done = []
    for field in one.record.fields:
        if field.tag in _NAMES[one.form] and len({code for code, _ in field.subfields}) == len(field.subfields):
            turned = list(field.subfields)
            random.Random(seed).shuffle(turned)
            field = replace(field, subfields=tuple(turned))
        done.append(field)
    return done


@noise
def without_pinyin(one: Told, seed: int) -> list[LineField]:
    """Pinyin subfields left out."""
    return [
        replace(field, subfields=tuple((code, value) for code, value in field.subfields if not _pinyin(code)))
        if field.tag in _TEXT[one.form] and field.subfields
        else field
        for field in one.record.fields
    ]


@noise
def fields_in_another_order(one: Told, seed: int) -> list[LineField]:
    """Fields of different tags in another order; repeated fields keep theirs."""
    tags = list(dict.fromkeys(field.tag for field in one.record.fields))
    random.Random(seed).shuffle(tags)
    return sorted(one.record.fields, key=lambda field: tags.index(field.tag))


@noise
def ampersand(one: Told, seed: int) -> list[LineField]:
    """`&` for `and` in a Western title."""
    if one.form is not Format.MARC21:
        return list(one.record.fields)
    return _each(one, {"245"}, lambda code, value: re.sub(r"\band\b", "&", value) if code in "ab" else value)


@noise
def edition_words(one: Told, seed: int) -> list[LineField]:
    """An edition or a volume in Chinese or in Arabic figures."""
    digits, han = "123456789", "一二三四五六七八九"

    def change(code: str, value: str) -> str:
        plain = re.fullmatch(r"(第?)([1-9一二三四五六七八九])([版册卷])", value)
        if not plain or code not in "ah":
            return value
        number = plain[2].translate(str.maketrans(digits, han) if seed % 2 else str.maketrans(han, digits))
        return f"{'第' if seed % 2 else plain[1]}{number}{plain[3]}"

    return [
        replace(
            field,
            subfields=tuple(
                (code, change(code, value) if (field.tag, code) in {("205", "a"), ("200", "h")} else value)
                for code, value in field.subfields
            ),
        )
        if field.subfields
        else field
        for field in one.record.fields
    ]


@noise
def another_copy(one: Told, seed: int) -> list[LineField]:
    """Another library's control number, date of change, agency, call number."""
    own = {"001", "005", "801", "040", "905", "852", "999"}
    return [field for field in one.record.fields if field.tag not in own]
