"""A report as JSON, as the public contract words it, and as JSON lines, one finding a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dedup.check.counting import ORDER, Report
from dedup.check.formats.look import Look
from dedup.check.model import Finding, Match, Update
from dedup.model import CONTRACT_VERSION


def as_json(report: Report, look: Look) -> Iterator[str]:
    """One JSON object, a finding a line. Keys of the contract come first, the others are additions."""
    result = report.result
    yield f'{{"contract_version": {CONTRACT_VERSION}, "records": {result.records}, "findings": ['
    yield from _listed(map(finding_row, report.findings))
    yield '], "updates": ['
    yield from _listed(map(_update, result.updates))
    yield '], "allowed": ['
    yield from _listed(finding_row(one.finding) | {"reason": one.allow.reason} for one in report.allowed)
    yield '], "known": ['
    yield from _listed(map(finding_row, report.known))
    catalogue = result.catalogue
    held = None
    if catalogue is not None:
        held = {"path": catalogue.path, "records": catalogue.records, "period": catalogue.period}
        held["other_rules"] = catalogue.other_rules
    files = [{name: getattr(one, name) for name in ("file", "bytes", "records", "unreadable")} for one in result.files]
    rest = {
        "files": files,
        "catalogue": held,
        "counts": counts_of(report),
        "rules_sha256": result.rules_sha256,
        "language": look.language,
    }
    yield f"], {_packed(rest)[1:]}\n"


def as_lines(report: Report, look: Look) -> Iterator[str]:
    """One finding a line, as in the JSON form, and nothing else."""
    del look
    for finding in report.findings:
        yield _packed(finding_row(finding)) + "\n"


def counts_of(report: Report) -> dict[str, int]:
    """How many findings there are of each severity, and what does not count."""
    graded = {one.value: sum(finding.severity is one for finding in report.findings) for one in ORDER}
    return graded | {
        "failing": report.fails,
        "updates": len(report.result.updates),
        "allowed": len(report.allowed),
        "known": len(report.known),
        "ignored": report.ignored,
        "stale": len(report.stale),
    }


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding in the keys of the contract, then further ones."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "verdict": finding.verdict,
        "record_id": finding.record_id,
        "file": finding.file,
        "offset": finding.offset,
        "field": finding.field,
        "matches": [match.record_id for match in finding.matches],
        "message": finding.message,
        "message_zh": finding.message_zh,
        "fingerprint": finding.fingerprint,
        "length": finding.length,
        "number": finding.number,
        "control": finding.control,
        "title": finding.title,
        "found": finding.found,
        "expected": finding.expected,
        "correction": finding.todo,
        "correction_zh": finding.todo_zh,
        "records": [_match(match) for match in finding.matches],
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        "record_id": match.record_id,
        "control": match.control,
        "libraries": list(match.libraries),
        "title": match.title,
        "statement": match.statement,
        "verdict": match.verdict,
        "cause": match.cause,
        "confidence": round(match.confidence, 4),
        "group": match.group,
        "new": match.new,
        "file": match.file,
        "offset": match.offset,
    }


def _update(update: Update) -> dict[str, Any]:
    return {
        "record_id": update.record_id,
        "file": update.file,
        "number": update.number,
        "offset": update.offset,
        "control": update.control,
        "title": update.title,
        "changed": update.changed,
        "replaces": update.match.record_id,
    }


def _listed(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """The rows of a list, each in a line of its own."""
    between = "\n"
    for row in rows:
        yield between + _packed(row)
        between = ",\n"
    yield "" if between == "\n" else "\n"


def _packed(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
