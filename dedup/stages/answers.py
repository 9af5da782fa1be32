"""Answers: what people said of earlier reports keeps records apart, as long as these are what they were."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from dedup.codes import filled
from dedup.engine.base import Engine
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.stages.context import Context, Tally
from dedup.stages.identity import identity_of
from dedup.tables import JUDGEMENT

JUDGED_ROW = "judged"
"""Row and veto of a pair that people judged; the policy has no row of that name."""

# Of the answers of one voice about one record beside another the last counts; of two at one time the more cautious.
_EFFECTIVE = """
SELECT j.* EXCLUDE (entered), a.place AS caution, l.rid AS "left", r.rid AS "right"
FROM judgement j JOIN answer_place a ON a.answer = j.answer
LEFT JOIN record l ON l.record_id = j.left_record
LEFT JOIN record r ON r.record_id = j.right_record
QUALIFY row_number() OVER (PARTITION BY coalesce(nullif(j.library, ''), j."by"), j.left_record, j.right_record
                           ORDER BY j.answered DESC, a.place, j.period DESC, j.id) = 1
"""

_IDENTITIES = """
SELECT r.rid, {identity} AS identity, r.fingerprint AS content FROM record r
WHERE r.rid IN (SELECT "left" FROM effective UNION SELECT "right" FROM effective)
"""

# A record is what it was when its identity columns are, or when it was not touched at all and only the tables by which
# it is read were changed.
_HOLDS = """
SELECT e.*, e."left" IS NOT NULL AND l.content <> e.left_content AS left_touched,
       e."left" IS NOT NULL AND l.identity <> e.left_identity AND l.content <> e.left_content AS left_changed,
       e."right" IS NOT NULL AND r.identity <> e.right_identity AND r.content <> e.right_content AS right_changed
FROM effective e LEFT JOIN answer_identity l ON l.rid = e."left" LEFT JOIN answer_identity r ON r.rid = e."right"
"""

_PAIRS = """
SELECT least("left", "right") AS "left", greatest("left", "right") AS "right",
       max({'answered': answered, 'id': id, 'by': "by", 'period': period}) AS said
FROM said WHERE answer = 'different' AND "left" IS NOT NULL AND "right" IS NOT NULL
  AND NOT left_changed AND NOT right_changed AND "left" <> "right" GROUP BY ALL ORDER BY 1, 2
"""

_JUNK = """
SELECT DISTINCT "left" AS rid FROM said
WHERE answer = 'different' AND right_record = '' AND "left" IS NOT NULL AND NOT left_changed
"""

_JUDGED = f"""
SELECT coalesce(j."left", a."left") AS "left", coalesce(j."right", a."right") AS "right",
       CASE WHEN a."left" IS NULL THEN j.verdict ELSE '{Verdict.DIFFERENT}' END AS verdict,
       CASE WHEN a."left" IS NULL THEN j.row ELSE '{JUDGED_ROW}' END AS row,
       CASE WHEN a."left" IS NULL THEN j.veto ELSE '{JUDGED_ROW}' END AS veto,
       CASE WHEN a."left" IS NULL THEN j.score ELSE 0::FLOAT END AS score,
       CASE WHEN a."left" IS NULL THEN j.reason ELSE a.reason END AS reason
FROM judged j FULL JOIN answered_pair a ON a."left" = j."left" AND a."right" = j."right" ORDER BY 1, 2
"""

_JUDGED_THEN = JUDGEMENT.remove(JUDGEMENT.get_field_index("entered"))
SAID = pa.schema(
    [
        *_JUDGED_THEN,
        pa.field("caution", pa.int64()),
        pa.field("left", pa.int64()),
        pa.field("right", pa.int64()),
        *(pa.field(name, pa.bool_()) for name in ("left_touched", "left_changed", "right_changed")),
    ]
)
ANSWERED_PAIR = pa.schema([("left", pa.int64()), ("right", pa.int64()), ("reason", pa.string())])
_RECORD = pa.schema([("rid", pa.int64())])


def run(context: Context) -> Tally:
    """From `judgement` and `record` to `said`, `answered_pair` and `answered_junk`; judged pairs become `different`.

    `said` holds the answers in effect with the records they speak of (null: gone) and whether these were changed since.
    Without a log these are empty, and nothing else is done.
    """
    engine, rules = context.engine, context.rules
    given = int(engine.read("SELECT count(*) AS n FROM judgement")["n"][0].as_py()) if engine.has("judgement") else 0
    if not given:
        for name, schema in (("said", SAID), ("answered_pair", ANSWERED_PAIR), ("answered_junk", _RECORD)):
            engine.write(name, schema, [])
        return Tally(0, 0, unit_in="answers", unit_out="pairs kept apart")
    places = [row["id"] for row in rules.tables["review"]["answer"]]
    table = pa.table({"answer": places, "place": list(range(len(places)))})
    engine.write("answer_place", table.schema, table.to_batches())
    engine.sql("effective", _EFFECTIVE)
    engine.sql("answer_identity", _IDENTITIES.format(identity=identity_of(rules)))
    engine.sql("said", _HOLDS)
    engine.sql("answered_junk", _JUNK)
    rows = _pairs(engine, rules)
    if rows:
        engine.sql("judged", _JUDGED)
    engine.drop("answer_place", "effective", "answer_identity")
    lapsed = "SELECT count(DISTINCT id) AS n FROM said WHERE answer = 'different' AND (left_changed OR right_changed)"
    aside = {"lapsed, as a record was changed": int(engine.read(lapsed)["n"][0].as_py())}
    return Tally(given, rows, aside, unit_in="answers", unit_out="pairs kept apart")


def _pairs(engine: Engine, rules: RuleSet) -> int:
    """Table `answered_pair`: the pairs that people keep apart, and why in both languages."""
    means = rules.tables["review"]["judged"]["means"]

    def reason(said: dict[str, Any]) -> str:
        """Who said so, of which report."""
        return " / ".join(filled(means[language], said) for language in ("zh", "en"))

    found = engine.read(_PAIRS)
    reasons = pa.array([reason(said) for said in found["said"].to_pylist()], pa.string())
    table = found.drop_columns(["said"]).append_column("reason", reasons).cast(ANSWERED_PAIR)
    return engine.write("answered_pair", ANSWERED_PAIR, table.to_batches())
