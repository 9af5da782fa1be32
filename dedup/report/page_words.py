"""The words and numbers of pages: `rules/page.toml`, and the names of verdicts, causes, flags, actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.codes import read_codes
from dedup.errors import RuleError, problem
from dedup.report.model import Line, Part
from dedup.report.page_parts import Limits
from dedup.rulebook import Words, read_legend
from dedup.rulebook.words import as_words
from dedup.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of a group: a field of Line, its name, and whether its value is a list."""

    id: str
    name: Words
    listed: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of numbers that has a name: from `least` upwards, up to the band before it."""

    id: str
    name: Words
    least: float


@dataclass(frozen=True, slots=True, eq=False)
class PageWords:
    """Everything that pages say, by id. `names` holds verdicts, flags, actions (legend.toml) and `code` (D, J, Q);
    `values` what the values of a field are called that are ids; `on_a_page` how many groups a page has at the most;
    `outside` the tags that are not compared.
    """

    labels: Mapping[str, Words]
    parts: Mapping[str, Words]
    fields: tuple[Shown, ...]
    bands: tuple[Band, ...]
    values: Mapping[str, Mapping[str, Words]]
    names: Mapping[str, Mapping[str, Words]]
    means: Mapping[str, Mapping[str, Words]]
    limits: Limits
    on_a_page: int
    long: int
    outside: frozenset[str]
    blank: str
    at_once: int
    centre: str
    chart: Mapping[str, int]

    def name(self, kind: str, id: str) -> Words:
        """What something is called; its own id when no table knows it."""
        return self.names[kind].get(id, Words(id, id))

    def band(self, confidence: str) -> Band | None:
        """How sure a finding is; None when it does not say so in a number."""
        try:
            value = float(confidence)
        except ValueError:
            return None
        return next((band for band in self.bands if value >= band.least), None)


@cache
def read_words(rules: RuleSet) -> PageWords:
    """Raises RuleError when page.toml names an unknown field or part, or says something in one language only."""
    table, place = rules.tables.get("page", {}), f"{rules.root / 'page.toml'}"
    legend, codes = read_legend(rules), read_codes(rules)
    parts = {row["id"]: as_words(row["name"], f"{place} [[part]] {row['id']}") for row in _rows(table, "part", place)}
    fields = tuple(
        Shown(row["id"], as_words(row["name"], f"{place} [[field]] {row['id']}"), bool(row.get("listed")))
        for row in _rows(table, "field", place)
    )
    _known(f"{place} [[part]]", parts, {part.value for part in Part})
    _known(f"{place} [[field]]", [field.id for field in fields], set(Line.__dataclass_fields__))
    return PageWords(
        labels={name: as_words(text, f"{place} [label] {name}") for name, text in table["label"].items()},
        parts=parts,
        fields=fields,
        bands=read_bands(table, "band", place),
        values={
            field: {id: as_words(text, f"{place} [values.{field}] {id}") for id, text in named.items()}
            for field, named in table["values"].items()
        },
        names={**legend.names, "code": {id: as_words(code.name, id) for id, code in codes.items()}},
        means={**legend.means, "code": {id: as_words(code.means, id) for id, code in codes.items()}},
        limits=Limits(table["parts"]["words"], table["parts"]["alike"]),
        on_a_page=table["pages"]["groups"],
        long=table["parts"]["long"],
        outside=_outside(rules, table["marc"]),
        blank=table["marc"]["blank"],
        at_once=table["marc"]["groups_at_once"],
        centre=rules.tables["causes"]["centre"],
        chart=table["chart"],
    )


def read_bands(table: Mapping[str, Any], name: str, place: str) -> tuple[Band, ...]:
    """The bands of a table, highest first."""
    rows = _rows(table, name, place)
    bands = (Band(row["id"], as_words(row["name"], f"{place} [[{name}]] {row['id']}"), row["least"]) for row in rows)
    return tuple(sorted(bands, key=lambda band: -band.least))


def _rows(table: Mapping[str, Any], name: str, place: str) -> list[Mapping[str, Any]]:
    rows = table.get(name, [])
    if not rows:
        raise RuleError(problem(place, f"no [[{name}]]", "the table as it came", "restore it"))
    return list(rows)


def _known(place: str, names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise RuleError(problem(place, repr(name), f"one of {', '.join(sorted(known))}", "correct it"))


def _outside(rules: RuleSet, table: Mapping[str, Any]) -> frozenset[str]:
    """The tags that are no part of the comparison: of the keys and columns that page.toml names, in any format."""
    tags: set[str] = set()
    for name, fields in rules.tables.items():
        if name.startswith("fields/"):
            tags.update(tag for key in table["keys"] for tag in fields[key])
            tags.update(tag for column in table["columns"] for tag in fields["columns"][column])
    return frozenset(tags)
