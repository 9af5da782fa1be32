"""Name what a file without MARC records is, so that its owner can be told what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from dedup.rules import load_rules

_ZIP_NAME = slice(26, 28)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_TEXT_CONTROLS = b"\t\n\r\x0c\x1a\x1b\x1c\x1d\x1e\x1f"
_CONTROLS = bytes(set(range(32)) - set(_TEXT_CONTROLS))


def container_table() -> Mapping[str, Any]:
    """The table `rules/container.toml`."""
    return load_rules().tables["container"]


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of the table, compiled: case does not matter, `^` is the start of any line."""
    return re.compile(text, re.IGNORECASE | re.MULTILINE)


def has_magic(head: bytes, name: str) -> bool:
    """Whether the first bytes are the magic number of an archive kind (`gzip`, `zip`, `zstd`)."""
    return any(head.startswith(bytes.fromhex(sign)) for sign in container_table()["magic"][name])


def other_binary(head: bytes) -> str | None:
    """What a file is by its magic number, if it is a known kind that holds no MARC."""
    for row in container_table()["other"]:
        at = row.get("at", 0)
        if any(head.startswith(bytes.fromhex(sign), at) for sign in row["hex"]):
            return str(row["name"])
    return None


def other_zip(head: bytes) -> str | None:
    """What a zip is when its first file shows that it is a document, not an archive."""
    name_size = int.from_bytes(head[_ZIP_NAME], "little")
    first = head[30 : 30 + name_size].decode("utf-8", "replace")
    for row in container_table()["zip_of"]:
        if first.startswith(tuple(row["first"])):
            return str(row["name"])
    return None


def exchange_format(text: str, has_terminators: bool) -> str | None:
    """What a text is when it is a known format that is not MARC; with the terminators of ISO 2709 few can be."""
    for row in container_table()["text_of"]:
        if (row.get("like_iso2709") or not has_terminators) and pattern(row["pattern"]).search(text):
            return str(row["name"])
    return None


def name_xml(text: str) -> str:
    """An XML text without MARC, named by its root element."""
    if pattern(container_table()["mark"]["html"]).search(text):
        return "a web page (HTML)"
    root = _ROOT.search(text)
    return f"XML with the root element <{root.group(1)}> and no MARC record" if root else "XML without an element"


def name_rest(head: bytes) -> str:
    """The last words for what nothing else recognised."""
    if len(head.translate(None, _CONTROLS)) < len(head):
        return "binary data of an unknown kind"
    return "text without MARC records"
