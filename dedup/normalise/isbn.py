"""ISBNs as typed in one subfield, and the publisher prefixes of ISBNs. The one door to isbnlib, for its range table.

Source of the rules: ISO 2108; domain facts 1.2, P4, D01.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.kept import kept
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
CORE_DIGITS, LONG_DIGITS, SHORT_DIGITS = 9, 13, 10
_LONG_CORE = 10**11
FIRST_PREFIX = 978  # the one prefix under which thirteen digits have a ten-digit form (ISO 2108)


@dataclass(frozen=True, slots=True)
class Isbn:
    """One number: `core` is its 9 digits without 978 and check digit (979: the 12 digits without check digit).

    `valid`: its check digit is right. `form`: 10 or 13, as typed. `rest`: what is typed behind it, the qualifier.
    """

    core: int
    valid: bool
    form: int
    rest: str


@dataclass(frozen=True, slots=True)
class IsbnShapes:
    """`rules/isbn.toml`, compiled."""

    signs: dict[int, str]
    look_alikes: dict[int, str]
    label: re.Pattern[str]
    number: re.Pattern[str]
    prefixes: tuple[str, ...]
    dummies: frozenset[int]


@cache
def isbn_shapes(rules: RuleSet) -> IsbnShapes:
    """Compile `rules/isbn.toml`, once per rule set."""
    table = rules.tables["isbn"]
    return IsbnShapes(
        signs=str.maketrans(table["characters"]),
        look_alikes=str.maketrans(table["look_alikes"]),
        label=re.compile(table["patterns"]["label"]),
        number=re.compile(table["patterns"]["number"]),
        prefixes=tuple(str(prefix) for prefix in table["prefixes"]),
        dummies=frozenset(table["dummies"]),
    )


def check_ten(digits: str) -> bool:
    """Whether ten characters end with the right check digit (modulus 11)."""
    if not re.fullmatch("[0-9]{9}[0-9X]", digits):
        return False
    weighed = sum((10 - at) * int(digit) for at, digit in enumerate(digits[:CORE_DIGITS]))
    return (weighed + (10 if digits[9] == "X" else int(digits[9]))) % 11 == 0


def check_thirteen(digits: str) -> bool:
    """Whether thirteen digits end with the right check digit (modulus 10)."""
    weighed = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits) if digit.isdigit())
    return len(digits) == LONG_DIGITS and digits.isdigit() and weighed % 10 == 0


def parse_isbn(text: str, rules: RuleSet) -> tuple[Isbn, ...]:
    """All ISBNs typed in one subfield; none for a template rest (`7-5`), a dummy (0000000000), another number.

    Read are hyphens, blanks, full-width digits, x, ×, * for X, O and l for 0 and 1, an ISBN label, two numbers glued
    together, 978 with the old check digit and a 13-digit number that lost its 978 (both: right core, not valid).
    """
    shapes = isbn_shapes(rules)
    plain = shapes.label.sub(" ", unicodedata.normalize("NFKC", text.translate(shapes.signs)).translate(shapes.signs))
    found: list[tuple[int, bool, int, int, int]] = []
    for run in shapes.number.finditer(plain):
        digits = re.sub("[^0-9A-Z]", "", run[0].translate(shapes.look_alikes).upper())
        found += [(*one, run.start(), run.end()) for piece in _pieces(digits, shapes) if (one := _one(piece, shapes))]
    found = [one for one in found if one[0] not in shapes.dummies]
    isbns = []
    for at, (core, valid, form, _, end) in enumerate(found):
        following = next((begin for *_, begin, _ in found[at:] if begin > end), len(plain))
        isbns.append(Isbn(core, valid, form, plain[end:following].strip()))
    return tuple(isbns)


def _pieces(digits: str, shapes: IsbnShapes) -> list[str]:
    """Cut apart numbers glued together: 13 digits where a Bookland prefix stands, else 10."""
    pieces = []
    while digits:
        long = digits.startswith(shapes.prefixes) and len(digits) >= LONG_DIGITS
        if long and check_thirteen(digits[:LONG_DIGITS]):
            size = LONG_DIGITS
        elif len(digits) < SHORT_DIGITS + CORE_DIGITS:
            size = len(digits)
        else:
            size = LONG_DIGITS if long and not check_ten(digits[:SHORT_DIGITS]) else SHORT_DIGITS
        pieces.append(digits[:size])
        digits = digits[size:]
    return pieces


def _one(digits: str, shapes: IsbnShapes) -> tuple[int, bool, int] | None:
    """Core, validity and form of one number without hyphens; None when it is no ISBN."""
    long = digits.startswith(shapes.prefixes)
    if len(digits) == LONG_DIGITS and long and digits[:-1].isdigit():
        first = shapes.prefixes[0]
        core = digits[3:12] if digits.startswith(first) else digits[:12]
        return int(core), check_thirteen(digits), LONG_DIGITS
    if len(digits) == LONG_DIGITS - 1 and long and digits.isdigit():
        return int(digits[3:] if digits.startswith(shapes.prefixes[0]) else digits), False, LONG_DIGITS
    if len(digits) == SHORT_DIGITS and digits[:-1].isdigit():
        valid = check_ten(digits)
        # A 13-digit number cut after ten digits has lost its core.
        return None if long and not valid else (int(digits[:CORE_DIGITS]), valid, SHORT_DIGITS)
    if len(digits) == CORE_DIGITS and check_ten(f"0{digits}"):
        # A Standard Book Number of 1967-1974 is the ISBN without its first 0.
        return int(digits[:-1]), True, SHORT_DIGITS
    return None


@dataclass(frozen=True, slots=True)
class RegistrantRanges:
    """The ISBN range table laid over the whole number space of twelve digits, in ascending `start`.

    `group`, `prefix`: digits behind 978 or 979 up to the end of the group, of the registrant; 0 where unassigned.
    """

    start: Ints
    group: Ints
    prefix: Ints


@cache
def registrant_ranges() -> RegistrantRanges:
    """The ranges of isbnlib's copy of the International ISBN Agency's range file."""
    starts, groups, prefixes = (np.frombuffer(data, np.int64) for data in kept("isbn", version("isbnlib"), _ranges))
    return RegistrantRanges(starts, groups, prefixes)


def _ranges() -> tuple[bytes, bytes, bytes]:
    """The columns of RegistrantRanges as bytes."""
    from isbnlib._data.data4mask import ranges

    rows = []
    for name, parts in ranges.items():
        digits = name.replace("-", "")
        size = 12 - len(digits)
        base, group = int(digits) * 10**size, len(digits) - 3
        for low, high, length in parts:
            # Range bounds have seven digits, whatever the room behind the group.
            begin, end = (bound * 10**size // 10**7 for bound in (low, high + 1))
            rows += [(base + begin, group, group + length), (base + end, 0, 0)]
    # Where a range ends and the next begins, the beginning counts.
    placed = {start: (group, prefix) for start, group, prefix in sorted(rows, key=lambda row: (row[0], row[2]))}
    columns = np.array([(0, 0, 0), *((start, *placed[start]) for start in sorted(placed))], np.int64).T
    return columns[0].tobytes(), columns[1].tobytes(), columns[2].tobytes()


def full_cores(cores: Ints) -> Ints:
    """Twelve digits, with 978 or 979."""
    return np.where(cores >= _LONG_CORE, cores, cores + FIRST_PREFIX * 10**CORE_DIGITS)


def registrants_of(cores: Ints) -> pa.StringArray:
    """The publisher prefix of each core: `7-302`, `0-387`, with 979 `979-10-90636`; "" where nothing is assigned."""
    ranges = registrant_ranges()
    full = full_cores(cores)
    at = np.searchsorted(ranges.start, full, side="right") - 1
    group, prefix = ranges.group[at], ranges.prefix[at]
    # One number for the prefix, its length and where the group ends, so that each prefix is spelt once.
    packed = (full // 10 ** (CORE_DIGITS - prefix) * 16 + prefix) * 16 + group
    distinct, index = np.unique(np.where(prefix > 0, packed, 0), return_inverse=True)
    return pa.array([_spelt(one) for one in distinct.tolist()], pa.string()).take(pa.array(index))


def _spelt(packed: int) -> str:
    digits, prefix, group = str(packed // 256), packed // 16 % 16, packed % 16
    if not prefix:
        return ""
    name = f"{digits[3 : 3 + group]}-{digits[3 + group :]}"
    return name if int(digits[:3]) == FIRST_PREFIX else f"{digits[:3]}-{name}"
