"""Books as MARC records of a library: format, encoding, items, and ISO 2709 bytes, worked out in bulk for speed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.made.books import Book, Fields
from benchmarks.made.cnmarc import cnmarc
from benchmarks.made.junk import garbled
from benchmarks.made.marc21 import marc21

Integers = NDArray[np.int64]
MARC8 = "marc-8"
# Combining signs of ANSEL (MARC-8), which stand before their letter.
_ANSEL = {"\u0300": 0xE1, "\u0301": 0xE2, "\u0302": 0xE3, "\u0303": 0xE4, "\u0308": 0xE8}


@dataclass(frozen=True, slots=True)
class Library:
    """One made library: code, format of its catalogue, encoding, item field."""

    code: str
    chinese: bool
    encoding: str
    items: str


def shelf_mark(book: Book, number: int) -> str:
    """The call number of a record's items."""
    return book.call or f"{book.klass}/{number % 9973}"


def _items(book: Book, library: Library, number: int) -> Fields:
    """The record's items in the library's item field; Symphony's 999 also tells when each was made."""
    out = []
    mark, made = shelf_mark(book, number), book.created or book.entered
    klass, _, rest = mark.partition("/")
    for copy in range(book.items):
        barcode = f"{library.code}{number:08d}{copy}"
        if library.items == "999":
            day = f"{int(made[4:6])}/{int(made[6:8])}/{made[:4]}"
            price = f"\x1fp{book.item_price // 100}.{book.item_price % 100:02d}" if book.item_price else ""
            body = f"  \x1fa{mark}\x1fwASIS\x1fc1\x1fi{barcode}\x1flSTACKS\x1fm{library.code}{price}\x1fu{day}"
        elif library.items == "905":
            body = f"  \x1fa{library.code}\x1fb{barcode}\x1fd{klass}\x1fe{rest}"
        else:
            body = f"  \x1fa{library.code}\x1fbMAIN\x1fh{klass}\x1fi{rest}\x1fp{barcode}"
        out.append((library.items, body))
    return out


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


def _marc8(text: str) -> bytes | None:
    """The text in MARC-8 when basic Latin with ANSEL signs can hold it."""
    if text.isascii():
        return text.encode()
    out = bytearray()
    for letter in unicodedata.normalize("NFD", text):
        if letter in _ANSEL:
            out.insert(len(out) - 1, _ANSEL[letter])
        elif letter.isascii():
            out.append(ord(letter))
        else:
            return None
    return bytes(out)


def _mixed(rows: list[Fields], leaders: list[str]) -> bytes:
    """Records in MARC-8, those that it cannot hold in UTF-8, as the leader of each says."""
    out = []
    for fields, leader in zip(rows, leaders, strict=True):
        told = [(tag, _marc8(text)) for tag, text in fields]
        if all(text is not None for _, text in told):
            latin = [(tag, text.decode("latin-1")) for tag, text in told if text is not None]
            out.append(iso2709([latin], [leader.replace("a22", " 22", 1)], "latin-1"))
        else:
            out.append(iso2709([fields], [leader], "utf-8"))
    return b"".join(out)


def records(books: list[tuple[Book, int]], library: Library) -> bytes:
    """Books, each with its number, as records in the library's format and encoding."""
    describe = cnmarc if library.chinese else marc21
    code = library.code
    rows = []
    for book, number in books:
        fields = describe(book, code, f"{code}{number:09d}")
        if book.garble:
            # In a Chinese character set broken text is what the bytes were, or cannot be held: only losses remain.
            fields = garbled(fields, book.garble if library.encoding == "utf-8" else "lost")
        rows.append(fields + _items(book, library, number) if book.items else fields)
    if library.chinese:
        kinds = ["l" if book.carrier else "a" for book, _ in books]
        leaders = [f"n{k}{book.kind}{book.level} 22   450 " for k, (book, _) in zip(kinds, books, strict=True)]
    else:
        leaders = [f"n{'m' if book.carrier == 'disc' else 'a'}{book.kind} a22 a 4500" for book, _ in books]
    return _mixed(rows, leaders) if library.encoding == MARC8 else iso2709(rows, leaders, library.encoding)
