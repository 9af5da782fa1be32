"""What a record says of its character set, made true of UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.marc.record import Field
from dedup.report.proposal.side import Side


def unicode_leader(mine: Side) -> str:
    """24 printable signs that say Unicode where the format says it in the leader."""
    plain = "".join(sign if " " <= sign <= "~" else " " for sign in mine.full.leader)
    leader = f"{plain:<24}"[:24]
    charset = mine.shape.get("leader_charset", leader[9])
    return f"{leader[:9]}{charset}{leader[10:20]}{mine.shape['leader_end']}"


def in_unicode(mine: Side) -> Iterator[Field]:
    """The fields of the kept record, the character set in the coded data said to be Unicode (UNIMARC 100$a)."""
    shape = mine.shape.get("charset")
    for field in mine.full.fields:
        if shape is None or field.tag != shape["tag"] or not field.subfields:
            yield field
            continue
        at, text = shape["at"], shape["text"]
        coded = [
            (code, f"{value:<{at}}"[:at] + text + value[at + len(text) :]) if code == shape["code"] else (code, value)
            for code, value in field.subfields
        ]
        yield Field(field.tag, "", field.indicators, tuple(coded))
