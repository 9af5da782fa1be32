"""Diagnose: why each duplicate exists, whose job it is, and what to do about it, record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa

from dedup.compare.causes import coded, columns_needed, diagnose
from dedup.compare.pairs import Concepts
from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages import cases, junk
from dedup.stages.blame import blame
from dedup.stages.context import Context, Tally
from dedup.stages.edges import edges, reasons
from dedup.stages.faults import write_faults
from dedup.stages.material import material, telling
from dedup.stages.shelf import shelve
from dedup.stages.wording import worded
from dedup.tables import CAUSE, CORRECTION, JUDGED

_AT_ONCE = 100_000
_JUDGED = "SELECT * FROM judged WHERE verdict <> 'different'"
_CONCERNED = """
SELECT "left" FROM judged WHERE verdict <> 'different' UNION SELECT "right" FROM judged WHERE verdict <> 'different'
"""

# The causes of all pairs inside a group, gathered; a refused merge is a doubt whatever its pair was judged to be.
_GATHERED = """
SELECT m.group_id, bit_or(c.causes) AS causes, bool_or(c.single_search) AS single_search
FROM cause c
JOIN judged j ON j."left" = c."left" AND j."right" = c."right"
JOIN member m ON m.rid = c."left"
JOIN member n ON n.rid = c."right" AND n.group_id = m.group_id
WHERE j.verdict = m.verdict GROUP BY m.group_id
"""

_LIBRARIES = """
SELECT library FROM (SELECT DISTINCT unnest(libraries) AS library FROM record UNION SELECT library FROM source)
WHERE library <> ''
"""

# Sources whose items belong to several libraries.
_SHARED = """
SELECT source FROM (SELECT DISTINCT source, unnest(libraries) AS library FROM record)
WHERE library <> '' GROUP BY source HAVING count(*) > 1
"""

FACTS = ("holding", "member_library", "shared_source")
"""Tables that tell of the catalogue as a whole. They stay: a run that works on a part of it asks what has changed."""

# Who made each record of a group, and when. The maker is the library of its first item; without items the last agency
# that is a member library; else the library that the source belongs to, unless its items belong to several.
_MADE = """
WITH item AS (
  SELECT r.rid, min(CASE WHEN i.day <> '' THEN i.day END) AS day,
         coalesce(first(i.library ORDER BY i.day, i.place) FILTER (i.day <> '' AND i.library <> ''),
                  first(i.library ORDER BY i.place) FILTER (i.library <> '')) AS library
  FROM (SELECT rid, unnest(libraries) AS library, unnest(item_dates) AS day, generate_subscripts(libraries, 1) AS place
        FROM record WHERE rid IN (SELECT rid FROM member)) i JOIN record r ON r.rid = i.rid
  GROUP BY r.rid
)
SELECT r.rid, i.day AS item_day, r.agency_date, r.entered,
       coalesce(i.library, (SELECT a.library FROM member_library a WHERE a.library = r.agencies[-1]),
                CASE WHEN h.source IS NULL THEN s.library END, $centre) AS maker
FROM record r JOIN source s ON s.source = r.source
LEFT JOIN item i ON i.rid = r.rid
LEFT JOIN shared_source h ON h.source = r.source
WHERE r.rid IN (SELECT rid FROM member)
"""

# The order in which the records of a group were made: by a date that all of them have, then by control number.
_PLACED = """
SELECT m.group_id, m.rid, m.verdict, m.keep, d.maker,
       row_number() OVER (
         PARTITION BY m.group_id
         ORDER BY CASE WHEN w.items THEN d.item_day END, CASE WHEN w.agencies THEN d.agency_date END,
                  CASE WHEN w.entries THEN d.entered END, length(r.control), r.control, r.record_id) AS place
FROM member m
JOIN made d ON d.rid = m.rid
JOIN record r ON r.rid = m.rid
JOIN (
  SELECT m.group_id, bool_and(d.item_day IS NOT NULL) AS items, bool_and(d.agency_date IS NOT NULL) AS agencies,
         bool_and(d.entered IS NOT NULL) AS entries
  FROM member m JOIN made d ON d.rid = m.rid GROUP BY m.group_id
) w ON w.group_id = m.group_id
"""

# Facts that go with any cause.
_FLAGS = """
WITH held AS (
  SELECT m.group_id, m.rid, unnest(CASE WHEN len(r.libraries) = 0 THEN [s.library] ELSE r.libraries END) AS library,
         unnest(CASE WHEN len(r.libraries) = 0 THEN [''] ELSE r.call_numbers END) AS call
  FROM member m JOIN record r ON r.rid = m.rid JOIN source s ON s.source = r.source WHERE m.verdict = 'same'
), owner AS (
  SELECT group_id, rid, min(library) AS library FROM held GROUP BY group_id, rid HAVING count(DISTINCT library) = 1
), self AS (
  SELECT DISTINCT group_id FROM owner GROUP BY group_id, library HAVING count(*) > 1
), calls AS (
  SELECT group_id, library, call, count(DISTINCT rid) AS records FROM held WHERE call <> '' AND library <> ''
  GROUP BY ALL
), two AS (
  SELECT DISTINCT c.group_id FROM (
    SELECT group_id, library FROM calls GROUP BY group_id, library HAVING count(*) > 1 AND max(records) = 1
  ) c JOIN held h ON h.group_id = c.group_id AND h.library = c.library AND h.call <> ''
  GROUP BY c.group_id, c.library HAVING count(DISTINCT h.rid) > 1
), dated AS (
  SELECT DISTINCT m.group_id FROM member m JOIN record r ON r.rid = m.rid
  WHERE len(list_filter(r.faults, lambda x: starts_with(x, $date_conflict))) > 0
)
SELECT g.group_id,
       array_to_string(list_filter([CASE WHEN s.group_id IS NOT NULL THEN 'self-duplicate' END,
                                    CASE WHEN t.group_id IS NOT NULL THEN 'two-call-numbers' END,
                                    CASE WHEN c.single_search THEN 'single-form-search' END,
                                    CASE WHEN d.group_id IS NOT NULL THEN 'date-conflict' END],
                                   lambda x: x IS NOT NULL), ';') AS flags
FROM (SELECT DISTINCT group_id, verdict FROM member) g
LEFT JOIN self s ON s.group_id = g.group_id LEFT JOIN two t ON t.group_id = g.group_id
LEFT JOIN dated d ON d.group_id = g.group_id
LEFT JOIN gathered c ON c.group_id = g.group_id AND g.verdict = 'same'
"""


def run(context: Context) -> Tally:
    """From `judged` and `member` to `cause`, `group_cause`, `fault`, `blame`, `reason` and `correction`."""
    facts(context.engine, context.rules)
    # Python works on the causes while the database works on what does not depend on them.
    return of_groups(context, lambda: write_faults(context.engine, context.rules))


def facts(engine: Engine, rules: RuleSet) -> None:
    """The tables `FACTS`, from all records."""
    telling(engine, rules)
    engine.sql("member_library", _LIBRARIES)
    engine.sql("shared_source", _SHARED)


def of_groups(context: Context, beside: Callable[[], object] = lambda: None) -> Tally:
    """All that is said of groups, pairs inside them and records without a usable title.

    It depends on these and on `FACTS`. `beside` is called while the causes are worked out.
    """
    engine, rules = context.engine, context.rules
    with ThreadPoolExecutor(1) as pool:
        others = pool.submit(_without_causes, context, beside)
        pairs = engine.write("cause", CAUSE, _causes(engine, rules))
        others.result()
    _groups(engine, rules)
    blame(engine, rules)
    cases.make(engine, rules)
    rows = engine.map_batches(cases.ROWS, "correction", lambda batch: worded(batch, rules), CORRECTION)
    engine.drop("edge", "gathered", "made", "placed", "cases", "shares")
    return Tally(pairs, rows, unit_in="pairs", unit_out="corrections")


def _without_causes(context: Context, beside: Callable[[], object]) -> None:
    """Reasons, junk, and by whom and in which order records were made."""
    engine, rules = context.engine, context.rules
    edges(engine, rules)
    reasons(engine)
    junk.find(context)
    shelve(engine, rules)
    beside()
    engine.passing("made", _MADE, {"centre": rules.tables["causes"]["centre"]})
    engine.passing("placed", _PLACED)
    cases.show(engine, rules)


def _causes(engine: Engine, rules: RuleSet) -> Iterator[pa.RecordBatch]:
    """CAUSE rows of all pairs that are not lawful separate records."""
    records = material(engine, _CONCERNED, columns_needed(rules))
    rids = np.asarray(records["rid"], np.int64)
    order = np.argsort(rids)
    concepts = Concepts(records.drop_columns(["rid"]))
    # Few of all pairs are left: asked together, each question is put once to many of them.
    for piece in engine.read(_JUDGED).combine_chunks().to_batches(_AT_ONCE):
        ends = [order[np.searchsorted(rids, np.asarray(piece.column(at)), sorter=order)] for at in (0, 1)]
        placed = pa.RecordBatch.from_arrays([*map(pa.array, ends), *piece.columns[2:]], schema=JUDGED)
        found = diagnose(concepts, placed, rules)
        yield pa.RecordBatch.from_arrays([piece.column(0), piece.column(1), *found.columns], schema=CAUSE)


def _groups(engine: Engine, rules: RuleSet) -> None:
    """Table `group_cause` (group_id, cause, secondary, flags)."""
    engine.passing("gathered", _GATHERED)
    sets = engine.read("SELECT group_id, causes FROM gathered ORDER BY group_id")
    codes = coded(np.asarray(sets["causes"], np.int64), rules)
    table = pa.table(
        {"group_id": sets["group_id"], "cause": codes.column("cause"), "secondary": codes.column("secondary")}
    )
    engine.write("coded", table.schema, table.to_batches())
    engine.passing("flagged", _FLAGS, {"date_conflict": rules.tables["causes"]["date_conflict"]})
    engine.sql("group_cause", "SELECT f.*, c.cause, c.secondary FROM flagged f LEFT JOIN coded c USING (group_id)")
    engine.drop("coded", "flagged")
