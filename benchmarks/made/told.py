"""What a story yields, and the one who tells it: chance, title numbers, people, dates, noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from benchmarks.made import words
from benchmarks.made.books import Book, Numbers, Publisher, publishers
from benchmarks.made.noise import noisy, styled

SAME, STRUCTURE, REPAIR, DIFFERENT, JUNK, REVIEW = "same", "structure", "repair", "different", "junk", "review"
HOME, AWAY, OTHER_FORMAT = 0, 1, 2
_Any = TypeVar("_Any")


@dataclass(frozen=True, slots=True)
class Relation:
    """What two copies of a story are to each other; `guilty` is the copy whose library has to correct (-1: nobody)."""

    left: int
    right: int
    verdict: str
    cause: str
    kind: str
    guilty: int = -1
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The records of one story as (book, place), the older first, and what each pair of them is.

    Place HOME is one library, AWAY another one of the same language, OTHER_FORMAT one of the other MARC format.
    """

    copies: tuple[tuple[Book, int], ...]
    relations: tuple[Relation, ...]


class Teller:
    """Tells the stories of one part; `plain` leaves all noise and all variants but the first out."""

    def __init__(self, rng: Random, numbers: Numbers, plain: bool = False) -> None:
        self.rng, self.numbers, self.plain = rng, numbers, plain

    def pick(self, options: Sequence[_Any]) -> _Any:
        """One of them, all equally likely."""
        return options[int(self.rng.random() * len(options))]

    def chance(self, share: float) -> bool:
        """True in this share of all cases; never in plain catalogues."""
        return not self.plain and self.rng.random() < share

    def serial(self, publisher: Publisher) -> str:
        """The publisher's next title number."""
        return self.numbers.next(publisher)

    def person(self, chinese: bool, surname: str = "") -> str:
        """A name in the language, at times with the surname given."""
        if chinese:
            given = "".join(self.rng.choices(words.ZH_GIVEN, k=self.pick((1, 2, 2))))
            return (surname or self.pick(words.ZH_SURNAMES)) + given
        family = surname or self.pick(words.EN_SURNAMES)
        return f"{family}, {self.pick(words.EN_GIVEN)} {self.pick('ABCDEFGHJKLMNPRSTW')}."

    def elsewhere(self, book: Book) -> Publisher:
        """Another publisher of the book's language."""
        houses = publishers(book.chinese)
        other = self.pick(houses)
        return other if other is not book.publisher else houses[(houses.index(other) + 1) % len(houses)]

    def noisy(self, book: Book, keep_number: bool = True) -> Book:
        """The book as another cataloguer types it."""
        return book if self.plain else noisy(book, self.rng, keep_number)

    def styled(self, book: Book) -> Book:
        """The book in another cataloguer's style, nothing lost."""
        return book if self.plain else styled(book, self.rng)

    def later(self, book: Book, year: int = 0) -> Book:
        """The book in a record made later than the one at hand, in or after `year`."""
        base = max(year, int((book.created or book.entered)[:4]) + 1)
        day = f"{base + self.pick((0, 0, 1, 3))}{1 + self.pick(range(12)):02d}{1 + self.pick(range(28)):02d}"
        return book.but(entered=day, created=day)

    def place(self) -> int:
        """Mostly another library; now and then the same one."""
        return HOME if self.chance(0.15) else AWAY


Story = Callable[[Book, Teller], Told]


def modern(book: Book) -> Book:
    """The book with a year that has an ISBN behind it."""
    return book if book.isbn_form != "none" else book.but(year=1996, isbn_form="10", entered="19961020")


def two(first: Book, second: Book, relation: Relation, place: int = AWAY) -> Told:
    """A story of two records."""
    return Told(((first, HOME), (second, place)), (relation,))


def twins(books: tuple[Book, Book], cause: str, kind: str, place: int = AWAY, flags: str = "") -> Told:
    """Two records of one edition; the later one is to be corrected."""
    return two(*books, Relation(0, 1, SAME, cause, kind, 1, flags), place)


def apart(first: Book, second: Book, kind: str, place: int = AWAY) -> Told:
    """Two lawful records that look alike."""
    return two(first, second, Relation(0, 1, DIFFERENT, "", kind), place)


def volumes(book: Book, count: int = 2) -> tuple[str, ...]:
    """Volume designations in the book's language."""
    if book.chinese:
        return ("上", "下") if count == 2 else ("上", "中", "下")
    return tuple(f"Volume {number}" for number in range(1, count + 1))
