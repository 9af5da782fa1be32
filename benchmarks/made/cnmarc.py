"""A book as CNMARC fields, with the habits of its cataloguer."""

from __future__ import annotations

from benchmarks.made import noise, words
from benchmarks.made.books import Book, Fields, isbn10, isbn13

FIRST_ISBN_YEAR = 1988  # before it, Chinese books bear a unified book number
_WIDE = str.maketrans("()[]:,0123456789", "（）［］：，０１２３４５６７８９")
_COUNTRY = {"CN": "CN", "TW": "TW", "HK": "HK", "enk": "GB", "stk": "GB", "ne": "NL"}
_STYLED = frozenset({"200", "205", "210", "225", "701", "702", "711"})


def typed_isbns(book: Book) -> list[str]:
    """The ISBNs as typed, in the form the record's year and story ask for."""
    form = book.isbn_form
    if form == "none":
        return []
    if form == "bad13":
        return ["978-" + isbn10(book.publisher, book.serial)]
    if form == "bad10":
        return [isbn13(book.publisher, book.serial)[4:]]
    number = isbn10(book.publisher, book.serial) if form == "10" else isbn13(book.publisher, book.serial)
    return [number.replace("-", "") if book.noise & noise.BARE else number]


def price(book: Book) -> str:
    """The price as typed in 010$d."""
    currency = "￥" if book.noise & noise.FULL else "CNY"
    return f"{currency}{book.price // 100}.{book.price % 100:02d}{book.set_text}"


def unified_number(book: Book) -> str:
    """The unified book number of a book from before ISBNs."""
    registrant = book.publisher.registrant
    return f"{10 + int(registrant) % 20}{registrant[-3:]:0>3}.{int(book.serial) + 1}"


def _number_fields(book: Book) -> Fields:
    if book.numbers is not None:
        return book.numbers
    qualifier = f"\x1fb{book.qualifier}" if book.qualifier else ""
    cost = f"\x1fd{price(book)}"
    numbers = typed_isbns(book)
    if numbers:
        return [("010", f"  \x1fa{number}{qualifier}{cost}") for number in numbers]
    if book.year >= FIRST_ISBN_YEAR:
        return [("010", f"  {qualifier}{cost}")]
    return [("091", f"  \x1fa{unified_number(book)}{cost}")]


def _role(book: Book) -> str:
    return book.role or ("编著" if len(book.authors) > 1 else "著")


def _names(book: Book) -> str:
    names, role, style = book.authors, _role(book), book.noise
    if style & noise.ETAL and len(names) > 1:
        return f"{role}{names[0]}...[等]" if style & noise.ROLE else f"{names[0]}[等]{role}"
    joined = (" ," if style & noise.SPACED else ", ").join(names)
    return f"{role}{joined}" if style & noise.ROLE and role != "著" else joined + role


def statement(book: Book) -> str:
    """200$f and $g, without the first mark."""
    if book.foreign:
        country, name, _ = book.foreign
        head = f"[{country}]{name}著" if book.noise & noise.BRACKET else f"({country}){name}著"
    else:
        head = _names(book)
    return head + (f"\x1fg{', '.join(book.translators)}译" if book.translators else "")


def _foreign_headings(book: Book) -> Fields:
    country, name, original = book.foreign or ("", "", "")
    family, _, given = original.partition(", ")
    if book.heading == "nlc":
        first = ("701", f" 0\x1fc({country})\x1fa{name}\x1fc({original})\x1f4著")
    elif book.heading == "original":
        first = ("701", f" 1\x1fa{family},\x1fb{given}\x1f4著")
    else:
        initial = f",\x1fb{given[0]}." if given else ""
        first = ("701", f" 1\x1fa{name}{initial}\x1fg({original})\x1fc({country})\x1f4著")
    return [first, *(("702", f" 0\x1fa{one}\x1f4译") for one in book.translators)]


def _headings(book: Book) -> Fields:
    if book.heading == "none":
        return []
    if book.foreign:
        return _foreign_headings(book)
    role = _role(book)
    if book.heading == "corporate":
        return [("711", f"02\x1fa{name}\x1f4{role}") for name in book.authors]
    dates = "\x1ff(1952-)" if book.heading == "dates" else ""
    tag = "702" if book.heading == "secondary" else "701"
    names = [(tag if at else "701", f" 0\x1fa{one}{dates}\x1f4{role}") for at, one in enumerate(book.authors)]
    return names + [("702", f" 0\x1fa{one}\x1f4译") for one in book.translators]


def _edition(book: Book) -> str:
    if book.edition_text:
        return book.edition_text
    if book.noise & noise.RDA:
        return f"第{words.NUMERALS[book.edition] if book.noise & noise.SPACED else book.edition}版"
    return f"{book.edition}版"


def _extent(book: Book) -> str:
    pages = book.extent or f"{book.pages}页"
    if book.carrier == "online":
        return f"  \x1fa在线资源({pages})"
    if book.carrier == "disc":
        return "  \x1fa1光盘\x1fd12cm"
    if book.noise & noise.SIZE and not book.extent:
        pages = f"{4 + book.pages % 9}, {pages}"
    pages = "" if "215$a" in book.less else f"\x1fa{pages}"
    height = "16开" if book.noise & noise.SIZE and book.size == 24 else f"{book.size}cm"
    return f"  {pages}\x1fc图\x1fd{height}"


def _title(book: Book) -> str:
    title = book.title
    if book.noise & noise.SPACED:
        title = title.replace("与", " 与 ") + " "
    carrier = {"online": "\x1fb电子资源", "disc": "\x1fb电子资源.光盘"}.get(book.carrier, "")
    subtitle = f"{'：' if book.noise & noise.COLON and not book.volume else chr(31) + 'e'}{book.subtitle}"
    volume = f"\x1fh{book.volume}" if book.volume else ""
    part = f"\x1fi{book.part}" if book.part else ""
    return f"1 \x1fa{title}{carrier}{volume}{part}{subtitle if book.subtitle else ''}\x1ff{statement(book)}"


def _imprint(book: Book) -> str:
    style, date = book.noise, book.date_text or str(book.year)
    name = book.house or book.publisher.name
    if style & noise.HOUSE:
        name = (words.ZH_HOUSES.get(name) or (name,))[0]
    if style & noise.DATE and not book.date_text:
        date = (f"c{date}", f"{date}.{1 + book.pages % 12}", f"[{date}]")[book.pages % 3]
    place = "" if "210$a" in book.less else f"\x1fa{book.publisher.place}"
    return f"  {place}\x1fc{name}\x1fd{date}"


def _subjects(book: Book) -> Fields:
    rest = book.subtitle or "有关问题"
    abstract = f"本书介绍{book.title}的基本内容,兼及{rest},可供有关专业师生和研究人员参考。"
    fields = [("330", f"  \x1fa{abstract}"), ("606", f"0 \x1fa{book.title[:6]}\x1fx研究\x1fy中国")]
    return [*fields, ("690", f"  \x1fa{book.klass}\x1fv4")]


def _wide(text: str) -> str:
    """The text with full-width signs and digits; subfield codes stay."""
    return text[:2] + text[2:].translate(_WIDE).replace("\x1f４", "\x1f4")


def _styled(fields: Fields, style: int) -> Fields:
    """Full-width signs and traditional characters in what is transcribed from the book."""
    if style & noise.TRADITIONAL:
        fields = [(tag, text.translate(words.TRADITIONAL) if tag in _STYLED else text) for tag, text in fields]
    if style & noise.FULL:
        fields = [(tag, _wide(text) if tag in _STYLED else text) for tag, text in fields]
    return fields


def cnmarc(book: Book, agency: str, control: str) -> Fields:
    """The book as CNMARC fields, in order of tag, without its items."""
    made, publisher = book.created or book.entered, book.publisher
    fields: Fields = [("001", control), ("005", f"{made}101500.0"), *_number_fields(book)]
    if book.source_number:
        fields.append(("099", f"  \x1fa{book.source_number}"))
    fields.append(("100", f"  \x1fa{book.entered}d{book.fixed_year or book.year}    em y0chiy50      ea"))
    language = book.languages or ("chi" if book.chinese else "eng")
    original = f"\x1fc{book.original}" if book.original else ""
    fields.append(("101", f"{1 if book.foreign or original else 0} \x1fa{language}{original}"))
    region = words.ZH_PLACE_CODES.get(publisher.place, "")
    country = _COUNTRY.get(publisher.country, "US")
    fields.append(("102", f"  \x1fa{country}" + (f"\x1fb{region}" if region else "")))
    if book.carrier:
        fields.append(("135", "  \x1fadrbn#---auaua" if book.carrier == "online" else "  \x1fadobn#---auaua"))
    fields.append(("200", _title(book)))
    if book.edition > 1 or book.edition_text:
        fields.append(("205", f"  \x1fa{_edition(book)}"))
    fields += [("210", _imprint(book)), ("215", _extent(book))]
    if book.series:
        number = f"\x1fv{book.series_number}" if book.series_number else ""
        fields += [("225", f"2 \x1fa{book.series}{number}"), ("410", f" 0\x1f12001 \x1fa{book.series}{number}")]
    notes = (*book.notes, "有书目和索引") if book.pages % 3 else book.notes
    fields += [("300", f"  \x1fa{note}") for note in notes]
    if book.carrier == "online":
        fields.append(("325", "  \x1fa电子复制品"))
    fields += _subjects(book)
    fields += _headings(book)
    fields.append(("801", f" 0\x1faCN\x1fb{agency}\x1fc{made}"))
    if book.more or book.less:
        fields = sorted([one for one in fields if one[0] not in book.less] + book.more, key=lambda one: one[0])
    return _styled(fields, book.noise) if book.noise & (noise.FULL | noise.TRADITIONAL) else fields
