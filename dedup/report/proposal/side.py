"""A record beside the tables that say what stands and what goes where in its format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dedup.marc.record import Field
from dedup.model import Format
from dedup.report.proposal.selectors import Selectors
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Full:
    """A record with its fields, and what a run knew of it: printing year, pages, ISBN cores that are not its own."""

    record_id: str
    format: Format
    leader: str
    fields: tuple[Field, ...]
    year: int | None = None
    pages: int | None = None
    others: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """A record beside its tables: of what goes where (`shape`) and of what stands where (`tables`)."""

    full: Full
    shape: Mapping[str, Any]
    tables: Mapping[str, Any]
    rules: RuleSet

    def select(self, section: str, name: str) -> Selectors:
        """Selectors of `rules/fields`."""
        return tuple(self.tables[section].get(name, ()))


def side_of(full: Full, rules: RuleSet) -> Side:
    """A record beside the tables of its format."""
    name = full.format.name.lower()
    return Side(full, rules.tables["proposal"][name], rules.tables[f"fields/{name}"], rules)


def new_field(shape: Mapping[str, str], subfields: Iterable[tuple[str, str]]) -> Field:
    """A field made anew: `tag` and `indicators` of a shape, and subfields."""
    return Field(shape["tag"], "", shape["indicators"], tuple(subfields))


def copied(field: Field, tag: str, rules: RuleSet) -> Field:
    """A field of another record, without what ties it to others there."""
    without = rules.tables["proposal"]["copied"]["without"]
    subfields = tuple((code, value) for code, value in field.subfields if code not in without and value.strip())
    return Field(tag, "", field.indicators, subfields)


def told_of(field: Field, rules: RuleSet) -> str:
    """How a note names a field: tag and text, cut to what can be read at a glance."""
    letters = rules.tables["proposal"]["limits"]["shown_letters"]
    text = " ".join(value for _, value in field.subfields)
    return f"{field.tag} {text[:letters]}{'…' if len(text) > letters else ''}"
