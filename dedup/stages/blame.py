"""Which records of a group are at fault, who made them, and what is to be done with each record."""

from __future__ import annotations

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.errors import RuleError, problem
from dedup.model import Level
from dedup.rules import RuleSet

LEVELS = ("advice", "volumes", "set")
"""Which level of a multi-volume work is right: as P15 advises, or always one of the two."""

# What each record of a group says, beside what the others say. Its own cause is that of its pair with the one to keep.
_SAID = f"""
SELECT p.group_id, p.rid, p.verdict, p.keep, p.place, p.maker, coalesce(c.cause, '') AS cause,
       coalesce(nullif(k.cause, ''), c.cause, '') AS own_cause,
       coalesce(f.rule, 'later') AS rule, r.level, r.is_reprint, r.year,
       r.bib_level IN (SELECT level FROM serial_level) AS serial,
       min(r.year) OVER g AS first_year, len(r.series) = 0 AS seriesless, len(r.libraries) = 0 AS itemless,
       len(list_distinct(r.libraries)) AS holders,
       CASE WHEN f.rule = 'poorer-form' THEN coalesce(10 * list_max(list_transform(r.heading_forms, lambda x: length(x)
         - CASE WHEN r.script = $script AND NOT regexp_matches(x, $letters) THEN $poorer ELSE 0 END
         - CASE WHEN list_contains($secondary, left(x, 3)) THEN $poorer ELSE 0 END
         + CASE WHEN list_contains($bodies, left(x, 3)) THEN 1 ELSE 0 END
         + CASE WHEN regexp_matches(x, $structured) THEN $poorer ELSE 0 END)) + len(r.heading_forms), 0) END AS forms,
       CASE WHEN f.rule = 'wrong-item' THEN len(list_filter(r.faults, lambda x: starts_with(x, $wrong_item))) > 0
       END AS wrong_item,
       coalesce(r.fixed_year <> coalesce(r.transcribed_year, r.year), false) AS misdated,
       coalesce(r.edition_number, 1) AS edition, min(coalesce(r.edition_number, 1)) OVER g AS first_edition,
       bool_or(r.level <= {Level.VOLUME:d} AND (r.part <> '' OR len(r.isbn) > 0)) OVER g AS speaking
FROM placed p JOIN record r ON r.rid = p.rid
LEFT JOIN group_cause c ON c.group_id = p.group_id
LEFT JOIN fault_rule f ON f.cause = c.cause
LEFT JOIN (SELECT group_id, min(rid) AS rid FROM placed WHERE keep GROUP BY group_id) t ON t.group_id = p.group_id
LEFT JOIN cause k ON k."left" = least(p.rid, t.rid) AND k."right" = greatest(p.rid, t.rid)
WINDOW g AS (PARTITION BY p.group_id)
"""

# P15: volumes with a title, an ISBN or a year of their own are catalogued one by one, others as a set.
_TOLD = f"""
SELECT *, CASE
    WHEN verdict = 'review' THEN false
    WHEN rule = 'not-kept' THEN NOT keep
    WHEN rule = 'wrong-item' THEN CASE WHEN some_wrong THEN wrong_item ELSE NOT keep END
    WHEN rule = 'poorer-form' THEN forms < max(forms) OVER (PARTITION BY group_id)
    WHEN rule = 'reprint' THEN coalesce(year > first_year, false) OR is_reprint
    WHEN rule = 'without-series' THEN seriesless
    WHEN rule = 'without-items' THEN itemless
    WHEN rule = 'other-edition' THEN CASE WHEN some_misdated THEN misdated ELSE edition > first_edition END
    WHEN rule = 'wrong-level' THEN level = {Level.RANGE:d} OR (apart AND level = {Level.SET:d})
                                   OR (NOT apart AND level <= {Level.VOLUME:d})
    ELSE place > 1 END AS told
FROM (
  SELECT *, CASE $level WHEN 'volumes' THEN true WHEN 'set' THEN false ELSE speaking END AS apart,
         bool_or(misdated) OVER g AND NOT bool_and(misdated) OVER g AS some_misdated,
         bool_or(serial) OVER g AS of_serial, bool_or(wrong_item) OVER g AS some_wrong
  FROM said WINDOW g AS (PARTITION BY group_id)
)
"""

_BLAMED = """
SELECT *, CASE WHEN verdict = 'review' THEN false
               WHEN rule = 'wrong-level' AND NOT of_serial THEN told
               WHEN bool_or(told) OVER g AND NOT bool_and(told) OVER g THEN told
               ELSE place > 1 END AS at_fault
FROM told WINDOW g AS (PARTITION BY group_id)
"""

_BLAME = f"""
WITH said AS ({_SAID}), told AS ({_TOLD}), blamed AS ({_BLAMED})
SELECT group_id, rid, at_fault,
       CASE WHEN rule = 'wrong-level' AND at_fault AND (place = 1 OR holders >= $many) THEN $centre
            ELSE maker END AS maker,
       CASE WHEN verdict = 'review' THEN 'review'
            WHEN verdict = 'same' THEN CASE WHEN keep THEN 'keep' ELSE own_cause || '.merge' END
            WHEN rule = 'wrong-level' THEN cause || CASE WHEN of_serial THEN '.serial' WHEN NOT at_fault THEN '.right'
                                                         WHEN apart THEN '.volumes' ELSE '.set' END
            ELSE cause || CASE WHEN at_fault THEN '.wrong' ELSE '.right' END END AS template,
       CASE WHEN verdict = 'review' THEN 'ask' WHEN verdict = 'same' THEN CASE WHEN keep THEN 'keep' ELSE 'merge' END
            WHEN verdict = 'structure' THEN CASE WHEN at_fault OR of_serial THEN 'relevel' ELSE 'leave' END
            WHEN at_fault THEN 'correct' ELSE 'leave' END AS action
FROM blamed
"""


def blame(engine: Engine, rules: RuleSet) -> None:
    """From `placed` and `group_cause` to `blame` (schema BLAME). Raises RuleError for an unknown level."""
    level = rules.tables["group"].get("structure", {}).get("level", LEVELS[0])
    if level not in LEVELS:
        place = f"{rules.root / 'group.toml'} [structure] level"
        raise RuleError(problem(place, repr(level), f"one of {', '.join(LEVELS)}", "correct it"))
    causes = rules.tables["causes"]
    rows = [(code["id"], code["at_fault"]) for code in causes["code"] if "at_fault" in code]
    _small(engine, "fault_rule", {"cause": [id for id, _ in rows], "rule": [rule for _, rule in rows]})
    _small(engine, "serial_level", {"level": rules.tables["policy"]["bibliographic_levels"]["serial"]})
    values = {"level": level, "many": int(causes["limits"]["many_holders"]), "centre": causes["centre"]}
    engine.sql("blame", _BLAME, values | dict(causes["blame"]))
    engine.drop("fault_rule", "serial_level")


def _small(engine: Engine, name: str, columns: dict[str, list[str]]) -> None:
    """A table of the rules, to be joined."""
    table = pa.table(columns)
    engine.write(name, table.schema, table.to_batches())
