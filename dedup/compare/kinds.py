"""Questions about the kind of record: format, carrier, content, level, language, country."""

from __future__ import annotations

import numpy as np

from dedup.compare.pairs import MISSING, Mask, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.model import Format
from dedup.rules import RuleSet

MONOGRAPH, SERIAL = 1, 2
"""Places of the groups in `[bibliographic_levels]` of policy.toml."""
YEAR = 1450
"""From here on the number of a volume is a year."""


@question("carrier")
def carrier(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe one carrier: print, online, disc, microform, braille ... (P21).

    A sound or film recording of which one record names no carrier may be that of the other.
    """
    agrees, both = pairs.same_text("carrier")
    table = rules.tables["policy"]
    family, other_family = pairs.classes("carrier", table["carrier_families"])
    general, other_general = pairs.classes("carrier", {"general": list(table["carrier_families"])})
    vague = (family > 0) & (family == other_family) & ((general == 1) | (other_general == 1))
    return answer(agrees, both & ~vague)


@question("carrier")
def carrier_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One record names a carrier other than print, the other none, which as a rule means print (P21)."""
    one, other = pairs.classes("carrier", {"print": ["print"]})
    left, right = pairs.filled("carrier")
    lone = (left & (one == 0) & ~right) | (right & (other == 0) & ~left)
    return answer(~lone, lone)


@question("carrier", "size")
def measured_in_one(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both are called online, but one gives a height in centimetres: perhaps the printed twin, coded wrongly (P21)."""
    one, other = pairs.classes("carrier", {"online": ["online"]})
    left, right = pairs.numbers("size")
    lone = (one == 1) & (other == 1) & ((left == MISSING) != (right == MISSING))
    return answer(lone, np.zeros(len(pairs), np.bool_))


@question("content")
def content(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records describe one kind of content: text, score, map, sound, film ..."""
    return answer(*pairs.same_text("content"))


@question("content_types")
def content_type(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The content types of RDA (text, still image, spoken word ...) have one in common (P21)."""
    return answer(*pairs.same_value("content_types"))


@question("hosts")
def host(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records are parts of one host item, by its control number: an article stands in one volume only."""
    return answer(*pairs.same_value("hosts"))


@question("bib_level")
def bibliographic_level(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both are monographs, or both serials, or both analytics; a series record is not its volume (P17, P24)."""
    one, other = pairs.classes("bib_level", rules.tables["policy"]["bibliographic_levels"])
    known = (one > 0) & (other > 0)
    return answer(known & (one == other), known & (one != other))


@question("bib_level")
def serial(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One of the records describes a serial, whose parts and regional issues bear one title (P24)."""
    one, other = pairs.classes("bib_level", rules.tables["policy"]["bibliographic_levels"])
    return answer((one == SERIAL) | (other == SERIAL), np.zeros(len(pairs), np.bool_))


@question("bib_level", "title_years", "volume_label")
def serial_and_year(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One record describes a serial, the other a book that bears a year in its title or as its number (P24)."""
    one, other = pairs.classes("bib_level", rules.tables["policy"]["bibliographic_levels"])
    years_one, years_other = _bears_year(pairs)
    numbered_one, numbered_other = pairs.filled("volume_label")
    agrees = ((one == SERIAL) & ~numbered_one & (other == MONOGRAPH) & years_other & ~years_one) | (
        (other == SERIAL) & ~numbered_other & (one == MONOGRAPH) & years_one & ~years_other
    )
    return answer(agrees, np.zeros(len(pairs), np.bool_))


def _bears_year(pairs: Pairs) -> tuple[Mask, Mask]:
    left, right = pairs.counts("title_years")
    first_left, first_right = pairs.numbers("volume_from")
    return (left > 0) | (first_left >= YEAR), (right > 0) | (first_right >= YEAR)


@question("languages")
def language(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The text is in one language; bilingual and translation alone are two editions (P29)."""
    left, right = pairs.counts("languages")
    shared = pairs.share("languages")
    both = (left > 0) & (right > 0)
    return answer(shared & (left == right), both & ~shared, both & shared)


@question("country")
def region(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both editions appeared in one part of the Chinese-reading world: mainland, Taiwan, Hong Kong, Macau (P18)."""
    one, other = pairs.classes("country", rules.tables["policy"]["regions"])
    known = (one > 0) & (other > 0)
    return answer(known & (one == other), known & (one != other))


@question("is_thesis")
def thesis(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both or neither are a thesis; its published book is another record (P26)."""
    left, right = pairs.numbers("is_thesis")
    return answer(left == right, left != right)


@question("is_exam")
def exam(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One of the records is an exam guide or yearly study aid, which is re-issued every year (P23)."""
    left, right = pairs.numbers("is_exam")
    return answer((left == 1) | (right == 1), np.zeros(len(pairs), np.bool_))


@question("format")
def marc_format(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Both records are in one MARC format (P30)."""
    left, right = pairs.numbers("format")
    chinese_left, chinese_right = left != Format.MARC21, right != Format.MARC21
    return answer(chinese_left == chinese_right, chinese_left != chinese_right)


def in_han(pairs: Pairs) -> Mask:
    """Whether the title of one of the records is in Han characters."""
    left, right = pairs.classes("script", {"han": ["han"]})
    han: Mask = (left == 1) | (right == 1)
    return han


@question("script")
def chinese(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One of the titles is in Han characters: Chinese names are written in full, and books bear 版次 and 印次."""
    return answer(in_han(pairs), ~in_han(pairs))


@question("junk")
def title_alone(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A record without a usable title holds a real one, but nothing else by which to know the book (D11)."""
    left, right = pairs.classes("junk", {"stub": rules.tables["policy"]["limits"]["title_alone"]["codes"]})
    return answer((left == 1) | (right == 1), np.zeros(len(pairs), np.bool_))


@question("script")
def two_scripts(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One title is in Han characters, the other in letters: perhaps its romanisation (P30)."""
    left, right = pairs.classes("script", {"han": ["han"], "latin": ["latin"]})
    apart = (left > 0) & (right > 0) & (left != right)
    return answer(apart, np.zeros(len(pairs), np.bool_))


@question("year", "script")
def early(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """A Chinese book from before the year named in the policy, which is never merged without the book (P31)."""
    bounds = limits(rules, "early")
    left, right = pairs.numbers("year")
    old = ((left > 0) & (left < bounds["before"])) | ((right > 0) & (right < bounds["before"]))
    return answer(in_han(pairs) & old, np.zeros(len(pairs), np.bool_))
