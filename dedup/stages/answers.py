"""Answers: what people said of two records goes before the policy, as long as the records are what they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dedup.codes import filled
from dedup.engine.base import Engine
from dedup.errors import RuleError, problem
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.stages.context import Context, Tally
from dedup.stages.identity import identity_of
from dedup.tables import JUDGEMENT

JUDGED_ROW = "judged"
"""Row of a pair that people judged, and its veto where they keep it apart; the policy has no row of that name."""

UNDO = "undo"
"""An entry of the log by which an earlier one holds no longer."""

WORDS = (Verdict.SAME, Verdict.DIFFERENT, Verdict.REVIEW)
"""What people may say of two records; every other answer tells of work done."""

# Entries with the records they speak of (null: gone) and whether these were changed since. A record is what it was when
# its identity columns are, or when it was not touched at all and only the tables by which it is read were changed. Of
# one voice about one record beside another the last answer counts (`turn` 1); of two at one time the more cautious.
# `said_at`: when an answer was given, which of a CSV file nobody knows: then it is as late as it was read.
_ENTRY = """
WITH place AS (SELECT unnest($order) AS answer, generate_subscripts($order, 1) AS caution),
undoing AS (SELECT DISTINCT undoes FROM judgement WHERE answer = $undo),
spoken AS (
  SELECT j.*, p.caution, l.rid AS "left", r.rid AS "right",
         j.id IN (FROM undoing) AS undone,
         rtrim(replace(coalesce(nullif(j.answered, ''), j.entered), '+00:00', 'Z'), 'Z') AS said_at
  FROM judgement j JOIN place p ON p.answer = j.answer
  LEFT JOIN record l ON l.record_id = j.left_record
  LEFT JOIN record r ON r.record_id = j.right_record
), now AS (
  SELECT r.rid, {identity} AS identity, r.fingerprint AS content FROM record r
  WHERE r.rid IN (SELECT "left" FROM spoken UNION SELECT "right" FROM spoken)
)
SELECT e.*, e."left" IS NOT NULL AND l.content <> e.left_content AS left_touched,
       e."left" IS NOT NULL AND l.identity <> e.left_identity AND l.content <> e.left_content AS left_changed,
       e."right" IS NOT NULL AND r.identity <> e.right_identity AND r.content <> e.right_content AS right_changed,
       row_number() OVER (PARTITION BY e.undone, coalesce(nullif(e.library, ''), e."by"), e.left_record, e.right_record
                          ORDER BY e.answered DESC, e.caution, e.period DESC, e.id) AS turn
FROM spoken e LEFT JOIN now l ON l.rid = e."left" LEFT JOIN now r ON r.rid = e."right"
"""

# Of all voices that may say something of two records the latest counts.
_WORD = """
SELECT least("left", "right") AS "left", greatest("left", "right") AS "right", answer AS verdict, id, "by", period,
       said_at, note, file
FROM {entries}
WHERE turn = 1 AND NOT undone AND answer IN (SELECT unnest($words)) AND "left" IS NOT NULL AND "right" IS NOT NULL
  AND NOT left_changed AND NOT right_changed AND "left" <> "right"
QUALIFY row_number() OVER (PARTITION BY least("left", "right"), greatest("left", "right")
                           ORDER BY said_at DESC, caution, id) = 1
"""

_STANDING = """
WITH entry AS ({entry}), word AS ({word})
SELECT j.id, CASE WHEN j.answer = $undo THEN '' WHEN e.undone THEN 'undone'
                  WHEN e."left" IS NULL OR (e."right" IS NULL AND e.right_record <> '') THEN 'gone'
                  WHEN e.left_changed OR e.right_changed THEN 'lapsed'
                  WHEN e.turn > 1 OR (w.id IS NULL AND e.right_record <> '' AND e.answer IN (SELECT unnest($words)))
                  THEN 'overruled' ELSE 'standing' END AS state
FROM judgement j LEFT JOIN entry e ON e.id = j.id LEFT JOIN word w ON w.id = j.id
"""

_JUNK = """
SELECT DISTINCT "left" AS rid FROM said
WHERE answer = 'different' AND right_record = '' AND "left" IS NOT NULL AND NOT left_changed
"""

_JUDGED = f"""
SELECT coalesce(j."left", a."left") AS "left", coalesce(j."right", a."right") AS "right",
       coalesce(a.verdict, j.verdict) AS verdict,
       CASE WHEN a."left" IS NULL THEN j.row ELSE '{JUDGED_ROW}' END AS row,
       CASE WHEN a."left" IS NULL THEN j.veto WHEN a.verdict = '{Verdict.DIFFERENT}' THEN '{JUDGED_ROW}' ELSE '' END
         AS veto,
       CASE WHEN a."left" IS NULL THEN j.score WHEN a.verdict = '{Verdict.DIFFERENT}' THEN 0::FLOAT ELSE 1::FLOAT END
         AS score,
       coalesce(a.reason, j.reason) AS reason
FROM {{machine}} j FULL JOIN answered_pair a ON a."left" = j."left" AND a."right" = j."right" ORDER BY 1, 2
"""

_LAPSED = """
SELECT count(DISTINCT id) AS n FROM said
WHERE answer IN (SELECT unnest($words)) AND (left_changed OR right_changed)
"""

_LEFT_OUT = ("entered", "undoes")
SAID = pa.schema(
    [
        *(field for field in JUDGEMENT if field.name not in _LEFT_OUT),
        pa.field("caution", pa.int64()),
        pa.field("left", pa.int64()),
        pa.field("right", pa.int64()),
        *(pa.field(name, pa.bool_()) for name in ("left_touched", "left_changed", "right_changed")),
    ]
)
ANSWERED_PAIR = pa.schema(
    [("left", pa.int64()), ("right", pa.int64()), ("verdict", pa.string()), ("reason", pa.string())]
)
_RECORD = pa.schema([("rid", pa.int64())])


def run(context: Context) -> Tally:
    """What people said, laid over what the machine said: see `hear` and `lay`."""
    tally = hear(context)
    lay(context.engine)
    return tally


def hear(context: Context) -> Tally:
    """From `judgement` and `record` to `said`, `answered_pair` and `answered_junk`.

    `said` holds the answers in effect with the records they speak of (null: gone) and whether these were changed since;
    `answered_pair` what people made of two records, the smaller rid left. Without a log all are empty.
    Raises RuleError for an order of caution that leaves out an answer.
    """
    engine, rules = context.engine, context.rules
    log = read_log(engine)
    if log.num_rows:
        engine.write("judgement", JUDGEMENT, log.to_batches())
        engine.sql("entry", _ENTRY.format(identity=identity_of(rules)), parameters(rules))
        names = ", ".join(f'"{name}"' for name in SAID.names)
        engine.sql("said", f"SELECT {names} FROM entry WHERE turn = 1 AND NOT undone")
        engine.sql("answered_junk", _JUNK)
        rows = _pairs(engine, rules)
        engine.drop("entry")
    else:
        for name, schema in (("said", SAID), ("answered_pair", ANSWERED_PAIR), ("answered_junk", _RECORD)):
            engine.write(name, schema, [])
        rows = 0
    aside = {"lapsed, as a record was changed": int(engine.read(_LAPSED, _words())["n"][0].as_py())}
    return Tally(log.num_rows, rows, aside, unit_in="answers", unit_out="pairs judged by people")


def lay(engine: Engine) -> None:
    """From `scored` (the machine's verdicts) and `answered_pair` to `judged`, as often as one likes.

    Where there is no `scored`, `judged` itself is what the machine said, and is written over if people said anything.
    """
    machine = "scored" if engine.has("scored") else "judged"
    if engine.read("SELECT 1 FROM answered_pair LIMIT 1").num_rows:
        engine.sql("judged", _JUDGED.format(machine=machine))
    elif machine == "scored":
        engine.sql("judged", "FROM scored")


def read_log(engine: Engine) -> pa.Table:
    """The log (schema JUDGEMENT) in the order of its entries; empty when there is none.

    Of a column that a log from before does not have yet every value is ''.
    """
    if not engine.has("judgement"):
        return JUDGEMENT.empty_table()
    log = engine.read("SELECT * FROM judgement")
    for field in JUDGEMENT:
        if field.name not in log.column_names:
            log = log.append_column(field, pa.array([""] * log.num_rows, field.type))
    return log.select(JUDGEMENT.names).cast(JUDGEMENT)


def states(engine: Engine, rules: RuleSet) -> dict[str, str]:
    """By id of every entry: standing, overruled, lapsed, gone, undone; '' of an entry that undoes another.

    Table `judgement` must be there; of a log from before it may lack `undoes`.
    """
    log, entry = "judgement", _ENTRY
    if "undoes" not in engine.read("SELECT * FROM judgement LIMIT 0").column_names:
        log = "(SELECT *, '' AS undoes FROM judgement)"
    query = _STANDING.format(entry=entry.format(identity=identity_of(rules)), word=_WORD.format(entries="entry"))
    query = query.replace("FROM judgement", f"FROM {log}")
    return {row["id"]: row["state"] for row in engine.read(query, parameters(rules) | _words()).to_pylist()}


def parameters(rules: RuleSet) -> dict[str, object]:
    """What the queries over the log are bound to. Raises RuleError when an answer has no place in order of caution."""
    review = rules.tables["review"]
    order = review["caution"]["order"]
    wanted = [*(row["id"] for row in review["answer"]), *map(str, WORDS)]
    if missing := sorted(set(wanted) - set(order)):
        place = f"{rules.root / 'review.toml'} [caution] order"
        raise RuleError(problem(place, f"no {missing[0]!r}", "every answer and decision once", "add it"))
    return {"order": list(order), "undo": UNDO}


def _words() -> dict[str, object]:
    return {"words": [str(word) for word in WORDS]}


def _pairs(engine: Engine, rules: RuleSet) -> int:
    """Table `answered_pair`: the pairs that people judged, and why in both languages."""
    query = _WORD.format(entries="entry")
    found = engine.read(f'SELECT * FROM ({query}) ORDER BY "left", "right"', _words())
    reasons = pa.array([reason_of(said, rules) for said in found.to_pylist()], pa.string())
    table = found.select(ANSWERED_PAIR.names[:3]).append_column("reason", reasons).cast(ANSWERED_PAIR)
    return engine.write("answered_pair", ANSWERED_PAIR, table.to_batches())


def reason_of(said: Mapping[str, Any], rules: RuleSet) -> str:
    """Who said so, when or of which report, and the remark, in both languages.

    `said` holds verdict, by, period, said_at, note and file ('' = decided, not answered).
    """
    review = rules.tables["review"]
    means = review["judged"]["means"] if said["file"] else review["decided"][said["verdict"]]
    values = {"by": said["by"], "period": said["period"], "day": said["said_at"][:10]}
    # A remark must not look like the sign between the languages.
    note = " ".join(said["note"].replace(" / ", "/").split())
    longest = int(review["decided"]["longest_note"])
    values["note"] = note if len(note) <= longest else note[: longest - 1] + "…"
    tail = review["decided"]["note"] if note else {"zh": "", "en": ""}
    return " / ".join(filled(means[language] + tail[language], values) for language in ("zh", "en"))
