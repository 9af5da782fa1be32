"""Works in several volumes: set, range and volume records side by side (D03), and volumes that are lawful."""

from __future__ import annotations

from benchmarks.made import words
from benchmarks.made.books import Book, isbn10, isbn13
from benchmarks.made.cnmarc import price
from benchmarks.made.told import (
    AWAY,
    DIFFERENT,
    HOME,
    SAME,
    STRUCTURE,
    Relation,
    Teller,
    Told,
    apart,
    modern,
    two,
    volumes,
)


def _set(book: Book, count: int = 2) -> Book:
    """The record of the whole set."""
    if book.chinese:
        return book.but(extent=f"{count}册", set_text=f" (全{words.NUMERALS[count]}册)", role=book.role or "主编")
    return book.but(extent=f"{count} v.", set_text=" (set)")


def _volume(whole: Book, designation: str) -> Book:
    return whole.but(volume=designation, level=" ", extent="")


def set_and_volumes(book: Book, teller: Teller) -> Told:
    """D03: a set record beside two volume records; the volumes among themselves are lawful."""
    whole = _set(modern(book))
    first, second = (teller.later(_volume(whole, part)) for part in volumes(book))
    if book.year % 2:
        second = second.but(serial=teller.serial(book.publisher), set_text="")
    relations = [Relation(0, at, STRUCTURE, "D03", "set and volume") for at in (1, 2)]
    copies = ((whole, HOME), (first, AWAY), (second.but(pages=book.pages + 9), AWAY))
    return Told(copies, (*relations, Relation(1, 2, DIFFERENT, "", "volumes")))


def set_and_own_numbers(book: Book, teller: Teller) -> Told:
    """D03: a set record that holds every volume's ISBN, and one volume under its own."""
    whole = _set(modern(book))
    parts = [whole.but(serial=teller.serial(book.publisher)) for _ in range(2)]
    form = isbn13 if book.year >= 2007 else isbn10
    numbers = []
    for part, name in zip(parts, volumes(book), strict=True):
        number = form(part.publisher, part.serial)
        named = f"{number}\x1fb{name}册\x1fd{price(book)}" if book.chinese else f"{number.replace('-', '')} ({name})"
        numbers.append(("010" if book.chinese else "020", f"  \x1fa{named}"))
    form_name = "13" if book.year >= 2007 else "10"
    one = _volume(parts[0], volumes(book)[0]).but(set_text="", isbn_form=form_name)
    return two(whole.but(numbers=numbers), teller.later(one), Relation(0, 1, STRUCTURE, "D03", "set with all isbns"))


def ranges(book: Book, teller: Teller) -> Told:
    """D03: volumes 1-2 in one record and 3-4 in another; neither is a lawful level."""
    whole = _set(modern(book))
    names = ("1-2", "3-4") if book.chinese else ("Volumes 1-2", "Volumes 3-4")
    first, second = (_volume(whole, name).but(extent=whole.extent, set_text="") for name in names)
    return two(first, teller.later(second), Relation(0, 1, STRUCTURE, "D03", "two ranges"))


def range_and_volume(book: Book, teller: Teller) -> Told:
    """D03: volumes 1-2 in one record beside the record of volume 2."""
    whole = _set(modern(book))
    name, one = ("1-2", "2") if book.chinese else ("Volumes 1-2", "Volume 2")
    first = _volume(whole, name).but(extent=whole.extent, set_text="")
    second = teller.later(_volume(whole, one).but(set_text=""))
    return two(first, second, Relation(0, 1, STRUCTURE, "D03", "range and volume"))


def volume_written_otherwise(book: Book, teller: Teller) -> Told:
    """One volume, its number written in two ways: the same record twice."""
    book = modern(book).but(level=" ", serial=teller.serial(book.publisher))
    ways = (("上", "上册"), ("第一卷", "1"), ("Ⅱ", "2"), ("卷二", "第2卷")) if book.chinese else (
        ("Volume 1", "v. 1"), ("Vol. II", "2"), ("Part one", "Part 1"))  # fmt: skip
    first, second = teller.pick(ways)
    relation = Relation(0, 1, SAME, "D12", "one volume written in two ways", 1)
    return two(book.but(volume=first), teller.later(book.but(volume=second)), relation)


def set_volumes(book: Book, teller: Teller) -> Told:
    """Volumes under one set ISBN: lawful."""
    book = modern(book).but(level=" ", set_text=" (全二册)" if book.chinese else " (set)")
    first, second = (book.but(volume=part) for part in volumes(book))
    pages = book.pages if teller.chance(0.3) else book.pages + 7
    return apart(first, teller.noisy(second.but(pages=pages)), "volumes of a set", teller.pick((HOME, AWAY)))


def own_volumes(book: Book, teller: Teller) -> Told:
    """Three volumes with their own ISBNs, of one year."""
    book = modern(book).but(level=" ")
    copies = [
        (book.but(volume=part, serial=teller.serial(book.publisher), pages=book.pages + 5 * at), HOME if at else AWAY)
        for at, part in enumerate(volumes(book, 3))
    ]
    relations = (Relation(a, b, DIFFERENT, "", "volumes") for a, b in ((0, 1), (0, 2), (1, 2)))
    return Told(tuple(copies), tuple(relations))


def unnumbered_first(book: Book, teller: Teller) -> Told:
    """The first part without a number beside part two, with or without a name of its own."""
    book = modern(book).but(subtitle="")
    second = book.but(serial=teller.serial(book.publisher), pages=book.pages + 12)
    named = teller.pick((("Ⅱ", ""), ("2", ""), ("Ⅱ", teller.pick(teller.pick(words.ZH_PARTS))))) if book.chinese else (
        "2", teller.pick(teller.pick(words.EN_PARTS)))  # fmt: skip
    second = second.but(volume=named[0], part=named[1], level=" ")
    return apart(book, second.but(year=book.year + teller.pick((0, 1))), "first volume without a number")


def part_names(book: Book, teller: Teller) -> Told:
    """Parts that bear names and no numbers."""
    book = modern(book).but(level=" ")
    one, other = teller.pick(words.ZH_PARTS if book.chinese else words.EN_PARTS)
    second = book.but(part=other, serial=teller.serial(book.publisher), pages=book.pages + teller.pick((0, 3, 9)))
    return apart(book.but(part=one), second, "part names")


def joined_part_names(book: Book, teller: Teller) -> Told:
    """Parts whose names stand in the title proper, after a point."""
    book = modern(book).but(subtitle="")
    one, other = teller.pick(words.ZH_PARTS if book.chinese else words.EN_PARTS)
    serial, pages = teller.serial(book.publisher), book.pages + teller.pick((0, 2, 6))
    second = book.but(title=f"{book.title}. {other}", serial=serial, pages=pages)
    return apart(book.but(title=f"{book.title}. {one}"), second, "part names in the title")


def other_sets(book: Book, teller: Teller) -> Told:
    """The set of one edition and a volume of the next: lawful."""
    whole = _set(modern(book)).but(edition=2)
    year = book.year + 4
    later = _volume(whole, volumes(book)[0]).but(edition=3, year=year, serial=teller.serial(book.publisher))
    return apart(whole, teller.later(later.but(set_text="", pages=book.pages + 31), year), "set and later edition")


def series_record(book: Book, teller: Teller) -> Told:
    """The record of a whole series and that of one of its books."""
    book = modern(book)
    name = teller.pick(words.SERIES_ZH if book.chinese else words.SERIES_EN)
    body = f"{name}编委会" if book.chinese else book.publisher.name
    changes = {"title": name, "subtitle": "", "kind": "s", "date_text": f"{book.year - 3}-", "authors": [body]}
    extent = "册" if book.chinese else "v."
    form = {"isbn_form": "none", "heading": "corporate", "extent": extent, "fixed_year": book.year - 3, "items": 1}
    whole = book.but(role="编" if book.chinese else "", **changes, **form)
    return apart(whole, book.but(series=name), "series and one of its books")


def serial_and_year(book: Book, teller: Teller) -> Told:
    """D03: a yearbook as a serial in one record, one of its years in the other."""
    book = modern(book).but(subtitle="", edition=1, edition_text="", series="")
    body = teller.pick(words.ZH_BODIES if book.chinese else words.EN_BODIES)
    title = f"{book.title}年鉴" if book.chinese else f"{book.title} yearbook"
    book = book.but(title=title, authors=[body], heading="corporate", role="编" if book.chinese else "")
    year = book.but(volume=str(book.year))
    whole = book.but(
        kind="s", date_text=f"{book.year - 4}-", fixed_year=book.year - 4, extent="册" if book.chinese else "v."
    )
    whole = whole.but(
        isbn_form="none", numbers=[("011", "  \x1fa1002-7912")] if book.chinese else [("022", "  \x1fa0083-3312")]
    )
    return two(whole, teller.later(year), Relation(0, 1, STRUCTURE, "D03", "serial and one of its years"))
