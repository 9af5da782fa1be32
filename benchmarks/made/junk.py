"""Records without a usable title (J01 to J09), most with the good record that rescues them (cause D11)."""

from __future__ import annotations

from benchmarks.made import words
from benchmarks.made.books import Book, Fields, isbn10, isbn13
from benchmarks.made.told import AWAY, HOME, JUNK, OTHER_FORMAT, Relation, Teller, Told, modern, two

_PLACEHOLDERS = ("**REQUIRED FIELD**", "**Required Field**", "**REQUIRED FIELD**", "* REQUIRED FIELD *")
_EMPTY_ZH = ("无题名", "[无]", "题名", "正题名", "测试", "待编", "test", "???")
_EMPTY_EN = ("Untitled", "No title", "Title", "test", "XX", "???", "aaa", "DUMMY")
_FLY_ZH, _FLY_EN = ("ON-THE-FLY", "BRIEF RECORD", "临时"), ("ON-THE-FLY", "BRIEF RECORD", "TEMPORARY")
_CONTENT = frozenset({"330", "606", "520", "650", "504"})
_ALL = _CONTENT | {"101", "102", "205", "210", "215", "225", "410", "300", "690", "701", "702", "711", "801"}
_ALL |= {"008", "040", "082", "100", "250", "260", "264", "490", "500", "700"}


def _entitled(book: Book, code: str, text: str | None, less: frozenset[str] = _CONTENT) -> Book:
    """The book's record with that title field (subfields and all; None = no field) in place of its own."""
    tag = "200" if book.chinese else "245"
    more = [] if text is None else [(tag, f"{'1 ' if book.chinese else '10'}{text}")]
    return book.but(junk=code, less=less | {tag}, more=more)


def _rescued(book: Book, junk: Book, kind: str, place: int = AWAY) -> Told:
    return two(book, junk, Relation(0, 1, JUNK, "D11", kind, 1), place)


def placeholder(book: Book, teller: Teller) -> Told:
    """J01: the placeholder of the library system, all else as it should be or next to nothing."""
    book = modern(book)
    less = _CONTENT if teller.rng.random() < 0.5 else _ALL - {"801", "008", "040"}
    bad = _entitled(teller.later(book), "J01", f"\x1fa{teller.pick(_PLACEHOLDERS)}", less)
    return _rescued(book, bad, "placeholder title", teller.place())


def lost_placeholder(book: Book, teller: Teller) -> Told:
    """J01: a placeholder in a record whose number no other record has."""
    bad = _entitled(modern(book), "J01", "\x1fa**REQUIRED FIELD**", _ALL)
    return Told(((bad.but(isbn_form="none", numbers=[]), HOME),), ())


def no_title(book: Book, teller: Teller) -> Told:
    """J02: no title field at all, an empty one, or one with the names only."""
    book = modern(book)
    text = teller.pick((None, "\x1fa", "\x1ff某人著" if book.chinese else "\x1fcby somebody."))
    return _rescued(book, _entitled(teller.later(book), "J02", text), "no title")


def no_word(book: Book, teller: Teller) -> Told:
    """J03: words of a form, tests, signs instead of a title."""
    book = modern(book)
    text = teller.pick(_EMPTY_ZH if book.chinese else _EMPTY_EN)
    return _rescued(book, _entitled(teller.later(book), "J03", f"\x1fa{text}"), "title says nothing")


def stub(book: Book, teller: Teller) -> Told:
    """J04: the first words of a title, nothing else; no other record can be told from them."""
    word = book.title[:4] if book.chinese else " ".join(book.title.split(" ")[:2])
    bad = _entitled(book, "J04", f"\x1fa{word}", _ALL)
    return Told(((bad.but(isbn_form="none", numbers=[]), HOME),), ())


def number_as_title(book: Book, teller: Teller) -> Told:
    """J07: the ISBN, the barcode or the call number typed as title."""
    book = modern(book)
    number = isbn13(book.publisher, book.serial) if teller.rng.random() < 0.5 else isbn10(book.publisher, book.serial)
    text = teller.pick((number, number.replace("-", ""), f"{book.klass}/{book.pages}"))
    bad = _entitled(teller.later(book), "J07", f"\x1fa{text}").but(call=f"{book.klass}/{book.pages}")
    return _rescued(book, bad, "number as title")


def shifted(book: Book, teller: Teller) -> Told:
    """J08: subfield codes as letters of the title, or the title in the imprint."""
    book = modern(book)
    sign = teller.pick(("$", "|", "@", "▼"))
    author = book.authors[0]
    text = f"{sign}a{book.title}{sign}f{author}著" if book.chinese else f"{sign}a{book.title} /{sign}c{author}"
    return _rescued(book, _entitled(teller.later(book), "J08", f"\x1fa{text}"), "codes in the title")


def on_the_fly(book: Book, teller: Teller) -> Told:
    """J09: made at the desk for a loan; a barcode and no more."""
    word = teller.pick(_FLY_ZH if book.chinese else _FLY_EN)
    bad = _entitled(modern(book), "J09;J03", f"\x1fa{word}", _ALL)
    return Told(((bad.but(isbn_form="none", numbers=[]), HOME),), ())


def broken_text(book: Book, teller: Teller) -> Told:
    """J05: Chinese text read in another encoding than it was written in; the pinyin survives."""
    if not book.chinese:
        return placeholder(book, teller)
    book = modern(book)
    garble = teller.pick(("gbk-latin", "utf-latin", "utf-gbk", "big5-gbk", "lost"))
    return _rescued(book, teller.later(book).but(garble=garble, junk="J05"), "broken text")


def wrong_grammar(book: Book, teller: Teller) -> Told:
    """J06: a record loaded under the other format: placeholder title, and the fields that both formats know."""
    book = modern(book)
    if book.chinese:
        coded = ("100", f"  \x1fa{book.entered}d{book.year}    em y0chiy50      ea")
        number = ("010", f"  \x1fa{isbn10(book.publisher, book.serial)}")
        more = [number, coded, ("245", "00\x1fa**REQUIRED FIELD**"), ("300", "  \x1fa有书目和索引")]
    else:
        number = ("020", f"  \x1fa{isbn10(book.publisher, book.serial).replace('-', '')}")
        more = [number, ("100", f"1 \x1fa{book.authors[0]}"), ("200", "  \x1fa**REQUIRED FIELD**")]
        more += [("050", "00\x1faQA184"), ("300", f"  \x1faxv, {book.pages} p.")]
    less = _ALL | {"005", "200", "245"}
    bad = teller.later(book).but(less=less, more=more, numbers=[], junk="J06;J01")
    return _rescued(book, bad, "loaded under the other format", OTHER_FORMAT)


def garbled(fields: Fields, way: str) -> Fields:
    """The fields with their text broken in the way named; subfield marks and the pinyin of the title stay."""
    title = next(text for tag, text in fields if tag == "200").split("\x1f")[1][1:]
    out = []
    for tag, text in fields:
        if "200" <= tag < "800":
            parts = text.split("\x1f")
            text = "\x1f".join([parts[0], *(part[0] + _broken(part[1:], way) for part in parts[1:])])
        out.append((tag, text + f"\x1f9{words.pinyin(title)}" if tag == "200" else text))
    return out


def _broken(text: str, way: str) -> str:
    if way == "gbk-latin":
        return text.encode("gb18030").decode("latin-1")
    if way == "utf-latin":
        return text.encode().decode("latin-1")
    if way == "utf-gbk":
        return text.encode().decode("gb18030", "replace")
    if way == "big5-gbk":
        return text.translate(words.TRADITIONAL).encode("big5", "replace").decode("gb18030", "replace")
    return "".join("?" if "\u4e00" <= letter <= "\u9fff" else letter for letter in text)
