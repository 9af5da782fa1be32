"""Follow: what became of the findings of the last report, of what people answered, and what they said to be done."""

from __future__ import annotations

from dedup.engine.base import Engine
from dedup.stages.context import Context, Tally
from dedup.stages.shelf import ACTING
from dedup.tables import ANSWERED, HISTORY, OPEN_FINDING, REPORTED

JUNK_GROUP = "J"
"""Stands for the group of a record without a usable title, which is a finding by itself."""

PAIR_LETTER = "P"
"""Begins the name of two records that people judged though no report had shown them together."""

# Who has to act on which record, as findings.csv and junk.csv tell it; to keep a record or leave it is no work.
_ACTING = f"""
WITH told AS (
  SELECT group_id, rid, library FROM ({ACTING}) WHERE action NOT IN ('keep', 'leave')
  UNION ALL SELECT $junk, rid, unnest(string_split(responsible, ';')) FROM junk
)
SELECT DISTINCT group_id, rid, library FROM told WHERE library <> ''
"""

# The findings of this run as they will be looked up when answers come and when the next report is made.
_REPORTED = """
WITH found AS (
  SELECT m.group_id, m.rid, m.verdict, coalesce(c.cause, '') AS cause
  FROM member m LEFT JOIN group_cause c ON c.group_id = m.group_id
  UNION ALL SELECT $junk, rid, 'junk', code FROM junk
)
SELECT $period AS period, f.group_id, r.record_id, f.verdict, f.cause, coalesce(a.libraries, []) AS libraries,
       r.identity, r.content,
       CASE WHEN f.group_id = $junk THEN $junk || '|' || r.record_id ELSE f.group_id END AS finding
FROM found f JOIN shelf r ON r.rid = f.rid
LEFT JOIN (SELECT group_id, rid, list_sort(list(library)) AS libraries FROM acting GROUP BY ALL) a
  ON a.group_id = f.group_id AND a.rid = f.rid
"""

# A finding is named by its group; a record without a usable title by itself.
_FINDING = f"CASE WHEN group_id = '{JUNK_GROUP}' THEN group_id || '|' || record_id ELSE group_id END AS finding"
_WAS = f"""
SELECT *, {_FINDING} FROM reported WHERE period = (SELECT max(period) FROM reported WHERE period < $period)
"""

# A finding is the one of the last report when its id is, or when two of its records stood together there.
_MATCH = """
SELECT DISTINCT n.finding AS now, w.finding AS was FROM reported_now n JOIN reported_before w ON w.finding = n.finding
UNION
SELECT n.finding, w.finding FROM reported_now n JOIN reported_before w ON w.record_id = n.record_id
WHERE n.verdict <> 'junk' AND w.verdict <> 'junk' GROUP BY ALL HAVING count(DISTINCT n.record_id) > 1
"""

# Findings of the last report, or of an earlier run for this one, that are gone because people said so.
_CONFIRMED = f"""
WITH kept_apart AS (
  SELECT a.record_id AS "left", z.record_id AS "right" FROM answered_pair p
  JOIN record a ON a.rid = p."left" JOIN record z ON z.rid = p."right" WHERE p.verdict = 'different'
  UNION ALL SELECT r.record_id, '' FROM answered_junk j JOIN record r ON r.rid = j.rid
), told AS (
  SELECT w.finding, w.cause, w.libraries FROM reported_before w
  WHERE w.finding IN (
    SELECT a.finding FROM reported_before a
    JOIN kept_apart k ON k."left" = a.record_id
    LEFT JOIN reported_before z ON z.finding = a.finding AND z.record_id = k."right"
    WHERE z.finding IS NOT NULL OR (k."right" = '' AND a.verdict = 'junk'))
  UNION ALL
  SELECT {_FINDING}, s.cause, s.libraries
  FROM (SELECT *, left_record AS record_id FROM said) s
  WHERE s.period = $period AND s.answer = 'different' AND s.group_id <> '' AND s."left" IS NOT NULL
    AND NOT s.left_changed
    AND (s.right_record = '' OR (s."right" IS NOT NULL AND NOT s.right_changed))
)
SELECT finding, any_value(cause) AS cause, list_distinct(flatten(list(libraries))) AS libraries
FROM told WHERE finding NOT IN (SELECT was FROM matched) AND finding NOT IN (SELECT finding FROM reported_now)
GROUP BY finding
"""

# A month without any finding has one row of noughts.
_COUNTS = """
WITH now AS (
  SELECT finding, cause, unnest(list_append(list_distinct(flatten(list(libraries))), '')) AS library,
         finding IN (SELECT now FROM matched) AS repeated
  FROM reported_now GROUP BY finding, cause
), gone AS (
  SELECT finding, cause, unnest(list_append(list_distinct(flatten(list(libraries))), '')) AS library
  FROM reported_before WHERE finding NOT IN (SELECT was FROM matched) AND finding NOT IN (SELECT finding FROM confirmed)
  GROUP BY finding, cause
), counted AS (
  SELECT library, cause, count(*) FILTER (NOT repeated) AS "new", count(*) FILTER (repeated) AS repeated, 0 AS solved,
         0 AS answered FROM now GROUP BY ALL
  UNION ALL SELECT library, cause, 0, 0, count(*), 0 FROM gone GROUP BY ALL
  UNION ALL SELECT library, cause, 0, 0, 0, count(*)
  FROM (SELECT finding, cause, unnest(list_append(libraries, '')) AS library FROM confirmed) GROUP BY ALL
  UNION ALL SELECT '', '', 0, 0, 0, 0
  WHERE NOT EXISTS (FROM now) AND NOT EXISTS (FROM gone) AND NOT EXISTS (FROM confirmed)
)
SELECT $period AS period, library, cause, sum("new")::BIGINT AS "new", sum(repeated)::BIGINT AS repeated,
       sum(solved)::BIGINT AS solved, sum(answered)::BIGINT AS answered
FROM counted GROUP BY library, cause ORDER BY library, cause
"""

# What people were asked before and are asked again.
_AGAIN = """
SELECT a.group_id, a.rid, a.library, n.record_id, bool_or(w.content <> n.content) AS touched
FROM acting a JOIN shelf r ON r.rid = a.rid
JOIN reported_now n ON n.group_id = a.group_id AND n.record_id = r.record_id
JOIN matched m ON m.now = n.finding
JOIN reported_before w ON w.finding = m.was AND w.record_id = n.record_id GROUP BY ALL
"""

# Work said to be done that this load does not show: the record is still there, or still stands beside the other one. A
# library has done its part when none of the items of a record that goes is its own any more. Claims about findings that
# the last report did not have any more are done with.
_UNDONE = """
WITH together AS (
  SELECT m.rid AS "left", n.rid AS "right", min(m.group_id) AS group_id, bool_or(m.keep) AS keep
  FROM member m JOIN member n ON n.group_id = m.group_id AND n.rid <> m.rid
  WHERE m.rid IN (SELECT "left" FROM said) AND n.rid IN (SELECT "right" FROM said) GROUP BY ALL
), claim AS (
  SELECT s.*, t.group_id AS stands,
         s.answer = 'merged' AND s.library <> '' AND NOT coalesce(t.keep, false) AND len(r.libraries) > 0
           AND NOT list_contains(r.libraries, s.library) AS moved
  FROM said s JOIN record r ON r.rid = s."left"
  LEFT JOIN (FROM together UNION ALL SELECT rid, NULL, $junk, false FROM junk) t
    ON t."left" = s."left" AND t."right" IS NOT DISTINCT FROM s."right"
  WHERE s.answer NOT IN ('different', 'same', 'review')
    AND (s.period >= coalesce((SELECT max(period) FROM reported_before), $period)
         OR s.left_record IN (SELECT record_id FROM reported_before))
)
SELECT coalesce(stands, group_id) AS group_id, "left" AS rid, library, answer AS claim, "by", answered, done_on, note,
       period, left_touched AS touched
FROM claim WHERE answer = 'deleted' OR (stands IS NOT NULL AND NOT moved)
QUALIFY row_number() OVER (PARTITION BY "left", library ORDER BY answered DESC, period DESC, caution, id) = 1
"""

_OPEN = """
WITH first AS (SELECT group_id, record_id, min(period) AS since FROM reported GROUP BY ALL)
SELECT coalesce(u.group_id, a.group_id) AS group_id, coalesce(u.rid, a.rid) AS rid,
       coalesce(u.library, a.library) AS library, coalesce(u.claim, '') AS claim, coalesce(u."by", '') AS "by",
       coalesce(u.answered, '') AS answered, coalesce(u.done_on, '') AS done_on, coalesce(u.note, '') AS note,
       least(u.period, f.since, $period) AS since, coalesce(u.touched, a.touched) AS touched
FROM again a FULL JOIN undone u ON u.rid = a.rid AND u.group_id = a.group_id AND u.library IN (a.library, '')
LEFT JOIN first f ON f.group_id = a.group_id AND f.record_id = a.record_id
ORDER BY library, group_id, rid, claim
"""

# A lapsed judgement is told where the finding is shown again; one that belonged to no finding has a name of its own.
_ANSWERED = """
WITH judged_before AS (
  SELECT * REPLACE (CASE WHEN group_id = '' THEN $pair || left(md5(left_record || chr(31) || right_record), 11)
                         ELSE group_id END AS group_id),
         group_id <> '' AS reported, left_changed OR coalesce(right_changed, false) AS lapsed
  FROM said WHERE answer IN ('different', 'same', 'review') AND "left" IS NOT NULL
    AND (right_record = '' OR "right" IS NOT NULL)
), placed AS (
  SELECT j.*, CASE WHEN NOT lapsed THEN '' WHEN right_record = '' THEN k.group_id
                   ELSE coalesce(t.group_id, CASE WHEN answer <> 'different' THEN '' END) END AS now
  FROM judged_before j
  LEFT JOIN (SELECT m.rid AS one, n.rid AS other, min(m.group_id) AS group_id FROM member m
             JOIN member n ON n.group_id = m.group_id AND n.rid <> m.rid
             WHERE m.rid IN (SELECT "left" FROM said) AND n.rid IN (SELECT "right" FROM said) GROUP BY ALL) t
    ON t.one = j."left" AND t.other = j."right"
  LEFT JOIN (SELECT rid, $junk AS group_id FROM junk) k ON k.rid = j."left"
  WHERE lapsed OR (answer = 'different' AND reported)
), told AS (
  SELECT *, "left" AS rid, left_changed AS changed, true AS spoken FROM placed WHERE now IS NOT NULL
  UNION ALL
  SELECT *, "right", right_changed, false FROM placed WHERE now IS NOT NULL AND right_record <> ''
)
SELECT group_id, rid, verdict, cause, libraries, period, library, "by", answered, note,
       CASE WHEN lapsed THEN 'lapsed' ELSE 'standing' END AS state, changed, now, answer
FROM told
QUALIFY row_number() OVER (PARTITION BY group_id, rid, lapsed ORDER BY spoken DESC, answered DESC, id) = 1
ORDER BY group_id, rid, state
"""

_KEPT = """
WITH latest AS (SELECT DISTINCT period FROM reported ORDER BY period DESC LIMIT $periods)
SELECT * EXCLUDE finding FROM reported_now
UNION ALL SELECT * FROM reported WHERE period <> $period AND period IN (FROM latest)
"""

_HISTORY = """
FROM counted UNION ALL FROM (FROM history WHERE period <> $period) ORDER BY period, library, cause
"""


def run(context: Context) -> Tally:
    """From the findings of this run and `said` to `answered`, `open_finding`, `reported` and `history`.

    Records without a usable title that people confirmed to be in order leave `junk`. To run a period again replaces its
    rows. The last report is that of the latest period before this one.
    """
    engine, period, junk = context.engine, {"period": context.period}, {"junk": JUNK_GROUP}
    for name, schema in (("reported", REPORTED), ("history", HISTORY)):
        if not engine.has(name):
            engine.write(name, schema, [])
    if engine.read("SELECT 1 FROM answered_junk LIMIT 1").num_rows:
        engine.sql("junk", "SELECT * FROM junk WHERE rid NOT IN (SELECT rid FROM answered_junk)")
    engine.passing("acting", _ACTING, junk)
    rows = engine.passing("reported_now", _REPORTED, period | junk)
    before = engine.passing("reported_before", _WAS, period)
    engine.passing("matched", _MATCH)
    engine.passing("confirmed", _CONFIRMED, period)
    engine.passing("counted", _COUNTS, period)
    engine.sql("history", _HISTORY, period)
    periods = int(context.rules.tables["review"]["keep"]["periods"])
    engine.sql("reported", _KEPT, period | {"periods": periods})
    claims = _answers(engine, period, junk, before)
    engine.drop("acting", "reported_now", "reported_before", "matched", "confirmed", "counted", "said")
    return Tally(rows, rows, {"said to be done and not done": claims}, unit_out="records followed")


def _answers(engine: Engine, period: dict[str, str], junk: dict[str, str], before: int) -> int:
    """Tables `answered` and `open_finding`; returns how many claims the load does not bear out."""
    if not before and not engine.read("SELECT 1 FROM said LIMIT 1").num_rows:
        engine.write("answered", ANSWERED, [])
        engine.write("open_finding", OPEN_FINDING, [])
        return 0
    engine.passing("again", _AGAIN)
    engine.passing("undone", _UNDONE, period | junk)
    engine.sql("open_finding", _OPEN, period)
    engine.sql("answered", _ANSWERED, junk | {"pair": PAIR_LETTER})
    engine.drop("again", "undone")
    query = "SELECT count(*) AS n FROM open_finding WHERE claim IN ('merged', 'corrected', 'deleted')"
    return int(engine.read(query)["n"][0].as_py())
