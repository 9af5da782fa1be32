"""ISBN columns of a batch: of the record itself, weak, of the set, of a volume, of another carrier.

Source of the rules: domain facts 1.2 ($z rule, roles), P4-P7, P14, P21, P22.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format, IsbnRole
from dedup.normalise.arrow import one_of
from dedup.normalise.batch import RawBatch
from dedup.normalise.gathered import distinct_pairs, int_lists
from dedup.normalise.isbn import SHORT_DIGITS, registrants_of
from dedup.normalise.isbn_scan import Numbers, qualifier_roles, scan
from dedup.normalise.pick import in_record_order, per_row, picked, picks
from dedup.normalise.subfield import Subfields
from dedup.normalise.window import among
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_OTHER = np.zeros(max(IsbnRole) + 1, np.bool_)
_OTHER[[IsbnRole.DISC, IsbnRole.EBOOK, IsbnRole.OTHER_BINDING]] = True
_SPAN = 10**12  # above every core


@dataclass(frozen=True, slots=True)
class Held:
    """The ISBNs that records hold: record, core, check digit right and not from $z, from $z, form, role."""

    row: Ints
    core: Ints
    strong: Mask
    cancelled: Mask
    form: Ints
    role: Ints

    def pairs(self, mask: Mask) -> tuple[Ints, Ints]:
        """Record and core under a mask, ascending, each once."""
        return distinct_pairs(self.row[mask], self.core[mask])


def _owners(parts: Subfields, numbers: Ints, cancelled: Mask, at: Ints) -> Ints:
    """For each qualifying subfield the number (place in `numbers`) it qualifies; -1 when its field holds none.

    That is the last number before it in the field, a $z only when the field has no $a in front of it; else the next.
    """
    if not len(numbers):
        return np.full(len(at), -1, np.int64)
    before = np.searchsorted(numbers, at, side="right") - 1
    field = parts.field[at]

    def same(place: Ints) -> Mask:
        """Whether the number at a place stands in the field of the qualifier."""
        clipped = np.clip(place, 0, len(numbers) - 1)
        found: Mask = (place >= 0) & (place < len(numbers)) & (parts.field[numbers[clipped]] == field)
        return found

    earlier = before - 1
    to_strong = (
        same(before) & cancelled[np.clip(before, 0, None)] & same(earlier) & ~cancelled[np.clip(earlier, 0, None)]
    )
    return np.where(to_strong, earlier, np.where(same(before), before, np.where(same(before + 1), before + 1, -1)))


def typed_numbers(batch: RawBatch, rules: RuleSet) -> tuple[Ints, Mask, Numbers]:
    """The subfields in which an ISBN may stand (places), which of all are cancelled, and the numbers read there."""
    return batch.derived("isbn numbers", lambda: _typed_numbers(batch, rules))


def _typed_numbers(batch: RawBatch, rules: RuleSet) -> tuple[Ints, Mask, Numbers]:
    parts = batch.subfields("isbn")
    cancelled = picked(batch, "isbn", picks(rules, "isbn", "cancelled"))
    places = np.flatnonzero(picked(batch, "isbn", picks(rules, "isbn", "number")) | cancelled)
    return places, cancelled, scan(parts.taken(places), rules)


def _held(batch: RawBatch, rules: RuleSet) -> Held:
    """Every ISBN of a batch with its role: text behind it first, then $q / $b, then the note of the price."""
    parts = batch.subfields("isbn")
    places, cancelled, found = typed_numbers(batch, rules)
    told = np.zeros(len(places), np.int64)
    for key in ("price", "qualifier"):
        at = np.flatnonzero(picked(batch, "isbn", picks(rules, "isbn", key)))
        texts = parts.taken(at)
        if key == "price":
            noted = np.asarray(pc.match_substring_regex(texts, rules.tables["isbn"]["price_note"])).astype(np.bool_)
            at, texts = at[noted], pc.replace_substring_regex(texts.filter(pa.array(noted)), r"^[^(（\[]*", "")
        owner = _owners(parts, places, cancelled[places], at)
        role = qualifier_roles(texts, rules)
        tells = (owner >= 0) & (role != IsbnRole.SELF)
        told[owner[tells]] = role[tells]
    role = np.where(found.role == IsbnRole.SELF, told[found.at], found.role)
    from_z = cancelled[places][found.at]
    return Held(parts.row[places][found.at], found.core, found.valid & ~from_z, from_z, found.form, role)


def _electronic(batch: RawBatch, rules: RuleSet) -> Mask:
    """Records coded as electronic: leader/06, and 008/23 in MARC 21."""
    settings = rules.tables["isbn"]["electronic"]
    form = among(batch.window("fixed")[:, settings["form_of_item_at"]], settings["form_of_item"])
    electronic: Mask = among(batch.window("leader")[:, 6], settings["leader"])
    electronic |= form & (batch.formats == Format.MARC21)
    return electronic


def _of_record_itself(held: Held, electronic: Mask) -> Mask:
    """Numbers that stand for their record: no role, the only volume number, e-book numbers of electronic records."""
    volumes, _ = held.pairs(held.role == IsbnRole.VOLUME)
    alone = np.bincount(volumes, minlength=len(electronic)) == 1
    itself: Mask = held.role == IsbnRole.SELF
    itself |= (held.role == IsbnRole.VOLUME) & alone[held.row]
    itself |= (held.role == IsbnRole.EBOOK) & electronic[held.row]
    return itself


def _linked(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """ISBN cores in linking fields: their own subfield, or those of an embedded ISBN field ($1010)."""
    parts = batch.subfields("link")
    mask = picked(batch, "link", picks(rules, "isbn", "linked"))
    embedded = rules.tables["isbn"]["embedded"]
    marks = np.flatnonzero(picked(batch, "link", picks(rules, "isbn", "embedded")))
    if len(marks):
        inside = np.flatnonzero(parts.code == ord(embedded["code"]))
        nearest = np.searchsorted(marks, inside) - 1
        mark = marks[np.clip(nearest, 0, None)]
        tag = np.asarray(pc.starts_with(parts.taken(mark), embedded["tag"])).astype(np.bool_)
        mask[inside[(nearest >= 0) & tag & (parts.field[mark] == parts.field[inside])]] = True
    places = np.flatnonzero(mask)
    found = scan(parts.taken(places), rules)
    return int_lists(parts.row[places][found.at], found.core, len(batch))


def _typed(held: Held, mask: Mask) -> tuple[Ints, Ints]:
    """The numbers under a mask as a search finds them: the core tenfold, and one more for a 13-digit number."""
    return held.row[mask], held.core[mask] * 10 + (held.form[mask] != SHORT_DIGITS)


def _noted(batch: RawBatch, rules: RuleSet) -> pa.ListArray:
    """Cores of the ISBNs that notes name, typed there instead of in their own field (D01)."""
    named = pc.match_substring(batch.text("note"), rules.tables["isbn"]["noted"])
    if not pc.any(named).as_py():
        return int_lists(np.zeros(0, np.int64), np.zeros(0, np.int64), len(batch))
    parts = batch.subfields("note")
    at = np.flatnonzero(np.asarray(named)[parts.row])
    texts = parts.taken(at)
    inside = np.asarray(pc.match_substring(texts, rules.tables["isbn"]["noted"]))
    at, texts = at[inside], texts.filter(pa.array(inside))
    # What stands in front of the number is no part of it.
    found = scan(pc.replace_substring_regex(texts, rules.tables["isbn"]["before_noted"], ""), rules)
    return int_lists(parts.row[at[found.at]], found.core, len(batch))


def isbn_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """The columns isbn to registrants, and linked_numbers, of `tables.CONCEPT`, one entry per record."""
    rows = len(batch)
    held = _held(batch, rules)
    itself = _of_record_itself(held, _electronic(batch, rules))
    own = held.pairs(itself & held.strong)
    weak = itself & ~held.strong
    at = np.flatnonzero(weak)
    weak[at] = ~one_of(held.row[at] * _SPAN + held.core[at], own[0] * _SPAN + own[1])
    forms = np.zeros(rows, np.int8)
    short = held.form == SHORT_DIGITS
    forms[held.row[itself & short]] |= 1
    forms[held.row[itself & ~short]] |= 2

    def of(mask: Mask) -> pa.ListArray:
        """The cores under a mask, one list per record."""
        return int_lists(held.row[mask], held.core[mask], rows)

    parts = batch.subfields("isbn")
    typed = np.flatnonzero(picked(batch, "isbn", picks(rules, "isbn", "number")))
    typed = np.union1d(typed, np.flatnonzero(picked(batch, "isbn", picks(rules, "isbn", "cancelled"))))
    publisher = per_row(*in_record_order(own[0], registrants_of(own[1])), rows, distinct=True)
    return {
        "isbn": of(itself & held.strong),
        "isbn_weak": of(weak),
        "isbn_set": of(held.role == IsbnRole.SET),
        "isbn_part": of((held.role == IsbnRole.VOLUME) & ~itself),
        "isbn_other": of(_OTHER[held.role] & ~itself),
        "isbn_text": per_row(parts.row[typed], pc.utf8_trim_whitespace(parts.taken(typed)), rows),
        "isbn_forms": pa.array(forms),
        "isbn_typed": int_lists(*_typed(held, itself & ~held.cancelled), rows),
        "isbn_noted": _noted(batch, rules),
        "registrants": publisher,
        "linked_numbers": _linked(batch, rules),
    }
