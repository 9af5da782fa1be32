"""Questions about publication and physical description: publisher, place, dates, extent, size."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from dedup.compare.pairs import MISSING, Ints, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.compare.words import idle_words, share_word, word_rules
from dedup.rules import RuleSet

_WORD = re.compile(r"\w+")


@question("publishers", slow=True)
def publisher(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name one publisher, aliases resolved; close for a family, ISBN prefix or name in common (P11).

    A name in common counts only when it is not that of the place: many houses are called after their town.
    """
    left, right = pairs.counts("publishers")
    agrees = pairs.share("publishers")
    close = pairs.share("publisher_families") | pairs.share("registrants")
    differs = (left > 0) & (right > 0) & ~agrees & ~close & ~pairs.in_two_scripts("publishers")
    rest = np.flatnonzero(differs)
    part = pairs.subset(rest)
    sides = (column.to_pylist() for name in ("publishers", "places") for column in part.joined(name))
    close[rest] = [_name_in_common(*names, rules) for names in zip(*sides, strict=True)]
    return answer(agrees, differs, close)


@lru_cache(maxsize=1 << 16)
def _name_in_common(one: str, other: str, town: str, other_town: str, rules: RuleSet) -> bool:
    """Whether two houses share a word that is neither a common one nor a town's name; few houses make many pairs."""
    idle = idle_words(rules).union(_WORD.findall(town), _WORD.findall(other_town))
    return share_word(one, other, idle, word_rules(rules))


@question("places")
def place(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name one place of publication; never identity by itself."""
    left, right = pairs.counts("places")
    return answer(pairs.share("places"), (left > 0) & (right > 0) & ~pairs.in_two_scripts("places"))


def _years(pairs: Pairs) -> tuple[list[Ints], list[Ints]]:
    names = ("transcribed_year", "copyright_year", "year")
    sides = [pairs.numbers(name) for name in names]
    return [left for left, _ in sides], [right for _, right in sides]


@question("year", "copyright_year", "fixed_year")
def year(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The years of publication are equal; close for one year apart, or for a copyright year (P12)."""
    left, right = pairs.numbers("year")
    known = (left != MISSING) & (right != MISSING)
    lefts, rights = _years(pairs)
    cross = np.zeros(len(pairs), np.bool_)
    near = np.zeros(len(pairs), np.bool_)
    for one in lefts:
        for other in rights:
            both = (one != MISSING) & (other != MISSING)
            cross |= both & (one == other)
            near |= both & (np.abs(one - other) <= 1)
    return answer(known & (left == right), known & ~near, cross | near)


@question("fixed_year", "fixed_year2")
def fixed_date(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The coded years are equal."""
    return answer(*pairs.same_number("fixed_year"))


@question("pages", "page_runs")
def pages(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The extents are equal but for a few pages; close within the wider tolerance of the policy (P2, P7)."""
    bounds = limits(rules, "pages")
    left, right = pairs.numbers("pages")
    known = (left != MISSING) & (right != MISSING)
    apart = np.where(known, np.abs(left - right), 0)
    longest = np.where(known, np.maximum(left, right), 0)
    equal, near = (
        np.maximum(np.minimum(bounds[f"{kind}_pages"], bounds[f"leaflet_{kind}_share"] * longest), share * longest)
        for kind, share in (("equal", bounds["equal_share"]), ("close", bounds["close_share"]))
    )
    agrees, close = known & (apart <= equal), known & (apart <= near)
    return answer(agrees, known, close)


@question("pages")
def pages_jump(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The number of pages changed so much that a new edition may hide behind a reprint (P2)."""
    bounds = limits(rules, "pages")
    left, right = pairs.numbers("pages")
    known = (left != MISSING) & (right != MISSING)
    apart = np.where(known, np.abs(left - right), 0)
    jump = known & (apart > bounds["jump_share"] * np.where(known, np.maximum(left, right), 0))
    return answer(known & ~jump, jump)


@question("units")
def units(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe the same number of physical volumes."""
    return answer(*pairs.same_number("units"))


@question("size")
def size(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The heights are equal within the tolerance of the policy, in centimetres."""
    bounds = limits(rules, "size")
    left, right = pairs.numbers("size")
    known = (left != MISSING) & (right != MISSING)
    apart = np.where(known, np.abs(left - right), 0)
    return answer(known & (apart <= bounds["equal_cm"]), known, known & (apart <= bounds["close_cm"]))


@question("price")
def price(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The prices are equal; a changed price never separates (P3)."""
    return answer(*pairs.same_text("price"))


@question("binding")
def binding(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name one binding; two bindings of one edition belong in one record (P6, P7)."""
    return answer(*pairs.same_value("binding"))


@question("binding")
def binding_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """At least one record names its binding, and not both the same one: then two ISBNs are explained (P7)."""
    left, right = pairs.counts("binding")
    return answer(((left > 0) | (right > 0)) & ~pairs.share("binding"), np.zeros(len(pairs), np.bool_))
