"""Which records are junk, and why (J01 to J09): columns `junk`, `mended_title` and `title_usable` of CONCEPT.

Whole columns are looked through by cheap signs first; only the few records that show one are judged, one by one, by
`junk_of`, which is the rule. Source: domain facts 4.1 to 4.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.arrow import EMPTY, lengths, matching, scattered, text_or_empty
from dedup.normalise.batch import RawBatch
from dedup.normalise.junk_shapes import number_title, temporary_item, without_codes
from dedup.normalise.junk_signs import odd_titles
from dedup.normalise.mojibake import mojibake
from dedup.normalise.placeholder import (
    MEANINGLESS,
    MISSING,
    PLACEHOLDER,
    junk_kind,
    meaningless_word,
    usable_column,
)
from dedup.normalise.text import skeleton
from dedup.rules import RuleSet

STUB, SPOILT, FORMAT, NUMBER, CODES, DESK = "J04", "J05", "J06", "J07", "J08", "J09"
Mask = npt.NDArray[np.bool_]
Columns = Mapping[str, pa.Array]
_NUMBERS = ("isbn_text", "barcodes", "call_numbers")
_FIELD, _SUBFIELD = "\x1e", "\x1f"
_WORD = re.compile(r"[^\W\d_]{2}|[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known of one record: title proper as typed, format, raw columns by name, `numbers` of the record (see
    `number_title`), and whether any column tells what book it is.
    """

    title: str
    format: Format
    raw: Mapping[str, str]
    numbers: Mapping[str, list[str]]
    known: bool


def junk_of(record: Shown, rules: RuleSet) -> tuple[str, str]:
    """The code of a record, '' when its title is usable; and the title that it certainly stands for, '' when unknown.

    A record has one code. A title field of the other format explains a missing title (J06), a temporary item a
    meaningless one (J09).
    """
    kind = junk_kind(record.title, rules)
    if kind == MEANINGLESS and not meaningless_word(record.title, rules) and _worded(record, rules):
        kind = ""
    if kind in (PLACEHOLDER, MISSING) and (other := _other_format(record, rules)) is not None:
        return FORMAT, other
    if kind in (PLACEHOLDER, MISSING):
        return kind, ""
    if (spoilt := mojibake(record.title, rules)) is not None:
        return SPOILT, spoilt.mended
    if number_title(record.title, record.numbers, rules):
        return NUMBER, ""
    fields = _fields(record.raw, rules)
    if _from_desk(record, kind, fields, rules):
        return DESK, ""
    if kind:
        return kind, ""
    if (proper := without_codes(record.title, record.format, rules)) is not None:
        return CODES, "" if junk_kind(proper, rules) else proper
    stub = fields <= rules.tables["junk"]["content"]["stub_fields"] and not record.known
    return (STUB, "") if stub else ("", "")


def _worded(record: Shown, rules: RuleSet) -> bool:
    """Whether a word stands beside a number or letter in the title field: `NGC 2000.0`, `A : a novel`."""
    codes = rules.tables["junk"]["number"]["words"]
    parts = record.raw["title"].split(_FIELD)[0].split(_SUBFIELD)[1:]
    return any(_WORD.search(part[1:]) for part in parts if part[:1] in codes)


def _other_format(record: Shown, rules: RuleSet) -> str | None:
    """The title under the tag of the other format, '' when it is junk too; None when nothing speaks of that format."""
    sign = rules.tables["junk"]["other_format"][record.format.name.lower()]
    for field in record.raw["title"].split(_FIELD):
        if field.startswith(sign["tag"]):
            parts = [part[1:].strip() for part in field.split(_SUBFIELD)[1:] if part[:1] == "a"]
            title = re.sub(r"[\s:;=/]+$", "", parts[0]) if parts else ""
            return "" if junk_kind(title, rules) else title
    value = record.raw[sign["column"]]
    if sign["column"] != "fixed":
        fields = [field for field in value.split(_FIELD) if field.startswith(sign["field"])]
        value = next((part[1:] for field in fields for part in field.split(_SUBFIELD)[1:] if part[:1] == "a"), "")
    return "" if re.match(sign["shape"], value) else None


def _fields(raw: Mapping[str, str], rules: RuleSet) -> int:
    """How many fields of content a record has."""
    return sum(raw[name].count(_FIELD) + 1 for name in rules.tables["junk"]["content"]["columns"] if raw[name])


def _from_desk(record: Shown, kind: str, fields: int, rules: RuleSet) -> bool:
    """Made at the loan desk or for a test: a temporary item, hardly a field, a title that is short or a test word."""
    limits = rules.tables["junk"]["content"]
    if fields > limits["desk_fields"] or not temporary_item(record.raw["holdings"], rules):
        return False
    return kind == MEANINGLESS or len(skeleton(record.title, rules)) <= limits["desk_letters"]


def junk_columns(batch: RawBatch, columns: Columns, rules: RuleSet) -> dict[str, pa.Array]:
    """`junk`, `mended_title` and `title_usable`, and `alternatives` with the skeletons of mended titles.

    `columns`: those made before, with title, numbers and holdings among them.
    """
    typed, bare = batch.derived("title as typed", _no_titles)
    suspect = ~np.asarray(usable_column(typed, bare, rules)) | odd_titles(typed, rules) | _empty(batch, columns, rules)
    codes: dict[int, str] = {}
    mended: dict[int, str] = {}
    at = np.flatnonzero(suspect)
    for row, record in zip(at.tolist(), _shown(batch, columns, typed, at, rules), strict=True):
        code, title = junk_of(record, rules)
        if code:
            codes[row] = code
        if title:
            mended[row] = title
    junk = _sparse(codes, len(batch))
    found = {"junk": junk, "mended_title": _sparse(mended, len(batch)), "title_usable": pc.equal(junk, EMPTY)}
    if mended:
        found["alternatives"] = _with(columns["alternatives"], mended, rules)
    return found


def _sparse(values: Mapping[int, str], rows: int) -> pa.StringArray:
    """A column that is empty but for some rows, which ascend."""
    return scattered(pa.array(list(values.values()), pa.string()), np.fromiter(values, np.int64, len(values)), rows)


def _no_titles() -> tuple[pa.StringArray, pa.StringArray]:
    raise LookupError("titles are read before junk is looked for")


def _empty(batch: RawBatch, columns: Columns, rules: RuleSet) -> Mask:
    """Records of few fields by which no book can be known, or with a temporary item."""
    limits = rules.tables["junk"]["content"]
    filled = np.zeros(len(batch), np.int64)
    for name in limits["columns"]:
        filled += lengths(batch.text(name)) > 0
    few: Mask = filled <= limits["stub_fields"]
    if not few.any():
        return few
    behind = np.zeros(len(batch), np.bool_)
    for name in limits["behind"]:
        behind |= matching(text_or_empty(batch.text(name)), _starred(rules), few)
    desk = matching(text_or_empty(batch.text("holdings")), _typed_as(rules), filled <= limits["desk_fields"])
    empty: Mask = (few & (~_known(columns, rules) | behind)) | desk
    return empty


@cache
def _starred(rules: RuleSet) -> str:
    words = "|".join(re.escape(word).replace(r"\ ", r"\s*") for word in rules.entries("placeholder", "system"))
    return rf"(?i)\*\s*(?:{words})\s*\*"


@cache
def _typed_as(rules: RuleSet) -> str:
    """RE2: a subfield with a code for types of items, and a word for a temporary one somewhere in it."""
    codes = "".join(sorted(set("".join(rules.tables["junk"]["item_type"].values()))))
    words = "|".join(re.escape(word).replace(r"\ ", " ") for word in rules.entries("item_type", "temporary"))
    return f"(?i)\x1f[{codes}][^\x1e\x1f]*(?:{words})"


def _known(columns: Columns, rules: RuleSet) -> Mask:
    """Records with a value in any of the columns by which a book can be known."""
    known: Mask = np.zeros(len(columns["format"]), np.bool_)
    for name in rules.tables["junk"]["content"]["known_by"]:
        column = columns[name]
        if pa.types.is_list(column.type):
            known |= np.asarray(pc.list_value_length(column).fill_null(0)) > 0
        elif pa.types.is_string(column.type):
            known |= lengths(column) > 0
        else:
            known |= np.asarray(column.is_valid())
    return known


def _shown(
    batch: RawBatch, columns: Columns, typed: pa.StringArray, at: npt.NDArray[np.int64], rules: RuleSet
) -> list[Shown]:
    """The records at the given rows, each by itself."""
    take = pa.array(at)
    names = {*rules.tables["junk"]["content"]["columns"], "fixed", "holdings"}
    raw = {name: text_or_empty(batch.text(name).take(take)).to_pylist() for name in sorted(names)}
    numbers = {name: columns[name].take(take).to_pylist() for name in _NUMBERS}
    known = _known({name: column.take(take) for name, column in columns.items()}, rules)
    titles = typed.take(take).to_pylist()
    starred = re.compile(_starred(rules))
    behind = rules.tables["junk"]["content"]["behind"]
    return [
        Shown(
            titles[place],
            Format(kind),
            row := {name: values[place] for name, values in raw.items()},
            {name: values[place] or [] for name, values in numbers.items()},
            bool(known[place]) and not any(starred.search(row[name]) for name in behind),
        )
        for place, kind in enumerate(batch.formats[at].tolist())
    ]


def _with(alternatives: pa.Array, mended: Mapping[int, str], rules: RuleSet) -> pa.Array:
    """The lists of variant titles with those of mended titles among them."""
    lists: list[Any] = alternatives.to_pylist()
    for row, title in mended.items():
        lists[row] = list(dict.fromkeys([skeleton(title, rules), *lists[row]]))
    return pa.array(lists, alternatives.type)
