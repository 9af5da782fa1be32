"""The parts of the title field as typed: title proper, other title information, part number and name, and so on.

Only the first title field of a record counts. Which subfield is which stands in `[title]` of `rules/fields/*.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.arrow import EMPTY, glued, holding, lengths, matching, text, text_or_empty
from dedup.normalise.batch import RawBatch
from dedup.normalise.subfield import Subfields
from dedup.normalise.title_split import article_end, needs_split, settle, without_medium
from dedup.rules import RuleSet

Mask = npt.NDArray[np.bool_]
# ISBD marks typed into a subfield that brings its own: `$d= Title`.
_TYPED_YEAR = r"\bl([89][0-9]{2}s?)\b"
_TWICE = r" ([=:;]) +[=:;/]+ "
# An article between non-sorting marks: ISO 6630 (UNIMARC, MARC 21), or the sign of German and French catalogues.
_MARKS = ":;=/：＝；]］\u0088\u0098\u00ac"
_NOT_SORTED = "^(?:[\u0088\u0098][^\u0089\u009c]{0,40}[\u0089\u009c]|\u00ac[^\u00ac]{1,12}\u00ac)"
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TitleFields:
    """Columns of text as typed, one value per record, empty when absent.

    `proper` is without initial article and material designation; `further` are later titles proper of the same field
    (other works in one book) and `further_rows` their records. `marked`: titles proper that may hold one of `_MARKS` or
    an apostrophe, but for the mark of ISBD that ends them.
    """

    proper: pa.StringArray
    other: pa.StringArray
    parallel: pa.StringArray
    number: pa.StringArray
    name: pa.StringArray
    responsibility: pa.StringArray
    pinyin: pa.StringArray
    shown: pa.StringArray
    further: pa.StringArray
    further_rows: Ints
    marked: Mask


@cache
def title_rule(rules: RuleSet, kind: Format) -> dict[str, Any]:
    """The `[title]` table of one format."""
    return dict(rules.tables[f"fields/{kind.name.lower()}"]["title"])


def by_format(rules: RuleSet, formats: npt.NDArray[np.int8], key: str) -> Ints:
    """One numeric or boolean setting of `[title]` for each of the given formats."""
    return np.array([int(title_rule(rules, kind)[key]) for kind in Format])[formats]


def coded(parts: Subfields, formats: npt.NDArray[np.int8], rules: RuleSet, key: str) -> Mask:
    """Mask of the subfields whose code the setting `key` of `[title]` names, each record by its own format."""
    table = np.zeros((len(Format), 256), np.bool_)
    for kind in Format:
        table[kind, [ord(code) for code in title_rule(rules, kind)[key]]] = True
    return table[formats[parts.row], parts.code]


def title_fields(batch: RawBatch, rules: RuleSet) -> TitleFields:
    """Take the title field of each record apart."""
    parts, formats = batch.subfields("title"), batch.formats
    first = _first_field(parts, by_format(rules, formats, "tag"))
    filled = first & (parts.lengths() > 0)

    def codes(key: str) -> Mask:
        """The subfields of the title field that a key of the tables names."""
        return filled & coded(parts, formats, rules, key)

    def joined(key: str, separator: str = " ") -> pa.StringArray:
        """The same as one text a record."""
        return text_or_empty(parts.joined_per_row(codes(key), separator))

    proper_codes = codes("proper")
    proper = pc.coalesce(parts.first_per_row(proper_codes), parts.first_per_row(codes("fallback")), EMPTY)
    medium = text_or_empty(parts.first_per_row(codes("medium")))
    marked = holding(proper, _MARKS + rules.tables["text"]["years"]["apostrophes"], final="/:")
    proper = _announced_parallel(without_medium(proper, marked, rules), medium, marked)
    other_codes, parallel_codes = codes("other"), codes("parallel")
    _move_parallel_information(parts, proper, (other_codes, parallel_codes))
    pieces = (
        proper,
        text_or_empty(parts.joined_per_row(other_codes)),
        text_or_empty(parts.first_per_row(parallel_codes)),
        joined("responsibility", " ; "),
    )
    proper, other, parallel, responsibility = _split((_typed_ones(proper), _typed_ones(pieces[1]), *pieces[2:]), marked)
    further = np.flatnonzero(proper_codes)
    further = further[1:][parts.row[further[1:]] == parts.row[further[:-1]]]
    return TitleFields(
        proper=_filed(proper, _articles(parts, first, by_format(rules, formats, "article")), marked, rules),
        other=other,
        parallel=parallel,
        number=joined("part_number"),
        name=joined("part_name"),
        responsibility=responsibility,
        pinyin=text_or_empty(parts.first_per_row(codes("pinyin"))),
        shown=_shown(parts, first, formats, rules),
        further=parts.taken(further),
        further_rows=parts.row[further],
        marked=marked,
    )


def _typed_ones(column: pa.StringArray) -> pa.StringArray:
    """Years typed on a machine without the figure 1: until August l945."""
    hits = pc.or_(pc.match_substring(column, "l9"), pc.match_substring(column, "l8"))
    if not pc.any(hits).as_py():
        return column
    return pc.replace_with_mask(column, hits, pc.replace_substring_regex(column.filter(hits), _TYPED_YEAR, r"1\1"))


def _first_field(parts: Subfields, tags: Ints) -> Mask:
    """Mask of the subfields of each record's first field with the title tag."""
    mask = parts.tag == tags[parts.row]
    at = np.flatnonzero(mask)
    opens = np.ones(len(at), np.bool_)
    opens[1:] = parts.row[at[1:]] != parts.row[at[:-1]]
    field = np.full(parts.rows, -1, np.int64)
    field[parts.row[at[opens]]] = parts.field[at[opens]]
    first: Mask = mask & (parts.field == field[parts.row])
    return first


def _announced_parallel(proper: pa.StringArray, medium: pa.StringArray, marked: Mask) -> pa.StringArray:
    """Move the equals sign that ends a material designation back to the title, and mark it: `$aX$h[microform] =$bY`."""
    ends = matching(medium, r"=\s*$", lengths(medium) > 0)
    if not ends.any():
        return proper
    marked |= ends
    return pc.if_else(pa.array(ends), glued(proper, text(" =")), proper)


def _move_parallel_information(parts: Subfields, proper: pa.StringArray, masks: tuple[Mask, Mask]) -> None:
    """Take other title information out of the mask that belongs to a parallel title before it (CNMARC $d ... $e).

    It does when it stands after the parallel title and is not in the script of the title proper.
    """
    other, parallel = masks
    titled = np.flatnonzero(parallel)
    if len(titled) == 0:
        return
    first = np.full(parts.rows, len(parts.row), np.int64)
    first[parts.row[titled[::-1]]] = titled[::-1]
    late = np.flatnonzero(other & (np.arange(len(other)) > first[parts.row]))
    han = np.asarray(pc.match_substring_regex(proper, r"\p{Han}"))[parts.row[late]]
    also = np.asarray(pc.match_substring_regex(parts.taken(late), r"\p{Han}"))
    other[late[han != also]] = False


def _split(
    pieces: tuple[pa.StringArray, pa.StringArray, pa.StringArray, pa.StringArray],
    marked: Mask,
) -> tuple[pa.StringArray, ...]:
    """Split titles that hold several elements in one subfield, at their ISBD punctuation."""
    mask = needs_split(pieces[0], pieces[1], marked)
    if not pc.any(mask).as_py():
        return pieces
    some = [piece.filter(mask).to_pylist() for piece in pieces]
    settled = [settle(*row) for row in zip(*some, strict=True)]
    return tuple(
        pc.replace_with_mask(piece, mask, pa.array([row[at] for row in settled], pa.string()))
        for at, piece in enumerate(pieces)
    )


def _articles(parts: Subfields, first: Mask, counted: Ints) -> Ints:
    """For each record the length of the initial article by the second indicator; 0 where formats do not count it."""
    length = np.zeros(parts.rows, np.int64)
    at = np.flatnonzero(first)
    digit = parts.second[at].astype(np.int64) - ord("0")
    length[parts.row[at]] = np.where((digit > 0) & (digit <= 9), digit, 0)
    return np.where(counted > 0, length, 0)


def _filed(proper: pa.StringArray, articles: Ints, marked: Mask, rules: RuleSet) -> pa.StringArray:
    """Drop the initial article between non-sorting marks, or of the given length where that is plausible."""
    if (between := matching(proper, _NOT_SORTED, marked)).any():
        mask = pa.array(between)
        shorter = pc.replace_substring_regex(proper.filter(mask), _NOT_SORTED, "")
        proper = pc.replace_with_mask(proper, mask, shorter)
    for length in np.unique(articles[articles > 0]).tolist():
        mask = pa.array(articles == length)
        some = proper.filter(mask)
        good = article_end(pc.utf8_slice_codeunits(some, 0, length), rules)
        rest = pc.utf8_slice_codeunits(some, length)
        good = pc.and_(good, pa.array(lengths(pc.utf8_trim_whitespace(rest)) > 0))
        proper = pc.replace_with_mask(proper, mask, pc.if_else(good, rest, some))
    return proper


def _shown(parts: Subfields, first: Mask, formats: npt.NDArray[np.int8], rules: RuleSet) -> pa.StringArray:
    """The title as typed, its subfields joined by ISBD punctuation."""
    before, table = [""], np.zeros((len(Format), 256), np.int64)
    for kind in Format:
        for code, sign in title_rule(rules, kind)["shown"].items():
            before.append(sign)
            table[kind, ord(code)] = len(before) - 1
    which = table[formats[parts.row], parts.code]
    picked = np.flatnonzero(first & (which > 0))
    signs = pa.array(before, pa.string()).take(pa.array(which[picked]))
    values = pc.utf8_trim_whitespace(parts.taken(picked))
    offsets = np.zeros(parts.rows + 1, np.int32)
    np.cumsum(np.bincount(parts.row[picked], minlength=parts.rows), out=offsets[1:])
    lists = pa.ListArray.from_arrays(pa.array(offsets), glued(signs, values))
    shown = pc.replace_substring_regex(pc.binary_join(lists, EMPTY), _TWICE, r" \1 ")
    return pc.utf8_rtrim(pc.utf8_ltrim(shown, " ;:=."), " /:;=,")
