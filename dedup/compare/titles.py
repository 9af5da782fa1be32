"""Questions about titles: title proper, other title information, years and numbers inside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from dedup.compare.pairs import Mask, Outcomes, Pairs, answer, equal_text
from dedup.compare.question import limits, question
from dedup.rules import RuleSet


def ratio(
    left: pa.Array, right: pa.Array, scorer: Callable[..., float] = fuzz.ratio
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Similarity 0 to 100 of two string columns, pair by pair, by characters (never bytes)."""
    if len(left) == 0:
        return np.zeros(0, np.float32)
    return np.asarray(
        process.cpdist(left.to_pylist(), right.to_pylist(), scorer=scorer, dtype=np.float32, workers=1), np.float32
    )


def joined(one: pa.Array, other: pa.Array) -> pa.Array:
    """Two string columns in one, without spaces: a title however it is cut into proper and other title."""
    return pc.replace_substring(pc.binary_join_element_wise(one, other, ""), " ", "")


@question("title_usable")
def title_present(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records have a usable title; a placeholder such as REQUIRED FIELD is none (D11)."""
    left, right = pairs.numbers("title_usable")
    usable = (left == 1) & (right == 1)
    return answer(usable, ~usable)


@question("title", "subtitle")
def title(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The titles proper are equal without volume and series prefix, or the whole titles are equal however divided.

    Close when a variant title is equal, when one whole title begins with the other, or when few letters differ.
    """
    bounds = limits(rules, "title")
    agrees, known = pairs.same_text("title_key")
    differs = known & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    if len(rest):
        part = pairs.subset(rest)
        whole_left = joined(*(column.take(pa.array(part.left)) for column in _title_columns(part)))
        whole_right = joined(*(column.take(pa.array(part.right)) for column in _title_columns(part)))
        same = equal_text(whole_left, whole_right)
        agrees[rest[same]] = True
        near = ~same & _near(part, whole_left, whole_right, bounds)
        close[rest[near]] = True
    return answer(agrees, differs, close)


def _title_columns(pairs: Pairs) -> tuple[pa.Array, pa.Array]:
    return pairs.concepts.text("title"), pairs.concepts.text("subtitle")


def _near(part: Pairs, whole_left: pa.Array, whole_right: pa.Array, bounds: dict[str, float]) -> Mask:
    """Variant title equal, one a beginning of the other, or few letters different."""
    key_left, key_right = part.texts("title_key")
    near = part.share("alternatives") | _variant(part)
    near |= _begins(whole_left, whole_right, int(bounds["prefix_letters"]))
    shortest = np.minimum(_lengths(key_left), _lengths(key_right))
    for one, other in ((key_left, key_right), (whole_left, whole_right)):
        open_ = np.flatnonzero(~near & (shortest >= bounds["fuzzy_letters"]))
        if len(open_) == 0:
            break
        take = pa.array(open_)
        near[open_[ratio(one.take(take), other.take(take)) >= bounds["fuzzy_ratio"]]] = True
    return near


def _variant(part: Pairs) -> Mask:
    """The title proper of one record is a variant title of the other."""
    found = np.zeros(len(part), np.bool_)
    counts_left, counts_right = part.counts("alternatives")
    ask = np.flatnonzero((counts_left > 0) | (counts_right > 0))
    column = part.concepts.table.column("alternatives")
    keys = part.concepts.text("title_key")
    for left, right in ((part.left, part.right), (part.right, part.left)):
        lists = pc.take(column, pa.array(left[ask])).to_pylist()
        names = keys.take(pa.array(right[ask])).to_pylist()
        hits = [name != "" and name in (values or ()) for name, values in zip(names, lists, strict=True)]
        found[ask] |= np.array(hits, np.bool_)
    return found


def _lengths(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(pc.utf8_length(column), np.int64)


def _begins(left: pa.Array, right: pa.Array, least: int) -> Mask:
    """One whole title begins with the other, which has at least `least` letters."""
    pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
    return np.array([min(len(a), len(b)) >= least and (a.startswith(b) or b.startswith(a)) for a, b in pairs], np.bool_)


@question("subtitle")
def other_title(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The other title information is equal; close when one holds the other or few letters differ.

    Absent in one record says nothing (cataloguers shorten it).
    """
    bounds = limits(rules, "other_title")
    agrees, both = pairs.same_text("subtitle")
    differs = both & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    close[rest] = ratio(*pairs.subset(rest).texts("subtitle"), fuzz.partial_ratio) >= bounds["partial_ratio"]
    return answer(agrees, differs, close)


@question("title_years")
def title_year(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The years inside title, subtitle or part number are equal; a year there is identity (P23, P24)."""
    left, right = pairs.counts("title_years")
    same = pairs.share("title_years")
    return answer(same, (left > 0) & (right > 0))


@question("title_numbers")
def title_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The other numbers inside the title are equal, as in numbered proceedings."""
    same, both = pairs.same_text("title_numbers")
    differs = both & ~same
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    left, right = pairs.subset(rest).texts("title_numbers")
    for at, one, other in zip(rest, left.to_pylist(), right.to_pylist(), strict=True):
        short, long = sorted((one.split(), other.split()), key=len)
        close[at] = len(short) < len(long) and short == long[: len(short)]
    return answer(same, differs, close)
