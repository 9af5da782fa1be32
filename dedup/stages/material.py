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

_MATERIAL = """
SELECT r.rid, {columns}, (CASE WHEN len(r.libraries) > 0 THEN 1 ELSE h.none END)::TINYINT AS held
FROM record r JOIN holding h ON h.source = r.source {where}
"""


def telling(engine: Engine, rules: RuleSet) -> None:
    """Table `holding`: for each source what a record without items means there."""
    least = int(rules.tables["causes"]["limits"]["items_unless"])
    engine.sql("holding", _HELD, {"least": least})


def material(engine: Engine, among: str = "", columns: tuple[str, ...] = TRACED) -> pa.Table:
    """The rid, `columns` (of `tables.TRACED`) and `held` of some records, in order of rid.

    Those whose rid the query `among` gives; all without it. Table `holding` must have been made by `telling`.
    """
    where = f"WHERE r.rid IN ({among})" if among else ""
    named = ", ".join(f"r.{name}" for name in columns if name != "held")
    return engine.read(f"{_MATERIAL.format(columns=named, where=where)} ORDER BY r.rid")
