"""Block: which pairs of records are worth judging. Keys are counted before they are joined."""

from __future__ import annotations

from functools import partial

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.stages.blocking import Blocking, read_blocking
from dedup.stages.context import Context, Tally
from dedup.stages.keys import keys, refined_keys
from dedup.tables import KEY, REFINED_KEY

_SHARED = """
SELECT DISTINCT rid, rule, key FROM key
WHERE key IN (SELECT key FROM key GROUP BY key HAVING count(*) > 1)
"""

_SIZE = "SELECT any_value(rule) AS rule, key, count(*) AS size FROM shared_key GROUP BY key HAVING count(*) > 1"

# A block within its cap: every record with every other.
_SMALL = """
SELECT l.rid AS "left", r.rid AS "right", l.rule AS rule
FROM shared_key l
JOIN key_size s ON s.key = l.key
JOIN blocking_rule b ON b.rule = s.rule AND s.size <= b.cap
JOIN shared_key r ON r.key = l.key AND l.rid < r.rid
"""

# The caps are a list, one for each rule: joined to a table of few rows, so many keys are looked through one by one.
_BIG = "SELECT rule, key, size, $caps[rule + 1] AS cap FROM key_size WHERE size > $caps[rule + 1]"

# What refines the crowded keys of a record, and these keys.
_CROWDED = """
SELECT {columns}, k.crowded_rules, k.crowded_keys
FROM record r JOIN (
  SELECT s.rid, list(s.rule) AS crowded_rules, list(s.key) AS crowded_keys
  FROM shared_key s JOIN big_key b ON b.key = s.key GROUP BY s.rid
) k ON k.rid = r.rid
"""

_REFINED = "SELECT DISTINCT * FROM refined_key"

_REFINED_SIZE = """
SELECT any_value(f.key) AS key, f.refined, count(*) AS size, any_value(b.cap) AS cap
FROM refined_block f JOIN big_key b ON b.key = f.key WHERE f.refined IS NOT NULL GROUP BY f.refined
"""

_FROM_REFINED = """
SELECT l.rid AS "left", r.rid AS "right", l.rule AS rule, l.key AS key
FROM refined_block l
JOIN refined_size s ON s.refined = l.refined AND s.size <= s.cap
JOIN refined_block r ON r.refined = l.refined AND l.rid < r.rid
"""

# What no refinement could make small: records beside each other in a sorted block.
_WINDOWED = """
SELECT least(a.rid, z.rid) AS "left", greatest(a.rid, z.rid) AS "right", a.rule AS rule, a.key AS key
FROM sorted_block a
JOIN blocking_rule b ON b.rule = a.rule
JOIN sorted_block z
  ON z.key = a.key AND z.place > a.place AND z.place <= a.place + b.window
"""

_SORTED = """
SELECT w.rule, w.key, w.rid, row_number() OVER (PARTITION BY w.key ORDER BY {order}) AS place
FROM (
  SELECT DISTINCT f.rule, f.key, f.rid FROM refined_block f
  LEFT JOIN refined_size s ON s.refined = f.refined
  JOIN blocking_rule b ON b.rule = f.rule
  WHERE (f.refined IS NULL OR s.size > s.cap) AND b.window > 0
) w JOIN record c ON c.rid = w.rid
"""

DROPPED = """
SELECT n.id AS rule, b.key, b.size, p.action,
       count(DISTINCT CASE WHEN p."left" IS NOT NULL THEN (p."left", p."right") END) AS pairs
FROM big_key b JOIN blocking_rule n ON n.rule = b.rule
JOIN (
  SELECT key, 'refined' AS action, "left", "right" FROM refined_pair
  UNION ALL SELECT key, 'windowed', "left", "right" FROM windowed_pair
  UNION ALL SELECT key, 'refined', NULL, NULL FROM big_key
  UNION ALL SELECT DISTINCT key, 'windowed', NULL, NULL FROM sorted_block
) p ON p.key = b.key
GROUP BY ALL ORDER BY n.id, b.size DESC, b.key, p.action
"""

_PAIR = """
SELECT "left", "right", bit_or(1::BIGINT << rule) AS rules
FROM (
  SELECT "left", "right", rule FROM small_pair
  UNION ALL SELECT "left", "right", rule FROM refined_pair
  UNION ALL SELECT "left", "right", rule FROM windowed_pair
) GROUP BY "left", "right" ORDER BY "left", "right"
"""


def run(context: Context) -> Tally:
    """From `record` to `pair` (schema PAIR), `dropped_key` (schema DROPPED_KEY) and `key` (schema KEY), which stays:
    new records are looked up by it.
    """
    return all_pairs(context)


def all_pairs(context: Context) -> Tally:
    """The pairs of all records, see `run`."""
    engine, blocking = context.engine, read_blocking(context.rules)
    columns = ", ".join(["rid", *blocking.columns])
    rows = engine.map_batches(f"SELECT {columns} FROM record", "key", partial(keys, blocking=blocking), KEY)
    context.progress.advance(1, 3)
    shared, pairs = propose(engine, blocking)
    aside = {"keys of one record only": rows - shared, "keys shared by too many": _count(engine, "dropped_key")}
    return Tally(rows, pairs, aside, unit_in="keys", unit_out="pairs")


def propose(engine: Engine, blocking: Blocking) -> tuple[int, int]:
    """From `key` (schema KEY) and `record` to `pair` and `dropped_key`. Returns shared keys and pairs.

    Of `record` it reads what refines crowded keys, and only the records that share one.
    """
    rule_table(engine, blocking)
    shared = engine.sql("shared_key", _SHARED)
    engine.passing("key_size", _SIZE)
    engine.sql("small_pair", _SMALL)
    refine(engine, blocking)
    pairs = engine.sql("pair", _PAIR)
    engine.sql("dropped_key", DROPPED)
    engine.sql("crowded", "FROM refined_pair UNION ALL FROM windowed_pair")
    engine.drop("shared_key", "key_size", "small_pair", "big_key", "refined_key", "refined_block")
    engine.drop("refined_size", "refined_pair", "windowed_pair", "sorted_block")
    return shared, pairs


def refine(engine: Engine, blocking: Blocking) -> None:
    """Blocks above their cap: split by the refinement, and what is still too big by a sorted window."""
    engine.passing("big_key", _BIG, {"caps": [rule.cap for rule in blocking.rules]})
    source = _CROWDED.format(columns=", ".join(f"r.{name}" for name in ("rid", *blocking.refining)))
    refining = partial(refined_keys, blocking=blocking)
    engine.map_batches(source, "refined_key", refining, REFINED_KEY, passing=True)
    engine.passing("refined_block", _REFINED)
    engine.passing("refined_size", _REFINED_SIZE)
    engine.passing("refined_pair", _FROM_REFINED)
    engine.passing("sorted_block", _SORTED.format(order=", ".join(f"c.{name}" for name in blocking.window_order)))
    engine.passing("windowed_pair", _WINDOWED)


def rule_table(engine: Engine, blocking: Blocking) -> None:
    """Table `blocking_rule`: number, id, cap and window of each rule."""
    table = pa.table(
        {
            "rule": pa.array([rule.number for rule in blocking.rules], pa.int8()),
            "id": pa.array([rule.id for rule in blocking.rules]),
            "cap": pa.array([rule.cap for rule in blocking.rules], pa.int64()),
            "window": pa.array([rule.window for rule in blocking.rules], pa.int64()),
        }
    )
    engine.write("blocking_rule", table.schema, table.to_batches())


def _count(engine: Engine, table: str) -> int:
    return int(engine.read(f"SELECT count(*) AS n FROM {table}")["n"][0].as_py())
