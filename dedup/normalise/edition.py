"""Edition statements in all languages: number, kinds, original edition, year.

Source of the rules: domain facts 5.2, P8-P10, P19, P23, P28; words in `rules/terms/edition.toml`, numbers and shapes in
`rules/edition.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dedup.normalise.edition_han import HanShapes, han_numbers, han_shapes
from dedup.normalise.ordinal import Ordinal, OrdinalWords, counted, ordinal_at, ordinal_words
from dedup.normalise.phrase import EASTERN, Phrases, compile_phrases, numeral, shape, words
from dedup.normalise.text import fold
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Edition:
    """What an edition statement says.

    `number`: null when not stated or when it numbers an imprint (1st American ed.). `kinds`: content-changing and
    other-identity kinds; `forms`: form-only kinds and `imprint`; ids of `rules/terms/edition.toml`, sorted.
    `original`: edition of the original (原书第3版, from the 2d London ed.). `year`: year editions (2019版, Rev. 1978).
    `empty`: nothing in it tells the record from one without a statement.
    """

    number: int | None = None
    kinds: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    original: int | None = None
    year: int | None = None

    @property
    def empty(self) -> bool:
        """Whether a record without any statement says the same; a first edition is the same as none stated."""
        return self.number in (None, 1) and not self.kinds and not self.forms and not self.original and not self.year


@dataclass(frozen=True, slots=True)
class EditionWords:
    """The edition tables of a rule set, compiled."""

    numbers: OrdinalWords
    phrases: Phrases
    effects: Mapping[str, str]
    han: HanShapes
    romanised: tuple[re.Pattern[str], ...]
    romanised_first: re.Pattern[str]
    original: re.Pattern[str]
    stops: frozenset[str]
    equated: frozenset[str]
    printings: frozenset[str]
    years: range


@cache
def edition_words(rules: RuleSet) -> EditionWords:
    """Compile `rules/edition.toml`, `terms/edition.toml` and `terms/printing.toml`, once per rule set."""
    table = rules.tables["edition"]
    rows = rules.terms["edition"]
    origins = "|".join(sorted(table["original_from"], key=len, reverse=True))
    return EditionWords(
        numbers=ordinal_words(rules),
        phrases=compile_phrases(rows, rules),
        effects={row.id: row.more["effect"] for row in rows},
        han=han_shapes(rules),
        romanised=tuple(shape(rf"\b{pattern}\b") for pattern in table["romanised"]["number"]),
        romanised_first=re.compile(rf"\b(?:{'|'.join(table['romanised']['first'])})\b"),
        original=re.compile(rf" (?:{origins}) (?=.)"),
        stops=frozenset(table["stop_at"]),
        equated=frozenset(table["equated"]),
        printings=frozenset(compile_phrases(rules.terms["printing"], rules).western),
        years=range(table["year_from"], table["year_to"] + 1),
    )


def parse_edition(text: str, rules: RuleSet) -> Edition:
    """Read one statement as typed in 250, 205 or the like. Nothing known gives an empty Edition."""
    return read_edition(fold(text.split(" /")[0], rules), rules)


def read_edition(folded: str, rules: RuleSet) -> Edition:
    """`parse_edition` of a statement that is folded already and has lost its statement of responsibility."""
    compiled = edition_words(rules)
    if not EASTERN.search(folded):
        return _western(words(folded), compiled)
    western = _western(words(EASTERN.sub(" ", folded)), compiled) if re.search(r"[a-z]{2}", folded) else Edition()
    return join_editions([_eastern("".join(words(folded)), compiled), western])


def edition_rows(text: str, rules: RuleSet) -> frozenset[str]:
    """The rows of `terms/edition.toml` whose words stand in a statement, whatever their effect."""
    phrases, folded = edition_words(rules).phrases, fold(text, rules)
    found = [*phrases.in_words(words(folded))]
    if EASTERN.search(folded):
        joined = edition_words(rules).han.original_text.sub("", "".join(words(folded)))
        found += phrases.in_characters(joined)
    return frozenset(one.id for one in found)


def _sorted_kinds(found: set[str], compiled: EditionWords) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kinds and forms of the rows found."""
    effect = compiled.effects
    kinds = tuple(sorted(row for row in found if effect[row] in ("content", "other_identity")))
    return kinds, tuple(sorted(row for row in found if effect[row] in ("form", "imprint")))


def _eastern(text: str, compiled: EditionWords) -> Edition:
    """A Chinese, Japanese or Korean statement without spaces."""
    number, original, year = han_numbers(text, compiled.han)
    rest = compiled.han.original_text.sub("", text)
    kinds, forms = _sorted_kinds({found.id for found in compiled.phrases.in_characters(rest)}, compiled)
    return Edition(number, kinds, forms, original, year)


def join_editions(editions: list[Edition]) -> Edition:
    """Several statements of one record as one: the first of each number, all kinds."""

    def first(name: str) -> int | None:
        """The first value of one number that any of the statements gives."""
        return next((value for one in editions if (value := getattr(one, name)) is not None), None)

    kinds = tuple(sorted({kind for one in editions for kind in one.kinds}))
    forms = tuple(sorted({form for one in editions for form in one.forms}))
    return Edition(first("number"), kinds, forms, first("original"), first("year"))


def _western(tokens: list[str], compiled: EditionWords) -> Edition:
    """A statement in Latin, Greek or Cyrillic letters."""
    text = " ".join(tokens)
    cut = compiled.original.search(f" {text} ")
    original = None
    if cut:
        source = _numbered(text[cut.end() - 1 :].split(), compiled)
        original, tokens = (source[0].value if source else None), text[: max(cut.start() - 1, 0)].split()
    found = [*compiled.phrases.in_words(tokens)]
    stop = next((at for at, token in enumerate(tokens) if at and token in compiled.stops), len(tokens))
    rows = {one.id for one in found if one.begin < stop or tokens[one.begin] in compiled.stops}
    if (number := _romanised(text, compiled)) is not None:
        return Edition(number, *_sorted_kinds(rows, compiled), original, _western_year(tokens, compiled))
    number, unknown = _western_number(tokens, {at for one in found for at in range(one.begin, one.end)}, compiled)
    kinds, forms = _sorted_kinds(rows | ({"imprint"} if unknown else set()), compiled)
    if number == 1 and forms and not kinds:
        number = None if unknown or "imprint" in forms or not _plain_first(tokens, compiled) else 1
    return Edition(number, kinds, forms, original, _western_year(tokens, compiled))


def _romanised(text: str, compiled: EditionWords) -> int | None:
    """The number of a romanised East Asian statement: di 2 ban, che 3-p'an, chu ban."""
    for pattern in compiled.romanised:
        if found := pattern.search(text):
            return numeral(found["n"])
    return 1 if compiled.romanised_first.search(text) else None


def _plain_first(tokens: list[str], compiled: EditionWords) -> bool:
    """Whether the number stands directly at its edition word: "1st ed., pbk", not "1st pbk. ed."."""
    found = _numbered(tokens, compiled)
    return found is not None and (found[1] is None or found[1] <= found[0].end)


def _numbered(tokens: list[str], compiled: EditionWords) -> tuple[Ordinal, int | None] | None:
    """The first ordinal that numbers an edition, and where its edition word stands."""
    numbers = compiled.numbers
    for at in range(len(tokens)):
        if (found := ordinal_at(tokens, at, numbers)) and (where := counted(tokens, found, numbers, numbers.editions)):
            return found, where
    for at, token in enumerate(tokens[:-1]):
        if token in numbers.editions and len(token) > 1 and (found := _after(tokens, at + 1, compiled)):
            return found, at
    for at, token in enumerate(tokens[:-1]):
        if token in compiled.equated:
            behind = at + 1 + (tokens[at + 1] in numbers.fillers)
            if behind < len(tokens) and (found := ordinal_at(tokens, behind, numbers)):
                return found, None
    start = 1 if tokens and tokens[0] in numbers.fillers and len(tokens) > 1 else 0
    first = ordinal_at(tokens, start, numbers) if tokens else None
    if first and (first.sure or len(tokens) == 1) and counted(tokens, first, numbers, numbers.others) is None:
        return first, None
    return None


def _after(tokens: list[str], at: int, compiled: EditionWords) -> Ordinal | None:
    """The ordinal behind an edition word ("Izd. 3.", "Ed. a 2-a"), unless it counts something else."""
    numbers = compiled.numbers
    for begin in (at, at + 1) if tokens[at] in numbers.suffixes else (at,):
        found = ordinal_at(tokens, begin, numbers) if begin < len(tokens) else None
        if found and not (found.end < len(tokens) and tokens[found.end] in numbers.others):
            return found
    return None


def _western_number(tokens: list[str], known: set[int], compiled: EditionWords) -> tuple[int | None, bool]:
    """The edition number, and whether unknown words (a publisher's or place name) stand with the edition word."""
    numbers = compiled.numbers

    def strange(begin: int, end: int) -> bool:
        """Whether words stand there that are no kind, no filler and no number."""
        return any(
            at not in known and tokens[at] not in numbers.fillers and tokens[at].isalpha() for at in range(begin, end)
        )

    found = _numbered(tokens, compiled)
    if found is None:
        where = next((at for at, token in enumerate(tokens) if token in numbers.editions and len(token) > 1), 0)
        return None, strange(0, where)
    ordinal, where_found = found
    if where_found is None or where_found < ordinal.begin:
        return ordinal.value, False
    unknown = strange(ordinal.end, where_found)
    return (None if unknown and ordinal.value == 1 else ordinal.value), unknown


def _western_year(tokens: list[str], compiled: EditionWords) -> int | None:
    """The last year of a statement that is not the year of a printing ("reprinted October 1914")."""
    year = None
    for at, token in enumerate(tokens):
        dated = len(token) == 4 and token.isdigit() and int(token) in compiled.years
        if dated and compiled.printings.isdisjoint(tokens[max(0, at - 3) : at]):
            year = int(token)
    return year
