"""Folding of one text before it is compared: the plain form that `text_column` equals.

`fold` gives words by one space, `skeleton` the same without spaces and marks. Both keep every digit and are
idempotent. Order of the steps, from domain facts 1.9: compatibility forms, case, accents and traditional characters
(one table look-up per code point, see `text_table`); dots, dashes, + and # by their neighbours; spaces next to Han
characters and kana removed; Chinese numerals between 第 and a unit, and four of them before 年, to arabic.

Accents go for Latin, Greek and Cyrillic alike, so й folds into и and ё into е on both sides of a comparison; the
voice marks of kana stay (は is not ば).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from dedup.normalise.numerals import chinese_number
from dedup.normalise.text_table import BLANK, HAN, WORD, FoldTable, fold_table
from dedup.rules import RuleSet

_MARKS = str.maketrans("", "", " .-")
_MARK, _BLANKS = re.compile("[.-]"), re.compile("[ \n]+")
# Distinct characters remembered by one worker.
_MOST_FORMS = 50_000
_JOINING = re.compile("[\u3041-\u3096\u30a1-\u30fa][\u3099\u309a]|[\u1100-\u11ff\uac00-\ud7a3]+")


def fold(value: str, rules: RuleSet) -> str:
    """Fold one string. Any string gives a result; an empty one when nothing but marks stands in it."""
    table = fold_table(rules)
    if value.isascii():
        return _fold_ascii(value, _ascii(table))
    known = _forms(table)
    if not known.keys() >= set(value):
        if len(known) > _MOST_FORMS:
            known.clear()
        known.update((sign, table.of(sign)) for sign in value)
    mapped = "".join([known[sign] for sign in value])
    text = _spaced(_marked(mapped, table), table)
    return arabic_ordinals(_composed(text), rules)


@cache
def _forms(table: FoldTable) -> dict[str, str]:
    """Characters folded before."""
    return {}


@dataclass(frozen=True, slots=True)
class _Ascii:
    """`forms`: each ASCII character folded. `loose`: a dot or dash that does not stand between letters or digits.
    `attached`: a run of attached signs that does not belong to the word before it.
    """

    forms: dict[int, str]
    loose: re.Pattern[str]
    signs: re.Pattern[str]
    attached: re.Pattern[str]


@cache
def _ascii(table: FoldTable) -> _Ascii:
    word = "[" + re.escape("".join(chr(code) for code in range(128) if table.kinds[code] == WORD)) + "]"
    sign = "[" + re.escape("".join(map(chr, table.attached.tolist()))) + "]"
    return _Ascii(
        forms={code: table.of(chr(code)) for code in range(128)},
        loose=re.compile(rf"(?<!{word})[.-]|[.-](?!{word})"),
        signs=re.compile(sign),
        attached=re.compile(rf"(?<![a-z]|{sign}){sign}+|{sign}+(?=[a-z])"),
    )


def _fold_ascii(value: str, ascii_table: _Ascii) -> str:
    """`fold` of ASCII text, which no rule for other scripts concerns."""
    text = ascii_table.loose.sub(" ", value.translate(ascii_table.forms))
    if ascii_table.signs.search(text):
        text = ascii_table.attached.sub(" ", text)
    return " ".join(text.split())


def skeleton(value: str, rules: RuleSet) -> str:
    """The letters, Han characters, digits and attached signs (c++) of a string, folded and joined."""
    return bare(fold(value, rules))


def bare(folded: str) -> str:
    """The skeleton of a text that is folded already."""
    return folded.translate(_MARKS)


def _kind(text: str, at: int, table: FoldTable) -> int:
    return int(table.kinds[ord(text[at])]) if 0 <= at < len(text) else BLANK


def _marked(text: str, table: FoldTable) -> str:
    """Turn into spaces the dots, dashes and attached signs that do not belong to a word."""

    def keep(found: re.Match[str]) -> str:
        """A sign between two words stays, any other becomes a blank."""
        before, after = _kind(text, found.start() - 1, table), _kind(text, found.end(), table)
        words = (WORD,) if found[0] == "-" else (WORD, HAN)
        return found[0] if before in words and after in words else " "

    def attached(found: re.Match[str]) -> str:
        """Signs behind a word and before none stay; others become blanks."""
        follows = found.start() and "a" <= text[found.start() - 1] <= "z"
        precedes = found.end() < len(text) and "a" <= text[found.end()] <= "z"
        return found[0] if follows and not precedes else " " * len(found[0])

    marks = _MARK.sub(keep, text)
    return _attached(table).sub(attached, marks)


@cache
def _attached(table: FoldTable) -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join(map(chr, table.attached.tolist()))) + "]+")


def _spaced(text: str, table: FoldTable) -> str:
    """One space between words, none at the ends or next to a Han character or kana."""

    def keep(found: re.Match[str]) -> str:
        """One blank, or none where no word needs it."""
        around = _kind(text, found.start() - 1, table), _kind(text, found.end(), table)
        return "" if BLANK in around or HAN in around else " "

    return _BLANKS.sub(keep, text)


def _composed(text: str) -> str:
    """Join kana with their voice marks and Hangul letters to syllables."""
    return _JOINING.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)


@cache
def _numeral_patterns(rules: RuleSet) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """第 + numeral + unit, and four digits before 年."""
    words = rules.tables["text"]["numerals"]
    units = "|".join(sorted(map(re.escape, words["units"]), key=len, reverse=True))
    return (
        re.compile(f"(?<={words['ordinal']})[{words['digits']}{words['tens']}]+(?={units})"),
        re.compile(f"(?<![{words['digits']}{words['tens']}])[{words['digits']}]{{4}}(?={words['year']})"),
    )


def arabic_ordinals(text: str, rules: RuleSet) -> str:
    """Chinese numerals of folded text to arabic, where they are ordinals or years: 第十二届, 一九九九年."""
    for pattern in _numeral_patterns(rules):
        text = pattern.sub(
            lambda found: str(value) if (value := chinese_number(found[0])) is not None else found[0], text
        )
    return text
