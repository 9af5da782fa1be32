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
from benchmarks.made_runs import together  # noqa: E402
from benchmarks.made_truth import compare_run, right_verdict  # noqa: E402
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


def run_and_truth(tmp_path: Path) -> tuple[Path, Path]:
    """A small truth and what a run said of it: one pair right, one missed, two wrong merges."""
    truth, data = tmp_path / "truth", tmp_path / "data"
    truth.mkdir()
    data.mkdir()
    told = ["A/1,B/1,same,D06,reprint,B,", "A/2,B/2,same,D01,isbn forms,B,", "A/3,B/3,different,,next edition,,"]
    told += ["A/4,B/4,structure,D03,set and volume,,", "A/5,B/5,review,,pages jump,,", "A/6,B/6,junk,D11,no title,B,"]
    head = "left,right,verdict,cause,kind,responsible,flags"
    (truth / "truth_pairs.csv").write_text("\n".join([head, *told]) + "\n", encoding="utf-8")
    records = ["A/6,no title,1,,", "B/6,no title,1,J02,A/6", "B/7,stub,2,J04;J03,"]
    (truth / "truth_records.csv").write_text(
        "\n".join(["record_id,kind,story,junk,rescue", *records]), encoding="utf-8"
    )
    groups = [
        "g1,same,D12,A/1,B",
        "g1,same,D12,B/1,B",
        "g2,same,D12,A/3,",
        "g2,same,D12,B/3,",
        "g3,same,D12,A/8,",
        "g3,same,D12,A/9,",
    ]
    head = "group_id,verdict,cause,record_id,responsible"
    (data / "groups.csv").write_text("\n".join([head, *groups]) + "\n", encoding="utf-8")
    judged = [
        "A/1,B/1,same,D06,",
        "B/4,A/4,structure,D03,",
        "A/5,B/5,review,,",
        "A/6,B/6,junk,D11,",
        "A/2,B/2,different,,title",
    ]
    (data / "pairs.csv").write_text("\n".join(["left,right,verdict,cause,veto", *judged]) + "\n", encoding="utf-8")
    junk = ["B/6,J03,A/6", "A/9,J01,"]
    (data / "junk.csv").write_text("\n".join(["record_id,code,rescue_record_id", *junk]) + "\n", encoding="utf-8")
    return truth, data


def test_wrong_merges_are_counted_by_what_the_books_are(tmp_path: Path) -> None:
    truth, data = run_and_truth(tmp_path)
    figures = compare_run(truth, data, tmp_path / "out.csv")
    assert (figures["wrong"], figures["missed"], figures["refused"]) == (2, 1, 1)
    assert figures["precision"] == pytest.approx(1 / 3, abs=1e-5) and figures["recall"] == 0.5
    assert figures["wrong_by_kind"] == {"next edition": 1, "unrelated books": 1}
    assert figures["lookalikes"] == {"pairs": 1, "merged": 1, "per_10000": 10_000.0}
    assert figures["kinds"]["different next edition"]["merged_per_10000"] == 10_000.0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").count("\n") == 4


def test_every_verdict_and_every_cause_is_counted_apart(tmp_path: Path) -> None:
    truth, data = run_and_truth(tmp_path)
    figures = compare_run(truth, data, tmp_path / "out.csv")
    recalls = {name: one["recall"] for name, one in figures["verdicts"].items()}
    assert recalls == {"different": 0.0, "junk": 1.0, "review": 1.0, "same": 0.5, "structure": 1.0}
    causes = figures["causes"]["each"]
    assert causes["D06"] == {"pairs": 1, "recall": 1.0, "cause_right": 1.0}
    assert causes["D01"]["recall"] == 0.0 and causes["D03"]["cause_right"] == 1.0
    assert figures["responsible"]["D06"] == "1 of 1"


def test_junk_is_counted_by_record_code_and_rescue(tmp_path: Path) -> None:
    truth, data = run_and_truth(tmp_path)
    junk = compare_run(truth, data, tmp_path / "out.csv")["junk"]
    assert (junk["records"], junk["precision"], junk["recall"]) == (2, 0.5, 0.5)
    assert (junk["code_right"], junk["rescue_found"], junk["missed"]) == (0.0, 1.0, {"J04;J03": 1})


def test_a_pair_for_the_book_in_hand_is_neither_to_be_merged_nor_passed_over() -> None:
    assert right_verdict("review", "review") and right_verdict("review", "repair")
    assert not right_verdict("review", "same") and not right_verdict("review", "different")
    assert right_verdict("different", "review") and not right_verdict("different", "same")
    assert not right_verdict("same", "review") and right_verdict("repair", "repair")


def test_seeds_are_put_together_by_their_mean_and_their_worst(tmp_path: Path) -> None:
    truth, data = run_and_truth(tmp_path)
    one = compare_run(truth, data, tmp_path / "out.csv")
    both = together([one, {**one, "recall": 1.0, "wrong": 0}])
    assert both["recall"] == 0.75 and both["wrong"] == 2 and both["lookalikes"]["pairs"] == 2
    assert both["lowest_recall"]["D01"] == 0.0


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
