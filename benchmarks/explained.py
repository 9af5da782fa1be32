"""Whether `dedup explain` says what a run stored: random pairs of a catalogue, each judged once more.

Usage: python benchmarks/explained.py INPUT... [--db FILE] [--pairs 1000] [--others 100] [--seed 1]

Runs the whole line over INPUT (or takes a database that stands already), explains judged pairs chosen by chance, a
third of them from those that are not lawfully different, and some pairs of any two records; prints the figures and
exits with 1 when one explanation is not what was stored. Packed files are slow: each record is unpacked anew.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dedup import store  # noqa: E402
from dedup.engine.duck import DuckEngine  # noqa: E402
from dedup.explain import Explanation, explain  # noqa: E402
from dedup.rules import load_rules  # noqa: E402

_CHOSEN = """
SELECT a.record_id AS one, z.record_id AS other FROM (
  SELECT * FROM judged WHERE {which} ORDER BY hash("left", "right", $seed) LIMIT $count
) j JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right" ORDER BY 1, 2
"""
_UNJUDGED = """
SELECT a.record_id AS one, z.record_id AS other
FROM (SELECT *, row_number() OVER (ORDER BY hash(rid, $seed)) AS place FROM record) a
JOIN (SELECT *, row_number() OVER (ORDER BY hash(rid, $seed + 1)) AS place FROM record) z USING (place)
WHERE a.rid <> z.rid ORDER BY place LIMIT $count
"""


def chosen(engine: DuckEngine, count: int, seed: int) -> list[tuple[str, str]]:
    """Judged pairs: a third that are not lawfully different, the others of any kind."""
    third = count // 3
    told = engine.read(_CHOSEN.format(which="verdict <> 'different'"), {"seed": seed, "count": third}).to_pylist()
    rest = engine.read(_CHOSEN.format(which="true"), {"seed": seed + 1, "count": count - len(told)}).to_pylist()
    return sorted({(row["one"], row["other"]) for row in (*told, *rest)})


def unlike(one: Explanation) -> list[str]:
    """What an explanation of a judged pair does not share with what was stored."""
    faults = [f"{what}: stored {before!r}, now {now!r}" for what, before, now in one.differences]
    faults += ["not judged by the run"] if one.stored is None else []
    faults += [f"{keys.rule} proposed it, but shares no key" for keys in one.proposed if keys.missing]
    faults += [f"{side.record_id}: fields {side.fields}" for side in (one.left, one.right) if side.fields != "read"]
    return faults


def main() -> int:
    """Run, explain, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("inputs", nargs="*", type=Path)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--others", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="explained-") as folder:
        database = given.db or Path(folder) / "c.duckdb"
        if given.inputs:
            words = ["run", *map(str, given.inputs), "--db", str(database), "--out", str(Path(folder) / "out")]
            subprocess.run([sys.executable, str(ROOT / "cli.py"), *words], check=True, stdout=subprocess.DEVNULL)
        engine = store.opened(database, 2)
        try:
            return _explained(engine, given.pairs, given.others, given.seed)
        finally:
            engine.close()


def _explained(engine: DuckEngine, count: int, more: int, seed: int) -> int:
    rules = load_rules()
    pairs = chosen(engine, count, seed)
    begun, wrong = time.perf_counter(), 0
    for pair in pairs:
        faults = unlike(explain(engine, rules, pair))
        wrong += bool(faults)
        for fault in faults:
            print(f"{pair[0]}  {pair[1]}  {fault}")
    seconds = time.perf_counter() - begun
    print(f"{len(pairs):,} judged pairs explained in {seconds:.1f} s, {wrong} not as stored")
    others = [(row["one"], row["other"]) for row in engine.read(_UNJUDGED, {"seed": seed, "count": more}).to_pylist()]
    found = [explain(engine, rules, pair) for pair in others]
    known = sum(one.stored is not None for one in found)
    merged = sum(one.decision.verdict == "same" for one in found if one.stored is None)
    print(
        f"{len(found):,} pairs chosen by chance explained, {known} judged by the run, {merged} of the others the same"
    )
    return 1 if wrong or any(one.differences for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
