"""Questions about titles: title proper, other title information, years and numbers inside them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from dedup.compare.likeness import alike
from dedup.compare.pairs import Mask, Outcomes, Pairs, answer, equal_text
from dedup.compare.question import limits, question
from dedup.compare.words import compare_words, word_rules
from dedup.model import Outcome
from dedup.normalise.arrow import EMPTY, text
from dedup.rules import RuleSet

SPACE = text(" ")
_START = 5


@question("title_usable")
def title_present(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records have a usable title; a placeholder such as REQUIRED FIELD is none (D11)."""
    left, right = pairs.numbers("title_usable")
    usable = (left == 1) & (right == 1)
    return answer(usable, ~usable)


@question("title", "subtitle", slow=True)
def title(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The titles proper are equal without volume and series prefix, or the whole titles are equal however divided.

    Close when a variant title is equal, or when the words are the same but for misspelling and words left out.
    """
    agrees, known = pairs.same_text("title_key")
    differs = known & ~agrees
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    if len(rest):
        part = pairs.subset(rest)
        whole_left, whole_right = _joined_titles(part)
        same = equal_text(whole_left, whole_right)
        agrees[rest[same]] = True
        near = ~same & _near(part, whole_left, whole_right, rules)
        close[rest[near]] = True
    return answer(agrees, differs, close)


def _title_columns(pairs: Pairs) -> tuple[pa.Array, pa.Array]:
    return pairs.concepts.text("title"), pairs.concepts.text("subtitle")


def _joined_titles(pairs: Pairs) -> tuple[pa.Array, pa.Array]:
    """Both sides' whole titles without spaces, however they are cut into proper and other title."""

    def made() -> pa.Array:
        """Of every record: it stands in many pairs."""
        whole = pc.binary_join_element_wise(*_title_columns(pairs), EMPTY)
        return pc.replace_substring(whole, " ", "")

    column = pairs.concepts.derived("joined title", made)
    return column.take(pa.array(pairs.left)), column.take(pa.array(pairs.right))


def _near(part: Pairs, whole_left: pa.Array, whole_right: pa.Array, rules: RuleSet) -> Mask:
    """Variant title equal, or the same words but for misspelling and words left out."""
    bounds = limits(rules, "title")
    near = part.share("alternatives+title_key")
    key_left, key_right = part.texts("title_key")
    long = np.minimum(_lengths(key_left), _lengths(key_right)) >= bounds["least_letters"]
    # A short title proper with long other information is cut otherwise in old records: Nirvana, a story of Buddhism.
    latin, other = part.classes("script", {"latin": ["latin"]})
    whole = np.flatnonzero(~long & ~near & (latin > 0) & (other > 0))
    starts = (pc.utf8_slice_codeunits(column.take(pa.array(whole)), 0, _START) for column in (whole_left, whole_right))
    whole = whole[equal_text(*starts)]
    sizes = (_lengths(column.take(pa.array(whole))) for column in (whole_left, whole_right))
    long[whole] = np.minimum(*sizes) >= bounds["least_whole"]
    open_ = np.flatnonzero(~near & long)
    left, right = (column.take(pa.array(open_)) for column in (whole_left, whole_right))
    ask = open_[alike(left.to_pylist(), right.to_pylist(), fuzz.partial_ratio, bounds["fuzzy_ratio"])]
    words = word_rules(rules)
    for title_left, title_right, at in zip(*_whole_titles(part.subset(ask)), ask, strict=True):
        near[at] = compare_words(title_left, title_right, words) > Outcome.UNKNOWN
    return near


def _whole_titles(pairs: Pairs) -> tuple[list[str], list[str]]:
    columns = _title_columns(pairs)
    left, right = (
        pc.binary_join_element_wise(*(column.take(pa.array(side)) for column in columns), SPACE).to_pylist()
        for side in (pairs.left, pairs.right)
    )
    return left, right


def _lengths(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(pc.utf8_length(column), np.int64)


@question("title", "subtitle", slow=True)
def title_alike(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The whole titles have nearly the same letters, and the same figures: a slip of the pen, when all else agrees."""
    bounds = limits(rules, "title")
    left, right = _joined_titles(pairs)
    figures = [pc.replace_substring_regex(side, r"[^0-9]+", " ") for side in (left, right)]
    same_figures = np.asarray(pc.equal(*figures).to_numpy(zero_copy_only=False), np.bool_)
    slip = alike(left.to_pylist(), right.to_pylist(), fuzz.ratio, bounds["alike_ratio"]) & same_figures
    rest = np.flatnonzero(slip)
    part = pairs.subset(rest)
    named = [
        zip(*(one.to_pylist() for one in both), strict=True)
        for both in zip(part.texts("title"), part.texts("subtitle"), strict=True)
    ]
    # Another word altogether is no slip: integral calculus, differential calculus.
    slip[rest] = [
        _slips(" ".join(one), " ".join(other), bounds["slip_ratio"]) for one, other in zip(*named, strict=True)
    ]
    return answer(slip, np.ones(len(pairs), np.bool_))


def _slips(one: str, other: str, least: float) -> bool:
    """Whether two titles of as many words differ in none of them by more than a slip; others were told by letters."""
    ours, theirs = one.split(), other.split()
    if len(ours) != len(theirs):
        return True
    return all(mine == its or fuzz.ratio(mine, its) >= least for mine, its in zip(ours, theirs, strict=True))


@question("title_key", slow=True)
def title_slip(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Two Chinese titles of some length differ in one character, and not in one that counts or orders (上, 中, 二)."""
    bounds = limits(rules, "title")
    settled = set(str(bounds["slip_never"]))
    left, right = pairs.texts("title_key")
    length = np.asarray(pc.utf8_length(left), np.int64)
    same_length = length == np.asarray(pc.utf8_length(right), np.int64)
    found = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(same_length & (length >= bounds["slip_from"]))
    sides = (side.take(pa.array(rest)).to_pylist() for side in (left, right))
    for at, (one, other) in zip(rest, zip(*sides, strict=True), strict=True):
        apart = [(mine, its) for mine, its in zip(one, other, strict=True) if mine != its]
        found[at] = len(apart) == 1 and not settled & set(apart[0]) and not "".join(apart[0]).isascii()
    return answer(found, ~found)


@question("subtitle", slow=True)
def other_title(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The other title information has the same words; close when one leaves words out, differs when both have others.

    Absent in one record says nothing (cataloguers shorten it).
    """
    out = same_words(pairs, "subtitle", rules)
    # Where the titles proper differ, the whole title was cut elsewhere: its second part alone compares nothing.
    out[~pairs.same_text("title_key")[0]] = Outcome.UNKNOWN
    return out


def same_words(pairs: Pairs, name: str, rules: RuleSet) -> Outcomes:
    """Compare a column of folded text word by word; unknown where a side is empty."""
    agrees, both = pairs.same_text(name)
    out = answer(agrees, np.zeros(len(pairs), np.bool_))
    rest = np.flatnonzero(both & ~agrees)
    words = word_rules(rules)
    codes = pairs.concepts.codes(name).astype(np.int64)
    one, other = codes[pairs.left[rest]], codes[pairs.right[rest]]
    # Records of one title meet in many pairs: each two texts are compared once.
    _, first, back = np.unique(
        np.minimum(one, other) << 32 | np.maximum(one, other), return_index=True, return_inverse=True
    )
    left, right = pairs.subset(rest[first]).texts(name)
    compared = [
        int(compare_words(one, other, words)) for one, other in zip(left.to_pylist(), right.to_pylist(), strict=True)
    ]
    out[rest] = np.array(compared, np.int8)[back]
    return out


@question("title", "subtitle")
def distinctive_title(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both whole titles are so long that two books hardly share them; a Han character counts for several letters."""
    bounds = limits(rules, "distinctive_title")
    weights = pairs.concepts.derived("title_weight", lambda: _weights(pairs.concepts.table, bounds["han_letters"]))
    least = np.minimum(weights[pairs.left], weights[pairs.right])
    return answer(least >= bounds["letters"], least < bounds["letters"])


def _weights(table: pa.Table, han_letters: float) -> npt.NDArray[np.int64]:
    """The letters of title and subtitle; bytes of one letter in UTF-8 tell Han characters from others."""
    whole = pc.binary_join_element_wise(table.column("title"), table.column("subtitle"), EMPTY)
    letters = np.asarray(pc.utf8_length(whole).fill_null(0), np.int64)
    size = np.asarray(pc.binary_length(whole).fill_null(0), np.int64)
    han = (size - letters) // 2
    return letters + han * int(han_letters - 1)


@question("title_years")
def title_year(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The years inside title, subtitle or part number are equal; a year there is identity (P23, P24)."""
    return answer(*pairs.same_value("title_years"))


@question("title_numbers")
def title_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The other numbers inside the title are equal, as in numbered proceedings; close when one side leaves some out.

    29-31 leaves out the 30 of 29, 30 and 31. A single number must be the first one of the longer row.
    """
    same, both = pairs.same_text("title_numbers")
    differs = both & ~same
    close = np.zeros(len(pairs), np.bool_)
    rest = np.flatnonzero(differs)
    left, right = pairs.subset(rest).texts("title_numbers")
    for at, one, other in zip(rest, left.to_pylist(), right.to_pylist(), strict=True):
        short, long = sorted((one.split(), other.split()), key=len)
        close[at] = len(short) < len(long) and (
            short == long[: len(short)] or (len(short) > 1 and _in_row(short, long))
        )
    return answer(same, differs, close)


def _in_row(short: list[str], long: list[str]) -> bool:
    """Whether all numbers of the shorter row stand in the longer one in the same order."""
    left = iter(long)
    return all(number in left for number in short)
