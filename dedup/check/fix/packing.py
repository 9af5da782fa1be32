"""Records taken apart and put together byte by byte, and written as ISO 2709 or, above its limits, as MARCXML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.check.fix.fields import Field
from dedup.marc.columns import left_out
from dedup.marc.encoding import UTF8
from dedup.marc.exact import Found, read_frame
from dedup.marc.fingerprint import fingerprints
from dedup.marc.frame import FIELD_END, RECORD_END
from dedup.marc.record import RawRecord
from dedup.marc.reread import expected
from dedup.marc.text import to_utf8
from dedup.marc.tokens import LEADER_LENGTH, Loose, from_loose, to_loose
from dedup.marc.write import MOST_BYTES, MOST_FIELD_BYTES, cleaned, iso2709, marcxml
from dedup.model import Format
from dedup.report.proposal.charset import in_unicode, unicode_leader
from dedup.report.proposal.side import Full, side_of
from dedup.rules import RuleSet

_ENTRY = 12


@dataclass(frozen=True, slots=True)
class Packed:
    """A record as it is written: ISO 2709, or MARCXML when it is too long (`oversize`); the hash a reader must find."""

    data: bytes
    fingerprint: int
    oversize: bool


def unpacked(data: bytes) -> tuple[tuple[Field, ...], bool]:
    """The fields of one record of ISO 2709, and whether putting them together gives the same bytes again."""
    found = Found()
    read_frame(data, 0, found)
    if len(found.records) != 1:
        return (), False
    fields = found.records[0].fields
    return fields, joined(data, fields) == data


def joined(leader: bytes, fields: Sequence[Field]) -> bytes | None:
    """Fields with a leader (its lengths made anew) as ISO 2709, text as it is; None above the limits of the form."""
    contents = [content + FIELD_END for _, content in fields]
    base = LEADER_LENGTH + _ENTRY * len(fields) + 1
    size = base + sum(map(len, contents)) + 1
    if size > MOST_BYTES or max(map(len, contents), default=0) > MOST_FIELD_BYTES:
        return None
    entries, start = [], 0
    for (tag, _), content in zip(fields, contents, strict=True):
        entries.append(tag + b"%04d%05d" % (len(content), start))
        start += len(content)
    head = b"%05d%b%05d%b" % (size, leader[5:12], base, leader[17:LEADER_LENGTH])
    return b"".join([head, *entries, FIELD_END, *contents, RECORD_END])


def packed(leader: bytes, fields: Sequence[Field], encoding: str, form: Format, rules: RuleSet) -> Packed:
    """A record in its own encoding, with the bytes of its fields. Raises ValueError for a tag that is none."""
    plain = encoding in ("", UTF8)
    loose = Loose(0, 0, leader[:LEADER_LENGTH], tuple(fields))
    tokens = to_utf8(from_loose([loose]), UTF8 if plain else None, None if plain else encoding)
    read = to_loose(tokens, 0)
    texts = [(tag.decode("ascii", "replace"), content.decode("utf-8", "replace")) for tag, content in read.fields]
    data = joined(leader, fields)
    if data is None:
        return in_utf8(leader.decode("ascii", "replace"), texts, form, rules)
    return Packed(data, int(fingerprints(tokens, left_out(rules))[0]), False)


def in_utf8(leader: str, texts: Sequence[tuple[str, str]], form: Format, rules: RuleSet) -> Packed:
    """A record as text (tag, content as field text) in UTF-8. Raises ValueError for a tag that is none."""
    mine = side_of(Full("", form, leader, cleaned(texts).fields), rules)
    head, fields = unicode_leader(mine), tuple(in_unicode(mine))
    data = iso2709(head, fields)
    meant = expected(head, fields, rules).fingerprint
    return Packed(marcxml(head, fields), meant, True) if data is None else Packed(data, meant, False)


def texts_of(record: RawRecord) -> list[tuple[str, str]]:
    """The fields of a record of any other container as text: tag, content as field text."""
    return [(field.tag, field.text()[len(field.tag) :]) for field in record.fields]
