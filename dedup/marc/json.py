"""MARC in JSON: one object, an array, or one object a line, in the forms of pymarc, marc-record-js and their kin.

Values are found one after another without holding the whole file; one that is broken is set aside up to the next
place where a record can begin. Names of the members stand in `rules/json.toml`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from dedup.marc.encoding import UTF8, decide, decode
from dedup.marc.inflate import ByteSource
from dedup.marc.linetext import LEADER_LENGTH
from dedup.marc.not_marc import container_table
from dedup.marc.record import Field, RawRecord, Unreadable
from dedup.marc.window import Window
from dedup.rules import load_rules

# A parsed JSON value; its shape is looked at where it is used.
Value: TypeAlias = Any

_BETWEEN = re.compile(rb"[\s,\[\]}\x1e]*")
_MARKS = {0x1D: " ", 0x1E: " ", 0x1F: " "}
_DECODER = json.JSONDecoder(strict=False)
_UTF8_MARK = b"\xef\xbb\xbf"
_NEAR_END = 16
_WRAPPED = re.compile(rb"\[\s*\{")


def json_table() -> Mapping[str, Value]:
    """The table `rules/json.toml`."""
    return load_rules().tables["json"]


def read(source: ByteSource | bytes) -> Iterator[RawRecord | Unreadable]:
    """Records of a JSON file of any size, in order, with their places in bytes; broken ones as Unreadable.

    An array inside an object (`{"records": [...]}`) is read as the array. Brackets and commas between are padding.
    """
    file = _File(Window(source))
    if file.window.data.startswith(_UTF8_MARK):
        file.at = len(_UTF8_MARK)
    while _to_next(file):
        found = _next_value(file)
        if found is None:
            yield _broken(file)
            continue
        value, end = _unwrapped(found[0]), found[1]
        data = file.window.data[file.at : end]
        if not _is_record(value) and (inside := _WRAPPED.search(data)):
            file.at += inside.start() + 1
            continue
        yield _record(data, value, file.offset)
        file.at = end


@dataclass(slots=True)
class _File:
    """The window, the place in it that was reached, and the window read as Latin-1: one byte, one character."""

    window: Window
    at: int = 0
    text: str = ""
    text_start: int = -1

    @property
    def offset(self) -> int:
        """The place reached, in bytes of the file."""
        return self.window.start + self.at

    def latin(self) -> str:
        """The window as Latin-1, so that places in the text are places in the window."""
        if self.text_start != self.window.start or len(self.text) != len(self.window.data):
            self.text, self.text_start = self.window.data.decode("latin-1"), self.window.start
        return self.text

    def grow(self) -> bool:
        """Forget what is done with and take another piece; false at the end."""
        self.window.cut(self.at)
        self.at = 0
        return self.window.grow()


def _to_next(file: _File) -> bool:
    """Step to the next value; false at the end."""
    while True:
        found = _BETWEEN.match(file.window.data, file.at)
        file.at = found.end() if found else file.at
        if file.at < len(file.window.data):
            return True
        if not file.grow():
            return False


def _next_value(file: _File) -> tuple[Value, int] | None:
    """The value at the place reached, read as Latin-1, and where it ends; None if it is broken or too long."""
    cap = container_table()["text"]["record_bytes"]
    while True:
        text = file.latin()
        try:
            return _DECODER.raw_decode(text, file.at)
        except json.JSONDecodeError as error:
            is_open = error.pos >= len(text) - _NEAR_END or error.msg.startswith("Unterminated string")
        except RecursionError:
            return None
        if not is_open or len(text) - file.at > cap or not file.grow():
            return None


@cache
def _start() -> re.Pattern[bytes]:
    """Where a record can begin: an object whose first member is a leader or fields, or an object on a line's start."""
    names = "|".join(re.escape(name) for kind in ("leader", "fields") for name in _names(kind))
    return re.compile(rf'\{{\s*"(?:{names})"\s*:|(?<=\n)\{{'.encode())


def _broken(file: _File) -> Unreadable:
    """Set aside a broken value, up to the next place where a record can begin."""
    cap = container_table()["text"]["record_bytes"]
    while not (found := _start().search(file.window.data, file.at + 1)):
        if len(file.window.data) - file.at > cap or not file.grow():
            break
    end = found.start() if found else len(file.window.data)
    data = file.window.data[file.at : end].rstrip(b" \t\r\n,")
    offset, file.at = file.offset, end
    kept = data[: container_table()["text"]["kept_bytes"]]
    return Unreadable(offset, len(data), "not well-formed JSON; wanted a record of MARC in JSON", kept)


def _unwrapped(value: Value) -> Value:
    """A record that stands in an object of its own, `{"record": {…}}`."""
    if isinstance(value, dict) and not _is_record(value):
        return next((value[name] for name in _names("record") if isinstance(value.get(name), dict)), value)
    return value


def _is_record(value: object) -> bool:
    kinds = ("fields", "control", "data", "leader")
    return isinstance(value, dict) and any(name in value for kind in kinds for name in _names(kind))


def _record(data: bytes, value: Value, offset: int) -> RawRecord | Unreadable:
    """The record of a value; `value` was read as Latin-1 and is read again unless it is ASCII."""
    kept = data[: container_table()["text"]["kept_bytes"]]
    if not _is_record(value):
        reason = "a JSON value without leader and fields; wanted a record of MARC in JSON"
        return Unreadable(offset, len(data), reason, kept)
    encoding = UTF8
    if not data.isascii():
        encoding = decide(data)
        value = _unwrapped(json.loads(decode(data, encoding), strict=False))
    try:
        fields = tuple(_fields(value))
    except (TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        reason = f"fields of an unknown shape ({type(error).__name__}: {error}); wanted MARC in JSON"
        return Unreadable(offset, len(data), reason, kept)
    leader = _clean(_named(value, "leader") or "")
    return RawRecord(leader[:LEADER_LENGTH].ljust(LEADER_LENGTH), fields, offset, len(data), encoding)


@cache
def _names(kind: str) -> tuple[str, ...]:
    return tuple(json_table()[kind])


def _named(value: Mapping[str, Value], kind: str, absent: Value = None) -> Value:
    """The member of an object under any of its names."""
    for name in _names(kind):
        if name in value:
            return value[name]
    return absent


def _clean(value: object) -> str:
    """A value as text; the three marks of MARC, which JSON can carry as escapes, would break fields and are blanks."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", text.translate(_MARKS).encode("utf-8", "replace").decode())


def _fields(record: Mapping[str, Value]) -> Iterator[Field]:
    """All fields of a record, whatever the form: one list, or lists by kind of field."""
    every = _named(record, "fields", [])
    if isinstance(every, dict):
        every = [{tag: one} for tag, some in every.items() for one in (some if isinstance(some, list) else [some])]
    for entry in every:
        yield from [_tagged(entry)] if _named(entry, "tag") is not None else _keyed(entry)
    for kind in ("control", "data"):
        some = _named(record, kind, [])
        yield from (_tagged(entry) for entry in (some if isinstance(some, list) else [some]))


def _keyed(entry: Mapping[str, Value]) -> Iterator[Field]:
    """`{"245": {"ind1": …, "subfields": […]}}`, `{"001": "x"}`: the tag is the name."""
    for tag, inside in entry.items():
        yield _field(tag, inside) if isinstance(inside, dict) else Field(_clean(tag), value=_clean(inside))


def _tagged(entry: Mapping[str, Value]) -> Field:
    """`{"tag": "245", "ind1": …, "subfields": […]}`, `{"tag": "001", "value": "x"}`."""
    return _field(_named(entry, "tag"), entry)


def _field(tag: object, inside: Mapping[str, Value]) -> Field:
    subfields = _named(inside, "subfields")
    if subfields is None:
        return Field(_clean(tag), value=_clean(_named(inside, "value")))
    first, second = (_clean(_named(inside, kind))[:1] or " " for kind in ("first_indicator", "second_indicator"))
    return Field(_clean(tag), indicators=first + second, subfields=tuple(_subfields(subfields)))


def _subfields(some: Value) -> Iterator[tuple[str, str]]:
    """Subfields as `{"a": "x"}` one by one or in one object, `{"code": "a", "value": "x"}`, or `["a", "x"]`."""
    for entry in some if isinstance(some, list) else [some]:
        if isinstance(entry, list):
            yield _clean(entry[0])[:1] or " ", _clean(entry[1])
        elif (code := _named(entry, "code")) is not None:
            yield _clean(code)[:1] or " ", _clean(_named(entry, "value"))
        else:
            for name, values in entry.items():
                for one in values if isinstance(values, list) else [values]:
                    yield _clean(name)[:1] or " ", _clean(one)
