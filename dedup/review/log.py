"""The log of judgements: replies are held against what was reported, and rows are added, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.errors import InputError, StoreError, problem
from dedup.report.keys import Seal
from dedup.review.model import Answer, Refusal, Replies, Reply
from dedup.review.reading import read_replies
from dedup.rules import RuleSet
from dedup.stages.answers import read_log
from dedup.tables import JUDGEMENT

_ID_LETTERS = 24
# Every month in which one of the findings was reported; a plain key means the latest.
_REPORTED = """
SELECT * FROM reported WHERE group_id IN (SELECT unnest($groups))
  AND (group_id <> $junk OR record_id IN (SELECT unnest($records)))
ORDER BY period DESC, group_id, record_id
"""
# The duplicates among them: in the other kinds of findings these count as one.
_TWINS = """
SELECT period, group_id, record_id FROM reported WHERE verdict = 'same' AND (period, record_id) IN (
  SELECT (period, record_id) FROM reported WHERE group_id IN (SELECT unnest($groups)) AND verdict <> 'same')
"""
_JUNK = "J"
# Answers about a doubt that hold for the duplicates of a record as for the record itself.
_SHARED = frozenset({Answer.DIFFERENT, Answer.UNSURE})
# What makes an answer one and the same: all that was said, and of what. Not when it was read, nor from which copy.
_IDENTITY = (
    "answered",
    "by",
    "library",
    "period",
    "group_id",
    "left_record",
    "right_record",
    "answer",
    "done_on",
    "note",
)

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Months:
    """What was reported. `findings`: the rows of (period, group; junk: its key), months newest first.

    `twins`: the group of duplicates that a record stood in, by (period, record id).
    """

    findings: Mapping[tuple[str, str], list[Found]]
    twins: Mapping[tuple[str, str], str]

    def twins_of(self, row: Found) -> str:
        """The group of duplicates of a record of a doubt; '' when it has none, or the finding is that group."""
        return "" if row["verdict"] == "same" else self.twins.get((row["period"], row["record_id"]), "")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: rows by answer, those that the log had already, those that nobody answered, refusals."""

    file: str
    by: str
    answers: Mapping[str, int]
    known: int
    blank: int
    refused: tuple[Refusal, ...]

    @property
    def rows(self) -> int:
        """Rows that were taken, those that the log had already included."""
        return sum(self.answers.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as it was read; without `replies` it could not be."""

    name: str
    replies: Replies | None
    refused: tuple[Refusal, ...] = ()


def take_replies(engine: Engine, rules: RuleSet, files: Sequence[Path], by: str = "") -> list[Taken]:
    """Read answered files and add what they say to the log. Returns what became of each, in the order given.

    `by` names who answers; without it the workbook says who saved it, and failing that its file name stands for them.
    Raises StoreError when the database holds no reports that could be answered.
    """
    if not engine.has("reported"):
        found = "no reports"
        raise StoreError(problem("database", found, "one that this version made", "repeat `dedup run`"))
    readings = [_read(path, rules) for path in files]
    months = _reported(engine, readings)
    log = read_log(engine)
    known = set(log["id"].to_pylist())
    taken, fresh = [], []
    for reading in readings:
        told, rows = _resolved(reading, months, by, known)
        taken.append(told)
        fresh.extend(rows)
    if fresh:
        batches = [*log.to_batches(), *pa.Table.from_pylist(fresh, JUDGEMENT).to_batches()]
        engine.write("judgement", JUDGEMENT, batches)
    return taken


def _read(path: Path, rules: RuleSet) -> Reading:
    try:
        replies = read_replies(path, rules)
    except InputError as error:
        return Reading(path.name, None, (Refusal(*_parts(error)),))
    return Reading(path.name, replies, replies.refused)


def _parts(error: InputError) -> tuple[str, str, str, str]:
    """An error of a whole file in the parts of a refusal."""
    place, _, rest = str(error).partition(": found ")
    found, _, rest = rest.partition("; wanted ")
    wanted, _, remedy = rest.partition("; ")
    return place, found, wanted, remedy


def _reported(engine: Engine, readings: Iterable[Reading]) -> Months:
    """What was reported of every finding that the replies speak of."""
    seals = [reply.seal for reading in readings if reading.replies for reply in reading.replies.replies]
    groups = sorted({seal.group for seal in seals})
    records = sorted({seal.record for seal in seals if seal.group == _JUNK})
    found: dict[tuple[str, str], list[Found]] = {}
    query = {"groups": groups or [""], "records": records or [""], "junk": _JUNK}
    for row in engine.read(_REPORTED, query).to_pylist():
        finding = f"{_JUNK}|{row['record_id']}" if row["group_id"] == _JUNK else row["group_id"]
        found.setdefault((row["period"], finding), []).append(row)
    twins = engine.read(_TWINS, {"groups": groups or [""]}).to_pylist()
    return Months(found, {(row["period"], row["record_id"]): row["group_id"] for row in twins})


def _resolved(reading: Reading, months: Months, by: str, known: set[str]) -> tuple[Taken, list[dict[str, Any]]]:
    """The log rows of one file that the log does not have yet; adds their ids to `known`."""
    replies = reading.replies
    if replies is None:
        return Taken(reading.name, "", {}, 0, 0, reading.refused), []
    who = by or replies.saved_by or Path(replies.file).stem
    answers: dict[str, int] = {}
    rows, refused, repeated = [], list(reading.refused), 0
    for reply in replies.replies:
        finding = _finding(reply.seal, months)
        if finding is None:
            refused.append(_unknown(reply, months))
            continue
        answers[reply.answer] = answers.get(reply.answer, 0) + 1
        new = [row for row in _rows(reply, finding, replies, who, months) if row["id"] not in known]
        repeated += not new
        known.update(row["id"] for row in new)
        rows.extend(new)
    return Taken(reading.name, who, answers, repeated, replies.blank, tuple(refused)), rows


def _finding(seal: Seal, months: Months) -> list[Found] | None:
    """The rows of the finding that a key names, of its month, else of the latest before it that has the record.

    A report also lists findings of earlier months: work said to be done, and what was confirmed.
    """
    name = seal.key if seal.group == _JUNK else seal.group
    for period in sorted({period for period, _ in months.findings}, reverse=True):
        if seal.period and period > seal.period:
            continue
        rows = months.findings.get((period, name), [])
        if any(row["record_id"] == seal.record for row in rows):
            return rows
    return None


def _unknown(reply: Reply, months: Months) -> Refusal:
    seal = reply.seal
    what = f"an answer about {seal.record} in {seal.group}"
    of = f"the report of {seal.period}" if seal.period else "a report"
    name = seal.key if seal.group == _JUNK else seal.group
    held = sorted(period for period, group in months.findings if group == name)
    remedy = f"the finding stands in {', '.join(held)}" if held else "check that it is a report of this database"
    return Refusal(reply.place, what, f"a row of {of} that this database holds", remedy)


def _rows(
    reply: Reply, finding: Sequence[Found], replies: Replies, who: str, months: Months
) -> Iterator[dict[str, Any]]:
    """Log rows of one answer: one for every other record of the finding, one alone when there is none.

    Of a doubt, duplicates count as one record: an answer about one of them is not about the others of its group, and
    that it is no duplicate of the rest is true of them as well.
    """
    mine = next(row for row in finding if row["record_id"] == reply.seal.record)
    twins = months.twins_of(mine)
    together = [row for row in finding if row is mine or (twins and months.twins_of(row) == twins)]
    others: list[Found | None] = [row for row in finding if row not in together]
    libraries = sorted({library for row in finding for library in row["libraries"]})
    said = {
        "entered": datetime.now(UTC).isoformat(timespec="seconds"),
        "answered": replies.saved,
        "by": who,
        "library": reply.seal.library,
        "period": reply.seal.period or mine["period"],
        **{name: mine[name] for name in ("group_id", "verdict", "cause")},
        "libraries": libraries,
        "answer": str(reply.answer),
        "done_on": reply.done_on,
        "note": reply.note,
        "file": replies.file,
        "undoes": "",
    }
    for one in together if reply.answer in _SHARED else [mine]:
        for other in others or [None]:
            yield with_id(said | _ends(one, other))


def _ends(one: Found, other: Found | None) -> dict[str, Any]:
    """The two records of a log row, as they were reported."""
    return {
        "left_record": one["record_id"],
        "right_record": other["record_id"] if other else "",
        "left_identity": one["identity"],
        "right_identity": other["identity"] if other else None,
        "left_content": one["content"],
        "right_content": other["content"] if other else None,
    }


def with_id(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the log with its id: a hash of what is said, by whom, when and of what."""
    # Entries that undo nothing keep the ids that they had before there was an undo.
    said = "\0".join([*(row[name] for name in _IDENTITY), *filter(None, [row["undoes"]])])
    return row | {"id": hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()[:_ID_LETTERS]}
