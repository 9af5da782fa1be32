"""Which records of the catalogue the new ones are compared with: a small catalogue of the new and their candidates.

The keys of new records are looked up among those that the last run left (table `key`), so that every key has the size
it would have if the new records were loaded; what a key proposes is then settled by the stage itself.
"""

from __future__ import annotations

from functools import partial

from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.block import propose
from dedup.stages.blocking import read_blocking
from dedup.stages.keys import keys
from dedup.store import CATALOGUE
from dedup.tables import KEY, LOADED

_LOOKED_UP = f"""
FROM key UNION ALL SELECT rid, rule, key FROM {CATALOGUE}.key WHERE key IN (SELECT DISTINCT key FROM key)
"""

# Only crowded keys are refined, and only for that are records of the catalogue asked for more than their keys.
_CROWDED = """
SELECT DISTINCT rid FROM key WHERE rid < $first AND key IN (
  SELECT k.key FROM key k JOIN ({caps}) b ON b.rule = k.rule
  GROUP BY k.key HAVING count(DISTINCT k.rid) > min(b.cap)) ORDER BY rid
"""

# One control number in one source, or in one library: the new record is the other, changed, or has taken its number.
# Where so much of a new source is known as records of one source of the catalogue, the rest of it is that one's, too.
_TWIN = f"""
WITH one AS (
  SELECT f.rid AS fresh, c.rid AS held, f.source AS mine, c.source AS theirs, f.source = c.source
         OR list_has_any(CASE WHEN len(f.libraries) > 0 THEN f.libraries ELSE [s.library] END,
                         CASE WHEN len(c.libraries) > 0 THEN c.libraries ELSE [h.library] END) AS certain
  FROM fresh f JOIN {CATALOGUE}.record c ON c.control = f.control
  JOIN source s ON s.source = f.source JOIN source h ON h.source = c.source
  WHERE f.control <> ''
), home AS (
  SELECT o.mine, o.theirs FROM one o
  JOIN (SELECT source, count(*) AS n FROM fresh GROUP BY source) f ON f.source = o.mine
  WHERE o.certain GROUP BY o.mine, o.theirs HAVING count(DISTINCT o.fresh) >= greatest($least, $share * any_value(f.n))
)
SELECT o.fresh, o.held, o.mine = o.theirs AS at_home FROM one o
LEFT JOIN home h ON h.mine = o.mine AND h.theirs = o.theirs WHERE o.certain OR h.mine IS NOT NULL
"""

_PAIRS = """
SELECT "left", "right", bit_or(rules) AS rules FROM (
  SELECT "left", "right", rules FROM pair WHERE "right" >= $first
  UNION ALL SELECT held, fresh, 0 FROM twin
) GROUP BY "left", "right" ORDER BY "left", "right"
"""

_RECORDS = f"""
FROM fresh UNION ALL
SELECT {{columns}} FROM {CATALOGUE}.record WHERE rid IN (SELECT DISTINCT "left" FROM pair WHERE "left" < $first)
"""


def find(engine: Engine, rules: RuleSet, first: int, catalogue: bool) -> None:
    """From `fresh` to `pair` (schema PAIR), each with a new record as `right`, `record` with all records in them and
    all new ones (schema LOADED), and `twin`.

    `first` is the rid of the first new record; those of the catalogue are lower.
    """
    blocking = read_blocking(rules)
    columns = ["rid", *blocking.columns]
    engine.map_batches(f"SELECT {', '.join(columns)} FROM fresh", "key", partial(keys, blocking=blocking), KEY)
    if catalogue:
        engine.sql("key", _LOOKED_UP)
        home = rules.tables["check"]["control"]["home"]
        engine.sql("twin", _TWIN, {"least": home["least"], "share": home["share"]})
        _crowded(engine, rules, first)
    else:
        engine.sql("twin", "SELECT 0::BIGINT AS fresh, 0::BIGINT AS held, false AS at_home WHERE false")
        engine.sql("record", "FROM fresh")
    propose(engine, blocking)
    engine.sql("pair", _PAIRS, {"first": first})
    if catalogue:
        named = ", ".join(f'"{name}"' for name in LOADED.names)
        engine.sql("record", _RECORDS.format(columns=named), {"first": first})
    engine.drop("key", "dropped_key", "blocking_rule")


def _crowded(engine: Engine, rules: RuleSet, first: int) -> None:
    """Table `record` for the time being: the new records, and those of the catalogue under crowded keys."""
    blocking = read_blocking(rules)
    names = ", ".join(dict.fromkeys(["rid", *blocking.columns, *blocking.window_order]))
    caps = " UNION ALL ".join(f"SELECT {rule.number} AS rule, {rule.cap} AS cap" for rule in blocking.rules)
    found = engine.sql("crowded", _CROWDED.format(caps=caps), {"first": first})
    held = f"SELECT {names} FROM {CATALOGUE}.record WHERE rid IN (FROM crowded)"
    engine.sql("record", f"SELECT {names} FROM fresh" + (f" UNION ALL {held}" if found else ""))
    engine.drop("crowded")
