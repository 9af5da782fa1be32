"""Other names of a record's title, as skeletons: what it may be called in another catalogue.

Source: domain facts 1.3 ("Variants", "Parallel title"), 2.1 (keys 6, 7, 8). They propose pairs and never separate them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.arrow import glued, lengths, text
from dedup.normalise.batch import RawBatch
from dedup.normalise.subfield import Subfields
from dedup.normalise.text import skeleton_column
from dedup.normalise.title_fields import coded, title_rule
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Names:
    """Skeletons with the records they belong to; one record may have several."""

    row: Ints
    text: pa.StringArray


@dataclass(frozen=True, slots=True)
class _Fields:
    """Values of some subfields joined per field: their records and tags."""

    row: Ints
    tag: Ints
    value: pa.StringArray


def filled(column: pa.StringArray) -> Names:
    """The values of a column of skeletons that are not empty."""
    at = np.flatnonzero(lengths(column) > 0)
    return Names(at, column.take(pa.array(at)))


def joined(first: pa.StringArray, second: pa.StringArray) -> Names:
    """Two columns of skeletons put together where both are filled."""
    at = np.flatnonzero((lengths(first) > 0) & (lengths(second) > 0))
    place = pa.array(at)
    return Names(at, glued(first.take(place), second.take(place)))


def _per_field(parts: Subfields, mask: Mask) -> _Fields:
    at = np.flatnonzero(mask)
    opens = np.ones(len(at), np.bool_)
    opens[1:] = parts.field[at[1:]] != parts.field[at[:-1]]
    begins = np.flatnonzero(opens)
    edges = pa.array(np.append(begins, len(at)).astype(np.int32))
    values = pc.binary_join(pa.ListArray.from_arrays(edges, parts.taken(at)), text(" "))
    return _Fields(parts.row[at[begins]], parts.tag[at[begins]], values)


def variant_names(batch: RawBatch, rules: RuleSet) -> Names:
    """Skeletons of the variant, former and uniform titles, most trusted tags first."""
    parts, formats = batch.subfields("variant"), batch.formats
    rank = np.full((len(Format), 1000), -1, np.int64)
    for kind in Format:
        for place, tag in enumerate(title_rule(rules, kind)["variants"]):
            rank[kind, tag] = place
    known = rank[formats[parts.row], np.clip(parts.tag, 0, 999)] >= 0
    fields = _per_field(parts, known & coded(parts, formats, rules, "variant_codes"))
    order = np.lexsort((rank[formats[fields.row], fields.tag], fields.row))
    return Names(fields.row[order], skeleton_column(fields.value.take(pa.array(order)), rules))


def linked_titles(batch: RawBatch, rules: RuleSet) -> tuple[Names, Mask]:
    """Skeletons of the titles in another script (880 linked to a title field), and the records where that is Han."""
    parts, formats = batch.subfields("linked"), batch.formats
    han = np.zeros(len(batch), np.bool_)
    targets = {kind: title_rule(rules, kind)["linked"] for kind in Format}
    at = np.flatnonzero(parts.code == ord("6"))
    begins = pc.utf8_slice_codeunits(parts.taken(at), 0, 3)
    wanted = np.zeros(len(at), np.bool_)
    for kind in Format:
        wanted |= (formats[parts.row[at]] == kind) & np.asarray(pc.is_in(begins, pa.array(targets[kind], pa.string())))
    mask = np.isin(parts.field, parts.field[at[wanted]]) & coded(parts, formats, rules, "variant_codes")
    fields = _per_field(parts, mask)
    texts = skeleton_column(fields.value, rules)
    han[fields.row[np.asarray(pc.match_substring_regex(texts, r"\p{Han}"))]] = True
    return Names(fields.row, texts), han


def alternatives(key: pa.StringArray, sources: list[Names], rules: RuleSet) -> pa.ListArray:
    """Lists of distinct names per record without its title key, in the order of the sources; at most `[title] most`."""
    limits = rules.tables["text"]["title"]
    row = np.concatenate([names.row for names in sources])
    found = pa.concat_arrays([names.text for names in sources])
    place = np.arange(len(row))
    good = np.asarray(pc.utf8_length(found)) >= limits["shortest"]
    good &= np.asarray(pc.not_equal(found, key.take(pa.array(row))))
    encoded = found.dictionary_encode()
    same = row * (len(encoded.dictionary) + 1) + encoded.indices.to_numpy(zero_copy_only=False)
    place = place[good]
    _, first = np.unique(same[place], return_index=True)
    place = place[np.sort(first)]
    place = place[np.argsort(row[place], kind="stable")]
    rows = row[place]
    nth = np.arange(len(rows)) - np.searchsorted(rows, rows)
    place = place[nth < limits["most"]]
    edges = np.zeros(len(key) + 1, np.int32)
    np.cumsum(np.bincount(row[place], minlength=len(key)), out=edges[1:])
    return pa.ListArray.from_arrays(pa.array(edges), found.take(pa.array(place)))
