"""Plain twins: ISO 2709 written and read one record at a time, columns, fingerprints and formats without arrays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from dedup.marc.archive import Member
from dedup.marc.columns import RECORD_WITHOUT_SOURCE
from dedup.marc.container import Container
from dedup.marc.reader import Counts, Options, Task, plan, run_task
from dedup.marc.tokens import Loose
from dedup.model import Format
from dedup.rules import RuleSet, load_rules
from dedup.tables import RAW_COLUMNS

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_BITS = (1 << 64) - 1


def rules() -> RuleSet:
    """The tables in force."""
    return load_rules()


def iso2709(fields: Sequence[tuple[str, bytes]], leader: str = "00000nam0 2200000   450 ") -> bytes:
    """One record with a right directory."""
    directory, body = b"", b""
    for tag, content in fields:
        directory += f"{tag}{len(content) + 1:04d}{len(body):05d}".encode()
        body += content + b"\x1e"
    base = 24 + len(directory) + 1
    head = f"{base + len(body) + 1:05d}{leader[5:12]}{base:05d}{leader[17:]}".encode()
    return head + directory + b"\x1e" + body + b"\x1d"


def columns(record: Loose, kind: Format) -> dict[str, str]:
    """The raw columns of one record whose content is UTF-8."""
    table = rules().tables[f"fields/{kind.name.lower()}"]
    fields = [(tag.decode(), content.decode()) for tag, content in record.fields]
    row = dict.fromkeys(RAW_COLUMNS, "")
    row["leader"] = record.leader.decode()
    for name in ("control", "updated", "fixed"):
        first = next((content for tag, content in fields if tag in table[name]), "")
        row[name] = first
        if name == "fixed" and table[name][0] >= "010":
            row[name] = next((part[1:] for part in first.split("\x1f")[1:] if part[:1] == "a"), "")
    row["control"] = row["control"].strip()
    for name, tags in table["columns"].items():
        row[name] = "\x1e".join(tag + content for tag, content in fields if tag in tags)
    return row


def fingerprint(record: Loose) -> int:
    """The hash of one record as `dedup.marc.fingerprint` defines it."""
    a, b, c = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    stretches: list[bytes] = [b""]
    tags = []
    for tag, content in record.fields:
        if tag in (b"001", b"005"):
            stretches.append(b"")
        else:
            stretches[-1] += content + b"\x1e"
            tags.append(int.from_bytes(tag, "little"))
    total = int.from_bytes(record.leader[6:9], "little") * c
    lists = [tags]
    for stretch in filter(None, stretches):
        total += len(stretch) * c
        filled = stretch + b"\0" * (-len(stretch) % 8)
        lists.append([int.from_bytes(filled[at : at + 8], "little") for at in range(0, len(filled), 8)])
    for words in lists:
        for word, following in zip(words, [*words[1:], 0], strict=False):
            value = (word * a + following * b) & _BITS
            total += ((value ^ (value >> 32)) * 0xD6E8FEB86659FD93) & _BITS
    total &= _BITS
    total = ((total ^ (total >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    total = ((total ^ (total >> 27)) * 0x94D049BB133111EB) & _BITS
    return total ^ (total >> 31)


def sniff(record: Loose) -> Format:
    """The format of one record by `rules/sniff.toml`, one row after the other."""
    table = rules().tables["sniff"]
    family = dialect = 0
    for row in table["row"]:
        contents = [content for tag, content in record.fields if tag == row["tag"].encode()]
        shapes = [re.compile(shape.encode("latin-1"), re.DOTALL) for shape in row.get("shapes", [])]
        if shapes and not any(shape.match(content) for shape in shapes for content in contents):
            continue
        if contents:
            family += row.get("family", 0)
            dialect += row.get("dialect", 0)
    family = family or table["entry_map"].get(record.leader[20:24].decode(), 0)
    if family == 0:
        return Format[table["family_default"].upper()]
    if family > 0:
        return Format.MARC21
    if dialect == 0:
        return Format[table["dialect_default"].upper()]
    return Format.CNMARC if dialect > 0 else Format.UNIMARC


@dataclass
class Read:
    """A whole file: RECORD rows, (offset, length, reason, bytes) set aside, places of notes, counts."""

    rows: pa.Table
    aside: list[tuple[int, int, str, bytes]]
    notes: list[tuple[int, str]]
    counts: Counts


def read_tasks(tasks: Sequence[Task]) -> Read:
    """All tasks one after another."""
    batches: list[pa.RecordBatch] = []
    read = Read(RECORD_WITHOUT_SOURCE.empty_table(), [], [], Counts())
    for task in tasks:
        for portion in run_task(task, rules()):
            batches.append(portion.records)
            read.counts.add(portion.counts)
            lists = [portion.quarantine.column(name).to_pylist() for name in ("offset", "length", "reason")]
            read.aside += list(zip(*lists, portion.contents, strict=True))
            read.notes += list(
                zip(*(portion.notes.column(name).to_pylist() for name in ("offset", "reason")), strict=True)
            )
    read.rows = pa.Table.from_batches(batches, RECORD_WITHOUT_SOURCE)
    return read


def read_file(path: Path, chunk: int = 32 << 20) -> Read:
    """A file, planned and read."""
    return read_tasks(plan([(path, path.name)], Options(), chunk))


def read_bytes(data: bytes, folder: Path, range_size: int = 1 << 30, hint: str | None = None) -> Read:
    """Bytes read as ISO 2709 whatever they look like, cut into ranges."""
    path = folder / "file.iso"
    path.write_bytes(data)
    begins = list(range(0, max(len(data), 1), range_size))
    ends = [*begins[1:], None]
    ranges = zip(begins, ends, strict=True)
    kind = Container.ISO2709
    return read_tasks([Task(str(path), Member(""), "f", b, e, kind, "", Options(), hint) for b, e in ranges])


def check_sums(read: Read, size: int) -> None:
    """Every byte and every record is accounted for."""
    counts = read.counts
    assert counts.bytes == size
    assert counts.bytes == counts.record_bytes + counts.quarantined_bytes + counts.padding_bytes
    assert counts.records == counts.loaded + counts.quarantined
    assert counts.loaded == counts.bibliographic + counts.holdings + counts.authority
    assert min(counts.record_bytes, counts.quarantined_bytes, counts.padding_bytes) >= 0
    assert counts.bibliographic == read.rows.num_rows
    assert counts.quarantined == len(read.aside)
    assert counts.quarantined_bytes == sum(length for _, length, _, _ in read.aside)
