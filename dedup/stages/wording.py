"""The correction texts: templates of `rules/causes.toml` filled with the values of the records, many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.codes import LANGUAGES, placed, read_codes
from dedup.model import Format, Level
from dedup.normalise.arrow import EMPTY, glued, text
from dedup.rules import RuleSet
from dedup.tables import CORRECTION

_BETWEEN = {"zh": "、", "en": ", "}
_FORMATS = {Format.MARC21: "MARC 21", Format.CNMARC: "CNMARC", Format.UNIMARC: "UNIMARC"}
_ALIKE = ("isbn", "pages", "year", "fixed_date", "price", "series")
"""The elements that a derived record may have kept, as columns `alike_...` and phrases `field_...`."""
_PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Some rows of a batch; a column is taken when a text asks for it, once for both languages."""

    batch: pa.RecordBatch
    at: pa.Array
    taken: dict[str, pa.Array] = field(default_factory=dict)

    def column(self, name: str) -> pa.Array:
        """The values of these rows."""
        if name not in self.taken:
            self.taken[name] = self.batch.column(name).take(self.at)
        return self.taken[name]


@dataclass(frozen=True, slots=True)
class _Cases:
    """Rows of `stages/cases.py` that take one template, and the language their words are in."""

    rows: _Rows
    language: str
    phrases: Mapping[str, Mapping[str, str]]

    def column(self, name: str) -> pa.Array:
        """A text column, '' where null."""
        return pc.fill_null(self.rows.column(name).cast(pa.string()), EMPTY)

    def phrase(self, name: str) -> pa.Scalar:
        """A phrase that takes no values."""
        return text(self.phrases[name][self.language])

    def listed(self, name: str) -> pa.Array:
        """A list column as words."""
        lists = self.rows.column(name)
        return pc.fill_null(pc.binary_join(lists, _BETWEEN[self.language]), EMPTY)

    def or_phrase(self, values: pa.Array, name: str) -> pa.Array:
        """The values, a phrase where they are empty."""
        return pc.if_else(pc.equal(values, EMPTY), self.phrase(name), values)

    def filled(self, template: str, values: Mapping[str, pa.Array | pa.Scalar]) -> pa.Array:
        """A phrase with its values put in."""
        return _filled(self.phrases[template][self.language], values, len(self.rows.at))


def worded(cases: pa.RecordBatch, rules: RuleSet) -> pa.RecordBatch:
    """CORRECTION rows for rows of `stages/cases.py`, in the same order: each template filled in both languages."""
    codes = read_codes(rules)
    phrases = rules.tables["causes"]["phrases"]
    templates = cases.column("template").dictionary_encode()
    texts: dict[str, list[pa.Array]] = {language: [] for language in LANGUAGES}
    order = []
    for number, template in enumerate(templates.dictionary.to_pylist()):
        at = np.flatnonzero(np.asarray(templates.indices) == number)
        order.append(at)
        code, _, situation = template.partition(".")
        wording = phrases[situation] if code == _PHRASE else codes[code].corrections[situation]
        rows = _Rows(cases, pa.array(at))
        for language in LANGUAGES:
            some = _Cases(rows, language, phrases)
            values = {name: VALUES[name](some) for name in placed(wording[language])}
            texts[language].append(_filled(wording[language], values, len(at)))
    back = pa.array(np.argsort(np.concatenate(order)) if order else np.zeros(0, np.int64))
    words = (
        [pa.concat_arrays(texts[language]).take(back) for language in LANGUAGES]
        if order
        else [pa.array([], pa.string())] * 2
    )
    first = [cases.column(cases.schema.get_field_index(name)) for name in ("group_id", "rid", "library", "action")]
    return pa.RecordBatch.from_arrays([*first, *words], schema=CORRECTION)


def _filled(wording: str, values: Mapping[str, pa.Array | pa.Scalar], rows: int) -> pa.Array:
    """A text with `{name}` replaced by the values, row by row."""
    pieces: list[pa.Array | pa.Scalar] = []
    rest = wording
    for name in placed(wording):
        before, _, rest = rest.partition(f"{{{name}}}")
        pieces += [text(before), values[name]]
    pieces.append(text(rest))
    if not any(isinstance(piece, pa.Array) for piece in pieces):
        pieces.append(pa.array([""] * rows, pa.string()))
    return glued(*pieces)


def _barcodes(cases: _Cases) -> pa.Array:
    """Barcodes; without them how many copies there are."""
    known = cases.filled("barcodes", {"list": cases.listed("barcodes")})
    counted = cases.filled("uncounted", {"count": cases.column("copies")})
    none = np.asarray(pc.list_value_length(cases.rows.column("barcodes"))) == 0
    return pc.if_else(pa.array(none), counted, known)


def _items(cases: _Cases) -> pa.Array:
    """The clause about items to be moved; nothing for a record without any."""
    clause = cases.filled("items", {"barcodes": _barcodes(cases), "keep": cases.column("keep")})
    return pc.if_else(pc.equal(cases.rows.column("copies"), 0), cases.phrase("items_none"), clause)


def _items_note(cases: _Cases) -> pa.Array:
    clause = cases.filled("items_note", {"barcodes": _barcodes(cases)})
    return pc.if_else(pc.equal(cases.rows.column("copies"), 0), cases.phrase("items_none"), clause)


def _named(cases: _Cases, column: str, names: Mapping[int, str]) -> pa.Array:
    """A number column by its names."""
    encoded = cases.rows.column(column).dictionary_encode()
    words = pa.array([names[int(one)] for one in encoded.dictionary.to_pylist()], pa.string())
    return words.take(encoded.indices)


def _level(cases: _Cases) -> pa.Array:
    names = {int(level): cases.phrases[f"level_{level.name.lower()}"][cases.language] for level in Level}
    return _named(cases, "level", names)


def _fields(cases: _Cases) -> pa.Array:
    """The names of the elements in which a derived record equals its origin."""
    names = [cases.phrases[f"field_{name}"][cases.language] for name in _ALIKE]
    columns = [cases.rows.column(f"alike_{name}").to_pylist() for name in _ALIKE]
    rows = [[name for name, alike in zip(names, row, strict=True) if alike] for row in zip(*columns, strict=True)]
    return cases.or_phrase(pa.array([_BETWEEN[cases.language].join(row) for row in rows], pa.string()), "unknown")


def _format(column: str) -> Callable[[_Cases], pa.Array]:
    names = {int(form): name for form, name in _FORMATS.items()}
    return lambda cases: _named(cases, column, names)


def _plain(name: str) -> Callable[[_Cases], pa.Array]:
    return lambda cases: cases.or_phrase(cases.column(name), "unknown")


def _list(name: str, empty: str) -> Callable[[_Cases], pa.Array]:
    return lambda cases: cases.or_phrase(cases.listed(name), empty)


def _reason(cases: _Cases) -> pa.Array:
    """The half of a reason (`dedup.compare.judge.reason_text`: Chinese / English) that is in the language."""
    other = {"zh": " / .*$", "en": "^.*? / "}[cases.language]
    return pc.replace_substring_regex(cases.column("reason"), other, "")


VALUES: Mapping[str, Callable[[_Cases], pa.Array]] = {
    **{name: _plain(name) for name in ("title", "record", "keep", "year", "year_keep", "pages", "origin", "edition")},
    "series": _plain("series"),
    "reason": _reason,
    "reissue": lambda cases: cases.or_phrase(cases.column("reissue"), "colophon"),
    **{
        name: _list(name, "unknown")
        for name in ("isbn", "isbn_keep", "calls", "calls_keep", "headings", "headings_keep")
    },
    "missing": _list("missing", "unknown"),
    "libraries": _list("libraries", "unknown"),
    "others": _list("others", "unmade"),
    "barcodes": _barcodes,
    "items": _items,
    "items_note": _items_note,
    "level": _level,
    "fields": _fields,
    "format": _format("format"),
    "format_keep": _format("format_keep"),
}
"""How the values that a correction may name are put into words."""
