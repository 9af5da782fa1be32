"""What the causes of duplicates are told by: the columns of some records, and whether their items are known."""

from __future__ import annotations

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.tables import TRACED

# Has a record items (1), or none though its source tells of items (0)? A source of some size without one item does not
# export items: there nobody knows (null); of a small one it is likely that there are none (-1).
_HELD = """
SELECT source, CASE WHEN count(*) FILTER (len(libraries) > 0) > 0 THEN 0 WHEN count(*) < $least THEN -1 END AS none
FROM record GROUP BY source
"""
# What is known of whole sources, where the table `record` holds only a few of their records.
_KNOWN = """
SELECT coalesce(h.source, k.source) AS source,
       CASE WHEN h.none = 0 OR k.source IS NULL THEN h.none ELSE k.none END AS none
FROM ({held}) h FULL JOIN known_holding k ON k.source = h.source
"""

_MATERIAL = """
SELECT r.rid, {columns}, (CASE WHEN len(r.libraries) > 0 THEN 1 ELSE h.none END)::TINYINT AS held
FROM record r JOIN holding h ON h.source = r.source {where}
"""


def telling(engine: Engine, rules: RuleSet) -> None:
    """Table `holding`: for each source what a record without items means there.

    A table `known_holding` of the same columns, if there is one, tells of whole sources.
    """
    least = int(rules.tables["causes"]["limits"]["items_unless"])
    query = _KNOWN.format(held=_HELD) if engine.has("known_holding") else _HELD
    engine.sql("holding", query, {"least": least})


def material(engine: Engine, among: str = "", columns: tuple[str, ...] = TRACED) -> pa.Table:
    """The rid, `columns` (of `tables.TRACED`) and `held` of records.

    Those whose rid the query `among` gives, in any order; all without it, in order of rid. Table `holding` must have
    been made by `telling`.
    """
    # So many columns are dear to sort.
    where = f"WHERE r.rid IN ({among})" if among else "ORDER BY r.rid"
    named = ", ".join(f"r.{name}" for name in columns if name != "held")
    return engine.read(_MATERIAL.format(columns=named, where=where))
