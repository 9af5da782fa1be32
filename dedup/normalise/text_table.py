"""What every code point is folded into: built once per rule set from Unicode and the rule tables.

Source of the rules: domain facts 1.9; the tables `rules/text.toml` and `rules/characters.tsv`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from dedup.kept import kept
from dedup.rules import RuleSet

SIZE = 0x110000
SPACE, NEWLINE, DASH, DOT = 0x20, 0x0A, 0x2D, 0x2E
# What a folded code point is to its neighbours.
BLANK, WORD, HAN, MARK, ATTACHED = range(5)

_HAN = ((0x3005, 0x3007), (0x3021, 0x3029), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x3FFFF))
_KANA = ((0x3041, 0x3096), (0x3099, 0x309A), (0x309D, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF))
_HANGUL = ((0x1100, 0x11FF), (0xAC00, 0xD7A3))
# Marks over letters of these ranges are accents or vowel points that catalogues give or leave out at will:
# Latin, Greek, Cyrillic, symbols, half marks; Hebrew points; Arabic vowel signs.
_ACCENTS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F),
    (0x0670, 0x0670), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F), (0xFE00, 0xFE0F),
)  # fmt: skip
# Code points that fold into themselves but for the rule table: left out of the slow scan when the table is built.
_PLAIN = ((0x3400, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xF8FF), (0x20000, 0x2F7FF), (0x2FA20, 0xE0000))
# Letters of these categories fold into themselves unless they decompose, change with case or stand in a rule table.
_SETTLED = ("Ll", "Lo")
_VOICED = {"\u309b": "\u3099", "\u309c": "\u309a"}


def within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether a code point lies in one of the ranges, ends included."""
    return any(low <= code <= high for low, high in ranges)


@dataclass(frozen=True, slots=True)
class AsciiTable:
    """The folding of ASCII bytes, for `bytes.translate`: signs that become words first, then `mapped` and `dropped`."""

    words: tuple[tuple[bytes, bytes], ...]
    mapped: bytes
    dropped: bytes


@dataclass(frozen=True, slots=True, eq=False)
class FoldTable:
    """The folding of one code point, for all code points.

    `single` (uint32, SIZE): the code point it becomes; 0 = dropped; SIZE + n = the n-th of `several`.
    `several`: strings of two or more code points. `kinds` (uint8, SIZE): BLANK, WORD, HAN, MARK or ATTACHED of a
    folded code point; characters of Han, kana use no spaces between words and are all HAN.
    `composing` (bool, SIZE): kana voice marks and Hangul letters, which join with the character before them.
    `attached`: the signs kept after a letter, + and #. `ascii`: the same table for bytes.
    """

    single: npt.NDArray[np.uint32]
    several: tuple[str, ...]
    kinds: npt.NDArray[np.uint8]
    composing: npt.NDArray[np.bool_]
    attached: npt.NDArray[np.uint32]
    ascii: AsciiTable

    def of(self, character: str) -> str:
        """One character folded by itself."""
        code = int(self.single[ord(character)])
        return "" if code == 0 else chr(code) if code < SIZE else self.several[code - SIZE]


def _special(rules: RuleSet) -> dict[str, str]:
    """The single signs of the rule table: dropped, dashes, dots, words, letters, attached."""
    fold = rules.tables["text"]["fold"]
    return {
        **dict.fromkeys(fold["dots"], "."),
        **dict.fromkeys(fold["dashes"], "-"),
        **dict.fromkeys(fold["dropped"], ""),
        **{sign: sign for sign in fold["attached"]},
        **fold["words"],
        **fold["letters"],
    }


def _one(character: str, special: dict[str, str]) -> str:
    """Fold one already decomposed, lower-case character."""
    if character in special:
        return special[character]
    code, category = ord(character), unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf" or within(code, _ACCENTS) or 0x80 <= code <= 0x9F:
        return ""
    if category == "Pd":
        return "-"
    if category == "Lm" and 0x2B0 <= code <= 0x2FF:
        return ""
    return " " if category[0] in "PSZ" or category in ("Cc", "Cs") else character


def _folded(character: str, special: dict[str, str], characters: dict[str, str]) -> str:
    """One character through decomposition, case and the rule tables."""
    if character in special or character in _VOICED:
        return special.get(character, _VOICED.get(character, ""))
    code = ord(character)
    form: Literal["NFKC", "NFKD"] = (
        "NFKC" if within(code, _KANA) or within(code, _HANGUL) or 0xFF65 <= code <= 0xFFDC else "NFKD"
    )
    text = unicodedata.normalize(form, character)
    lowered = unicodedata.normalize(form, text.casefold())
    return "".join(_one(characters.get(part, part), special) for part in lowered)


def _scanned() -> Iterator[int]:
    """Assigned code points that may fold into something else."""
    begins = [0, *(high + 1 for _, high in _PLAIN)]
    ends = [*(low for low, _ in _PLAIN), SIZE]
    for begin, end in zip(begins, ends, strict=True):
        for code in range(begin, end):
            character = chr(code)
            category = unicodedata.category(character)
            if category not in ("Cn", "Co") and not (category in _SETTLED and _is_itself(character)):
                yield code


def _is_itself(character: str) -> bool:
    """Whether a letter has neither another case nor parts."""
    return character.casefold() == character and unicodedata.is_normalized("NFKD", character)


@cache
def fold_table(rules: RuleSet) -> FoldTable:
    """The fold table of a rule set."""
    single = np.arange(SIZE, dtype=np.uint32)
    said = f"{unicodedata.unidata_version} {rules.tables['text']} {rules.characters}"
    codes, folds, several = kept("fold", said, lambda: _folds(rules))
    single[np.frombuffer(codes, np.uint32)] = np.frombuffer(folds, np.uint32)
    composing = np.zeros(SIZE, np.bool_)
    for low, high in ((0x3099, 0x309A), (0x1100, 0x11FF)):
        composing[low : high + 1] = True
    kinds = _kinds(rules)
    attached = np.flatnonzero(kinds == ATTACHED).astype(np.uint32)
    return FoldTable(single, several, kinds, composing, attached, _ascii(single, several))


def _folds(rules: RuleSet) -> tuple[bytes, bytes, tuple[str, ...]]:
    """Code points, what each folds into (from SIZE on: a place among the texts), the texts of several characters."""
    special, characters = _special(rules), dict(rules.characters)
    several: dict[str, int] = {}
    folds: dict[int, int] = {}
    for code in {*_scanned(), *map(ord, characters), *map(ord, special)}:
        text = _folded(chr(code), special, characters)
        if len(text) < 2:
            folds[code] = ord(text) if text else 0
        else:
            folds[code] = SIZE + several.setdefault(text, len(several))
    made = [np.fromiter(some, np.uint32, len(folds)).tobytes() for some in (folds.keys(), folds.values())]
    return made[0], made[1], tuple(several)


def _ascii(single: npt.NDArray[np.uint32], several: tuple[str, ...]) -> AsciiTable:
    """The ASCII part of the table. The newline stays, as the end of a value."""
    codes = single[:128].tolist()
    codes[NEWLINE] = NEWLINE
    words = tuple((bytes([at]), several[code - SIZE].encode()) for at, code in enumerate(codes) if code >= SIZE)
    mapped = bytes(code if code < 128 else at for at, code in enumerate(codes)) + bytes(range(128, 256))
    return AsciiTable(words, mapped, bytes(at for at, code in enumerate(codes) if code == 0))


def _kinds(rules: RuleSet) -> npt.NDArray[np.uint8]:
    kinds = np.full(SIZE, WORD, np.uint8)
    for low, high in (*_HAN, *_KANA):
        kinds[low : high + 1] = HAN
    kinds[[SPACE, NEWLINE]] = BLANK
    kinds[[DASH, DOT]] = MARK
    kinds[[ord(sign) for sign in rules.tables["text"]["fold"]["attached"]]] = ATTACHED
    return kinds
