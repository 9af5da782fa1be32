"""A book as MARC: CNMARC or MARC 21 fields, and ISO 2709 bytes, worked out in bulk for speed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.made.books import Book, isbn10, isbn13
from benchmarks.made.stories import JUNK_TITLE

Fields = list[tuple[str, str]]
Integers = NDArray[np.int64]
FIRST_ISBN_YEAR = 1988  # before it, Chinese books bear a unified book number
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


@dataclass(frozen=True, slots=True)
class Library:
    """One made library: code, format of its catalogue, encoding, item field."""

    code: str
    chinese: bool
    encoding: str
    items: str


def _isbns(book: Book) -> list[str]:
    """The ISBNs as typed, in the form the record's year and story ask for."""
    form = book.isbn_form
    if form == "none":
        return []
    ten = isbn10(book.publisher, book.serial)
    if form == "10":
        return [ten]
    if form == "bad13":
        return ["978-" + ten]
    return [isbn13(book.publisher, book.serial)]


def _items(book: Book, library: Library, number: int) -> Fields:
    out = []
    for copy in range(book.items):
        barcode = f"{library.code}{number:08d}{copy}"
        if library.items == "999":
            body = f"  \x1fa{book.klass}/{number % 9973}\x1fwASIS\x1fc1\x1fi{barcode}\x1flSTACKS\x1fm{library.code}"
        elif library.items == "905":
            body = f"  \x1fa{library.code}\x1fb{barcode}\x1fd{book.klass}\x1fe{number % 9973}"
        else:
            body = f"  \x1fa{library.code}\x1fbMAIN\x1fh{book.klass}\x1fi{number % 9973}\x1fp{barcode}"
        out.append((library.items, body))
    return out


def _zh_statement(book: Book) -> str:
    if book.foreign:
        country, name, _ = book.foreign
        head = f"[{country}]{name}著" if book.noise else f"({country})" + name + "著"
    else:
        head = (" ," if book.noise == 2 else ", ").join(book.authors) + ("编著" if len(book.authors) > 1 else "著")
    return head + (f"\x1fg{', '.join(book.translators)}译" if book.translators else "")


def _zh_headings(book: Book) -> Fields:
    if not book.foreign:
        return [("701", f" 0\x1fa{name}\x1f4著") for name in book.authors]
    country, name, original = book.foreign
    given = f",\x1fb{original.split(', ')[1][0]}." if ", " in original else ""
    if book.loose_heading:
        first = ("701", f" 0\x1fc({country})\x1fa{name}\x1fc({original})\x1f4著")
    else:
        first = ("701", f" 1\x1fa{name}{given}\x1fg({original})\x1fc({country})\x1f4著")
    return [first, *(("702", f" 0\x1fa{name}\x1f4译") for name in book.translators)]


def _zh_isbn(book: Book) -> Fields:
    qualifier = f"\x1fb{book.qualifier}" if book.qualifier else ""
    price = f"\x1fdCNY{book.price // 100}.{book.price % 100:02d}{book.set_text}"
    numbers = _isbns(book)
    if numbers:
        return [("010", f"  \x1fa{number}{qualifier}{price}") for number in numbers]
    if book.year >= FIRST_ISBN_YEAR:
        return [("010", f"  {price}")]
    return [("091", f"  \x1fa{10 + len(book.publisher.name)}{book.publisher.registrant:0>3}.{book.serial}{price}")]


def _zh_extent(book: Book) -> str:
    extent = book.extent or f"{book.pages}页"
    if book.online:
        return f"  \x1fa在线资源({extent})"
    return f"  \x1fa{extent}\x1fc图\x1fd{book.size}cm"


def _zh_title(book: Book) -> str:
    if book.title == JUNK_TITLE:
        return f"1 \x1fa{JUNK_TITLE}"
    title = book.title if not book.noise else book.title.replace("与", " 与 ") + " "
    carrier = "\x1fb电子资源" if book.online else ""
    subtitle = f"\x1fe{book.subtitle}" if book.subtitle else ""
    volume = f"\x1fh{book.volume}" if book.volume else ""
    return f"1 \x1fa{title}{carrier}{volume}{subtitle}\x1ff{_zh_statement(book)}"


def cnmarc(book: Book, library: Library, number: int) -> Fields:
    """The book as CNMARC fields, in order of tag."""
    fields: Fields = [("001", f"{library.code}{number:09d}"), ("005", f"{book.entered}101500.0")]
    fields += _zh_isbn(book)
    if book.source_number:
        fields.append(("099", f"  \x1fa{book.source_number}"))
    publisher = book.publisher
    fields.append(("100", f"  \x1fa{book.entered}d{book.year}    em y0chiy50      ea"))
    language = "chi" if book.chinese else "eng"
    fields.append(("101", f"{1 if book.foreign else 0} \x1fa{language}"))
    fields.append(("102", f"  \x1fa{publisher.country}\x1fb110000"))
    if book.online:
        fields.append(("135", "  \x1fadrbn#---auaua"))
    fields.append(("200", _zh_title(book)))
    if book.edition > 1 or book.edition_text:
        text = book.edition_text or (f"第{book.edition}版" if book.noise else f"{book.edition}版")
        fields.append(("205", f"  \x1fa{text}"))
    fields.append(("210", f"  \x1fa{publisher.place}\x1fc{publisher.name}\x1fd{book.date_text or book.year}"))
    fields.append(("215", _zh_extent(book)))
    if book.series:
        fields += [("225", f"2 \x1fa{book.series}"), ("410", f" 0\x1f12001 \x1fa{book.series}")]
    notes = [note for note in (book.note, book.series_note, "有书目和索引" if book.pages % 3 else "") if note]
    fields += [("300", f"  \x1fa{note}") for note in notes]
    if book.online:
        fields.append(("325", "  \x1fa电子复制品"))
    fields.append(
        (
            "330",
            f"  \x1fa本书介绍{book.title}的基本内容,兼及{book.subtitle or '有关问题'},可供有关专业师生和研究人员参考。",
        )
    )
    fields += [("606", f"0 \x1fa{book.title[:6]}\x1fx研究\x1fy中国"), ("690", f"  \x1fa{book.klass}\x1fv4")]
    fields += _zh_headings(book)
    fields.append(("801", f" 0\x1faCN\x1fb{library.code}\x1fc{book.entered}"))
    return fields + _items(book, library, number)


def _en_isbn(book: Book) -> Fields:
    qualifier = f" ({book.qualifier})" if book.qualifier else book.set_text
    return [("020", f"  \x1fa{number.replace('-', '')}{qualifier}") for number in _isbns(book)]


def _direct(name: str) -> str:
    family, _, given = name.partition(", ")
    return f"{given} {family}" if given else family


def _en_title(book: Book) -> str:
    if book.title == JUNK_TITLE:
        return f"00\x1fa{JUNK_TITLE}"
    carrier = "\x1fh[electronic resource]" if book.online else ""
    volume = f".\x1fn{book.volume}" if book.volume else ""
    subtitle = f" :\x1fb{book.subtitle}" if book.subtitle else ""
    people = ("; " if book.noise == 2 else ", ").join(map(_direct, book.authors))
    translators = f" ; edited by {', '.join(map(_direct, book.translators))}" if book.translators else ""
    by = "by " if book.noise else ""
    return f"10\x1fa{book.title}{carrier}{volume}{subtitle} /\x1fc{by}{people}{translators}."


def _en_heading(book: Book) -> str:
    name = book.authors[0]
    if book.loose_heading:
        family, _, given = name.partition(", ")
        return f"1 \x1fa{family}, {given[:1]}.\x1fq({given.split(' ')[0]})"
    return f"1 \x1fa{name}"


def _en_imprint(book: Book) -> tuple[str, str]:
    place, name = book.publisher.place, book.publisher.name
    date = book.date_text or (book.year if book.noise else f"c{book.year}")
    return ("264" if book.noise else "260", f" {1 if book.noise else ' '}\x1fa{place} :\x1fb{name},\x1fc{date}.")


def _en_extent(book: Book) -> str:
    pages = book.extent or f"{'xvi' if book.pages % 2 else 'xii'}, {book.pages} {'pages' if book.noise else 'p.'}"
    if book.online:
        return f"  \x1fa1 online resource ({pages})"
    return f"  \x1fa{pages} :\x1fbill. ;\x1fc{book.size} cm."


def marc21(book: Book, library: Library, number: int) -> Fields:
    """The book as MARC 21 fields, in order of tag."""
    form, language = "o" if book.online else " ", "chi" if book.chinese else "eng"
    country = "cc " if book.publisher.group == "7" else "nyu"
    fixed = f"{book.entered[2:]}s{book.fixed_year or book.year}    {country}     {form}     001 0 {language} d"
    fields: Fields = [("001", f"{library.code}{number:09d}"), ("005", f"{book.entered}101500.0"), ("008", fixed)]
    fields += _en_isbn(book)
    if book.source_number:
        fields.append(("035", f"  \x1fa{book.source_number}"))
    fields.append(("040", f"  \x1faDLC\x1fcDLC\x1fd{library.code}"))
    fields += [("082", f"04\x1fa{book.pages % 1000:03d}\x1f222"), ("100", _en_heading(book)), ("245", _en_title(book))]
    if book.edition > 1 or book.edition_text:
        text = book.edition_text or f"{_ORDINALS.get(book.edition, f'{book.edition}th')} ed."
        fields.append(("250", f"  \x1fa{text}"))
    fields += [_en_imprint(book), ("300", _en_extent(book))]
    if book.online:
        fields += [
            ("337", "  \x1facomputer\x1fbc\x1f2rdamedia"),
            ("338", "  \x1faonline resource\x1fbcr\x1f2rdacarrier"),
        ]
    if book.series:
        fields.append(("490", f"1 \x1fa{book.series}"))
    notes = [note for note in (book.note, book.series_note) if note]
    fields += [("500", f"  \x1fa{note}") for note in notes]
    fields.append(("504", "  \x1faIncludes bibliographical references and index."))
    fields.append(
        (
            "520",
            f"  \x1faA full account of {book.title.lower()}, with attention to {book.subtitle or 'method'} and use.",
        )
    )
    fields += [("650", f" 0\x1fa{book.title[:40]}."), ("650", f" 0\x1fa{book.klass}\x1fxStudy and teaching.")]
    fields += [("700", f"1 \x1fa{name}") for name in book.authors[1:] + book.translators]
    return fields + _items(book, library, number)


def _digits(numbers: Integers, width: int) -> NDArray[np.uint8]:
    """Numbers as rows of ASCII digits, zeros in front."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    return (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)


def iso2709(rows: list[Fields], leaders: list[str], encoding: str) -> bytes:
    """Records in ISO 2709, one after the other; lengths and directories of all of them are worked out at once.

    `leaders` are positions 5 to 11 and 17 to 23 of each. The text must not hold 0x1D or 0x1E.
    """
    body = "".join([text + "\x1e" for fields in rows for _, text in fields]).encode(encoding)
    tags = np.frombuffer("".join([tag for fields in rows for tag, _ in fields]).encode(), np.uint8)
    ends = np.flatnonzero(np.frombuffer(body, np.uint8) == ord("\x1e")) + 1
    starts = np.concatenate(([0], ends[:-1]))
    counts = np.fromiter(map(len, rows), np.int64, len(rows))
    last = np.cumsum(counts)
    opening = starts[last - counts]
    directory = np.empty((len(ends), 12), np.uint8)
    directory[:, :3] = tags.reshape(-1, 3)
    directory[:, 3:7] = _digits(ends - starts, 4)
    directory[:, 7:] = _digits(starts - np.repeat(opening, counts), 5)
    entries = directory.tobytes()
    out, entry, begin = [], 0, 0
    for leader, next_entry, end in zip(leaders, (last * 12).tolist(), ends[last - 1].tolist(), strict=True):
        base = 25 + next_entry - entry
        out.append(f"{base + end - begin + 1:05d}{leader[:7]}{base:05d}{leader[7:]}".encode())
        out += (entries[entry:next_entry], b"\x1e", body[begin:end], b"\x1d")
        entry, begin = next_entry, end
    return b"".join(out)


def records(books: list[tuple[Book, int]], library: Library) -> bytes:
    """Books, each with its number, as records in the library's format and encoding."""
    describe = cnmarc if library.chinese else marc21
    rows = [describe(book, library, number) for book, number in books]
    if library.chinese:
        leaders = [f"n{'l' if book.online else 'a'}m{book.level} 22   450 " for book, _ in books]
    else:
        leaders = ["nam a22 a 4500"] * len(books)
    return iso2709(rows, leaders, library.encoding)
