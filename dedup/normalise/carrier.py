"""What kind of record it is: type, level, place in a hierarchy, carrier, content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.carrier_words import (
    ELECTRONIC,
    PRINT,
    carrier_of_physical,
    carrier_of_text,
    carrier_words,
)
from dedup.normalise.pick import Mask, picked, picks
from dedup.normalise.subfield import Ints, distinct
from dedup.rules import RuleSet

Texts = npt.NDArray[np.object_]
_TYPE, _LEVEL, _CNMARC_HIERARCHY, _MARC21_HIERARCHY = 6, 7, 8, 19
_GENERAL = ("audio", "video")
_NUMERALS = r"\b(?:[0-9]+|[ivxlc]+)\b"
# What outlives the page count of the original in a reproduction's extent.
_REPRODUCED = ("microform", "braille", "large-print")


@dataclass(slots=True)
class _Memories:
    """What was found for texts seen before, per worker."""

    words: dict[str, str] = field(default_factory=dict)
    physical: dict[str, tuple[str, str]] = field(default_factory=dict)


@cache
def _memories(rules: RuleSet) -> _Memories:
    return _Memories()


def carrier_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`record_type`, `bib_level`, `hierarchy`, `carrier`, `content`; carriers in `rules/terms/carrier.toml`.

    A link to an electronic version (856) makes no e-book (P21). The carrier is empty when the record does not tell.
    """
    leader = batch.text("leader")
    marc21 = batch.formats == Format.MARC21
    kind = pc.utf8_slice_codeunits(leader, _TYPE, _TYPE + 1)
    hierarchy = _at(leader, marc21, _MARC21_HIERARCHY, _CNMARC_HIERARCHY)
    return {
        "record_type": pc.utf8_trim_whitespace(kind),
        "bib_level": pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(leader, _LEVEL, _LEVEL + 1)),
        "hierarchy": pc.if_else(pc.equal(hierarchy, ""), " ", hierarchy),
        "carrier": pa.array(_carriers(batch, rules, kind, marc21), pa.string()),
        "content": _by_format(kind, marc21, rules.tables["carrier"]["content"]),
    }


def _at(text: pa.StringArray, marc21: Mask, one: int, other: int) -> pa.StringArray:
    return pc.if_else(
        pa.array(marc21), pc.utf8_slice_codeunits(text, one, one + 1), pc.utf8_slice_codeunits(text, other, other + 1)
    )


def _by_format(kind: pa.StringArray, marc21: Mask, table: Mapping[str, Mapping[str, str]]) -> pa.StringArray:
    one, other = _mapped(kind, table["marc21"]), _mapped(kind, table["unimarc"])
    return pc.if_else(pa.array(marc21), one, other)


def _mapped(codes: pa.StringArray, table: Mapping[str, str]) -> pa.StringArray:
    """Codes through a table; empty where it has no entry."""
    found = pc.index_in(pc.fill_null(codes, ""), value_set=pa.array(list(table), pa.string()))
    return pc.fill_null(pa.array(list(table.values()), pa.string()).take(found), "")


def _carriers(batch: RawBatch, rules: RuleSet, kind: pa.StringArray, marc21: Mask) -> Texts:
    """The carrier of each record: the first evidence that tells, general kinds made particular by the rest."""
    table = rules.tables["carrier"]
    extent = _extents(batch, rules)
    physical, additional = _physical(batch, rules)
    paged = extent == PRINT
    form = np.where(marc21, _form(batch, rules, kind), "")
    coded = _coded(batch, rules)
    reproduced = np.logical_or.reduce([physical == one for one in _REPRODUCED])
    held_back = paged & ~reproduced
    evidence = [
        _words(batch, rules, "title", "medium_designation"),
        np.where(paged, "", extent),
        _words(batch, rules, "medium", "reproduction"),
        np.where(form == PRINT, "", form),
        np.where(paged & (coded == PRINT), "", coded),
        np.where(held_back, "", physical),
        np.where(paged, "", additional),
        extent,
        coded,
        form,
        np.asarray(_by_format(kind, marc21, table["default"]).to_pylist(), object),
    ]
    found = _decide(evidence[:-1], rules)
    # The system note is long and seldom needed: it is read only where the rest leaves something open.
    system = np.full(len(batch), "", object)
    open_still = np.logical_or.reduce([found == one for one in ("", ELECTRONIC, *_GENERAL)])
    rows = np.flatnonzero(open_still)
    system[rows] = _words(batch, rules, "medium", "system", rows)
    evidence.insert(-1, system)
    found = _decide(evidence, rules)
    return _particular(np.where(found == ELECTRONIC, "online", found), evidence)


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


def _extents(batch: RawBatch, rules: RuleSet) -> Texts:
    """Carrier told by the extent: words looked up only where a word of another carrier than print may stand."""
    words = carrier_words(rules)
    text = pc.fill_null(_first(batch, rules, "extent", "extent"), "")
    lowered = pl.Series(text, dtype=pl.String).str.to_lowercase()
    worth = lowered.str.contains_any(list(words.worth)).to_numpy()
    printed = lowered.str.contains(words.printed).to_numpy()
    found = np.where(printed, PRINT, "").astype(object)
    rows = np.flatnonzero(worth)
    # Without their numbers most extents are alike, so that few texts are looked at.
    plain = pc.replace_substring_regex(text.take(pa.array(rows)), _NUMERALS, "1")
    found[rows] = _looked_up(plain, rules)
    return found


def _first(batch: RawBatch, rules: RuleSet, column: str, key: str) -> pa.StringArray:
    return batch.subfields(column).first_per_row(picked(batch, column, picks(rules, "carrier", key)))


def _looked_up(text: pa.StringArray, rules: RuleSet) -> list[str]:
    return distinct(lambda value: carrier_of_text(value, rules), text, _memories(rules).words)


def _words(batch: RawBatch, rules: RuleSet, column: str, key: str, only: Ints | None = None) -> Texts:
    """Carrier named by the first subfield of a kind, for the records in `only`; a word for print tells nothing."""
    text = _first(batch, rules, column, key)
    text = text if only is None else text.take(pa.array(only))
    found = np.full(len(text), "", object)
    rows = np.flatnonzero(np.asarray(pc.is_valid(text)))
    named = np.array(_looked_up(text.take(pa.array(rows)), rules), object)
    found[rows] = np.where(named == PRINT, "", named)
    return found


def _physical(batch: RawBatch, rules: RuleSet) -> tuple[Texts, Texts]:
    """Carrier and form of item from coded fields."""
    text = batch.text("physical")
    known: Callable[[str], tuple[str, str]] = lambda value: carrier_of_physical(value, rules)  # noqa: E731
    pairs = distinct(known, text, _memories(rules).physical)
    if not pairs:
        return np.full(0, "", object), np.full(0, "", object)
    carrier, form = zip(*pairs, strict=True)
    return np.array(carrier, object), np.array(form, object)


def _form(batch: RawBatch, rules: RuleSet, kind: pa.StringArray) -> Texts:
    """Form of item in the fixed field; its position depends on the kind of record."""
    table = rules.tables["carrier"]
    place = table["form_position"]
    visual = pc.is_in(kind, value_set=pa.array(list(place["visual_types"])))
    fixed = batch.text("fixed")
    default, other = place["default"], place["visual"]
    code = pc.if_else(
        visual,
        pc.utf8_slice_codeunits(fixed, other, other + 1),
        pc.utf8_slice_codeunits(fixed, default, default + 1),
    )
    return np.array(_mapped(code, table["form"]).to_pylist(), object)


def _coded(batch: RawBatch, rules: RuleSet) -> Texts:
    """RDA carrier code or term, else media code or term."""
    table = rules.tables["carrier"]
    found = np.full(len(batch), "", object)
    for code, term, codes in (
        ("carrier_code", "carrier_term", table["carrier_code"]),
        ("media_code", "media_term", table["media_code"]),
    ):
        named = _mapped(pc.utf8_trim_whitespace(_first(batch, rules, "medium", code)), codes)
        found = np.where(found == "", np.array(named.to_pylist(), object), found)
        rows = np.flatnonzero(found == "")
        text = pc.fill_null(_first(batch, rules, "medium", term).take(pa.array(rows)), "")
        found[rows] = _looked_up(text, rules)
    return found
