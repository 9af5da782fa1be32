"""Decide what encoding a record is in, from its bytes, and turn it into NFC text.

What a record says of itself (leader/09, 100$a/26-29) is often false and is asked only when the bytes leave the
question open. Each candidate is scored by the share of high bytes that make sense in it (see `dedup.marc.script`);
the thresholds stand in `rules/encoding.toml`.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from functools import cache

from dedup.marc.marc8 import REPLACEMENT, marc8_text
from dedup.marc.script import HIGH, Evidence, encoding_table, iso5426_text, reads_quickly_as

UTF8 = "utf-8"
_ASCII = bytes(range(128))
_RECORD_END = b"\x1d"
_DESIGNATION = re.compile(rb"\x1b(?:[(,)$\-][!-~]|[gbps])")
_CODE_THEN_MARK = re.compile("\x1f.[\u0300-\u036f]")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decide(data: bytes, leader09: str = " ", hint: str | None = None) -> str:
    """The encoding of one record (or of a sample): `utf-8` (also for pure ASCII), `gb18030`, `big5`, `marc-8`,
    `koi8-r`, `cp1251`, `cp866`, `iso-5426`, `cp1252`, `utf-16-le` or `utf-16-be`.

    `hint` is what the rest of the file is in (`file_hint`); it wins where the record does not speak against it.
    `leader09` settles what the bytes leave open. Never raises.
    """
    if data.isascii():
        return _ascii_form(data)
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    if b"\x00" in data and (wide := _utf16(data)):
        return wide
    if _is_utf8(data):
        return str(hint) if _hint_reads_better(data, hint) else UTF8
    if b"\x1b" in data and _DESIGNATION.search(data):
        return "marc-8"
    if hint and reads_quickly_as(data, hint):
        return hint
    if _mostly_utf8(data, hint):
        return UTF8
    evidence = Evidence(data)
    return str(hint) if _hint_holds(evidence, hint) else evidence.best(leader09)


def _ascii_form(data: bytes) -> str:
    """ASCII bytes are UTF-8, unless escape sequences (MARC-8) or zero bytes (UTF-16) say otherwise."""
    if b"\x1b" in data and _DESIGNATION.search(data):
        return "marc-8"
    return (_utf16(data) if b"\x00" in data else None) or UTF8


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: the tags and digits of a record give zero bytes at every other place."""
    wanted = len(data) * encoding_table()["utf-16"]["zero_share"]
    even, odd = data[::2].count(0), data[1::2].count(0)
    if max(even, odd) < wanted or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes, hint: str | None) -> bool:
    """Whole multi-byte characters outnumber bytes that fit nowhere: UTF-8 with a few bytes broken."""
    text = data.decode(UTF8, "replace")
    ascii_characters = len(data.translate(None, HIGH))
    bad = text.count(REPLACEMENT) - data.count(REPLACEMENT.encode())
    good = len(text) - ascii_characters - bad
    rules = encoding_table()[UTF8]
    return good > 0 and good >= bad * rules["good_per_bad_hinted" if hint == UTF8 else "good_per_bad"]


def _hint_reads_better(data: bytes, hint: str | None) -> bool:
    """A few hanzi of a GB file can also be Latin letters in UTF-8 by accident: for one, 模式."""
    if hint not in ("gb18030", "big5") or any(ord(one) > 0x7FF for one in data.decode(UTF8)):
        return False
    return Evidence(data).hanzi(hint) >= float(encoding_table()[hint]["accept"])


def _hint_holds(evidence: Evidence, hint: str | None) -> bool:
    """Whether a record may be in what the rest of its file is in. Hanzi never hold against sure MARC-8."""
    table = encoding_table()
    kind = "cyrillic" if hint in table["cyrillic"]["codecs"] else hint
    if (
        hint is None
        or kind is None
        or kind not in table
        or hint == UTF8
        or evidence.share(hint) < table[kind]["hinted"]
    ):
        return False
    return hint not in ("gb18030", "big5") or evidence.share("marc-8") < table["marc-8"]["sure"]


def file_hint(sample: bytes) -> str | None:
    """The encoding of most records of a sample (several whole records, split at 0x1D); None if all are ASCII.

    Records are taken evenly from the whole sample, until those that are left cannot change the answer.
    """
    table = encoding_table()["sample"]
    votes: Counter[str] = Counter()
    records = [record for record in sample.split(_RECORD_END) if not record.isascii() or b"\x1b" in record]
    chosen = records[:: -(-len(records) // table["records"]) or 1]
    for left, record in zip(range(len(chosen), 0, -1), chosen, strict=True):
        (_, most), (_, next_most) = [*votes.most_common(2), ("", 0), ("", 0)][:2]
        if most - next_most > left * table["weight"]:
            break
        high = len(record) - len(record.translate(None, HIGH))
        votes[decide(record, record[9:10].decode("latin-1") or " ")] += min(max(high, 1), table["weight"])
    return votes.most_common(1)[0][0] if votes else None


@cache
def _codec(encoding: str) -> str:
    """Python's name for an encoding; Latin-1 where it is not known at all."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return "latin-1"


def decode(data: bytes, encoding: str) -> str:
    """Bytes as NFC text, whatever the encoding (a name that `decide` gives, or any that Python knows).

    Never raises. A byte that has no meaning becomes U+FFFD: `text.count(REPLACEMENT)` counts them. A byte order
    mark is left out. Works for a value, a record or a whole chunk; 0x1D, 0x1E and 0x1F stay where they are.
    """
    if encoding == "marc-8":
        return marc8_text(data)
    if encoding == "iso-5426":
        return composed(iso5426_text(data))
    if data.isascii() and encoding in (UTF8, "gb18030", "cp1252"):
        return data.decode("ascii")
    return composed(data.decode(_codec(encoding), "replace").removeprefix("\ufeff"))


def composed(text: str) -> str:
    """Text in NFC, but never across the border between a subfield code and its value."""
    if text.isascii():
        return text
    normalize = unicodedata.normalize
    first, *rest = text.split("\x1f")
    if _CODE_THEN_MARK.search(text):
        parts = [part[:1] + normalize("NFC", part[1:]) for part in rest]
    else:
        parts = [part if part.isascii() else normalize("NFC", part) for part in rest]
    return "\x1f".join((normalize("NFC", first), *parts))
