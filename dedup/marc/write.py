"""Records written as ISO 2709 or MARCXML, in UTF-8, so that any reader reads back what was meant.

Source: ISO 2709:2008 (a record length of 5 digits, a field length of 4, starts of 5); MARC 21 and UNIMARC leaders;
MARC21slim schema of the Library of Congress; XML 1.0, 2.2 (characters).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from dedup.marc.encoding import composed
from dedup.marc.record import Field
from dedup.marc.tokens import LEADER_LENGTH
from dedup.tables import FIELD_MARK, SUBFIELD_MARK

MOST_BYTES, MOST_FIELD_BYTES = 99_999, 9_999
"""What the record length and the length of a field in the directory can say."""

_RECORD_END = "\x1d"
_TAG = re.compile("[0-9A-Za-z]{3}")
_CONTROL_TAG = re.compile("00[0-9]")
_CODE = re.compile("[!-~]")
_INDICATORS = re.compile("[ -~]{2}")
# Control characters but the subfield mark, and signs that no XML file may hold.
_UNFIT = re.compile("[\x00-\x1e\x7f\ud800-\udfff\ufffe\uffff]")
_DIRECTORY_END = 1
# What a leader says beside lengths and counts: it must come back.
_SAYING = (slice(5, 10), slice(17, 20))
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
XML_FOOT = "</collection>\n"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Fields fit to be written; `blanked`: how many control characters in them became blanks."""

    fields: tuple[Field, ...]
    blanked: int = 0


def cleaned(fields: Iterable[tuple[str, str]]) -> Cleaned:
    """Fields as read (tag, content as field text) in the one form that every reader reads alike.

    Text is composed (NFC). A data field gets two printable indicators and subfields with printable codes; an empty
    subfield mark is dropped.
    Raises ValueError for a tag that is none.
    """
    made, blanked = [], 0
    for tag, content in fields:
        if not _TAG.fullmatch(tag):
            raise ValueError(tag)
        plain, count = _UNFIT.subn(" ", composed(content))
        blanked += count
        parts = plain.split(SUBFIELD_MARK)
        made.append(Field(tag, " ".join(parts)) if _CONTROL_TAG.fullmatch(tag) else _data_field(tag, parts))
    return Cleaned(tuple(made), blanked)


def _data_field(tag: str, parts: list[str]) -> Field:
    """A data field from its indicators and its subfields, each with its code."""
    sound = bool(_INDICATORS.fullmatch(parts[0]))
    if sound and len(parts) > 1:
        subfields = [(part[0], part[1:]) if _CODE.match(part) else ("a", part) for part in parts[1:] if part]
    else:
        subfields = [("a", parts[0]), *((part[0], part[1:]) for part in parts[1:] if _CODE.match(part))]
    return Field(tag, "", parts[0] if sound and len(parts) > 1 else "  ", tuple(subfields))


def is_control(field: Field) -> bool:
    """Whether a field has no indicators and subfields."""
    return bool(_CONTROL_TAG.fullmatch(field.tag))


def _content(field: Field) -> bytes:
    text = field.value if is_control(field) else field.text()[len(field.tag) :]
    return (text + FIELD_MARK).encode()


def iso2709(leader: str, fields: Sequence[Field]) -> bytes | None:
    """The record in ISO 2709, lengths and directory in bytes; None when it is too long for that form."""
    contents = [_content(field) for field in fields]
    base = LEADER_LENGTH + 12 * len(fields) + _DIRECTORY_END
    size = base + sum(map(len, contents)) + 1
    if size > MOST_BYTES or max(map(len, contents), default=0) > MOST_FIELD_BYTES:
        return None
    entries, start = [], 0
    for field, content in zip(fields, contents, strict=True):
        entries.append(f"{field.tag}{len(content):04d}{start:05d}")
        start += len(content)
    head = f"{size:05d}{leader[5:10]}22{base:05d}{leader[17:20]}{leader[20:24]}{''.join(entries)}{FIELD_MARK}"
    return head.encode("ascii") + b"".join(contents) + _RECORD_END.encode()


def marcxml(leader: str, fields: Sequence[Field]) -> bytes:
    """The record as one element of a MARCXML collection."""
    lines = ["<record>", f"<leader>{escape(leader)}</leader>"]
    for field in fields:
        if is_control(field):
            lines.append(f"<controlfield tag={quoteattr(field.tag)}>{_xml_text(field.value)}</controlfield>")
            continue
        first, second = (quoteattr(sign) for sign in field.indicators)
        inside = "".join(
            f"<subfield code={quoteattr(code)}>{_xml_text(value)}</subfield>" for code, value in field.subfields
        )
        lines.append(f"<datafield tag={quoteattr(field.tag)} ind1={first} ind2={second}>{inside}</datafield>")
    return "\n".join([*lines, "</record>", ""]).encode()


def _xml_text(value: str) -> str:
    """Text of an element; a loose accent at its beginning by its number, or it would join the > before it."""
    loose = bool(value) and unicodedata.combining(value[0]) > 0
    return f"&#{ord(value[0])};{escape(value[1:])}" if loose else escape(value)


def digest(leader: str, fields: Iterable[Field]) -> bytes:
    """What a record says, in 16 bytes: equal for a record as it was meant and as any reader read it."""
    told = FIELD_MARK.join(["".join(leader[part] for part in _SAYING), *(field.text() for field in fields)])
    return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=16).digest()
