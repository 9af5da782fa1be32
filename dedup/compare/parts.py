"""Questions about volumes, levels, series and companions."""

from __future__ import annotations

import numpy as np

from dedup.compare.pairs import MISSING, Mask, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.compare.titles import same_words
from dedup.model import Level
from dedup.rules import RuleSet

LAST = -1
"""`volume_from` of 下 when the number of volumes is unknown."""


def _volume_kind(pairs: Pairs) -> tuple[Mask, Mask, Mask, Mask]:
    """Whether each side describes one volume, and whether each side describes several."""
    left, right = pairs.numbers("level")
    several = (Level.RANGE, Level.SET)
    return left == Level.VOLUME, right == Level.VOLUME, np.isin(left, several), np.isin(right, several)


@question("level", "volume_label", "volume_total")
def level(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe the same level of a multi-volume work: set, range of volumes, or one volume (P14)."""
    one_left, one_right, several_left, several_right = _volume_kind(pairs)
    left, right = pairs.numbers("level")
    differs = (one_left & several_right) | (several_left & one_right)
    ranges = (left == Level.RANGE) & (right == Level.RANGE)
    differs |= ranges & ~_same_span(pairs)
    differs |= (np.minimum(left, right) == Level.RANGE) & (np.maximum(left, right) == Level.SET)
    return answer((left == right) & ~differs, differs)


def _same_span(pairs: Pairs) -> Mask:
    first_left, first_right = pairs.numbers("volume_from")
    last_left, last_right = pairs.numbers("volume_to")
    return np.asarray((first_left == first_right) & (last_left == last_right), np.bool_)


@question("volume_from", "volume_label")
def volume(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe the volume of one number (上 = 1); close for 下, the last, whose number the set decides."""
    left, right = pairs.numbers("volume_from")
    same_label, labelled = pairs.same_text("volume_label")
    known = (left != MISSING) & (right != MISSING)
    agrees = (known & (left == right)) | (~known & same_label)
    middle = pairs.classes("volume_label", {"middle": [str(limits(rules, "volume")["middle"])]})
    last = known & ((left == LAST) ^ (right == LAST)) & (np.maximum(left, right) >= 2)
    last &= (middle[0] == 0) & (middle[1] == 0)
    differs = (known & (left != right)) | (~known & labelled & ~same_label)
    return answer(agrees, differs & ~last, last)


@question("level", "volume_label")
def volume_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One record names a volume and the other none; a later volume beside an unnumbered first one differs."""
    left, right = pairs.numbers("volume_from")
    one_left, one_right, several_left, several_right = _volume_kind(pairs)
    single_left, single_right = ~one_left & ~several_left, ~one_right & ~several_right
    lone = (one_left & single_right) | (single_left & one_right)
    number = np.where(one_left, left, right)
    later = lone & (number != MISSING) & (number != 1)
    return answer(~lone, later)


@question("part", slow=True)
def part_name(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The names of the part have the same words; two different part names are two books."""
    return same_words(pairs, "part", rules)


@question("part")
def part_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Only one record names a part of the work."""
    left, right = pairs.filled("part")
    lone = left ^ right
    return answer(~lone, lone)


@question("companions")
def companion(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both or neither are a teacher's book, workbook, key, index or the like (P27)."""
    left, right = pairs.counts("companions")
    shared = pairs.share("companions")
    return answer(((left == 0) & (right == 0)) | shared, ((left > 0) | (right > 0)) & ~shared)


@question("series")
def series(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name one series; close when it stands in a note of one of them (D08)."""
    left, right = pairs.counts("series")
    noted = pairs.share("series", "note_series")
    return answer(pairs.share("series"), (left > 0) & (right > 0), noted)


@question("series_numbers")
def series_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The numbers within one series are equal."""
    left, right = pairs.counts("series_numbers")
    shared = pairs.share("series_numbers")
    return answer(shared, (left > 0) & (right > 0) & pairs.share("series"))
