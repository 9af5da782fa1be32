"""Which records of the catalogue a line may have to do with: those that share a blocking key with it.

The keys of the lines are made as those of all records, and looked up among those that the last run left in the
catalogue. A crowded key is not refined, as a run does it: that would leave out the other editions asked for here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from dedup.check.attached import first_free
from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.stages.blocking import read_blocking
from dedup.stages.keys import keys
from dedup.store import CATALOGUE
from dedup.tables import COMPARED, KEY

_TABLES = {"record", "key", "source", "run"}
_SHARED = f"SELECT rid, key FROM {CATALOGUE}.key WHERE key IN (SELECT DISTINCT key FROM line_key)"
_CROWDED = "SELECT key FROM shared GROUP BY key HAVING count(DISTINCT rid) > $most"
_PAIR = """
SELECT DISTINCT l.rid AS line, s.rid AS other
FROM line_key l JOIN shared s ON s.key = l.key WHERE l.key NOT IN (FROM crowded)
"""
# Lines that are one book: they meet by the same keys.
_REPEATED = """
SELECT DISTINCT l.rid AS line, r.rid AS other FROM line_key l JOIN line_key r ON r.key = l.key AND r.rid < l.rid
WHERE l.key IN (SELECT key FROM line_key GROUP BY key HAVING count(DISTINCT rid) BETWEEN 2 AND $most)
"""
_RECORDS = f"""
SELECT r.rid, r.record_id, r.display_title, r.display_statement, r.libraries, s.library AS home, {{columns}}
FROM {CATALOGUE}.record r JOIN {CATALOGUE}.source s ON s.source = r.source
WHERE r.rid IN (SELECT other FROM pair) ORDER BY r.rid
"""
_SHOWN = ("display_title", "display_statement", "libraries")
# The number as typed is told beside its core.
_COMPARED = tuple(name for name in dict.fromkeys([*COMPARED, "isbn_text"]) if name not in _SHOWN)


@dataclass(frozen=True, slots=True)
class Candidates:
    """`pairs`, `repeats`: line and other, as rid; `records`: those of the catalogue in `pairs`; `crowded`: lines with
    a key that too many records share, by rid.
    """

    pairs: pa.Table
    repeats: pa.Table
    records: pa.Table
    crowded: frozenset[int]


def first_line(engine: Engine) -> int:
    """The rid after the last of the catalogue. Raises StoreError when a table or column is not there."""
    return first_free(engine, ("rid", "record_id", *_COMPARED, *_SHOWN), _TABLES)


def find(engine: Engine, lines: pa.RecordBatch, rules: RuleSet, most: int) -> Candidates:
    """The records that share a key with some of the lines (rid and CONCEPT), and the lines that meet by one.

    `most`: records that may share a key; by one that more share nothing is looked up.
    """
    blocking = read_blocking(rules)
    engine.write("line", lines.schema, [lines])
    columns = ", ".join(["rid", *blocking.columns])
    engine.map_batches(f"SELECT {columns} FROM line", "line_key", partial(keys, blocking=blocking), KEY)
    engine.sql("shared", _SHARED)
    engine.sql("crowded", _CROWDED, {"most": most})
    engine.sql("pair", _PAIR)
    named = ", ".join(f"r.{name}" for name in _COMPARED)
    crowded = engine.read("SELECT DISTINCT rid FROM line_key WHERE key IN (FROM crowded)")["rid"].to_pylist()
    return Candidates(
        pairs=engine.read("FROM pair ORDER BY line, other"),
        repeats=engine.read(f"{_REPEATED} ORDER BY line, other", {"most": most}),
        records=engine.read(_RECORDS.format(columns=named)),
        crowded=frozenset(crowded),
    )
