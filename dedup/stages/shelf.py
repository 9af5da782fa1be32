"""What results say of records that are in groups or without a usable title: a narrow table beside the wide one."""

from __future__ import annotations

from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.identity import identity_of

# `library` as the data files show it: all holders, else the library that the source belongs to.
_SHELF = """
SELECT n.* EXCLUDE (source), coalesce(nullif(array_to_string(holders, ';'), ''), s.library) AS library
FROM (
  SELECT r.rid, r.record_id, r.source,
         list_sort(list_distinct(list_filter(r.libraries, lambda x: x <> ''))) AS holders,
         len(r.libraries) > 0 AS has_items, {identity} AS identity, r.fingerprint AS content
  FROM record r WHERE r.rid IN (SELECT rid FROM member UNION ALL SELECT rid FROM junk)
) n JOIN source s ON s.source = n.source
"""


def shelve(engine: Engine, rules: RuleSet) -> int:
    """Table `shelf` from `member`, `junk`, `record` and `source`."""
    return engine.sql("shelf", _SHELF.format(identity=identity_of(rules)))
