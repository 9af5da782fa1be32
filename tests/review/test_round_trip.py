"""From a report to the answers and on to the next report."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dedup import store
from dedup.review.log import Taken, take_replies
from dedup.review.reading import read_replies
from dedup.rules import RuleSet
from tests.review.catalogue import answer, book, groups, junk, month, rows, run, whole, workbooks

FIRST, SECOND, THIRD = "2026-01", "2026-02", "2026-03"
SAID = {
    "TJU/1": ("非重复", "", "封面不同"),
    "TJU/2": ("已合并", "2026-02-03", ""),
    "TJU/3": ("已删除", "2026/2/4", ""),
    "TJU/4": ("已修改", "", ""),
    "TJU/5": ("待查", "", "书在外借"),
}


def take(place: Path, rules: RuleSet, *files: Path, by: str = "") -> list[Taken]:
    with store.amending(place / "c.duckdb") as engine:
        return take_replies(engine, rules, files, by)


@pytest.fixture(scope="module")
def sent(rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first month: a database, and a workbook for each library."""
    place = tmp_path_factory.mktemp("sent")
    run(place, month(place / FIRST / "in", whole()), FIRST, rules)
    workbooks(place, FIRST, rules)
    return place


@pytest.fixture
def place(sent: Path, tmp_path: Path) -> Path:
    """A copy of the first month, to go on from."""
    return Path(shutil.copytree(sent, tmp_path / "place"))


def test_five_pairs_and_a_record_without_title_are_reported_first(place: Path) -> None:
    assert set(groups(place).values()) == {frozenset({f"NKU/{n}", f"TJU/{n}"}) for n in range(1, 6)}
    assert rows(place, "SELECT count(*) AS n FROM junk") == [{"n": 1}]
    [all_together] = rows(
        place, "SELECT sum(new) AS n, sum(repeated + solved + answered) AS other FROM history WHERE library = ''"
    )
    assert (all_together["n"], all_together["other"]) == (6, 0)


def test_the_log_tells_who_said_what_of_which_record(place: Path, rules: RuleSet) -> None:
    [taken] = take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", SAID, saved_by="王老师"))
    assert taken.refused == () and taken.rows == 5 and taken.by == "王老师"
    log = {row["left_record"]: row for row in rows(place, "SELECT * FROM judgement")}
    told = {name: (row["answer"], row["done_on"], row["note"]) for name, row in log.items()}
    assert told == {
        "TJU/1": ("different", "", "封面不同"),
        "TJU/2": ("merged", "2026-02-03", ""),
        "TJU/3": ("deleted", "2026-02-04", ""),
        "TJU/4": ("corrected", "", ""),
        "TJU/5": ("unsure", "", "书在外借"),
    }
    assert {(row["by"], row["library"], row["period"], row["file"]) for row in log.values()} == {
        ("王老师", "TJU", FIRST, f"TJU-{FIRST}.xlsx")
    }
    assert log["TJU/1"]["right_record"] == "NKU/1" and log["TJU/1"]["answered"].startswith("20")


def test_the_second_reading_of_a_file_changes_nothing(place: Path, rules: RuleSet) -> None:
    path = answer(place / f"TJU-{FIRST}.xlsx", SAID)
    take(place, rules, path)
    before = rows(place, "SELECT * FROM judgement ORDER BY id")
    [again] = take(place, rules, Path(shutil.copy(path, place / "another name.xlsx")), by=f"TJU-{FIRST}")
    assert again.rows == again.known == 5
    assert rows(place, "SELECT * FROM judgement ORDER BY id") == before


def test_what_was_answered_is_gone_and_what_was_claimed_is_checked(place: Path, rules: RuleSet) -> None:
    take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", SAID | {"TJU/99": ("已删除",)}))
    # The next load: 三体 was merged as said and the record without title deleted; 活着 and 边城 are as they were.
    records = whole()
    records["TJU"] = [book(number, "TJU") for number in (1, 3, 4, 5)]
    run(place, month(place / SECOND / "in", records), SECOND, rules)
    assert set(groups(place).values()) == {frozenset({f"NKU/{n}", f"TJU/{n}"}) for n in (3, 4, 5)}
    claims = rows(place, "SELECT o.*, r.record_id FROM open_finding o JOIN record r ON r.rid = o.rid WHERE claim <> ''")
    assert {(row["record_id"], row["claim"], row["touched"], row["since"]) for row in claims} == {
        ("TJU/3", "deleted", False, FIRST),
        ("TJU/4", "corrected", False, FIRST),
        ("TJU/5", "unsure", False, FIRST),
    }
    assert {row["group_id"] for row in claims} == set(groups(place))
    answered = rows(place, "SELECT a.*, r.record_id FROM answered a JOIN record r ON r.rid = a.rid")
    assert {(row["record_id"], row["state"], row["note"]) for row in answered} == {
        ("TJU/1", "standing", "封面不同"),
        ("NKU/1", "standing", "封面不同"),
    }
    query = "SELECT sum(new) AS n, sum(repeated) AS r, sum(solved) AS s, sum(answered) AS a FROM history"
    [counts] = rows(place, f"{query} WHERE period = '{SECOND}' AND library = ''")
    assert counts == {"n": 0, "r": 3, "s": 2, "a": 1}


def test_a_confirmed_pair_stays_away_month_after_month_until_its_identity_changes(place: Path, rules: RuleSet) -> None:
    take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", {"TJU/1": ("非重复",)}))
    pair = frozenset({"NKU/1", "TJU/1"})
    run(place, month(place / SECOND / "in", whole()), SECOND, rules)
    assert pair not in groups(place).values()
    # A note is no part of the identity; another extent is.
    records = whole()
    records["TJU"][0] = book(1, "TJU", note="有藏书章")
    run(place, month(place / THIRD / "in", records), THIRD, rules)
    assert pair not in groups(place).values()
    records["TJU"][0] = book(1, "TJU", pages=361)
    run(place, month(place / "2026-04" / "in", records), "2026-04", rules)
    assert pair in groups(place).values()
    lapsed = rows(place, "SELECT r.record_id, a.state, a.changed, a.now FROM answered a JOIN record r ON r.rid = a.rid")
    [group] = [name for name, members in groups(place).items() if members == pair]
    assert sorted(lapsed, key=lambda row: str(row["record_id"])) == [
        {"record_id": "NKU/1", "state": "lapsed", "changed": False, "now": group},
        {"record_id": "TJU/1", "state": "lapsed", "changed": True, "now": group},
    ]


def test_a_workbook_sent_back_untouched_renews_no_judgement(place: Path, rules: RuleSet) -> None:
    take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", {"TJU/1": ("非重复",)}))
    records = whole()
    records["TJU"][0] = book(1, "TJU", pages=361)
    run(place, month(place / SECOND / "in", records), SECOND, rules)
    [again] = take(place, rules, workbooks(place, SECOND, rules)["TJU"])
    assert (again.rows, again.refused) == (0, ())


def test_a_record_that_is_in_order_as_it_is_leaves_the_list_of_junk(place: Path, rules: RuleSet) -> None:
    take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", {"TJU/99": ("非重复",)}))
    assert run(place, month(place / SECOND / "in", whole()), SECOND, rules)["counts"]["junk"] == 0
    assert "TJU/99" not in (place / SECOND / "data" / "junk.csv").read_text(encoding="utf-8")
    records = whole()
    records["TJU"][-1] = [*junk("TJU")[:1], "200 1 $a**REQUIRED FIELD**$f无名", *junk("TJU")[2:]]
    assert run(place, month(place / THIRD / "in", records), THIRD, rules)["counts"]["junk"] == 1


def test_a_late_answer_is_about_the_report_that_was_sent(place: Path, rules: RuleSet) -> None:
    """The record was changed after the report: what was judged is not what is there now."""
    path = answer(place / f"TJU-{FIRST}.xlsx", {"TJU/1": ("非重复",)})
    records = whole()
    records["TJU"][0] = book(1, "TJU", pages=361)
    run(place, month(place / SECOND / "in", records), SECOND, rules)
    [taken] = take(place, rules, path)
    assert taken.rows == 1
    run(place, month(place / THIRD / "in", records), THIRD, rules)
    assert frozenset({"NKU/1", "TJU/1"}) in groups(place).values()
    records["TJU"][0] = book(1, "TJU")
    run(place, month(place / "2026-04" / "in", records), "2026-04", rules)
    assert frozenset({"NKU/1", "TJU/1"}) not in groups(place).values()


def test_to_run_a_month_again_replaces_its_rows(place: Path, rules: RuleSet) -> None:
    run(place, month(place / SECOND / "in", whole()), SECOND, rules)
    before = [rows(place, f"SELECT * FROM {table} ORDER BY ALL") for table in ("history", "reported", "open_finding")]
    run(place, place / SECOND / "in", SECOND, rules)
    after = [rows(place, f"SELECT * FROM {table} ORDER BY ALL") for table in ("history", "reported", "open_finding")]
    assert before == after


def test_answers_count_in_the_month_they_are_for_when_it_is_run_again(place: Path, rules: RuleSet) -> None:
    take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", {"TJU/1": ("非重复",)}))
    query = "SELECT sum(answered) AS a, sum(new) AS n FROM history WHERE library = ''"
    for _ in range(2):
        run(place, place / FIRST / "in", FIRST, rules)
        assert rows(place, query) == [{"a": 1, "n": 5}]


def test_a_library_that_moved_its_items_has_done_its_part(place: Path, rules: RuleSet) -> None:
    take(place, rules, answer(place / f"TJU-{FIRST}.xlsx", {"TJU/2": ("已合并",), "TJU/3": ("已合并",)}))
    records = whole()
    # The items of TJU have gone from its record of 三体, where one of another library is left.
    records["TJU"][1][-1] = records["TJU"][1][-1].replace("$mTJU", "$mPKU")
    run(place, month(place / SECOND / "in", records), SECOND, rules)
    query = "SELECT r.record_id, o.claim FROM open_finding o JOIN record r ON r.rid = o.rid WHERE claim <> ''"
    assert rows(place, query) == [{"record_id": "TJU/3", "claim": "merged"}]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice_says_the_same(place: Path, rules: RuleSet) -> None:
    path = answer(workbooks(place, FIRST, rules, "both")["TJU"], SAID)
    out, profile = place / "office", (place / "profile").as_uri()
    command = [
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        out,
        path,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    one, other = read_replies(path, rules), read_replies(out / path.name, rules)
    assert len(one.replies) == 5 and other.replies == one.replies
    assert other.refused == one.refused == () and other.blank == one.blank
