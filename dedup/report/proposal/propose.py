"""What the record to keep lacks and the records merged into it have: a proposal in the record's own format.

Added are the forms of ISBN that a search would miss (with qualifier and price), series, notes of printings, access
points of names, and source numbers. Nothing of the kept record is changed but what says in which character set it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dedup.codes import filled
from dedup.marc.record import Field
from dedup.report.proposal.charset import in_unicode, unicode_leader
from dedup.report.proposal.names import headings, other_forms
from dedup.report.proposal.numbers import isbns, sources, unified
from dedup.report.proposal.series import printings, series, traced
from dedup.report.proposal.side import Full, Side, new_field, side_of, told_of
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Finding:
    """The group that a proposal speaks of."""

    group_id: str
    causes: frozenset[str]
    period: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The kept record with what was added, each named in `added` as tag and text."""

    leader: str
    fields: tuple[Field, ...]
    added: tuple[str, ...]


def propose(keep: Full, others: Sequence[Full], finding: Finding, rules: RuleSet) -> Proposal | None:
    """The kept record with all that it lacks; None when the others have nothing to add."""
    mine, sides = side_of(keep, rules), [side_of(one, rules) for one in others]
    new = [*isbns(mine, sides), *unified(mine, sides), *sources(mine, sides)]
    if rules.tables["proposal"]["causes"]["printing"] in finding.causes:
        new += printings(mine, sides)
    new += [*series(mine, sides), *traced(mine, sides), *headings(mine, sides)]
    told = [told_of(field, rules) for field in new]
    if rules.tables["proposal"]["causes"]["heading"] in finding.causes:
        told += other_forms(mine, sides)
    if not told:
        return None
    fields = list(in_unicode(mine))
    for field in [*new, _mark(mine, [one.record_id for one in others], told, finding)]:
        fields.insert(_place(fields, field.tag), field)
    return Proposal(unicode_leader(mine), tuple(fields), tuple(told))


def _place(fields: Sequence[Field], tag: str) -> int:
    """Behind the last field whose tag is not greater."""
    return max((at for at, field in enumerate(fields, 1) if field.tag <= tag), default=0)


def _mark(mine: Side, records: Sequence[str], told: Sequence[str], finding: Finding) -> Field:
    """The note that says what is a proposal."""
    texts, language = mine.rules.tables["proposal"]["text"], mine.shape["words"]
    between = texts["between"][language]
    values = {"records": between.join(records), "added": between.join(told)}
    values |= {"group": finding.group_id, "period": finding.period}
    return new_field(mine.shape["mark"], [("a", filled(texts["mark"][language], values))])
