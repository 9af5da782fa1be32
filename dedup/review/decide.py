"""What people decide about two records, one word at a time: entries of the log, and entries that undo earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.errors import InputError, StoreError, nearest, problem
from dedup.explain import place_of
from dedup.review.log import with_id
from dedup.rules import RuleSet
from dedup.stages.answers import UNDO, read_log
from dedup.stages.identity import identity_of
from dedup.tables import JUDGEMENT

Row = dict[str, Any]

_TABLES = ("record", "source", "judged", "member", "run", "reported")
# The two records as they are now, with the libraries that hold them.
_RECORDS = """
SELECT r.rid, r.record_id, {identity} AS identity, r.fingerprint AS content,
       CASE WHEN len(list_filter(r.libraries, lambda x: x <> '')) > 0
            THEN list_filter(r.libraries, lambda x: x <> '') ELSE [s.library] END AS libraries
FROM record r JOIN source s ON s.source = r.source WHERE r.record_id IN (SELECT unnest($names)) ORDER BY r.record_id
"""
# The finding of the last report in which both stand, the one about duplicates first.
_FINDING = """
SELECT a.group_id, a.verdict, a.cause, list_sort(list_distinct(flatten(list(g.libraries)))) AS libraries
FROM reported a JOIN reported z ON z.group_id = a.group_id AND z.period = a.period AND z.record_id = $right
JOIN reported g ON g.group_id = a.group_id AND g.period = a.period
WHERE a.record_id = $left AND a.period = $period AND a.verdict <> 'junk'
GROUP BY a.group_id, a.verdict, a.cause ORDER BY a.verdict <> 'same', a.group_id LIMIT 1
"""
_JUDGED = 'SELECT verdict FROM judged WHERE "left" = $low AND "right" = $high'
_SHORTEST = 4


class Decided(StrEnum):
    """What a person may decide about two records."""

    SAME = "same"
    DIFFERENT = "different"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says, who, and why."""

    decided: Decided
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log. `before`: what the last run made of the two records; '' when it did not compare them.

    `undoes`: the id of an entry that holds no longer since this one, else ''.
    """

    id: str
    answer: str
    by: str
    when: str
    left: str
    right: str
    note: str
    undoes: str = ""
    before: str = ""


def decide(engine: Engine, rules: RuleSet, names: tuple[str, str], word: Word) -> Entry:
    """Add to the log what somebody says of two records, named by record id or control number; blocking need not know.

    Raises InputError when one of them cannot be found, both are one, or nobody is named; StoreError for a database
    without the tables of a run.
    """
    require(engine, word.by)
    rids = [place_of(engine, name) for name in names]
    if rids[0] == rids[1]:
        raise InputError(problem(" ".join(names), "one record, twice", "two records", "name another"))
    query = "SELECT record_id FROM record WHERE rid IN (SELECT unnest($rids)) ORDER BY record_id"
    left, right = engine.read(query, {"rids": rids})["record_id"].to_pylist()
    log = read_log(engine)
    row = entry_of(engine, rules, (left, right), word, moment(_times(log, (left, right))))
    append(engine, log, [row])
    said = engine.read(_JUDGED, {"low": min(rids), "high": max(rids)})["verdict"].to_pylist()
    return as_entry(row, said[0] if said else "")


def undo(engine: Engine, start: str, by: str, note: str = "") -> Entry:
    """Add to the log that an earlier entry, named by the beginning of its id, holds no longer.

    Raises InputError when no entry or several begin so, when it undoes another one, or is undone already.
    """
    require(engine, by)
    log = read_log(engine)
    rows = log.to_pylist()
    undone = _named(rows, start.strip().lower())
    if undone["answer"] == UNDO:
        raise InputError(problem(start, "an entry that undoes another", "a decision", "decide once more"))
    if any(row["undoes"] == undone["id"] for row in rows):
        raise InputError(problem(start, "an entry that is undone already", "one that holds", "decide once more"))
    ends = (undone["left_record"], undone["right_record"])
    row = undone | _said(UNDO, by, note, moment(_times(log, ends))) | {"library": "", "undoes": undone["id"]}
    row = with_id(row | {"file": "", "done_on": ""})
    append(engine, log, [row])
    return as_entry(row)


def _named(rows: Sequence[Row], start: str) -> Row:
    found = [row for row in rows if start and row["id"].startswith(start)]
    if len(found) == 1 and (len(start) >= _SHORTEST or found[0]["id"] == start):
        return found[0]
    what = f"{len(found)} entries that begin so" if found else "no such entry"
    wanted = f"the id of one entry, or its first letters, {_SHORTEST} or more"
    remedy = nearest(start, [row["id"][: max(len(start), _SHORTEST)] for row in rows]) or "see `dedup decisions`"
    raise InputError(problem(repr(start), what, wanted, remedy))


def require(engine: Engine, by: str) -> None:
    """Raises StoreError when the tables of a run are missing, InputError when nobody is named."""
    known = set(engine.read("SELECT table_name FROM information_schema.tables")["table_name"].to_pylist())
    if missing := [name for name in _TABLES if name not in known]:
        found = f"no table {missing[0]}"
        raise StoreError(problem("database", found, "one that this version made", "repeat `dedup run`"))
    if not by.strip():
        raise InputError(problem("--by", "no name", "who decides", "name somebody with --by"))


def entry_of(engine: Engine, rules: RuleSet, names: tuple[str, str], word: Word, when: str) -> Row:
    """A row of the log about two records (ids, in order) as they are now, and the finding of the last report."""
    query = _RECORDS.format(identity=identity_of(rules))
    one, other = engine.read(query, {"names": list(names)}).to_pylist()
    period = engine.read("SELECT period FROM run")["period"][0].as_py()
    found = engine.read(_FINDING, {"left": one["record_id"], "right": other["record_id"], "period": period})
    libraries = sorted({*one["libraries"], *other["libraries"]} - {""})
    finding = {"group_id": "", "verdict": "", "cause": "", "libraries": libraries}
    return with_id(
        finding
        | (found.to_pylist()[0] if found.num_rows else {})
        | _said(word.decided, word.by, word.note, when)
        | {"library": "", "period": period, "done_on": "", "file": "", "undoes": ""}
        | {f"left_{name}": one[key] for name, key in _SIDE.items()}
        | {f"right_{name}": other[key] for name, key in _SIDE.items()}
    )


_SIDE = {"record": "record_id", "identity": "identity", "content": "content"}


def _said(answer: str, by: str, note: str, when: str) -> Row:
    entered = datetime.now(UTC).isoformat(timespec="seconds")
    return {"entered": entered, "answered": when, "by": by.strip(), "answer": str(answer), "note": note.strip()}


def _times(log: pa.Table, ends: tuple[str, str]) -> list[str]:
    rows = log.select(["answered", "left_record", "right_record"]).to_pylist()
    return [row["answered"] for row in rows if {row["left_record"], row["right_record"]} == set(ends)]


def moment(before: Sequence[str]) -> str:
    """Now (UTC, ISO 8601), or just after the last of some moments: a clock set back must not unsay a later word."""
    last = max((known for text in before if (known := instant(text))), default=None)
    now = datetime.now(UTC)
    if last is not None and last >= now:
        now = last + timedelta(microseconds=1)
    return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime | None:
    """A moment as it was written, UTC unless it says otherwise; None when it is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def append(engine: Engine, log: pa.Table, rows: Sequence[Row]) -> None:
    """The log with some rows more, as one write."""
    batches = [*log.to_batches(), *pa.Table.from_pylist(list(rows), JUDGEMENT).to_batches()]
    engine.write("judgement", JUDGEMENT, batches)


def as_entry(row: Mapping[str, Any], before: str = "") -> Entry:
    """A row of the log for its reader."""
    ends = (row["left_record"], row["right_record"])
    return Entry(row["id"], row["answer"], row["by"], row["answered"], *ends, row["note"], row["undoes"], before)
