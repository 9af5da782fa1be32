"""Amend: of an incremental run's groups and diagnoses only those are made anew that a change can have reached.

The stages do not know of it. They work on a small catalogue beside the whole one, made of the records that are affected
(`dedup.stages.affected`); then its rows take the place of those of these records. When much is affected, the stages
work on the whole catalogue, with the same result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from dedup.engine.base import Engine
from dedup.stages import answers as answers_stage
from dedup.stages import diagnose as diagnose_stage
from dedup.stages import faults
from dedup.stages import group as group_stage
from dedup.stages.affected import PART, find_affected
from dedup.stages.context import Context, Tally


class Key(StrEnum):
    """Which rows of a table belong to the records that are affected, as a condition."""

    RECORD = "rid IN (FROM dedup_part.affected)"
    PAIR = '"left" IN (FROM dedup_part.affected) AND "right" IN (FROM dedup_part.affected)'
    GROUP = "group_id IN (FROM dedup_part.affected_group)"


GROUPED: Mapping[str, Key] = {
    "judged": Key.PAIR,
    "member": Key.RECORD,
    "conflict": Key.PAIR,
    "named": Key.GROUP,
}
"""Tables that the stage `group` makes or adds to."""

DIAGNOSED: Mapping[str, Key] = {
    "cause": Key.PAIR,
    "group_cause": Key.GROUP,
    "reason": Key.RECORD,
    "blame": Key.RECORD,
    "correction": Key.RECORD,
    "junk": Key.RECORD,
    "rescue": Key.RECORD,
    "shelf": Key.RECORD,
}
"""Tables that the stage `diagnose` makes, row by row of what is affected."""

WHOLE = frozenset(
    {"fault", "fault_code", "regrouped", "answered_pair", "answered_junk", "said", *diagnose_stage.FACTS}
    | {"number_shared", "answered", "open_finding", "reported", "history"}
)
"""Tables of the stages from `answers` to `follow` that every run makes as a whole, from others or from the log."""

_BEFORE = ("answered_pair", "answered_junk", *diagnose_stage.FACTS)

# What is lent to the small catalogue. Touched pairs of records that are not affected come along: they are different
# before and after, yet perhaps for another reason.
_LENT = {
    "record": f"SELECT * FROM record WHERE {Key.RECORD}",
    **{name: f"SELECT * FROM {name}" for name in ("source", *diagnose_stage.FACTS)},
    **{
        name: f"SELECT * FROM {name} WHERE {Key.PAIR}"
        f" UNION SELECT n.* FROM {name} n SEMI JOIN dedup_part.touched t"
        f' ON t."left" = n."left" AND t."right" = n."right"'
        for name in ("scored", "answered_pair")
    },
    "named": f"SELECT * FROM named WHERE {Key.GROUP}",
    "name_taken": f"SELECT DISTINCT group_id FROM named WHERE NOT ({Key.GROUP})",
}

_TOUCHED = '("left", "right") IN (SELECT ("left", "right") FROM dedup_part.touched)'


def answers(context: Context) -> Tally:
    """What people say by now; what they said in the run before is kept to see where it differs."""
    engine = context.engine
    engine.forget(PART)
    engine.aside(PART)
    for name in ("answered_pair", "answered_junk"):
        engine.sql(f"{PART}.{name}_before", f"SELECT * FROM {name}")
    return answers_stage.hear(context)


def group(context: Context) -> Tally:
    """As `dedup.stages.group`, for what is affected; the verdicts of pairs that were touched come into `judged`."""
    engine = context.engine
    for name in diagnose_stage.FACTS:
        engine.sql(f"{PART}.{name}_before", f"SELECT * FROM {name}")
    diagnose_stage.facts(engine, context.rules)
    records = find_affected(engine)
    every = int(engine.read("SELECT count(*) AS n FROM record")["n"][0].as_py())
    if records > every * float(context.rules.tables["group"]["amend"]["share"]):
        engine.forget(PART)
        answers_stage.lay(engine)
        return group_stage.run(context)
    part = engine.aside(PART)
    for name, query in _LENT.items():
        engine.sql(f"{PART}.{name}", query)
    answers_stage.lay(part)
    tally = group_stage.run(replace(context, engine=part))
    engine.delete("judged", _TOUCHED)
    _put_back(engine, GROUPED)
    engine.sql("regrouped", f"FROM {PART}.regrouped")
    return replace(tally, aside={**tally.aside, "records looked at again": records})


def diagnose(context: Context) -> Tally:
    """As `dedup.stages.diagnose`, for what is affected; faults of single records are gathered anew."""
    engine, rules = context.engine, context.rules
    part = engine.aside(PART)
    if not part.has("affected"):
        engine.forget(PART)
        return diagnose_stage.run(context)
    tally = diagnose_stage.of_groups(replace(context, engine=part))
    _put_back(engine, DIAGNOSED)
    faults.find_shared(engine, rules, f"{PART}.judged", f"{PART}.number_shared")
    engine.delete("number_shared", _TOUCHED)
    _put_back(engine, {"number_shared": Key.PAIR})
    faults.gather_faults(engine, rules)
    engine.forget(PART)
    return tally


def _put_back(engine: Engine, tables: Mapping[str, Key]) -> None:
    """Rows of the small catalogue in the place of those of the same records."""
    for name, key in tables.items():
        engine.delete(name, key)
        engine.append(name, f"FROM {PART}.{name}")
