"""Small batches of records written as field lines, for the tests of volumes, extents, series and kinds of text."""

from __future__ import annotations

import pyarrow as pa

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.rules import RuleSet
from dedup.tables import FIELD_MARK, RECORD, SUBFIELD_MARK

LEADERS = {Format.MARC21: "00000nam a2200000 a 4500", Format.CNMARC: "00000nam0 2200000   450 "}


def record(rules: RuleSet, form: Format, lines: list[str], leader: str = "", fixed: str = "") -> dict[str, object]:
    """One RECORD row from lines such as `200 1 $a三体$hⅡ`."""
    name = "marc21" if form == Format.MARC21 else "cnmarc"
    columns = rules.tables[f"fields/{name}"]["columns"]
    row: dict[str, object] = dict.fromkeys(RECORD.names, "")
    row |= {"offset": 0, "length": 0, "fingerprint": 0, "raw": 0, "format": int(form), "fixed": fixed}
    row["leader"] = leader or LEADERS[form]
    for line in lines:
        tag, indicators, subfields = line[:3], line[4:6], line[6:].split("$")[1:]
        text = tag + indicators + "".join(SUBFIELD_MARK + one for one in subfields)
        for column, tags in columns.items():
            if tag in tags:
                row[column] = FIELD_MARK.join(part for part in (str(row[column]), text) if part)
    return row


def batch_of(rows: list[dict[str, object]]) -> RawBatch:
    return RawBatch(pa.RecordBatch.from_pylist(rows, schema=RECORD))


def chinese(rules: RuleSet, *lines: str, leader: str = "") -> RawBatch:
    return batch_of([record(rules, Format.CNMARC, list(lines), leader)])


def western(rules: RuleSet, *lines: str, leader: str = "", fixed: str = "") -> RawBatch:
    return batch_of([record(rules, Format.MARC21, list(lines), leader, fixed)])
