"""Which records an incremental run has to look at again: those that changed, and all that hang together with them.

What is said of a record depends on its component: the records that judged pairs which are not `different` join to it,
one after the other, before or after the change. Besides it depends on a few facts of the whole catalogue (what a source
tells of items, which libraries there are); where such a fact changed, those that it is about are looked at again.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dedup.engine.base import Engine
from dedup.stages.graph import Ints, components

PART = "dedup_part"
"""The tables of an incremental run, beside those of the catalogue: `dedup_part.TABLE`."""

# Pairs that are proposed no longer, newly or of records that changed; and pairs of which people say something else.
_TOUCHED = """
SELECT "left", "right" FROM pair_change WHERE kind <> 'rules'
UNION SELECT "left", "right" FROM (
  (FROM dedup_part.answered_pair_before EXCEPT FROM answered_pair)
  UNION ALL (FROM answered_pair EXCEPT FROM dedup_part.answered_pair_before))
"""

_LINKED = """
SELECT "left", "right" FROM judged WHERE verdict <> 'different'
UNION ALL SELECT "left", "right" FROM scored WHERE verdict <> 'different'
UNION ALL SELECT "left", "right" FROM answered_pair WHERE verdict <> 'different'
"""

# A record that only stands elsewhere in its file is what it was.
_SEEDS = """
WITH source_touched AS (
  SELECT source FROM source_change
  UNION SELECT source FROM ((FROM dedup_part.holding_before EXCEPT FROM holding)
                            UNION ALL (FROM holding EXCEPT FROM dedup_part.holding_before))
  UNION SELECT source FROM ((FROM dedup_part.shared_source_before EXCEPT FROM shared_source)
                            UNION ALL (FROM shared_source EXCEPT FROM dedup_part.shared_source_before))
), library_touched AS (
  (FROM dedup_part.member_library_before EXCEPT FROM member_library)
  UNION ALL (FROM member_library EXCEPT FROM dedup_part.member_library_before)
), shown AS (
  SELECT rid FROM shelf UNION SELECT "left" FROM dedup_part.linked UNION SELECT "right" FROM dedup_part.linked
)
SELECT rid FROM change WHERE kind <> 'moved'
UNION SELECT r.rid FROM record r JOIN source_touched t ON t.source = r.source WHERE r.rid IN (FROM shown)
UNION SELECT r.rid FROM record r JOIN library_touched t ON t.library = r.agencies[-1] WHERE r.rid IN (FROM shown)
UNION SELECT rid FROM ((FROM dedup_part.answered_junk_before EXCEPT FROM answered_junk)
                       UNION ALL (FROM answered_junk EXCEPT FROM dedup_part.answered_junk_before))
"""

_RECORD = pa.schema([("rid", pa.int64())])


def find_affected(engine: Engine) -> int:
    """In `dedup_part` the tables `touched` (pairs), `affected` (records) and `affected_group`. Returns the records.

    From `change`, `pair_change`, `source_change`, `scored`, `answered_pair` and the facts as they are now, and from
    `judged`, `member`, `shelf` and `dedup_part.X_before` as they were. A component is affected whole or not at all.
    """
    engine.sql("dedup_part.touched", _TOUCHED)
    engine.sql("dedup_part.linked", _LINKED)
    ends = [_column(engine.read('SELECT "left", "right" FROM dedup_part.linked'), name) for name in ("left", "right")]
    nodes, place = np.unique(np.concatenate(ends), return_inverse=True)
    low, high = np.split(place, 2)
    label = components(len(nodes), low, high) if len(nodes) else np.zeros(0, np.int64)
    seeds = _column(engine.read(_SEEDS), "rid")
    touched = engine.read('SELECT "left", "right" FROM dedup_part.touched')
    one, other = (_component(_column(touched, name), nodes, label) for name in ("left", "right"))
    chosen = np.zeros(len(nodes), np.bool_)
    inside = _component(seeds, nodes, label)
    chosen[inside[inside >= 0]] = True
    # Of two records that are different in any case the others of their components learn nothing.
    chosen[one[(one == other) & (one >= 0)]] = True
    records = np.union1d(nodes[chosen[label]], seeds)
    engine.write("dedup_part.affected", _RECORD, [pa.RecordBatch.from_arrays([pa.array(records)], schema=_RECORD)])
    query = "SELECT DISTINCT group_id FROM member WHERE rid IN (FROM dedup_part.affected)"
    engine.sql("dedup_part.affected_group", query)
    return len(records)


def _column(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name], np.int64)


def _component(rids: Ints, nodes: Ints, label: Ints) -> Ints:
    """The component of each record; -1 for one that no pair joins to another."""
    if not len(nodes):
        return np.full(len(rids), -1, np.int64)
    place = np.minimum(np.searchsorted(nodes, rids), len(nodes) - 1)
    return np.where(nodes[place] == rids, label[place], -1)
