"""One edition in two or more records: causes D01, D02, D06 and D12."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.made.books import Book, isbn10, isbn13
from benchmarks.made.cnmarc import price, unified_number
from benchmarks.made.told import AWAY, HOME, SAME, Relation, Teller, Told, modern, twins

SINGLE_FORM = "single-form-search"
SELF, TWO_CALLS = "self-duplicate", "two-call-numbers"


def _numbered(book: Book, number: str, code: str = "a", tag: str = "", text: str = "") -> Book:
    """The book with one number, typed in a subfield or field of choice."""
    if book.chinese:
        cost = f"\x1fd{price(book)}" if tag in ("", "010") else ""
        return book.but(numbers=[(tag or "010", f"  \x1f{code}{number}{text}{cost}")])
    signs = {"024": "3 "}.get(tag, "  ")
    return book.but(numbers=[(tag or "020", f"{signs}\x1f{code}{number.replace('-', '')}{text}")])


def _old(book: Book) -> Book:
    book = modern(book)
    return book.but(isbn_form="10", year=min(book.year, 2006), entered=min(book.entered, "20061220"))


def isbn_forms(book: Book, teller: Teller) -> Told:
    """D01: ten digits in one record; thirteen in that of a later printing under the imprint's own year."""
    old = _old(book)
    date = f"{old.year} ({teller.rng.randint(2008, 2014)}重印)" if book.chinese else ""
    second = teller.later(teller.noisy(old), 2009).but(isbn_form="13", date_text=date)
    return twins((old, second), "D01", "isbn forms", teller.place(), SINGLE_FORM)


def wrong_check_digit(book: Book, teller: Teller) -> Told:
    """D01: 978 put before the ten digits, or cut off, and the check digit left as it was."""
    old = _old(book)
    old = (
        old
        if isbn10(old.publisher, old.serial)[-1] != isbn13(old.publisher, old.serial)[-1]
        else _reserial(old, teller)
    )
    form = "bad13" if teller.rng.random() < 0.7 else "bad10"
    first = old if form == "bad13" else old.but(isbn_form="13")
    second = teller.later(teller.styled(old), 2008).but(isbn_form=form, faults=("Q02",))
    return twins((first, second), "D01", "wrong check digit", teller.place())


def _reserial(book: Book, teller: Teller) -> Book:
    """The book under a number whose two check digits differ."""
    for _ in range(20):
        book = book.but(serial=teller.serial(book.publisher))
        if isbn10(book.publisher, book.serial)[-1] != isbn13(book.publisher, book.serial)[-1]:
            break
    return book


def cancelled_form(book: Book, teller: Teller) -> Told:
    """D01: one record has the number as valid, the other only as cancelled or invalid, in the other form."""
    old = _old(book)
    second = _numbered(teller.later(teller.styled(old), 2008), isbn13(old.publisher, old.serial), "z")
    return twins((old, second), "D01", "isbn in $z", teller.place(), SINGLE_FORM)


def article_number(book: Book, teller: Teller) -> Told:
    """D01: the thirteen digits stand in the field of article numbers (073, 024)."""
    old = _old(book)
    number, tag = isbn13(old.publisher, old.serial), "073" if book.chinese else "024"
    second = _numbered(teller.later(teller.noisy(old), 2008), number, "a", tag)
    return twins((old, second), "D01", "isbn as article number", teller.place(), SINGLE_FORM)


def number_in_note(book: Book, teller: Teller) -> Told:
    """D01: the ISBN was typed in a note."""
    book = modern(book)
    second = teller.later(teller.styled(book))
    note = f"ISBN {isbn10(book.publisher, book.serial)}"
    second = second.but(isbn_form="none", notes=(*second.notes, note))
    return twins((book, second), "D01", "isbn in a note", teller.place(), SINGLE_FORM)


def unified(book: Book, teller: Teller) -> Told:
    """D01: the unified book number in one record, the ISBN in the other (books of 1987 to 1989)."""
    if not book.chinese:
        return isbn_forms(book, teller)
    book = modern(book).but(year=1988, isbn_form="10", entered="19890311")
    first = book.but(numbers=[("091", f"  \x1fa{unified_number(book)}\x1fd{price(book)}")])
    return twins((first, teller.later(teller.styled(book))), "D01", "unified number and isbn", teller.place())


def bindings(book: Book, teller: Teller) -> Told:
    """D02: hard and soft cover under one ISBN with two prices, or under two ISBNs."""
    book = modern(book)
    soft, hard = (
        teller.pick((("平装", "精装"), ("平", "精")))
        if book.chinese
        else teller.pick((("pbk.", "hbk."), ("paperback", "hardcover"), ("pbk. : alk. paper", "cloth")))
    )
    serial = book.serial if teller.rng.random() < 0.4 else teller.serial(book.publisher)
    second = book.but(qualifier=hard, serial=serial, price=book.price * 2, size=book.size + 1)
    second = teller.noisy(second) if serial == book.serial else teller.styled(second)
    return twins((book.but(qualifier=soft), teller.later(second)), "D02", "bindings", teller.place())


def unnamed_binding(book: Book, teller: Teller) -> Told:
    """D02: two ISBNs of one publisher, only one of them says its binding; year, pages and height are equal."""
    book = modern(book)
    second = book.but(serial=teller.serial(book.publisher), price=book.price * 2)
    qualifier = "精装" if book.chinese else "hbk."
    return twins((book, teller.later(second.but(qualifier=qualifier))), "D02", "one binding named", teller.place())


def second_number(book: Book, teller: Teller) -> Told:
    """D12: one record holds the numbers of both bindings, as it should; the other that of the second only."""
    book = modern(book)
    other = book.but(serial=teller.serial(book.publisher))
    cost = f"\x1fd{price(book)}" if book.chinese else ""
    form = isbn13 if book.year >= 2007 else isbn10
    numbers = []
    for one, name in ((book, "精装" if book.chinese else "hbk."), (other, "平装" if book.chinese else "pbk.")):
        number = form(one.publisher, one.serial)
        body = f"{number}\x1fb{name}{cost}" if book.chinese else f"{number.replace('-', '')} ({name})"
        numbers.append(("010" if book.chinese else "020", f"  \x1fa{body}"))
    second = teller.later(teller.noisy(other)).but(qualifier="平装" if book.chinese else "pbk.")
    second = second.but(isbn_form="13" if book.year >= 2007 else "10")
    return twins((book.but(numbers=numbers), second), "D12", "both bindings in one record", teller.place())


def reprint(book: Book, teller: Teller) -> Told:
    """D06: a later printing entered as a new record, at times with other pages."""
    book = modern(book)
    year = book.year + teller.rng.randint(1, 5)
    note = _printing(book, year, teller)
    pages = book.pages + teller.pick((0, 0, 4, 6))
    second = teller.later(teller.noisy(book), year).but(year=year, notes=(note,), pages=pages)
    return twins((book, second), "D06", "reprint", teller.place())


def _printing(book: Book, year: int, teller: Teller) -> str:
    count = teller.rng.randint(2, 9)
    if book.chinese:
        return teller.pick((f"{year}年第{count}次印刷", f"{year}年重印", f"{year}年第{count}次印刷本"))
    return teller.pick((f'"{count}th printing, {year}."', f"Reprinted {year}.", f"{count}th impression, {year}."))


def silent_reprint(book: Book, teller: Teller) -> Told:
    """D06: only the year and the price tell of the later printing."""
    book = modern(book)
    year = book.year + teller.rng.randint(2, 5)
    return twins((book, teller.later(book, year).but(year=year, price=book.price + 300)), "D06", "silent reprint", AWAY)


def reprint_other_form(book: Book, teller: Teller) -> Told:
    """D06, and D01 beside it: the reprint under its own year and with thirteen digits."""
    book = _old(book)
    year = teller.rng.randint(2008, 2013)
    second = teller.later(teller.noisy(book), year)
    changes = {"isbn_form": "13", "notes": (_printing(book, year, teller),), "year": year}
    return twins((book, second.but(**changes)), "D06", "reprint with 13 digits", teller.place(), SINGLE_FORM)


def reprint_new_number(book: Book, teller: Teller) -> Told:
    """D06: a reprint that got another ISBN; it says that it is one, edition and pages agree."""
    book = modern(book)
    year = book.year + teller.rng.randint(1, 5)
    date = f"{book.year} ({year}重印)" if book.chinese else ""
    changes = {"serial": teller.serial(book.publisher), "date_text": date, "notes": (_printing(book, year, teller),)}
    return twins((book, teller.later(book, year).but(**changes)), "D06", "reprint with another isbn", AWAY)


def unchecked(book: Book, teller: Teller) -> Told:
    """D12: two to four records of one book with differences of form only; at times one or all lack the ISBN."""
    book = modern(book)
    count = 2 if teller.plain else teller.pick((2, 2, 2, 2, 3, 3, 4))
    bare = teller.chance(0.12)
    if bare:
        book = book.but(isbn_form="none")
    copies = [(book, HOME)]
    for _ in range(count - 1):
        again = teller.noisy(book, keep_number=bare or any(one.isbn_form == "none" for one, _ in copies[1:]))
        copies.append((teller.later(again.but(created=copies[-1][0].created, entered=copies[-1][0].entered)), AWAY))
    relations = (Relation(a, b, SAME, "D12", "not checked", b) for b in range(count) for a in range(b))
    return Told(tuple(copies), tuple(relations))


def identical(book: Book, teller: Teller) -> Told:
    """D12: the same description again, in another library."""
    book = modern(book)
    return twins((book, teller.later(book)), "D12", "identical", AWAY)


def own_twice(book: Book, teller: Teller) -> Told:
    """D12: one library has the book twice, under two call numbers."""
    book = modern(book)
    second = teller.later(teller.noisy(book))
    return twins((book, second), "D12", "twice with two call numbers", HOME, f"{SELF};{TWO_CALLS}")


def own_twice_one_mark(book: Book, teller: Teller) -> Told:
    """D12: one library has the book twice, under one call number."""
    book = modern(book).but(call=f"{book.klass}/{book.pages}")
    return twins((book, teller.later(teller.noisy(book))), "D12", "twice in one library", HOME, SELF)


def without_number(book: Book, teller: Teller) -> Told:
    """D12: the older record has no ISBN; a search by title would have found it."""
    book = modern(book)
    second = teller.later(replace(book, notes=book.notes))
    return twins((book.but(isbn_form="none"), second), "D12", "older record without isbn", AWAY, SINGLE_FORM)


def with_disc(book: Book, teller: Teller) -> Told:
    """D12: only one record names the disc that goes with the book."""
    book = modern(book)
    tag = "215" if book.chinese else "300"
    pages = f"{book.pages}页\x1fc图\x1fd{book.size}cm\x1fe光盘1张"
    if not book.chinese:
        pages = f"xii, {book.pages} p. :\x1fbill. ;\x1fc{book.size} cm. +\x1fe1 CD-ROM (4 3/4 in.)"
    second = teller.later(book.but(less=frozenset({tag}), more=[(tag, f"  \x1fa{pages}")]))
    return twins((book, second), "D12", "disc named in one record", AWAY)


def before_isbn(book: Book, teller: Teller) -> Told:
    """D12: a book from before ISBNs, its unified number (if any) in the older record only."""
    year = teller.rng.randint(1956, 1969) if not book.chinese else teller.rng.randint(1956, 1986)
    book = book.but(year=year, isbn_form="none", entered=f"{year + 30}0507", edition=1, edition_text="", series="")
    second = teller.later(teller.styled(book)).but(numbers=[])
    return twins((book, second), "D12", "book from before isbn", teller.place())
