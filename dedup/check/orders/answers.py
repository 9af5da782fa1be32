"""One answer for each line: the best of what the records are to it, by whom they are held, and in what they differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.check.orders.candidates import Candidates
from dedup.check.orders.judging import NONE, Judged
from dedup.check.orders.model import Answer, Difference, Line, Match, Status
from dedup.check.orders.settings import Relation, Settings
from dedup.compare.pairs import Concepts
from dedup.explain.records import shown
from dedup.rulebook import Words
from dedup.rules import RuleSet
from dedup.tables import COMPARED, CONCEPT

_Found = tuple[Relation, Match, Mapping[str, Any]]
_ORDER = {status: place for place, status in enumerate(Status)}
_NUMBER_ELSEWHERE = ("number-other-title", "set-number-other-title")
# A row that asks whether the records found bear one title did not compare it with that of the line.
_TITLE = "title_key"
_SURE = (Status.HELD, Status.LIKELY)


@dataclass(frozen=True, slots=True, eq=False)
class _Desk:
    """All that is needed to answer: lines, their concepts as rows, the records as rows by rid, and the rules."""

    lines: Sequence[Line]
    first: int
    made: Sequence[Mapping[str, Any]]
    records: Mapping[int, Mapping[str, Any]]
    crowded: frozenset[int]
    settings: Settings
    rules: RuleSet


def answers(
    lines: Sequence[Line], made: pa.RecordBatch, found: Candidates, settings: Settings, rules: RuleSet
) -> Iterator[Answer]:
    """The answers to lines, in their order. `made`: the lines as CONCEPT rows with `rid`, numbered in one stretch."""
    first = int(made.column("rid")[0].as_py())
    concepts, place = _together(made, found.records)
    held, repeats = (_judged(concepts, place, pairs, settings, rules) for pairs in (found.pairs, found.repeats))
    related = found.pairs["other"].filter(pa.array(held.rows != NONE))
    records = {row["rid"]: row for row in found.records.filter(pc.is_in(found.records["rid"], related)).to_pylist()}
    desk = _Desk(lines, first, made.to_pylist(), records, found.crowded, settings, rules)
    earlier = _repeated(repeats, found.repeats, desk)
    matches = _matches(held, found.pairs, desk)
    for number, line in enumerate(lines):
        yield _answer(number, line, matches.get(first + number, []), earlier.get(first + number, -1), desk)


def _together(made: pa.RecordBatch, records: pa.Table) -> tuple[Concepts, Mapping[int, int]]:
    """Lines and records in one table of what is compared, and where each rid stands in it."""
    schema = pa.schema([CONCEPT.field(name) for name in COMPARED])
    tables = [pa.Table.from_batches([made]).select(COMPARED), records.select(COMPARED)]
    table = pa.concat_tables([one.cast(schema) for one in tables]).combine_chunks()
    rids = chain(made.column("rid").to_pylist(), records["rid"].to_pylist())
    return Concepts(table), {rid: at for at, rid in enumerate(rids)}


def _judged(
    concepts: Concepts, place: Mapping[int, int], pairs: pa.Table, settings: Settings, rules: RuleSet
) -> Judged:
    left, right = (np.array([place[rid] for rid in pairs[name].to_pylist()], np.int64) for name in ("line", "other"))
    return Judged(concepts, left, right, settings, rules)


def _repeated(judged: Judged, pairs: pa.Table, desk: _Desk) -> dict[int, int]:
    """The number of the first line that a line repeats, by rid."""
    found: dict[int, int] = {}
    for line, other, row in zip(pairs["line"].to_pylist(), pairs["other"].to_pylist(), judged.rows, strict=True):
        if row != NONE and desk.settings.relations[row].status in _SURE:
            found.setdefault(line, other - desk.first)
    return found


def _matches(judged: Judged, pairs: pa.Table, desk: _Desk) -> dict[int, list[_Found]]:
    """The records that have to do with each line, by its rid, the surest first."""
    related = np.flatnonzero(judged.rows != NONE)
    told: dict[int, list[str]] = defaultdict(list)
    for question, places in judged.differing(related).items():
        for at in places.tolist():
            told[at].append(question)
    found: dict[int, list[_Found]] = defaultdict(list)
    lines, others = pairs["line"].to_pylist(), pairs["other"].to_pylist()
    for at in related.tolist():
        row, record = desk.settings.relations[judged.rows[at]], desk.records[others[at]]
        match = _match(row, record, desk.made[lines[at] - desk.first], told[at], desk)
        found[lines[at]].append((row, match, record))
    for some in found.values():
        some.sort(key=lambda one: _nearness(one[1], desk.settings))
    return found


def _nearness(match: Match, settings: Settings) -> tuple[int, int, int, str]:
    """The surest first, then those that differ least, then the forms that are nearest to what was asked for."""
    kinds = list(settings.names["kind"])
    form = kinds.index(match.kind) if match.kind else 0
    return _ORDER[match.status], len(match.differs), form, match.record_id


def _match(
    row: Relation, record: Mapping[str, Any], line: Mapping[str, Any], told: Sequence[str], desk: _Desk
) -> Match:
    assert row.status is not None  # rows without a result were left out
    holders = Counter(library for library in record["libraries"] or () if library)
    return Match(
        record_id=record["record_id"],
        libraries=dict(sorted(holders.items())) if holders else {record["home"]: 0},
        title=record["display_title"] or "",
        statement=record["display_statement"] or "",
        status=row.status,
        kind=row.kind,
        row=row.id,
        reason=row.means,
        differs=tuple(_differences(record, line, told, desk)),
    )


def _differences(
    record: Mapping[str, Any], line: Mapping[str, Any], told: Sequence[str], desk: _Desk
) -> Iterator[Difference]:
    """Each column once in which both differ, with both values."""
    seen: set[str] = set()
    for question, column in desk.settings.asked:
        if question in told and column not in seen:
            seen.add(column)
            ours, theirs = (_value(column, row, desk) for row in (line, record))
            if ours != theirs:
                yield Difference(desk.settings.text("differences", column), ours, theirs)


def _value(column: str, row: Mapping[str, Any], desk: _Desk) -> str:
    if column == "isbn":
        return ", ".join(row["isbn_text"] or ())
    if column == "level":
        order = desk.rules.tables["report"]["levels"]["order"]
        return str(order[row[column]])
    return shown(column, row[column]).replace(" | ", ", ")


def _answer(
    number: int,
    line: Line,
    found: Sequence[_Found],
    earlier: int,
    desk: _Desk,
) -> Answer:
    status, kind, reason = _said(number, found, desk)
    elsewhere = [match for row, match, _ in found if row.id in _NUMBER_ELSEWHERE and match.status is not status]
    notes = [(note.id, note.value) for note in line.notes]
    notes += [("other-title", f"{match.record_id} {match.title}") for match in elsewhere[:1]]
    texts = [_with(desk.settings.text("note", id), value) for id, value in notes]
    if earlier >= 0:
        texts.append(_repeats(desk.lines[earlier], desk.settings))
    matches = tuple(match for _, match, _ in found)[: desk.settings.most_matches]
    return Answer(line, status, kind, reason, matches, tuple(texts))


def _said(number: int, found: Sequence[_Found], desk: _Desk) -> tuple[Status, str, Words]:
    """Status, kind and reason of a line by the best of its records; without any by what it lacks."""
    if found:
        row, best, _ = found[0]
        elsewhere = next((match for other, match, _ in found if other.id in _NUMBER_ELSEWHERE), None)
        if elsewhere and _TITLE in row.one_of:
            return elsewhere.status, "", elsewhere.reason
        if row.several and _open(row, found, desk.made[number]):
            return Status.LOOK, "", desk.settings.text("said", row.several)
        return best.status, best.kind, best.reason
    made = desk.made[number]
    numbered = any(made[name] for name in ("isbn", "isbn_weak", "isbn_set", "isbn_part", "unified_number"))
    crowded = desk.first + number in desk.crowded
    if not made["title_key"] or made["junk"] not in ("", *_alone(desk.rules)):
        said = "absent-number" if numbered else "empty"
    elif crowded:
        said = "absent-common" if numbered else "crowded"
    else:
        said = "absent" if numbered else "absent-title"
    return Status.LOOK if said in ("empty", "crowded") else Status.ABSENT, "", desk.settings.text("said", said)


def _open(row: Relation, found: Sequence[_Found], line: Mapping[str, Any]) -> bool:
    """Whether a line leaves open which of several books or volumes under one number it means."""
    if any(line[name] for name in row.one_of):
        return False
    rivals = [record for other, _, record in found if other.several == row.several and not record["junk"]]
    values = {tuple(str(record[name] or "") for name in row.one_of) for record in rivals}
    return len({one for one in values if any(one)}) > 1


def _alone(rules: RuleSet) -> Sequence[str]:
    """Codes of records that hold a real title, and nothing else by which to know the book."""
    codes: Sequence[str] = rules.tables["policy"]["limits"]["title_alone"]["codes"]
    return codes


def _with(text: Words, *values: str) -> Words:
    """A text with values in place of its `{}`."""
    return Words(text.zh.format(*values), text.en.format(*values))


def _repeats(line: Line, settings: Settings) -> Words:
    note = settings.text("note", "repeats")
    place = place_of(line, settings)
    return Words(note.zh.format(place.zh), note.en.format(place.en))


def place_of(line: Line, settings: Settings) -> Words:
    """Where a line stands: its row, with its sheet where the list has names for them."""
    if line.sheet:
        return _with(settings.text("texts", "place_sheet"), line.sheet, str(line.row))
    return _with(settings.text("texts", "place"), str(line.row))
