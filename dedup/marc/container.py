"""What a file is, told from its bytes alone: its name and ending are never asked."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from enum import StrEnum

from dedup.marc.encoding import decide, decode
from dedup.marc.linetext import looks_like_lines
from dedup.marc.not_marc import (
    container_table,
    exchange_format,
    has_magic,
    name_rest,
    name_xml,
    other_binary,
    other_zip,
    pattern,
)


class Container(StrEnum):
    """The forms in which records come, and what holds none."""

    ISO2709 = "iso2709"
    MARCXML = "marcxml"
    MARC_JSON = "marc-json"
    MARC_JSON_LINES = "marc-json-lines"
    SYMPHONY_FLAT = "symphony-flat"
    LINE_TEXT = "line-text"
    GZIP = "gzip"
    ZIP = "zip"
    ZSTD = "zstd"
    NOT_MARC = "not-marc"
    EMPTY = "empty"


ARCHIVES = frozenset((Container.GZIP, Container.ZIP, Container.ZSTD))


@dataclass(frozen=True, slots=True)
class Detected:
    """`name` is for people: what the file is, in particular when it holds no MARC records."""

    container: Container
    name: str


_NAMES = {
    Container.ISO2709: "MARC records in ISO 2709",
    Container.MARCXML: "MARCXML",
    Container.MARC_JSON: "MARC in JSON",
    Container.MARC_JSON_LINES: "MARC in JSON, one record a line",
    Container.SYMPHONY_FLAT: "SirsiDynix flat text",
    Container.LINE_TEXT: "MARC as lines of text",
    Container.GZIP: "a gzip archive",
    Container.ZIP: "a zip archive",
    Container.ZSTD: "a Zstandard archive",
    Container.EMPTY: "an empty file",
}
_NOTHING = b" \t\r\n\x00\x1a"
_FIELD_END, _SUBFIELD, _RECORD_END = b"\x1e", b"\x1f", b"\x1d"
_WIDE_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_WIDE_STARTS = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


def detect(head: bytes) -> Detected:
    """What a file is, from its first bytes: `sample.bytes` of them as in `rules/container.toml`, or all it has."""
    plain = head.removeprefix(codecs.BOM_UTF8)
    if not plain.strip(_NOTHING):
        return _found(Container.EMPTY)
    for kind in (Container.GZIP, Container.ZSTD, Container.ZIP):
        if has_magic(head, kind.value):
            document = other_zip(head) if kind is Container.ZIP else None
            return Detected(Container.NOT_MARC, document) if document else _found(kind)
    if binary := other_binary(head):
        return Detected(Container.NOT_MARC, binary)
    return _detect_text(head, _structure(head))


def _found(kind: Container) -> Detected:
    return Detected(kind, _NAMES[kind])


def _structure(head: bytes) -> str:
    """The head as text for pattern matching: only its ASCII part needs to be right."""
    wide = _WIDE_MARKS.get(head[:2]) or _WIDE_STARTS.get(head[:2])
    if wide:
        return head.decode(wide, "replace").removeprefix("\ufeff")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")


def _detect_text(head: bytes, text: str) -> Detected:
    marks = container_table()["mark"]
    start = text.lstrip(" \t\r\n\x00\x1a")[:1]
    if pattern(marks["document"]).search(text) or len(pattern(marks["symphony_line"]).findall(text)) > 1:
        is_marc = pattern(marks["symphony_line"]).search(text)
        return _found(Container.SYMPHONY_FLAT) if is_marc else Detected(Container.NOT_MARC, marks["document_other"])
    if start == "<":
        is_marc = pattern(marks["xml_record"]).search(text) or pattern(marks["xml_namespace"]).search(text)
        return _found(Container.MARCXML) if is_marc else Detected(Container.NOT_MARC, name_xml(text))
    if start in ("[", "{") and pattern(marks["json_record"]).search(text):
        return _found(_json_form(text.lstrip()))
    if start in ("[", "{") and not _is_iso2709(head) and _is_json(text):
        return Detected(Container.NOT_MARC, "JSON without MARC records")
    if not _is_iso2709(head) and looks_like_lines(decode(head, decide(head))):
        return _found(Container.LINE_TEXT)
    if other := exchange_format(text, _is_iso2709(head)):
        return Detected(Container.NOT_MARC, other)
    return _found(Container.ISO2709) if _is_iso2709(head) else Detected(Container.NOT_MARC, name_rest(head))


def _is_iso2709(head: bytes) -> bool:
    """Field and record terminators are there: leaders, directories and lengths are too often broken to ask them."""
    return _FIELD_END in head and (_SUBFIELD in head or _RECORD_END in head or head.lstrip(_NOTHING)[:5].isdigit())


def _is_json(text: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        return False
    return True


def _json_form(text: str) -> Container:
    """One record a line, when the first line is a whole object and something follows it."""
    first, _, rest = text.partition("\n")
    return Container.MARC_JSON_LINES if text[0] == "{" and rest.strip() and _is_json(first) else Container.MARC_JSON
