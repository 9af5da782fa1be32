"""Questions about how a duplicate came to be: in what two records of one edition differ that a search trips over.

They are asked of pairs that have been judged already, by `dedup.compare.causes`; the policy does not need them.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.pairs import HAN, MISSING, Mask, Outcomes, Pairs, answer
from dedup.compare.question import question
from dedup.rules import RuleSet


def _any_number(pairs: Pairs) -> tuple[Mask, Mask]:
    """Whether each side carries an ISBN of its own, right or misprinted."""
    sides = [pairs.counts(name) for name in ("isbn", "isbn_weak")]
    return (sides[0][0] > 0) | (sides[1][0] > 0), (sides[0][1] > 0) | (sides[1][1] > 0)


@question("isbn_typed")
def isbn_form(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records give one ISBN in one form; differs when one gives ten digits and the other thirteen (D01).

    A search for the number as one record gives it does not find the other.
    """
    left, right = pairs.counts("isbn_typed")
    shared = pairs.share("isbn_typed")
    one_number = pairs.share("isbn") | pairs.share("isbn", "isbn_weak") | pairs.share("isbn_weak")
    return answer(shared, (left > 0) & (right > 0) & ~shared & one_number)


@question("isbn", "isbn_weak")
def isbn_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry an ISBN; differs when only one does, so that a search by ISBN misses the other (D12)."""
    left, right = _any_number(pairs)
    return answer(left & right, left ^ right)


@question("unified_number", "isbn")
def number_system(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One record has only the 统一书号 of before 1988, the other only the ISBN of a later printing (D01)."""
    left, right = _any_number(pairs)
    unified_left, unified_right = pairs.filled("unified_number")
    apart = (left & ~right & unified_right & ~unified_left) | (right & ~left & unified_left & ~unified_right)
    return answer((unified_left & unified_right) | (left & right), apart)


@question("isbn_noted", "isbn")
def isbn_noted(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The ISBN of one record stands only in a note of the other (D01)."""
    noted = pairs.share("isbn_noted", "isbn") & ~pairs.share("isbn")
    return answer(np.zeros(len(pairs), np.bool_), noted)


@question("binding")
def binding_set(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name the same bindings; differs when one names more than the other, as of several ISBNs (D02)."""
    sums = pairs.concepts.sums("binding")
    left, right = sums[pairs.left], sums[pairs.right]
    both = (left != 0) & (right != 0)
    return answer(both & (left == right), both)


@question("heading_forms")
def heading_form(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The access points of names are the same, apart from punctuation and traditional characters; differs also when
    only tag or indicator do, and when one record has none (D04).
    """
    recoded = pairs.concepts.recoded("heading_forms", lambda values: _bare(values, rules))
    sums = pairs.concepts.sums("heading_forms", recoded)
    left, right = sums[pairs.left], sums[pairs.right]
    return answer((left == right) & (left != 0), left != right)


def _bare(values: pa.Array, rules: RuleSet) -> pa.Array:
    """Letters and figures alone, without accents and case, in simplified characters.

    A light form of the skeleton: these values are nearly all different, and only compared with each other.
    """
    plain = pc.utf8_lower(pc.replace_substring_regex(pc.utf8_normalize(values, "NFKD"), r"[^\p{L}\p{N}]+", ""))
    han = np.asarray(pc.match_substring_regex(plain, HAN)).astype(np.bool_)
    table = str.maketrans(dict(rules.characters))
    simplified = pa.array([text.translate(table) for text in plain.filter(pa.array(han)).to_pylist()], pa.string())
    return pc.replace_with_mask(plain, pa.array(han), simplified)


@question("series", "note_series", "note_keys", "title", "subtitle", slow=True)
def series_place(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name the series in its own field; differs when one has it in a note, in front of the title or among
    the other title information (D08).
    """
    shared = pairs.share("series")
    left, right = pairs.counts("series")
    rest = np.flatnonzero(~shared & ((left > 0) | (right > 0)))
    part = pairs.subset(rest)
    named, noted = (part.joined(names) for names in ("series", "note_series+note_keys"))
    told = [part.texts(name) for name in ("title", "subtitle")]
    sides = zip(*(column.to_pylist() for pair in (named, noted, *told) for column in pair), strict=True)
    elsewhere = np.zeros(len(pairs), np.bool_)
    for at, (one, other, notes, others, title, other_title, more, other_more) in zip(rest, sides, strict=True):
        elsewhere[at] = _stands_in(one, others, other_title, other_more) or _stands_in(other, notes, title, more)
    return answer(shared, elsewhere)


def _stands_in(series: str, notes: str, title: str, subtitle: str) -> bool:
    """Whether one of some series (apart by `|`) is one of the notes, begins the title or is in the subtitle."""
    found = set(notes.split("|"))
    return any(
        one and (one in found or title.replace(" ", "").startswith(one) or one in subtitle.replace(" ", ""))
        for one in series.split("|")
    )


@question("faults")
def item_class(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The items of both records stand in the class of their book; differs when those of one do not: perhaps a record
    that was downloaded for another book (D10).
    """
    odd = pairs.concepts.holding("faults", rules.tables["policy"]["limits"]["item_class"]["fault"])
    return answer(~odd[pairs.left] & ~odd[pairs.right], odd[pairs.left] != odd[pairs.right])


@question("libraries")
def items(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records have items; differs when only one has, close when neither has although their sources tell of items
    (D09).
    """
    left, right = pairs.numbers("held")
    without = (left == MISSING) | (right == MISSING)
    differs = ((left == 1) ^ (right == 1)) & ~without
    return answer((left == 1) & (right == 1), differs, (left == 0) & (right == 0))
