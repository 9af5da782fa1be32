"""Questions about standard numbers."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from dedup.compare.lists import WIDTH, ListColumn
from dedup.compare.pairs import Concepts, Mask, Outcomes, Pairs, answer, share_codes
from dedup.compare.question import question
from dedup.rules import RuleSet


@question("isbn", "isbn_weak")
def isbn(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one ISBN, ten and thirteen digits being one number; close when a copy of it is misprinted.

    Numbers of sets, single volumes, discs and electronic editions are left out (P4, P14, P21).
    """
    left, right = pairs.counts("isbn")
    weak_left, weak_right = pairs.counts("isbn_weak")
    shared = pairs.share("isbn")
    close = pairs.share("isbn", "isbn_weak") | pairs.share("isbn_weak")
    both = (left + weak_left > 0) & (right + weak_right > 0)
    differs = both & ((left > 0) & (right > 0))
    return answer(shared, differs, close)


@question("isbn_set", "isbn_part")
def set_isbn(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """An ISBN of one record is the number of the set, or of one volume, in the other (P14)."""
    hit = pairs.share("isbn_set") | pairs.share("isbn", "isbn_set")
    hit |= pairs.share("isbn_part") | pairs.share("isbn", "isbn_part")
    return answer(hit, np.zeros(len(pairs), np.bool_))


@question("registrants")
def registrant(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The ISBNs of both records belong to one publisher's prefix (P11)."""
    return answer(*pairs.same_value("registrants"))


@question("registrants")
def isbn_region(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The ISBNs of both records come from China, or of both from elsewhere (P19)."""
    inside = pairs.concepts.holding("registrants", rules.tables["policy"]["limits"]["isbn_region"]["china"])
    left, right = pairs.counts("registrants")
    both = (left > 0) & (right > 0)
    alike = inside[pairs.left] == inside[pairs.right]
    return answer(both & alike, both & ~alike)


@question("unified_number")
def unified_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one 统一书号 (Chinese books before 1988)."""
    return answer(*pairs.same_text("unified_number"))


@question("source_numbers")
def source_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one number of the agency they were copied from (CALIS, OCLC, Library of Congress).

    Two different numbers say little: agencies hold duplicates too.
    """
    return answer(*pairs.same_value("source_numbers"))


@question("standard_numbers")
def standard_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe one standard: body, number and year are its identity (P25)."""
    return answer(*pairs.same_value("standard_numbers"))


@question("document_numbers")
def document_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one report, document or publisher's number.

    Within one sequence (`I 19.81:` 40080 and 40079) two numbers are two documents, whatever other number both bear
    (a report bound in a volume of a numbered set); numbers of two sequences may both stand on one book.
    """
    column = pairs.concepts.lists("document_numbers")
    apart = _apart(column, _sequences(pairs.concepts, rules), pairs)
    return answer(pairs.share("document_numbers") & ~apart, apart)


def _sequences(concepts: Concepts, rules: RuleSet) -> ListColumn:
    """The sequence of each number, cut as the policy says."""
    cut = rules.tables["policy"]["limits"]["document_number"]["sequence"]
    return concepts.recoded("document_numbers", lambda values: pc.replace_substring_regex(values, cut, r"\1\2\3"))


def _apart(numbers: ListColumn, sequences: ListColumn, pairs: Pairs) -> Mask:
    """Whether both sides have numbers of one sequence without sharing one of them there."""
    apart = share_codes(sequences, sequences, pairs)
    ask = np.flatnonzero(apart)
    left, right = pairs.left[ask], pairs.right[ask]
    widest = int(max(numbers.counts[left].max(initial=0), numbers.counts[right].max(initial=0)))
    if widest > WIDTH:
        long = (numbers.counts[left] > WIDTH) | (numbers.counts[right] > WIDTH)
        apart[ask[long]] = [_apart_in(numbers, sequences, *ends) for ends in zip(left[long], right[long], strict=True)]
        ask, left, right = ask[~long], left[~long], right[~long]
    ours, theirs = numbers.heads[left], numbers.heads[right]
    our_row, their_row = sequences.heads[left], sequences.heads[right]
    places = range(min(widest, WIDTH))
    shared = [np.any((ours[:, [i]] == theirs) & (ours[:, [i]] >= 0), axis=1) for i in places]
    found = np.zeros(len(ask), np.bool_)
    for i in places:
        both = np.any((our_row[:, [i]] == their_row) & (our_row[:, [i]] >= 0), axis=1)
        settled = np.zeros(len(ask), np.bool_)
        for k in places:
            settled |= shared[k] & (our_row[:, k] == our_row[:, i])
        found |= both & ~settled
    apart[ask] = found
    return apart


def _apart_in(numbers: ListColumn, sequences: ListColumn, left: int, right: int) -> bool:
    """`_apart` for one pair with more numbers than fit the matrix."""
    ours, theirs = (
        {(sequences.codes[at], numbers.codes[at]) for at in range(numbers.offsets[side], numbers.offsets[side + 1])}
        for side in (left, right)
    )
    both = {row for row, _ in ours} & {row for row, _ in theirs}
    return not both <= {row for row, _ in ours & theirs}


@question("document_numbers")
def document_in_common(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records bear the class number of a document (`D 103.22:F 16/4`) and have at least one number in common.

    A document issued by two offices, or once more inside a numbered set, bears two class numbers: two publications.
    """
    pattern = rules.tables["policy"]["limits"]["document_number"]["class"]
    bears = pairs.concepts.holding("document_numbers", pattern)
    both = bears[pairs.left] & bears[pairs.right]
    return answer(both & pairs.share("document_numbers"), both)


@question("issn")
def issn(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one ISSN of their own."""
    return answer(*pairs.same_value("issn"))
