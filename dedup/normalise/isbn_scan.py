"""Read a column of ISBN subfields: plain numbers by array arithmetic, the rest by `parse_isbn`, once per value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import IsbnRole
from dedup.normalise.arrow import one_of
from dedup.normalise.gathered import memory
from dedup.normalise.isbn import CORE_DIGITS, FIRST_PREFIX, LONG_DIGITS, SHORT_DIGITS, isbn_shapes, parse_isbn
from dedup.normalise.isbn_role import role_of
from dedup.normalise.subfield import distinct
from dedup.normalise.window import number_at, window
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_WIDTH = 14
_X, _ENDS = np.zeros((2, 256), np.bool_)
_X[list(b"Xx")] = True
_ENDS[list(b"\0 (")] = True


@dataclass(frozen=True, slots=True)
class Numbers:
    """ISBNs found in a column: `at` is the place of the value in the column, ascending; the rest as in `isbn.Isbn`."""

    at: Ints
    core: Ints
    valid: Mask
    form: Ints
    role: Ints


def scan(values: pa.StringArray, rules: RuleSet) -> Numbers:
    """All ISBNs of a column, with the role that the text behind the number gives. Null holds none."""
    plain = pc.replace_substring(values, "-", "") if pc.any(pc.match_substring(values, "-")).as_py() else values
    matrix, lengths = window(plain, _WIDTH)
    core, valid, form = _plain(matrix)
    # Between hyphens a number could be cut in two, and a second number may follow: both go the slow way.
    odd = (form == 0) & (lengths >= CORE_DIGITS)
    more = np.flatnonzero((form > 0) & (lengths > form))
    rests = pc.utf8_slice_codeunits(plain.take(pa.array(more)), SHORT_DIGITS)
    several = np.asarray(pc.match_substring_regex(rests, "[0-9][0-9Xx]{7}")).astype(np.bool_)
    odd[more[several]] = True
    more, rests = more[~several], rests.filter(pa.array(~several))
    role = np.zeros(len(values), np.int64)
    role[more] = _roles(pc.replace_substring_regex(rests, "^[0-9]{3}", ""), rules)
    dummy = one_of(core, np.array(sorted(isbn_shapes(rules).dummies), np.int64))
    quick = np.flatnonzero((form > 0) & ~odd & ~dummy)
    slow = _slow(np.flatnonzero(odd), values, rules)
    parts = (quick, core[quick], valid[quick].astype(np.int64), form[quick], role[quick])
    joined = [np.concatenate(pair) for pair in zip(parts, slow, strict=True)]
    order = np.argsort(joined[0], kind="stable")
    at, core, good, form, role = (part[order] for part in joined)
    return Numbers(at, core, good.astype(np.bool_), form, role)


def _plain(matrix: npt.NDArray[np.uint8]) -> tuple[Ints, Mask, Ints]:
    """Core, validity, form (0 = not plain) of rows that begin with the 10 or 13 characters of an ISBN and then end."""
    digits = matrix.astype(np.int64) - ord("0")
    is_digit = (digits >= 0) & (digits <= 9)
    long = is_digit[:, :LONG_DIGITS].all(axis=1) & _ENDS[matrix[:, LONG_DIGITS]]
    prefix = number_at(matrix, 0, 3)
    long &= (prefix == FIRST_PREFIX) | (prefix == FIRST_PREFIX + 1)
    last_x = _X[matrix[:, CORE_DIGITS]]
    short = is_digit[:, :CORE_DIGITS].all(axis=1) & (is_digit[:, CORE_DIGITS] | last_x)
    short &= _ENDS[matrix[:, SHORT_DIGITS]]
    check = np.where(last_x, 10, digits[:, CORE_DIGITS])
    short_valid = (digits[:, :CORE_DIGITS] @ np.arange(SHORT_DIGITS, 1, -1) + check) % 11 == 0
    long_valid = digits[:, :LONG_DIGITS] @ np.tile([1, 3], 7)[:LONG_DIGITS] % 10 == 0
    # Ten digits that begin like a 13-digit number and do not add up are a cut number: left to the slow way.
    short &= short_valid | ((prefix != FIRST_PREFIX) & (prefix != FIRST_PREFIX + 1))
    inner = number_at(matrix, 3, CORE_DIGITS)
    long_core = np.where(prefix == FIRST_PREFIX, inner, prefix * 10**CORE_DIGITS + inner)
    core = np.where(long, long_core, number_at(matrix, 0, CORE_DIGITS))
    return core, np.where(long, long_valid, short_valid), np.where(long, LONG_DIGITS, np.where(short, SHORT_DIGITS, 0))


def _roles(qualifiers: pa.StringArray, rules: RuleSet) -> Ints:
    found = distinct(lambda text: int(role_of(text, rules)), qualifiers, memory(rules, "isbn role"))
    return np.array([int(IsbnRole.SELF) if role is None else role for role in found], np.int64)


def _slow(at: Ints, values: pa.StringArray, rules: RuleSet) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The same five columns for the values at the given places, by the exact parser."""

    def read(text: str) -> tuple[tuple[int, int, int, int], ...]:
        """The numbers of one value with their roles, as plain tuples."""
        return tuple((n.core, n.valid, n.form, int(role_of(n.rest, rules))) for n in parse_isbn(text, rules))

    found = distinct(read, values.take(pa.array(at)), memory(rules, "isbn"))
    rows = [(place, *one) for place, several in zip(at.tolist(), found, strict=True) for one in several or ()]
    table = np.array(rows, np.int64).reshape(-1, 5)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4]


def qualifier_roles(values: pa.StringArray, rules: RuleSet) -> Ints:
    """The role each qualifier gives (`IsbnRole` as numbers)."""
    return _roles(values, rules)
