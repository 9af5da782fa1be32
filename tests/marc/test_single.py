"""A record that a run found is read again at its place, field by field the same."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dedup.marc.columns import left_out
from dedup.marc.reader import Options, plan, run_task
from dedup.marc.single import Place, read_whole
from dedup.rules import load_rules
from dedup.tables import FIELD_MARK

RULES = load_rules()
FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "marc"
FILES = sorted(FIXTURES.iterdir())


def found(path: Path) -> Iterator[dict[str, object]]:
    """Every record of a file as a run reads it."""
    for task in plan([(path, path.name)], Options()):
        for portion in run_task(task, RULES):
            yield from portion.records.to_pylist()


def place(path: Path, record: dict[str, object]) -> Place:
    member = str(record["file"]).partition("!")[2]
    return Place(path, member, int(str(record["offset"])), int(str(record["length"])), str(record["encoding"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_record_has_the_fields_and_the_hash_that_the_run_saw(path: Path) -> None:
    records = list(found(path))
    assert records
    for record in records:
        whole = read_whole(place(path, record), left_out(RULES))
        assert whole is not None and whole.fingerprint == record["fingerprint"]
        texts = {tag + text for tag, text in whole.fields}
        for name in ("title", "name", "isbn", "extent"):
            assert set(filter(None, str(record[name]).split(FIELD_MARK))) <= texts


def test_a_record_in_an_archive_is_found_by_its_place_in_the_uncompressed_file(tmp_path: Path) -> None:
    content = FILES[0].read_bytes()
    (tmp_path / "a.mrc.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.mrc", content)
        archive.writestr("two.mrc", content)
    for path in (tmp_path / "a.mrc.gz", tmp_path / "b.zip"):
        for record in list(found(path))[-3:]:
            whole = read_whole(place(path, record), left_out(RULES))
            assert whole is not None and whole.fingerprint == record["fingerprint"]


def test_where_no_record_begins_there_is_none(tmp_path: Path) -> None:
    record = next(iter(found(FILES[0])))
    right = place(FILES[0], record)
    moved = Place(right.path, right.member, right.offset + 7, right.length, right.encoding)
    other = Place(right.path, "no-such-member", right.offset, right.length, right.encoding)
    whole = read_whole(moved, left_out(RULES))
    assert whole is None or whole.fingerprint != record["fingerprint"]
    assert read_whole(other, left_out(RULES)) is None
    with pytest.raises(OSError, match="gone"):
        read_whole(Place(tmp_path / "gone.mrc", "", 0, 1, "utf-8"), left_out(RULES))
