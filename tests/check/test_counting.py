"""A centre decides which findings count; what it lets stand is told, and comes back when it should."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dedup.check.baseline import Baseline, Entry, baseline_of, read_baseline, without, write_baseline
from dedup.check.counting import Report, checked_config, counted
from dedup.check.model import Severity
from dedup.config import Config, read_config
from dedup.errors import InputError
from dedup.rules import load_rules
from tests.check.results import DUPLICATE, FAULT, NOTE, RESULT, UNREAD

RULES = load_rules()
TODAY = date(2026, 6, 30)


def told(folder: Path, text: str) -> Config:
    path = folder / "dedup.toml"
    path.write_text(text, encoding="utf-8")
    config = read_config(path)
    checked_config(config, RULES)
    return config


def report(config: Config, baseline: Baseline | None = None) -> Report:
    return counted(RESULT, config, baseline, TODAY)


def codes(report: Report) -> list[str]:
    return [one.code for one in report.findings]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ["D01", "Q02", "Q04", "Q07"]),
        ("[check]\nselect = ['Q']", ["Q02", "Q04", "Q07"]),
        ("[check]\nignore = ['Q']", ["D01"]),
        ("[check]\nselect = ['D', 'Q02']\nignore = ['Q']", ["D01", "Q02"]),
        ("[check]\nselect = ['Q']\nignore = ['Q02', 'Q07']", ["Q04"]),
        ("[check]\nselect = ['Q02']\nignore = ['Q02']", []),
    ],
)
def test_the_longer_word_decides_which_codes_count(tmp_path: Path, text: str, left: list[str]) -> None:
    made = report(told(tmp_path, text))
    assert codes(made) == left and made.ignored == 4 - len(left)


def test_a_severity_is_given_to_a_code_or_to_all_that_begin_so(tmp_path: Path) -> None:
    config = told(tmp_path, "[check.severity]\nQ = 'warning'\nQ04 = 'error'\n")
    found = {one.code: one.severity for one in report(config).findings}
    assert found == {"D01": "error", "Q02": "warning", "Q04": "error", "Q07": "warning"}


@pytest.mark.parametrize(("least", "fails"), [("error", 2), ("warning", 3), ("note", 4)])
def test_a_check_fails_from_a_severity_on(tmp_path: Path, least: str, fails: int) -> None:
    assert report(told(tmp_path, f"[check]\nfail_on = '{least}'")).fails == fails


def test_findings_of_one_record_stand_worst_first() -> None:
    shuffled = replace(RESULT, findings=(UNREAD, NOTE, FAULT, DUPLICATE))
    again = counted(shuffled, Config(), None, TODAY)
    assert [one.code for one in again.findings if one.file == DUPLICATE.file] == ["D01", "Q02", "Q04"]


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("record = 'new/2'\ncode = 'Q02'", ["D01", "Q04", "Q07"]),
        ("record = 'new/*'\ncode = 'Q'", ["D01", "Q07"]),
        ("record = 'new/2'\ncode = 'Q02'\nexpires = 2026-06-30", ["D01", "Q04", "Q07"]),
        ("record = 'new/2'\ncode = 'Q02'\nexpires = 2026-06-29", ["D01", "Q02", "Q04", "Q07"]),
        ("record = 'new/2'\ncode = 'Q02'\nexpires = '2026-06-29'", ["D01", "Q02", "Q04", "Q07"]),
        ("record = 'NEW/2'\ncode = 'Q02'", ["D01", "Q02", "Q04", "Q07"]),
    ],
)
def test_a_finding_is_allowed_until_the_last_day(tmp_path: Path, entry: str, left: list[str]) -> None:
    made = report(told(tmp_path, f"[[allow]]\n{entry}\nreason = 'as printed'"))
    assert codes(made) == left
    assert bool(made.expired) == ("29" in entry) and len(made.allowed) == 4 - len(left)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[check]\nselect = ['Q99']", "Q99"),
        ("[check]\nignore = ['']", "code ''"),
        ("[check]\nselect = 'Q'", "a list of texts"),
        ("[check]\nselct = ['Q']", "did you mean 'select'?"),
        ("[check]\nfail_on = 'eror'", "did you mean 'error'?"),
        ("[check]\nfail_on = 1", "put it in quotation marks"),
        ("[check]\nseverity = 'error'", "[check.severity]"),
        ("[check.severity]\nQ04 = 'high'", "severity 'high'"),
        ("[check.severity]\nX1 = 'error'", "code 'X1'"),
        ("[allow]\nrecord = 'a'", "[[allow]]"),
        ("[[allow]]\nrecord = 'a/1'\ncode = 'Q02'", "no reason"),
        ("[[allow]]\nrecord = 'a/1'\nreason = 'x'", "no code"),
        ("[[allow]]\ncode = 'Q02'\nreason = 'x'", "no record"),
        ("[[allow]]\nrecord = 'a/1'\ncode = 'W02'\nreason = 'x'", "[[allow]] 1"),
        ("[[allow]]\nrecord = 'a/1'\ncode = 'Q02'\nreason = 'x'\nuntil = 2026-01-01", "key 'until'"),
        ("[[allow]]\nrecord = 'a/1'\ncode = 'Q02'\nreason = 'x'\nexpires = 'May'", "expires = 'May'"),
        ("[[allow]]\nrecord = 'a/1'\ncode = 'Q02'\nreason = 'x'\nexpires = 2026-01-01T00:00:00", "a day"),
    ],
)
def test_a_mistake_in_the_configuration_is_one_line_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError) as error:
        told(tmp_path, text)
    assert says in str(error.value) and "dedup.toml" in str(error.value) and "\n" not in str(error.value)


def test_findings_on_file_count_no_more_and_new_ones_do() -> None:
    made = report(Config(), baseline_of([FAULT, NOTE]))
    assert codes(made) == ["D01", "Q07"] and made.known == (FAULT, NOTE) and made.with_baseline
    assert made.fails == 2 and not made.stale


def test_an_entry_is_stale_when_its_record_was_checked_and_its_finding_is_gone() -> None:
    gone = Entry("new/3", "Q02", "f" * 32)
    elsewhere = Entry("other/3", "Q02", "e" * 32)
    baseline = Baseline((gone, elsewhere), frozenset((gone.fingerprint, elsewhere.fingerprint)))
    assert report(Config(), baseline).stale == (gone,)
    assert without(baseline, [gone]).entries == (elsewhere,)


def test_an_entry_of_a_code_that_is_not_asked_for_is_not_stale(tmp_path: Path) -> None:
    baseline = baseline_of([replace(FAULT, fingerprint="f" * 32)])
    assert not report(told(tmp_path, "[check]\nignore = ['Q02']"), baseline).stale


def test_a_baseline_is_read_as_it_was_written_and_reads_well_in_a_diff(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, baseline_of([NOTE, FAULT, DUPLICATE, FAULT]))
    assert read_baseline(path) == baseline_of([DUPLICATE, FAULT, NOTE])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5 and [json.loads(line.rstrip(","))["code"] for line in lines[1:4]] == ["D01", "Q02", "Q04"]
    first = path.read_bytes()
    write_baseline(path, baseline_of([DUPLICATE, NOTE, FAULT]))
    assert path.read_bytes() == first


def test_an_empty_baseline_is_a_baseline(tmp_path: Path) -> None:
    write_baseline(tmp_path / "b.json", baseline_of([]))
    assert read_baseline(tmp_path / "b.json").entries == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"kind": "something"}',
        b'{"kind": "dedup check baseline", "contract_version": 2, "findings": []}',
        b'{"kind": "dedup check baseline", "contract_version": 1, "findings": [{"code": "Q02"}]}',
        b'{"kind": "dedup check baseline", "contract_version": 1, "findings": [{"code": "Q02", "record_id": "a/1", '
        b'"fingerprint": "xyz"}]}',
    ],
)
def test_a_damaged_or_foreign_file_is_no_baseline_and_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"b\.json: found .*; wanted a baseline"):
        read_baseline(path)
    with pytest.raises(InputError, match="wanted a baseline"):
        write_baseline(path, baseline_of([FAULT]))
    assert path.read_bytes() == content


def test_a_baseline_that_is_not_there_is_named_with_the_way_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--write-baseline"):
        read_baseline(tmp_path / "none.json")


def test_severities_of_a_report_are_those_of_the_table() -> None:
    assert [one.severity for one in report(Config()).findings] == [*[Severity.ERROR] * 2, "note", "warning"]
