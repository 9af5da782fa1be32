"""How two libraries describe one book differently: bits that the MARC writers heed, and what is lost or added."""

from __future__ import annotations

import re
from random import Random

from benchmarks.made import words
from benchmarks.made.books import Book

FULL, TRADITIONAL, ROLE, ETAL, SPACED, RDA, HOUSE, DATE = (1 << bit for bit in range(8))
COLON, BARE, SIZE, BRACKET, INVERTED = (1 << bit for bit in range(8, 13))
_ZH = (FULL, TRADITIONAL, ROLE, ETAL, SPACED, RDA, HOUSE, DATE, COLON, BARE, SIZE, BRACKET)
_EN = (ETAL, RDA, RDA, HOUSE, DATE, COLON, BARE, SIZE, INVERTED, SPACED)
_LONG_WORD = re.compile(r"[a-z]{6,}")
_ZH_SLIP, _EN_SLIP = 9, 16  # letters of a title from which a slip leaves no doubt
_ZH_NOTES = ("附录:术语表", "封面题名由作者题写", "据第一次印刷著录", "本书附图表")
_EN_NOTES = ("Includes index.", "Title from cover.", "Map on lining papers.", "Errata slip inserted.")


def slip(title: str, chinese: bool, rng: Random) -> str:
    """The title with one typing slip: a homophone, a letter left out or two letters changed about; short ones stay."""
    if len(title) < (_ZH_SLIP if chinese else _EN_SLIP):
        return title
    if chinese:
        places = [at for at, one in enumerate(title) if one in words.HOMOPHONES and at > 1]
        if not places:
            return title
        at = rng.choice(places)
        return title[:at] + rng.choice(words.HOMOPHONES[title[at]]) + title[at + 1 :]
    words_at = [found.span() for found in _LONG_WORD.finditer(title)]
    places = [at for begin, end in words_at for at in range(begin + 1, end - 1) if title[at] != title[at + 1]]
    if not places:
        return title
    at = rng.choice(places)
    return title[:at] + rng.choice((title[at + 1] + title[at], title[at])) + title[at + 2 :]


def _lost(book: Book, rng: Random, keep_number: bool) -> Book:
    """The book with one thing that matters missing or mistyped; a title slips only where a number stands for it."""
    loss = rng.randrange(8)
    if loss == 0 and not keep_number:
        return book.but(isbn_form="none")
    if loss == 1 and keep_number:
        return book.but(title=slip(book.title, book.chinese, rng))
    if loss == 2 and not book.extent:
        return book.but(less=book.less | {"215$a", "300$a"})
    if loss == 3:
        return book.but(subtitle="")
    if loss == 4:
        return book.but(less=book.less | {"330", "606", "690", "520", "650", "504", "082"}, notes=())
    if loss == 5 and not book.series_number:
        return book.but(series="")
    if loss == 6:
        return book.but(less=book.less | {"210$a", "260$a"})
    return book.but(notes=(*book.notes, rng.choice(_ZH_NOTES if book.chinese else _EN_NOTES)))


def styled(book: Book, rng: Random) -> Book:
    """The book in the style of another cataloguer: up to four habits, nothing lost."""
    habits = 0
    for _ in range(rng.choice((0, 1, 1, 2, 3, 4))):
        habits |= rng.choice(_ZH if book.chinese else _EN)
    return book.but(noise=book.noise | habits) if habits else book


def noisy(book: Book, rng: Random, keep_number: bool = True) -> Book:
    """The book as another cataloguer would type it: some habits of style and now and then one loss.

    Whatever is lost, number, title, names and imprint together still tell the book; the ISBN only goes when
    `keep_number` is false.
    """
    book = styled(book, rng)
    return _lost(book, rng, keep_number) if rng.random() < 0.4 else book
