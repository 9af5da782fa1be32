"""Corrected files hold every record, each byte as it was but for what was corrected; the input is never touched."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.check.fix import Fixed, fix
from dedup.check.fix.told import diff, summary
from dedup.config import Allow, Checking, Config
from dedup.errors import DedupError, InputError
from dedup.marc.reader import Options, plan, run_task
from dedup.rules import load_rules
from dedup.stages import load
from dedup.stages.context import Context
from fixtures.line_text import iso2709, marcxml, read_lines

ROOT = Path(__file__).parent.parent.parent
MARC = ROOT / "fixtures" / "marc"
SHARED = ROOT.parent / "shared" / "data"
RULES = load_rules()
TEN = ["LDR nam", "001 1", "010   $a7-302-10853-6$b精装$dCNY30.00", "200 1 $a程序设计", "100   $a20080101d2005"]
PLAIN = ["LDR nam", "001 2", "010   $a978-7-302-10853-5", "200 1 $a数据库", "100   $a20120101d2012"]
ODD = ["LDR nam", "001 3", "010   $a978-7-302-10853-6", "200 1 $a操作系统", "100   $a20120101d2012"]


def records(*texts: list[str]) -> bytes:
    return b"".join(iso2709(read_lines(lines)) for lines in texts)


def done(path: Path, out: Path | None, config: Config | None = None) -> Fixed:
    return fix((path,), out, RULES, config or Config())


def read(path: Path) -> list[dict[str, object]]:
    tasks = plan([(path, path.name)], Options())
    return [row for task in tasks for portion in run_task(task, RULES) for row in portion.records.to_pylist()]


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    path = tmp_path / "vendor.mrc"
    path.write_bytes(b"\r\n" + records(TEN, PLAIN) + b"garbage\x1e\x1d\n" + records(ODD))
    return path


def test_every_byte_but_the_corrected_records_is_copied(vendor: Path, tmp_path: Path) -> None:
    before = vendor.read_bytes()
    fixed = done(vendor, tmp_path / "fixed.mrc")
    after = (tmp_path / "fixed.mrc").read_bytes()
    assert vendor.read_bytes() == before
    assert after.startswith(b"\r\n") and records(PLAIN) + b"garbage\x1e\x1d\n" in after
    assert [change.record.record_id for change in fixed.changes] == ["vendor/1", "vendor/3"]
    assert [row["isbn"] for row in read(tmp_path / "fixed.mrc")] == [
        "010  \x1fa7-302-10853-6\x1fb精装\x1fdCNY30.00\x1e010  \x1fa978-7-302-10853-5\x1fb精装",
        "010  \x1fa978-7-302-10853-5",
        "010  \x1fa978-7-302-10853-5",
    ]


def test_a_corrected_file_has_nothing_left_to_correct(vendor: Path, tmp_path: Path) -> None:
    done(vendor, tmp_path / "once.mrc")
    again = done(tmp_path / "once.mrc", tmp_path / "twice.mrc")
    assert not again.changes and (tmp_path / "twice.mrc").read_bytes() == (tmp_path / "once.mrc").read_bytes()


def test_a_diff_shows_the_changed_fields_and_writes_nothing(vendor: Path, tmp_path: Path) -> None:
    fixed = done(vendor, None)
    assert "".join(diff(fixed.files)).splitlines() == [
        "--- vendor.mrc vendor/1 @ 2",
        "+++ vendor.mrc vendor/1 @ 2",
        "@@ -2,0 +3 @@",
        "+010   $a978-7-302-10853-5$b精装",
        f"--- vendor.mrc vendor/3 @ {vendor.read_bytes().index(records(ODD))}",
        f"+++ vendor.mrc vendor/3 @ {vendor.read_bytes().index(records(ODD))}",
        "@@ -2 +2 @@",
        "-010   $a978-7-302-10853-6",
        "+010   $a978-7-302-10853-5",
    ]
    assert sorted(tmp_path.iterdir()) == [vendor]
    assert list(summary(fixed.files, RULES, "en")) == [
        "vendor.mrc: records to correct: 2, corrections: 2 (check digit 1, other form of an ISBN 1); "
        "nothing was written"
    ]


@pytest.mark.parametrize("how", ["same", "link", "symlink", "dots"])
def test_the_input_is_never_written_to_under_whatever_name(vendor: Path, tmp_path: Path, how: str) -> None:
    out = {"same": vendor, "dots": tmp_path / "x" / ".." / "vendor.mrc"}.get(how, tmp_path / "other.mrc")
    (tmp_path / "x").mkdir()
    if how == "link":
        os.link(vendor, out)
    if how == "symlink":
        out.symlink_to(vendor)
    before = vendor.read_bytes()
    with pytest.raises(InputError, match="never written to"):
        done(vendor, out)
    assert vendor.read_bytes() == before


def test_a_file_that_must_stay_is_not_written_to(vendor: Path, tmp_path: Path) -> None:
    held = tmp_path / "dedup.duckdb"
    held.write_bytes(b"catalogue")
    with pytest.raises(InputError, match="never written to"):
        fix((vendor,), held, RULES, Config(), [held])


def test_a_record_whose_lengths_are_wrong_is_left_as_it_is_and_named(tmp_path: Path) -> None:
    path, damaged = tmp_path / "a.mrc", bytearray(records(TEN))
    damaged[0:5] = b"00099"
    path.write_bytes(damaged + records(ODD))
    fixed = done(path, tmp_path / "b.mrc")
    assert (tmp_path / "b.mrc").read_bytes().startswith(bytes(damaged))
    assert [row.record_id for row in fixed.files[0].damaged] == ["a/1"] and len(fixed.changes) == 1
    assert any("a/1 (a.mrc, byte 0) was left as it is" in line for line in summary(fixed.files, RULES, "en"))


def test_a_record_that_grows_too_long_for_iso_2709_goes_into_marcxml_beside_it(tmp_path: Path) -> None:
    notes = [f"300   $a{'x' * 9_000}" for _ in range(11)]
    room = 99_999 - len(records([*TEN, *notes])) - 20
    path = tmp_path / "a.mrc"
    path.write_bytes(records([*TEN, *notes, f"300   $a{'y' * (room - 20)}"], ODD))
    fixed = done(path, tmp_path / "b.mrc")
    assert fixed.paths == (tmp_path / "b.mrc", tmp_path / "b.oversize.xml") and fixed.files[0].long == 1
    assert [row["control"] for row in read(fixed.paths[0])] == ["3"]
    long = read(fixed.paths[1])
    assert [row["control"] for row in long] == ["1"] and "978-7-302-10853-5" in str(long[0]["isbn"])


@pytest.mark.parametrize("packing", ["xml", "gz"])
def test_records_of_another_container_are_written_as_iso_2709(tmp_path: Path, packing: str) -> None:
    if packing == "xml":
        path = tmp_path / "a.xml"
        path.write_bytes(marcxml([read_lines(TEN), read_lines(PLAIN)]))
    else:
        path = tmp_path / "a.mrc.gz"
        path.write_bytes(gzip.compress(records(TEN, PLAIN)))
    done(path, tmp_path / "b.mrc")
    rows = read(tmp_path / "b.mrc")
    assert [row["control"] for row in rows] == ["1", "2"] and "978-7-302-10853-5\x1fb精装" in str(rows[0]["isbn"])


def test_gb18030_stays_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "a.iso"
    path.write_bytes(b"".join(iso2709(read_lines(one), "gb18030") for one in (TEN, PLAIN)))
    done(path, tmp_path / "b.iso")
    after = (tmp_path / "b.iso").read_bytes()
    assert "$b精装".replace("$", "\x1f").encode("gb18030") in after and "程序设计".encode("gb18030") in after
    assert [row["encoding"] for row in read(tmp_path / "b.iso")] == ["gb18030", "gb18030"]


def test_several_files_go_into_a_folder_under_their_names(tmp_path: Path) -> None:
    for name in ("A.mrc", "B.mrc"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(records(TEN))
    fixed = done(tmp_path / "in", tmp_path / "out")
    assert fixed.paths == (tmp_path / "out" / "A.mrc", tmp_path / "out" / "B.mrc")
    with pytest.raises(InputError, match="never written to"):
        done(tmp_path / "in", tmp_path / "in")
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(InputError, match="2 files to write"):
        done(tmp_path / "in", tmp_path / "plain")


def test_a_centre_that_ignores_or_allows_a_fault_has_it_not_corrected(vendor: Path) -> None:
    ignoring = Config(check=Checking(ignore=("Q04",)))
    assert [change.record.control for change in done(vendor, None, ignoring).changes] == ["3"]
    allowing = Config(allow=(Allow("vendor/3", "Q", "as printed", None, 1),))
    assert [change.record.control for change in done(vendor, None, allowing).changes] == ["1"]


def test_corrected_records_keep_their_ids(vendor: Path, tmp_path: Path) -> None:
    fixed = done(vendor, tmp_path / "fixed.mrc")
    again = fix(fixed.paths, None, RULES, fixed.config)
    assert [row.record_id for row in again.files[0].part.records] == ["vendor/1", "vendor/2", "vendor/3"]


def test_an_unwritable_place_is_one_clear_error(vendor: Path, tmp_path: Path) -> None:
    with pytest.raises(DedupError, match="no such folder"):
        done(vendor, tmp_path / "nowhere" / "x.mrc")
    assert not list(tmp_path.glob("*.new"))


def test_numbers_stand_for_the_same_as_before(context_of: Callable[..., Context], tmp_path: Path) -> None:
    """Whatever is corrected, a record keeps its own numbers, those of its set, its parts and its other carriers."""
    columns = ["record_id", "isbn", "isbn_set", "isbn_part", "isbn_other", "isbn_weak"]
    (tmp_path / "in").mkdir()
    for path in [*MARC.iterdir(), *(ROOT / "fixtures" / "new" / "marc").iterdir()]:
        shutil.copy(path, tmp_path / "in" / f"{path.parent.parent.name}-{path.name}")
    fixed = done(tmp_path / "in", tmp_path / "out")
    assert len(fixed.changes) > 80

    def concepts(*paths: Path, config: Config) -> dict[str, list[object]]:
        context = context_of(*paths, config=config)
        load.run(context)
        rows = context.engine.read(f"SELECT {', '.join(columns)} FROM record").to_pylist()
        return {
            row["record_id"]: [sorted(row[name]) for name in columns[1:]] for row in rows if "@" not in row["record_id"]
        }

    before = concepts(tmp_path / "in", config=Config())
    after = concepts(*fixed.paths, config=fixed.config)
    digits = {change.record.record_id for change in fixed.changes if change.edits[0].before}
    assert {name: before[name] for name in before if name not in digits} == {
        name: after[name] for name in after if name not in digits
    }


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside the checkout")
def test_real_files_of_every_kind_come_out_whole(tmp_path: Path) -> None:
    for path in [
        *sorted((SHARED / "broken").glob("*.*")),
        *sorted((SHARED / "marc8").glob("c*.marc")),
        *sorted((SHARED / "cnmarc").glob("*.iso")),
    ]:
        out = tmp_path / f"{path.name}.out"
        try:
            fixed = done(path, out)
        except InputError as error:
            assert "no file with records" in str(error) or path.is_dir(), path.name
            continue
        before, after = ([row["control"] for one in some for row in read(one)] for some in ((path,), fixed.paths))
        lost = fixed.files[0].lost
        assert after == before or (lost and len(after) + lost >= len(before)), path.name
        assert not fix(fixed.paths, None, RULES, fixed.config).changes, path.name
