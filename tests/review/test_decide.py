"""What a person decides about two records goes before the machine, as long as the records are what they were."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dedup import store
from dedup.errors import InputError, StoreError
from dedup.explain import explain
from dedup.model import Verdict
from dedup.review.decide import Decided, Entry, Word, decide, moment, undo
from dedup.review.decisions import export_decisions, import_decisions, list_decisions
from dedup.rules import RuleSet
from tests.review import catalogue
from tests.review.catalogue import book, groups, month, rows, whole


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, rules: RuleSet) -> Path:
    """Two libraries with the same five books, after a run."""
    place = tmp_path_factory.mktemp("begun")
    catalogue.run(place, month(place / "in", whole()), "2026-01", rules)
    return place


@pytest.fixture
def place(begun: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, to be changed."""
    for path in ("c.duckdb",):
        (tmp_path / path).write_bytes((begun / path).read_bytes())
    month(tmp_path / "in", whole())
    yield tmp_path


def say(place: Path, left: str, right: str, decided: str, rules: RuleSet, **word: str) -> Entry:
    with store.amending(place / "c.duckdb") as engine:
        said = Word(Decided(decided), word.get("by", "王"), word.get("note", ""))
        return decide(engine, rules, (left, right), said)


def again(place: Path, rules: RuleSet, period: str = "2026-02") -> None:
    catalogue.run(place, place / "in", period, rules)


def verdict(place: Path, left: str, right: str) -> dict[str, Any]:
    query = f"""SELECT j.* FROM judged j JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right"
    WHERE list_sort([a.record_id, z.record_id]) = ['{left}', '{right}']"""
    [row] = rows(place, query)
    return row


def states(place: Path, rules: RuleSet) -> list[str]:
    with catalogue.opened(place) as engine:
        return [one.state for one in list_decisions(engine, rules)]


def agreed(place: Path, left: str, right: str, rules: RuleSet) -> Verdict:
    """What `dedup explain` says, which must be what the run stored."""
    with catalogue.opened(place) as engine:
        about = explain(engine, rules, (left, right))
    assert about.stored is not None and not about.differences
    return about.verdict


def test_a_yes_brings_two_records_together_that_nothing_proposed(place: Path, rules: RuleSet) -> None:
    entry = say(place, "NKU/1", "TJU/2", "same", rules, note="同一书 / 手工核对")
    assert entry.before == "" and (entry.left, entry.right) == ("NKU/1", "TJU/2")
    again(place, rules)
    row = verdict(place, "NKU/1", "TJU/2")
    assert (row["verdict"], row["row"], row["veto"], row["score"]) == ("same", "judged", "", 1.0)
    day = entry.when[:10]
    zh, en = row["reason"].split(" / ")
    assert zh == f"经人工判定为重复（王，{day}）：同一书/手工核对" and en.startswith(
        "judged by people to be duplicates (王, "
    )
    assert agreed(place, "NKU/1", "TJU/2", rules) is Verdict.SAME
    assert {"NKU/1", "TJU/2"} in groups(place).values() or any(
        {"NKU/1", "TJU/2"} <= one for one in groups(place).values()
    )


def test_what_stands_against_a_yes_is_named(place: Path, rules: RuleSet) -> None:
    """NKU/1 and TJU/1 are one book, NKU/2 and TJU/2 another: of four records no two books may come together."""
    say(place, "NKU/1", "TJU/2", "same", rules)
    again(place, rules)
    together = next(one for one in groups(place).values() if "NKU/1" in one)
    assert together == {"NKU/1", "TJU/2"}
    refused = rows(place, "SELECT c.* FROM conflict c")
    assert refused, "the pairs of the machine that were given up are rows of conflict"
    named = {name for row in refused for name in (row["because_left"], row["because_right"])}
    assert None not in named


def test_a_no_keeps_apart_what_the_machine_would_merge_and_a_doubt_is_shown(place: Path, rules: RuleSet) -> None:
    say(place, "NKU/1", "TJU/1", "different", rules)
    say(place, "TJU/2", "NKU/2", "review", rules)
    again(place, rules)
    assert not any("NKU/1" in one or "NKU/2" in one for one in groups(place).values())
    assert agreed(place, "NKU/1", "TJU/1", rules) is Verdict.DIFFERENT
    assert agreed(place, "NKU/2", "TJU/2", rules) is Verdict.REVIEW
    review = "SELECT r.record_id FROM member m JOIN record r ON r.rid = m.rid WHERE m.verdict = 'review'"
    assert {"NKU/2", "TJU/2"} <= {row["record_id"] for row in rows(place, review)}


def test_the_later_word_counts_whoever_says_it(place: Path, rules: RuleSet) -> None:
    for decided, by in (("different", "王"), ("review", "李"), ("same", "张")):
        say(place, "NKU/1", "TJU/1", decided, rules, by=by)
    assert states(place, rules) == ["overruled", "overruled", "standing"]
    again(place, rules)
    assert verdict(place, "NKU/1", "TJU/1")["verdict"] == "same"


def test_undoing_restores_what_was_before_and_takes_nothing_out_of_the_log(place: Path, rules: RuleSet) -> None:
    again(place, rules)
    before = rows(place, "SELECT * FROM judged ORDER BY ALL"), groups(place)
    first = say(place, "NKU/1", "TJU/1", "different", rules)
    second = say(place, "NKU/1", "TJU/1", "review", rules, by="李")
    with store.amending(place / "c.duckdb") as engine:
        undo(engine, second.id[:8], "李", "wrong book")
    assert states(place, rules) == ["standing", "undone", ""]
    again(place, rules)
    assert verdict(place, "NKU/1", "TJU/1")["verdict"] == "different"
    with store.amending(place / "c.duckdb") as engine:
        undo(engine, first.id, "王")
        with pytest.raises(InputError, match="undone already"):
            undo(engine, first.id, "王")
    again(place, rules)
    assert (rows(place, "SELECT * FROM judged ORDER BY ALL"), groups(place)) == before
    assert states(place, rules) == ["undone", "undone", "", ""]


def test_a_word_lapses_when_a_judged_record_is_changed_and_the_report_says_so(place: Path, rules: RuleSet) -> None:
    say(place, "NKU/1", "TJU/2", "same", rules, note="核对过")
    say(place, "NKU/3", "TJU/3", "different", rules)
    changed = whole()
    changed["NKU"][0] = book(1, "NKU", pages=400)
    changed["NKU"][2] = book(3, "NKU", note="a note is no part of what a book is")
    month(place / "in", changed)
    again(place, rules)
    assert states(place, rules) == ["lapsed", "standing"]
    assert not any({"NKU/1", "TJU/2"} <= one for one in groups(place).values())
    told = rows(place, "SELECT a.*, r.record_id FROM answered a JOIN record r ON r.rid = a.rid WHERE state = 'lapsed'")
    assert {row["record_id"] for row in told} == {"NKU/1", "TJU/2"} and told[0]["note"] == "核对过"
    assert [row["changed"] for row in told if row["record_id"] == "NKU/1"] == [True]
    assert {row["answer"] for row in told} == {"same"} and set(told[0]["libraries"]) == {"NKU", "TJU"}


def test_a_word_about_a_record_that_is_gone_waits_for_it(place: Path, rules: RuleSet) -> None:
    say(place, "NKU/1", "TJU/1", "different", rules)
    less = whole()
    month(place / "in", {**less, "NKU": less["NKU"][1:]})
    again(place, rules)
    assert states(place, rules) == ["gone"]
    month(place / "in", less)
    again(place, rules, "2026-03")
    assert states(place, rules) == ["standing"] and verdict(place, "NKU/1", "TJU/1")["verdict"] == "different"


def test_records_are_named_as_in_explain_and_the_unknown_is_told(place: Path, rules: RuleSet) -> None:
    with pytest.raises(InputError, match="no such record"):
        say(place, "NKU/1", "TJU/777", "same", rules)
    with pytest.raises(InputError, match="2 records with that control number"):
        say(place, "1", "TJU/2", "same", rules)
    with pytest.raises(InputError, match="one record, twice"):
        say(place, "99", "TJU/99", "same", rules)
    with pytest.raises(InputError, match="--by"):
        say(place, "NKU/1", "TJU/1", "same", rules, by=" ")
    assert say(place, "99", "TJU/1", "review", rules).left == "TJU/1"
    assert rows(place, "SELECT count(*) AS n FROM judgement") == [{"n": 1}]


def test_only_a_decision_that_is_named_clearly_is_undone(place: Path, rules: RuleSet) -> None:
    entry = say(place, "NKU/1", "TJU/1", "same", rules)
    with store.amending(place / "c.duckdb") as engine:
        for wrong in ("", entry.id[:2], "zzzz"):
            with pytest.raises(InputError, match="first letters"):
                undo(engine, wrong, "王")
        gone = undo(engine, entry.id, "王")
        with pytest.raises(InputError, match="decide once more"):
            undo(engine, gone.id, "王")


def test_a_clock_set_back_does_not_unsay_a_later_word() -> None:
    future = "2999-01-01T00:00:00Z"
    assert moment([future, "", "about noon"]) == "2999-01-01T00:00:00.000001Z"
    assert moment([]) <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def exported(place: Path, name: str = "log.csv") -> Path:
    text = io.StringIO()
    with catalogue.opened(place) as engine:
        export_decisions(engine, text)
    (place / name).write_text(text.getvalue(), encoding="utf-8", newline="")
    return place / name


def test_a_log_goes_out_and_in_whole_and_a_second_time_adds_nothing(
    place: Path, begun: Path, tmp_path: Path, rules: RuleSet
) -> None:
    say(place, "NKU/1", "TJU/1", "different", rules, note='a "quoted", note\nin two lines')
    undone = say(place, "NKU/2", "TJU/2", "review", rules)
    with store.amending(place / "c.duckdb") as engine:
        undo(engine, undone.id, "李")
    path = exported(place)
    other = tmp_path / "other"
    other.mkdir()
    (other / "c.duckdb").write_bytes((begun / "c.duckdb").read_bytes())
    with store.amending(other / "c.duckdb") as engine:
        assert (import_decisions(engine, rules, path).added, import_decisions(engine, rules, path).known) == (3, 3)
    assert exported(other).read_bytes() == path.read_bytes() and states(other, rules) == states(place, rules)


def test_rows_written_by_hand_are_decisions_of_today_and_faulty_ones_are_told(place: Path, rules: RuleSet) -> None:
    path = place / "hand.csv"
    lines = [
        "left,right,answer,by,note",
        "NKU/1,TJU/1,different,陈,",
        "NKU/2,TJU/2,Same,,",
        "NKU/1,TJU/777,same,陈,",
        "NKU/3,TJU/3,perhaps,陈,",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    with store.amending(place / "c.duckdb") as engine:
        first, second = (import_decisions(engine, rules, path, "王") for _ in range(2))
    assert (first.added, len(first.refused), second.added, second.known) == (2, 2, 0, 2)
    assert "line 4" in str(first.refused[0]) and "no such record" in str(first.refused[0])
    assert "line 5" in str(first.refused[1]) and "same, different, review" in str(first.refused[1])
    again(place, rules)
    assert verdict(place, "NKU/1", "TJU/1")["verdict"] == "different" and states(place, rules) == ["standing"] * 2


def test_an_exported_row_that_was_changed_is_not_taken(place: Path, rules: RuleSet) -> None:
    entry = say(place, "NKU/1", "TJU/1", "different", rules)
    path = exported(place)
    text = path.read_text(encoding="utf-8")
    with store.amending(place / "c.duckdb") as engine:
        for old, new in ((",different,", ",same,"), (entry.when, "yesterday"), ("0x", "gg")):
            path.write_text(text.replace(old, new), encoding="utf-8")
            [refused] = import_decisions(engine, rules, path).refused
            assert "line 2" in str(refused)
        path.write_text("left,right\n1,2\n", encoding="utf-8")
        with pytest.raises(InputError, match="no column 'answer'"):
            import_decisions(engine, rules, path)


def test_without_a_run_there_is_nothing_to_decide(engine: Any, rules: RuleSet) -> None:
    with pytest.raises(StoreError, match="repeat `dedup run`"):
        decide(engine, rules, ("A/1", "B/1"), Word(Decided.SAME, "王"))
