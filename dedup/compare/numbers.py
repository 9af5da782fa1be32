"""Questions about standard numbers."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from dedup.compare.pairs import Concepts, ListColumn, Outcomes, Pairs, answer, share_codes
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
    left, right = pairs.counts("registrants")
    return answer(pairs.share("registrants"), (left > 0) & (right > 0))


@question("unified_number")
def unified_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one 统一书号 (Chinese books before 1988)."""
    return answer(*pairs.same_text("unified_number"))


@question("source_numbers")
def source_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one number of the agency they were copied from (CALIS, OCLC, Library of Congress).

    Two different numbers say little: agencies hold duplicates too.
    """
    left, right = pairs.counts("source_numbers")
    return answer(pairs.share("source_numbers"), (left > 0) & (right > 0))


@question("standard_numbers")
def standard_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe one standard: body, number and year are its identity (P25)."""
    left, right = pairs.counts("standard_numbers")
    return answer(pairs.share("standard_numbers"), (left > 0) & (right > 0))


@question("document_numbers")
def document_number(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one report, document or publisher's number.

    Two numbers differ when they belong to one sequence (`I 19.81:` 40080 and 40079); numbers of two sequences may
    both stand on one book.
    """
    shared = pairs.share("document_numbers")
    column = pairs.concepts.lists("document_numbers")
    stems = _stems(pairs.concepts, column, rules)
    return answer(shared, ~shared & share_codes(stems, stems, pairs))


def _stems(concepts: Concepts, column: ListColumn, rules: RuleSet) -> ListColumn:
    """The sequence of each number: what stands before the colon, or before the first digit."""
    cut = rules.tables["policy"]["limits"]["document_number"]["stem"]
    return concepts.recoded("document_numbers", lambda values: pc.replace_substring_regex(values, cut, r"\1"))


@question("issn")
def issn(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records carry one ISSN of their own."""
    left, right = pairs.counts("issn")
    return answer(pairs.share("issn"), (left > 0) & (right > 0))
