"""What was corrected, told: a unified diff of the fields, and a summary."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

from dedup.check.fix.fields import Field
from dedup.check.fix.files import Written
from dedup.codes import filled
from dedup.marc.encoding import UTF8, decode
from dedup.report.cells import escaped
from dedup.rules import RuleSet
from dedup.tables import SUBFIELD_MARK

_TAG, _INDICATORS = 3, 2


def diff(files: Sequence[Written]) -> Iterator[str]:
    """The changed fields of each record as a unified diff, in which a line is a field and a file a record."""
    for one in files:
        for change in one.changes:
            place = f"{escaped(change.record.record_id)} @ {change.record.offset}"
            name, new = escaped(one.part.shown), escaped(str(one.path or one.part.shown))
            before, after = (_lines(fields, change.record.encoding) for fields in (change.before, change.after))
            yield from difflib.unified_diff(before, after, f"{name} {place}", f"{new} {place}", n=0)


def _lines(fields: Sequence[Field], encoding: str) -> list[str]:
    """A line for each field: tag, indicators, subfields with $."""
    lines = []
    for tag, content in fields:
        text = decode(content, encoding or UTF8)
        signs, *parts = text.split(SUBFIELD_MARK)
        said = escaped(f"{signs:<{_INDICATORS}}") + "".join(f"${escaped(part)}" for part in parts) if parts else ""
        lines.append(f"{tag.decode('latin-1')} {said or escaped(text)}\n")
    return lines


def summary(files: Sequence[Written], rules: RuleSet, language: str) -> Iterator[str]:
    """Lines about what was corrected, written, and left as it was."""
    for one in files:
        counts = Counter(edit.kind.value for change in one.changes for edit in change.edits)
        named = [f"{_said('kind_' + kind, rules, language)} {count}" for kind, count in sorted(counts.items())]
        name = "nothing" if not counts else "planned" if one.path is None else "summary"
        values = {"records": len(one.changes), "changes": sum(counts.values()), "kinds": ", ".join(named)}
        told = [_said(name, rules, language, **values)]
        told += [_said("written", rules, language, out=one.path)] if one.path else []
        yield f"{escaped(one.part.shown)}: {'; '.join(told)}"
        yield from _aside(one, rules, language)


def _aside(one: Written, rules: RuleSet, language: str) -> Iterator[str]:
    """What went elsewhere, what stayed as it was, what is not there any more."""
    file = escaped(one.part.shown)
    if one.beside:
        yield _said("oversize", rules, language, count=one.long, out=one.beside)
    for row in one.damaged:
        yield _said("damaged", rules, language, record=escaped(row.record_id), file=file, offset=row.offset)
    if one.lost:
        yield _said("lost", rules, language, count=one.lost, file=file, out=one.path or file)


def _said(name: str, rules: RuleSet, language: str, **values: object) -> str:
    text: str = rules.tables["check_fix"]["text"][name][language]
    return filled(text, {key: str(value) for key, value in values.items()})
