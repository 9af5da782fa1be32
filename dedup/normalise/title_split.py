"""Typed titles taken apart: ISBD punctuation inside one subfield, series words in front, designations in brackets."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import lengths, matching
from dedup.normalise.text import fold, fold_column
from dedup.normalise.volume import strip_volume
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
_HAN = re.compile("[\u3005-\u3007\u3400-\u9fff\U00020000-\U0003ffff]")
# Other title information: space, colon, space; a full-width colon; any colon after a Han character.
_COLON = re.compile(r"\s+:\s*(?=\S)|：|(?<=[\u3400-\u9fff》）)]):")
_EQUALS = re.compile(r"\s+=\s*(?=\S)|(?<=[\u3400-\u9fff])＝")
_SLASH = re.compile(r"\s+/\s+(?=\S)")
_SEVERAL = r"\S\s+[:=/]\s*\S|=\s*$|[：＝]|\p{Han}[》）)]?:"


def needs_split(proper: pa.StringArray, other: pa.StringArray, marked: Mask) -> pa.BooleanArray:
    """Mask of the titles that `settle` may change; `marked`: titles proper with a mark of punctuation in them."""
    mask = matching(proper, _SEVERAL, marked)
    at = np.flatnonzero(lengths(other))
    some = pc.match_substring_regex(other.take(pa.array(at)), r"^\s*=|\s[=/]\s")
    mask[at] |= np.asarray(some)
    return pa.array(mask)


def settle(proper: str, other: str, parallel: str, responsibility: str) -> tuple[str, str, str, str]:
    """Title proper, other title information, parallel title and responsibility, each in its place.

    A place that its own subfield has filled already is left alone: `X : Y` splits only when no $b / $e is given,
    `X / Z` only when no $c / $f is. In MARC 21 a parallel title stands in $b after ` = `.
    """
    if not responsibility:
        proper, responsibility = _cut(_SLASH, proper)
        if not responsibility:
            other, responsibility = _cut(_SLASH, other)
    if proper.rstrip().endswith("="):
        proper, other, also = proper.rstrip()[:-1], "", other
    else:
        proper, also = _cut(_EQUALS, proper)
    if not also and re.search(r"^\s*=|\s=\s", other):
        other, _, also = other.partition("=")
    if not other:
        proper, other = _cut(_COLON, proper)
    return proper, other.strip(), parallel or _COLON.split(also)[0].strip(" =/"), responsibility


def _cut(mark: re.Pattern[str], text: str) -> tuple[str, str]:
    """Cut a text at the first mark; a text without one, or with nothing before it, stays whole."""
    found = mark.search(text)
    if not found or not text[: found.start()].strip():
        return text, ""
    return text[: found.start()], text[found.end() :]


@cache
def _medium_pattern(rules: RuleSet) -> str:
    words = sorted(map(re.escape, rules.tables["text"]["title"]["medium"]), key=len, reverse=True)
    return rf"(?i)\s*[\[［](?:{'|'.join(words)})[\]］]\s*([/:=;.,]?)\s*$"


def without_medium(proper: pa.StringArray, marked: Mask, rules: RuleSet) -> pa.StringArray:
    """Drop a general material designation typed at the end of the title proper: `Title [microform] /`."""
    ends = matching(proper, r"[\]］]\s*[/:=;.,]?\s*$", marked)
    if not ends.any():
        return proper
    mask = pa.array(ends)
    shorter = pc.replace_substring_regex(proper.filter(mask), _medium_pattern(rules), r" \1")
    return pc.replace_with_mask(proper, mask, shorter)


def article_end(prefixes: pa.StringArray, rules: RuleSet) -> pa.BooleanArray:
    """Whether each prefix may be an initial article: it ends in a space, apostrophe or mark, or is a known article.

    A word in capitals (NGC 2000.0) is none.
    """
    words = rules.tables["text"]["title"]
    known = pa.array([*words["always"], *words["articles"]], pa.string())
    ends = pc.match_substring_regex(prefixes, r"[\s'’ʼ‘\"“«\[(*-]$")
    capitals = pc.match_substring_regex(prefixes, r"^\p{Lu}{2,}\s$")
    return pc.or_(pc.and_not(ends, capitals), pc.is_in(fold_column(prefixes, rules), known))


@cache
def _series_pattern(rules: RuleSet) -> re.Pattern[str]:
    """Series words, a mark of separation (or the closing 》 that holds them), and the title proper."""
    words = "|".join(sorted(rules.tables["text"]["title"]["series"], key=len, reverse=True))
    marks = r"[\s·.．:：,，;；—–-]"
    return re.compile(
        rf"^(?:[《“\"][^》”\"]*(?:{words})[》”\"]{marks}*|[^\s]{{1,30}}?(?:{words}){marks}+)(?P<rest>.+)$"
    )


@cache
def series_hint(rules: RuleSet) -> str:
    """RE2 pattern: titles, traditional or simplified, that may begin with series words."""
    signs = rules.characters
    forms: dict[str, set[str]] = {}
    for old, new in signs.items():
        forms.setdefault(new, set()).add(old)
    words = rules.tables["text"]["title"]["series"]
    return "|".join(
        "".join("[" + "".join(sorted({sign, *forms.get(sign, ())})) + "]" for sign in word) for word in words
    )


def strip_series(title: str, rules: RuleSet) -> tuple[str, str]:
    """Series words in front of a title proper, and the title: `《学点历史》丛书 读一点世界史`. ('', title) when none.

    What follows must be a title itself: at least two Han characters or a word, and no mere volume designation.
    """
    plain = unicodedata.normalize("NFKC", title).strip()
    low = "".join(rules.characters.get(sign, sign) for sign in plain)
    found = _series_pattern(rules).match(low)
    if not found:
        return "", title
    rest = plain[found.start("rest") :]
    core = fold(strip_volume(f"丛 {rest}", rules)[0], rules)
    if len(_HAN.findall(core)) < 3 and not re.search("[a-z]{3}", core):
        return "", title
    return plain[: found.start("rest")].strip(), rest
