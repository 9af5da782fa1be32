"""What an extent says: pages, preliminary pages, numbered runs, volumes and other units; and the height of a book.

Source: domain facts 1.5, 5.9; ISBD area 5; AACR2 2.5; RDA 3.4.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field

from dedup.normalise.extent_words import ExtentWords, extent_words
from dedup.normalise.numerals import roman_number
from dedup.rules import RuleSet, Term

_UNIT_FOLLOWS = re.compile(r"\.|\s*(?:[:;(<]|$)")
_NUMBER_FOLLOWS = re.compile(r"\.?\s*\[?\d")
# Russian records mix the letters of both alphabets in Roman numerals (ХVII).
_CYRILLIC_TEN = re.compile("х(?=[ivxlcх])|(?<=[ivxlc])х")
# Old typewriters have no 1: 20lp. are 201 pages.
_TYPED_ONE = re.compile(r"(?<=\d)l(?=\d|p(?![^\W_]))")
VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Extent:
    """What an extent says.

    `pages` is the main run: the last arabic run of pages (else of leaves) that is not small beside the longest, plates
    and preliminaries left out, runs without printed numbers only when there is no other; null when none.
    `preliminary` is the last roman run before the main run, else the first arabic one. `runs` holds every run of pages
    and leaves in order, both ends of a run that begins late (p. 345-402). `units` is the number of physical volumes or
    pieces, `unit_kind` what they are (`volume`, `map`, `disc`, ...). `volumes` differs from `units` in "3 v. in 1";
    `is_open` says that volumes are named without a number (v. ; 册).
    """

    pages: int | None = None
    preliminary: int | None = None
    runs: tuple[int, ...] = ()
    units: int | None = None
    unit_kind: str = ""
    volumes: int | None = None
    is_open: bool = False


@dataclass(slots=True)
class _Run:
    """A numbered run; `first` equals `last` unless both ends are given. `part`: named as pages of a larger paging."""

    first: int
    last: int
    roman: bool
    bare: bool
    kind: str = ""
    part: bool = False


@dataclass(slots=True)
class _Reading:
    """The state while an extent is read from left to right."""

    words: ExtentWords
    text: str
    runs: list[_Run] = field(default_factory=list)
    pending: list[_Run] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)
    bracket: bool = False
    loose: bool = False
    dash: bool = False
    plates: bool = False
    before: str = ""
    into: bool = False
    after_number: bool = False
    is_open: bool = False


def parse_extent(text: str, rules: RuleSet) -> Extent:
    """Read an extent, such as 215$a or 300$a. Any text gives a result; nothing readable gives an empty one."""
    words = extent_words(rules)
    simple = words.simple.fullmatch(text)
    if simple:
        return _simple(simple["roman"], int(simple["pages"]), bool(simple["online"]), words)
    # What follows a plus is accompanying material, unless nothing came before (xliv + 320 p.).
    low = _TYPED_ONE.sub("1", _CYRILLIC_TEN.sub("x", unicodedata.normalize("NFKC", text).lower()))
    state = _Reading(words, low)
    for token in words.token.finditer(low):
        if token.lastgroup == "plus" and (state.runs or state.named):
            break
        _read(state, token)
    if state.pending and (state.before or not (state.runs or state.named or state.is_open)):
        for run in state.pending:
            run.part = bool(state.before)
        _close(state, state.before or "page")
    return _extent(state)


def _simple(roman: str | None, pages: int, online: bool, words: ExtentWords) -> Extent:
    """The commonest extents by a short way: xii, 393 p. and 1 online resource (xii, 393 pages)."""
    before = roman_number(roman) if roman else None
    if roman and (before is None or before > words.settings["preliminary_limit"]):
        before = None
    runs = (pages,) if before is None else (before, pages)
    kind = words.online if online else ""
    return Extent(pages, before, runs, 1 if online else None, kind)


def _read(state: _Reading, token: re.Match[str]) -> None:
    kind, value = token.lastgroup or "", token[0]
    after_number, state.after_number = state.after_number, False
    if kind == "num":
        _number(state, int(value[:7]), roman=False)
    elif kind == "word" and not _is_roman(state, token, after_number):
        _word(state, value, after_number, token.end())
    elif kind in ("roman", "word"):
        found = roman_number(value)
        if found is None:
            state.loose = True
        else:
            _number(state, found, roman=True)
    elif kind in ("open", "close"):
        state.bracket = kind == "open"
    elif kind == "into":
        state.into = True
    elif kind == "other":
        state.loose = True
    state.dash = kind == "dash"


def _is_roman(state: _Reading, token: re.Match[str], after_number: bool) -> bool:
    """Whether `v`, `l`, `c` is a numeral and not a unit: v, 3-200 p. against 3 v. and v. :"""
    if roman_number(token[0]) is None or after_number:
        return False
    return not _UNIT_FOLLOWS.match(state.text, token.end())


def _number(state: _Reading, value: int, roman: bool) -> None:
    settings = state.words.settings
    if state.into and VOLUME in state.counts:
        state.counts["bound"] = value
        state.into = False
        return
    if value > settings["preliminary_limit" if roman else "pages_limit"]:
        state.loose = True
        return
    if state.loose:
        state.pending.clear()
        state.loose = False
    last = state.pending[-1] if state.pending else None
    if state.dash and last and last.roman == roman and last.first == last.last < value:
        last.last = value
        last.bare = state.bracket
    else:
        state.pending.append(_Run(value, value, roman, state.bracket))
    state.after_number = True


def _word(state: _Reading, value: str, after_number: bool, at: int) -> None:
    row = state.words.rows[value]
    if row.kind in ("page", "leaf", "preliminary", "plate"):
        _paged(state, row, after_number, at)
    elif row.kind == "plate-before":
        if state.pending:
            _close(state, "page")
        state.plates = True
    elif row.kind == "plate-after" and state.runs and not state.pending:
        _mark_plates(state.runs)
    elif row.kind == "unnumbered" and state.pending:
        state.pending[-1].bare = True
    elif row.kind in ("volume", "case", "piece"):
        _count(state, row.more.get("unit", row.kind), after_number)
    elif row.kind == "measure":
        state.pending.clear()


def _paged(state: _Reading, row: Term, after_number: bool, at: int) -> None:
    """A unit of runs: it closes the numbers before it, or announces those behind it (iii, pages 3863-3953)."""
    announces = row.more.get("before") and not after_number and _NUMBER_FOLLOWS.match(state.text, at)
    if state.pending and state.before and state.before != row.kind:
        last = state.pending.pop()
        _close(state, state.before)
        state.pending.append(last)
    if state.pending:
        _close(state, "plate" if state.plates else row.kind)
    if announces or (row.more.get("before") and not state.runs):
        state.before = row.kind


def _mark_plates(runs: list[_Run]) -> None:
    """The last group of runs turns out to be plates."""
    runs[-1].kind = "plate"


def _close(state: _Reading, kind: str) -> None:
    """Give the pending numbers their kind."""
    for run in state.pending:
        run.kind = kind
    state.runs += state.pending
    state.pending = []
    state.plates = state.loose = False
    state.before = ""


def _count(state: _Reading, unit: str, after_number: bool) -> None:
    """Take the pending number as a count of units, unless it was announced as pages: p. 281-340, illus. (map)."""
    if state.pending and state.before and not after_number:
        for run in state.pending:
            run.part = True
        _close(state, state.before)
    if state.pending:
        state.counts.setdefault(unit, state.pending[-1].last)
    elif unit == VOLUME and not state.runs and not state.named:
        state.is_open = True
    state.named.append(unit)
    state.pending.clear()
    state.loose = False


def _extent(state: _Reading) -> Extent:
    settings = state.words.settings
    main = _main(state)
    kept = [run for run in state.runs if run.kind in ("page", "leaf")]
    kind = next(
        (unit for unit in (VOLUME, *state.named) if unit in state.counts), state.named[0] if state.named else ""
    )
    units = state.counts.get(kind)
    volumes = state.counts.get(VOLUME)
    if volumes is not None and "bound" in state.counts:
        units = state.counts["bound"]
    limit = settings["units_limit"]
    return Extent(
        pages=_length(main, settings["first_page_limit"]) if main else None,
        preliminary=_preliminary(state, main) if main else None,
        runs=tuple(end for run in kept for end in _ends(run, settings["first_page_limit"])),
        units=units if units is not None and 0 < units <= limit else None,
        unit_kind=kind,
        volumes=volumes if volumes is not None and 0 < volumes <= limit else None,
        is_open=state.is_open,
    )


def _main(state: _Reading) -> _Run | None:
    """The main run, see `Extent`."""
    settings = state.words.settings
    for kind in ("page", "leaf"):
        for bare in (False, True):
            arabic = [run for run in state.runs if run.kind == kind and run.bare is bare and not run.roman]
            lengths = [_length(run, settings["first_page_limit"]) for run in arabic]
            if arabic:
                enough = settings["main_share"] * max(lengths)
                return [run for run, length in zip(arabic, lengths, strict=True) if length >= enough][-1]
    return None


def _length(run: _Run, first_page_limit: int) -> int:
    return run.last - run.first + 1 if _is_part(run, first_page_limit) else run.last


def _is_part(run: _Run, first_page_limit: int) -> bool:
    """Whether both ends matter: p. 34-56; 2661-2833 pages."""
    return run.first < run.last and (run.part or run.first > first_page_limit)


def _ends(run: _Run, first_page_limit: int) -> tuple[int, ...]:
    return (run.first, run.last) if _is_part(run, first_page_limit) else (run.last,)


def _preliminary(state: _Reading, main: _Run) -> int | None:
    place = next(at for at, run in enumerate(state.runs) if run is main)
    before = [run for run in state.runs[:place] if run.kind in ("page", "leaf")]
    roman = [run.last for run in before if run.roman]
    arabic = [run.last for run in before if not run.roman and run.last < main.last]
    found = roman[-1] if roman else arabic[0] if arabic else None
    return found if found is not None and found <= state.words.settings["preliminary_limit"] else None


def parse_size(text: str, rules: RuleSet) -> int | None:
    """The first height in a size (215$d, 300$c) in whole cm, parts of a cm rounded up; 开 by the table; else null.

    A number alone is in cm, or in mm when it is large: of 185 * 260 the larger counts.
    """
    words = extent_words(rules)
    low = unicodedata.normalize("NFKC", text).lower()
    found = words.size.search(low)
    if found:
        value = float(found["whole"].replace(",", "."))
        if found["above"] and found["below"] != "0":
            value += int(found["above"]) / int(found["below"])
        factor = words.settings["measures"][found["unit"]]
        return _height(math.ceil(value) if factor == 1 else round(value * factor), words)
    fold = words.folds.search(low)
    if fold:
        table = words.settings["folds"]["large_heights" if fold["large"] else "heights"]
        known: int | None = table.get(fold["fold"])
        return known
    numbers = [int(number) for number in re.findall(r"\d+", low)]
    year = words.settings["year_from"] <= (numbers[0] if numbers else 0) <= words.settings["year_to"]
    if not numbers or year or re.search(r"[^\W\d_]", low.replace("x", "")):
        return None
    large = numbers[0] > words.settings["millimetres_from"]
    return _height(round(max(numbers) / 10) if large else numbers[0], words)


def _height(value: int, words: ExtentWords) -> int | None:
    return value if words.settings["size_from"] <= value <= words.settings["size_to"] else None
