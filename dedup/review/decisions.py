"""The log of judgements for its readers: a list with what holds, and a CSV file that another database can take in."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from dedup.engine.base import Engine
from dedup.errors import DedupError, InputError, nearest, problem
from dedup.explain import place_of
from dedup.review.decide import Decided, Entry, Word, append, as_entry, entry_of, instant, require
from dedup.review.log import with_id
from dedup.review.model import Answer, Refusal
from dedup.rules import RuleSet
from dedup.stages.answers import UNDO, read_log, states
from dedup.tables import JUDGEMENT

Row = dict[str, Any]

_NUMBERS = ("left_identity", "right_identity", "left_content", "right_content")
_SHORT = {"left": "left_record", "right": "right_record"}
_NEEDED = ("left_record", "right_record", "answer")
_BETWEEN = ";"
_LONGEST = 32_767


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the log, and whether it holds: standing, overruled, lapsed, gone, undone; '' of one that undoes."""

    entry: Entry
    state: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file: rows added, rows that the log had already, rows that could not be taken."""

    added: int
    known: int
    refused: tuple[Refusal, ...]


def list_decisions(engine: Engine, rules: RuleSet) -> list[Listed]:
    """All entries of the log in its order, replies of libraries included."""
    require(engine, "-")
    rows = read_log(engine).to_pylist()
    known = states(engine, rules) if rows else {}
    return [Listed(as_entry(row), known.get(row["id"], "")) for row in rows]


def export_decisions(engine: Engine, out: TextIO) -> int:
    """Write the whole log as CSV in the columns of table `judgement`. Returns its rows.

    Hashes are written in hexadecimal, which no spreadsheet rounds.
    """
    writer = csv.DictWriter(out, JUDGEMENT.names, lineterminator="\n")
    writer.writeheader()
    rows = read_log(engine).to_pylist()
    writer.writerows(_as_text(row) for row in rows)
    return len(rows)


def _as_text(row: Row) -> dict[str, str]:
    numbers = {name: "" if row[name] is None else f"0x{row[name]:016x}" for name in _NUMBERS}
    return {**row, **numbers, "libraries": _BETWEEN.join(row["libraries"])}


def import_decisions(engine: Engine, rules: RuleSet, path: Path, by: str = "") -> Imported:
    """Add the rows of a CSV file that the log does not have: one that was exported, or one written by hand.

    A row by hand needs left, right (record ids) and answer (same, different, review), may have by, note and answered
    (when), and speaks of the records as they are now. `by` stands where a row names nobody.
    Raises InputError when the file cannot be read or lacks a column.
    """
    require(engine, "-")
    log = read_log(engine)
    entries = {row["id"]: row["answer"] for row in log.to_pylist()}
    fresh, refused, known = [], [], 0
    taking = _Taking(engine, rules, by)
    for line, cells in _rows(path):
        try:
            row = taking.row(cells, entries)
        except DedupError as error:
            refused.append(_refusal(f"{path.name}: line {line}", error))
            continue
        if row["id"] in entries:
            known += 1
            continue
        entries[row["id"]] = row["answer"]
        fresh.append(row)
    if fresh:
        append(engine, log, fresh)
    return Imported(len(fresh), known, tuple(refused))


def _refusal(place: str, error: DedupError) -> Refusal:
    at, _, rest = str(error).partition(": found ")
    found, _, rest = rest.partition("; wanted ")
    wanted, _, remedy = rest.partition("; ")
    return Refusal(f"{place}: {at}", found, wanted, remedy)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column of every row that holds anything."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", strict=True)
            _check_columns(path, reader.fieldnames or ())
            for row in reader:
                cells = {_SHORT.get(name, name): (value or "") for name, value in row.items() if name}
                if any(cells.values()):
                    yield reader.line_num, cells
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputError(problem(str(path), str(error), "a CSV file in UTF-8", "save it as CSV in UTF-8")) from error


def _check_columns(path: Path, names: Sequence[str]) -> None:
    given = [_SHORT.get(name, name) for name in names]
    for name in given:
        if name not in JUDGEMENT.names:
            remedy = nearest(name, [*JUDGEMENT.names, *_SHORT]) or "take it out"
            raise InputError(problem(str(path), f"column {name!r}", "columns of the log", remedy))
    if missing := [name for name in _NEEDED if name not in given]:
        raise InputError(
            problem(
                str(path), f"no column {missing[0]!r}", "left, right and answer at least", "add it to the first line"
            )
        )


@dataclass(frozen=True, slots=True)
class _Taking:
    """Rows of a file as rows of the log."""

    engine: Engine
    rules: RuleSet
    by: str

    def row(self, cells: Mapping[str, str], entries: Mapping[str, str]) -> Row:
        """One row; `entries`: id -> answer of those that are known. Raises InputError saying what is wrong."""
        long = [name for name, text in cells.items() if len(text) > _LONGEST]
        if long:
            raise InputError(problem(long[0], f"{len(cells[long[0]])} letters", f"at most {_LONGEST}", "shorten it"))
        when = cells.get("answered", "")
        if when and instant(when) is None:
            raise InputError(problem("answered", repr(when), "a moment as 2024-08-31T09:00:00Z", "correct it"))
        return self._exported(cells, entries) if cells.get("id") else self._by_hand(cells)

    def _exported(self, cells: Mapping[str, str], entries: Mapping[str, str]) -> Row:
        row: Row = {name: cells.get(name, "") for name in JUDGEMENT.names}
        row["libraries"] = [one for one in row["libraries"].split(_BETWEEN) if one]
        for name in _NUMBERS:
            row[name] = _number(name, row[name])
        answers = [*Answer, *Decided, UNDO]
        if row["answer"] not in answers:
            raise InputError(problem("answer", repr(row["answer"]), f"one of {', '.join(answers)}", "correct it"))
        if with_id(row)["id"] != row["id"]:
            wanted = "the id that belongs to what the row says"
            raise InputError(problem("id", repr(row["id"]), wanted, "leave id empty to enter something new"))
        if (row["answer"] == UNDO) != bool(row["undoes"]) or (
            row["undoes"] and entries.get(row["undoes"]) in (None, UNDO)
        ):
            wanted = "with answer undo the id of an entry of the log, or of a row above"
            raise InputError(problem("undoes", repr(row["undoes"]), wanted, "take in the whole exported file"))
        return row

    def _by_hand(self, cells: Mapping[str, str]) -> Row:
        answer = cells["answer"].strip().lower()
        if answer not in list(Decided):
            raise InputError(problem("answer", repr(answer), f"one of {', '.join(Decided)}", "correct it"))
        by = cells.get("by", "").strip() or self.by
        if not by:
            raise InputError(problem("by", "no name", "who decides", "fill it in, or name somebody with --by"))
        rids = [place_of(self.engine, cells[name]) for name in ("left_record", "right_record")]
        if rids[0] == rids[1]:
            raise InputError(problem(cells["left_record"], "one record, twice", "two records", "name another"))
        query = "SELECT record_id FROM record WHERE rid IN (SELECT unnest($rids)) ORDER BY record_id"
        left, right = self.engine.read(query, {"rids": rids})["record_id"].to_pylist()
        known = instant(cells.get("answered", ""))
        when = known.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if known else ""
        row = entry_of(self.engine, self.rules, (left, right), Word(Decided(answer), by, cells.get("note", "")), when)
        # The month in which a file is taken in says nothing: the same file must stay the same next month.
        return with_id(row | {"period": "", "group_id": ""})


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        value = int(text, 16)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 64:
        raise InputError(problem(name, repr(text), "a hash as it was exported", "take in the exported file unchanged"))
    return value
