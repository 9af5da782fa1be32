"""One MARCXML record element to leader and fields: a fast reader for the plain form, a real XML parser for the rest.

The fast reader takes a record only when all of it is nothing but leader, control fields and data fields with
subfields, without comments, CDATA or entities of its own; whatever else is well formed the parser reads, and the
parser alone says what is not well formed.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from dedup.marc.linetext import LEADER_LENGTH
from dedup.marc.record import Field
from dedup.rules import load_rules

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r"))
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
_ATTRIBUTE = re.compile(r"""([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PREFIXED_TAG = re.compile(r"(</?)[\w.-]+:")
_PREFIXED_ATTRIBUTE = re.compile(r"""\s[\w.-]+:[\w.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
_OPENING = re.compile(r"<(?:([\w.-]+):)?[^>]*>")
_REFERENCE = re.compile("&(?:amp|lt|gt|quot|apos);")
_REFERENCES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_UNBOUND_PREFIX = 27
_PLAIN_ATTRIBUTES = re.compile(r"""(?:\s+[\w.-]+\s*=\s*(?:"[^"<>&]*"|'[^'<>&]*'))*\s*""")


class _NotPlainError(Exception):
    """A record that only the XML parser can read."""


@dataclass(frozen=True, slots=True)
class _Names:
    """Element and attribute names, from `rules/xml.toml`."""

    leader: frozenset[str]
    control: frozenset[str]
    data: frozenset[str]
    subfield: frozenset[str]
    leader_tags: frozenset[str]
    tag: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    code: tuple[str, ...]


@cache
def names() -> _Names:
    """The names in force."""
    table = load_rules().tables["xml"]
    element, attribute = table["element"], table["attribute"]
    return _Names(
        leader=frozenset(element["leader"]),
        control=frozenset(element["control"]),
        data=frozenset(element["data"]),
        subfield=frozenset(element["subfield"]),
        leader_tags=frozenset(table["leader"]["tags"]),
        tag=tuple(attribute["tag"]),
        first=tuple(attribute["first_indicator"]),
        second=tuple(attribute["second_indicator"]),
        code=tuple(attribute["code"]),
    )


# What stands between angle brackets.
_LEADER, _CONTROL, _DATA, _SUBFIELD, _END, _OTHER_END = range(6)


@cache
def _element() -> re.Pattern[str]:
    """Groups: the slash of an end tag, the name of a field's element, what follows."""
    known = names().leader | names().control | names().data | names().subfield
    return re.compile(rf"(/?)(?:({'|'.join(sorted(known))})\b)?([^<>]*)")


@lru_cache(maxsize=1 << 14)
def _markup(written: str) -> tuple[int, str, str, str]:
    """Kind of what stands between angle brackets, name of the element, its tag or subfield code, its indicators. Few
    distinct ones stand in a file.

    Raises _NotPlainError when it is neither a field's element with plain attributes nor an end tag.
    """
    found = _element().fullmatch(written)
    if not found:
        raise _NotPlainError
    slash, name, rest = found.groups()
    if slash:
        return (_END, name, "", "") if name and not rest.strip() else (_OTHER_END, "", "", "")
    if name in names().leader:
        return _LEADER, name, "", ""
    if not name:
        raise _NotPlainError
    tag, indicators, code = _attributes(rest)
    if name in names().subfield:
        return _SUBFIELD, name, code, ""
    if name in names().data:
        return _DATA, name, tag, indicators
    return _LEADER if tag in names().leader_tags else _CONTROL, name, tag, ""


def _attributes(text: str) -> tuple[str, str, str]:
    """(tag, indicators, code) of an element's attributes as written.

    Raises _NotPlainError when they are not plain attributes: then the XML parser has to look at them.
    """
    if not _PLAIN_ATTRIBUTES.fullmatch(text):
        raise _NotPlainError
    return _named({name: double or single for name, double, single in _ATTRIBUTE.findall(text)})


def _named(found: Mapping[str, str]) -> tuple[str, str, str]:
    """(tag, indicators, code): a missing or empty indicator or code is a blank."""
    tag, first, second, code = (
        next((found[name] for name in options if name in found), "")
        for options in (names().tag, names().first, names().second, names().code)
    )
    return tag, (first[:1] or " ") + (second[:1] or " "), code[:1] or " "


def parse_record(text: str) -> tuple[str, tuple[Field, ...]]:
    """Leader (24 characters, blank if there is none) and fields of one record element.

    Control characters, which XML forbids, become U+FFFD. Raises ET.ParseError when the text is not well formed.
    """
    narrow = text.encode("utf-8", "replace")
    if len(narrow.translate(None, _CONTROL_BYTES)) < len(narrow):
        text = _CONTROLS.sub("\ufffd", text)
    opening = _OPENING.match(text)
    if opening and (prefix := opening[1]):
        text = text.replace(f"<{prefix}:", "<").replace(f"</{prefix}:", "</")
        opening = _OPENING.match(text)
    start = opening.end() if opening else 0
    try:
        found = _read_plain(text, start)
    except _NotPlainError:
        found = None
    if found is None:
        end = text.rfind("</")
        found = _read_tree(f"<record>{text[start:end]}</record>" if text.endswith(">") else text)
    leader, fields = found
    return leader[:LEADER_LENGTH].ljust(LEADER_LENGTH), tuple(fields)


def _read_plain(text: str, start: int) -> tuple[str, list[Field]] | None:
    """Leader and fields if the record is in the plain form throughout, else None."""
    references = text.count("&")
    if references and references != len(_REFERENCE.findall(text)):
        return None
    before, *pieces = text[start:].split("<")
    if before.strip():
        return None
    is_plain = not references and "\n" not in text and "\r" not in text
    leader = opened = inner = value = ""
    kind, tag, code, indicators = -1, "", "", ""
    fields: list[Field] = []
    parts: list[tuple[str, str]] = []
    for piece in pieces:
        written, mark, after = piece.partition(">")
        what, name, one, two = _markup(written)
        if what == _SUBFIELD:
            if inner or not opened or kind != _DATA:
                return None
            inner, code, value = name, one, after
        elif what < _SUBFIELD:
            if opened or not mark or (what == _DATA and after and not after.isspace()):
                return None
            opened, kind, tag, indicators, value, parts = name, what, one, two, after, []
        elif not opened:
            return leader, fields
        elif name != (inner or opened) or (after and not after.isspace()):
            return None
        elif inner:
            parts.append((code, value if is_plain else _laid_out(value, references)))
            inner = ""
        else:
            opened = ""
            if kind == _DATA:
                fields.append(Field(tag, "", indicators, tuple(parts)))
            elif kind == _CONTROL:
                fields.append(Field(tag, _laid_out(value, references)))
            else:
                leader = leader or _laid_out(value, references)
    return None


def _laid_out(text: str, references: int = 0) -> str:
    """Text without references and without the line breaks that only lay it out."""
    if references and "&" in text:
        text = _REFERENCE.sub(lambda found: _REFERENCES[found[0]], text)
    return _LINE_BREAK.sub(" ", text).strip() if "\n" in text or "\r" in text else text


def _read_tree(text: str) -> tuple[str, list[Field]]:
    """Leader and fields by the XML parser; prefixes that nobody declared are taken off."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        if error.code != _UNBOUND_PREFIX:
            raise
        root = ET.fromstring(_PREFIXED_ATTRIBUTE.sub("", _PREFIXED_TAG.sub(r"\1", text)))
    leader = ""
    fields: list[Field] = []
    for element in root.iter():
        kind = element.tag.rpartition("}")[2]
        tag, indicators, _ = _named(element.attrib)
        if kind in names().data:
            fields.append(Field(tag, "", indicators, tuple(_tree_subfields(element))))
        elif kind in names().leader or (kind in names().control and tag in names().leader_tags):
            leader = leader or _whole(element)
        elif kind in names().control:
            fields.append(Field(tag, _whole(element)))
    return leader, fields


def _whole(element: ET.Element) -> str:
    """All text of an element, in NFC: character references can have brought in loose accents."""
    return _laid_out(unicodedata.normalize("NFC", "".join(element.itertext())))


def _tree_subfields(element: ET.Element) -> Iterator[tuple[str, str]]:
    for child in element:
        if child.tag.rpartition("}")[2] in names().subfield:
            yield _named(child.attrib)[2], _whole(child)
