"""Reblock: the pairs worth judging when only some records have changed: keys that they have or had are looked at."""

from __future__ import annotations

from functools import partial

from dedup.engine.base import Engine
from dedup.stages.block import DROPPED, all_pairs, refine, rule_table
from dedup.stages.blocking import read_blocking
from dedup.stages.context import Context, Tally
from dedup.stages.keys import keys
from dedup.tables import KEY

SHARE = 0.2
"""Share of records changed from which it is cheaper to begin anew."""

_GONE = "SELECT rid FROM change WHERE kind IN ('changed', 'withdrawn')"
_FRESH = "SELECT rid FROM change WHERE kind IN ('changed', 'new')"

_TOUCHED = "SELECT DISTINCT key FROM (SELECT key FROM lost_key UNION ALL SELECT key FROM won_key)"

_SHARED = """
SELECT k.*, k.rid IN (FROM fresh_rid) AS fresh
FROM (SELECT DISTINCT rid, rule, key FROM key WHERE key IN (SELECT key FROM touched_key)) k
"""

# How many records share each touched key now, and how many did; `worked`: it was or is too big.
_SIZES = """
SELECT s.*, b.cap, size > b.cap OR was > b.cap AS worked FROM (
  SELECT any_value(rule) AS rule, key, sum(n)::BIGINT AS size, (sum(n) - sum(w) + sum(l))::BIGINT AS was FROM (
    SELECT rule, key, 1 AS n, 0 AS w, 0 AS l FROM shared_key
    UNION ALL SELECT rule, key, 0, 1, 0 FROM (SELECT DISTINCT rid, rule, key FROM won_key)
    UNION ALL SELECT rule, key, 0, 0, 1 FROM lost_key
  ) GROUP BY key
) s JOIN blocking_rule b ON b.rule = s.rule
"""

# What touched keys propose now and may not have proposed before: pairs with a record that is new or other, and every
# pair of a key that is, or was, too big.
_WON = """
SELECT "left", "right", bit_or(1::BIGINT << rule) AS rules, bool_or(fresh) AS fresh FROM (
  SELECT l.rid AS "left", r.rid AS "right", l.rule, l.fresh OR r.fresh AS fresh
  FROM shared_key l
  JOIN touched_size s ON s.key = l.key AND s.size BETWEEN 2 AND s.cap
  JOIN shared_key r ON r.key = l.key AND l.rid < r.rid AND (l.fresh OR r.fresh OR s.worked)
  UNION ALL
  SELECT c."left", c."right", c.rule, c."left" IN (FROM fresh_rid) OR c."right" IN (FROM fresh_rid)
  FROM (FROM refined_pair UNION ALL FROM windowed_pair) c
) GROUP BY "left", "right"
"""

# What keys that were or are too big proposed before of records that stay as they are.
_WAS = """
SELECT DISTINCT "left", "right", rule FROM (
  SELECT c."left", c."right", c.rule FROM crowded c JOIN touched_size s ON s.key = c.key AND s.worked
  UNION ALL
  SELECT l.rid, r.rid, l.rule FROM shared_key l
  JOIN touched_size s ON s.key = l.key AND s.worked AND s.was <= s.cap
  JOIN shared_key r ON r.key = l.key AND l.rid < r.rid
  WHERE NOT l.fresh AND NOT r.fresh
)
WHERE "left" NOT IN (FROM gone_rid) AND "right" NOT IN (FROM gone_rid)
"""

_DOUBTFUL = """
SELECT w.* FROM was_pair w LEFT JOIN won_pair n ON n."left" = w."left" AND n."right" = w."right"
WHERE n."left" IS NULL OR (n.rules >> w.rule) & 1 = 0
"""

_THEIR_KEY = """
SELECT DISTINCT rid, rule, key FROM key
WHERE rid IN (SELECT "left" FROM doubtful UNION ALL SELECT "right" FROM doubtful)
  AND key NOT IN (SELECT key FROM dropped_key)
"""

# Of these the pairs and rules that nothing proposes any more.
_LOST = """
SELECT "left", "right", bit_or(1::BIGINT << rule) AS rules FROM (
  SELECT "left", "right", rule FROM doubtful
  EXCEPT SELECT "left", "right", rule FROM crowded
  EXCEPT SELECT d."left", d."right", d.rule FROM doubtful d
  JOIN their_key l ON l.rid = d."left" AND l.rule = d.rule
  JOIN their_key r ON r.rid = d."right" AND r.rule = d.rule AND r.key = l.key
) GROUP BY "left", "right"
"""

_BEFORE = 'SELECT * FROM pair WHERE "left" IN (FROM gone_rid) OR "right" IN (FROM gone_rid)'

# Pairs of records that stay as they are: what they were, less what is lost, and what is won.
_MENDED = """
SELECT t."left", t."right", coalesce(p.rules, 0) AS was,
       (coalesce(p.rules, 0) & ~t.lost) | t.won AS rules
FROM (
  SELECT "left", "right", bit_or(lost) AS lost, bit_or(won) AS won FROM (
    SELECT "left", "right", rules AS lost, 0::BIGINT AS won FROM lost_pair
    UNION ALL SELECT "left", "right", 0::BIGINT, rules FROM won_pair WHERE NOT fresh
  ) GROUP BY "left", "right"
) t
LEFT JOIN (SELECT * FROM pair WHERE "left" IN (SELECT "left" FROM lost_pair UNION ALL SELECT "left" FROM won_pair)) p
  ON p."left" = t."left" AND p."right" = t."right"
"""

_CHANGE = """
SELECT coalesce(b."left", w."left") AS "left", coalesce(b."right", w."right") AS "right",
       CASE WHEN w."left" IS NULL THEN 'gone' WHEN b."left" IS NULL THEN 'new' ELSE 'again' END AS kind
FROM pair_before b FULL JOIN (SELECT * FROM won_pair WHERE fresh) w ON w."left" = b."left" AND w."right" = b."right"
UNION ALL
SELECT "left", "right", CASE WHEN rules = 0 THEN 'gone' WHEN was = 0 THEN 'new' ELSE 'rules' END
FROM mended WHERE rules <> was
"""

_COMPARED = """
SELECT * FROM (
  SELECT coalesce(b."left", p."left") AS "left", coalesce(b."right", p."right") AS "right",
         CASE WHEN p."left" IS NULL THEN 'gone' WHEN b."left" IS NULL THEN 'new'
              WHEN b."left" IN (FROM gone_rid) OR b."right" IN (FROM gone_rid) THEN 'again'
              WHEN b.rules <> p.rules THEN 'rules' END AS kind
  FROM pair_before b FULL JOIN pair p ON p."left" = b."left" AND p."right" = b."right"
) WHERE kind IS NOT NULL
"""
_ENDS = '("left", "right") IN (SELECT ("left", "right") FROM {})'


def run(context: Context) -> Tally:
    """From `change` (CHANGE), `record` and the tables of the last run to `pair`, `dropped_key`, `key`, `crowded`.

    They hold what a full run would write. `pair_change` tells of each pair that is not what it was: `kind` gone; new;
    again: a record of it changed; rules: only other rules propose it.
    """
    engine = context.engine
    engine.passing("gone_rid", _GONE)
    engine.passing("fresh_rid", _FRESH)
    touched = engine.read("SELECT count(*) AS n, (SELECT count(*) FROM record) AS whole FROM change").to_pylist()[0]
    tally = _anew(context) if touched["n"] > SHARE * touched["whole"] else _amended(context)
    engine.drop("gone_rid", "fresh_rid")
    return tally


def _anew(context: Context) -> Tally:
    context.engine.passing("pair_before", "FROM pair")
    tally = all_pairs(context)
    context.engine.sql("pair_change", _COMPARED)
    context.engine.drop("pair_before")
    return tally


def _amended(context: Context) -> Tally:
    engine, blocking = context.engine, read_blocking(context.rules)
    columns = ", ".join(["rid", *blocking.columns])
    rule_table(engine, blocking)
    lost = engine.passing("lost_key", "SELECT DISTINCT * FROM key WHERE rid IN (FROM gone_rid)")
    engine.delete("key", "rid IN (FROM gone_rid)")
    source = f"SELECT {columns} FROM record WHERE rid IN (FROM fresh_rid)"
    won = engine.map_batches(source, "won_key", partial(keys, blocking=blocking), KEY, passing=True)
    engine.append("key", "FROM won_key")
    engine.passing("touched_key", _TOUCHED)
    engine.passing("shared_key", _SHARED)
    engine.passing("touched_size", _SIZES)
    engine.passing("key_size", "SELECT rule, key, size FROM touched_size WHERE size > 1")
    context.progress.advance(1, 3)
    refine(engine, blocking)
    engine.passing("won_pair", _WON)
    engine.passing("was_pair", _WAS)
    engine.delete("crowded", "key IN (SELECT key FROM touched_size WHERE worked)")
    engine.append("crowded", "FROM refined_pair UNION ALL FROM windowed_pair")
    engine.delete("dropped_key", "key IN (SELECT key FROM touched_size WHERE worked)")
    engine.append("dropped_key", DROPPED)
    context.progress.advance(2, 3)
    rows = _pairs(engine)
    engine.drop("lost_key", "won_key", "touched_key", "shared_key", "touched_size", "key_size", "big_key")
    engine.drop("refined_key", "refined_block", "refined_size", "refined_pair", "windowed_pair", "sorted_block")
    return Tally(lost + won, rows, unit_in="keys", unit_out="pairs")


def _pairs(engine: Engine) -> int:
    """Bring `pair` to the new state and write `pair_change`; returns the pairs that are new or to be judged again."""
    engine.passing("doubtful", _DOUBTFUL)
    engine.passing("their_key", _THEIR_KEY)
    engine.passing("lost_pair", _LOST)
    engine.passing("pair_before", _BEFORE)
    engine.passing("mended", _MENDED)
    engine.sql("pair_change", _CHANGE)
    engine.delete("pair", '"left" IN (FROM gone_rid) OR "right" IN (FROM gone_rid)')
    engine.delete("pair", _ENDS.format("mended"))
    engine.append("pair", 'SELECT "left", "right", rules FROM won_pair WHERE fresh')
    engine.append("pair", 'SELECT "left", "right", rules FROM mended WHERE rules <> 0')
    engine.drop("doubtful", "their_key", "lost_pair", "pair_before", "mended", "won_pair", "was_pair")
    return int(engine.read("SELECT count(*) AS n FROM pair_change WHERE kind IN ('new', 'again')")["n"][0].as_py())
