"""One part of a made catalogue: its books drawn in bulk, each told as a story, its records put into libraries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from benchmarks.made import words
from benchmarks.made.books import Book, Numbers, publishers, zipf
from benchmarks.made.cnmarc import FIRST_ISBN_YEAR
from benchmarks.made.render import Library, records
from benchmarks.made.stories import FAMILIES, Mix, single
from benchmarks.made.told import HOME, OTHER_FORMAT, Teller, Told

PART_RECORDS = 100_000
_SHELF = 2_000  # books told before they are written: few enough to stay in the cache
_LAST_YEAR = 2016  # later printings and records of the books come up to ten years after
_INITIALS = tuple("ABCDEFGHJKLMNPRSTW")
_COUNTS = (1, 1, 1, 2, 2, 3)  # authors of a book


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make: the seed, how many records in all, for whom; `plain` leaves noise and hard variants out."""

    seed: int
    records: int
    libraries: tuple[Library, ...]
    plain: bool = False

    def parts(self) -> list[int]:
        """Records of each part."""
        whole, rest = divmod(self.records, PART_RECORDS)
        return [PART_RECORDS] * whole + ([rest] if rest else [])


@dataclass(slots=True)
class Part:
    """What one part yields: bytes per library, and the truth as CSV rows."""

    marc: list[bytearray]
    pairs: list[str]
    records: list[str]
    faults: list[str]


def _titles(rng: np.random.Generator, size: int) -> tuple[list[int], ...]:
    """Positions of topic, front word, form and pattern for `size` titles."""
    topics = zipf(rng, len(words.ZH_TOPICS), size)
    fronts = zipf(rng, len(words.ZH_FRONT), size)
    forms = zipf(rng, len(words.ZH_FORM), size)
    kinds = rng.integers(0, 100, size).tolist()
    return topics, fronts, forms, kinds


def _zh_title(topic: int, front: int, form: int, kind: int, rng: Random) -> tuple[str, str]:
    name = words.ZH_TOPICS[topic % len(words.ZH_TOPICS)]
    subtitle = _pick(words.ZH_SUBTITLE, rng) if kind % 5 == 0 else ""
    if kind < 6:
        return name, subtitle
    if kind < 26:
        return "".join(rng.choices(words.ZH_POETIC, k=2 + kind % 4)), subtitle
    if kind < 60:
        return words.ZH_FRONT[front] + name + words.ZH_FORM[form], subtitle
    if kind < 80:
        return name + words.ZH_FORM[form], subtitle
    return f"{words.ZH_FRONT[front]}{name}与{_pick(words.ZH_TOPICS, rng)}{words.ZH_FORM[form]}", subtitle


def _en_title(topic: int, front: int, form: int, kind: int, rng: Random) -> tuple[str, str]:
    noun = words.EN_NOUNS[topic % len(words.EN_NOUNS)]
    word = words.EN_FRONT[front % len(words.EN_FRONT)]
    pattern = words.EN_PATTERNS[form % len(words.EN_PATTERNS)]
    other = _pick(words.EN_NOUNS, rng)
    title = pattern.format(f=word, F=word[0].upper() + word[1:], n=noun, N=noun.capitalize(), m=other)
    if kind < 40:
        return title, _pick(words.EN_SUBTITLE, rng)
    return title, (f"{other} in the work of {_pick(words.EN_SURNAMES, rng)}" if kind < 60 else "")


def _pick(options: tuple[str, ...], rng: Random) -> str:
    """One of them; a fifth of the cost of `Random.choice`."""
    return options[int(rng.random() * len(options))]


def _zh_person(rng: Random) -> str:
    given = _pick(words.ZH_GIVEN, rng)
    return _pick(words.ZH_SURNAMES, rng) + (given if rng.random() < 0.3 else given + _pick(words.ZH_GIVEN, rng))


def _en_person(rng: Random) -> str:
    return f"{_pick(words.EN_SURNAMES, rng)}, {_pick(words.EN_GIVEN, rng)} {_pick(_INITIALS, rng)}."


def _people(chinese: bool, rng: Random) -> list[str]:
    person = _zh_person if chinese else _en_person
    return [person(rng) for _ in range(_COUNTS[int(rng.random() * len(_COUNTS))])]


def _books(rng: np.random.Generator, random: Random, size: int, numbers: Numbers) -> Iterator[Book]:
    """`size` books, 60 % of them Chinese."""
    chinese = (rng.random(size) < 0.6).tolist()
    houses = {flag: publishers(flag) for flag in (True, False)}
    house = {flag: zipf(rng, len(houses[flag]), size, 0.45) for flag in (True, False)}
    years = np.clip(_LAST_YEAR - rng.gamma(2.0, 8.0, size).astype(int), 1950, _LAST_YEAR).tolist()
    pages = rng.gamma(6.0, 55.0, size).astype(int).tolist()
    draws = zip(*_titles(rng, size), chinese, years, pages, strict=True)
    for number, (topic, front, form, kind, zh, year, page) in enumerate(draws):
        title, subtitle = (_zh_title if zh else _en_title)(topic, front, form, kind, random)
        publisher = houses[zh][house[zh][number]]
        isbn = "none" if year < (FIRST_ISBN_YEAR if zh else 1970) else "10" if year < 2007 else "13"
        yield Book(
            chinese=zh,
            title=title,
            subtitle=subtitle,
            authors=_people(zh, random),
            publisher=publisher,
            serial=numbers.next(publisher),
            year=year,
            pages=page + 48,
            price=980 + page * (7 if zh else 13),
            entered=f"{year + (kind % 3 == 0)}{1 + kind % 12:02d}{1 + page % 28:02d}",
            klass=words.ZH_CLASSES[topic % len(words.ZH_CLASSES)],
            isbn_form=isbn,
            series=(words.SERIES_ZH if zh else words.SERIES_EN)[form % 8] if kind % 4 == 1 else "",
            edition=1 if kind % 8 else 2 + kind % 3,
            items=1 + (kind % 7 == 0),
        )


def _stories(rng: np.random.Generator, size: int) -> list[int]:
    """Which story each book is told as: a position in FAMILIES, or len(FAMILIES) for a single book."""
    shares = np.cumsum([family.share / 1000 for family in FAMILIES])
    return np.searchsorted(shares, rng.random(size), side="right").tolist()  # type: ignore[no-any-return]


def _shelf(libraries: tuple[Library, ...]) -> dict[bool, list[int]]:
    return {flag: [at for at, one in enumerate(libraries) if one.chinese is flag] for flag in (True, False)}


def _place(where: int, home: int, chinese: bool, shelf: dict[bool, list[int]], random: Random) -> int:
    if where == HOME:
        return home
    if where == OTHER_FORMAT:
        return random.choice(shelf[not chinese] or shelf[chinese])
    others = [at for at in shelf[chinese] if at != home]
    return random.choice(others) if others else home


class _Writer:
    """Puts told stories into the libraries of one part and notes the truth."""

    def __init__(self, plan: Plan, part: int, random: Random) -> None:
        self._libraries = plan.libraries
        self._shelf = _shelf(plan.libraries)
        self._random = random
        self._first = part * PART_RECORDS
        self._waiting: list[list[tuple[Book, int]]] = [[] for _ in plan.libraries]
        self.out = Part([bytearray() for _ in plan.libraries], [], [], [])
        self.count = 0

    def tell(self, told: Told) -> None:
        """Give every copy a library and a number; note the pairs, the junk and the planted faults."""
        chinese = told.copies[0][0].chinese
        shelf = self._shelf[chinese] or self._shelf[not chinese]
        home = shelf[min(int(self._random.expovariate(1.2)), len(shelf) - 1)]
        story, ids = self._first + self.count + 1, []
        for book, where in told.copies:
            at = _place(where, home, chinese, self._shelf, self._random)
            number = self._first + self.count
            code = self._libraries[at].code
            ids.append(f"{code}/{code}{number:09d}")
            self._waiting[at].append((book, number))
            self.count += 1
        kind = told.relations[0].kind if told.relations else "plain"
        for (book, _), one in zip(told.copies, ids, strict=True):
            rescue = ids[0] if book.junk and len(ids) > 1 else ""
            self.out.records.append(f"{one},{kind},{story},{book.junk},{rescue}\n")
            self.out.faults.extend(f"{one},{fault}\n" for fault in book.faults)
        for row in told.relations:
            library = ids[row.guilty].partition("/")[0] if row.guilty >= 0 else ""
            ends = f"{ids[row.left]},{ids[row.right]},{row.verdict},{row.cause},{row.kind}"
            self.out.pairs.append(f"{ends},{library},{row.flags}\n")

    def shelve(self) -> None:
        """Write each library's waiting records, in an order of its own."""
        for at, waiting in enumerate(self._waiting):
            self._random.shuffle(waiting)
            if waiting:
                self.out.marc[at] += records(waiting, self._libraries[at])
            waiting.clear()


def make_part(plan: Plan, part: int) -> Part:
    """The records of one part, the same for the same plan and part."""
    size = plan.parts()[part]
    rng, random = np.random.default_rng([plan.seed, part]), Random(f"{plan.seed}-{part}")
    numbers = Numbers(part, min(plan.records, PART_RECORDS))
    writer, teller = _Writer(plan, part, random), Teller(random, numbers, plan.plain)
    mix = Mix(teller)
    books = zip(_books(rng, random, size, numbers), _stories(rng, size), strict=True)
    for number, (book, family) in enumerate(books, 1):
        told = mix.tell(family, book)
        if writer.count + len(told.copies) > size:
            told = single(book, teller)
        writer.tell(told)
        if number % _SHELF == 0:
            writer.shelve()
        if writer.count == size:
            break
    writer.shelve()
    return writer.out
