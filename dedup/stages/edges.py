"""The judged pairs that are more than lawful separate records, as pairs.csv shows them; and why records are grouped."""

from __future__ import annotations

from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.answers import JUDGED_ROW

# A refused merge is shown as a pair to review, whatever it was judged to be. Pairs that people judged have reasons of
# their own; those that the machine holds apart have that of their row, see `dedup.stages.pairs_file`.
_EDGE = """
WITH because AS (
  SELECT rid, record_id FROM record
  WHERE rid IN (SELECT because_left FROM conflict UNION ALL SELECT because_right FROM conflict)
)
SELECT j."left", j."right", CASE WHEN c."left" IS NULL THEN j.verdict ELSE 'review' END AS verdict,
       round(j.score, 4)::DECIMAL(6, 4) AS score, CASE WHEN c."left" IS NULL THEN j.veto ELSE c.veto END AS veto,
       CASE WHEN c."left" IS NULL THEN j.reason
            ELSE $refused || ': ' || least(a.record_id, z.record_id) || ', ' || greatest(a.record_id, z.record_id)
       END AS reason,
       c."left" IS NOT NULL AS refused
FROM (SELECT * FROM judged WHERE verdict <> 'different' OR row = $people OR score <> 0) j
LEFT JOIN conflict c ON c."left" = j."left" AND c."right" = j."right"
LEFT JOIN because a ON a.rid = c.because_left
LEFT JOIN because z ON z.rid = c.because_right
WHERE j.verdict <> 'different' OR j.veto <> ''
"""

# The strongest link of each record inside its group, in words.
_REASON = """
WITH link AS (
  SELECT "left" AS rid, "right" AS other, verdict, score, reason FROM edge
  UNION ALL SELECT "right", "left", verdict, score, reason FROM edge
)
SELECT m.group_id, m.rid, max({'score': l.score, 'reason': l.reason}).reason AS reason
FROM member m JOIN link l ON l.rid = m.rid AND l.verdict = m.verdict
JOIN member o ON o.rid = l.other AND o.group_id = m.group_id
GROUP BY m.group_id, m.rid
"""


def edges(engine: Engine, rules: RuleSet) -> int:
    """Table `edge` from `judged` and `conflict`; of lawful separate records only what people said is in it."""
    refused = rules.tables["group"]["refused"]["means"]
    return engine.passing("edge", _EDGE, {"refused": f"{refused['zh']} / {refused['en']}", "people": JUDGED_ROW})


def reasons(engine: Engine) -> int:
    """Table `reason` from `edge` and `member`."""
    return engine.sql("reason", _REASON)
