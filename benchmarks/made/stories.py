"""What happens to a book in a union catalogue: duplicates with their cause, and look-alikes that are none.

Each story turns one book into the records that libraries make of it. `copies` are (book, place): place 0 is the first
library, 1 another one of the same language, "other format" a library of the other MARC format. `relations` are
(left copy, right copy, verdict, cause, kind).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.made import words
from benchmarks.made.books import Book, Numbers, Publisher, publishers, taiwan_publisher

SAME, STRUCTURE, REPAIR, DIFFERENT, JUNK = "same", "structure", "repair", "different", "junk"
HOME, AWAY, OTHER_FORMAT = 0, 1, 2
JUNK_TITLE = "**REQUIRED FIELD**"


@dataclass(frozen=True, slots=True)
class Told:
    """The records of one story and what each pair of them is."""

    copies: tuple[tuple[Book, int], ...]
    relations: tuple[tuple[int, int, str, str, str], ...]


def _two(first: Book, second: Book, relation: tuple[str, str, str], place: int = AWAY) -> Told:
    return Told(((first, HOME), (second, place)), ((0, 1, *relation),))


def _person(book: Book, rng: Random) -> str:
    """A name in the book's language."""
    if book.chinese:
        return rng.choice(words.ZH_SURNAMES) + "".join(rng.choices(words.ZH_GIVEN, k=rng.choice((1, 2, 2))))
    return f"{rng.choice(words.EN_SURNAMES)}, {rng.choice(words.EN_GIVEN)} {rng.choice('ABCDEFGHJKLMNPRSTW')}."


def _elsewhere(book: Book, rng: Random) -> Publisher:
    houses = publishers(book.chinese)
    other = rng.choice(houses)
    return other if other is not book.publisher else houses[(houses.index(other) + 1) % len(houses)]


def _modern(book: Book) -> Book:
    """The book with a year that has ISBN-13 behind it."""
    return book if book.isbn_form != "none" else book.but(year=1996, isbn_form="10", entered="19961020")


def isbn_forms(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D01: ten digits in one record, thirteen (at times with the old check digit) in that of a later printing."""
    old = _modern(book).but(isbn_form="10", year=min(book.year, 2006))
    form = "bad13" if rng.random() < 0.3 else "13"
    date = f"{old.year} ({rng.randint(2008, 2014)}重印)" if book.chinese else ""
    return _two(old, old.but(isbn_form=form, date_text=date, entered="20090611"), (SAME, "D01", "isbn forms"))


def bindings(book: Book, rng: Random, numbers: Numbers) -> Told:
    """D02: hard and soft cover, with one ISBN and two prices or with two ISBNs."""
    book = _modern(book)
    soft, hard = ("平装", "精装") if book.chinese else ("pbk.", "hbk.")
    serial = book.serial if rng.random() < 0.4 else numbers.next(book.publisher)
    second = book.but(qualifier=hard, serial=serial, price=book.price * 2, size=book.size + 1)
    return _two(book.but(qualifier=soft), second, (SAME, "D02", "bindings"))


def heading(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D04: the authorised and a made-up form of one heading."""
    if book.chinese:
        book = book.but(foreign=rng.choice(words.ZH_FOREIGN[:3]), translators=[_person(book, rng)])
    return _two(_modern(book), _modern(book).but(loose_heading=True), (SAME, "D04", "heading"))


def reprint(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D06: a later printing entered as a new record, at times with other pages."""
    book = _modern(book)
    year = book.year + rng.randint(1, 5)
    note = f"{year}年第{rng.randint(2, 9)}次印刷" if book.chinese else f'"{rng.randint(2, 9)}th printing, {year}."'
    second = book.but(year=year, note=note, pages=book.pages + rng.choice((0, 0, 4, 6)), entered=f"{year}0611")
    return _two(book, second, (SAME, "D06", "reprint"))


def series(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D08: the series in its field and in a note."""
    name = rng.choice(words.SERIES_ZH if book.chinese else words.SERIES_EN)
    book = _modern(book)
    return _two(book.but(series=name), book.but(series="", series_note=name), (SAME, "D08", "series in a note"))


def download(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D09: the same record downloaded again, nothing held on it."""
    number = f"CAL 0120{rng.randint(10_000_000, 99_999_999)}" if book.chinese else f"(OCoLC){rng.randint(10**7, 10**9)}"
    book = book.but(source_number=number)
    return _two(book, book.but(items=0), (SAME, "D09", "downloaded again"), rng.choice((HOME, AWAY)))


def unchecked(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D12: entered again, with small differences of punctuation or without the ISBN."""
    book = _modern(book)
    twins = [(book, HOME), (book.but(noise=rng.choice((0, 1, 2))), rng.choice((HOME, AWAY, AWAY)))]
    if rng.random() < 0.3:
        twins.append((book.but(noise=1, isbn_form="none" if rng.random() < 0.5 else book.isbn_form), AWAY))
    pairs = ((0, 1), (0, 2), (1, 2))[: 1 if len(twins) == 2 else 3]
    return Told(tuple(twins), tuple((a, b, SAME, "D12", "not checked") for a, b in pairs))


def wrong_format(book: Book, _rng: Random, _numbers: Numbers) -> Told:
    """D10: one book in both formats."""
    return _two(_modern(book), _modern(book).but(noise=0), (SAME, "D10", "both formats"), OTHER_FORMAT)


def levels(book: Book, _rng: Random, numbers: Numbers) -> Told:
    """D03: a set record beside two volume records; the volumes among themselves are lawful."""
    book = _modern(book)
    whole = book.but(extent="2册" if book.chinese else "2 v.", set_text=" (全二册)" if book.chinese else " (set)")
    first, second = (whole.but(volume=part, level=" ", extent="") for part in _volumes(book)[:2])
    second = second.but(serial=numbers.next(book.publisher)) if book.year % 2 else second
    relations = ((0, 1, STRUCTURE, "D03", "set and volume"), (0, 2, STRUCTURE, "D03", "set and volume"))
    copies = ((whole, HOME), (first, AWAY), (second, AWAY))
    return Told(copies, (*relations, (1, 2, DIFFERENT, "", "volumes")))


def _volumes(book: Book) -> tuple[str, ...]:
    return ("上", "下") if book.chinese else ("Volume 1", "Volume 2")


def unadapted(book: Book, rng: Random, _numbers: Numbers) -> Told:
    """D05: the next edition entered over a copy of the old one; only the edition was changed."""
    book = _modern(book).but(edition=rng.randint(2, 5))
    return _two(book, book.but(edition=book.edition + 1), (REPAIR, "D05", "not adapted"))


def misdated(book: Book, rng: Random, numbers: Numbers) -> Told:
    """D07: the next edition, with its own ISBN, pages and price, under the old edition's year."""
    book = _modern(book).but(edition=rng.randint(2, 5))
    later = book.year + rng.randint(3, 7)
    date = f"{book.year} ({later}再版)" if book.chinese else ""
    changes = {
        "serial": numbers.next(book.publisher),
        "pages": book.pages + 41,
        "price": book.price + 1200,
        "date_text": date,
    }
    return _two(
        book, book.but(edition=book.edition + 1, entered=f"{later}0611", **changes), (REPAIR, "D07", "misdated")
    )


def junk(book: Book, _rng: Random, _numbers: Numbers) -> Told:
    """D11: a record without a title but with an item, and the record that rescues it."""
    book = _modern(book)
    return _two(book, book.but(title=JUNK_TITLE), (JUNK, "D11", "placeholder title"))


def set_volumes(book: Book, _rng: Random, _numbers: Numbers) -> Told:
    """Volumes under one set ISBN: lawful."""
    book = _modern(book).but(level=" ", set_text=" (全二册)" if book.chinese else " (set)")
    first, second = (book.but(volume=part) for part in _volumes(book)[:2])
    return _two(first, second.but(pages=book.pages + 7), (DIFFERENT, "", "volumes of a set"), HOME)


def next_edition(book: Book, rng: Random, numbers: Numbers) -> Told:
    """The next edition, described as it should be."""
    book = _modern(book).but(edition=rng.randint(1, 4))
    year = book.year + rng.randint(2, 6)
    changes = {
        "serial": numbers.next(book.publisher),
        "pages": book.pages + rng.randint(12, 90),
        "entered": f"{year}0611",
    }
    second = book.but(edition=book.edition + 1, year=year, price=book.price + 900, **changes)
    return _two(book, second, (DIFFERENT, "", "next edition"))


def yearly(book: Book, _rng: Random, numbers: Numbers) -> Told:
    """Two years of a yearly book."""
    book = _modern(book)
    title = f"{book.title}年鉴. {{}}" if book.chinese else f"{book.title} yearbook {{}}"
    first = book.but(title=title.format(book.year), subtitle="")
    second = first.but(title=title.format(book.year + 1), year=book.year + 1, serial=numbers.next(book.publisher))
    return _two(first, second, (DIFFERENT, "", "yearly book"))


def electronic(book: Book, _rng: Random, _numbers: Numbers) -> Told:
    """An e-book under the print ISBN."""
    book = _modern(book)
    return _two(book, book.but(online=True, items=0), (DIFFERENT, "", "e-book twin"))


def translator(book: Book, rng: Random, numbers: Numbers) -> Told:
    """Another translation at another publisher (in English, another editor's text)."""
    book = _modern(book)
    if book.chinese:
        book = book.but(foreign=rng.choice(words.ZH_FOREIGN))
    first = book.but(translators=[_person(book, rng)])
    house = _elsewhere(book, rng)
    second = first.but(translators=[_person(book, rng)], publisher=house, serial=numbers.next(house))
    return _two(first, second.but(pages=book.pages + 23), (DIFFERENT, "", "other translator"))


def other_publisher(book: Book, rng: Random, numbers: Numbers) -> Told:
    """The same work from another publisher."""
    book = _modern(book)
    house = _elsewhere(book, rng)
    second = book.but(publisher=house, serial=numbers.next(house), year=book.year + 3, pages=book.pages + 11)
    return _two(book, second, (DIFFERENT, "", "other publisher"))


def companion(book: Book, _rng: Random, numbers: Numbers) -> Told:
    """A textbook and its exercise book."""
    book = _modern(book)
    title = f"{book.title}习题全解" if book.chinese else f"{book.title} : solutions manual"
    second = book.but(title=title, serial=numbers.next(book.publisher), pages=max(60, book.pages // 2))
    return _two(book, second, (DIFFERENT, "", "companion"))


def facsimile(book: Book, rng: Random, numbers: Numbers) -> Told:
    """A foreign book and its licensed Chinese reprint; a Chinese book gets the Taiwan edition instead."""
    book = _modern(book)
    if book.chinese:
        return taiwan(book, rng, numbers)
    house = rng.choice(publishers(True)[:12])
    changes = {"publisher": house, "serial": numbers.next(house), "edition_text": "Reprint ed. (影印版)"}
    return _two(book, book.but(year=book.year + 2, **changes), (DIFFERENT, "", "facsimile"))


def taiwan(book: Book, rng: Random, numbers: Numbers) -> Told:
    """The Taiwan edition of a Chinese book."""
    if not book.chinese:
        return other_publisher(book, rng, numbers)
    house = taiwan_publisher()
    return _two(book, book.but(publisher=house, serial=f"{rng.randint(0, 99):02d}"), (DIFFERENT, "", "Taiwan edition"))


def generic_title(book: Book, rng: Random, numbers: Numbers) -> Told:
    """A generic title by other authors, at times of the same publisher and year."""
    title = rng.choice(words.ZH_TOPICS[:24]) if book.chinese else f"Introduction to {rng.choice(words.EN_NOUNS)}"
    book = _modern(book).but(title=title, subtitle="")
    house = book.publisher if rng.random() < 0.5 else _elsewhere(book, rng)
    changes = {"authors": [_person(book, rng)], "publisher": house, "serial": numbers.next(house)}
    return _two(book, book.but(pages=book.pages + 37, **changes), (DIFFERENT, "", "generic title"))


def proceedings(book: Book, _rng: Random, numbers: Numbers) -> Told:
    """Two conferences of a numbered series."""
    book = _modern(book)
    number = book.year - 1970
    title = (
        f"第{{}}届全国{book.title}学术会议论文集"
        if book.chinese
        else f"Proceedings of the {{}}th conference on {book.title}"
    )
    first = book.but(title=title.format(number), subtitle="")
    second = first.but(title=title.format(number + 1), year=book.year + 1, serial=numbers.next(book.publisher))
    return _two(first, second, (DIFFERENT, "", "numbered proceedings"))


def plain(book: Book, _rng: Random, _numbers: Numbers) -> Told:
    """One record, nothing else."""
    return Told(((book, HOME),), ())


Story = Callable[[Book, Random, Numbers], Told]
# How often each story is told, per thousand books: about 12 % of the records come to stand in `same` pairs.
STORIES: tuple[tuple[Story, float], ...] = (
    (isbn_forms, 11),
    (bindings, 9),
    (heading, 8),
    (reprint, 12),
    (series, 6),
    (download, 10),
    (unchecked, 12),
    (wrong_format, 3),
    (levels, 4),
    (unadapted, 3),
    (misdated, 3),
    (junk, 2),
    (set_volumes, 9),
    (next_edition, 14),
    (yearly, 9),
    (electronic, 9),
    (translator, 6),
    (other_publisher, 8),
    (companion, 4),
    (facsimile, 4),
    (taiwan, 3),
    (generic_title, 10),
    (proceedings, 4),
)
