"""Titles spoilt by a wrong character set (J05): which kind, and the title itself where that is certain.

Source: domain facts 4.4; numbers, frequent characters and examples stand in `rules/mojibake.toml`. The test is always
of the bytes: read in the character set that was meant they must give good text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dedup.normalise.mojibake_bytes import Signs, as_big5, as_gbk, as_latin, signs
from dedup.rules import RuleSet

_EACC = re.compile(r"\{[0-9A-Fa-f]{6}\}")
_NO_TEXT = re.compile(r"[\W_]", re.ASCII)
_LAST = re.compile("[?\ufffd\u25a1]+$")
# What UTF-8 read as Latin-1 may turn out to be: letters, marks and signs of living scripts.
_WRITTEN = re.compile(
    "[\u00a0-\u017f\u0218-\u021b\u0300-\u036f\u0384-\u03ce\u0400-\u052f\u0590-\u06ff"
    "\u0e00-\u0e7f\u1e00-\u1fff\u2010-\u203a\u20ac\u2116\u2122\u2212"
    "\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
# Where the private area begins, and where full-width forms do.
_PRIVATE, _FORMS = 0xE000, 0xFF00
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Mojibake:
    """What became of a title: `kind` as in `rules/mojibake.toml`; `mended` the title itself, '' if not certain."""

    kind: str
    mended: str


def mojibake(title: str, rules: RuleSet) -> Mojibake | None:
    """What is wrong with a title as typed; None for a title that reads as it should."""
    known = signs(rules)
    for row in known.kinds:
        mended = _TESTS[row["id"]](title, row, known)
        if mended is not None:
            return Mojibake(row["id"], "" if mended == title else mended)
    return None


def _eacc(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
    """Codes of EACC in braces, where they make up a good part of the title."""
    rest, codes = _EACC.subn("", title)
    letters = sum(one.isalnum() for one in rest)
    return "" if codes and codes >= known.numbers["least_lost"] * (codes + letters) else None


def _lost(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
    """Signs that stand for lost characters make up a good part of the title."""
    certain = sum(one in known.lost for one in title)
    asked = title.count("?")
    letters = sum(one.isalnum() for one in title)
    if not certain and not letters:
        return "" if asked >= known.numbers["question_marks"] else None
    # Behind words of Latin letters question marks may be meant; among Han characters several in a row are not.
    if asked and not certain and ("??" not in title.rstrip("?") and not _HAN.search(title)):
        return None
    lost = certain + (asked if "??" in title and (certain or _HAN.search(title)) else 0)
    many = max(known.numbers["fewest_lost"], known.numbers["least_lost"] * (lost + letters))
    return "" if lost >= many else None


def _utf8_latin(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
    if title.isascii() or (data := as_latin(title)) is None:
        return None
    try:
        meant = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    made = [sign for sign in meant if not sign.isascii()]
    good = made and all(_WRITTEN.match(sign) for sign in made) and len(_scripts(made)) < 2
    return meant if good else None


def _scripts(letters: list[str]) -> set[str]:
    """The scripts of letters, by the first word of their names; Han and kana are one."""
    words = {unicodedata.name(letter, "").partition(" ")[0] for letter in letters if letter.isalpha()}
    return {"CJK" if word in {"HIRAGANA", "KATAKANA"} else word for word in words}


def _gbk_latin(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
    if title.isascii() or (data := as_latin(title)) is None:
        return None
    outside = [not sign.isascii() for sign in title if not sign.isspace()]
    runs = [len(run) for run in re.findall(r"[^\x00-\x7f]+", title)]
    even = max(runs) >= known.numbers["least_run"] and not any(run % 2 for run in runs)
    if len(outside) < known.numbers["least_run"]:
        return None
    if not even and sum(outside) < known.numbers["least_made"] * len(outside):
        return None
    try:
        meant = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    if not _good(meant, known, "least_common_sure"):
        return None
    short = len(_HAN.findall(meant)) < known.numbers["short"]
    return None if short and _rank(meant, known) > known.numbers["rank_latin_short"] else meant


def _good(meant: str, known: Signs, share: str = "least_common") -> bool:
    """At least two Han characters, and nearly everything outside ASCII is common (`share` names how much)."""
    outside = [sign for sign in meant if not sign.isascii()]
    common = sum(sign in known.common for sign in outside)
    return len(_HAN.findall(meant)) > 1 and common >= known.numbers[share] * len(outside)


def _marc8_flag(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
    def letter(found: re.Match[str]) -> str:
        """The letter that two signs of ANSEL stand for."""
        return bytes(known.ansel_bytes[sign] for sign in found.groups()).decode("utf-8")

    meant = known.ansel.sub(letter, title)
    return meant if meant != title else None


def _utf8_gbk(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
    """UTF-8 hardly ever comes about by chance: what decodes to common Han characters was UTF-8."""
    whole = _LAST.sub("", title)
    if not _strange(title, known) or (data := as_gbk(whole)) is None:
        return None
    meant = data.decode("utf-8", "replace")
    # A character of an odd number of bytes loses one where the text ends or a sign of ASCII follows.
    han, broken = len(_HAN.findall(meant)), meant.count("\ufffd")
    if han < 2 * max(broken, 1) or broken > whole.count("?") + 1:
        return None
    good = meant.replace("\ufffd", "")
    plain = all(sign in known.common for sign in whole if not sign.isascii())
    if plain or not _good(good, known, "least_common_sure"):
        return None
    return good if not broken and whole == title else ""


def rank_of(sign: str, known: Signs) -> float:
    """log2 of the place of a character among the frequent ones; 0 for ASCII and marks, which do not count."""
    if sign.isascii() or not (sign.isalnum() or ord(sign) >= _PRIVATE) or ord(sign) >= _FORMS:
        return 0
    common = sign in known.common and _HAN.match(sign)
    return known.rank.get(sign) or math.log2(known.numbers["rank_unknown" if common else "rank_rare"])


def _rank(text: str, known: Signs) -> float:
    """The mean rank of the characters of a text that count."""
    ranks = [rank for sign in text if (rank := rank_of(sign, known))]
    return sum(ranks) / max(len(ranks), 1)


def _strange(title: str, known: Signs) -> bool:
    """Whether a title in Han characters is of unusual ones on the whole."""
    return bool(_HAN.search(title)) and _rank(title, known) >= known.numbers["least_typed"]


def _far_more_usual(title: str, meant: str, row: Mapping[str, Any], known: Signs) -> bool:
    """Whether the characters restored are so much more frequent than those there that chance is ruled out."""
    han = _HAN.findall(meant)
    if 2 * len(set(han)) <= len(han):
        return False
    odd, short = any(_odd(sign, known) for sign in title), len(han) <= known.numbers["short"]
    # The common characters of GB 2312 are simplified ones.
    foreign = bool(row.get("simplified")) and any(sign in known.traditional for sign in han)
    if (short and not odd) or (foreign and (short or not odd)):
        return False
    least = known.ranks["odd_short" if short else "odd" if odd else "plain"]
    restored, typed = _rank(meant, known), _rank(title, known)
    unusual = typed >= least.get("typed", 0) and typed - restored >= least["gain"]
    return unusual and restored <= least["restored"]


def _odd(sign: str, known: Signs) -> bool:
    """Kana, and characters that no standard counts as common."""
    return not sign.isascii() and (sign not in known.common or "\u3040" <= sign <= "\u30ff")


def _between(encode: Callable[[str], bytes | None]) -> Callable[[str, Mapping[str, Any], Signs], str | None]:
    """The test for one Chinese character set taken for another: what is restored must be far more usual."""

    def test(title: str, row: Mapping[str, Any], known: Signs) -> str | None:
        """The title as it was meant; None when nothing more usual comes out."""
        if not _strange(title, known) or (data := encode(title)) is None:
            return None
        try:
            meant = data.decode(row["meant"])
        except UnicodeDecodeError:
            return None
        if not _good(meant, known):
            return None
        return meant if _far_more_usual(title, meant, row, known) else None

    return test


# One Chinese character set taken for another: how the text as it stands becomes bytes again.
BETWEEN: Mapping[str, Callable[[str], bytes | None]] = {"big5-gbk": as_gbk, "gbk-big5": as_big5}
_TESTS: Mapping[str, Callable[[str, Mapping[str, Any], Signs], str | None]] = {
    "eacc": _eacc,
    "lost": _lost,
    "utf8-latin": _utf8_latin,
    "gbk-latin": _gbk_latin,
    "marc8-flag": _marc8_flag,
    "utf8-gbk": _utf8_gbk,
    **{kind: _between(encode) for kind, encode in BETWEEN.items()},
}
