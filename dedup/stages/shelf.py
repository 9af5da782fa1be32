"""What results say of records that are in groups or without a usable title: a narrow table beside the wide one."""

from __future__ import annotations

from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.identity import identity_of

HOLDERS = "list_sort(list_distinct(list_filter(r.libraries, lambda x: x <> '')))"
"""SQL: the libraries that hold an item of the record `r`."""

ACTING = """
SELECT t.group_id, t.rid, t.action, t.correction_zh, t.correction_en,
       unnest(CASE WHEN t.library <> '' THEN [t.library]
                   WHEN t.action IN ('correct', 'relevel') THEN [b.maker]
                   WHEN len(h.holders) > 0 THEN h.holders ELSE [b.maker] END) AS library
FROM correction t JOIN blame b ON b.group_id = t.group_id AND b.rid = t.rid
JOIN shelf h ON h.rid = t.rid
WHERE t.library <> '' OR t.action <> 'merge' OR len(h.holders) < 2
"""
"""SQL: what each library has to do: its own items of a record that several hold, else the whole of the record."""

RESPONSIBLE = """
SELECT group_id, string_agg(DISTINCT maker, ';' ORDER BY maker) AS responsible
FROM blame WHERE at_fault GROUP BY group_id
"""
"""SQL: who made the records at fault of each group."""

# `library` as the data files show it: all holders, else the library that the source belongs to.
_SHELF = f"""
SELECT n.* EXCLUDE (source), coalesce(nullif(array_to_string(holders, ';'), ''), s.library) AS library
FROM (
  SELECT r.rid, r.record_id, r.source,
         {HOLDERS} AS holders,
         len(r.libraries) > 0 AS has_items, {{identity}} AS identity, r.fingerprint AS content
  FROM record r WHERE r.rid IN (SELECT rid FROM member UNION ALL SELECT rid FROM junk)
) n JOIN source s ON s.source = n.source
"""


def shelve(engine: Engine, rules: RuleSet) -> int:
    """Table `shelf` from `member`, `junk`, `record` and `source`."""
    return engine.sql("shelf", _SHELF.format(identity=identity_of(rules)))
