"""What the benchmarks report is counted rightly."""

from __future__ import annotations

import sys
from pathlib import Path

import pymarc
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import agrees, disagreements, measure  # noqa: E402
from benchmarks.labelled import SETS, SHARED, LabelledPair, LabelledSet  # noqa: E402
from benchmarks.made.part import Plan  # noqa: E402
from benchmarks.made_truth import compare_run  # noqa: E402
from benchmarks.make_records import libraries, make_catalogue  # noqa: E402
from benchmarks.peers import plain_row, records  # noqa: E402

PAIRS = [
    LabelledPair(str(n), str(n + 1), label) for n, label in enumerate(("same", "same", "not same", "different", ""))
]


def test_review_is_neither_a_wrong_merge_nor_a_duplicate_found() -> None:
    one = measure(PAIRS, ["same", "review", "review", "same", "same"])
    assert (one.right, one.missed, one.wrong) == (1, 1, 1)
    assert one.precision == one.recall == one.f1 == 0.5


def test_not_same_is_met_by_every_other_verdict_but_a_full_verdict_only_by_itself() -> None:
    assert agrees(PAIRS[2], "review") and agrees(PAIRS[2], "repair") and not agrees(PAIRS[2], "same")
    assert agrees(PAIRS[3], "different") and not agrees(PAIRS[3], "repair")
    assert agrees(PAIRS[4], "same")


def test_a_right_verdict_for_a_wrong_cause_is_listed() -> None:
    pair = LabelledPair("A/1", "B/1", "same", "D06")
    labelled = LabelledSet("one", [], [pair], {"A/1": "200 $a围城"})
    judged = [{"left": "A/1", "right": "B/1", "verdict": "same", "cause": "D12"}]
    (row,) = disagreements(labelled, judged)
    assert (row["expected_cause"], row["cause"], row["left_record"]) == ("D06", "D12", "200 $a围城")
    assert disagreements(labelled, [{**judged[0], "cause": "D06"}]) == []


@pytest.mark.parametrize("name", sorted(SETS.keys() - {"hathitrust"}))
def test_every_labelled_pair_names_records_that_are_written(name: str, tmp_path: Path) -> None:
    if name != "fixtures" and not SHARED.is_dir():
        pytest.skip("the labelled pairs are not beside the checkout")
    labelled = SETS[name](tmp_path)
    assert labelled.pairs
    assert {side for pair in labelled.pairs for side in (pair.left, pair.right)} <= set(labelled.shown)
    assert all(path.exists() for path in labelled.inputs)


def test_wrong_merges_are_counted_by_what_the_books_are(tmp_path: Path) -> None:
    truth, data = tmp_path / "truth", tmp_path / "data"
    truth.mkdir()
    data.mkdir()
    told = ["A/1,B/1,same,D06,reprint", "A/2,B/2,same,D01,isbn forms", "A/3,B/3,different,,next edition"]
    told.append("A/4,B/4,structure,D03,set and volume")
    (truth / "truth_pairs.csv").write_text("\n".join(["left,right,verdict,cause,kind", *told]) + "\n", encoding="utf-8")
    groups = [
        "g1,same,D06,A/1",
        "g1,same,D06,B/1",
        "g2,same,D12,A/3",
        "g2,same,D12,B/3",
        "g3,same,D12,A/8",
        "g3,same,D12,A/9",
    ]
    (data / "groups.csv").write_text("\n".join(["group_id,verdict,cause,record_id", *groups]) + "\n", encoding="utf-8")
    (data / "pairs.csv").write_text("left,right,verdict\nB/4,A/4,structure\n", encoding="utf-8")
    (data / "junk.csv").write_text("record_id\n", encoding="utf-8")
    figures = compare_run(truth, data, tmp_path / "out.csv")
    assert (figures["wrong"], figures["missed"]) == (2, 1)
    assert figures["precision"] == pytest.approx(1 / 3) and figures["recall"] == 0.5
    assert figures["wrong_by_kind"] == {"next edition": 1, "unrelated books": 1}
    assert figures["verdicts"]["structure D03"] == "1 of 1"
    assert figures["verdicts"]["different next edition"] == "0 of 1"
    assert figures["causes"] == {"D06 -> D06": 1}
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 4


def test_the_plain_peer_takes_title_number_and_year_from_both_formats(tmp_path: Path) -> None:
    make_catalogue(Plan(3, 300, libraries(4, "utf-8")), tmp_path, 1)
    rows = [plain_row(row) for row in records(tmp_path / "marc", pymarc.MARCReader)]
    assert len(rows) == 300
    assert all(row["title"] and row["publisher"] and len(row["isbn"]) in {0, 9} for row in rows)
    assert sum(row["isbn"] != "" for row in rows) > 200
    assert {row["unique_id"][0] for row in rows} == {"C", "M"}


def test_the_middle_of_three_rounds_counts_for_the_whole_and_for_each_stage() -> None:
    speed = pytest.importorskip(
        "benchmarks.speed", reason="psutil (extra `lab`) is not installed", exc_type=ImportError
    )
    rounds = [speed.Figure(s, 2 * s, 9.0, {"load": {"seconds": s, "rows_in": 5}}) for s in (9.0, 1.0, 2.0)]
    middle = speed.median_of(rounds)
    assert (middle.seconds, middle.cpu_seconds) == (2.0, 4.0)
    assert middle.stages == {"load": {"seconds": 2.0, "rows_in": 5}}


def test_a_contender_that_fails_is_named_with_its_last_words() -> None:
    speed = pytest.importorskip(
        "benchmarks.speed", reason="psutil (extra `lab`) is not installed", exc_type=ImportError
    )
    with pytest.raises(RuntimeError, match="ended with 3: no such catalogue"):
        speed.run_command([sys.executable, "-c", "import os; os.write(2, b'no such catalogue'); os._exit(3)"])
    figure, out = speed.run_command([sys.executable, "-c", "print('done')"])
    assert out == "done\n" and figure.seconds > 0
