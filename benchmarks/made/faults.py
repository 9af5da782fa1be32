"""Faults inside one record (Q..), planted one at a time in books that nothing else happens to."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.made import words
from benchmarks.made.books import Book, isbn10, isbn13, publishers
from benchmarks.made.cnmarc import cnmarc
from benchmarks.made.marc21 import marc21
from benchmarks.made.told import HOME, Teller, Told, modern


def _alone(book: Book, code: str) -> Told:
    return Told(((book.but(faults=(code,)), HOME),), ())


def _instead(book: Book, tag: str, text: str) -> Book:
    """The book with that field (indicators and all) in place of its own."""
    return book.but(less=book.less | {tag}, more=[*book.more, (tag, text)])


def _own(book: Book, tag: str) -> str:
    """The field as it would be written."""
    fields = (cnmarc if book.chinese else marc21)(book, "", "")
    return next(text for name, text in fields if name == tag)


def coded_year(book: Book, _teller: Teller) -> Told:
    """Q01: the coded year is that of the record it was copied from."""
    return _alone(modern(book).but(fixed_year=modern(book).year - 3), "Q01")


def check_digit(book: Book, teller: Teller) -> Told:
    """Q02: the last digit of the ISBN is mistyped."""
    book = modern(book)
    number = (isbn13 if book.year >= 2007 else isbn10)(book.publisher, book.serial)
    last = "2" if number[-1] in "X1" else "1"
    typed = number[:-1] + last
    tag, text = ("010", typed) if book.chinese else ("020", typed.replace("-", ""))
    return _alone(book.but(numbers=[(tag, f"  \x1fa{text}")]), "Q02")


def no_number(book: Book, teller: Teller) -> Told:
    """Q03: the rest of a template, or two numbers glued together, where the ISBN stands."""
    book = modern(book)
    number = isbn10(book.publisher, book.serial)
    typed = teller.pick((number[:6], number + number))
    tag, text = ("010", typed) if book.chinese else ("020", typed.replace("-", ""))
    return _alone(book.but(numbers=[(tag, f"  \x1fa{text}")]), "Q03")


def entered_early(book: Book, _teller: Teller) -> Told:
    """Q05: entered on file four years before publication: the record was copied."""
    book = modern(book)
    early = f"{book.year - 4}0611"
    return _alone(book.but(entered=early, created=f"{book.year}0911"), "Q05")


def other_house(book: Book, teller: Teller) -> Told:
    """Q06: the number of one well-known house under the imprint of another."""
    book = modern(book)
    if not book.chinese:
        house = next(one for one in publishers(True) if one.name == "清华大学出版社")
        return _alone(book.but(publisher=house, serial=teller.serial(house), house=book.publisher.name), "Q06")
    one, other = (
        next(house for house in publishers(True) if house.name == name) for name in ("科学出版社", "商务印书馆")
    )
    wrong = replace(one, name=other.name)
    return _alone(book.but(publisher=wrong, serial=teller.serial(one)), "Q06")


def missing_field(book: Book, teller: Teller) -> Told:
    """Q07: no imprint, or no extent."""
    tags = teller.pick(("210", "215")) if book.chinese else teller.pick(("260", "300"))
    return _alone(modern(book).but(less=frozenset({tags})), "Q07")


def edition_in_title(book: Book, teller: Teller) -> Told:
    """Q08: the edition typed behind the title."""
    book = modern(book).but(edition=1, edition_text="", subtitle="")
    text = "(第二版)" if book.chinese else " (2nd ed.)"
    return _alone(book.but(title=book.title + text), "Q08")


def series_as_title(book: Book, teller: Teller) -> Told:
    """Q09: the series in front of the title (Chinese), in its place with the title as part name (English)."""
    book = modern(book).but(subtitle="", series="")
    if book.chinese:
        name = teller.pick([one for one in words.SERIES_ZH if one.endswith("丛书")])
        return _alone(book.but(title=f"《{name}》 {book.title}"), "Q09")
    return coded_year(book, teller)


def template(book: Book, teller: Teller) -> Told:
    """Q10: what a template left: an extent without a number, question marks as the time of the last change."""
    book = modern(book)
    if teller.rng.random() < 0.5:
        return _alone(_instead(book, "005", "???????????"), "Q10")
    return _alone(
        _instead(book, *(("215", "  \x1fa页\x1fd20cm") if book.chinese else ("300", "  \x1fap. ;\x1fc cm."))), "Q10"
    )


def visible_code(book: Book, teller: Teller) -> Told:
    """Q11: the codes of subfields stand in the text of the imprint."""
    book = modern(book)
    tag = "210" if book.chinese else "260"
    sign = teller.pick(("▼", "ǂ", "‡"))
    head, _, rest = _own(book, tag).partition("\x1fb" if not book.chinese else "\x1fc")
    return _alone(_instead(book, tag, f"{head}{sign}{'c' if book.chinese else 'b'}{rest}"), "Q11")


def other_province(book: Book, teller: Teller) -> Told:
    """Q15: the code of another province than that of the place; English books have none."""
    if not book.chinese:
        return coded_year(book, teller)
    book = modern(book)
    place = book.publisher.place
    code = "440000" if words.ZH_PLACE_CODES.get(place) != "440000" else "310000"
    return _alone(_instead(book, "102", f"  \x1faCN\x1fb{code}"), "Q15")
