"""Books of a made catalogue: drawn in bulk by NumPy, one `Book` each, with ISBNs that belong to their publisher."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter, mul

import numpy as np

from benchmarks.made import words

Fields = list[tuple[str, str]]
_WEIGHTS = range(10, 1, -1)
_SPARE = 60  # numbers kept at the top of a publisher for a part that is above its expectation


@dataclass(frozen=True, slots=True)
class Publisher:
    """A publisher, its ISBN prefix (group and registrant) and how often it is met."""

    name: str
    place: str
    group: str
    registrant: str
    country: str
    share: float

    @property
    def digits(self) -> int:
        """Digits left for the title number."""
        return 9 - len(self.group) - len(self.registrant)


@dataclass(slots=True)
class Book:
    """One edition as it will be described; a story changes a copy of it.

    `entered` stands in 100 / 008, `created` is the day the record was made (item date, 801$c, 005; empty = `entered`).
    `numbers` replaces the ISBN fields, `more` adds fields, `less` leaves tags out; `noise` holds bits of noise.py.
    `junk` holds the codes, any of them right, of a record without a usable title; `garble` the way its text was broken;
    `faults` names planted faults.
    """

    chinese: bool
    title: str
    subtitle: str
    authors: list[str]
    publisher: Publisher
    serial: str
    year: int
    pages: int
    price: int
    entered: str
    klass: str
    created: str = ""
    series: str = ""
    series_number: str = ""
    edition: int = 1
    edition_text: str = ""
    isbn_form: str = "10"
    qualifier: str = ""
    set_text: str = ""
    numbers: Fields | None = None
    foreign: tuple[str, str, str] | None = None
    translators: list[str] = field(default_factory=list)
    role: str = ""
    heading: str = ""
    house: str = ""
    date_text: str = ""
    fixed_year: int = 0
    notes: tuple[str, ...] = ()
    source_number: str = ""
    volume: str = ""
    part: str = ""
    level: str = "0"
    kind: str = "m"
    extent: str = ""
    size: int = 24
    carrier: str = ""
    languages: str = ""
    original: str = ""
    more: Fields = field(default_factory=list)
    less: frozenset[str] = frozenset()
    noise: int = 0
    items: int = 1
    call: str = ""
    item_price: int = 0
    junk: str = ""
    garble: str = ""
    faults: tuple[str, ...] = ()

    def but(self, **changes: object) -> Book:
        """A copy with some fields changed; half the cost of `dataclasses.replace`."""
        new = Book(*_VALUES(self))
        for name, value in changes.items():
            setattr(new, name, value)
        return new


_VALUES = attrgetter(*(one.name for one in fields(Book)))


def _shares(count: int, exponent: float = 0.45) -> list[float]:
    weights = [1 / (rank**exponent) for rank in range(1, count + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


@cache
def publishers(chinese: bool) -> tuple[Publisher, ...]:
    """All publishers of a language, the biggest first; a registrant is given to each without one."""
    if chinese:
        named = [(name, place, reg, "CN") for name, place, reg in words.ZH_PUBLISHERS]
        named += [(p + kind, city, "", "CN") for kind in words.ZH_KINDS for p, city in words.ZH_PROVINCES]
        group = "7"
    else:
        named = [(name, place, reg, country) for name, place, reg, country in words.EN_PUBLISHERS]
        named += [(f"{p} {house}", p, "", country) for house in words.EN_HOUSES for p, country in words.EN_PLACES]
        group = "0"
    taken = {reg for *_, reg, _country in named}
    free = (str(number) for number in range(120 if chinese else 200, 500) if str(number) not in taken)
    shares = _shares(len(named))
    rows = zip(named, shares, strict=True)
    return tuple(Publisher(n, p, group, reg or next(free), country, share) for (n, p, reg, country), share in rows)


@cache
def overseas(country: str) -> tuple[Publisher, ...]:
    """The publishers of Taiwan (`TW`) or Hong Kong (`HK`)."""
    return tuple(
        Publisher(name, place, group, registrant, code, 0.004)
        for name, place, group, registrant, code in words.OVERSEAS
        if code == country
    )


def isbn10(publisher: Publisher, serial: str) -> str:
    """ISBN-10 with hyphens and its check digit (ISO 2108)."""
    digits = publisher.group + publisher.registrant + serial
    rest = -sum(map(mul, _WEIGHTS, map(int, digits))) % 11
    return f"{publisher.group}-{publisher.registrant}-{serial}-{'X' if rest == 10 else rest}"


def isbn13(publisher: Publisher, serial: str) -> str:
    """ISBN-13 with hyphens and its check digit (ISO 2108)."""
    digits = "978" + publisher.group + publisher.registrant + serial
    rest = -(sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))) % 10
    return f"978-{publisher.group}-{publisher.registrant}-{serial}-{rest}"


class Numbers:
    """Hands out title numbers: each part of the catalogue has its own run of every publisher's numbers."""

    def __init__(self, part: int, part_records: int) -> None:
        self._part = part
        self._records = part_records
        self._used: dict[tuple[str, str], int] = {}
        self._runs: dict[tuple[str, str], int] = {}

    def _run(self, publisher: Publisher) -> int:
        """Numbers of one part: what it will need, and four standard deviations more."""
        expected = publisher.share * self._records * (0.56 if publisher.group == "7" else 0.40)
        return int(expected + 4 * expected**0.5) + 6

    def next(self, publisher: Publisher) -> str:
        """The next title number of a publisher; ValueError when its numbers are used up."""
        key = (publisher.group, publisher.registrant)
        run = self._runs.get(key) or self._runs.setdefault(key, self._run(publisher))
        used = self._used.get(key, 0)
        self._used[key] = used + 1
        capacity = 10**publisher.digits
        spare = capacity - 1 - self._part * _SPARE - (used - run)
        number = self._part * run + used if used < run else spare
        if used - run >= _SPARE or not self._part * run <= number < capacity:
            raise ValueError(f"{publisher.name}: found {used} books in one part; wanted fewer; make fewer records")
        return f"{number:0{publisher.digits}d}"


def zipf(rng: np.random.Generator, count: int, size: int, exponent: float = 0.8) -> list[int]:
    """Positions below `count`, the first most often."""
    cumulated = np.cumsum(_shares(count, exponent))
    return np.minimum(np.searchsorted(cumulated, rng.random(size)), count - 1).tolist()  # type: ignore[no-any-return]
