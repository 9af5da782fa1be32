"""Which stories are told, in how many variants and how often: the mix of a made catalogue.

A family is one line of the mix; its variants are told in turn, so that even a small catalogue has each of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.made import duplicates as twice
from benchmarks.made import editions, errors, faults, forms, junk, levels, lookalikes
from benchmarks.made.books import Book
from benchmarks.made.told import DIFFERENT, HOME, Story, Teller, Told


@dataclass(frozen=True, slots=True)
class Family:
    """Stories told so often per thousand books; the first is the plain one."""

    share: float
    variants: tuple[Story, ...]


# Per thousand books. About 12 % of the records come to stand in `same` pairs.
FAMILIES: tuple[Family, ...] = (
    Family(11, (twice.isbn_forms, twice.isbn_forms, twice.wrong_check_digit, twice.cancelled_form, twice.article_number,
                twice.number_in_note, twice.unified)),
    Family(9, (twice.bindings, twice.bindings, twice.unnamed_binding)),
    Family(8, (forms.heading, forms.heading_otherwise, forms.corporate_heading)),
    Family(12, (twice.reprint, twice.reprint, twice.silent_reprint, twice.reprint_other_form,
                twice.reprint_new_number)),
    Family(6, (forms.series, forms.series_with_number, forms.series_in_title)),
    Family(8, (forms.download, forms.download, forms.downloads, forms.unnumbered_download)),
    Family(14, (twice.unchecked, twice.unchecked, twice.unchecked, twice.unchecked, twice.unchecked, twice.identical,
                twice.own_twice, twice.own_twice_one_mark, twice.without_number, twice.second_number, twice.with_disc,
                twice.before_isbn, levels.volume_written_otherwise)),
    Family(3, (forms.wrong_format, forms.romanised, forms.wrong_record)),
    Family(4, (levels.set_and_volumes, levels.set_and_own_numbers, levels.ranges, levels.range_and_volume,
               levels.serial_and_year)),
    Family(3, (errors.unadapted, errors.half_adapted, errors.coded_year_kept)),
    Family(3, (errors.misdated, errors.two_years, errors.second_edition)),
    Family(3, (junk.placeholder, junk.placeholder, junk.lost_placeholder, junk.no_title, junk.no_word, junk.stub,
               junk.number_as_title, junk.shifted, junk.on_the_fly, junk.broken_text, junk.wrong_grammar)),
    Family(9, (levels.set_volumes, levels.own_volumes, levels.unnumbered_first, levels.part_names,
               levels.joined_part_names, levels.other_sets, levels.series_record)),
    Family(14, (editions.next_edition, editions.same_pages_edition, editions.unnumbered_first, editions.revised,
                editions.reworked, editions.original_number, editions.bilingual)),
    Family(9, (lookalikes.yearly, lookalikes.yearly, lookalikes.exam_guide, lookalikes.standard, lookalikes.reports)),
    Family(9, (lookalikes.electronic, lookalikes.electronic, lookalikes.disc)),
    Family(6, (editions.translator, editions.translator_same_house)),
    Family(8, (editions.other_publisher, editions.other_publisher_same_year)),
    Family(5, (lookalikes.companion, lookalikes.companion, lookalikes.teacher_and_student)),
    Family(4, (editions.facsimile, editions.thesis)),
    Family(3, (editions.overseas_edition,)),
    Family(10, (lookalikes.generic_title, lookalikes.same_surname, lookalikes.near_title)),
    Family(6, (lookalikes.proceedings, lookalikes.consecutive, lookalikes.number_title)),
    Family(3, (lookalikes.misprinted_number, lookalikes.number_given_twice, lookalikes.overlaid_source)),
    Family(2, (editions.two_in_one_year, editions.kept_number, editions.forgotten_edition, editions.revised_in_one,
               editions.early, lookalikes.exam_without_year)),
    Family(4, (faults.coded_year, faults.check_digit, faults.no_number, faults.entered_early, faults.other_house,
               faults.missing_field, faults.edition_in_title, faults.series_as_title, faults.template,
               faults.visible_code, faults.other_province)),
)  # fmt: skip


def single(book: Book, teller: Teller) -> Told:
    """One record, nothing else; now and then described with habits and gaps like any other."""
    return Told(((teller.noisy(book) if teller.chance(0.15) else book, HOME),), ())


class Mix:
    """Tells the stories of a part: in every family the variants in turn, for each language apart."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._told: dict[tuple[int, bool], int] = {}

    def tell(self, family: int, book: Book) -> Told:
        """The book as a story of the family; beyond the last family it is one record."""
        if family >= len(FAMILIES):
            return single(book, self._teller)
        count = self._told.get((family, book.chinese), 0)
        self._told[family, book.chinese] = count + 1
        variants = FAMILIES[family].variants
        told = variants[0 if self._teller.plain else count % len(variants)](book, self._teller)
        return self._disguised(told) if all(one.verdict == DIFFERENT for one in told.relations) else told

    def _disguised(self, told: Told) -> Told:
        """Look-alikes as libraries type them: at times in another style, at times all of them without ISBN."""
        if not told.relations or any(book.faults for book, _ in told.copies):
            return told
        copies = told.copies
        if self._teller.chance(0.3):
            copies = copies[:1] + tuple((self._teller.styled(book), place) for book, place in copies[1:])
        if self._teller.chance(0.15):
            copies = tuple((book.but(isbn_form="none"), place) for book, place in copies)
        return Told(copies, told.relations)
