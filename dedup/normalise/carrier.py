"""What kind of record it is: type, level, place in a hierarchy, carrier, content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.arrow import lengths, one_digit
from dedup.normalise.batch import RawBatch
from dedup.normalise.carrier_words import (
    ELECTRONIC,
    PRINT,
    carrier_of_physical,
    carrier_of_text,
    carrier_words,
)
from dedup.normalise.coded import coded
from dedup.normalise.pick import Mask, picked, picks
from dedup.normalise.subfield import Ints, opening
from dedup.normalise.window import among, letters
from dedup.rules import RuleSet

Texts = npt.NDArray[np.object_]
Keys = tuple[Ints, pa.StringArray]
# Bits for the number of a carrier: there are some twenty.
_BITS = 6
_TYPE, _LEVEL, _CNMARC_HIERARCHY, _MARC21_HIERARCHY = 6, 7, 8, 19
_GENERAL = ("audio", "video")
_NUMERALS = r"\b(?:[0-9]+|[ivxlc]+)\b"
_MEASURED = "[0-9] ?cm"
# What outlives the page count of the original in a reproduction's extent.
_REPRODUCED = ("microform", "braille", "large-print")


@dataclass(slots=True)
class _Memories:
    """What was found for texts seen before, per worker."""

    words: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=lambda: {"": 0})
    physical: dict[str, tuple[str, str]] = field(default_factory=dict)


@cache
def _memories(rules: RuleSet) -> _Memories:
    return _Memories()


def carrier_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`record_type`, `bib_level`, `hierarchy`, `carrier`, `content`; carriers in `rules/terms/carrier.toml`.

    A link to an electronic version (856) makes no e-book (P21). The carrier is empty when the record does not tell.
    """
    leader = batch.window("leader")
    marc21 = batch.formats == Format.MARC21
    kind = letters(leader[:, _TYPE])
    hierarchy = letters(np.where(marc21, leader[:, _MARC21_HIERARCHY], leader[:, _CNMARC_HIERARCHY]))
    return {
        "record_type": pc.utf8_trim_whitespace(kind),
        "bib_level": pc.utf8_trim_whitespace(letters(leader[:, _LEVEL])),
        "hierarchy": pc.if_else(pc.equal(hierarchy, ""), " ", hierarchy),
        "carrier": _carriers(batch, rules, kind, marc21),
        "content": _by_format(kind, marc21, rules.tables["carrier"]["content"]),
    }


def _by_format(kind: pa.StringArray, marc21: Mask, table: Mapping[str, Mapping[str, str]]) -> pa.StringArray:
    one, other = _mapped(kind, table["marc21"]), _mapped(kind, table["unimarc"])
    return pc.if_else(pa.array(marc21), one, other)


def _mapped(codes: pa.StringArray, table: Mapping[str, str]) -> pa.StringArray:
    """Codes through a table; empty where it has no entry."""
    found = pc.index_in(pc.fill_null(codes, ""), value_set=pa.array(list(table), pa.string()))
    return pc.fill_null(pa.array(list(table.values()), pa.string()).take(found), "")


def _carriers(batch: RawBatch, rules: RuleSet, kind: pa.StringArray, marc21: Mask) -> pa.StringArray:
    """The carrier of each record: the first evidence that tells, general kinds made particular by the rest.

    Few records differ in their evidence: each combination is weighed once.
    """
    table = rules.tables["carrier"]
    default = _by_format(kind, marc21, table["default"]).dictionary_encode()
    form = np.where(marc21, _form(batch, rules), 0)
    physical, additional = _physical(batch, rules)
    evidence = [
        _words(batch, rules, "title", "medium_designation"),
        _extents(batch, rules),
        _words(batch, rules, "medium", "reproduction"),
        form,
        _told(batch, _coded(batch, rules), form, rules),
        _told(batch, physical, form, rules),
        additional,
        _numbers(default.dictionary.to_pylist(), rules)[np.asarray(default.indices)],
    ]
    found, codes = _settled([*evidence, np.zeros(len(batch), np.int64)], rules)
    # The system note is long and seldom needed: it is read only where the rest leaves something open.
    still_open = np.array([not sure for _, sure in found] or [False], np.bool_)[codes]
    rows = np.flatnonzero(still_open)
    if len(rows):
        system = _words(batch, rules, "medium", "system", still_open)
        more, others = _settled([*(one[rows] for one in evidence), system[rows]], rules)
        codes[rows] = others + len(found)
        found = [*found, *more]
    return pa.array([carrier for carrier, _ in found], pa.string()).take(pa.array(codes))


def _told(batch: RawBatch, evidence: Ints, form: Ints, rules: RuleSet) -> Ints:
    """Evidence without an `online` beside an extent in centimetres and a form of item that is not electronic.

    Such codes were made by machine from a 007 for the online twin; what is measured has been in somebody's hand.
    """
    rows = np.flatnonzero((evidence == _numbers(["online"], rules)[0]) & (form == 0))
    extents = batch.text("extent").take(pa.array(rows))
    measured = pc.match_substring_regex(extents, _MEASURED).to_numpy(zero_copy_only=False).astype(np.bool_)
    kept = evidence.copy()
    kept[rows[measured]] = 0
    return kept


def _numbers(names: Iterable[str], rules: RuleSet) -> Ints:
    """Carriers as numbers: 0 for none."""
    known = _memories(rules).numbers
    return np.array([known.setdefault(name, len(known)) for name in names] or [0], np.int64)


def _settled(evidence: list[Ints], rules: RuleSet) -> tuple[list[tuple[str, bool]], Ints]:
    """The distinct combinations of evidence: carrier, and whether that is sure without the system note; and places."""
    packed = np.zeros(len(evidence[0]), np.int64)
    for told in evidence:
        packed = packed << _BITS | told
    encoded = pa.array(packed).dictionary_encode()
    keys, names = np.asarray(encoded.dictionary), np.array(list(_memories(rules).numbers), object)
    shifts = range(_BITS * (len(evidence) - 1), -1, -_BITS)
    combined = [names[keys >> shift & ((1 << _BITS) - 1)] for shift in shifts]
    weighed = _weighed(combined, rules)
    return list(zip(*(one.tolist() for one in weighed), strict=True)), np.asarray(encoded.indices).astype(np.int64)


def _weighed(told: list[Texts], rules: RuleSet) -> tuple[Texts, Mask]:
    """The carriers of combinations of evidence (in the order of `_carriers`), and which need no system note."""
    designation, extent, reproduction, form, coded, physical, additional, default, system = told
    paged = extent == PRINT
    reproduced = np.logical_or.reduce([physical == one for one in _REPRODUCED])
    held_back = paged & ~reproduced
    evidence = [
        designation,
        np.where(paged, "", extent),
        reproduction,
        # A microform code beside the pages of a book, with no word, note or 007 of a microform, is a slip.
        np.where((form == PRINT) | (paged & (form == _REPRODUCED[0])), "", form),
        np.where(paged & (coded == PRINT), "", coded),
        np.where(held_back, "", physical),
        np.where(paged, "", additional),
        extent,
        coded,
        form,
    ]
    found = _decide(evidence, rules)
    sure = ~np.logical_or.reduce([found == one for one in ("", ELECTRONIC, *_GENERAL)])
    evidence += [system, default]
    found = _decide(evidence, rules)
    return _particular(np.where(found == ELECTRONIC, "online", found), evidence), sure


def _decide(evidence: list[Texts], rules: RuleSet) -> Texts:
    """The first evidence that tells; `electronic` waits for one that says disc or online."""
    exact = {"disc", "online", *_recorded(rules)}
    found = evidence[0].copy()
    for told in evidence[1:]:
        silent = found == ""
        vague = np.flatnonzero(found == ELECTRONIC)
        found[silent] = told[silent]
        settled = vague[[one in exact for one in told[vague]]] if len(vague) else vague
        found[settled] = told[settled]
    return found


def _recorded(rules: RuleSet) -> list[str]:
    """Carriers of sound and film."""
    return [kind for kind in carrier_words(rules).kinds if kind.startswith(_GENERAL)]


def _particular(found: Texts, evidence: list[Texts]) -> Texts:
    """`audio` and `video` become what any other evidence says more exactly: audio-cd, video-dvd."""
    for general in _GENERAL:
        rows = np.flatnonzero(found == general)
        for told in evidence if len(rows) else ():
            exact = [
                str(one).startswith(f"{general}-") and found[row] == general
                for row, one in zip(rows, told[rows], strict=True)
            ]
            found[rows[exact]] = told[rows[exact]]
    return found


def _extents(batch: RawBatch, rules: RuleSet) -> Ints:
    """Carrier told by the extent: words looked up only where a word of another carrier than print may stand."""
    at, values = _first(batch, rules, "extent", "extent")
    shapes, codes = coded(lambda shape: _promise(shape, rules), one_digit(values), _memories(rules).shapes)
    worth, printed = np.array([*shapes, (False, False)], np.bool_)[codes].T
    found = np.where(printed, _numbers([PRINT], rules)[0], 0)
    rows = np.flatnonzero(worth)
    # Without their numbers most extents are alike, so that few texts are looked at.
    plain = pc.replace_substring_regex(values.take(pa.array(rows)), _NUMERALS, "1")
    found[rows] = _looked_up(plain, rules)
    return _spread(found, at, len(batch))


def _promise(shape: str, rules: RuleSet) -> tuple[bool, bool]:
    """Whether an extent, its digits all alike, may name another carrier than print, and whether it names print."""
    words = carrier_words(rules)
    lowered = shape.lower()
    return any(piece in lowered for piece in words.worth), words.printed.search(lowered) is not None


def _first(batch: RawBatch, rules: RuleSet, column: str, key: str, only: Mask | None = None) -> Keys:
    """The first subfield of a kind in each record (of those under the mask): its record, and value."""
    subfields = batch.subfields(column)
    at = np.flatnonzero(picked(batch, column, picks(rules, "carrier", key)))
    at = at[opening(subfields.row[at])]
    at = at if only is None else at[only[subfields.row[at]]]
    return subfields.row[at], subfields.taken(at)


def _spread(codes: Ints, at: Ints, rows: int) -> Ints:
    """Numbers of some records in a column of all, 0 elsewhere."""
    column = np.zeros(rows, np.int64)
    column[at] = codes
    return column


def _looked_up(text: pa.StringArray, rules: RuleSet) -> Ints:
    """Carriers named by texts, as numbers."""
    found, codes = coded(lambda value: carrier_of_text(value, rules), text, _memories(rules).words)
    return _numbers(found, rules)[codes]


def _words(batch: RawBatch, rules: RuleSet, column: str, key: str, only: Mask | None = None) -> Ints:
    """Carrier named by the first subfield of a kind, for the records in `only`; a word for print tells nothing."""
    at, values = _first(batch, rules, column, key, only)
    named = _looked_up(values, rules)
    return _spread(np.where(named == _numbers([PRINT], rules)[0], 0, named), at, len(batch))


def _physical(batch: RawBatch, rules: RuleSet) -> tuple[Ints, Ints]:
    """Carrier and form of item from coded fields."""
    text = batch.text("physical")
    rows = np.flatnonzero(lengths(text))
    known: Callable[[str], tuple[str, str]] = lambda value: carrier_of_physical(value, rules)  # noqa: E731
    found, codes = coded(known, text.take(pa.array(rows)), _memories(rules).physical)
    carrier, form = (_numbers((one[place] for one in found), rules)[codes] for place in range(2))
    return _spread(carrier, rows, len(batch)), _spread(form, rows, len(batch))


def _form(batch: RawBatch, rules: RuleSet) -> Ints:
    """Form of item in the fixed field; its position depends on the kind of record."""
    table = rules.tables["carrier"]
    place = table["form_position"]
    visual = among(batch.window("leader")[:, _TYPE], place["visual_types"])
    fixed = batch.window("fixed")
    named = np.zeros(256, np.int64)
    named[[ord(code) for code in table["form"]]] = _numbers(table["form"].values(), rules)
    return named[np.where(visual, fixed[:, place["visual"]], fixed[:, place["default"]])]


def _coded(batch: RawBatch, rules: RuleSet) -> Ints:
    """RDA carrier code or term, else media code or term."""
    table = rules.tables["carrier"]
    found = np.zeros(len(batch), np.int64)
    for code, term, codes in (
        ("carrier_code", "carrier_term", table["carrier_code"]),
        ("media_code", "media_term", table["media_code"]),
    ):
        at, values = _first(batch, rules, "medium", code, found == 0)
        named = _mapped(pc.utf8_trim_whitespace(values), codes).dictionary_encode()
        found[at] = _numbers(named.dictionary.to_pylist(), rules)[np.asarray(named.indices)]
        at, values = _first(batch, rules, "medium", term, found == 0)
        found[at] = _looked_up(values, rules)
    return found
