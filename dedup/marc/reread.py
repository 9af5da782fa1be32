"""A file of records read again after it was written, by this program's reader and by pymarc, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pymarc

from dedup.marc.columns import left_out
from dedup.marc.fingerprint import fingerprints
from dedup.marc.reader import Options, plan, run_task
from dedup.marc.record import Field
from dedup.marc.tokens import Loose, from_loose
from dedup.marc.write import digest, is_control
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Expected:
    """What a record that was written must say when it is read: its number, hash, and the digest of all its fields."""

    control: str
    fingerprint: int
    digest: bytes


def expected(leader: str, fields: Sequence[Field], rules: RuleSet) -> Expected:
    """What readers must find of a record written with this leader and these fields."""
    content = tuple((field.tag.encode(), field.text()[len(field.tag) :].encode()) for field in fields)
    tokens = from_loose([Loose(0, 0, leader.encode("ascii"), content)])
    numbers = rules.tables["fields/marc21"]["control"]
    control = next((field.value for field in fields if field.tag in numbers), "")
    return Expected(control.strip(), int(fingerprints(tokens, left_out(rules))[0]), digest(leader, fields))


def faults(path: Path, wanted: Sequence[Expected], rules: RuleSet) -> str:
    """Reads a file of ISO 2709 or MARCXML twice; '' when both readers find the wanted records, else what was found."""
    return _own_fault(path, wanted, rules) or _pymarc_fault(path, wanted)


def _own_fault(path: Path, wanted: Sequence[Expected], rules: RuleSet) -> str:
    at = 0
    for task in plan([(path, path.name)], Options()):
        for portion in run_task(task, rules):
            if portion.quarantine.num_rows or portion.notes.num_rows:
                told = [*portion.quarantine.to_pylist(), *portion.notes.to_pylist()][0]
                return f"byte {told['offset']}: {told['reason']}"
            for control, value in zip(
                portion.records["control"].to_pylist(), portion.records["fingerprint"].to_pylist(), strict=True
            ):
                if at >= len(wanted) or (control, value) != (wanted[at].control, wanted[at].fingerprint):
                    return f"record {at + 1} reads as another than was written"
                at += 1
    return "" if at == len(wanted) else f"{at} records are read, {len(wanted)} were written"


def _pymarc_fault(path: Path, wanted: Sequence[Expected]) -> str:
    found = _xml_digests(path) if path.suffix == ".xml" else _iso_digests(path)
    for number, (read, meant) in enumerate(zip_longest(found, wanted), 1):
        if read is None or meant is None or read != meant.digest:
            return f"pymarc reads record {number} as another than was written"
    return ""


def _iso_digests(path: Path) -> Iterator[bytes | None]:
    with path.open("rb") as stream:
        for record in pymarc.MARCReader(stream, to_unicode=True, force_utf8=True):
            yield _digest(record) if record is not None else None


def _xml_digests(path: Path) -> list[bytes | None]:
    found: list[bytes | None] = []
    with path.open("rb") as stream:
        pymarc.map_xml(lambda record: found.append(_digest(record)), stream)
    return found


def _digest(record: pymarc.Record) -> bytes:
    fields = []
    for one in record.fields:
        plain = Field(one.tag)
        if is_control(plain):
            fields.append(Field(one.tag, one.data or ""))
        else:
            subfields = tuple((part.code, part.value) for part in one.subfields)
            fields.append(Field(one.tag, "", "".join(one.indicators), subfields))
    return digest(str(record.leader), fields)
