"""A report as JUnit XML, as Jenkins' xunit plugin describes it: a suite for each file, a case for each record.

A record without findings passes; one with findings fails, once for each. What is allowed or on file is skipped. Control
characters that XML 1.0 (2.2) does not know are shown as their pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from dedup.check.counting import Report
from dedup.check.formats.look import Look
from dedup.check.model import FileRead, Finding

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PICTURES, _LOST = 0x2400, "\ufffd"


@dataclass(slots=True)
class _Case:
    """One record: what fails, and why else it is told."""

    name: str
    failures: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def written(report: Report, look: Look) -> Iterator[str]:
    """One XML document, a suite after the other."""
    suites = list(_suites(report, look))
    tests = sum(len(cases) for _, cases in suites)
    failures = sum(_failing(cases) for _, cases in suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="dedup check" tests="{tests}" failures="{failures}" errors="0">\n'
    for file, cases in suites:
        yield from _suite(file, cases, look)
    yield "</testsuites>\n"


def _suites(report: Report, look: Look) -> Iterator[tuple[FileRead, list[_Case]]]:
    """Each file with its records in its order; what could not be read follows them."""
    by_file: dict[str, dict[str, _Case]] = {}
    for file in report.result.files:
        by_file[file.file] = {name: _Case(name) for name in file.ids}

    def case(finding: Finding) -> _Case:
        """The record that a finding speaks of."""
        return by_file.setdefault(finding.file, {}).setdefault(finding.record_id, _Case(finding.record_id))

    for finding in report.findings:
        case(finding).failures.append(finding)
    aside = [(one, look.word("notice", "on_file")) for one in report.known]
    aside += [(one.finding, look.word("notice", "suppressed", reason=one.allow.reason)) for one in report.allowed]
    for finding, why in aside:
        case(finding).skipped.append(f"{finding.code} {look.message(finding)} ({why})")
    for file in report.result.files:
        yield file, list(by_file[file.file].values())


def _failing(cases: Sequence[_Case]) -> int:
    return sum(bool(case.failures) for case in cases)


def _suite(file: FileRead, cases: Sequence[_Case], look: Look) -> Iterator[str]:
    skipped = sum(bool(case.skipped and not case.failures) for case in cases)
    counts = f'tests="{len(cases)}" failures="{_failing(cases)}" errors="0" skipped="{skipped}"'
    yield f"<testsuite name={_value(file.file)} {counts}>\n"
    for case in cases:
        head = f"<testcase classname={_value(file.file)} name={_value(case.name)}"
        if not case.failures and not case.skipped:
            yield f"{head}/>\n"
            continue
        yield f"{head}>\n"
        for finding in case.failures:
            kind = f"{finding.severity.value} {finding.code}"
            yield f"<failure type={_value(kind)} message={_value(look.message(finding))}>"
            yield f"{_text(_told(finding, look))}</failure>\n"
        if case.skipped and not case.failures:
            yield f"<skipped message={_value('; '.join(case.skipped))}/>\n"
        yield "</testcase>\n"
    yield "</testsuite>\n"


def _told(finding: Finding, look: Look) -> str:
    place = look.place(finding)
    lines = [f"{finding.code} {look.name(finding.code)}", f"{finding.file}: {place}", finding.title]
    if finding.field:
        lines.append(f"{finding.field}: {finding.found}")
    if finding.expected:
        lines.append(f"{look.word('label', 'expected')}: {finding.expected}")
    lines += [look.message(finding), look.todo(finding)]
    lines += [f"= {match.record_id} {match.title} {', '.join(match.libraries)}".rstrip() for match in finding.matches]
    return "\n".join(filter(None, lines))


def _legal(text: str) -> str:
    return _UNFIT.sub(lambda found: chr(_PICTURES + ord(found[0])) if ord(found[0]) < 0x20 else _LOST, text)


def _text(text: str) -> str:
    # A bare carriage return would be read as a line end (XML 1.0, 2.11).
    return escape(_legal(text), {"\r": "&#13;"})


def _value(text: str) -> str:
    return quoteattr(_legal(text), {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
