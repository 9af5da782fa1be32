"""A book as MARC 21 fields, with the habits of its cataloguer."""

from __future__ import annotations

from benchmarks.made import noise, words
from benchmarks.made.books import Book, Fields
from benchmarks.made.cnmarc import typed_isbns

_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
_SPELT = ("", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")
_COUNTRY = {"CN": "cc ", "TW": "ch ", "HK": "hk "}
_COUNTS = ("", "one other", "two others", "three others")


def _number_fields(book: Book) -> Fields:
    if book.numbers is not None:
        return book.numbers
    qualifier = f" ({book.qualifier})" if book.qualifier else book.set_text
    if qualifier and book.noise & noise.RDA:
        qualifier = f"\x1fq{qualifier.strip(' ()')}"
    return [("020", f"  \x1fa{number.replace('-', '')}{qualifier}") for number in typed_isbns(book)]


def _direct(name: str) -> str:
    family, _, given = name.partition(", ")
    return f"{given} {family}" if given else family


def _others(count: int, style: int) -> str:
    return f" [and {_COUNTS[min(count, 3)]}]" if style & noise.RDA else " ... [et al.]"


def statement(book: Book) -> str:
    """245$c, without the full stop."""
    style, names = book.noise, book.authors
    spell = str if style & noise.INVERTED else _direct
    if style & noise.ETAL and len(names) > 1:
        people = spell(names[0]) + _others(len(names) - 1, style)
    else:
        people = ("; " if style & noise.INVERTED else ", ").join(map(spell, names))
    by = "by " if style & noise.SPACED else ""
    role = f"{book.role} " if book.role else by
    more = f" ; {(book.original and 'translated') or 'edited'} by {', '.join(map(_direct, book.translators))}"
    return f"{role}{people}{more if book.translators else ''}"


def _title(book: Book) -> str:
    carrier = "\x1fh[electronic resource]" if book.carrier else ""
    volume = f".\x1fn{book.volume}" if book.volume else ""
    part = f"{',' if volume else '.'}\x1fp{book.part}" if book.part else ""
    mark = " : " if book.noise & noise.COLON and not carrier and not volume else " :\x1fb"
    subtitle = f"{mark}{book.subtitle}" if book.subtitle else ""
    skip = next((len(one) for one in ("The ", "A ", "An ") if book.title.startswith(one)), 0)
    return f"1{skip}\x1fa{book.title}{carrier}{volume}{part}{subtitle} /\x1fc{statement(book)}."


def _heading(name: str, form: str) -> str:
    family, _, given = name.partition(", ")
    if form == "initials" and given:
        return f"1 \x1fa{family}, {given[:1]}.\x1fq({given.split(' ')[0]})"
    if form == "dates":
        return f"1 \x1fa{name},\x1fd1921-2002"
    if form == "original" and given:
        return f"1 \x1fa{family}, {given[:1]}."
    return f"1 \x1fa{name}"


def _headings(book: Book) -> Fields:
    """100 and 700, or 110; entered under the title, all names stand in 700."""
    if book.heading == "none":
        return []
    if book.heading == "corporate":
        return [("110" if at == 0 else "710", f"2 \x1fa{name}") for at, name in enumerate(book.authors)]
    tags = ["700" if at or book.heading == "secondary" else "100" for at in range(len(book.authors))]
    names = [(tag, _heading(name, book.heading)) for tag, name in zip(tags, book.authors, strict=True)]
    return names + [("700", f"1 \x1fa{name}") for name in book.translators]


def _edition(book: Book) -> str:
    if book.edition_text:
        return book.edition_text
    if book.noise & noise.RDA:
        return f"{_SPELT[book.edition]} edition."
    return f"{_ORDINALS.get(book.edition, f'{book.edition}th')} ed."


def _imprint(book: Book) -> tuple[str, str]:
    style, name = book.noise, book.house or book.publisher.name
    if style & noise.HOUSE:
        typed = words.EN_HOUSES_TYPED.get(name) or (name.replace("University Press", "Univ. Press"),)
        name = typed[book.pages % len(typed)]
    date = book.date_text or (f"{book.year}" if style & noise.DATE else f"c{book.year}")
    if style & noise.RDA and not book.date_text:
        date = f"[{book.year}]" if style & noise.DATE else f"{book.year}"
    place = "" if "260$a" in book.less else f"\x1fa{book.publisher.place} :"
    return (
        ("264", f" 1{place}\x1fb{name},\x1fc{date}.")
        if style & noise.RDA
        else (
            "260",
            f"  {place}\x1fb{name},\x1fc{date}.",
        )
    )


def _extent(book: Book) -> str:
    style = book.noise
    roman = "" if style & noise.SIZE else ("xvi, " if book.pages % 2 else "xii, ")
    pages = book.extent or f"{roman}{book.pages} {'pages' if style & noise.RDA else 'p.'}"
    if book.carrier == "online":
        return f"  \x1fa1 online resource ({pages})"
    if book.carrier == "disc":
        return "  \x1fa1 CD-ROM ;\x1fc12 cm."
    extent = "" if "300$a" in book.less else f"\x1fa{pages} :"
    return f"  {extent}\x1fb{'illustrations' if style & noise.RDA else 'ill.'} ;\x1fc{book.size} cm."


def _subjects(book: Book) -> Fields:
    account = f"A full account of {book.title.lower()}, with attention to {book.subtitle or 'method'} and use."
    fields = [("504", "  \x1faIncludes bibliographical references and index."), ("520", f"  \x1fa{account}")]
    return [*fields, ("650", f" 0\x1fa{book.title[:40]}."), ("650", f" 0\x1fa{book.klass}\x1fxStudy and teaching.")]


def marc21(book: Book, agency: str, control: str) -> Fields:
    """The book as MARC 21 fields, in order of tag, without its items."""
    form = {"online": "o", "disc": "q"}.get(book.carrier, " ")
    language = book.languages or ("chi" if book.chinese else "eng")
    made, country = book.created or book.entered, _COUNTRY.get(book.publisher.country, f"{book.publisher.country:3}")
    year = book.fixed_year or book.year
    fixed = f"{book.entered[2:]}s{year}    {country}     {form}     001 0 {language[:3]} d"
    fields: Fields = [("001", control), ("005", f"{made}101500.0"), ("008", fixed), *_number_fields(book)]
    if book.source_number:
        fields.append(("035", f"  \x1fa{book.source_number}"))
    rules = "\x1ferda" if book.noise & noise.RDA else ""
    fields.append(("040", f"  \x1faDLC\x1fcDLC{rules}\x1fd{agency}"))
    fields.append(("082", f"04\x1fa{book.pages % 1000:03d}\x1f222"))
    headings = _headings(book)
    fields += [one for one in headings if one[0] < "200"]
    fields.append(("245", _title(book)))
    if book.edition > 1 or book.edition_text:
        fields.append(("250", f"  \x1fa{_edition(book)}"))
    fields += [_imprint(book), ("300", _extent(book))]
    if book.carrier == "online":
        fields.append(("337", "  \x1facomputer\x1fbc\x1f2rdamedia"))
        fields.append(("338", "  \x1faonline resource\x1fbcr\x1f2rdacarrier"))
    if book.series:
        number = f" ;\x1fv{book.series_number}" if book.series_number else ""
        fields.append(("490", f"1 \x1fa{book.series}{number}"))
    fields += [("500", f"  \x1fa{note}") for note in book.notes]
    fields += _subjects(book)
    fields += [one for one in headings if one[0] >= "700"]
    if book.more or book.less:
        fields = sorted([one for one in fields if one[0] not in book.less] + book.more, key=lambda one: one[0])
    return fields
