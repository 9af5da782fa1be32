from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dedup.errors import InputError
from dedup.pairwise import Judgement, Named, measure, read_pairs
from tests.commands.conftest import Result

Cli = Callable[..., Result]


def pairs_file(folder: Path, text: str) -> Path:
    path = folder / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_pair_is_judged_in_the_order_given(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    path = pairs_file(tmp_path, "left,right\nb2001,a1001\nQSU/a1001,YHU/y3001\na1001,BLU/b2001\n")
    result = dedup("judge", marc, "--pairs", path)
    assert result.returncode == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["left"], row["right"]) for row in rows] == [
        ("b2001", "a1001"),
        ("QSU/a1001", "YHU/y3001"),
        ("a1001", "BLU/b2001"),
    ]
    assert list(rows[0]) == ["left", "right", "verdict", "cause", "secondary", "score", "veto", "reason"]
    assert [row["verdict"] for row in rows] == ["same", "different", "same"]


def test_labels_are_measured_and_disagreements_listed(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    path = pairs_file(tmp_path, "left,right,label\nb2001,a1001,1\na1001,y3001,same\nb2001,y3001,different\n")
    result = dedup("judge", marc, "--pairs", path, "--out", tmp_path / "out" / "judged.csv")
    assert result.returncode == 0, result.stderr
    assert "3 labelled pairs: precision 1.0000, recall 0.5000, F1 0.6667" in result.stdout
    assert "a1001  y3001  label same, found different" in result.stdout
    assert (tmp_path / "out" / "judged.csv").read_text(encoding="utf-8").count("\n") == 4


def test_a_record_that_is_not_there_keeps_its_line_and_is_told(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    result = dedup("judge", marc, "--pairs", pairs_file(tmp_path, "left,right\nb2001,nowhere\nb2001,a1001\n"))
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["verdict"] for row in rows] == ["review", "same"] and "'nowhere'" in rows[0]["reason"]
    assert "not judged: b2001, nowhere" in result.stderr


def test_input_without_any_of_the_records_is_an_error(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    result = dedup("judge", marc, "--pairs", pairs_file(tmp_path, "left,right\nx,y\n"))
    assert result.returncode == 2 and "check INPUT" in result.stderr


def test_a_reader_that_goes_away_is_no_error(dedup: Cli, marc: Path, tmp_path: Path) -> None:
    path = pairs_file(tmp_path, "left,right\n" + "b2001,a1001\n" * 20_000)
    code = "from dedup.commands import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "judge", str(marc), "--pairs", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=marc.parent.parent,
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith(b"left,right")
    process.stdout.close()
    said = process.stderr.read().decode()
    assert process.wait(60) == 0 and "Traceback" not in said and "Exception" not in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "the columns"),
        ("left,right\n1,\n", "pairs.csv:2"),
        ("left,right,label\n1,2,1\n3,4,maybe\n", "pairs.csv:3"),
        ("", "add the header row"),
    ],
)
def test_a_faulty_pairs_file_names_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        read_pairs(pairs_file(tmp_path, text))
    assert says in str(error.value)


def test_a_pairs_file_from_excel_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert read_pairs(pairs_file(tmp_path, "\ufeffleft,right,label\n1,2,0\n")) == [Named("1", "2", "0")]


def verdict(label: str, found: str) -> Judgement:
    return Judgement(Named("a", "b", label), found, "", "", 0.5, "", "")


def test_doubt_is_neither_same_nor_a_mistake_in_precision() -> None:
    report = measure([verdict("1", "same"), verdict("1", "review"), verdict("0", "review"), verdict("0", "same")])
    assert report is not None
    assert (report.precision, report.recall, report.f1) == (0.5, 0.5, 0.5)
    assert [one.verdict for one in report.disagreements] == ["review", "same"]


def test_without_labels_there_is_nothing_to_measure() -> None:
    assert measure([verdict("", "same")]) is None
