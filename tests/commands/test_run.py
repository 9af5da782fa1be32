from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dedup.pipeline import STAGES
from dedup.stages.export import FILES
from tests.commands.conftest import Result

HEADS = {
    "groups.csv": "group_id,verdict,cause,secondary,flags,record_id,keep,confidence,library,reason,"
    "responsible,action,correction_zh,correction_en",
    "findings.csv": "library,group_id,verdict,cause,record_id,action,correction_zh,correction_en",
    "pairs.csv": "left,right,verdict,cause,secondary,score,veto,reason",
    "junk.csv": "record_id,code,has_holdings,rescue_record_id,rescue_key,library,reason,responsible,correction_zh,"
    "correction_en",
    "records.csv": "record_id,code,field,found,expected,library,reason,severity,correction_zh,correction_en",
    "quarantine.csv": "source,file,offset,length,reason",
    "regrouped.csv": "group_id,was,kind,verdict,records",
    "ledger.csv": "source,file,bytes,record_bytes,quarantined_bytes,padding_bytes,records,loaded,quarantined",
}
PARTS = [".made.tsv", "centre.xlsx", "data", "index.html", "libraries"]
DIRTY = b"this is no record at all, only noise\x1d"

Cli = Callable[..., Result]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(out: Path) -> dict[str, bytes]:
    """Every data file but summary.json, which holds seconds."""
    files = [path for path in (out / "data").rglob("*") if path.is_file() and path.name != "summary.json"]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_every_file_has_the_columns_of_the_contract(first: tuple[Path, Result]) -> None:
    data = first[0] / "out" / "data"
    assert set(FILES) == set(HEADS)
    for name, head in HEADS.items():
        assert (data / name).read_text(encoding="utf-8").splitlines()[0] == head


def test_results_stand_on_standard_output_and_the_progress_on_the_other(first: tuple[Path, Result]) -> None:
    result = first[1]
    assert "records in 6 files" in result.stdout and "条记录" in result.stdout
    # A stage that takes some seconds also says `NAME: 40% after 5 s`.
    names = [line.split()[0] for line in result.stderr.splitlines()]
    assert [name for name in names if not name.endswith(":")] == [*(name for name, _ in STAGES), "packages"]


def test_data_files_alone_can_be_asked_for(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    words = ("--db", tmp_path / "c.duckdb", "--out", tmp_path / "out", "--no-reports")
    assert dedup("run", marc / "QSU.iso", *words).returncode == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["data"]


def test_reports_speak_the_language_asked_for(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    words = ("--db", tmp_path / "c.duckdb", "--out", tmp_path / "out", "--lang", "en")
    assert dedup("run", marc / "QSU.iso", *words).returncode == 0
    assert "Merge" in load_workbook(tmp_path / "out" / "centre.xlsx", read_only=True).sheetnames


def test_the_ledger_accounts_for_every_byte_and_record(first: tuple[Path, Result], marc: Path) -> None:
    ledger = rows(first[0] / "out" / "data" / "ledger.csv")
    assert {row["file"]: int(row["bytes"]) for row in ledger} == {
        path.name: path.stat().st_size for path in marc.iterdir()
    }
    for row in ledger:
        parts = sum(int(row[name]) for name in ("record_bytes", "quarantined_bytes", "padding_bytes"))
        assert int(row["bytes"]) == parts and int(row["records"]) == int(row["loaded"]) + int(row["quarantined"])


def test_a_group_of_duplicates_has_one_record_to_keep_and_a_record_is_in_one_such_group(
    first: tuple[Path, Result],
) -> None:
    groups = rows(first[0] / "out" / "data" / "groups.csv")
    same = [row for row in groups if row["verdict"] == "same"]
    assert same and max(Counter(row["record_id"] for row in same).values()) == 1
    kept = Counter(row["group_id"] for row in same if row["keep"] == "1")
    assert kept == dict.fromkeys({row["group_id"] for row in same}, 1)
    assert not [row for row in groups if row["verdict"] != "same" and row["keep"] == "1"]
    assert len({row["group_id"] for row in groups}) == len({(row["group_id"], row["verdict"]) for row in groups})


def test_the_groups_found_are_those_of_the_stories(first: tuple[Path, Result], marc: Path) -> None:
    """Expected groups of `same` must be found, but for the few that only a diagnosis can bring together."""

    def groups(path: Path, key: str) -> set[frozenset[str]]:
        found: dict[str, set[str]] = {}
        for row in rows(path):
            if row["verdict"] == "same":
                found.setdefault(row[key], set()).add(row["record_id"])
        return {frozenset(names) for names in found.values()}

    expected = groups(marc.parent / "expected" / "groups.csv", "group")
    found = groups(first[0] / "out" / "data" / "groups.csv", "group_id")
    assert not found - expected
    assert len(expected & found) >= 0.9 * len(expected)


def test_junk_is_told_with_the_record_that_rescues_it(first: tuple[Path, Result], marc: Path) -> None:
    found = rows(first[0] / "out" / "data" / "junk.csv")
    expected = rows(marc.parent / "expected" / "junk.csv")
    wanted = {(row["record_id"], row["has_holdings"], row["rescue_record_id"]) for row in expected}
    assert {(row["record_id"], row["has_holdings"], row["rescue_record_id"]) for row in found} == wanted


def test_the_summary_counts_what_the_files_hold(first: tuple[Path, Result]) -> None:
    data = first[0] / "out" / "data"
    summary = json.loads((data / "summary.json").read_text(encoding="utf-8"))
    assert summary["contract_version"] == 1 and summary["period"] == "2024-08"
    groups = rows(data / "groups.csv")
    assert summary["counts"]["records_in_groups"] == dict(Counter(row["verdict"] for row in groups))
    assert summary["counts"]["junk"] == len(rows(data / "junk.csv"))
    assert set(summary["libraries"]) == {"QSU", "BLU", "YHU", "LTU", "WSU", "MYU"}
    for stage in summary["stages"].values():
        assert set(stage) == {"seconds", "rows_in", "rows_out"}


def test_the_order_of_input_the_workers_and_hash_seeds_change_no_byte(
    dedup: Cli, marc: Path, first: tuple[Path, Result], tmp_path: Path
) -> None:
    turned = sorted(marc.iterdir(), reverse=True)
    result = dedup(
        "--threads", "1", "run", *turned, "--db", tmp_path / "c.duckdb", "--out", tmp_path / "out", PYTHONHASHSEED="7"
    )
    assert result.returncode == 0, result.stderr
    assert contents(tmp_path / "out") == contents(first[0] / "out")


def test_what_cannot_be_read_is_kept_with_its_bytes(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "BLU.iso").write_bytes((marc / "BLU.iso").read_bytes() + DIRTY)
    result = dedup("run", tmp_path / "in", "--db", tmp_path / "c.duckdb", "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    data = tmp_path / "out" / "data"
    [row] = rows(data / "quarantine.csv")
    assert (row["source"], row["file"], int(row["offset"])) == ("BLU", "BLU.iso", (marc / "BLU.iso").stat().st_size)
    kept = (data / "quarantine" / "BLU.bin").read_bytes()
    assert kept == DIRTY[: int(row["length"])] and int(rows(data / "ledger.csv")[0]["quarantined_bytes"]) == len(kept)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "no-such-folder"], "no such file or folder"),
        (["run"], "INPUT"),
        (["run", "fixtures/marc", "--period", "2024-13"], "YYYY-MM"),
        (["run", "fixtures/marc", "--config", "none.toml"], "none.toml"),
        (["--rules", "docs", "run", "fixtures/marc"], "no policy.toml"),
        (["run", "fixtures/marc", "--db", "README.md/x"], "README.md"),
        (["judge", "fixtures/marc", "--pairs", "none.csv"], "none.csv"),
        (["shelve"], "shelve"),
    ],
)
def test_an_error_is_clear_exits_with_two_and_shows_no_traceback(
    dedup: Cli, tmp_path: Path, words: list[str], says: str
) -> None:
    apart = ["--db", tmp_path / "c.duckdb", "--out", tmp_path / "out"] if "run" in words and "--db" not in words else []
    result = dedup(*words, *apart)
    assert result.returncode == 2 and says in result.stderr
    assert "Traceback" not in result.stderr and result.stdout == ""


def test_a_file_that_is_no_database_is_not_overwritten(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("my thesis")
    result = dedup("run", marc, "--db", tmp_path / "thesis.txt", "--out", tmp_path / "out")
    assert result.returncode == 2 and "a database that `dedup run` made" in result.stderr
    assert (tmp_path / "thesis.txt").read_text() == "my thesis" and not list((tmp_path / "out").glob("data"))


def test_a_failed_run_leaves_the_old_results_as_they_were(
    dedup: Cli, first: tuple[Path, Result], tmp_path: Path
) -> None:
    shutil.copytree(first[0], tmp_path / "copy")
    before = contents(tmp_path / "copy" / "out")
    words = ("run", "no-such-folder", "--db", tmp_path / "copy" / "c.duckdb", "--out", tmp_path / "copy" / "out")
    assert dedup(*words).returncode == 2
    assert contents(tmp_path / "copy" / "out") == before
    assert sorted(path.name for path in (tmp_path / "copy" / "out").iterdir()) == PARTS


def test_a_gbk_console_and_no_colour_are_no_obstacle(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    result = dedup(
        "run", marc / "QSU.iso", "--db", tmp_path / "c.duckdb", "--out", tmp_path / "é", PYTHONUTF8="0",
        PYTHONIOENCODING="gbk", NO_COLOR="1",
    )  # fmt: skip
    assert result.returncode == 0 and "\x1b" not in result.stdout + result.stderr


def test_the_version_is_told(dedup: Cli) -> None:
    assert dedup("--version").stdout.startswith("dedup, version ")
