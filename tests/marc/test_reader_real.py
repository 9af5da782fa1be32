"""Real files: every field as pymarc, the reference reader, gives it; the fast reader equal to the exact one."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pymarc
import pytest

from dedup.marc.columnar import tokenise
from dedup.marc.columns import Origin, record_batch
from dedup.marc.encoding import decode, file_hint
from dedup.marc.exact import Found, read_frame
from dedup.marc.text import to_utf8
from dedup.marc.tokens import Tokens, from_loose, merge, to_loose
from dedup.model import Format
from dedup.tables import RAW_COLUMNS
from tests.marc import plain

FILES = [
    "cnmarc/cnmarc_27_utf8.iso",
    "cnmarc/cnmarc_27_gb18030.iso",
    "unimarc/periouni.mrc",
    "unimarc/rusmarc_koi8r.iso",
    "marc8/uva_001_2000.mrc",
    "marc8/jazz_1k.mrc",
    "marc8/lul_fre_500.mrc",
    "marc8/cjk1.marc",
    "marc8/hebrew1.marc",
    "marc8/cyrillic.marc",
    "marc21/pride-and-prejudice-fixed.mrc",
    "marc21/marccol1.u8.marc",
    "gpo/serialisations/nbs_monograph_utf8.mrc",
    "gpo/2024-05/MTU.mrc.gz",
    "gpo/2024-08/TXU.mrc.gz",
]
SAMPLE = 400 << 10


def sample(name: str) -> bytes:
    path = plain.DATA / name
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        data = stream.read(SAMPLE)
    return data[: data.rfind(b"\x1d") + 1]


def fields_of(row: dict[str, str], kind: Format) -> dict[str, list[str]]:
    """Field texts of a RECORD row by tag, without empty subfields (pymarc gives none)."""
    found: dict[str, list[str]] = {}
    for name in plain.rules().tables[f"fields/{kind.name.lower()}"]["columns"]:
        for text in row[name].split("\x1e") if row[name] else []:
            head, *parts = text.split("\x1f")
            cleaned = head[:5] + "".join("\x1f" + part for part in parts if part)
            found.setdefault(text[:3], []).append(cleaned if text[:3] >= "010" else text)
    return found


def pymarc_fields(record: pymarc.Record, kind: Format, encoding: str) -> dict[str, list[str]]:
    tags = {tag for tags in plain.rules().tables[f"fields/{kind.name.lower()}"]["columns"].values() for tag in tags}
    found: dict[str, list[str]] = {}
    for field in record.fields:
        if field.tag not in tags:
            continue
        if field.control_field:
            text = field.tag + decode(field.data, encoding)
        else:
            parts = "".join(f"\x1f{one.code}{decode(one.value, encoding)}" for one in field.subfields)
            text = field.tag + "".join(field.indicators) + parts
        found.setdefault(field.tag, []).append(text)
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_field_of_a_real_file_is_as_pymarc_reads_it(name: str, tmp_path: Path) -> None:
    data = sample(name)
    read = plain.read_bytes(data, tmp_path, hint=file_hint(data))
    plain.check_sums(read, len(data))
    assert read.counts.quarantined == 0
    records = [record for record in pymarc.MARCReader(io.BytesIO(data), to_unicode=False) if record is not None]
    records = [record for record in records if str(record.leader)[6] not in "uvxyz"]
    rows = read.rows.to_pylist()
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        kind = Format(row["format"])
        assert fields_of(row, kind) == pymarc_fields(record, kind, row["encoding"])
        control = record.get("001")
        assert row["control"] == (decode(control.data, row["encoding"]).strip() if control else "")
        assert row["leader"] == str(record.leader)


def exact_tokens(data: bytes) -> Tokens:
    """Everything by the exact reader, frame by frame."""
    found = Found()
    at = 0
    for frame in data.split(b"\x1d"):
        piece = data[at : at + len(frame) + 1]
        read_frame(piece, at, found)
        at += len(piece)
    return from_loose(found.records)


def fast_tokens(data: bytes) -> Tokens:
    read = tokenise(data, 0)
    found = Found()
    for begin, end in read.rest:
        read_frame(data[begin:end], begin, found)
    return merge(read.tokens, from_loose(found.records))


def batch(tokens: Tokens, hint: str | None) -> pa.RecordBatch:
    return record_batch(to_utf8(tokens, hint), Origin("f"), plain.rules())


@pytest.mark.parametrize(
    "name", [*FILES, "broken/pride-and-prejudice-with-many-errors.mrc", "broken/WPUbadrecords.mrc"]
)
def test_the_fast_reader_gives_what_the_exact_reader_gives(name: str) -> None:
    data = sample(name)
    hint = file_hint(data)
    assert batch(fast_tokens(data), hint).equals(batch(exact_tokens(data), hint))


@pytest.mark.parametrize("name", FILES)
def test_most_records_of_a_sound_file_are_read_fast(name: str) -> None:
    data = sample(name)
    assert len(tokenise(data, 0).rest) <= 0.02 * data.count(b"\x1d")


@pytest.mark.parametrize("name", FILES)
def test_columns_fingerprint_and_format_are_as_the_plain_twin_gives_them(name: str) -> None:
    data = sample(name)
    tokens = to_utf8(exact_tokens(data), file_hint(data))
    rows = record_batch(tokens, Origin("f"), plain.rules()).to_pylist()
    for at, row in enumerate(rows):
        record = to_loose(tokens, at)
        assert Format(row["format"]) is plain.sniff(record)
        assert row["fingerprint"] == plain.fingerprint(record)
        assert {name: row[name] for name in RAW_COLUMNS} == plain.columns(record, Format(row["format"]))


def test_the_same_records_in_two_encodings_have_the_same_columns_and_fingerprints() -> None:
    for left, right in (("cnmarc/cnmarc_27_utf8.iso", "cnmarc/cnmarc_27_gb18030.iso"),):
        rows = [batch(fast_tokens(data), file_hint(data)).to_pylist() for data in (sample(left), sample(right))]
        for one, other in zip(*rows, strict=True):
            assert one["fingerprint"] == other["fingerprint"]
            assert {name: one[name] for name in RAW_COLUMNS if name != "leader"} == {
                name: other[name] for name in RAW_COLUMNS if name != "leader"
            }
