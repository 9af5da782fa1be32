"""Replies become rows of the log, which is only ever added to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engine.duck import DuckEngine
from dedup.errors import StoreError
from dedup.report.keys import seal
from dedup.review.log import take_replies
from dedup.rules import RuleSet, load_rules
from tests.review.conftest import report

G, H, SAME = "G" + "A" * 12, "G" + "B" * 12, "G" + "C" * 12
FINDINGS = [
    ("2026-01", G, "A/1", "same"), ("2026-01", G, "A/2", "same"), ("2026-01", G, "A/3", "same"),
    ("2026-01", H, "A/4", "repair"), ("2026-01", H, "A/5", "repair"),
    ("2026-02", G, "A/1", "same"), ("2026-02", G, "A/2", "same"),
    ("2026-02", "J", "A/9", "junk"),
]  # fmt: skip


def csv_file(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(("key,处理结果,完成日期,备注", *lines)) + "\n", encoding="utf-8-sig")
    return path


def log(engine: DuckEngine) -> list[dict[str, Any]]:
    return list(engine.read("SELECT * FROM judgement ORDER BY id").to_pylist())


def ends(engine: DuckEngine) -> set[tuple[str, str]]:
    return {(row["left_record"], row["right_record"]) for row in log(engine)}


def test_an_answer_is_about_its_record_beside_every_other_of_the_finding(
    reported: Callable[..., DuckEngine], rules: RuleSet, tmp_path: Path
) -> None:
    engine = reported(*FINDINGS)
    path = csv_file(tmp_path, "a.csv", f"{seal(G + '|A/2', 'NKU', '2026-01')},非重复,,")
    [taken] = take_replies(engine, rules, [path], by="李")
    assert (taken.rows, taken.answers, taken.refused) == (1, {"different": 1}, ())
    assert ends(engine) == {("A/2", "A/1"), ("A/2", "A/3")}
    [one, other] = log(engine)
    assert {one["left_identity"], one["left_content"]} == {1, 101} and one["by"] == other["by"] == "李"


def test_an_answer_is_about_the_month_it_was_asked_in_and_without_one_about_the_latest(
    reported: Callable[..., DuckEngine], rules: RuleSet, tmp_path: Path
) -> None:
    engine = reported(*FINDINGS)
    take_replies(engine, rules, [csv_file(tmp_path, "a.csv", f"{G}|A/2,非重复,,")])
    assert {(row["period"], row["right_record"], row["left_identity"]) for row in log(engine)} == {
        ("2026-02", "A/1", 6)
    }


def test_a_record_without_title_is_answered_for_itself(
    reported: Callable[..., DuckEngine], rules: RuleSet, tmp_path: Path
) -> None:
    engine = reported(*FINDINGS)
    take_replies(engine, rules, [csv_file(tmp_path, "a.csv", "J|A/9,deleted,,")])
    [row] = log(engine)
    assert (row["left_record"], row["right_record"], row["right_identity"]) == ("A/9", "", None)


def test_a_doubt_about_one_of_two_duplicates_is_one_about_both_and_tears_them_not_apart(
    reported: Callable[..., DuckEngine], rules: RuleSet, tmp_path: Path
) -> None:
    engine = reported(
        *(("2026-01", G, record, "review") for record in ("A/1", "A/2", "A/3")),
        *(("2026-01", SAME, record, "same") for record in ("A/1", "A/2")),
    )
    take_replies(engine, rules, [csv_file(tmp_path, "a.csv", f"{G}|A/1,非重复,,")])
    assert ends(engine) == {("A/1", "A/3"), ("A/2", "A/3")}


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (f"{H}|A/1", "an answer about A/1 in GBBBBBBBBBBBB"),
        ("J|A/1", "an answer about A/1 in J"),
        (seal(f"{G}|A/3", "NKU", "2025-12"), "the finding stands in 2026-01"),
    ],
)
def test_a_row_that_was_never_reported_is_refused_by_name(
    reported: Callable[..., DuckEngine], rules: RuleSet, tmp_path: Path, key: str, says: str
) -> None:
    engine = reported(*FINDINGS)
    path = csv_file(tmp_path, "a.csv", f"{key},非重复,,", f"{H}|A/4,已修改,,")
    [taken] = take_replies(engine, rules, [path])
    [refusal] = taken.refused
    assert says in str(refusal) and refusal.place == "line 2"
    assert ends(engine) == {("A/4", "A/5")}


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_it(
    reported: Callable[..., DuckEngine], rules: RuleSet, tmp_path: Path
) -> None:
    engine = reported(*FINDINGS)
    good = csv_file(tmp_path, "a.csv", f"{G}|A/2,merged,,")
    lost, taken = take_replies(engine, rules, [tmp_path / "none.csv", good])
    assert lost.rows == 0 and "none.csv" in str(lost.refused[0]) and taken.rows == 1


def test_without_reports_there_is_nothing_to_answer(engine: DuckEngine, rules: RuleSet, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="repeat `dedup run`"):
        take_replies(engine, rules, [csv_file(tmp_path, "a.csv")])


WORDS = ("已合并", "已修改", "已删除", "非重复", "待查")
LINES = st.tuples(
    st.sampled_from([f"{G}|A/1", f"{G}|A/2", f"{H}|A/4", f"{H}|A/5", "J|A/9", f"{H}|A/1"]),
    st.sampled_from(WORDS), st.sampled_from(["", "2026-02-03"]), st.sampled_from(["", "看过书"]),
).map(",".join)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(LINES, max_size=4), min_size=1, max_size=3), st.randoms())
def test_the_order_of_replies_and_reading_them_twice_change_nothing(files: list[list[str]], random: Any) -> None:
    rules = load_rules()

    def read(order: list[Path], at_once: bool) -> list[dict[str, Any]]:
        engine = DuckEngine(threads=1)
        try:
            report(engine, *FINDINGS)
            for some in [order] if at_once else [[path] for path in order]:
                take_replies(engine, rules, some)
            found = log(engine) if engine.has("judgement") else []
        finally:
            engine.close()
        return [{name: value for name, value in row.items() if name != "entered"} for row in found]

    with tempfile.TemporaryDirectory() as folder:
        paths = [csv_file(Path(folder), f"{number}.csv", *lines) for number, lines in enumerate(files)]
        once = read(paths, at_once=True)
        turned = paths * 2
        random.shuffle(turned)
        assert read(turned, at_once=False) == once
