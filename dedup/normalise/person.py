"""Keys of names: `knuth d` for a person in an alphabet, the whole name for Han, kana and Hangul.

A key is the surname and the first initial, so that `Donald E. Knuth` and `Knuth, Donald Ervin, 1938-` agree. A foreign
name in Han characters is known by its last part (卡特 for 佛瑞斯特·卡特), the form of the heading (domain facts 1.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dedup.normalise.text import fold, skeleton
from dedup.rules import RuleSet

EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_BRACKETED = re.compile(r"[(\[<{（［〔【〈][^)\]>}）］〕】〉]*[)\]>}）］〕】〉]?")
_HAN_DOTS = re.compile("[.·・•‧．·・]")
_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
_SPACED = {code: None if chr(code) in "'`" else " " for code in range(128) if not chr(code).isalnum()}
_MAC_STARTS = {f"m{sign}" for sign in "'’‘ʻʼ"}
_HAN_ONLY = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]*")


@dataclass(frozen=True, slots=True)
class NameWords:
    """Words inside names, as sets for look-up by whole word, lower case, without points."""

    titles: frozenset[str]
    suffixes: frozenset[str]
    surnames: frozenset[str]
    particles: frozenset[str]
    joined: frozenset[str]
    bodies: frozenset[str]
    weak_bodies: frozenset[str]
    han_body: re.Pattern[str]
    nationalities: frozenset[str]


@cache
def name_words(rules: RuleSet) -> NameWords:
    """The tables `person` and `nationality`, compiled."""

    def words(kind: str) -> frozenset[str]:
        """The words of a kind."""
        return frozenset(rules.entries("person", kind))

    inside = "|".join(map(re.escape, rules.entries("person", "body-han")))
    ending = "".join(rules.entries("person", "body-han-end"))
    return NameWords(
        titles=words("title"),
        suffixes=words("suffix"),
        surnames=frozenset(word for row in rules.terms["person"] for word in row.more.get("surnames", ())),
        particles=words("particle"),
        joined=words("joined"),
        bodies=words("body-latin"),
        weak_bodies=words("body-latin-weak"),
        han_body=re.compile(f"{inside}|^[^·.・]{{3,}}[{ending}]$"),
        nationalities=frozenset(entry for row in rules.terms["nationality"] for entry in row.entries),
    )


def bare_word(word: str, rules: RuleSet) -> str:
    """One word of a name: lower case, no accents, no marks: `M'Cosh` gives mccosh, `Boyd-Franklin` boydfranklin."""
    text = word.lower()
    if text[:2] in _MAC_STARTS:
        text = "mc" + text[2:]
    return text.translate(_MARKS) if text.isascii() else skeleton(text, rules)


def person_key(words: list[str], rules: RuleSet) -> str:
    """Key of a name in its natural order (`Donald E. Knuth`), given as words; empty when no name is left."""
    table = name_words(rules)
    bare = [text for text in (bare_word(word, rules) for word in words) if text]
    # Yo-Yo Ma, M.A.: a degree that is also a surname is told from it by its points.
    last = words[-1].strip(",") if words else ""
    named = last.lower() in table.surnames and last.istitle()
    while len(bare) > 1 and bare[0] in table.titles:
        bare.pop(0)
    while len(bare) > 1 and bare[-1] in table.suffixes and not named:
        bare.pop()
    if not bare or ("".join(bare) in table.suffixes and not named) or (len(bare) == 1 and len(bare[0]) == 1):
        return ""
    surname = bare[-1]
    if len(bare) > 2 and bare[-2] in table.joined and words[-2][0].isupper() and not words[-2].endswith("."):
        surname, bare = bare[-2] + surname, bare[:-1]
    return f"{surname} {bare[0][0]}" if len(bare) > 1 else surname


def heading_key(heading: str, rules: RuleSet) -> str:
    """Key of an inverted name (`Knuth, Donald Ervin, 1938-`); a name without a comma is read in its natural order."""
    surname, comma, rest = heading.partition(",")
    words = surname.split()
    if not comma or not words:
        return person_key(words, rules)
    table = name_words(rules)
    prefix = bare_word(words[-2], rules) if len(words) > 1 else ""
    key = (prefix if prefix in table.joined else "") + bare_word(words[-1], rules)
    for word in rest.partition(",")[0].split():
        given = bare_word(word, rules)
        if given and not given[0].isdigit() and given not in table.titles and given not in table.suffixes:
            return f"{key} {given[0]}" if key else ""
    return key


def family_first_key(words: list[str], rules: RuleSet) -> str:
    """Key of a romanised name with the surname first: `Qian Zhongshu` gives `qian z`."""
    return heading_key(f"{words[0]}, {' '.join(words[1:])}" if len(words) > 1 else " ".join(words), rules)


def han_key(name: str, rules: RuleSet) -> str:
    """Key of one name in Han characters, kana or Hangul, without role words: the last part of a foreign name.

    Brackets are dropped with what stands in them; so are Latin letters, and a nationality set apart by a space.
    """
    parts = [part for part in _HAN_DOTS.split(_BRACKETED.sub(" ", name)) if EAST_ASIAN.search(part)]
    if not parts:
        return ""
    words = [word for word in parts[-1].split() if EAST_ASIAN.search(word)]
    if len(words) > 1 and words[0] in name_words(rules).nationalities:
        words = words[1:]
    return _plain(re.sub("[A-Za-z.,]+", "", "".join(words)), rules)


@cache
def _simplified(rules: RuleSet) -> dict[int, str]:
    return {ord(one): other for one, other in rules.characters.items()}


@cache
def _written(rules: RuleSet) -> dict[int, int | str]:
    return {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "} | _simplified(rules)


def plainly_written(text: str, rules: RuleSet) -> str:
    """Signs of full width in ASCII, traditional characters simplified: so that words of the tables are found."""
    return text if text.isascii() else text.translate(_written(rules))


def _plain(name: str, rules: RuleSet) -> str:
    """The skeleton of a name; names of Han characters alone need no more than the character table."""
    return name.translate(_simplified(rules)) if _HAN_ONLY.fullmatch(name) else skeleton(name, rules)


@cache
def _body_words(rules: RuleSet) -> tuple[dict[str, str], frozenset[str], tuple[str, str]]:
    """Words of corporate names that are written one way, words left out, the country as written out and short."""
    rows = rules.terms["publisher"]
    same = {word: str(row.more["as"]) for row in rows if row.kind == "same" for word in row.entries}
    country = rules.tables["publishers"]["country"]
    return same, frozenset(rules.entries("publisher", "dropped")), (country["long"], country["short"])


def corporate_key(name: str, rules: RuleSet) -> str:
    """Key of a corporate or meeting name: its skeleton, words of one meaning written one way, articles dropped."""
    if EAST_ASIAN.search(name):
        return _plain(name, rules)
    same, dropped, country = _body_words(rules)
    text = _BRACKETED.sub(" ", name.lower()) if "(" in name else name.lower()
    plain = text.translate(_SPACED) if text.isascii() else fold(text.replace(".", " "), rules).replace("-", " ")
    words = [same.get(word, word) for word in plain.replace(*country).split()]
    kept = [word for word in words if word not in dropped]
    # The country before a department says no more than the department (`United States. Bureau of Mines`).
    return "".join(word for word in kept if word != country[1].strip()) or "".join(kept or words)


def person_headings(heading: str, rules: RuleSet) -> tuple[str, ...]:
    """Keys in one personal access point: one, or several when a cataloguer typed several Chinese names into it."""
    heading = plainly_written(heading, rules)
    if not EAST_ASIAN.search(heading):
        key = heading_key(_BRACKETED.sub(" ", heading), rules)
        return (key,) if key else ()
    words = [word for word in re.split(r"[\s,，、;；]+", _BRACKETED.sub(" ", heading)) if EAST_ASIAN.search(word)]
    several = len(words) > 1 and all(2 <= len(word) <= 4 for word in words)
    names = words if several and words[0] not in name_words(rules).nationalities else [heading]
    return tuple(key for key in (han_key(name, rules) for name in names) if key)
