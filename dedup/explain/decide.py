"""Judge one pair once more with the tables in force, and hold it against what the run stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dedup.compare.asked import QUESTIONS
from dedup.compare.causes import diagnose
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts, Pairs
from dedup.compare.policy import Policy, read_policy
from dedup.config import Config, read_config
from dedup.engine.base import Engine
from dedup.errors import InputError, StoreError, problem
from dedup.explain.keys import asked_keys
from dedup.explain.model import (
    Answer,
    Condition,
    Decision,
    Explanation,
    Finding,
    Membership,
    Side,
    Stored,
    Value,
)
from dedup.explain.records import place_of, read_side, shown
from dedup.model import Outcome, Verdict
from dedup.rulebook import Words, read_legend
from dedup.rules import RuleSet
from dedup.stages.answers import JUDGED_ROW
from dedup.stages.blocking import read_blocking
from dedup.stages.material import material
from dedup.tables import TRACED

# What `material` does not give of two records, in its order.
_REST = "SELECT * EXCLUDE ({known}) FROM record WHERE rid IN ($low, $high) ORDER BY rid"
# Everything that the run stored about one pair, as one row.
_PAIR = """
SELECT j.verdict, j.row, j.veto, j.score, j.reason, coalesce(c.cause, '') AS cause,
       coalesce(c.secondary, '') AS secondary, x.veto AS refused_veto, a.record_id AS one, z.record_id AS other,
       coalesce(p.rules, 0) AS rules, (SELECT rules_sha256 FROM run) AS rules_sha256
FROM (SELECT $low AS low, $high AS high) e
LEFT JOIN judged j ON j."left" = e.low AND j."right" = e.high
LEFT JOIN cause c ON c."left" = e.low AND c."right" = e.high
LEFT JOIN pair p ON p."left" = e.low AND p."right" = e.high
LEFT JOIN conflict x ON x."left" = e.low AND x."right" = e.high
LEFT JOIN record a ON a.rid = x.because_left
LEFT JOIN record z ON z.rid = x.because_right
"""
# What people said of the pair; a database from before knows only of pairs that they keep apart.
_JUDGED = """SELECT * FROM answered_pair WHERE "left" = $low AND "right" = $high"""
_GROUPS = """
SELECT m.group_id, any_value(m.verdict) AS verdict,
       bool_or(m.rid = $left) AS "left", bool_or(m.rid = $right) AS "right",
       coalesce(min(r.record_id) FILTER (m.keep), '') AS keep, coalesce(any_value(c.cause), '') AS cause,
       coalesce(any_value(c.secondary), '') AS secondary, coalesce(any_value(c.flags), '') AS flags
FROM member m JOIN record r ON r.rid = m.rid LEFT JOIN group_cause c ON c.group_id = m.group_id
WHERE m.group_id IN (SELECT group_id FROM member WHERE rid IN ($left, $right))
GROUP BY m.group_id ORDER BY m.group_id
"""
_FINDINGS = """
SELECT t.*, r.record_id, coalesce(c.cause, '') AS code
FROM correction t JOIN record r ON r.rid = t.rid LEFT JOIN group_cause c ON c.group_id = t.group_id
WHERE t.rid IN ($low, $high) ORDER BY t.group_id, r.record_id, t.library, t.action
"""
_SCORE_DIGITS = 4
_TABLES = (
    "record",
    "input",
    "run",
    "pair",
    "judged",
    "conflict",
    "answered_pair",
    "member",
    "holding",
    "cause",
    "group_cause",
    "correction",
)
Rows = tuple[Mapping[str, Any], Mapping[str, Any]]


def explain(engine: Engine, rules: RuleSet, names: tuple[str, str]) -> Explanation:
    """Everything about two records named by record id or control number, in either order.

    Raises InputError when one cannot be found, or both are one.
    """
    _check(engine)
    rids = tuple(place_of(engine, name) for name in names)
    if rids[0] == rids[1]:
        raise InputError(problem(" ".join(names), "one record, twice", "two records", "name another"))
    told = _told(engine, _ends(rids))
    rows: Rows = (told.slice(0, 1).to_pylist()[0], told.slice(1, 1).to_pylist()[0])
    sides = (read_side(engine, rules, rows[0]), read_side(engine, rules, rows[1]))
    return _explained(engine, rules, Concepts(told), rows, sides)


def _told(engine: Engine, ends: Mapping[str, int]) -> pa.Table:
    """Two rows with what the records are judged by and all else that `record` says of them, by record id."""
    told = material(engine, f"SELECT unnest([{ends['low']}, {ends['high']}])").sort_by("rid")
    rest = engine.read(_REST.format(known=", ".join(TRACED)), ends)
    for name in rest.column_names:
        told = told.append_column(name, rest[name]) if name not in told.column_names else told
    return told.sort_by("record_id")


def _check(engine: Engine) -> None:
    """Raises StoreError when a table is missing, as in the database of an earlier version."""
    known = set(engine.read("SELECT table_name FROM information_schema.tables")["table_name"].to_pylist())
    if missing := [name for name in _TABLES if name not in known]:
        found = f"no table {missing[0]}"
        raise StoreError(problem("database", found, "one that this version made", "repeat `dedup run`"))


def _ends(rids: tuple[int, ...]) -> dict[str, int]:
    return {"low": min(rids), "high": max(rids)}


def _explained(engine: Engine, rules: RuleSet, concepts: Concepts, rows: Rows, sides: tuple[Side, Side]) -> Explanation:
    ends = _ends((sides[0].rid, sides[1].rid))
    policy, legend = read_policy(rules), read_legend(rules)
    answers = tuple(_answers(concepts, rules, policy, rows))
    decision = _decision(concepts, rules, _judged_by_people(engine, ends))
    pair = engine.read(_PAIR, ends).to_pylist()[0]
    stored = _stored(pair)
    total = policy.base + sum(answer.points for answer in answers)
    refused = stored is not None and stored.refused and decision.verdict is Verdict.SAME
    return Explanation(
        left=sides[0],
        right=sides[1],
        verdict=Verdict.REVIEW if refused else decision.verdict,
        decision=decision,
        conditions=_conditions(policy, decision.row, answers),
        answers=tuple(sorted(answers, key=lambda answer: legend.questions.index(answer.question))),
        base=policy.base,
        total=total,
        stored=stored,
        differences=_differences(stored, decision),
        rules_changed=pair["rules_sha256"] != rules.sha256,
        blocking=asked_keys(read_blocking(rules), legend, rows, pair["rules"]),
        groups=tuple(_groups(engine, sides)),
        findings=tuple(_findings(engine, ends)),
    )


def _answers(concepts: Concepts, rules: RuleSet, policy: Policy, rows: Rows) -> Iterator[Answer]:
    pairs = Pairs(concepts, np.array([0]), np.array([1]))
    for name, question in QUESTIONS.items():
        outcome = Outcome(int(question.ask(pairs, rules)[0]))
        values = (Value(column, *(shown(column, row.get(column)) for row in rows)) for column in question.columns)
        yield Answer(name, outcome, tuple(values), policy.weights.get(name, {}).get(outcome, 0.0))


def _decision(concepts: Concepts, rules: RuleSet, said: Mapping[str, Any] | None) -> Decision:
    """What people `said` of the pair, else what the tables say; the cause of both by its signatures."""
    judged = judge(concepts, np.array([0]), np.array([1]), rules)
    if said is not None:
        judged = pa.RecordBatch.from_pylist([judged.to_pylist()[0] | said], judged.schema)
    return _as_decision({**judged.to_pylist()[0], **diagnose(concepts, judged, rules).to_pylist()[0]})


def _judged_by_people(engine: Engine, ends: Mapping[str, int]) -> Mapping[str, Any] | None:
    """What people said of the pair, which comes before everything; None when nothing they said is in force."""
    said = engine.read(_JUDGED, ends).to_pylist()
    if not said:
        return None
    verdict = said[0].get("verdict", str(Verdict.DIFFERENT))
    apart = verdict == Verdict.DIFFERENT
    return {
        "verdict": verdict,
        "row": JUDGED_ROW,
        "veto": JUDGED_ROW if apart else "",
        "score": 0.0 if apart else 1.0,
        "reason": said[0]["reason"],
    }


def _as_decision(row: Mapping[str, Any]) -> Decision:
    return Decision(
        verdict=Verdict(row["verdict"]),
        row=row["row"],
        veto=row["veto"] or "",
        score=round(float(row["score"]), _SCORE_DIGITS),
        reason=row["reason"] or "",
        cause=row["cause"],
        secondary=row["secondary"],
    )


def _conditions(policy: Policy, row_id: str, answers: tuple[Answer, ...]) -> tuple[Condition, ...]:
    """The conditions of the deciding row with the outcomes that met them; none of what people decided."""
    row = next((row for row in policy.rows if row.id == row_id), None)
    if row is None:
        return ()
    met = {answer.question: answer.outcome for answer in answers}
    return tuple(
        Condition(name, tuple(sorted(map(Outcome, allowed), reverse=True)), met[name])
        for name, allowed in row.when.items()
    )


def _stored(pair: Mapping[str, Any]) -> Stored | None:
    if pair["verdict"] is None:
        return None
    refused = () if pair["one"] is None else (pair["one"], pair["other"])
    return Stored(_as_decision(pair), refused, pair["refused_veto"] or "")


def _differences(stored: Stored | None, now: Decision) -> tuple[tuple[str, str, str], ...]:
    if stored is None:
        return ()
    names = ("verdict", "row", "veto", "score", "reason", "cause", "secondary")
    both = ((name, str(getattr(stored.decision, name)), str(getattr(now, name))) for name in names)
    return tuple(one for one in both if one[1] != one[2])


def configuration_of(engine: Engine) -> Config | None:
    """The configuration that the run was made with; None when nobody knows, or its file is gone."""
    _check(engine)
    said = engine.read("SELECT config FROM run")["config"][0].as_py()
    if not said:
        return Config()
    return read_config(Path(said)) if Path(said).is_file() else None


def _groups(engine: Engine, sides: tuple[Side, Side]) -> Iterator[Membership]:
    for row in engine.read(_GROUPS, {"left": sides[0].rid, "right": sides[1].rid}).to_pylist():
        yield Membership(**{**row, "verdict": Verdict(row["verdict"])})


def _findings(engine: Engine, ends: Mapping[str, int]) -> Iterator[Finding]:
    for row in engine.read(_FINDINGS, ends).to_pylist():
        correction = Words(row["correction_zh"], row["correction_en"])
        yield Finding(row["group_id"], row["record_id"], row["library"], row["code"], row["action"], correction)
