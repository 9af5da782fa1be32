"""MARCXML in any namespace or none, in any wrapper (collection, OAI-PMH, SRU), streamed record by record.

Records are found by a scan for `<record …>` and `</record>` that steps over comments and CDATA, so that one record
that is not well formed harms no other. Each is parsed alone, without the file's prologue: a DOCTYPE is set aside, and
an entity that it declares is never expanded but makes its record unreadable.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dedup.marc.encoding import decide, decode
from dedup.marc.inflate import ByteSource
from dedup.marc.not_marc import container_table
from dedup.marc.record import RawRecord, Unreadable
from dedup.marc.window import Window
from dedup.marc.xmlrecord import names, parse_record
from dedup.rules import load_rules

_LONGEST_TOKEN = 256
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of the window: a record, or (with a fault) something to set aside."""

    start: int
    end: int
    fault: str = ""


@cache
def _token() -> re.Pattern[bytes]:
    """What the scan stops at: comments and CDATA (stepped over), DOCTYPE, the start and end tags of records."""
    record = b"(?:[\\w.-]+:)?(?:" + _either(frozenset(load_rules().tables["xml"]["element"]["record"])) + b")"
    inner = _either(names().control | names().data | names().subfield | names().leader)
    return re.compile(
        rb"<(?!/?(?:"
        + inner
        + rb")\b)(?:!--(?:.*?(?P<comment>-->)|)|!\[CDATA\[(?:.*?(?P<cdata>\]\]>)|)|(?P<doctype>!DOCTYPE)"
        rb"|" + record + rb"(?P<open>(?:\s[^>]*)?/?>)|(?P<close>/)" + record + rb"\s*>)",
        re.DOTALL,
    )


def _either(options: frozenset[str]) -> bytes:
    return b"|".join(option.encode() for option in sorted(options))


@cache
def _field_start() -> re.Pattern[bytes]:
    return re.compile(b"<(?:[\\w.-]+:)?(?:" + _either(names().leader | names().control | names().data) + b")[\\s/>]")


def read(source: ByteSource | bytes) -> Iterator[RawRecord | Unreadable]:
    """Records of an XML file of any size, in order, each with its place in bytes; unreadable ones where they stand.

    What stands around the records (wrappers, headers) is padding. A file without any record is one Unreadable.
    """
    window = Window(source)
    scale = _Places(window)
    declared = _declared(window.data)
    count = 0
    for span in _spans(window):
        data = window.data[span.start : span.end]
        offset, length = scale.place(window.start + span.start, data)
        count += 1
        if span.fault:
            yield Unreadable(offset, length, span.fault, data[: container_table()["text"]["kept_bytes"]])
        else:
            yield _record(data, (offset, length), window.wide or declared, bool(window.wide))
    if not count:
        yield Unreadable(0, scale.end(), "XML without a <record>; wanted MARCXML", window.data)


class _Places:
    """Byte places of the file for places of the window; they differ only when a UTF-16 file is read as UTF-8."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._narrow = 0
        self._wide = window.mark_bytes

    def place(self, start: int, data: bytes) -> tuple[int, int]:
        """(offset, length) in the file of `data`, which starts at `start` of the UTF-8 form."""
        if not self._window.wide:
            return start, len(data)
        self._move(start)
        return self._wide, _wide_length(data)

    def _move(self, start: int) -> None:
        between = self._window.data[self._narrow - self._window.start : start - self._window.start]
        self._wide += _wide_length(between)
        self._narrow = start

    def end(self) -> int:
        """The size of the file, after it was read."""
        whole = self._window.start + len(self._window.data)
        return self.place(whole, b"")[0]


def _wide_length(data: bytes) -> int:
    return len(data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass"))


def _declared(head: bytes) -> str | None:
    """The encoding that the XML declaration names, under the name that `decide` has for it (GBK is in GB 18030)."""
    found = _DECLARED.search(head[:_LONGEST_TOKEN])
    if not found:
        return None
    name = found.group(1).decode("ascii").lower()
    aliases = load_rules().tables["xml"]["encoding"]
    return next((ours for ours, theirs in aliases.items() if name in theirs), name)


def _spans(window: Window) -> Iterator[_Span]:
    """Records and faults in order, as places in the window, which moves on after each is taken."""
    place, start = 0, -1
    cap = container_table()["text"]["record_bytes"]
    while True:
        found = _token().search(window.data, place)
        if not found or _is_cut_off(found):
            resume = found.start() if found else max(place, len(window.data) - _LONGEST_TOKEN)
            if start >= 0 and len(window.data) - start > cap:
                yield _Span(start, resume, f"a record longer than {cap} bytes; wanted a </record> before that")
                start = -1
            keep = start if start >= 0 else resume
            window.cut(keep)
            start, place = (0 if start >= 0 else -1), resume - keep
            if window.grow():
                continue
            yield from _left_over(window, start)
            return
        place = found.end()
        if found["doctype"]:
            span, place = _doctype(window, found.start())
            yield span
        elif found["open"]:
            if start >= 0 and _field_start().search(window.data, start, found.start()):
                yield _Span(start, found.start(), "a record without its end tag </record>")
            start = found.start()
            if found["open"].endswith(b"/>"):
                yield _Span(start, place, "a record without a leader and fields")
                start = -1
        elif found["close"] and start >= 0:
            has_fields = _field_start().search(window.data, start, place)
            yield _Span(start, place, "" if has_fields else "a record without a leader and fields")
            start = -1


def _is_cut_off(found: re.Match[bytes]) -> bool:
    """A comment or CDATA section whose end is not yet in the window."""
    return found.group() in (b"<!--", b"<![CDATA[")


def _left_over(window: Window, start: int) -> Iterator[_Span]:
    """A record that the file's end cut off."""
    if start >= 0 and _field_start().search(window.data, start):
        yield _Span(start, len(window.data), "the file ends inside a record; wanted </record>")


def _doctype(window: Window, start: int) -> tuple[_Span, int]:
    while not (found := _DOCTYPE.match(window.data, start)) and window.grow():
        pass
    end = found.end() if found else start + len(b"<!DOCTYPE")
    return _Span(start, end, "a DOCTYPE; refused, because entities can harm; wanted plain MARCXML"), end


def _record(data: bytes, place: tuple[int, int], declared: str | None, is_wide: bool) -> RawRecord | Unreadable:
    encoding = decide(data, hint=declared)
    try:
        leader, fields = parse_record(decode(data, encoding))
    except ET.ParseError as error:
        kept = data[: container_table()["text"]["kept_bytes"]]
        return Unreadable(*place, f"not well-formed XML ({error}); wanted a record of MARCXML", kept)
    return RawRecord(leader, fields, *place, declared if is_wide and declared else encoding)
