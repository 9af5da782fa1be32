"""Words in both languages, and how conditions and keys of the tables are said in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.codes import LANGUAGES, filled
from dedup.compare.asked import QUESTIONS
from dedup.errors import RuleError, problem
from dedup.model import Outcome
from dedup.rules import RuleSet
from dedup.stages.blocking import BlockingRule, Column, Part


@dataclass(frozen=True, slots=True)
class Words:
    """A text in Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text in `zh` or `en`."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A labelled part of an entry, one or more lines."""

    label: Words
    lines: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the rule book: `kind` (an id of `[[kind]]` in legend.toml), id, name and its paragraphs in order."""

    kind: str
    id: str
    name: Words
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Legend:
    """`rules/legend.toml` and `rules/questions.toml`: names and meanings by id, labels, columns of a record."""

    labels: Mapping[str, Words]
    columns: Mapping[str, Words]
    names: Mapping[str, Mapping[str, Words]]
    means: Mapping[str, Mapping[str, Words]]
    questions: tuple[str, ...]
    shown: tuple[str, ...]

    def label(self, name: str, **values: Words) -> Words:
        """A label with its values put in, each in its own language."""
        text = self.labels[name]
        return each(lambda language: filled(text.of(language), {k: v.of(language) for k, v in values.items()}))

    def column(self, name: str) -> Words:
        """What a column of a record is called; its own name when the table does not know it."""
        return self.columns.get(name, same(name))

    def outcome(self, outcome: int) -> Words:
        """What the answer to a question is called."""
        return self.names["outcome"][Outcome(outcome).name.lower()]

    def question(self, name: str) -> Words:
        """What a question is called."""
        return self.names["question"][name]


def same(text: str) -> Words:
    """One text for both languages."""
    return Words(text, text)


def each(make: Callable[[str], str]) -> Words:
    """A text made for each language."""
    return Words(*(make(language) for language in LANGUAGES))


def beside(prefix: str, text: Words) -> Words:
    """`prefix: text` in each language."""
    return each(lambda language: f"{prefix}: {text.of(language)}")


def with_id(text: Words, word: str) -> Words:
    """`text (word)` in each language."""
    return each(lambda language: f"{text.of(language)} ({word})")


def valued(text: Words, value: str) -> Words:
    """`text value` in each language."""
    return each(lambda language: f"{text.of(language)} {value}")


def as_words(text: object, place: str) -> Words:
    """A table's text in both languages. Raises RuleError naming the place when one is missing."""
    if not isinstance(text, Mapping) or not all(text.get(language) for language in LANGUAGES):
        raise RuleError(problem(place, repr(text), "a text in zh and in en", "write both"))
    return Words(text["zh"], text["en"])


@cache
def read_legend(rules: RuleSet) -> Legend:
    """Read and check both tables. Raises RuleError for a text that is missing in one language."""
    table, asked = rules.tables.get("legend", {}), rules.tables.get("questions", {}).get("question", [])
    place = f"{rules.root / 'legend.toml'}"
    kinds = [name for name, rows in table.items() if isinstance(rows, list)]
    names: dict[str, Mapping[str, Words]] = {kind: _texts(table[kind], "name", f"{place} {kind}") for kind in kinds}
    means = {kind: _texts(table[kind], "means", f"{place} {kind}") for kind in kinds}
    place = f"{rules.root / 'questions.toml'}"
    names["question"] = _texts(asked, "name", place)
    # A centre's older copy of the tables may not know a question yet: then it is explained in English alone.
    names["question"] = {**{name: same(name) for name in QUESTIONS}, **names["question"]}
    chinese = {row["id"]: row.get("means", "") for row in asked}
    means["question"] = {
        name: Words(chinese.get(name) or one.explanation, one.explanation) for name, one in QUESTIONS.items()
    }
    labels = {name: as_words(text, f"legend.toml label {name}") for name, text in table["label"].items()}
    columns = {name: as_words(text, f"legend.toml column {name}") for name, text in table["column"].items()}
    listed = [row["id"] for row in asked if row["id"] in QUESTIONS]
    order = tuple(dict.fromkeys([*listed, *QUESTIONS]))
    return Legend(labels, columns, names, means, order, tuple(table["record"]["columns"]))


def _texts(rows: Iterable[Mapping[str, Any]], key: str, place: str) -> dict[str, Words]:
    return {row["id"]: as_words(row[key], f"{place} {row['id']}") for row in rows if isinstance(row.get(key), Mapping)}


def outcomes_named(words: str) -> tuple[Outcome, ...]:
    """The outcomes that a condition such as `agrees close` or `not differs` allows, best first.

    Raises KeyError for an unknown word; the policy's reader has refused such a table before.
    """
    parts = words.split()
    named = {Outcome[part.upper()] for part in parts if part != "not"}
    allowed = set(Outcome) - named if parts[:1] == ["not"] else named
    return tuple(sorted(allowed, reverse=True))


def condition(legend: Legend, name: str, words: str) -> Words:
    """One condition in words: `title (title): agrees or close`."""
    allowed = [legend.outcome(one) for one in outcomes_named(words)]

    def said(language: str) -> str:
        """The outcomes joined by commas and `or`."""
        *most, last = [one.of(language) for one in allowed]
        if not most:
            return last
        if language == "zh":
            return f"{'、'.join(most)}{legend.labels['or'].zh}{last}"
        return f"{', '.join(most)} {legend.labels['or'].en} {last}"

    question = legend.names["question"].get(name, same(name))
    return each(lambda language: f"{question.of(language)} ({name}): {said(language)}")


def conditions(legend: Legend, table: Mapping[str, str]) -> list[Words]:
    """Every condition of a table, one a line."""
    return [condition(legend, name, words) for name, words in table.items()]


def together(legend: Legend, table: Mapping[str, str]) -> Words:
    """All conditions of a table in one line."""
    lines = conditions(legend, table)
    return each(lambda language: "; ".join(line.of(language) for line in lines))


def part_words(legend: Legend, part: Part) -> Words:
    """A part of a blocking key in words."""
    columns = [_column_words(legend, column) for column in part]
    return each(lambda language: f" {legend.labels['or'].of(language)} ".join(one.of(language) for one in columns))


def _column_words(legend: Legend, column: Column) -> Words:
    name = legend.column(column.name)
    if column.first:
        return legend.label("first_of", column=name)
    if column.start:
        return legend.label("start_of", column=name, n=same(str(column.start)))
    if column.next:
        return legend.label("next_of", column=name)
    if column.beside:
        return legend.label("beside", column=name, other=legend.column(column.beside))
    return name


def crowded(legend: Legend, rule: BlockingRule) -> Words:
    """What happens when too many records share a key of a blocking rule."""
    refine = part_words(legend, rule.refine)
    return legend.label("crowded_text", cap=same(str(rule.cap)), window=same(str(rule.window)), refine=refine)
