"""The rule book as data: one entry for every code, verdict, flag, policy row, veto, question and blocking rule."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from dedup.codes import LANGUAGES, Code, Kind, read_codes
from dedup.compare.asked import QUESTIONS
from dedup.compare.policy import read_policy
from dedup.model import Outcome
from dedup.rulebook.words import (
    Entry,
    Legend,
    Paragraph,
    Words,
    as_words,
    beside,
    conditions,
    crowded,
    each,
    part_words,
    read_legend,
    same,
    together,
    valued,
    with_id,
)
from dedup.rules import RuleSet
from dedup.stages.blocking import BlockingRule, read_blocking


class EntryKind(StrEnum):
    """What an entry speaks of; the ids of `[[kind]]` in legend.toml."""

    CAUSE = "cause"
    JUNK = "junk"
    FAULT = "fault"
    VERDICT = "verdict"
    FLAG = "flag"
    ACTION = "action"
    ROW = "row"
    VETO = "veto"
    OUTCOME = "outcome"
    QUESTION = "question"
    BLOCKING = "blocking"


_CODE_KINDS = {Kind.CAUSE: EntryKind.CAUSE, Kind.JUNK: EntryKind.JUNK, Kind.FAULT: EntryKind.FAULT}
_SAID = ("verdicts", "when", "unless", "also")
_NEAR = 6


@cache
def rulebook(rules: RuleSet) -> tuple[Entry, ...]:
    """All entries, kind after kind, in the order of their tables. Raises RuleError for a table that is not whole."""
    legend = read_legend(rules)
    read_policy(rules)
    rows = rules.tables["policy"]["row"]
    causes = _users(rows, "cause")
    codes = [_code(legend, code, causes.get(code.id, [])) for code in read_codes(rules).values()]
    return (
        *(entry for kind in _CODE_KINDS.values() for entry in codes if entry.kind == kind),
        *_legends(legend, EntryKind.VERDICT, _users(rows, "verdict")),
        *_legends(legend, EntryKind.FLAG, {}),
        *_legends(legend, EntryKind.ACTION, {}),
        *(_row(legend, number, len(rows), row) for number, row in enumerate(rows, 1)),
        *_vetoes(legend, rows),
        *_legends(legend, EntryKind.OUTCOME, {}),
        *(_question(legend, rules, name) for name in legend.questions),
        *(_blocking(legend, rules, rule) for rule in read_blocking(rules).rules),
    )


def find(entries: Iterable[Entry], word: str) -> list[Entry]:
    """The entries of that id, or of that name in either language; case does not matter."""
    wanted = word.strip().casefold()
    entries = list(entries)
    by_id = [entry for entry in entries if entry.id.casefold() == wanted]
    named = [entry for entry in entries if wanted in (entry.name.zh.casefold(), entry.name.en.casefold())]
    return by_id or named


def nearest(entries: Iterable[Entry], word: str) -> list[str]:
    """Ids that somebody who typed `word` may have meant, likeliest first."""
    ids = {entry.id.casefold(): entry.id for entry in entries}
    wanted = word.strip().casefold()
    alike = difflib.get_close_matches(wanted, ids, _NEAR, 0.6)
    bare = wanted.replace("0", "")
    same_number = [name for name in ids if bare and name.replace("0", "") == bare]
    begun = [name for name in ids if wanted and wanted in name]
    return [ids[name] for name in dict.fromkeys([*same_number, *alike, *begun])][:_NEAR]


def _paragraph(legend: Legend, label: str, *lines: Words) -> Iterator[Paragraph]:
    """A paragraph, or none when there is nothing to say."""
    if lines:
        yield Paragraph(legend.labels[label], lines)


def _code(legend: Legend, code: Code, rows: list[str]) -> Entry:
    texts = {name: as_words(getattr(code, name), code.id) for name in ("means", "signature", "counter", "responsible")}
    corrections = [beside(name, as_words(text, code.id)) for name, text in code.corrections.items()]
    severity = legend.names["severity"][code.severity]
    return Entry(
        _CODE_KINDS[code.kind],
        code.id,
        as_words(code.name, code.id),
        (
            *_paragraph(legend, "means", texts["means"]),
            *_paragraph(legend, "signature", texts["signature"]),
            *_known_by(legend, code.more),
            *_paragraph(legend, "by_rows", *([same(", ".join(rows))] if rows else [])),
            *_paragraph(legend, "conditions", *([legend.labels["remains"]] if _default(code, rows) else [])),
            *_paragraph(legend, "counter", texts["counter"]),
            *_paragraph(legend, "responsible", texts["responsible"]),
            *_paragraph(legend, "correction", *corrections),
            *_paragraph(legend, "severity", severity),
            *_paragraph(legend, "source", same(code.source)),
        ),
    )


def _default(code: Code, rows: list[str]) -> bool:
    """Whether a cause is the one that remains (see `dedup.compare.causes`)."""
    return code.kind is Kind.CAUSE and not rows and not any(code.more.get(key) for key in ("when", "also"))


def _known_by(legend: Legend, more: Mapping[str, Any]) -> Iterator[Paragraph]:
    """The conditions under which a stage finds a code, and whatever else its row says."""
    names = legend.names["verdict"]
    verdicts = (with_id(names.get(verdict, same(verdict)), verdict) for verdict in more.get("verdicts", []))
    yield from _paragraph(legend, "verdicts", *verdicts)
    for key, label in (("when", "one_of"), ("unless", "unless"), ("also", "also")):
        tables = more.get(key, [])
        tables = [tables] if isinstance(tables, Mapping) else tables
        yield from _paragraph(legend, label, *(together(legend, table) for table in tables))
    rest = {key: value for key, value in more.items() if key not in _SAID}
    yield from _paragraph(legend, "details", *(beside(key, _plain(value)) for key, value in rest.items()))


def _plain(value: object) -> Words:
    """A value of a table as somebody would write it down."""
    if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
        return as_words(value, "")
    parts = list(value) if isinstance(value, list | tuple) else []
    if isinstance(value, Mapping):
        parts = [f"{key} {_plain(one).en}" for key, one in value.items()]
    return same(", ".join(map(str, parts)) if parts else str(value))


def _users(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, list[str]]:
    """Which policy rows bear each value of a key."""
    users: dict[str, list[str]] = {}
    for row in rows:
        users.setdefault(row.get(key, ""), []).append(row["id"])
    return users


def _legends(legend: Legend, kind: EntryKind, users: Mapping[str, list[str]]) -> Iterator[Entry]:
    for name, words in legend.names.get(kind, {}).items():
        means = legend.means[kind].get(name)
        used = users.get(name, [])
        yield Entry(
            kind,
            name,
            words,
            (
                *_paragraph(legend, "means", *([means] if means else [])),
                *_paragraph(legend, "rows", *([same(", ".join(used))] if used else [])),
            ),
        )


def _row(legend: Legend, number: int, count: int, row: Mapping[str, Any]) -> Entry:
    unless = row.get("unless", [])
    alternatives = [unless] if isinstance(unless, Mapping) else unless
    when = conditions(legend, row.get("when", {}))
    least = row.get("least_score")
    if least is not None:
        when.append(valued(legend.labels["least_score"], f"{least:g}"))
    verdict = legend.names["verdict"][row["verdict"]]
    veto = row.get("veto", "")
    off = [legend.labels["switched_off"]] if not row.get("on", True) else []
    means = as_words(row["means"], row["id"])
    return Entry(
        EntryKind.ROW,
        row["id"],
        means,
        (
            *_paragraph(legend, "off", *off),
            *_paragraph(legend, "verdict", with_id(verdict, row["verdict"])),
            *_paragraph(legend, "veto", *([same(veto)] if veto else [])),
            *_paragraph(legend, "cause", *([same(row["cause"])] if row.get("cause") else [])),
            *_paragraph(legend, "conditions", *(when or [legend.labels["always"]])),
            *_paragraph(legend, "unless", *(together(legend, one) for one in alternatives)),
            *_paragraph(legend, "place", same(f"{number} / {count}")),
            *_paragraph(legend, "source", same(row["source"])),
        ),
    )


def _vetoes(legend: Legend, rows: Iterable[Mapping[str, Any]]) -> Iterator[Entry]:
    rows = list(rows)
    for veto in dict.fromkeys(row["veto"] for row in rows if row.get("veto")):
        mine = [row for row in rows if row.get("veto") == veto]
        lines = [beside(row["id"], as_words(row["means"], row["id"])) for row in mine]
        name = legend.names["veto"].get(veto, as_words(mine[0]["means"], veto))
        yield Entry(EntryKind.VETO, veto, name, tuple(_paragraph(legend, "rows", *lines)))


def _question(legend: Legend, rules: RuleSet, name: str) -> Entry:
    table = rules.tables["policy"]
    columns = [legend.column(column) for column in QUESTIONS[name].columns]
    weights = read_policy(rules).weights.get(name, {})
    points = [
        valued(legend.outcome(one), f"{weights[one]:+g}") for one in sorted(Outcome, reverse=True) if one in weights
    ]
    limits = table["limits"].get(name, {})
    asked = [row["id"] for row in table["row"] if _asks(row, name)]
    asked += [code.id for code in read_codes(rules).values() if _asks(code.more, name)]
    return Entry(
        EntryKind.QUESTION,
        name,
        legend.question(name),
        (
            *_paragraph(legend, "means", legend.means["question"][name]),
            *_paragraph(legend, "compared", each(lambda language: ", ".join(one.of(language) for one in columns))),
            *_paragraph(legend, "limits", *(same(f"{key}: {value}") for key, value in limits.items())),
            *_paragraph(legend, "points", *points),
            *_paragraph(legend, "rows", *([same(", ".join(asked))] if asked else [])),
        ),
    )


def _asks(row: Mapping[str, Any], name: str) -> bool:
    """Whether a policy row or a cause asks a question."""
    groups = (row.get(key, []) for key in ("when", "unless", "also"))
    return any(name in table for group in groups for table in ([group] if isinstance(group, Mapping) else group))


def _blocking(legend: Legend, rules: RuleSet, rule: BlockingRule) -> Entry:
    row = rules.tables["blocking"]["rule"][rule.number]
    means = as_words(rule.means, rule.id)
    return Entry(
        EntryKind.BLOCKING,
        rule.id,
        means,
        (
            *_paragraph(legend, "why", as_words(row["why"], rule.id)),
            *_paragraph(legend, "key", *(part_words(legend, part) for part in rule.parts)),
            *_paragraph(legend, "crowded", crowded(legend, rule)),
        ),
    )
