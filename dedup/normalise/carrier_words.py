"""Carriers named by words (extent, material designation, RDA terms) and by coded fields (007, 106, 130, 135)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from dedup.normalise.person import EAST_ASIAN
from dedup.rules import RuleSet
from dedup.tables import FIELD_MARK, SUBFIELD_MARK

PRINT = "print"
ELECTRONIC = "electronic"
_SHORT = 2
_PIECES = ("disc", "audio", "video", "daisy")


@dataclass(frozen=True, slots=True)
class CarrierWords:
    """The table `carrier`: kinds in order of rank; entries as (piece of text, shape as a whole word, rank), longest
    first.

    `worth` are pieces of text one of which stands wherever a carrier other than print is named; `printed` is a
    pattern for words of printed extent.
    """

    kinds: tuple[str, ...]
    entries: tuple[tuple[str, str, int], ...]
    worth: tuple[str, ...]
    printed: re.Pattern[str]


@cache
def carrier_words(rules: RuleSet) -> CarrierWords:
    """The table `carrier`, compiled."""
    rows = rules.terms["carrier"]
    entries = [(word, rank) for rank, row in enumerate(rows) for word in row.entries]
    entries.sort(key=lambda entry: -len(entry[0]))
    other = [word for row in rows if row.kind != PRINT for word in row.entries]
    printed = [word for row in rows if row.kind == PRINT for word in row.entries]
    return CarrierWords(
        kinds=tuple(row.kind for row in rows),
        entries=tuple((word.rstrip("*"), _shape(word), rank) for word, rank in entries),
        worth=tuple(word.rstrip("*") for word in other),
        printed=re.compile(_whole_words(printed)),
    )


@cache
def _compiled(shape: str) -> re.Pattern[str]:
    """The pattern of an entry, made when its piece first stands in a text: few of them ever do."""
    return re.compile(shape)


def _shape(word: str) -> str:
    """A Han word anywhere; a word of an alphabet whole; a stem (`*`) with whatever ends it."""
    stem = word.rstrip("*")
    text = re.escape(stem)
    if EAST_ASIAN.search(word):
        return text
    # 1CD-ROM is one disc, but 20lp. are 201 pages typed with the letter l.
    before = r"(?<![^\W_])" if len(stem) <= _SHORT else r"(?<![^\W\d_])"
    return rf"{before}{text}[\w-]*" if stem != word else rf"{before}{text}(?![\w-])"


def _whole_words(entries: list[str]) -> str:
    han = "".join(word for word in entries if EAST_ASIAN.search(word) and len(word) == 1)
    words = [re.escape(word.rstrip("*")) for word in entries if not EAST_ASIAN.search(word)]
    return rf"[{han}]|(?:^|[^a-zа-я])(?:{'|'.join(words)})(?:[^a-zа-яåäö]|$)"


def carrier_of_text(text: str, rules: RuleSet) -> str:
    """The carrier that words name: the most particular one; empty when none does.

    A disc named behind the pages (`201 p., 1 CD-ROM`) goes with the book; what follows a plus sign does so always.
    """
    words = carrier_words(rules)
    found = _named(text.partition("+")[0].lower(), words)
    if not found:
        return ""
    rank, position = min(found)
    kind = words.kinds[rank]
    printed = [start for rank, start in found if words.kinds[rank] == PRINT]
    return PRINT if printed and kind.startswith(_PIECES) and min(printed) < position else kind


def _named(text: str, words: CarrierWords) -> list[tuple[int, int]]:
    """Rank and position of every entry that stands in a text; within a longer entry a shorter one does not count."""
    found: list[tuple[int, int]] = []
    for piece, shape, rank in words.entries:
        if piece in text and (match := _compiled(shape).search(text)):
            found.append((rank, match.start()))
            text = text[: match.start()] + " " * (match.end() - match.start()) + text[match.end() :]
    return found


def carrier_of_physical(text: str, rules: RuleSet) -> tuple[str, str]:
    """Carrier and form of item coded in field text of 006, 007 (MARC 21) or 106, 115, 126, 130, 135 (CNMARC).

    The first field that tells counts, and a regular print reproduction (106 $a r) before all.
    """
    table = rules.tables["carrier"]
    carrier = form = ""
    for field in text.split(FIELD_MARK):
        tag, value = field[:3], field[3:]
        if tag == table["tags"]["physical"]:
            carrier = carrier or _of_007(value, rules)
        elif tag == table["tags"]["additional"]:
            form = form or table["form"].get(value[6:7], "")
        elif tag in table["coded"]:
            code = value.partition(f"{SUBFIELD_MARK}a")[2][:1]
            told = table["coded"][tag]
            found = told if isinstance(told, str) else told.get(code, "")
            carrier = PRINT if found == PRINT else carrier or found
    return carrier, form


def _of_007(value: str, rules: RuleSet) -> str:
    """Carrier of one 007: category and material, then speed of a sound disc or format of a video."""
    table = rules.tables["carrier"]
    if value.startswith("sd"):
        return str(table["physical_sound"].get(value[3:4], table["physical"]["sd"]))
    if value.startswith("v") and (named := table["physical_video"].get(value[4:5])):
        return str(named)
    physical = table["physical"]
    return str(physical.get(value[:2]) or physical.get(value[:1], ""))
