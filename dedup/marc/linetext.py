"""MARC as lines of text: MarcEdit's mrk (`=245  10$aTitle`) and the worksheet forms (`2001 @a…`, `200 1#|a…`).

One field stands on a line; records are parted by blank lines, by a leader or by a second 001. The sign before the
subfield codes is found per record. Signs, labels and mnemonics stand in `rules/linetext.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.marc.inflate import ByteSource
from dedup.marc.lines import Block, Line, TextFile, join_wrapped, open_text
from dedup.marc.record import Field, RawRecord, Unreadable
from dedup.rules import load_rules

LEADER_LENGTH = 24
_BLANK_LEADER = " " * LEADER_LENGTH
_LENGTH_LOST = " " * 5
_WIDEST_PREFIX = 7
_LEADER, _COMMENT = "leader", "comment"
_BARE = re.compile(r"[ \t]?([\W\d_][\W\d_])[ \t](.*)", re.DOTALL)


def line_table() -> Mapping[str, Any]:
    """The table `rules/linetext.toml`."""
    return load_rules().tables["linetext"]


@cache
def _field_line() -> re.Pattern[str]:
    return re.compile(r"\s*" + line_table()["line"]["tag"], re.DOTALL)


@cache
def _rule_line() -> re.Pattern[str]:
    return re.compile(line_table()["line"]["rule"])


@cache
def _splitter(sign: str) -> re.Pattern[str]:
    """Where a subfield starts: the sign and a code; a dollar sign after US, HK and the like is money."""
    table = line_table()["delimiter"]
    money = "".join(f"(?<!{re.escape(name)})" for name in table["money"]) if sign == table["money_sign"] else ""
    return re.compile(f"{money}{re.escape(sign)}(?=[{table['codes']}])")


@cache
def _blank(kind: str) -> dict[int, str]:
    return {ord(sign): " " for sign in line_table()["blank"][kind]}


@dataclass(frozen=True, slots=True)
class _Row:
    """One field line: tag, what follows it, and whether it is written the mrk way."""

    tag: str
    rest: str
    is_mrk: bool

    @property
    def is_leader(self) -> bool:
        """Whether the tag is one of the leader's labels."""
        return self.tag.upper() in line_table()["line"]["leader"]

    @property
    def is_control(self) -> bool:
        """Whether the field has no indicators and subfields."""
        return self.tag.isdigit() and self.tag < line_table()["line"]["control_before"]


@dataclass(frozen=True, slots=True)
class _Style:
    """How one record is written: its subfield sign, and whether indicators follow the tag without a blank."""

    sign: str | None
    is_compact: bool


def looks_like_lines(text: str) -> bool:
    """Whether the head of a file, as text, reads as lines of MARC fields: half of its lines, one with subfields."""
    table = line_table()
    lines = [line.strip() for line in text.splitlines()[: table["sample"]["lines"]]]
    lines = [line for line in lines if line and not line.startswith(tuple(table["line"]["comment"]))]
    rows = _rows("\n".join(lines))
    return len(rows) >= len(lines) * table["sample"]["share"] and _style(rows).sign is not None


def read(source: ByteSource | bytes) -> Iterator[RawRecord | Unreadable]:
    """Records of a file of lines, in order; a stretch without any field line is given as Unreadable.

    Offsets and lengths are bytes of the file; blank lines and comments between records are padding.
    """
    file = open_text(source)
    for block in _blocks(file):
        text, encoding = file.text(block.data)
        yield _record(text, block, encoding)


def _blocks(file: TextFile) -> Iterator[Block]:
    """Lines grouped into records: a blank line, a leader after fields, or a second 001 starts the next one."""
    block = Block()
    seen: set[str] = set()
    table = line_table()["line"]
    for line in file.lines:
        kind = _kind(line, table)
        is_start = (kind == _LEADER and seen) or (kind == table["record_start"] and kind in seen)
        if block.lines and (is_start or not kind):
            yield block
            block, seen = Block(), set()
        if kind and kind != _COMMENT:
            block.lines.append(line)
            seen.add(kind)
    if block.lines:
        yield block


def _kind(line: Line, table: Mapping[str, Any]) -> str:
    """What a line is: empty for a blank or ruled line, a comment, a leader, a tag, or `?` for anything else."""
    text = line.data.decode("utf-8", "replace").strip()
    if not text or _rule_line().fullmatch(text):
        return ""
    if text.startswith(tuple(table["comment"])):
        return _COMMENT
    found = _field_line().fullmatch(text)
    if not found:
        return "?"
    return _LEADER if found["tag"].upper() in table["leader"] else found["tag"]


def _rows(text: str) -> list[_Row]:
    """The field lines of a record; a wrapped line is put back to the field it belongs to."""
    rows: list[_Row] = []
    for line in text.split("\n"):
        found = _field_line().fullmatch(line.rstrip("\r"))
        if found:
            is_mrk = found["mrk"] == "="
            rows.append(_Row(found["tag"], found["rest"][2:] if is_mrk else found["rest"], is_mrk))
        elif rows and line.strip():
            rows[-1] = _Row(rows[-1].tag, join_wrapped(rows[-1].rest, line.strip()), rows[-1].is_mrk)
    return rows


def _prefix(rest: str, sign: str) -> str | None:
    """What stands between the tag and the first subfield: indicators, blanks, nothing; None if no subfield is near."""
    place = rest.find(sign, 0, _WIDEST_PREFIX + len(sign))
    follows = rest[place + len(sign) : place + len(sign) + 1]
    return rest[:place] if place >= 0 and follows.isascii() and follows.isalnum() else None


def _style(rows: list[_Row]) -> _Style:
    """The sign that most fields of a record have before their first subfield, and how indicators are set."""
    fields = [row for row in rows if not row.is_leader and not row.is_control]
    counts = {sign: [_prefix(row.rest, sign) for row in fields] for sign in line_table()["delimiter"]["signs"]}
    sign = max(counts, key=lambda name: sum(prefix is not None for prefix in counts[name]))
    prefixes = [prefix for prefix in counts[sign] if prefix is not None]
    if not prefixes:
        return _Style(None, False)
    is_compact = any(prefix and not prefix[0].isspace() for prefix in prefixes)
    return _Style(sign, is_compact and all(len(prefix) <= 3 for prefix in prefixes))


def _record(text: str, block: Block, encoding: str) -> RawRecord | Unreadable:
    rows = _rows(text)
    style = _style(rows)
    if not rows or (style.sign is None and not all(row.is_leader or row.is_control for row in rows)):
        reason = "lines of text without MARC fields; wanted lines such as 200 1 $a or =245  10$a"
        return Unreadable(block.offset, block.length, reason, block.data)
    leader = next((_leader(row) for row in rows if row.is_leader), _BLANK_LEADER)
    fields = [_field(row, style) for row in rows if not row.is_leader]
    return RawRecord(leader, _unspaced(fields), block.offset, block.length, encoding)


def _leader(row: _Row) -> str:
    """A leader of 24 characters: signs for blanks back to blanks; one cut at its left begins with the status."""
    text = row.rest if row.is_mrk or not row.rest[:1].isspace() else row.rest[1:]
    text = text.translate(_blank("leader"))
    if len(text) < LEADER_LENGTH and re.match(r"[a-z][a-z]", text.lstrip()):
        text = _LENGTH_LOST + text.lstrip()
    return text[:LEADER_LENGTH].ljust(LEADER_LENGTH)


def _field(row: _Row, style: _Style) -> Field:
    if row.is_control:
        text = row.rest if row.is_mrk else row.rest[1:] if row.rest[:1].isspace() else row.rest
        return Field(row.tag, value=_plain(text.translate(_blank("control"))).rstrip())
    sign = style.sign or ""
    prefix = _prefix(row.rest, sign)
    if prefix is None:
        return _without_first_code(row, style)
    first, *rest = _splitter(sign).split(row.rest[len(prefix) :])
    parts = rest if rest else [first.removeprefix(sign)]
    return Field(row.tag, indicators=_indicators(prefix, style, row.is_mrk), subfields=_subfields(parts))


def _without_first_code(row: _Row, style: _Style) -> Field:
    """A field written without its first `$a`, as OCLC and some catalogues show it: `245 10 Title / ǂc author`."""
    found = _BARE.match(row.rest)
    prefix, text = (found[1], found[2]) if found else ("", row.rest)
    first, *rest = _splitter(style.sign).split(text) if style.sign else [text]
    implied = line_table()["line"]["implied_code"]
    return Field(row.tag, indicators=_indicators(prefix, style, False), subfields=_subfields([implied + first, *rest]))


def _indicators(prefix: str, style: _Style, is_mrk: bool) -> str:
    """Two indicators out of what stands between tag and subfields.

    `2001 @a` has them right after the tag, `200 1 $a` and `200 1#|a` after a blank; `200 1 0 $a` has blanks between.
    """
    text = prefix.replace("\t", " ")
    if not is_mrk and not style.is_compact and text[:1] == " ":
        text = text[1:]
    if len(text.rstrip()) > 2:
        text = "".join(text.split())
    return text[:2].ljust(2).translate(_blank("indicator"))


def _subfields(parts: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((part[0], _plain(part[1:])) for part in parts if part)


def _unspaced(fields: list[Field]) -> tuple[Field, ...]:
    """Subfields without the blanks that some displays put around every code: `ǂa 小王子 ǂf 著`."""
    values = [value for field in fields for _, value in field.subfields if value]
    is_spaced = bool(values) and all(value.startswith(" ") for value in values)
    return tuple(
        Field(
            field.tag,
            field.value,
            field.indicators,
            tuple((code, value.strip() if is_spaced else value.rstrip()) for code, value in field.subfields),
        )
        for field in fields
    )


def _plain(text: str) -> str:
    """Text without MarcEdit's mnemonics: `{dollar}25` is `$25`, `{acute}e` is `é`."""
    if "{" not in text:
        return text
    table = line_table()
    text = _mnemonics().sub(lambda found: str(table["mnemonic"][found[0]]), text)
    text = _marks().sub(lambda found: found[2] + _combining(found[1]), text)
    return unicodedata.normalize("NFC", text)


@cache
def _mnemonics() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in line_table()["mnemonic"]))


@cache
def _marks() -> re.Pattern[str]:
    return re.compile("((?:" + "|".join(re.escape(name) for name in line_table()["mark"]) + ")+)(.)", re.DOTALL)


def _combining(names: str) -> str:
    table = line_table()["mark"]
    return "".join(table[name] for name in re.findall(r"\{\w+\}", names))
