"""Fields that are missing (Q07), hold what a template left (Q10), or show subfield codes in their text (Q11).

Source: MARC 21 minimal level; CALIS minimum; domain facts 4.1, 4.2 (J08), D05 5c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.arrow import matches
from dedup.normalise.fault_case import Case, Fault, Ints, Mask, places_of, shown
from dedup.normalise.mojibake import mojibake
from dedup.normalise.pick import FORMATS
from dedup.normalise.subfield import Subfields
from dedup.tables import FIELD_MARK, SUBFIELD_MARK


def missing_fields(case: Case) -> list[Fault]:
    """Q07: a field of the minimal record is not there. Records without a title are the business of junk."""
    settings = case.settings("required")
    parts = pc.is_in(case.columns["hierarchy"], pa.array(list(settings["parts"])))
    whole = case.flag("title_usable") & case.kind(settings["types"]) & ~np.asarray(parts).astype(np.bool_)
    found = []
    for form, name in FORMATS:
        here = whole & (case.batch.formats == form)
        if not here.any():
            continue
        for row in settings["field"]:
            if row["format"] == name:
                empty = np.asarray(pc.binary_length(case.batch.text(row["column"]))) == 0
                bare = np.flatnonzero(empty & here & case.level(row["levels"]) & ~_exempt(case, row))
                found += [Fault(at, "Q07", row["field"], "", row["field"]) for at in bare.tolist()]
    return found


def _exempt(case: Case, row: Mapping[str, Any]) -> Mask:
    """Records of a carrier that may do without the field, or of a country that has another."""
    carriers = pa.array(row.get("not_carriers", []), pa.string())
    exempt = np.asarray(pc.is_in(case.columns["carrier"], carriers)).astype(np.bool_)
    if "countries" in row:
        exempt |= ~np.asarray(pc.is_in(case.columns["country"], pa.array(row["countries"]))).astype(np.bool_)
    return exempt


def template_rests(case: Case) -> list[Fault]:
    """Q10: question marks as the time of the last change, pages without a number, labels, system placeholders."""
    return [*_updated(case), *_no_number(case), *_labels(case), *_placeholders(case)]


def _updated(case: Case) -> list[Fault]:
    sign = case.settings("template")["updated"]
    at = np.flatnonzero(np.asarray(pc.starts_with(case.batch.text("updated"), sign)))
    return [Fault(row, "Q10", "005", shown(case.text("updated", row)), "") for row in at.tolist()]


def _no_number(case: Case) -> list[Fault]:
    return _equal(case, "extent", case.settings("template")["extent"], "a")


def _labels(case: Case) -> list[Fault]:
    settings = case.settings("template")
    return [fault for column in settings["word_columns"] for fault in _equal(case, column, settings["words"], "")]


def _equal(case: Case, column: str, words: list[str], codes: str) -> list[Fault]:
    """Subfields that are nothing but one of some words; the title proper apart, which is the business of junk."""
    begins = {word.encode()[:1] for word in words}
    if not any(byte in case.content(column) for byte in begins):
        return []
    parts = case.batch.subfields(column)
    sizes = [len(word.encode()) for word in words]
    fitting = np.zeros(max(sizes) + 2, np.bool_)
    fitting[sizes] = True
    at = np.flatnonzero(fitting[np.minimum(parts.lengths(), len(fitting) - 1)])
    if codes:
        at = at[parts.where(codes)[at]]
    elif column == "title":
        at = at[~parts.where("a")[at]]
    if not len(at):
        return []
    at = at[np.asarray(pc.is_in(parts.taken(at), pa.array(words))).astype(np.bool_)]
    return _left(parts, at)


def _left(parts: Subfields, at: Ints, code: str = "Q10") -> list[Fault]:
    """Subfields with nothing better to put in their place."""
    read = zip(parts.row[at].tolist(), places_of(parts, at), parts.taken(at).to_pylist(), strict=True)
    return [Fault(row, code, field, shown(value), "") for row, field, value in read]


def _placeholders(case: Case) -> list[Fault]:
    settings = case.settings("template")
    word = settings["placeholder"]
    plain = [name for name in settings["plain"] if pc.any(pc.match_substring(case.batch.text(name), word)).as_py()]
    rare, whole = settings["rare"].encode(), word.encode()
    columns = [name for name in settings["columns"] if rare in case.content(name) and whole in case.content(name)]
    found = []
    for column in (*plain, *columns):
        holding = np.asarray(pc.match_substring(case.batch.text(column), word)).astype(np.bool_)
        for row in np.flatnonzero(holding).tolist():
            field, value = _where(case.text(column, row), word)
            named = settings["plain"].get(column, {}).get(case.dialect(row), field)
            found.append(Fault(row, "Q10", named, shown(value), ""))
    return found


def _where(text: str, word: str) -> tuple[str, str]:
    """Tag, subfield code and value of the first place in field text that holds a word."""
    field = next(one for one in text.split(FIELD_MARK) if word in one)
    head, *subfields = field.split(SUBFIELD_MARK)
    for subfield in subfields:
        if word in subfield:
            return f"{head[:3]}${subfield[0]}", subfield[1:]
    return head[:3], head


def unreadable_text(case: Case) -> list[Fault]:
    """Q11: subfield codes that show as text (`围城$f钱钟书著`, `ǂa`), or a field read in the wrong character set."""
    return [*_visible_codes(case), *_mojibake(case)]


def _visible_codes(case: Case) -> list[Fault]:
    settings = case.settings("visible")
    found = []
    for column in settings["columns"]:
        parts = case.batch.subfields(column)
        at = _holding(parts, case.content(column), settings["signs"])
        if len(at):
            found += _left(parts, at[matches(parts.taken(at), settings["pattern"])], "Q11")
    return found


def _mojibake(case: Case) -> list[Fault]:
    """Values with a sign that a wrong character set leaves, where the test of the bytes bears it out."""
    settings = case.settings("charset")
    found = []
    for column in settings["columns"]:
        parts = case.batch.subfields(column)
        at = _holding(parts, case.content(column), settings["signs"])
        for fault in _left(parts, at, "Q11") if len(at) else ():
            spoilt = mojibake(fault.found, case.rules)
            if spoilt is not None:
                found.append(replace(fault, expected=spoilt.mended))
    return found


def _holding(parts: Subfields, content: bytes, signs: Sequence[str]) -> Ints:
    """The subfields that hold any of some rare signs, by the places of the signs in all bytes of the column."""
    # Single bytes are found much faster than the whole sign, and are seldom all there.
    near = [one for one in (sign.encode() for sign in signs) if all(byte in content for byte in one)]
    there = [one for one in near if one in content]
    if not there:
        return np.zeros(0, np.int64)
    places = np.array([found.start() for sign in there for found in re.finditer(re.escape(sign), content)], np.int64)
    edges = np.frombuffer(parts.cut.buffers()[1], np.int32)
    at = np.unique(np.searchsorted(edges, places, side="right") - 1)
    # Every other stretch is a value; between them stand tags, indicators and codes.
    found: Ints = at[(at % 2 == 0) & (at < 2 * len(parts))] // 2
    return found
