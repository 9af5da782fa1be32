"""Each form of a report says the same findings, in a form that its readers accept."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fluidattacks_core.sarif import SarifLog
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dedup.check.counting import Allowed, Report
from dedup.check.formats import FORMATS, Look
from dedup.check.formats.sarif import uri
from dedup.config import Allow
from dedup.layout import wide
from dedup.rules import load_rules
from tests.check.results import CLEAN, DUPLICATE, FAULT, NOTE, REPORT, RESULT, UNREAD

ROOT = Path(__file__).parent.parent.parent
RULES = load_rules()
LOOK = Look("en", RULES)
CHINESE = Look("zh", RULES)
JSON_SCHEMA = json.loads((ROOT / "docs" / "check.schema.json").read_text(encoding="utf-8"))
JUNIT_SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit.xsd"))
ALLOW = Allow("new/2", "Q04", "as printed", None, 1)
HELD_BACK = replace(
    REPORT, findings=(DUPLICATE, UNREAD), known=(FAULT,), allowed=(Allowed(NOTE, ALLOW),), with_baseline=True
)
EVERY = [REPORT, CLEAN, HELD_BACK]


def text(form: str, report: Report = REPORT, look: Look = LOOK) -> str:
    return "".join(FORMATS[form](report, look))


def sarif(report: Report = REPORT, look: Look = LOOK) -> dict[str, Any]:
    """The run of a SARIF log that holds to the published schema."""
    made = text("sarif", report, look)
    SarifLog.model_validate_json(made, strict=True)
    return json.loads(made)["runs"][0]


def junit(report: Report = REPORT) -> Any:
    document = etree.fromstring(text("junit", report).encode("utf-8"))
    JUNIT_SCHEMA.assertValid(document)
    return document


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("look", [LOOK, CHINESE], ids=["en", "zh"])
def test_the_same_report_gives_the_same_text_and_ends_its_line(form: str, look: Look) -> None:
    made = text(form, REPORT, look)
    assert made == text(form, REPORT, look) and made.endswith("\n") and "\r" not in made.replace("\r\n", "")


@pytest.mark.parametrize("report", EVERY)
def test_json_holds_to_its_schema_and_begins_with_the_keys_of_the_contract(report: Report) -> None:
    made = json.loads(text("json", report))
    jsonschema.validate(made, JSON_SCHEMA)
    assert list(made)[:3] == ["contract_version", "records", "findings"]
    contract = JSON_SCHEMA["$defs"]["finding"]["required"]
    assert len(contract) == 11 and all(list(one)[:11] == contract for one in made["findings"])
    assert [one["fingerprint"] for one in made["findings"]] == [one.fingerprint for one in report.findings]


def test_json_names_the_matches_and_the_updates() -> None:
    made = json.loads(text("json"))
    assert made["findings"][0]["matches"] == ["NKU/001", "new/3"] and made["records"] == 4
    assert made["findings"][0]["records"][0]["libraries"] == ["NKU", "TJU"]
    assert made["updates"][0]["replaces"] == "NKU/3" and made["counts"]["error"] == 2


def test_json_lines_are_the_findings_of_the_json_form() -> None:
    lines = [json.loads(line) for line in text("jsonl").splitlines()]
    assert lines == json.loads(text("json"))["findings"]


@pytest.mark.parametrize("report", EVERY)
def test_a_report_without_findings_is_whole_too(report: Report) -> None:
    sarif(report), junit(report)
    assert len(text("csv", report).splitlines()) >= 1
    assert text("github", CLEAN) == "" and text("jsonl", CLEAN) == ""


def test_sarif_tells_place_level_and_fingerprint_of_each_finding() -> None:
    results = sarif()["results"]
    assert [one["ruleId"] for one in results] == ["D01", "Q02", "Q04", "Q07"]
    assert [one["level"] for one in results] == ["error", "error", "note", "warning"]
    place = results[1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "in/new.mrc"}, "region": {"byteOffset": 400, "byteLength": 500}}
    assert len({one["partialFingerprints"]["dedupFinding/v1"] for one in results}) == 4


def test_sarif_names_the_matches_where_they_stand() -> None:
    held, new = sarif()["results"][0]["relatedLocations"]
    assert held["logicalLocations"][0]["fullyQualifiedName"] == "NKU/001" and "physicalLocation" not in held
    assert new["physicalLocation"]["region"]["byteOffset"] == 900


def test_sarif_explains_every_code_in_the_language_asked_for() -> None:
    run = sarif(look=replace(CHINESE, help_base="https://lib.example/d/"))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(LOOK.codes)
    assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert rules[0]["helpUri"] == "https://lib.example/d/docs/codes/D01.md"
    assert rules[run["results"][1]["ruleIndex"]]["shortDescription"]["text"] == LOOK.codes["Q02"].name["zh"]


def test_sarif_gives_no_address_of_a_page_that_has_none() -> None:
    rule = sarif()["tool"]["driver"]["rules"][0]
    assert "helpUri" not in rule and "docs/codes/D01.md" in rule["help"]["markdown"]


def test_sarif_keeps_what_is_known_and_what_is_allowed_apart() -> None:
    results = {one["ruleId"]: one for one in sarif(HELD_BACK)["results"]}
    assert results["D01"]["baselineState"] == "new" and results["Q02"]["baselineState"] == "unchanged"
    assert results["Q04"]["suppressions"] == [{"kind": "external", "justification": "as printed"}]
    assert not any("baselineState" in one for one in sarif()["results"])


def test_sarif_warns_of_what_is_no_more_allowed() -> None:
    late = replace(REPORT, expired=(replace(ALLOW, expires=date(2024, 1, 31)),))
    notices = sarif(late, replace(LOOK, config="dedup.toml"))["invocations"][0]["toolConfigurationNotifications"]
    assert "dedup.toml [[allow]] 1" in notices[0]["message"]["text"] and "2024-01-31" in notices[0]["message"]["text"]


def test_a_path_is_a_reference() -> None:
    assert uri("in/b, c:d.mrc") == "in/b%2C%20c%3Ad.mrc" and uri("a.zip!题.mrc") == "a.zip!%E9%A2%98.mrc"
    assert uri("/x/a b.mrc") == "file:///x/a%20b.mrc"


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_record() -> None:
    document = junit()
    suites = document.findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["in/new.mrc", "in/b, c:d.mrc"]
    assert [case.get("name") for case in suites[0]] == ["new/1", "new/2", "new/3"]
    assert [len(case.findall("failure")) for case in suites[0]] == [1, 2, 0]
    assert (document.get("tests"), document.get("failures")) == ("5", "3")


def test_junit_skips_what_is_known_or_allowed() -> None:
    case = junit(HELD_BACK).find("testsuite/testcase[@name='new/2']")
    assert case.find("failure") is None and "as printed" in case.find("skipped").get("message")


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_junit_and_csv_hold_any_sign_that_a_record_may_hold(typed: str) -> None:
    report = replace(REPORT, findings=(replace(FAULT, message=typed, found=typed, title=typed),))
    junit(report)
    sheet = text("csv", report).encode("utf-8").decode("utf-8")
    assert len(list(csv.reader(io.StringIO(sheet)))) == 2


def test_github_annotations_are_one_line_each_with_their_signs_escaped() -> None:
    lines = text("github").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("::error file=in/new.mrc,title=Q02 ")
    assert "100%25%0D%0Aof them%0ACorrect it." in lines[1]
    assert lines[2].startswith("::notice ") and lines[3].startswith("::warning file=in/b%2C c%3Ad.mrc,title=")
    assert all(re.fullmatch(r"::\w+ file=[^:,]*,title=[^:,]*::.*", line) for line in lines)


def test_csv_has_a_row_for_each_finding_and_no_formula() -> None:
    made = text("csv")
    rows = list(csv.DictReader(io.StringIO(made)))
    assert [row["code"] for row in rows] == ["D01", "Q02", "Q04", "Q07"]
    assert rows[0]["matches"] == "NKU/001;new/3" and rows[0]["libraries"] == "NKU;TJU"
    assert rows[2]["found"] == "'=1+1" and "\x1b" not in made and "\r" not in made


def test_text_groups_findings_by_record_and_ends_with_a_summary() -> None:
    made = text("text")
    assert made.count("new/2  ") == 1 and made.index("Q02") < made.index("Q04")
    assert "held by NKU, TJU" in made and "→ Take NKU/001" in made
    assert "findings: 4 (errors 2, warnings 1, notes 1) in records: 3; updates: 1" in made.splitlines()[-1]
    assert "against dedup.duckdb (records: 1,000,000)" in made and "unreadable: 1" in made


def test_text_is_coloured_only_when_asked_and_lets_no_sign_of_a_record_through() -> None:
    assert "\x1b" not in text("text") and "\\u001b[31m" in text("text")
    assert "\x1b[31;1merror\x1b[0m" in text("text", REPORT, replace(LOOK, colour=True))


@pytest.mark.parametrize("look", [LOOK, CHINESE], ids=["en", "zh"])
def test_text_keeps_to_the_width_of_the_console(look: Look) -> None:
    long = replace(REPORT, findings=(replace(FAULT, message="词" * 200, message_zh="word " * 200),))
    lines = text("text", long, replace(look, width=60)).splitlines()
    assert all(wide(line) <= 60 for line in lines if line.startswith("    "))


def test_text_speaks_one_language() -> None:
    made = text("text", replace(REPORT, findings=(DUPLICATE,)), CHINESE)
    assert "请用NKU/001" in made and "one number" not in made
    plain = replace(RESULT, findings=(), updates=())
    said = text("text", Report(plain, ()), LOOK)
    assert not any(unicodedata.east_asian_width(sign) == "W" for sign in said) and "no findings" in said
