"""The core of a title proper: without series words in front and volume designation at the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import scattered
from dedup.normalise.subfield import distinct
from dedup.normalise.text import bare_column, fold, fold_column
from dedup.normalise.title_split import series_hint, strip_series
from dedup.normalise.volume import strip_volume
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Cores:
    """Columns: the core as `typed` and `folded`, its skeleton `key`, the volume `designation` folded ('' when none)."""

    typed: pa.StringArray
    folded: pa.StringArray
    key: pa.StringArray
    designation: pa.StringArray


@cache
def _memory(rules: RuleSet) -> dict[str, tuple[str, str]]:
    return {}


@cache
def _volume_hint(rules: RuleSet) -> str:
    """RE2 pattern: typed titles that may end in a volume designation; a few titles too many are no harm."""
    rows = rules.terms["volume"]
    western = [entry for row in rows if row.kind == "unit-western" for entry in row.entries]
    eastern = {
        entry[-1] for row in rows if row.kind in ("unit-han", "unit-han-loose", "ordered") for entry in row.entries
    }
    numerals = rules.tables["volume"]["numerals"]
    units = "|".join(sorted(map(_quoted, western), key=len, reverse=True))
    closing = r"[\s\pP]*$"
    han = rf"\p{{Han}}.*[\pNivxlcIVXLC{numerals}{_quoted(''.join(sorted(eastern)))}]{closing}"
    named = "|".join(
        sorted((word for row in rows if row.kind == "ordinal" for word in row.entries), key=len, reverse=True)
    )
    sign = rf"(?:\pN|[ivxlcdm]{{1,7}}\b|[a-z]\b|(?:{named})\b)"
    before = rf"[\s\pP](?:{units})(?:[\s.]+(?:the\s+)?{sign}|\pN).{{0,16}}$"
    after = rf"(?:\pN\S{{0,3}}|{sign})\s+(?:{units}){closing}"
    hangul = rf"\p{{Hangul}}.*[{_quoted(''.join(sorted(eastern)))}\pN]{closing}"
    return f"{han}|(?i:{before}|{after})|{hangul}"


def _quoted(text: str) -> str:
    return "".join(f"\\{sign}" if sign in r"\.^$|?*+()[]{}-" else sign for sign in text)


@cache
def _ending_hint(rules: RuleSet) -> str:
    """RE2 pattern, quick: folded titles that end in a number, a numeral, one letter or a word of designations."""
    rows = rules.terms["volume"]
    words = sorted(
        {fold(word, rules) for row in rows if row.kind in ("unit-western", "ordinal") for word in row.entries} - {""}
    )
    named = "|".join(map(_quoted, words))
    return rf"(?:\pN[a-z]{{0,3}}|\b[ivxlcdm]{{1,7}}|\b[a-z]|\p{{Han}}|\p{{Hangul}}|\b(?:{named}))$"


def _hints(typed: pa.StringArray, folded: pa.StringArray, rules: RuleSet) -> pa.BooleanArray:
    """Mask of the titles that may have a volume designation at the end or series words in front."""
    hint = np.array(pc.match_substring_regex(folded, _ending_hint(rules)))
    at = np.flatnonzero(hint)
    hint[at] = np.asarray(pc.match_substring_regex(typed.take(pa.array(at)), _volume_hint(rules)))
    eastern = np.flatnonzero(~np.asarray(pc.string_is_ascii(typed)))
    hint[eastern] |= np.asarray(pc.match_substring_regex(typed.take(pa.array(eastern)), series_hint(rules)))
    return pa.array(hint)


def core_of(title: str, rules: RuleSet) -> tuple[str, str]:
    """The core of one typed title and its volume designation, both with their marks."""
    rest, designation = strip_volume(title, rules)
    return strip_series(rest, rules)[1], designation


def title_cores(typed: pa.StringArray, folded: pa.StringArray, whole: pa.StringArray, rules: RuleSet) -> Cores:
    """The cores of a column of titles as typed, folded and as skeletons. Only titles that hint at one are looked at."""
    hint = _hints(typed, folded, rules)
    empty = scattered(typed.slice(0, 0), np.zeros(0, np.int64), len(typed))
    if not pc.any(hint).as_py():
        return Cores(typed, folded, whole, empty)
    memory = _memory(rules)
    found = distinct(lambda title: core_of(title, rules), typed.filter(hint), memory)
    cores = pa.array([core for core, _ in found], pa.string())
    core_folded = fold_column(cores, rules)
    designations = fold_column(pa.array([designation for _, designation in found], pa.string()), rules)
    article = "^(?:" + "|".join(rules.tables["text"]["title"]["always"]) + ") "
    core_folded = pc.replace_substring_regex(core_folded, article, "")
    return Cores(
        typed=pc.replace_with_mask(typed, hint, cores),
        folded=pc.replace_with_mask(folded, hint, core_folded),
        key=pc.replace_with_mask(whole, hint, bare_column(core_folded)),
        designation=pc.replace_with_mask(empty, hint, designations),
    )
