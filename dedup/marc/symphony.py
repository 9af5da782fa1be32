"""SirsiDynix flat text: `*** DOCUMENT BOUNDARY ***`, `FORM=MARC`, `.245. 10|aTitle /|cauthor`, long lines wrapped.

`FORM=` names the catalogue format that the record was loaded with, the best evidence for a record in the wrong
format; it is kept as a field under the tag `symphony.form_tag` of `rules/linetext.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from dedup.marc.inflate import ByteSource
from dedup.marc.lines import Block, TextFile, join_wrapped, open_text
from dedup.marc.linetext import LEADER_LENGTH, line_table
from dedup.marc.record import Field, RawRecord, Unreadable


@cache
def _field_line() -> re.Pattern[str]:
    return re.compile(line_table()["symphony"]["field"], re.DOTALL)


@cache
def _splitter() -> re.Pattern[str]:
    return re.compile(re.escape(line_table()["symphony"]["sign"]) + f"(?=[{line_table()['delimiter']['codes']}])")


def read(source: ByteSource | bytes) -> Iterator[RawRecord | Unreadable]:
    """Records of a flat file, in order; a document without a field, and text before the first, is Unreadable.

    A record's bytes run from its boundary line to the next one.
    """
    file = open_text(source)
    for block in _blocks(file):
        text, encoding = file.text(block.data)
        yield _record(text, block, encoding)


def _blocks(file: TextFile) -> Iterator[Block]:
    boundary = line_table()["symphony"]["boundary"].encode()
    block = Block()
    for line in file.lines:
        if line.data.strip() == boundary and block.lines:
            yield block
            block = Block()
        if block.lines or line.data.strip():
            block.lines.append(line)
    if block.lines:
        yield block


def _record(text: str, block: Block, encoding: str) -> RawRecord | Unreadable:
    table = line_table()["symphony"]
    form, rows = _rows(text)
    if not rows:
        reason = "a document without a field; wanted lines such as .245. 10|aTitle"
        return Unreadable(block.offset, block.length, reason, block.data)
    leader = next((_leader(rest) for tag, rest in rows if tag == table["leader_tag"]), " " * LEADER_LENGTH)
    fields = [_field(tag, rest) for tag, rest in rows if tag != table["leader_tag"]]
    if form:
        fields.append(Field(table["form_tag"], indicators="  ", subfields=((table["value_code"], form),)))
    return RawRecord(leader, tuple(fields), block.offset, block.length, encoding)


def _rows(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The FORM= name and (tag, rest) of each field; a line that starts no field goes on with the one before."""
    table = line_table()["symphony"]
    form = ""
    rows: list[tuple[str, str]] = []
    for line in text.split("\n"):
        if found := _field_line().fullmatch(line):
            rows.append((found["tag"], found["rest"]))
        elif line.startswith(table["form"]) and not rows:
            form = line.removeprefix(table["form"]).strip()
        elif rows and line.strip() and line.strip() != table["boundary"]:
            rows[-1] = rows[-1][0], join_wrapped(rows[-1][1], line.strip())
    return form, rows


def _leader(rest: str) -> str:
    """A leader of 24 characters; Symphony's short form of eight is spread over it."""
    table = line_table()["symphony"]
    text = rest.strip().removeprefix(table["sign"] + table["value_code"])
    if len(text) >= LEADER_LENGTH - 1:
        return text[:LEADER_LENGTH].ljust(LEADER_LENGTH)
    leader = list(table["leader_template"])
    for source, target in table["leader"].items():
        if int(source) < len(text):
            leader[target] = text[int(source)]
    return "".join(leader)


def _field(tag: str, rest: str) -> Field:
    table = line_table()["symphony"]
    prefix, *parts = _splitter().split(rest)
    if tag.isdigit() and tag < line_table()["line"]["control_before"]:
        mark = table["sign"] + table["value_code"]
        return Field(tag, value=rest.split(mark, 1)[1] if mark in rest else rest.strip())
    subfields = tuple((part[0], part[1:].rstrip()) for part in parts)
    return Field(tag, indicators=prefix[:2].ljust(2), subfields=subfields or ((table["value_code"], rest.strip()),))
