"""Questions about publication and physical description: publisher, place, dates, extent, size."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from dedup.compare.kinds import in_han
from dedup.compare.pairs import MISSING, Concepts, Ints, Mask, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.compare.words import idle_words, initials_of, share_word, word_rules
from dedup.rules import RuleSet

_WORD = re.compile(r"\w+")


@question("publishers", slow=True)
def publisher(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records name one publisher, aliases resolved; close for a family, ISBN prefix or name in common (P11).

    A name in common counts only when it is not that of the place: many houses are called after their town.
    """
    left, right = pairs.counts("publishers")
    agrees = pairs.share("publishers")
    # What is left of a house without `books`, `press` and the like may be the name of its town: then others share it.
    town = agrees & pairs.share("publishers", "places") & ~pairs.share("publisher_families")
    agrees &= ~town
    close = town | pairs.share("publisher_families") | pairs.share("registrants")
    differs = (left > 0) & (right > 0) & ~agrees & ~close & ~pairs.in_two_scripts("publishers")
    rest = np.flatnonzero(differs)
    close[rest] = pairs.subset(rest).asked_once(("publishers", "places"), lambda *names: _name_in_common(*names, rules))
    return answer(agrees, differs, close)


@lru_cache(maxsize=1 << 16)
def _name_in_common(one: str, other: str, town: str, other_town: str, rules: RuleSet) -> bool:
    """Whether one house is the initials of the other, or both share a word: neither a common one nor a town's name.

    Few houses make many pairs.
    """
    towns = _words(town) | _words(other_town)
    if share_word(one, other, idle_words(rules), word_rules(rules), towns):
        return True
    return any(initials_of(ours, theirs) for ours in one.split("|") for theirs in other.split("|"))


@lru_cache(maxsize=1 << 16)
def _words(names: str) -> frozenset[str]:
    return frozenset(_WORD.findall(names))


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


@question("pages", "page_runs", "script")
def pages(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The extents are equal but for a few pages; close within the wider tolerance of the policy (P2, P7).

    For two Western books that tolerance is one of its own; and there extents are close as well when one record adds
    up the runs that the other counts apart (xi, 104 p. and 116 p.), or when the longest runs are equal.
    """
    bounds = limits(rules, "pages")
    left, right = pairs.numbers("pages")
    known = (left != MISSING) & (right != MISSING)
    apart = np.where(known, np.abs(left - right), 0)
    longest = np.where(known, np.maximum(left, right), 0)
    han = in_han(pairs)
    wide, wide_share = (
        np.where(han, bounds[f"close_{kind}"], bounds[f"western_{kind}"]) for kind in ("pages", "share")
    )
    equal, near = (
        np.maximum(np.minimum(some, bounds[f"leaflet_{kind}_share"] * longest), share * longest)
        for kind, some, share in (
            ("equal", bounds["equal_pages"], bounds["equal_share"]),
            ("close", wide, wide_share),
        )
    )
    agrees, close = known & (apart <= equal), known & (apart <= near)
    rest = np.flatnonzero(known & ~close & ~han)
    close[rest] |= _counted_otherwise(pairs.subset(rest), bounds)
    return answer(agrees, known, close)


def _counted_otherwise(pairs: Pairs, bounds: dict[str, float]) -> Mask:
    """Whether the pages of one record are all runs of the other together, or their longest runs are equal."""
    total = pairs.concepts.derived("page_runs total", lambda: _runs(pairs.concepts, np.add))
    longest = pairs.concepts.derived("page_runs longest", lambda: _runs(pairs.concepts, np.maximum))
    left, right = pairs.numbers("pages")
    summed = np.minimum(np.abs(total[pairs.left] - right), np.abs(total[pairs.right] - left)) <= bounds["equal_pages"]
    same = (longest[pairs.left] == longest[pairs.right]) & (longest[pairs.left] > bounds["pamphlet"])
    return np.asarray((summed | same) & (np.minimum(left, right) > bounds["pamphlet"]), np.bool_)


def _runs(concepts: Concepts, together: np.ufunc) -> Ints:
    """The runs of pages of each record, added up or the largest of them."""
    column = concepts.lists("page_runs")
    found = np.zeros(len(column.counts), np.int64)
    filled = np.flatnonzero(column.counts)
    if len(filled):
        found[filled] = together.reduceat(np.maximum(column.codes, 0), column.offsets[filled])
    return found


@question("pages")
def same_pages(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The pages are the same but for one; close for pamphlets, of which those of one series often have one extent."""
    bounds = limits(rules, "pages")
    left, right = pairs.numbers("pages")
    known = (left != MISSING) & (right != MISSING)
    same = known & (np.abs(np.where(known, left - right, 0)) <= bounds["same_pages"])
    return answer(same & (left > bounds["pamphlet"]), known & ~same, same)


@question("pages")
def pages_jump(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The number of pages changed so much that a new edition may hide behind a reprint (P2)."""
    bounds = limits(rules, "pages")
    left, right = pairs.numbers("pages")
    known = (left != MISSING) & (right != MISSING)
    apart = np.where(known, np.abs(left - right), 0)
    jump = known & (apart > bounds["jump_share"] * np.where(known, np.maximum(left, right), 0))
    return answer(known & ~jump, jump)


@question("units", "volume_total")
def units(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe the same number of volumes, as bound or as published (3 v. in 2)."""
    agrees, known = pairs.same_number("units")
    return answer(agrees | pairs.same_number("volume_total")[0], known)


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


@question("accompanying")
def accompanying_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One record names a disc or other accompanying material, the other none (P22)."""
    left, right = pairs.filled("accompanying")
    lone = left ^ right
    return answer(~lone, lone)
