"""The core of a title proper: without series words in front and volume designation at the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import matching, scattered
from dedup.normalise.subfield import distinct
from dedup.normalise.text import bare_column, fold_column
from dedup.normalise.title_split import series_hint, strip_series
from dedup.normalise.volume import may_end_in_volume, strip_volume
from dedup.normalise.volume_trail import ordered_ends, worth_reading
from dedup.normalise.volume_words import any_sign
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
def _eastern_end(rules: RuleSet) -> str:
    """RE2 pattern of titles that end in any numeral or a word that stands in an order, behind Han characters."""
    return rf"\p{{Han}}.*(?:[\pNivxlcIVXLC]|{any_sign(sorted(ordered_ends(rules)))})[\s\pP]*$"


def _hints(typed: pa.StringArray, rules: RuleSet) -> pa.BooleanArray:
    """Mask of the titles that may have a volume designation at the end or series words in front."""
    hint = np.array(may_end_in_volume(typed, rules))
    eastern = ~np.asarray(pc.string_is_ascii(typed))
    hint |= matching(typed, _eastern_end(rules), eastern & ~hint & worth_reading(typed, rules))
    return pa.array(hint | matching(typed, series_hint(rules), eastern))


def core_of(title: str, rules: RuleSet) -> tuple[str, str]:
    """The core of one typed title and its volume designation, both with their marks."""
    rest, designation = strip_volume(title, rules)
    return strip_series(rest, rules)[1], designation


def title_cores(typed: pa.StringArray, folded: pa.StringArray, whole: pa.StringArray, rules: RuleSet) -> Cores:
    """The cores of a column of titles as typed, folded and as skeletons. Only titles that hint at one are looked at."""
    hint = _hints(typed, rules)
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
