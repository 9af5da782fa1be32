"""Other books that look alike: yearly books, standards, generic titles, companions, carriers, shared numbers."""

from __future__ import annotations

from benchmarks.made import words
from benchmarks.made.books import Book
from benchmarks.made.told import HOME, REVIEW, Relation, Teller, Told, apart, modern, two


def yearly(book: Book, teller: Teller) -> Told:
    """Two years of a yearly book; the year stands behind or before the title or in other title information."""
    book = modern(book).but(subtitle="", edition=1)
    year, form = book.year, teller.pick((0, 0, 1, 2))
    titles = (f"{book.title}年鉴. {{}}", f"{{}}年{book.title}发展报告", f"{book.title}年鉴({{}})")
    if not book.chinese:
        titles = (
            f"{book.title} yearbook {{}}",
            f"{{}} annual report on {book.title}",
            f"Who's who in {book.title} {{}}",
        )
    first = book.but(title=titles[form].format(year))
    pages = book.pages + teller.pick((0, 3, 14))
    second = first.but(title=titles[form].format(year + 1), serial=teller.serial(book.publisher), pages=pages)
    same_year = teller.chance(0.3)
    return apart(first, second if same_year else second.but(year=year + 1), "yearly book")


def exam_guide(book: Book, teller: Teller) -> Told:
    """An exam guide of two years; the year stands with the edition or before the title."""
    book = modern(book).but(edition=1, subtitle="", year=max(book.year, 2003))
    book = book.but(isbn_form="13" if book.year >= 2007 else "10", entered=f"{book.year}0901", klass="H310.421")
    title = teller.pick(words.ZH_EXAMS if book.chinese else words.EN_EXAMS)
    year = book.year
    serial = teller.serial(book.publisher)
    first = book.but(title=title)
    if teller.rng.random() < 0.5:
        forms = ("{}版", "{}年版") if book.chinese else ("{} ed.",)
        form = teller.pick(forms)
        first = first.but(edition_text=form.format(year + 1))
        second = first.but(edition_text=form.format(year + 2), year=year + 1, serial=serial)
    else:
        first = first.but(title=f"{year + 1}年{title}" if book.chinese else f"{title}, {year + 1}")
        other = f"{year + 2}年{title}" if book.chinese else f"{title}, {year + 2}"
        second = first.but(title=other, year=year + 1, serial=serial)
    form = "13" if year + 1 >= 2007 else "10"
    return apart(first, teller.later(second.but(isbn_form=form), year + 1), "exam guide")


def exam_without_year(book: Book, teller: Teller) -> Told:
    """An exam guide under one ISBN in two years, of which only the imprint tells: needs the book in hand."""
    told = exam_guide(book, teller)
    first = told.copies[0][0].but(
        edition_text="", title=teller.pick(words.ZH_EXAMS if book.chinese else words.EN_EXAMS)
    )
    second = teller.later(first.but(year=first.year + 1), first.year + 1)
    return two(first, second, Relation(0, 1, REVIEW, "", "exam guide without a year"))


def standard(book: Book, teller: Teller) -> Told:
    """A standard and its later issue: one title, number and year of issue tell."""
    title = teller.pick(words.ZH_STANDARDS if book.chinese else words.EN_STANDARDS)
    body = teller.pick(words.ZH_BODIES if book.chinese else words.EN_BODIES)
    number, year = teller.rng.randint(100, 50_000), max(1992, min(book.year, 2015))
    book = book.but(title=title, subtitle="", authors=[body], isbn_form="none", role="发布", heading="corporate")
    book = book.but(edition=1, series="", numbers=[], publisher=book.publisher, year=year, entered=f"{year}0611")
    book = book if book.chinese else book.but(role="")
    later = year + 5
    sign = ("094", "  \x1faCN\x1fbGB/T {}-{}")
    if not book.chinese:
        sign = teller.pick((("024", "8 \x1faBS {}-{}"), ("088", "  \x1faBS {}:{}")))
    first = book.but(more=[(sign[0], sign[1].format(number, year))])
    second = book.but(more=[(sign[0], sign[1].format(number, later))], year=later, pages=book.pages + 2)
    if teller.chance(0.3):
        second = second.but(year=year, more=[(sign[0], sign[1].format(number + 1, year))])
    return apart(first, teller.later(second, later), "standards")


def generic_title(book: Book, teller: Teller) -> Told:
    """A generic title by other authors, at times of the same publisher and year."""
    title = teller.pick(words.ZH_TOPICS[:24]) if book.chinese else f"Introduction to {teller.pick(words.EN_NOUNS)}"
    book = modern(book).but(title=title, subtitle="")
    house = book.publisher if teller.rng.random() < 0.5 else teller.elsewhere(book)
    second = book.but(authors=[teller.person(book.chinese)], publisher=house, serial=teller.serial(house))
    return apart(book, teller.later(teller.noisy(second.but(pages=book.pages + 37))), "generic title")


def same_surname(book: Book, teller: Teller) -> Told:
    """A generic title by another author of the same surname, at the same house, in the same year."""
    title = teller.pick(words.ZH_TOPICS[:24]) if book.chinese else f"{teller.pick(words.EN_NOUNS).capitalize()}"
    author = teller.person(book.chinese)
    surname = author[0] if book.chinese else author.partition(",")[0]
    other = author
    while other[:3] == author[:3] if book.chinese else other.partition(", ")[2][0] == author.partition(", ")[2][0]:
        other = teller.person(book.chinese, surname)
    book = modern(book).but(title=title, subtitle="", authors=[author], edition=1, edition_text="")
    serial = teller.serial(book.publisher)
    second = book.but(authors=[other], serial=serial, pages=book.pages + teller.pick((18, 60)))
    return apart(book, teller.later(second), "author of the same surname")


def proceedings(book: Book, teller: Teller) -> Told:
    """Two conferences of a numbered series."""
    book = modern(book)
    number = max(2, book.year - 1970)
    title = f"第{{}}届全国{book.title}学术会议论文集"
    if not book.chinese:
        title = teller.pick(("Proceedings of the {}th conference on {}", "Advances in {1} {0}")).format(
            "{}", book.title
        )
    first = book.but(title=title.format(number), subtitle="", edition=1)
    second = first.but(title=title.format(number + 1), serial=teller.serial(book.publisher))
    year = book.year + teller.pick((0, 1, 2))
    return apart(first, teller.later(second.but(year=year), year), "numbered proceedings")


def consecutive(book: Book, teller: Teller) -> Told:
    """Two books of one series by one author: one house, one year, nearly the same title and pages."""
    book = modern(book).but(subtitle="", edition=1)
    if book.chinese:
        hero, walk = "".join(teller.rng.choices(words.ZH_GIVEN, k=2)), teller.pick(words.ZH_WALKS)
        scenes = teller.rng.sample(words.ZH_SCENES, 2)
        titles = [f"小{hero}{scene}{walk}记" for scene in scenes]
    else:
        hero, scenes = teller.pick(words.EN_GIVEN), teller.rng.sample(words.EN_SCENES, 2)
        titles = [f"{hero} and the mystery of {scene}" for scene in scenes]
    serial = teller.serial(book.publisher)
    second = book.but(title=titles[1], serial=serial, pages=book.pages + teller.pick((0, 0, 2)))
    return apart(book.but(title=titles[0]), second, "consecutive titles of a series", teller.place())


def companion(book: Book, teller: Teller) -> Told:
    """A textbook and what goes with it."""
    book = modern(book)
    forms = ("习题全解", "习题集", "教师用书", "学习指导", "练习册") if book.chinese else (
        " : solutions manual", " : study guide", " : workbook", " : instructor's manual")  # fmt: skip
    pages = book.pages if teller.chance(0.3) else max(60, book.pages // 2)
    title = f"{book.title}{teller.pick(forms)}"
    second = book.but(title=title, serial=teller.serial(book.publisher), pages=pages)
    return apart(book, teller.later(second), "companion")


def teacher_and_student(book: Book, teller: Teller) -> Told:
    """Teacher's and student's book of one course, as part names."""
    book = modern(book).but(level=" ")
    number, names = ("1", ("学生用书", "教师用书")) if book.chinese else ("1", ("Student's book", "Teacher's book"))
    second = book.but(volume=number, part=names[1], serial=teller.serial(book.publisher), pages=book.pages + 30)
    return apart(book.but(volume=number, part=names[0]), second, "teacher's and student's book")


def electronic(book: Book, teller: Teller) -> Told:
    """An e-book under the print ISBN."""
    book = modern(book)
    return apart(book, teller.later(book.but(carrier="online", items=0)), "e-book twin", teller.pick((HOME, 1)))


def disc(book: Book, teller: Teller) -> Told:
    """The book and its disc, sold apart under the book's ISBN."""
    book = modern(book)
    return apart(book, teller.later(book.but(carrier="disc")), "disc")


def misprinted_number(book: Book, teller: Teller) -> Told:
    """Two quite different books of two houses under one ISBN: a slip of a cataloguer."""
    book = modern(book).but(faults=("Q14",))
    other = _of_the_same_number(book, teller).but(house=teller.elsewhere(book).name)
    return apart(book, teller.later(other), "one isbn on books of two houses")


def number_given_twice(book: Book, teller: Teller) -> Told:
    """Two quite different books to which their house gave one ISBN: no fault of either record."""
    book = modern(book)
    return apart(book, teller.later(_of_the_same_number(book, teller)), "one isbn on two books")


def _of_the_same_number(book: Book, teller: Teller) -> Book:
    first, second = (words.ZH_TOPICS if book.chinese else words.EN_NOUNS)[:2]
    title = (
        f"{teller.pick(words.ZH_FRONT)}{second}史话"
        if book.chinese
        else f"A short life of {teller.pick(words.EN_SURNAMES)}"
    )
    title = title if first not in title else f"{title}新论"
    authors = [teller.person(book.chinese)]
    return book.but(title=title, subtitle="", authors=authors, pages=book.pages + 71, edition=1, series="")


def overlaid_source(book: Book, teller: Teller) -> Told:
    """One source number on two books: the second was typed over a copy of the first."""
    number = (
        f"CAL 0120{teller.rng.randint(10**7, 10**8 - 1)}"
        if book.chinese
        else f"(OCoLC){teller.rng.randint(10**7, 10**9)}"
    )
    book = modern(book).but(source_number=number, title=book.title, edition=1)
    title = (
        "".join(teller.rng.sample(words.ZH_POETIC, 4))
        if book.chinese
        else f"Letters of {teller.pick(words.EN_SURNAMES)}"
    )
    authors = [teller.person(book.chinese)]
    other = book.but(title=title, subtitle="", authors=authors, serial=teller.serial(book.publisher), series="")
    other = teller.later(other.but(pages=book.pages + 53, faults=("Q12",)))
    return apart(book.but(faults=("Q12",)), other, "one source number on two books")


def reports(book: Book, teller: Teller) -> Told:
    """Two reports of one body under one title, numbered."""
    body = teller.pick(words.ZH_BODIES if book.chinese else words.EN_BODIES)
    number = teller.rng.randint(3, 400)
    title = f"{book.title}研究报告" if book.chinese else f"Working paper on {book.title}"
    book = book.but(
        title=title, subtitle="", authors=[body], heading="corporate", isbn_form="none", numbers=[], edition=1
    )
    book = book.but(role="编" if book.chinese else "", series="工作论文" if book.chinese else "Working papers")
    second = book.but(series_number=str(number + 1), pages=book.pages + teller.pick((4, 15)))
    return apart(book.but(series_number=str(number)), teller.later(second.but(year=book.year + 1)), "numbered reports")


def near_title(book: Book, teller: Teller) -> Told:
    """Two titles of one author, house and year that differ in one word."""
    book = modern(book).but(edition=1, subtitle="")
    if book.chinese:
        front, topics = teller.pick(words.ZH_FRONT), teller.rng.sample(words.ZH_TOPICS, 2)
        titles = [f"{front}{topic}基础" for topic in topics]
    else:
        front, topics = teller.pick(words.EN_FRONT), teller.rng.sample(words.EN_NOUNS, 2)
        titles = [f"Readings in {front} {topic}" for topic in topics]
    serial = teller.serial(book.publisher)
    second = book.but(title=titles[1], serial=serial, pages=book.pages + teller.pick((0, 2, 6)))
    return apart(book.but(title=titles[0]), second, "titles that differ in a word")


def number_title(book: Book, teller: Teller) -> Told:
    """Two books whose title is the same number: usable titles, and different books."""
    book = modern(book).but(title=teller.pick(words.NUMBER_TITLES), subtitle="", edition=1, isbn_form="10", year=2001)
    house = teller.elsewhere(book)
    authors = [teller.person(book.chinese)]
    return apart(book, book.but(publisher=house, serial=teller.serial(house), authors=authors), "titles of digits")
