"""`dedup replies` and `dedup stats` as a centre uses them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup import store
from dedup.report.keys import seal
from tests.commands.conftest import Result

Cli = Callable[..., Result]
PERIOD = "2024-08"


@pytest.fixture
def place(first: tuple[Path, Result], tmp_path: Path) -> Path:
    """A copy of the first run, to answer."""
    shutil.copy(first[0] / "c.duckdb", tmp_path / "c.duckdb")
    return tmp_path


def findings(place: Path, verdict: str) -> list[tuple[str, str]]:
    """Group and a record of it, for each group of a verdict."""
    engine = store.opened(place / "c.duckdb")
    try:
        query = "SELECT group_id, max(record_id) AS r FROM reported WHERE verdict = $verdict GROUP BY 1 ORDER BY 1"
        return [(row["group_id"], row["r"]) for row in engine.read(query, {"verdict": verdict}).to_pylist()]
    finally:
        engine.close()


def reply(place: Path, name: str, *lines: str) -> Path:
    (place / name).write_text("\n".join(("key,处理结果,完成日期,备注", *lines)) + "\n", encoding="utf-8-sig")
    return place / name


def sealed(finding: tuple[str, str]) -> str:
    return seal("|".join(finding), "BLU", PERIOD)


def test_answers_are_taken_and_the_next_run_heeds_them(dedup: Cli, marc: Path, place: Path) -> None:
    same = findings(place, "same")
    path = reply(place, "BLU.csv", f"{sealed(same[0])},非重复,2024-09-03,", f"{sealed(same[1])},已合并,,")
    result = dedup("replies", path, "--db", place / "c.duckdb", "--by", "李老师")
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout == "BLU.csv: 2 answers (1 different, 1 merged); by 李老师\n"
    again = dedup("replies", path, "--db", place / "c.duckdb", "--by", "李老师")
    assert again.returncode == 0 and "2 of them in the log already" in again.stdout
    run = dedup("run", marc, "--db", place / "c.duckdb", "--out", place / "out", "--period", "2024-09")
    assert run.returncode == 0, run.stderr
    answers = next(line for line in run.stderr.splitlines() if line.startswith("answers"))
    followed = next(line for line in run.stderr.splitlines() if line.startswith("follow"))
    assert " answers -> " in answers and "1 said to be done and not done" in followed
    groups = (place / "out" / "data" / "groups.csv").read_text(encoding="utf-8")
    assert same[0][0] not in groups and same[1][0] in groups
    pairs = (place / "out" / "data" / "pairs.csv").read_text(encoding="utf-8")
    [judged] = [line for line in pairs.splitlines() if ",judged," in line]
    assert "李老师" in judged
    left, right = judged.split(",")[:2]
    told = dedup("explain", left, right, "--db", place / "c.duckdb", "--lang", "en")
    assert "people said that they are no duplicates" in told.stdout and "李老师" in told.stdout
    told = dedup("explain", left, right, "--db", place / "c.duckdb", "--format", "json")
    assert json.loads(told.stdout)["agrees_with_stored"] is True


def test_what_is_not_taken_is_named_and_the_rest_is(dedup: Cli, place: Path) -> None:
    same = findings(place, "same")
    path = reply(
        place, "BLU.csv", f"{sealed(same[0])}x,非重复,,", f"{sealed(same[1])},随便,,", f"{sealed(same[2])},待查,,"
    )
    result = dedup("replies", path, place / "none.xlsx", "--db", place / "c.duckdb")
    assert result.returncode == 2 and "BLU.csv: 1 answers (1 unsure); 2 not taken; by BLU" in result.stdout
    assert "not taken: BLU.csv: line 2: found the key" in result.stderr
    assert "not taken: BLU.csv: line 3: found the answer '随便'" in result.stderr
    assert "none.xlsx" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("content", [None, "dear colleagues\n", "key,处理结果,完成日期,备注\nX|1,非重复,,\n"])
def test_when_nothing_could_be_read_the_exit_code_is_two(dedup: Cli, place: Path, content: str | None) -> None:
    if content is not None:
        (place / "a.csv").write_text(content, encoding="utf-8")
    result = dedup("replies", place / "a.csv", "--db", place / "c.duckdb")
    assert result.returncode == 2 and "not taken: a.csv" in result.stderr


def test_a_report_that_nobody_answered_is_no_fault(dedup: Cli, place: Path) -> None:
    path = reply(place, "BLU.csv", f"{sealed(findings(place, 'same')[0])},,,")
    result = dedup("replies", path, "--db", place / "c.duckdb")
    assert (result.returncode, result.stdout) == (0, "BLU.csv: 0 answers; 1 rows without an answer\n")


@pytest.mark.parametrize("words", [["replies", "a.csv"], ["stats"]])
def test_before_the_first_run_there_is_nothing_to_answer_or_to_count(
    dedup: Cli, tmp_path: Path, words: list[str]
) -> None:
    result = dedup(*words, "--db", tmp_path / "c.duckdb", cwd=tmp_path)
    assert result.returncode == 2 and "start with `dedup run`" in result.stderr


def test_the_counts_are_those_of_the_findings(dedup: Cli, first: tuple[Path, Result]) -> None:
    """Of each library: the findings in which it has something to do, groups and records without a title."""
    result = dedup("stats", "--db", first[0] / "c.duckdb", "--format", "csv")
    assert result.returncode == 0 and result.stderr == ""
    found: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(result.stdout)):
        assert (row["period"], row["repeated"], row["solved"], row["answered"]) == (PERIOD, "0", "0", "0")
        found[row["library"]] = found.get(row["library"], 0) + int(row["new"])
    data = first[0] / "out" / "data"
    wanted: dict[str, set[str]] = {"": set()}
    with (data / "findings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["action"] not in ("keep", "leave"):
                wanted.setdefault(row["library"], set()).add(row["group_id"])
    with (data / "groups.csv").open(encoding="utf-8", newline="") as file:
        wanted[""] |= {row["group_id"] for row in csv.DictReader(file)}
    with (data / "junk.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for library in ("", *row["responsible"].split(";")):
                wanted.setdefault(library, set()).add(row["record_id"])
    assert found == {library: len(names) for library, names in wanted.items()}


def test_counts_are_told_to_people_and_to_programs(dedup: Cli, first: tuple[Path, Result]) -> None:
    database = first[0] / "c.duckdb"
    told = dedup("stats", "--db", database, "--lang", "zh").stdout
    assert "月份" in told and PERIOD in told and "D12 未查重或查重不到位" in told and "QSU" in told
    rows = json.loads(
        dedup("stats", "--db", database, "--format", "json", "--library", "BLU", "--period", PERIOD).stdout
    )
    assert rows and {row["library"] for row in rows} == {"BLU"}
    assert list(rows[0]) == ["period", "library", "cause", "new", "repeated", "solved", "answered"]


@pytest.mark.parametrize(
    ("words", "says"), [(("--library", "BLX"), "did you mean"), (("--period", "2031-01"), f"such as {PERIOD}")]
)
def test_a_month_or_library_without_findings_is_told(
    dedup: Cli, first: tuple[Path, Result], words: tuple[str, str], says: str
) -> None:
    result = dedup("stats", "--db", first[0] / "c.duckdb", *words)
    assert result.returncode == 2 and says in result.stderr
