"""Editions of one work that are lawful records of their own, and the few that only the book in hand can tell apart."""

from __future__ import annotations

from benchmarks.made import words
from benchmarks.made.books import Book, overseas, publishers
from benchmarks.made.noise import TRADITIONAL
from benchmarks.made.told import REVIEW, Relation, Teller, Told, apart, modern, two


def _of(book: Book, year: int) -> str:
    """The form of the ISBN in a book of that year."""
    return "13" if year >= 2007 else "10"


def next_edition(book: Book, teller: Teller) -> Told:
    """The next edition, described as it should be."""
    book = modern(book).but(edition=teller.rng.randint(1, 4))
    year = book.year + teller.rng.randint(2, 6)
    second = teller.later(teller.noisy(book), year).but(
        serial=teller.serial(book.publisher),
        pages=book.pages + teller.rng.randint(12, 90),
        edition=book.edition + 1,
        year=year,
        price=book.price + 900,
        isbn_form=_of(book, year),
    )
    return apart(book, second, "next edition")


def same_pages_edition(book: Book, teller: Teller) -> Told:
    """The next edition, little changed: the same pages, names and house."""
    book = modern(book).but(edition=teller.rng.randint(2, 4))
    year = book.year + 2
    second = book.but(serial=teller.serial(book.publisher), edition=book.edition + 1, year=year)
    return apart(book, teller.later(second.but(isbn_form=_of(book, year)), year), "next edition of equal pages")


def unnumbered_first(book: Book, teller: Teller) -> Told:
    """The first edition, which names none, and the second with its own ISBN."""
    book = modern(book).but(edition=1, edition_text="")
    year = book.year + teller.rng.randint(3, 6)
    second = book.but(serial=teller.serial(book.publisher), edition=2, year=year, isbn_form=_of(book, year))
    return apart(book, teller.later(second.but(pages=book.pages + 18), year), "first and second edition")


def revised(book: Book, teller: Teller) -> Told:
    """A revised edition without a number."""
    book = modern(book).but(edition=1, edition_text="")
    word = (
        teller.pick(("修订本", "修订版", "增订本", "增订版")) if book.chinese else teller.pick(("Rev. ed.", "Enl. ed."))
    )
    year = book.year + teller.rng.randint(2, 6)
    changes = {"serial": teller.serial(book.publisher), "pages": book.pages + teller.rng.randint(4, 60), "year": year}
    second = book.but(edition_text=word, isbn_form=_of(book, year), **changes)
    return apart(book, teller.later(second, year), "revised edition")


def reworked(book: Book, teller: Teller) -> Told:
    """An abridged, annotated or illustrated edition of the same house and year."""
    book = modern(book).but(edition=1, edition_text="")
    if book.chinese:
        word = teller.pick(("缩写本", "节本", "注释本", "插图本", "少儿版", "注音版"))
    else:
        word = teller.pick(("Abridged ed.", "Annotated ed.", "Illustrated ed.", "Student ed."))
    pages = book.pages // 2 + 20 if word[0] in "缩节A" else book.pages + 24
    second = book.but(edition_text=word, serial=teller.serial(book.publisher), pages=pages)
    return apart(book, teller.later(second), "reworked edition")


def original_number(book: Book, teller: Teller) -> Told:
    """Translations of two editions of the original; in English two international editions."""
    book = modern(book).but(edition=1)
    year = book.year + teller.rng.randint(3, 6)
    number = teller.rng.randint(2, 8)
    changes = {"serial": teller.serial(book.publisher), "year": year, "pages": book.pages + teller.pick((0, 5, 40))}
    if book.chinese:
        foreign = teller.pick(words.ZH_FOREIGN)
        book = book.but(foreign=foreign, translators=[teller.person(True)], edition_text=f"原书第{number}版")
        second = book.but(edition_text=f"原书第{number + 1}版", isbn_form=_of(book, year), **changes)
    else:
        ordinals = {2: "2nd", 3: "3rd"}
        texts = [f"{ordinals.get(n, f'{n}th')} international ed." for n in (number, number + 1)]
        book = book.but(edition_text=texts[0])
        second = book.but(edition_text=texts[1], isbn_form=_of(book, year), **changes)
    return apart(book, teller.later(second, year), "original edition number")


def two_in_one_year(book: Book, teller: Teller) -> Told:
    """Two numbered editions of one year, each with its own ISBN, pages and price: lawful, though it looks like D07."""
    book = modern(book).but(edition=2)
    second = book.but(serial=teller.serial(book.publisher), edition=3, pages=book.pages + 33, price=book.price + 500)
    relation = Relation(0, 1, REVIEW, "", "two editions in one year")
    return two(book, teller.later(second), relation)


def translator(book: Book, teller: Teller) -> Told:
    """Another translation at another publisher (in English, another editor's text)."""
    book = modern(book)
    if book.chinese:
        book = book.but(foreign=teller.pick(words.ZH_FOREIGN))
    first = book.but(translators=[teller.person(book.chinese)])
    house = teller.elsewhere(book)
    second = first.but(translators=[teller.person(book.chinese)], publisher=house, serial=teller.serial(house))
    return apart(first, teller.later(second.but(pages=book.pages + 23)), "other translator")


def translator_same_house(book: Book, teller: Teller) -> Told:
    """Another translation at the same house, with nearly the same pages."""
    book = modern(book)
    book = book.but(foreign=teller.pick(words.ZH_FOREIGN)) if book.chinese else book.but(original="fre")
    first = book.but(translators=[teller.person(book.chinese)])
    changes = {"translators": [teller.person(book.chinese)], "serial": teller.serial(book.publisher)}
    second = first.but(year=book.year + 1, pages=book.pages + 4, **changes)
    return apart(first, teller.later(second), "other translator at the same house")


def other_publisher(book: Book, teller: Teller) -> Told:
    """The same work from another publisher."""
    book = modern(book)
    house = teller.elsewhere(book)
    second = book.but(publisher=house, serial=teller.serial(house), year=book.year + 3, pages=book.pages + 11)
    return apart(book, teller.later(teller.noisy(second), book.year + 3), "other publisher")


def other_publisher_same_year(book: Book, teller: Teller) -> Told:
    """The same work from another publisher in the same year."""
    book = modern(book)
    house = teller.elsewhere(book)
    second = book.but(publisher=house, serial=teller.serial(house), pages=book.pages + teller.pick((15, 40)))
    return apart(book, teller.later(second), "other publisher in the same year")


def facsimile(book: Book, teller: Teller) -> Told:
    """A foreign book and its licensed Chinese reprint; an old Chinese book and its facsimile at another house."""
    book = modern(book).but(edition=1, edition_text="")
    house = teller.pick(publishers(True)[:12])
    if book.chinese:
        house = teller.elsewhere(book)
        text = teller.pick(("影印本", "影印版"))
    else:
        text = teller.pick(("Reprint ed. (影印版)", "英文影印版", "Reprint ed."))
    form = _of(book, book.year + 2)
    changes = {"publisher": house, "serial": teller.serial(house), "edition_text": text, "isbn_form": form}
    return apart(book, teller.later(book.but(year=book.year + 2, **changes), book.year + 2), "facsimile")


def overseas_edition(book: Book, teller: Teller) -> Told:
    """The Taiwan or Hong Kong edition of a Chinese book; of an English one that of another country's house."""
    if not book.chinese:
        return other_publisher(book, teller)
    book = modern(book)
    country = teller.pick(("TW", "HK"))
    house = teller.pick(overseas(country))
    second = book.but(publisher=house, serial=teller.serial(house), noise=TRADITIONAL)
    kind = "Taiwan edition" if country == "TW" else "Hong Kong edition"
    return apart(book, teller.later(second.but(pages=book.pages + teller.pick((0, 9)))), kind)


def bilingual(book: Book, teller: Teller) -> Told:
    """The translation alone and the edition with both texts."""
    book = modern(book).but(original="eng" if book.chinese else "fre")
    if book.chinese:
        book = book.but(foreign=teller.pick(words.ZH_FOREIGN), translators=[teller.person(True)])
    text = "双语对照版" if book.chinese else "Bilingual ed."
    both = [("101", "1 \x1fachi\x1faeng\x1fceng")] if book.chinese else [("041", "1 \x1faeng\x1fafre\x1fhfre")]
    changes = {"serial": teller.serial(book.publisher), "more": both, "edition_text": text}
    second = book.but(pages=book.pages + book.pages // 2, less=frozenset({"101"}), **changes)
    return apart(book, teller.later(second), "bilingual edition")


def thesis(book: Book, teller: Teller) -> Told:
    """A thesis and the book made of it."""
    book = modern(book).but(authors=[teller.person(book.chinese)], role="著" if book.chinese else "", edition=1)
    school = "南开大学" if book.chinese else "Yale University"
    note = [("328", f"  \x1fa博士学位论文--{school}, {book.year - 2}")]
    if not book.chinese:
        note = [("502", f"  \x1faThesis (Ph. D.)--{school}, {book.year - 2}.")]
    changes = {"isbn_form": "none", "more": note, "house": school, "year": book.year - 2, "pages": book.pages - 30}
    first = book.but(entered=f"{book.year - 1}0302", subtitle="", series="", **changes)
    return apart(first, teller.later(book), "thesis and book")


def kept_number(book: Book, teller: Teller) -> Told:
    """One ISBN, another year, many more pages and another price, no word of a printing: needs the book in hand."""
    book = modern(book).but(edition=1, edition_text="")
    year = book.year + 4
    second = book.but(year=year, pages=int(book.pages * 1.3) + 20, price=book.price + 2100)
    return two(book, teller.later(second, year), Relation(0, 1, REVIEW, "", "pages jump"))


def forgotten_edition(book: Book, teller: Teller) -> Told:
    """One ISBN, year and extent; only one record names the second edition."""
    book = modern(book).but(edition=2, edition_text="")
    return two(book, teller.later(book.but(edition=1)), Relation(0, 1, REVIEW, "", "edition in one record"))


def revised_in_one(book: Book, teller: Teller) -> Told:
    """One ISBN, year and extent; only one record says that the text was revised."""
    book = modern(book).but(edition=1, edition_text="")
    second = book.but(edition_text="修订本" if book.chinese else "Rev. ed.")
    return two(book, teller.later(second), Relation(0, 1, REVIEW, "", "revised in one record"))


def early(book: Book, teller: Teller) -> Told:
    """A Chinese book from before 1949 in two records without any number: needs the book in hand."""
    if not book.chinese:
        return revised_in_one(book, teller)
    year = teller.rng.randint(1912, 1946)
    date = f"民国{year - 1911}年"
    book = book.but(year=year, isbn_form="none", numbers=[], entered="19880507", edition=1, edition_text="", series="")
    second = teller.later(book.but(date_text=date, size=book.size - 1))
    return two(book, second, Relation(0, 1, REVIEW, "", "book from before 1949"))
