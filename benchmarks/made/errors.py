"""Different editions that wrong data makes look alike: causes D05 and D07. Both records stay."""

from __future__ import annotations

from benchmarks.made.books import Book
from benchmarks.made.told import REPAIR, Relation, Teller, Told, modern, two


def _editions(book: Book, teller: Teller) -> tuple[Book, int, int]:
    """The book as its second to fifth edition, and number and year of the next."""
    book = modern(book).but(edition=teller.rng.randint(2, 5), edition_text="")
    return book, book.edition + 1, book.year + teller.rng.randint(3, 7)


def unadapted(book: Book, teller: Teller) -> Told:
    """D05: the next edition entered over a copy of the old one; only the edition was changed."""
    book, edition, year = _editions(book, teller)
    second = teller.later(book, year).but(edition=edition, entered=book.entered, item_price=book.price + 1200)
    return two(book, second, Relation(0, 1, REPAIR, "D05", "not adapted", 1))


def half_adapted(book: Book, teller: Teller) -> Told:
    """D05: edition and imprint year were changed; ISBN, pages, price and coded year are the old ones."""
    book, edition, year = _editions(book, teller)
    second = teller.later(book, year).but(edition=edition, year=year, fixed_year=book.year, entered=book.entered)
    second = second.but(faults=("Q01", "Q05"))
    return two(book, second, Relation(0, 1, REPAIR, "D05", "half adapted", 1, "date-conflict"))


def coded_year_kept(book: Book, teller: Teller) -> Told:
    """D05: all was changed but the coded year."""
    book, edition, year = _editions(book, teller)
    changes = {"serial": teller.serial(book.publisher), "pages": book.pages + 37, "price": book.price + 1000}
    second = teller.later(book, year).but(edition=edition, year=year, fixed_year=book.year, entered=book.entered)
    second = second.but(faults=("Q01", "Q05"), isbn_form="13" if year >= 2007 else "10", **changes)
    return two(book, second, Relation(0, 1, REPAIR, "D05", "coded year kept", 1, "date-conflict"))


def _next(book: Book, edition: int, year: int, teller: Teller) -> Book:
    """The next edition with its own number, pages and price, under the old year."""
    changes = {"serial": teller.serial(book.publisher), "pages": book.pages + 41, "price": book.price + 1200}
    return teller.later(book, year).but(edition=edition, isbn_form="13" if year >= 2007 else "10", **changes)


def misdated(book: Book, teller: Teller) -> Told:
    """D07: the next edition, with its own ISBN, pages and price, under the old edition's year."""
    book, edition, year = _editions(book, teller)
    date = f"{book.year} ({year}再版)" if book.chinese else ""
    second = _next(book, edition, year, teller).but(date_text=date)
    return two(book, second, Relation(0, 1, REPAIR, "D07", "misdated", 1))


def two_years(book: Book, teller: Teller) -> Told:
    """D07: the first edition's year first, that of the new edition behind it, in one date."""
    book, edition, year = _editions(book, teller)
    if book.chinese:
        date = teller.pick((f"{book.year},{year}第{edition}版", f"{book.year} ({year}第{edition}版)"))
    else:
        date = f"{book.year} ({year} printing)"
    second = _next(book, edition, year, teller).but(date_text=date)
    return two(book, second, Relation(0, 1, REPAIR, "D07", "two years in one date", 1))


def second_edition(book: Book, teller: Teller) -> Told:
    """D07: a second edition under the year of the first, which does not name its edition."""
    book = modern(book).but(edition=1, edition_text="")
    second = _next(book, 2, book.year + 5, teller)
    date = f"{book.year} ({book.year + 5}再版)" if book.chinese else ""
    return two(book, second.but(date_text=date), Relation(0, 1, REPAIR, "D07", "second edition misdated", 1))
