"""`rules/orders.toml`, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.check.orders.headings import Headings, headings_of
from dedup.check.orders.model import Status
from dedup.compare.asked import QUESTIONS
from dedup.compare.policy import Conditions, conditions, read_policy
from dedup.errors import RuleError, problem
from dedup.model import Format
from dedup.rulebook import Words
from dedup.rules import RuleSet
from dedup.tables import CONCEPT, RAW_COLUMNS

_PATTERNS = ("rounded", "numeric", "title_marks", "volumes", "heading_order", "names_apart")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field of the record that a line becomes: raw column, tag, indicators, (code, column) of its subfields."""

    column: str
    tag: str
    indicators: str
    subfields: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """One row: what a record is to a line when the identity policy said so and the questions are answered so.

    `status` None: nothing. `one_of`, `several`: where the records found by this row differ in these columns, the
    `[[said]]` that takes the place of the answer.
    """

    id: str
    status: Status | None
    kind: str
    work: bool
    verdicts: frozenset[str]
    vetoes: frozenset[str]
    rows: frozenset[str]
    rows_not: frozenset[str]
    says: tuple[str, ...]
    silent: tuple[str, ...]
    when: Conditions
    unless: tuple[Conditions, ...]
    one_of: tuple[str, ...]
    several: str
    means: Words


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """All of the table. `patterns`: compiled, by name; `fields` by format; `texts` and `names` are words for people."""

    headings: Headings
    heading_rows: int
    largest: int
    delimiters: tuple[str, ...]
    encodings: tuple[str, ...]
    patterns: Mapping[str, re.Pattern[str]]
    leader: str
    fields: Mapping[Format, tuple[FieldShape, ...]]
    spelt: Mapping[Format, Mapping[str, str]]
    most_records: int
    most_matches: int
    work: tuple[Conditions, tuple[Conditions, ...]]
    relations: tuple[Relation, ...]
    asked: tuple[tuple[str, str], ...]
    names: Mapping[str, Mapping[str, Words]]

    def text(self, group: str, id: str) -> Words:
        """Words by group (result, kind, said, note, columns, texts, differences) and id."""
        return self.names[group][id]


def words(table: Mapping[str, str]) -> Words:
    """A pair of texts as it stands in a table."""
    return Words(table["zh"], table["en"])


@cache
def read_settings(rules: RuleSet) -> Settings:
    """Read and check the table, once per rule set. Raises RuleError naming the row, what was found and wanted."""
    place = f"{rules.root / 'orders.toml'}"
    table = rules.tables.get("orders")
    if table is None:
        raise RuleError(problem(place, "no such table", "the table of order lists", "restore it"))
    try:
        return _settings(table, rules, place)
    except (KeyError, ValueError, re.error) as error:
        raise RuleError(problem(place, f"{type(error).__name__} {error}", "a whole table", "mend that row")) from error


def _settings(table: Mapping[str, Any], rules: RuleSet, place: str) -> Settings:
    reading = table["reading"]
    work = table["work"]
    return Settings(
        headings=headings_of(table, rules.characters),
        heading_rows=int(reading["heading_rows"]),
        largest=int(reading["largest_megabytes"]) << 20,
        delimiters=tuple(reading["delimiters"]),
        encodings=tuple(reading["encodings"]),
        patterns={name: re.compile(reading[name], re.IGNORECASE) for name in _PATTERNS},
        leader=table["record"]["leader"],
        fields=_fields(table, place),
        spelt={Format[name.upper()]: spelt for name, spelt in table["spelt"].items()},
        most_records=int(table["limits"]["most_records"]),
        most_matches=int(table["limits"]["most_matches"]),
        work=(conditions(work["when"], f"{place} [work]"), _unless(work, f"{place} [work]")),
        relations=tuple(_relation(row, rules, place) for row in table["row"]),
        asked=_asked(table["differences"]["asked"], place),
        names=_names(table),
    )


def _names(table: Mapping[str, Any]) -> dict[str, dict[str, Words]]:
    named = {group: {row["id"]: words(row["name"]) for row in table[group]} for group in ("result", "kind", "column")}
    told = {group: {row["id"]: words(row["means"]) for row in table[group]} for group in ("said", "note")}
    plain = {group: {id: words(text) for id, text in table[group].items()} for group in ("columns", "texts")}
    shown = {id: words(text) for id, text in table["differences"]["name"].items()}
    return {**named, **told, **plain, "differences": shown}


def _fields(table: Mapping[str, Any], place: str) -> dict[Format, tuple[FieldShape, ...]]:
    made: dict[Format, list[FieldShape]] = {}
    for row in table["field"]:
        if row["column"] not in RAW_COLUMNS:
            wanted = "a raw column of records"
            raise RuleError(problem(f"{place} [[field]] {row['tag']}", repr(row["column"]), wanted, "mend the name"))
        subfields = tuple((code, name) for code, name in row["subfields"])
        needs = tuple(row.get("with", [name for _, name in subfields]))
        shape = FieldShape(row["column"], row["tag"], row.get("indicators", "  "), subfields, needs)
        made.setdefault(Format[row["format"].upper()], []).append(shape)
    return {kind: tuple(shapes) for kind, shapes in made.items()}


def _unless(row: Mapping[str, Any], place: str) -> tuple[Conditions, ...]:
    return tuple(conditions(one, place) for one in row.get("unless", []))


def _relation(row: Mapping[str, Any], rules: RuleSet, place: str) -> Relation:
    place = f"{place} [[row]] {row.get('id', 'without id')}"
    _known([*row.get("says", []), *row.get("silent", [])], CONCEPT.names, place)
    one_of = tuple(row.get("one_of", "").split())
    _known(one_of, CONCEPT.names, place)
    policy = read_policy(rules)
    _known(row.get("veto", []), [one.veto for one in policy.rows] + _switched_off(rules, "veto"), place)
    rows = [*row.get("row", []), *row.get("row_not", [])]
    _known(rows, [one.id for one in policy.rows] + _switched_off(rules, "id"), place)
    return Relation(
        id=row["id"],
        status=Status(row["result"]) if row["result"] else None,
        kind=row.get("kind", ""),
        work=bool(row.get("work")),
        verdicts=frozenset(row.get("verdict", [])),
        vetoes=frozenset(row.get("veto", [])),
        rows=frozenset(row.get("row", [])),
        rows_not=frozenset(row.get("row_not", [])),
        says=tuple(row.get("says", [])),
        silent=tuple(row.get("silent", [])),
        when=conditions(row.get("when", {}), place),
        unless=_unless(row, place),
        one_of=one_of,
        several=row.get("several", ""),
        means=words(row["means"]),
    )


def _switched_off(rules: RuleSet, key: str) -> list[str]:
    """Names in rows of the policy that a centre has switched off: they may be spoken of, and are never met."""
    return [row.get(key, "") for row in rules.tables["policy"]["row"] if not row.get("on", True)]


def _known(names: Sequence[str], known: Sequence[str], place: str) -> None:
    for name in names:
        if name not in known:
            raise RuleError(problem(place, repr(name), "a name that the policy or the concepts have", "mend the name"))


def _asked(pairs: Sequence[Sequence[str]], place: str) -> tuple[tuple[str, str], ...]:
    _known([question for question, _ in pairs], list(QUESTIONS), f"{place} [differences]")
    _known([column for _, column in pairs], CONCEPT.names, f"{place} [differences]")
    return tuple((question, column) for question, column in pairs)
