"""A report as annotations of GitHub Actions: one workflow command a finding.

Source: GitHub Docs, workflow commands; the escapes are those of `@actions/core`: % CR LF everywhere, : and , in values
of properties.
"""

from __future__ import annotations

from collections.abc import Iterator

from dedup.check.counting import Report
from dedup.check.formats.look import Look
from dedup.check.model import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def written(report: Report, look: Look) -> Iterator[str]:
    """A line for each finding, and a warning for each `[[allow]]` that holds no more."""
    for finding in report.findings:
        command = _COMMANDS[finding.severity]
        title = f"{finding.code} {look.name(finding.code)}"
        yield f"::{command} file={_value(finding.file)},title={_value(title)}::{_text(_said(finding, look))}\n"
    for allow in report.expired:
        yield f"::warning file={_value(look.config)}::{_text(look.expired(allow))}\n"


def _said(finding: Finding, look: Look) -> str:
    """What is wrong and what to do, after the place: an annotation cannot point into a file of one line."""
    place = look.place(finding)
    named = " ".join(filter(None, [finding.record_id, finding.field]))
    lines = [f"{named} ({place}): {look.message(finding)}", look.todo(finding)]
    lines += [f"= {match.record_id} {match.title}".rstrip() for match in finding.matches]
    return "\n".join(filter(None, lines))


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
