"""A report as CSV (UTF-8, LF, RFC 4180): a row for each finding, no cell of which a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from dedup.check.counting import Report
from dedup.check.formats.look import Look
from dedup.check.model import Finding
from dedup.report.cells import cell

_BETWEEN = ";"


def written(report: Report, look: Look) -> Iterator[str]:
    """A header, then the findings; the columns stand in `rules/check_report.toml`."""
    columns = look.rules.tables["check_report"]["csv"]["columns"]
    yield _line(columns)
    for finding in report.findings:
        values = _values(finding)
        yield _line([cell(values[name]) for name in columns])


def _values(finding: Finding) -> dict[str, str]:
    held = sorted({library for match in finding.matches for library in match.libraries})
    lists = {"matches": [match.record_id for match in finding.matches], "libraries": held}
    plain = {name: str(getattr(finding, name)) for name in finding.__slots__ if name not in lists}
    return plain | {name: _BETWEEN.join(values) for name, values in lists.items()}


def _line(values: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()
