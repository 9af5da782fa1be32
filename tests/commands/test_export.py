"""Parts of a run for other programs: rows as they are shown, records as they stand in their source files."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dedup import store
from dedup.engine.duck import DuckEngine
from dedup.extract import Choice, Form, What, write_marc, write_tables
from dedup.marc.columns import left_out
from dedup.marc.many import Spot, read_many
from dedup.rules import load_rules
from tests.commands.conftest import Result

RULES = load_rules()
Cli = Callable[..., Result]


@pytest.fixture(scope="module")
def engine(first: tuple[Path, Result]) -> Iterator[DuckEngine]:
    opened = store.opened(first[0] / "c.duckdb", 2)
    yield opened
    opened.close()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_comes_as_csv_and_as_parquet_with_the_same_rows(engine: DuckEngine, tmp_path: Path) -> None:
    for form in Form:
        write_tables(engine, [Choice(what) for what in What], form, tmp_path)
    for what in What:
        table = pq.read_table(tmp_path / f"{what}.parquet")
        listed = rows(tmp_path / f"{what}.csv")
        assert table.num_rows == len(listed) > 0
        first = "left" if what is What.PAIRS else "record_id"
        assert table[first].to_pylist() == [row[first] for row in listed]
    assert not list(tmp_path.glob("*.part"))


def test_findings_are_the_file_of_the_run_and_a_library_gets_its_share(
    engine: DuckEngine, first: tuple[Path, Result], tmp_path: Path
) -> None:
    [(path, _)] = write_tables(engine, [Choice(What.FINDINGS)], Form.CSV, tmp_path / "f.csv")
    assert path.read_bytes() == (first[0] / "out" / "data" / "findings.csv").read_bytes()
    write_tables(engine, [Choice(what, "BLU") for what in What], Form.CSV, tmp_path / "blu")
    share = {what: rows(tmp_path / "blu" / f"{what}.csv") for what in What}
    held = {row["record_id"] for row in share[What.RECORDS]}
    assert held and all("BLU" in row["library"].split(";") for row in share[What.RECORDS])
    assert {row["library"] for row in share[What.FINDINGS]} == {"BLU"}
    assert all(held & {row["left"], row["right"]} for row in share[What.PAIRS])
    groups: dict[str, set[str]] = {}
    for row in share[What.GROUPS]:
        groups.setdefault(row["group_id"], set()).add(row["record_id"])
    assert groups and all(members & held and len(members) > 1 for members in groups.values())


def test_records_are_copied_byte_for_byte_from_iso_2709(engine: DuckEngine, marc: Path, tmp_path: Path) -> None:
    made = write_marc(engine, RULES, Choice(What.RECORDS), tmp_path)
    assert not made.left_out
    query = 'SELECT source, file, "offset", length FROM record ORDER BY source, file, "offset"'
    wanted: dict[str, bytes] = {}
    for row in engine.read(query).to_pylist():
        if row["file"].endswith(".xml"):
            continue
        data = (marc / row["file"]).read_bytes()[row["offset"] : row["offset"] + row["length"]]
        wanted[row["source"]] = wanted.get(row["source"], b"") + data
    assert {path.name: path.read_bytes() for path in made.files if path.suffixes == [".mrc"]} == {
        f"{source}.mrc": data for source, data in wanted.items()
    }
    assert sum(made.files.values()) == engine.read("SELECT count(*) AS n FROM record")["n"][0].as_py()


def test_records_of_other_containers_come_in_utf8_and_say_the_same(engine: DuckEngine, tmp_path: Path) -> None:
    write_marc(engine, RULES, Choice(What.RECORDS), tmp_path)
    data = (tmp_path / "MYU.converted.mrc").read_bytes()
    spots, at = [], 0
    for number, piece in enumerate(data.split(b"\x1d")[:-1]):
        spots.append(Spot(str(number), at, len(piece) + 1, "utf-8"))
        at += len(piece) + 1
    read = [whole for _, whole in read_many(tmp_path / "MYU.converted.mrc", "", spots, left_out(RULES))]
    stored = engine.read("SELECT fingerprint FROM record WHERE source = 'MYU' ORDER BY \"offset\"")
    assert [whole.fingerprint for whole in read if whole] == stored["fingerprint"].to_pylist()


@pytest.fixture
def own(dedup: Cli, marc: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A folder with two sources, one of them packed, and a run over it."""
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(marc / "BLU.iso", folder / "BLU.iso")
    with gzip.open(folder / "QSU.iso.gz", "wb") as packed:
        packed.write((marc / "QSU.iso").read_bytes())
    words = ("--db", tmp_path / "c.duckdb", "--out", tmp_path / "out", "--no-reports")
    assert dedup("run", folder, *words).returncode == 0
    return folder, tmp_path / "c.duckdb"


def test_a_packed_file_is_copied_too_and_what_was_changed_since_is_named(
    dedup: Cli, own: tuple[Path, Path], marc: Path, tmp_path: Path
) -> None:
    folder, database = own
    words = ("--what", "records", "--library", "BLU", "--format", "marc", "--out", tmp_path / "one.mrc")
    alone = dedup("export", "--db", database, *words)
    assert (alone.returncode, alone.stdout.partition(":")[0]) == (0, str(tmp_path / "one.mrc")), alone.stderr
    whole = (marc / "BLU.iso").read_bytes()
    # One record says something else now, another has another number: neither is what the run read.
    changed = whole.replace("追风筝的人".encode(), "追纸鸢的人".encode(), 1).replace(b"b2003", b"b9003", 1)
    assert len(changed) == len(whole) and changed != whole
    (folder / "BLU.iso").write_bytes(changed)
    result = dedup("export", "--db", database, "--format", "marc", "--out", tmp_path / "m")
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert "2 records left out, its file was changed since the run: BLU/b2001, BLU/b2003" in result.stderr
    written = (tmp_path / "m" / "BLU.mrc").read_bytes()
    assert "追纸鸢".encode() not in written and b"b9003" not in written and b"b2002" in written
    [packed] = [path for path in (tmp_path / "m").iterdir() if path.name.startswith("QSU")]
    records = packed.read_bytes().split(b"\x1d")
    assert len(records) > 30 and all(record in (marc / "QSU.iso").read_bytes() for record in records)
    (folder / "QSU.iso.gz").unlink()
    result = dedup("export", "--db", database, "--format", "marc", "--out", tmp_path / "n")
    assert result.returncode == 2 and "its file is not there any more" in result.stderr


def test_what_cannot_be_done_is_told(dedup: Cli, first: tuple[Path, Result], tmp_path: Path) -> None:
    base = ("export", "--db", first[0] / "c.duckdb")
    for words, told in (
        (("--format", "csv", "--out", tmp_path / "x.csv"), "choose one table with --what"),
        (("--format", "marc", "--out", tmp_path / "x.mrc"), "one file for records of"),
        (("--format", "csv", "--library", "BLX", "--out", tmp_path), "did you mean 'BLU'"),
        (("--format", "parquet", "--out", first[0] / "c.duckdb"), "name another --out"),
    ):
        result = dedup(*base, *words)
        assert result.returncode == 2 and told in result.stderr and "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())
