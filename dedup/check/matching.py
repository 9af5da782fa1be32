"""The small catalogue judged by the stages of a run; which new records are updates, which pairs were known before."""

from __future__ import annotations

from dedup.check.attached import tables
from dedup.engine.base import Engine
from dedup.model import Verdict
from dedup.stages import answers, diagnose, group
from dedup.stages.context import Context
from dedup.stages.edges import edges
from dedup.stages.faults import write_faults
from dedup.stages.score import judged
from dedup.store import CATALOGUE
from dedup.tables import CAUSE, CONFLICT, CORRECTION, JUNK, MEMBER, RESCUE

# A record under the number of another is that one, changed, unless it is certainly another book: the policy keeps the
# two apart, and their titles, their volumes or their ISBN differ. What has no title can be anything.
_SEEN = f"""
SELECT t.fresh, t.held, t.at_home, h.record_id,
       j.verdict IN ('{Verdict.SAME}', '{Verdict.REVIEW}') OR NOT f.title_usable OR NOT h.title_usable
       OR f.fingerprint = h.fingerprint
       OR ((f.title_key = h.title_key OR starts_with(f.title_key, h.title_key) OR starts_with(h.title_key, f.title_key)
            OR list_contains(f.alternatives, h.title_key) OR list_contains(h.alternatives, f.title_key))
           AND (f.volume_label = '' OR h.volume_label = '' OR f.volume_label = h.volume_label)
           AND (len(f.isbn) = 0 OR len(h.isbn) = 0 OR list_has_any(f.isbn, h.isbn))) AS one_work
FROM twin t JOIN record f ON f.rid = t.fresh JOIN record h ON h.rid = t.held
JOIN judged j ON j."left" = t.held AND j."right" = t.fresh
QUALIFY row_number() OVER (PARTITION BY t.fresh ORDER BY one_work DESC, t.at_home DESC, h.record_id) = 1
"""

# Of a record that is replaced only what the last run said of it counts any more.
_WITHOUT = '"left" NOT IN (SELECT held FROM renewed)'

_KNOWN = f"""
WITH was AS (
  SELECT j."left", j."right", j.verdict, coalesce(a.held, j."left") AS one, coalesce(z.held, j."right") AS other
  FROM judged j LEFT JOIN renewed a ON a.fresh = j."left" LEFT JOIN renewed z ON z.fresh = j."right"
  WHERE j.verdict <> '{Verdict.DIFFERENT}' AND (a.fresh IS NOT NULL OR z.fresh IS NOT NULL)
), before AS (
  SELECT "left", "right", verdict FROM {CATALOGUE}.judged
  WHERE "left" IN (SELECT held FROM renewed) OR "right" IN (SELECT held FROM renewed)
)
SELECT w."left", w."right" FROM was w JOIN before b
  ON b."left" = least(w.one, w.other) AND b."right" = greatest(w.one, w.other) AND b.verdict = w.verdict
WHERE greatest(w.one, w.other) < $first
"""

_TELLING = f"""
SELECT 1 FROM judged WHERE verdict <> '{Verdict.DIFFERENT}'
UNION ALL SELECT 1 FROM record WHERE NOT title_usable LIMIT 1
"""

# Whether a source tells of items at all is known of the whole of it, not of a few of its records. Items of records
# that are to be loaded are seldom made yet: that a new source has none says nothing.
_HOLDING = f"SELECT source, none FROM {CATALOGUE}.holding"
_UNMADE = "SELECT DISTINCT source, NULL::INTEGER AS none FROM fresh"


def match(context: Context, first: int, catalogue: bool) -> None:
    """From `pair`, `record` and `twin` to what a run makes of them (`edge`, `cause`, `correction`, `fault`, `junk`),
    `renewed` (fresh, held: updates), `reused` (fresh, held: one number, two books) and `known` (left, right).
    """
    engine = context.engine
    judged(context)
    _updates(engine, first)
    if catalogue and "judgement" in tables(engine):
        engine.sql("judgement", f"FROM {CATALOGUE}.judgement")
    known = f"{_HOLDING} UNION ALL FROM ({_UNMADE}) WHERE source NOT IN (SELECT source FROM {CATALOGUE}.holding)"
    engine.sql("known_holding", known if catalogue else _UNMADE)
    answers.run(context)
    if engine.read(_TELLING).num_rows:
        group.run(context)
        diagnose.run(context)
        edges(engine, context.rules)
    else:
        _nothing_told(context)


def _nothing_told(context: Context) -> None:
    """What group and diagnose make where no two records are more than lawfully separate and every title is usable."""
    engine = context.engine
    for name, schema in (("cause", CAUSE), ("correction", CORRECTION), ("junk", JUNK), ("rescue", RESCUE)):
        engine.write(name, schema, [])
    engine.write("member", MEMBER, [])
    engine.write("conflict", CONFLICT, [])
    edges(engine, context.rules)
    write_faults(engine, context.rules)


def _updates(engine: Engine, first: int) -> None:
    if not engine.sql("seen", _SEEN):
        engine.sql("renewed", "SELECT fresh, held FROM seen")
        engine.sql("reused", "SELECT fresh, held FROM seen")
        engine.sql("known", 'SELECT "left", "right" FROM judged WHERE false')
        return
    engine.sql("renewed", "SELECT fresh, held, record_id FROM seen WHERE one_work")
    engine.sql("reused", "SELECT fresh, held FROM seen WHERE NOT one_work")
    engine.sql("replaced", "FROM record WHERE rid IN (SELECT held FROM renewed)")
    engine.sql("known", _KNOWN, {"first": first})
    engine.sql("judged", f'FROM judged WHERE {_WITHOUT} ORDER BY "left", "right"')
    engine.sql("record", "FROM record WHERE rid NOT IN (SELECT held FROM renewed)")
