"""Results of a check made for tests: two files, a duplicate, faults, an update, bytes that could not be read."""

from __future__ import annotations

from dataclasses import replace

from dedup.check.counting import Report
from dedup.check.model import Catalogue, FileRead, Finding, Match, Result, Severity, Update

HELD = Match(
    record_id="NKU/001",
    control="001",
    libraries=("NKU", "TJU"),
    title="C程序设计",
    statement="3版 北京 清华大学出版社 2005",
    verdict="same",
    cause="D01",
    confidence=0.98,
    group="G1",
)
NEW = replace(HELD, record_id="new/3", control="3", group="", new=True, file="in/new.mrc", offset=900)
DUPLICATE = Finding(
    code="D01",
    severity=Severity.ERROR,
    verdict="same",
    record_id="new/1",
    file="in/new.mrc",
    number=1,
    offset=0,
    length=400,
    control="1",
    title="C程序设计",
    field="",
    found="",
    expected="",
    matches=(HELD, NEW),
    message="ISBN 7-302-10853-6 and 978-7-302-10853-5 are one number.",
    message_zh="10位与13位ISBN为同一书号。",
    todo="Take NKU/001, add the number.",
    todo_zh="请用NKU/001,补录书号。",
    fingerprint="0" * 31 + "1",
)
FAULT = replace(
    DUPLICATE,
    code="Q02",
    verdict="",
    record_id="new/2",
    number=2,
    offset=400,
    length=500,
    control="2",
    title="100% =A1, \x1b[31m <b>",
    field="010$a",
    found="978-7-302-10853-6\x07",
    expected="9787302108535",
    matches=(),
    message="wrong check digit: 100%\r\nof them",
    message_zh="校验位有误",
    todo="Correct it.",
    todo_zh="请改正。",
    fingerprint="0" * 31 + "2",
)
NOTE = replace(FAULT, code="Q04", severity=Severity.NOTE, found="=1+1", fingerprint="0" * 31 + "3")
UNREAD = replace(
    FAULT,
    code="Q07",
    severity=Severity.WARNING,
    record_id="b/@7",
    file="in/b, c:d.mrc",
    number=1,
    offset=7,
    length=30,
    control="",
    title="",
    fingerprint="0" * 31 + "4",
)
UPDATE = Update("new/3", "in/new.mrc", 3, 900, "3", "题名", replace(HELD, record_id="NKU/3"), changed=True)
FILES = (
    FileRead("in/new.mrc", 1300, 3, 3, 0, ("new/1", "new/2", "new/3")),
    FileRead("in/b, c:d.mrc", 60, 2, 1, 1, ("b/9",)),
)
RESULT = Result(
    records=4,
    files=FILES,
    findings=(DUPLICATE, FAULT, NOTE, UNREAD),
    updates=(UPDATE,),
    catalogue=Catalogue("dedup.duckdb", 1_000_000, "2024-08", False),
    rules_sha256="ab" * 32,
)
REPORT = Report(RESULT, RESULT.findings, fails=4)
CLEAN = Report(replace(RESULT, findings=(), updates=(), catalogue=None), ())
