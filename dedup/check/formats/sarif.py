"""A report as SARIF 2.1.0 (OASIS Standard, 27 March 2020): one run, a result for each finding, bytes as regions.

Findings that are allowed or on file are results too, so that a viewer can tell them from those that are gone:
`suppressions` (3.27.23) and `baselineState` (3.27.24) say what they are. Nothing in it depends on time or place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from dedup import __version__
from dedup.check.counting import Report
from dedup.check.formats.look import Look
from dedup.check.model import Finding, Match
from dedup.codes import Code, Kind

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "dedupFinding/v1"
_NEW, _UNCHANGED = "new", "unchanged"
_TAGS = {Kind.CAUSE: "duplicate", Kind.JUNK: "no-title", Kind.FAULT: "fault"}


def written(report: Report, look: Look) -> Iterator[str]:
    """One SARIF log, a result a line."""
    rules = {code: number for number, code in enumerate(look.codes)}
    head = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, look)]}
    text = json.dumps(head, ensure_ascii=False, indent=1)
    # The results are put in as they are made: the list is the last of the run.
    before, _, after = text.rpartition("[]")
    yield before + "["
    between = "\n"
    for result in _results(report, look, rules):
        yield between + json.dumps(result, ensure_ascii=False)
        between = ",\n"
    yield f"\n]{after}\n"


def _run(report: Report, look: Look) -> dict[str, Any]:
    notices = [look.expired(allow) for allow in report.expired]
    if report.stale:
        notices.append(look.word("notice", "stale", path=look.baseline, count=len(report.stale)))
    invocation: dict[str, Any] = {"executionSuccessful": True}
    if notices:
        invocation["toolConfigurationNotifications"] = [
            {"level": "warning", "message": {"text": notice}} for notice in notices
        ]
    driver = {
        "name": "dedup",
        "version": __version__,
        "semanticVersion": __version__,
        "language": look.tag,
        "rules": [_rule(code, look) for code in look.codes.values()],
    }
    counts = {"records": report.result.records, "rules_sha256": report.result.rules_sha256}
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "language": look.tag,
        "properties": counts,
        "results": [],
    }


def _rule(code: Code, look: Look) -> dict[str, Any]:
    """The descriptor of a code, with all that its page says: what it means, how it is known, what it is not."""
    language, label = look.language, look.word
    parts = [code.means, code.signature, code.counter, *code.corrections.values()]
    text = "\n".join(part[language] for part in parts)
    page = look.page(code.id)
    rule: dict[str, Any] = {
        "id": code.id,
        "name": code.name[language],
        "shortDescription": {"text": code.name[language]},
        "fullDescription": {"text": code.means[language]},
        "help": {"text": text, "markdown": f"{text}\n\n[{label('label', 'help')}]({page})".replace("\n", "\n\n")},
        "defaultConfiguration": {"level": code.severity.value},
        "properties": {"tags": [_TAGS[code.kind]], "page": page},
    }
    # SARIF wants an absolute address here (3.49.12); without a base there is none.
    return rule | ({"helpUri": look.address(code.id)} if look.address(code.id) else {})


def _results(report: Report, look: Look, rules: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    state = {"baselineState": _NEW} if report.with_baseline else {}
    for finding in report.findings:
        yield _result(finding, look, rules) | state
    for finding in report.known:
        yield _result(finding, look, rules) | {"baselineState": _UNCHANGED}
    for one in report.allowed:
        reason = {"kind": "external", "justification": one.allow.reason}
        yield _result(one.finding, look, rules) | state | {"suppressions": [reason]}


def _result(finding: Finding, look: Look, rules: Mapping[str, int]) -> dict[str, Any]:
    message = " ".join(filter(None, [look.message(finding), look.todo(finding)]))
    properties = {name: getattr(finding, name) for name in ("verdict", "number", "control", "title")}
    properties |= {name: getattr(finding, name) for name in ("field", "found", "expected")}
    named = {"name": finding.record_id, "fullyQualifiedName": finding.record_id, "kind": "record"}
    place = {**_physical(finding.file, finding.offset, finding.length), "logicalLocations": [named]}
    related = [_related(number, match) for number, match in enumerate(finding.matches, 1)]
    return {
        "ruleId": finding.code,
        "ruleIndex": rules[finding.code],
        "level": finding.severity.value,
        "message": {"text": message},
        "locations": [place],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
        "properties": {"recordId": finding.record_id, **properties},
    }


def _related(number: int, match: Match) -> dict[str, Any]:
    """A record that a finding names: in a file when it is new, too, else by its id in the catalogue."""
    said = " · ".join(filter(None, [match.record_id, match.title, match.statement, ", ".join(match.libraries)]))
    named = {"name": match.record_id, "fullyQualifiedName": match.record_id, "kind": "record"}
    place = _physical(match.file, match.offset) if match.new and match.file else {}
    return {"id": number, "message": {"text": said}, "logicalLocations": [named], **place}


def _physical(file: str, offset: int, length: int = 0) -> dict[str, Any]:
    region: dict[str, Any] = {}
    if offset >= 0:
        region = {"region": {"byteOffset": offset, **({"byteLength": length} if length else {})}}
    return {"physicalLocation": {"artifactLocation": {"uri": uri(file)}, **region}}


def uri(file: str) -> str:
    """A path as a reference (RFC 3986): relative as it is named, else with its scheme."""
    path = PurePath(file)
    if path.is_absolute():
        return path.as_uri()
    # The first step of a relative reference may hold no colon (RFC 3986, 4.2): quote puts it into numbers.
    return quote(path.as_posix(), safe="/!")
