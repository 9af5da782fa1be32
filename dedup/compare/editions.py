"""Questions about editions and printings."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from dedup.compare.pairs import MISSING, Concepts, Ints, Outcomes, Pairs, answer
from dedup.compare.question import question
from dedup.compare.titles import same_words
from dedup.rules import RuleSet

FIRST = 1


@question("edition_number", "edition_text")
def edition_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The edition numbers are equal; not stated is the first edition, but may also be forgotten (P9, P10)."""
    return answer(*pairs.same_number("edition_number"))


@question("edition_number", "edition_text")
def edition_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One record states a second or later edition, the other no number (P10)."""
    left, right = pairs.numbers("edition_number")
    lone = ((left == MISSING) & (right > FIRST)) | ((right == MISSING) & (left > FIRST))
    return answer(~lone, lone)


@question("edition_text", slow=True)
def edition_wording(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The edition statements have the same words; differs when both have their own (bound ed., loose-leaf ed.)."""
    return same_words(pairs, "edition_text", rules)


@question("edition_kinds", "subtitle", "responsibility", slow=True)
def edition_told(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The change of content that one record names as its edition is told in the other's title or statement of names.

    Older records write the edition behind the title: `/ by W. Picht. Rev. ed. tr. from the German` (P8).
    """
    left, right = pairs.joined("edition_kinds")
    found = np.zeros(len(pairs), np.bool_)
    kinds = zip(left.to_pylist(), right.to_pylist(), strict=True)
    lone = [(at, one, other) for at, (one, other) in enumerate(kinds) if bool(one) != bool(other)]
    for at, one, other in lone:
        silent = pairs.subset(np.array([at])).right if one else pairs.subset(np.array([at])).left
        told = {kind for name in ("subtitle", "responsibility") for kind in _kinds_told(pairs, name, silent, rules)}
        found[at] = not told.isdisjoint((one or other).split("|"))
    return answer(found, np.zeros(len(pairs), np.bool_))


def _kinds_told(pairs: Pairs, name: str, record: Ints, rules: RuleSet) -> set[str]:
    """The kinds of edition that words in a text column of one record name."""
    text = pairs.concepts.text(name)[int(record[0])].as_py()
    return {kind for kind, pattern in _kind_words(rules).items() if text and pattern.search(text)}


@cache
def _kind_words(rules: RuleSet) -> dict[str, re.Pattern[str]]:
    """Western words of each kind of edition, as whole words in folded text."""
    words = {row.id: [word for word in row.entries if word.isascii()] for row in rules.terms["edition"]}
    return {
        kind: re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, entries))})(?![^\W_])")
        for kind, entries in words.items()
        if entries
    }


@question("edition_original")
def edition_original(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The translations follow one edition of the original (原书第n版)."""
    return answer(*pairs.same_number("edition_original"))


@question("edition_year")
def edition_year(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Year editions (2019版) are of one year (P23)."""
    return answer(*pairs.same_number("edition_year"))


def _kind_codes(pairs: Pairs, effect: str, rules: RuleSet) -> tuple[Ints, Ints]:
    """Bit sets of the kinds with one effect that each side names."""
    sets = pairs.concepts.derived(f"edition_kinds {effect}", lambda: _kind_sets(pairs.concepts, effect, rules))
    return sets[pairs.left], sets[pairs.right]


def _kind_sets(concepts: Concepts, effect: str, rules: RuleSet) -> Ints:
    """For every record the kinds with one effect as a bit set."""
    ids = [row.id for row in rules.terms["edition"] if row.more.get("effect") == effect]
    column = concepts.lists("edition_kinds")
    position = {value: place for place, value in enumerate(ids)}
    bits = np.array([1 << position[name] if name in position else 0 for name in column.dictionary.to_pylist()] + [0])
    row = np.repeat(np.arange(len(column.counts)), column.counts)
    sets = np.zeros(len(column.counts), np.int64)
    np.bitwise_or.at(sets, row, bits[column.codes])
    return sets


@question("edition_kinds", "edition_text")
def edition_kind(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name the same change of content (revised, enlarged, abridged, illustrated ...) (P8, P28)."""
    left, right = _kind_codes(pairs, "content", rules)
    both = (left != 0) & (right != 0)
    return answer(both & (left == right), both & ((left & right) == 0), both & ((left & right) != 0))


@question("edition_kinds", "edition_text")
def edition_kind_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Only one record names a change of content (P8)."""
    left, right = _kind_codes(pairs, "content", rules)
    lone = (left != 0) ^ (right != 0)
    return answer(~lone, lone)


@question("edition_kinds", "edition_text")
def other_identity(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both or neither are a facsimile, a licensed reprint, a text in other characters and the like (P19, P20)."""
    left, right = _kind_codes(pairs, "other_identity", rules)
    return answer(left == right, left != right)


@question("edition_forms")
def edition_form(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both or neither are called a paperback, deluxe, pocket or anniversary edition: form, not content."""
    left, right = pairs.counts("edition_forms")
    shared = pairs.share("edition_forms")
    none = (left == 0) & (right == 0)
    return answer(shared | none, ((left > 0) ^ (right > 0)) | (~shared & ~none))


@question("is_reprint", "printing_year", "printing_number")
def reprint(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """At least one record says that it describes a later printing (P1); printings never separate."""
    left, right = pairs.numbers("is_reprint")
    said = (left == 1) | (right == 1)
    return answer(said, np.zeros(len(pairs), np.bool_))
