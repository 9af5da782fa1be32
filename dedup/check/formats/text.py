"""A report as text for people: grouped by record, coloured on a terminal, for the width of the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dedup.check.counting import ORDER, Report
from dedup.check.formats.look import Look
from dedup.check.formats.plain import counts_of
from dedup.check.model import Finding, Match, Severity, Update
from dedup.layout import padded, wide, wrapped
from dedup.report.cells import escaped

_INDENT = 4
_SHOWN = 5
_PAINT = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36"}
_BOLD, _DIM, _GREEN = "1", "2", "32"


@dataclass(frozen=True, slots=True)
class _Printer:
    look: Look

    def paint(self, text: str, style: str) -> str:
        """A text in a colour, where colours are wanted (ECMA-48, SGR)."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.look.colour and text else text

    def lines(self, label: str, text: str, style: str = "") -> Iterator[str]:
        """A label and a text beside it, as many lines as it takes; what cannot be seen is written by its number."""
        room = max(self.look.width - _INDENT - wide(label) - 1, 20)
        for number, line in enumerate(wrapped(escaped(text), room)):
            head = label if not number else " " * wide(label)
            yield f"{' ' * _INDENT}{self.paint(head, _DIM)} {self.paint(line, style)}".rstrip() + "\n"


def written(report: Report, look: Look) -> Iterator[str]:
    """The findings record after record, the updates, a summary."""
    on = _Printer(look)
    for _, group in groupby(report.findings, key=lambda one: (one.file, one.number, one.record_id)):
        yield from _record(on, list(group))
        yield "\n"
    if report.result.updates:
        yield from _updates(on, report.result.updates)
        yield "\n"
    yield from _summary(on, report)


def _record(on: _Printer, findings: Sequence[Finding]) -> Iterator[str]:
    first, look = findings[0], on.look
    place = look.place(first)
    title = escaped(first.title) or look.word("label", "no_title")
    yield f"{on.paint(escaped(first.record_id), _BOLD)}  {title}\n"
    yield on.paint(f"  {escaped(first.file)}, {place}", _DIM) + "\n"
    for finding in findings:
        yield from _finding(on, finding)


def _finding(on: _Printer, finding: Finding) -> Iterator[str]:
    look = on.look
    severity = on.paint(look.word("severity", finding.severity.value), _PAINT[finding.severity])
    field = f" {finding.field}" if finding.field else ""
    yield f"  {severity} {on.paint(finding.code, _BOLD)}{field} {look.name(finding.code)}\n"
    names = [name for name in ("found", "expected") if getattr(finding, name)]
    labels = [look.word("label", name) for name in names]
    for name, label in zip(names, labels, strict=True):
        yield from on.lines(padded(label, max(map(wide, labels))), getattr(finding, name))
    # The name of the code stands in the line above.
    said = look.message(finding).removeprefix(look.name(finding.code)).lstrip(" :")
    yield from on.lines("-", said) if said else ()
    for match in finding.matches[:_SHOWN]:
        yield from _match(on, match)
    if len(finding.matches) > _SHOWN:
        yield from on.lines("=", look.word("label", "more", count=len(finding.matches) - _SHOWN))
    if look.todo(finding):
        yield from on.lines("→", look.todo(finding), _GREEN)


def _match(on: _Printer, match: Match) -> Iterator[str]:
    look = on.look
    where = look.word("label", "new_match" if match.new else "match")
    held = look.word("label", "held_by", libraries=", ".join(match.libraries)) if match.libraries else ""
    said = [f"{match.record_id} [{where}]", match.title, match.statement, held]
    yield from on.lines("=", "  ".join(filter(None, said)))


def _updates(on: _Printer, updates: Sequence[Update]) -> Iterator[str]:
    look = on.look
    yield on.paint(look.word("label", "updates"), _BOLD) + "\n"
    for update in updates:
        same = "" if update.changed else look.word("label", "unchanged")
        said = look.word("label", "replaces", record=update.match.record_id)
        yield from on.lines(update.record_id, "  ".join(filter(None, [update.title, said, same])))


def _summary(on: _Printer, report: Report) -> Iterator[str]:
    """What was checked and what was found, a sentence each."""
    look, result = on.look, report.result
    counts = counts_of(report)
    unreadable = sum(file.unreadable for file in result.files)
    read = [look.word("summary", "records", records=result.records, files=len(result.files))]
    read += [look.word("summary", "unreadable", count=unreadable)] if unreadable else []
    catalogue = result.catalogue
    if catalogue is None:
        read.append(look.word("summary", "alone"))
    else:
        read.append(look.word("summary", "catalogue", path=catalogue.path, records=catalogue.records))
        read += [look.word("summary", "other_rules")] if catalogue.other_rules else []
    yield look.word("summary", "between").join(read) + "\n"
    graded = {one.value: counts[one.value] for one in ORDER}
    told = [look.word("summary", name, count=counts[name]) for name in ("updates", "allowed", "known") if counts[name]]
    if report.findings:
        of = len({(one.file, one.number, one.record_id) for one in report.findings})
        found = look.word("summary", "findings", findings=len(report.findings), of=of, **graded)
        worst = min((one.severity for one in report.findings), key=ORDER.index)
        found = on.paint(found, _PAINT[worst])
    else:
        found = on.paint(look.word("summary", "clean"), _GREEN)
    yield look.word("summary", "between").join([found, *told]) + "\n"
