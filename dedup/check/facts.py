"""What the stages found, as far as it speaks of new records: rows read from the engine, nothing put into words yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from dedup.engine.base import Engine
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.stages.shelf import HOLDERS
from dedup.store import CATALOGUE

Row = dict[str, Any]

# The pair of two new records is told of once: of the one that is no update, else of the later one.
_NEAR = f"""
WITH met AS (
  SELECT e.*, CASE WHEN e."left" >= $first AND e."right" IN (SELECT fresh FROM renewed)
                    AND e."left" NOT IN (SELECT fresh FROM renewed) THEN e."left" ELSE e."right" END AS rid
  FROM edge e ANTI JOIN known k ON k."left" = e."left" AND k."right" = e."right"
  WHERE e.verdict NOT IN ('{Verdict.DIFFERENT}', '{Verdict.JUNK}') AND e."right" >= $first
)
SELECT m.rid, CASE WHEN m.rid = m."left" THEN m."right" ELSE m."left" END AS other, m.verdict,
       m.score::DOUBLE AS score, m.reason, coalesce(c.cause, '') AS cause, coalesce(c.causes, 0) AS causes
FROM met m LEFT JOIN cause c ON c."left" = m."left" AND c."right" = m."right"
ORDER BY m.rid, score DESC, other
"""

_CORRECTIONS = """
SELECT c.rid, m.verdict, c.correction_zh, c.correction_en
FROM correction c JOIN member m ON m.group_id = c.group_id AND m.rid = c.rid
WHERE c.library = '' AND c.rid >= $first
"""

_FAULTS = """
SELECT f.rid, f.code, f.field, f.found, f.expected, f.other FROM fault f WHERE f.rid >= $first ORDER BY ALL
"""

_JUNK = """
SELECT j.rid, j.code, j.reason, j.correction_zh, j.correction_en, o.rid AS other
FROM junk j LEFT JOIN rescue t ON t.rid = j.rid LEFT JOIN record o ON o.record_id = t.record_id AND o.rid <> j.rid
WHERE j.rid >= $first AND j.rid NOT IN (SELECT rid FROM answered_junk)
QUALIFY row_number() OVER (PARTITION BY j.rid ORDER BY o.rid) = 1
"""

_UNREADABLE = 'SELECT source, file, "offset", length, reason FROM quarantine ORDER BY ALL'

# A file that is no MARC is padding to nobody: its note may speak of a record that is no bibliographic one.
_NOTES = """
SELECT n.source, n.file, n."offset", n.length, n.reason, f.rid
FROM note n LEFT JOIN fresh f ON f.source = n.source AND f.file = n.file AND f."offset" = n."offset" ORDER BY ALL
"""

_LEADERS = """
SELECT rid, record_type, bib_level FROM fresh
WHERE NOT contains($types, record_type) OR NOT contains($levels, bib_level) OR record_type = '' OR bib_level = ''
ORDER BY rid
"""

_UNNUMBERED = "SELECT rid FROM fresh WHERE control = '' ORDER BY rid"

# One number on two different records; the same book twice is told of as that.
_REPEATED = f"""
SELECT f.rid, min(o.rid) AS other, any_value(f.control) AS control
FROM fresh f JOIN fresh o ON o.source = f.source AND o.control = f.control AND o.rid < f.rid
WHERE f.control <> '' AND f.fingerprint <> o.fingerprint AND NOT EXISTS (
  SELECT 1 FROM edge e WHERE e."left" = o.rid AND e."right" = f.rid AND e.verdict = '{Verdict.SAME}')
GROUP BY f.rid ORDER BY f.rid
"""

_REUSED = "SELECT r.fresh AS rid, r.held AS other, f.control FROM reused r JOIN fresh f ON f.rid = r.fresh ORDER BY 1"

# Of each file how many records are in MARC 21 (format 0) and how many in the family of UNIMARC.
_FORMATS = """
WITH one AS (SELECT source, file, count(*) AS n, count(*) FILTER (format = 0) AS western,
                    mode(format) FILTER (format > 0) AS eastern FROM fresh GROUP BY ALL)
SELECT f.rid, f.format, CASE WHEN f.format = 0 THEN o.eastern ELSE 0 END AS wanted
FROM fresh f JOIN one o ON o.source = f.source AND o.file = f.file
WHERE f.title_usable AND (coalesce(list_contains($chinese, f.languages[1]), false) = (f.format = 0))
  AND CASE WHEN f.format = 0 THEN o.n - o.western ELSE o.western END >= greatest($least, $share * (o.n - 1))
ORDER BY f.rid
"""

_UPDATES = """
SELECT u.fresh AS rid, u.held AS other, f.fingerprint <> h.fingerprint AS changed
FROM renewed u JOIN fresh f ON f.rid = u.fresh JOIN replaced h ON h.rid = u.held ORDER BY 1
"""

_SHOWN = f"""
SELECT r.rid, r.record_id, r.source, r.file, r."offset", r.length, r.control, r.format, r.fingerprint,
       r.display_title AS title, r.display_statement AS statement, r.isbn_text,
       coalesce(nullif({HOLDERS}, []), [s.library])
         AS libraries
FROM (FROM record UNION ALL FROM replaced) r JOIN source s ON s.source = r.source
WHERE r.rid IN (SELECT rid FROM told_of)
"""

_GROUPS = f"""
SELECT rid, min_by(group_id, CASE WHEN verdict = '{Verdict.SAME}' THEN 0 ELSE 1 END) AS group_id
FROM {CATALOGUE}.member WHERE rid IN (SELECT rid FROM told_of) GROUP BY rid
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows by what they speak of; `rid` is the new record, `other` the one beside it, where there is one."""

    near: tuple[Row, ...]
    corrections: Mapping[tuple[int, str], Row]
    faults: tuple[Row, ...]
    junk: tuple[Row, ...]
    unreadable: tuple[Row, ...]
    notes: tuple[Row, ...]
    leaders: tuple[Row, ...]
    unnumbered: tuple[Row, ...]
    repeated: tuple[Row, ...]
    reused: tuple[Row, ...]
    formats: tuple[Row, ...]
    updates: tuple[Row, ...]
    records: Mapping[int, Row]
    groups: Mapping[int, str]
    places: Mapping[tuple[str, str, int], int]
    files: Mapping[tuple[str, str], str]


def gather(engine: Engine, rules: RuleSet, first: int, catalogue: bool) -> Facts:
    """Read what `match` left in the engine; `first` is the rid of the first new record."""
    table = rules.tables["check"]

    def rows(query: str, **values: object) -> tuple[Row, ...]:
        """The rows of a query."""
        return tuple(engine.read(query, values).to_pylist())

    if not engine.has("replaced"):
        engine.sql("replaced", "FROM record WHERE false")
    leader, form = table["leader"], table["format"]
    found: dict[str, tuple[Row, ...]] = {
        "near": rows(_NEAR, first=first),
        "faults": rows(_FAULTS, first=first),
        "junk": rows(_JUNK, first=first),
        "notes": rows(_NOTES),
        "leaders": rows(_LEADERS, types=leader["type"]["codes"], levels=leader["level"]["codes"]),
        "unnumbered": rows(_UNNUMBERED),
        "repeated": rows(_REPEATED),
        "reused": rows(_REUSED),
        "formats": rows(_FORMATS, chinese=form["cnmarc"], least=form["least"], share=form["share"]),
        "updates": rows(_UPDATES),
    }
    wanted = {
        row[end] for some in found.values() for row in some for end in ("rid", "other") if row.get(end) is not None
    }
    _wanted(engine, wanted)
    files = {(row["source"], row["file"]): row["shown"] for row in rows("SELECT source, file, shown FROM fresh_file")}
    return Facts(
        **found,
        corrections={(row["rid"], row["verdict"]): row for row in rows(_CORRECTIONS, first=first)},
        unreadable=rows(_UNREADABLE),
        records={row["rid"]: row for row in rows(_SHOWN)},
        groups={row["rid"]: row["group_id"] for row in rows(_GROUPS)} if catalogue else {},
        places={(row["source"], row["file"], row["offset"]): row["number"] for row in rows("FROM fresh_place")},
        files=files,
    )


def _wanted(engine: Engine, rids: Iterable[int]) -> None:
    table = pa.table({"rid": pa.array(sorted(rids), pa.int64())})
    engine.write("told_of", table.schema, table.to_batches())


def by_record(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    """Rows by their new record, in their order."""
    held: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        held[row["rid"]].append(row)
    return held
