"""What summary.json says of a run."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from dedup import __version__
from dedup.mode import LIBRARIES, Mode
from dedup.model import CONTRACT_VERSION
from dedup.stages.context import Context


def summarise(context: Context, mode: Mode, stages: dict[str, Any]) -> dict[str, Any]:
    """What summary.json says of a run."""
    return {
        "contract_version": CONTRACT_VERSION,
        "period": context.period,
        "counts": _counts(context),
        "causes": _causes(context),
        "libraries": _libraries(context),
        "stages": stages,
        "peak_rss_mb": peak_rss_mb(context.threads),
        "rules_sha256": context.rules.sha256,
        "versions": {"dedup": __version__, "python": platform.python_version(), **{n: version(n) for n in LIBRARIES}},
        "mode": "incremental" if mode.incremental else "full",
        "mode_reason": mode.told,
        "changes": _changes(context) if mode.incremental else {},
        "regrouped": _regrouped(context),
    }


_CHANGES = """
SELECT source, kind, count(*) AS n FROM change GROUP BY ALL
UNION ALL SELECT source, 'moved', records FROM moved ORDER BY source, kind
"""


def _changes(context: Context) -> dict[str, dict[str, int]]:
    """By source how many records this load found new, changed, withdrawn, and moved: the same, in another place."""
    found: dict[str, dict[str, int]] = {}
    for row in context.engine.read(_CHANGES).to_pylist():
        found.setdefault(row["source"], dict.fromkeys(("new", "changed", "withdrawn", "moved"), 0))
        found[row["source"]][row["kind"]] = row["n"]
    return found


_REGROUPED = """
SELECT verdict, count(DISTINCT was) FILTER (kind = 'split') AS split,
       count(DISTINCT group_id) FILTER (kind = 'join') AS "join"
FROM regrouped GROUP BY verdict ORDER BY verdict
"""


def _regrouped(context: Context) -> dict[str, dict[str, int]]:
    """By verdict how many groups of the run before have come apart, and how many are now made of several."""
    rows = context.engine.read(_REGROUPED).to_pylist()
    return {row.pop("verdict"): row for row in rows}


def _counts(context: Context) -> dict[str, Any]:
    def of(query: str) -> pa.Table:
        """The result of a query."""
        return context.engine.read(query)

    ledger = of(
        "SELECT count(*) AS files, sum(records) AS records, sum(loaded) AS loaded,"
        " sum(quarantined) AS quarantined FROM ledger"
    )
    groups = of(
        "SELECT verdict, count(DISTINCT group_id) AS n, count(*) AS r FROM member GROUP BY verdict ORDER BY verdict"
    )
    pairs = of("SELECT verdict, count(*) AS n FROM judged GROUP BY verdict ORDER BY verdict")
    return {
        **{name: int(ledger[name][0].as_py() or 0) for name in ledger.column_names},
        "bibliographic": int(of("SELECT count(*) AS n FROM record")["n"][0].as_py()),
        "junk": int(of("SELECT count(*) AS n FROM junk")["n"][0].as_py()),
        "pairs": dict(zip(pairs["verdict"].to_pylist(), pairs["n"].to_pylist(), strict=True)),
        "groups": dict(zip(groups["verdict"].to_pylist(), groups["n"].to_pylist(), strict=True)),
        "records_in_groups": dict(zip(groups["verdict"].to_pylist(), groups["r"].to_pylist(), strict=True)),
        "refused_merges": int(of("SELECT count(*) AS n FROM conflict")["n"][0].as_py()),
        "keys_shared_by_too_many": int(of("SELECT count(*) AS n FROM dropped_key")["n"][0].as_py()),
    }


_PER_CAUSE = """
SELECT c.cause, count(DISTINCT m.group_id) AS groups, count(*) AS records
FROM member m JOIN group_cause c ON c.group_id = m.group_id
WHERE c.cause <> '' AND m.verdict <> 'review' GROUP BY c.cause ORDER BY c.cause
"""


def _causes(context: Context) -> dict[str, dict[str, int]]:
    """Groups and records by first cause (D..), records by kind of junk (J..) and by fault (Q..)."""
    rows = context.engine.read(_PER_CAUSE).to_pylist()
    found = {row.pop("cause"): row for row in rows}
    for table in ("junk", "fault"):
        query = f"SELECT code, count(DISTINCT rid) AS records FROM {table} GROUP BY code ORDER BY code"
        found |= {row["code"]: {"records": row["records"]} for row in context.engine.read(query).to_pylist()}
    return found


_PER_LIBRARY = """
WITH held AS (
  SELECT DISTINCT r.rid, unnest(CASE WHEN len(r.libraries) = 0 THEN [s.library] ELSE r.libraries END) AS library
  FROM record r JOIN source s ON s.source = r.source
)
SELECT library, count(*) AS records, count(*) FILTER (rid IN (SELECT rid FROM member WHERE verdict = 'same')) AS same,
       count(*) FILTER (rid IN (SELECT rid FROM junk)) AS junk
FROM held WHERE library <> '' GROUP BY library ORDER BY library
"""


def _libraries(context: Context) -> dict[str, dict[str, int]]:
    rows = context.engine.read(_PER_LIBRARY).to_pylist()
    return {row.pop("library"): row for row in rows}


def peak_rss_mb(workers: int) -> int | None:
    """The most memory this run can have held: this process and, for each worker, the largest; None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int((own + workers * worker) / unit)
