"""The ids of groups, which outlive runs: what holds the oldest record left of a group is that group.

A new group is named after its oldest record. From then on it keeps its name, whoever joins and whoever leaves, as long
as its oldest remaining record is in a group of the same verdict. Of a group that split, the part with that record keeps
the name; of groups that joined, the one with the older such record gives it. Older is what was entered on file earlier
(a record without that date counts as younger than all with it), then what has the smaller record id.
"""

from __future__ import annotations

import base64
import hashlib

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.model import Verdict
from dedup.tables import NAMED, REGROUPED

# With the G in front twelve letters: as many as DuckDB keeps inside a string's own place.
_ID_LETTERS = 11

_AGED = """
SELECT g.*, r.record_id, {'unknown': r.entered IS NULL, 'entered': r.entered, 'record_id': r.record_id} AS age
FROM grouped g JOIN record r ON r.rid = g.rid
"""

# What remains of each group of the run before, and where its oldest record is now; one that got several names takes
# that of the oldest.
_HEIRS = """
WITH remaining AS (
  SELECT n.group_id, min_by(a.number, a.age) AS number, min(a.age) AS age
  FROM named n JOIN aged a ON a.record_id = n.record_id AND a.verdict = n.verdict GROUP BY n.group_id
)
SELECT number, min_by(group_id, age) AS group_id FROM remaining GROUP BY number
"""

_NAMELESS = """
SELECT number, any_value(verdict) AS verdict, min(age).record_id AS oldest FROM aged
WHERE number NOT IN (SELECT number FROM heir) GROUP BY number ORDER BY number
"""

_REGROUPED = """
WITH passed AS (
  SELECT n.verdict, m.group_id, n.group_id AS was, count(*) AS records
  FROM named n JOIN aged a ON a.record_id = n.record_id AND a.verdict = n.verdict
  JOIN group_name m ON m.number = a.number GROUP BY ALL
)
SELECT group_id, was, 'split' AS kind, verdict, records FROM passed
WHERE was IN (SELECT was FROM passed GROUP BY was HAVING count(*) > 1)
UNION ALL
SELECT group_id, was, 'join', verdict, records FROM passed
WHERE group_id IN (SELECT group_id FROM passed GROUP BY group_id HAVING count(*) > 1)
ORDER BY kind, was, group_id
"""


def group_id(verdict: Verdict | str, oldest: str, count: int = 1) -> str:
    """The id of a new group, from its oldest record; `count` above 1 when another group bears that name by now."""
    told = f"{verdict}\0{oldest}" + (f"\0{count}" if count > 1 else "")
    return "G" + base64.b32encode(hashlib.sha256(told.encode()).digest()).decode()[:_ID_LETTERS]


def name_groups(engine: Engine) -> None:
    """From `grouped` (number, rid, verdict ...), `record` and `named` to `group_name` (number, group_id).

    `named` (schema NAMED) is what groups were called in the run before, and then what they are called now; `regrouped`
    (schema REGROUPED) says what became of groups that split or joined. Table `name_taken`, where there is one, holds
    the ids of groups that are not looked at.
    """
    for name, schema in (("named", NAMED), ("name_taken", pa.schema([NAMED.field("group_id")]))):
        if not engine.has(name):
            engine.write(name, schema, [])
    engine.passing("aged", _AGED)
    engine.passing("heir", _HEIRS)
    engine.write("newcomer", _NEW, [_new_names(engine)])
    engine.passing("group_name", "FROM heir UNION ALL FROM newcomer")
    engine.write("regrouped", REGROUPED, engine.read(_REGROUPED).cast(REGROUPED).to_batches())
    engine.sql(
        "named",
        "SELECT m.group_id, a.verdict, a.record_id FROM aged a JOIN group_name m ON m.number = a.number"
        " ORDER BY m.group_id, a.record_id",
    )
    engine.drop("aged", "heir", "newcomer", "name_taken")


_NEW = pa.schema([("number", pa.int64()), ("group_id", pa.string())])


def _new_names(engine: Engine) -> pa.RecordBatch:
    """The names of groups that inherit none: each the first of its own row of names that nobody bears."""
    taken = set(engine.read("SELECT group_id FROM heir UNION ALL FROM name_taken")["group_id"].to_pylist())
    found = engine.read(_NAMELESS)
    names = []
    for verdict, oldest in zip(found["verdict"].to_pylist(), found["oldest"].to_pylist(), strict=True):
        count = 1
        while (name := group_id(verdict, oldest, count)) in taken:
            count += 1
        names.append(name)
    numbers = found["number"].combine_chunks() if found.num_rows else pa.array([], pa.int64())
    return pa.RecordBatch.from_arrays([numbers, pa.array(names, pa.string())], schema=_NEW)
