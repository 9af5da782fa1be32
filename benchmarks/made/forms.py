"""One edition in two records: headings (D04), series (D08), downloads (D09, D10)."""

from __future__ import annotations

from benchmarks.made import words
from benchmarks.made.books import Book
from benchmarks.made.told import AWAY, HOME, OTHER_FORMAT, SAME, Relation, Teller, Told, modern, twins, two


def heading(book: Book, teller: Teller) -> Told:
    """D04: the authorised and a made-up form of one heading."""
    book = modern(book)
    if book.chinese:
        named = [row for row in words.ZH_FOREIGN if row[2]]
        book = book.but(foreign=teller.pick(named), translators=[teller.person(True)])
        return twins((book, teller.later(book.but(heading="nlc"))), "D04", "heading", AWAY)
    return twins((book, teller.later(book.but(heading="initials"))), "D04", "heading", AWAY)


def heading_otherwise(book: Book, teller: Teller) -> Told:
    """D04: headings missing, with dates, in the original language, or as secondary responsibility."""
    book = modern(book)
    if len(book.authors) == 1 and not book.chinese:
        form = teller.pick(("none", "dates", "original"))
    else:
        form = teller.pick(("none", "dates", "secondary")) if len(book.authors) > 1 else teller.pick(("none", "dates"))
    guilty = -1 if form == "dates" else 1  # either form may be the authorised one
    return two(book, teller.later(book.but(heading=form)), Relation(0, 1, SAME, "D04", f"heading {form}", guilty))


def corporate_heading(book: Book, teller: Teller) -> Told:
    """D04: a body entered as a body in one record and as a person in the other."""
    body = teller.pick(words.ZH_BODIES if book.chinese else words.EN_BODIES)
    role = {"role": "编"} if book.chinese else {}
    book = modern(book).but(authors=[body], heading="corporate", **role)
    return twins((book, teller.later(book.but(heading=""))), "D04", "body as a person", AWAY)


def series(book: Book, teller: Teller) -> Told:
    """D08: the series in its field and in a note."""
    name = teller.pick(words.SERIES_ZH if book.chinese else words.SERIES_EN)
    first = modern(book).but(series=name)
    second = teller.later(first.but(series="", notes=(name,)))
    return twins((first, second), "D08", "series in a note", AWAY)


def series_with_number(book: Book, teller: Teller) -> Told:
    """D08: series and number in the field; both in one note, as words of the book."""
    name = teller.pick(words.SERIES_ZH if book.chinese else words.SERIES_EN)
    number = str(teller.rng.randint(2, 240))
    first = modern(book).but(series=name, series_number=number)
    note = f"本书为{name}之{number}" if book.chinese else f'"{name}, {number}."'
    second = teller.later(first.but(series="", series_number="", notes=(note,)))
    return twins((first, second), "D08", "series and number in a note", AWAY)


def series_in_title(book: Book, teller: Teller) -> Told:
    """D08: the series typed in front of the title, or as other title information."""
    name = teller.pick(words.SERIES_ZH if book.chinese else words.SERIES_EN)
    first = modern(book).but(series=name, subtitle="")
    second = teller.later(first.but(series=""))
    if book.chinese and teller.rng.random() < 0.5:
        second = second.but(title=f"《{name}》 {book.title}", faults=("Q09",))
    else:
        second = second.but(subtitle=name)
    return twins((first, second), "D08", "series in the title", AWAY)


def _number(book: Book, teller: Teller) -> str:
    if book.chinese:
        return f"CAL 0120{teller.rng.randint(10_000_000, 99_999_999)}"
    return f"(OCoLC){teller.rng.randint(10**7, 10**9)}"


def download(book: Book, teller: Teller) -> Told:
    """D09: the same record downloaded again, nothing held on it."""
    book = modern(book).but(source_number=_number(book, teller))
    second = teller.later(book).but(entered=book.entered, items=0)
    return twins((book, second), "D09", "downloaded again", teller.pick((HOME, AWAY)))


def downloads(book: Book, teller: Teller) -> Told:
    """D09: downloaded three times; only the first is held."""
    book = modern(book).but(source_number=_number(book, teller))
    copies = [(book, HOME)]
    for _ in range(2):
        last = copies[-1][0]
        copies.append((teller.later(last).but(entered=book.entered, items=0), teller.pick((HOME, AWAY))))
    relations = (Relation(a, b, SAME, "D09", "downloaded three times", b) for a, b in ((0, 1), (0, 2), (1, 2)))
    return Told(tuple(copies), tuple(relations))


def unnumbered_download(book: Book, teller: Teller) -> Told:
    """D09: equal to the letter, without a source number, and nothing held on the second."""
    book = modern(book)
    second = teller.later(book).but(entered=book.entered, items=0)
    return twins((book, second), "D09", "empty copy", teller.pick((HOME, AWAY)))


def wrong_format(book: Book, teller: Teller) -> Told:
    """D10: one book in both formats, in the script of the book."""
    book = modern(book)
    return two(book, teller.later(book), Relation(0, 1, SAME, "D10", "both formats", 1), OTHER_FORMAT)


def romanised(book: Book, teller: Teller) -> Told:
    """D10: a Chinese book as a romanised MARC 21 record with the script in 880; keep the CNMARC record."""
    if not book.chinese:
        return wrong_format(book, teller)
    book = modern(book).but(subtitle="", edition=1)
    title, people = words.pinyin(book.title), [words.pinyin(name) for name in book.authors]
    house, place = words.pinyin(book.publisher.name), words.pinyin(book.publisher.place).replace(" ", "")
    names = [f"{family.capitalize()}, {given.replace(' ', '').capitalize()}" for family, _, given in
             (one.partition(" ") for one in people)]  # fmt: skip
    script = book.title.translate(words.TRADITIONAL) if teller.chance(0.5) else book.title
    more = [
        ("245", f"10\x1f6880-01\x1fa{title.capitalize()} /\x1fc{', '.join(names)} zhu."),
        ("260", f"  \x1f6880-02\x1fa{place.capitalize()} :\x1fb{house.capitalize()},\x1fc{book.year}."),
        ("880", f"10\x1f6245-01\x1fa{script} /\x1fc{', '.join(book.authors)}著."),
        ("880", f"  \x1f6260-02\x1fa{book.publisher.place} :\x1fb{book.publisher.name},\x1fc{book.year}."),
    ]
    less = frozenset({"245", "260", "520", "650"})
    second = teller.later(book.but(authors=names, more=more, less=less))
    return two(book, second, Relation(0, 1, SAME, "D10", "romanised twin", 1), OTHER_FORMAT)


def wrong_record(book: Book, teller: Teller) -> Told:
    """D10: this description carries the item of quite another book: other class, other price."""
    book = modern(book)
    book = book.but(klass="O151.2") if book.chinese else book.but(more=[("050", "00\x1faQA184\x1fb.S63 1997")])
    mark = f"I247.57/{book.pages % 97}" if book.chinese else f"PR6058 .A{book.pages % 97}"
    second = teller.later(book).but(call=mark, item_price=book.price * 2 + 900, faults=("Q13",))
    return twins((book, second), "D10", "item of another book", AWAY)
