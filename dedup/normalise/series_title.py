"""Series titles: cleaned of numbering, planning labels made equal, and found in notes and in front of titles proper.

Source: domain facts 5.6, D08.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dedup.normalise.text import fold, skeleton
from dedup.normalise.volume_designation import parse_volume, strip_volume
from dedup.normalise.volume_words import any_of
from dedup.rules import RuleSet, Term

# Letters and digits in one: a report number (EPA-600/3-78-021), no volume.
_CODE = re.compile(r"[A-Za-z]-\d|\d-?[A-Za-z]|[A-Za-z]{2}\d|[A-Za-z]{4}.*[/-]")
# A qualifier added to tell two series apart: Water-supply paper (Washington, D.C.).
_QUALIFIER = re.compile(r"\s*\([^()]*\)[\s.,]*$")
_OPEN, _CLOSE = "《〈“\"'‘「『", "》〉”\"'’」』"


@dataclass(frozen=True, slots=True, eq=False)
class SeriesWords:
    """Patterns and settings of one rule set; see `series_words`. Patterns read NFKC text with simplified characters."""

    prefix: re.Pattern[str]
    whole: re.Pattern[str]
    announced: re.Pattern[str]
    source: re.Pattern[str]
    is_one_of: re.Pattern[str]
    western: re.Pattern[str]
    sentence: re.Pattern[str]
    plans: Mapping[str, str]
    planning: Term
    generic: Mapping[str, str]
    settings: Mapping[str, int]


@cache
def series_words(rules: RuleSet) -> SeriesWords:
    """Compile the series tables of a rule set, once."""
    terms = rules.terms["series"]
    han = any_of(rules.entries("series", "word-han"))
    prefix = any_of(word for row in terms if row.more.get("prefix") for word in row.entries)
    after = any_of(rules.entries("series", "title-after"))
    western = any_of(rules.entries("series", "word-western"))
    quoted = rf"[{_OPEN}](?P<q>[^{_OPEN}{_CLOSE}]+)[{_CLOSE}]\s*(?P<w>{prefix})?"
    return SeriesWords(
        prefix=re.compile(
            rf"^(?:{quoted}(?P<m1>[\s·.:—-]*)|(?P<s>[^{_OPEN}]+?(?:{prefix}))(?P<m2>[\s·.:—-]+))"
            rf"(?!{after})(?P<rest>.+)$"
        ),
        whole=re.compile(rf"^(?P<s>.*(?:{han}))(?:[\s(（;；,，·第之].{{0,10}})?$"),
        announced=re.compile(
            rf"^(?:{any_of(rules.entries('series', 'before'))})(?:取自\S{{1,6}}?)?\s*[:：]\s*(?P<s>.+)$", re.I
        ),
        source=re.compile(rf"^(?:{any_of(rules.entries('series', 'before'))})[^:：]*$", re.I),
        is_one_of=re.compile(
            rf"^(?:{any_of(rules.entries('series', 'is'))})"
            rf"(?P<s>.{{2,60}}?(?:{han}))(?:之[一二三四五六七八九十]+|.{{0,4}})$"
        ),
        western=re.compile(
            rf"^(?P<q>[\"“'‘])?\s*(?P<s>.*(?<![^\W_])(?:{western})(?![^\W_]).*?)\s*[\"”'’]?\.?\s*$", re.I
        ),
        sentence=re.compile(rules.tables["series"]["western_sentence"]),
        plans={word: row.id for row in terms if row.kind == "plan" for word in row.entries},
        planning=next(row for row in terms if row.kind == "planning"),
        generic={
            skeleton(word, rules): skeleton(row.entries[0], rules)
            for row in terms
            if row.kind == "generic"
            for word in row.entries
        },
        settings=rules.tables["series"],
    )


def series_key(title: str, rules: RuleSet) -> str:
    """The skeleton of a series title without numbering; planning labels of one plan and generic labels are one.

    普通高等教育"十一五"国家级规划教材 and "十一五"国家级规划教材 give one key; a ministry's plan keeps its own.
    """
    words = series_words(rules)
    plain = strip_volume(
        _QUALIFIER.sub("", re.split(r"\s+[/=]\s+|\s*;\s*", title.strip(" /;:,="), maxsplit=1)[0]), rules
    )[0]
    key = skeleton(plain, rules)
    if all(part in key for part in words.planning.more["needs"]):
        # The longest plan word wins: 十一五 holds no 十五, but 十五 stands in no other plan either.
        plan = max((word for word in words.plans if word in key), key=len, default="")
        if plan:
            return plan + words.planning.entries[0]
    return words.generic.get(key, key)


@cache
def counted_shape(rules: RuleSet) -> str:
    """The shape, in Python and in RE2, of a number or range with at most a unit before it; its first group is it."""
    units = any_of(rules.entries("volume", "unit-western"))
    return rf"^[\s\[(;,.#]*(?i:(?:{units})\.?\s*)?([0-9]{{1,9}}(?:-[0-9]{{1,9}})?)[\s\]).;,:]*$"


def series_number(text: str, rules: RuleSet) -> str:
    """Numbering within a series: 211 for v. 211 and 第211种; 97-206; anything else folded."""
    counted = re.match(counted_shape(rules), text)
    if counted:
        return re.sub("^0+(?=[0-9])", "", counted[1])
    if _CODE.search(text):
        return fold(text, rules)
    volume = parse_volume(text, rules)
    typed, read = re.findall(r"\d+", text), re.findall(r"\d+", volume.label)
    # A year in the number (2007-3009) is no volume, but part of the number.
    if volume.first is None or volume.first < 0 or (typed and typed != read):
        return fold(text, rules)
    return f"{volume.first}" if volume.last == volume.first and " " not in volume.label else volume.label


def _plain(text: str, rules: RuleSet) -> str:
    """NFKC, simplified, single spaces, case kept."""
    typed = unicodedata.normalize("NFKC", text)
    return " ".join("".join(rules.characters.get(sign, sign) for sign in typed).split())


def strip_series_prefix(title: str, rules: RuleSet) -> tuple[str, str]:
    """Part a series title in front from a title proper: (title, series); the series is '' when there is none.

    《学点历史》丛书 读一点世界史 gives (读一点世界史, 学点历史丛书). What follows must be a title of its own: no volume
    designation, no 目录 or 集成. The title without a series comes back as typed.
    """
    words = series_words(rules)
    found = words.prefix.match(_plain(title, rules))
    if not found or (found["q"] and not found["w"] and not _names_series(found["q"], words)):
        return title, ""
    series = (found["q"] or "") + (found["w"] or "") if found["q"] else found["s"]
    rest = found["rest"].strip(" ·.:—-")
    short = len(skeleton(rest, rules)) < words.settings["rest_from"]
    if short or len(skeleton(series, rules)) < words.settings["title_from"] or _is_number(rest, rules):
        return title, ""
    return rest, series


def _names_series(text: str, words: SeriesWords) -> bool:
    return bool(words.whole.fullmatch(text))


def _is_number(text: str, rules: RuleSet) -> bool:
    volume = parse_volume(text, rules)
    return volume.first is not None or volume.total is not None


def note_series(note: str, rules: RuleSet) -> str:
    """The key of a series-like name in a note; '' when the note names none.

    Known shapes: 丛书题名: X; 本书为X丛书; X系列教材 alone; "Graduate texts in mathematics, 211.".
    """
    words = series_words(rules)
    text = _plain(note, rules).strip(" .。;；,，/")
    if not text or len(text) > words.settings["note_limit"] or words.source.match(text):
        return ""
    for pattern in (words.announced, words.is_one_of):
        found = pattern.match(text)
        if found:
            return _key(found["s"], words, rules)
    if not text.isascii() and _names_series(text, words) and not re.search(r"[。;；,，]", text):
        return _key(text, words, rules)
    found = words.western.match(text)
    # A longer Western note is a series only between quotation marks: other notes talk about series.
    short = len(text) <= words.settings["western_note_limit"] and not words.sentence.search(text)
    if found is None or not (found["q"] or short):
        return ""
    return _key(re.sub(r"[,;.]?\s*(?:\S*\d\S*)$", "", found["s"]), words, rules)


def _key(text: str, words: SeriesWords, rules: RuleSet) -> str:
    key = series_key(text, rules)
    return key if len(key) >= words.settings["title_from"] else ""
