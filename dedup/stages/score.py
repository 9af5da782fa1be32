"""The stage that judges: pairs in, judged pairs out, in batches over all cores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.compare.asked import QUESTIONS
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts, Pairs
from dedup.compare.policy import read_policy
from dedup.rules import RuleSet
from dedup.stages.context import Context, Tally
from dedup.tables import COMPARED, JUDGED, PAIR, RESCUING

Ints = npt.NDArray[np.int64]
BATCH = 50_000
"""Pairs per batch: the answers to all questions for that many pairs stay within some 20 MB."""


# Records beside one without a usable title: what tells of the same book there is not read for all others.
_NEAR_JUNK = """
WITH junk AS (SELECT rid FROM record WHERE NOT title_usable)
SELECT rid FROM junk
UNION SELECT p."right" FROM {pairs} p JOIN junk j ON j.rid = p."left"
UNION SELECT p."left" FROM {pairs} p JOIN junk j ON j.rid = p."right"
"""
_ENDS = '("left", "right") IN (SELECT ("left", "right")'
_RESCUED = "CASE WHEN rid IN (SELECT rid FROM near_junk) THEN {0} END AS {0}"


def run(context: Context) -> Tally:
    """From `pair` to `scored` (schema JUDGED): what the machine says of every proposed pair."""
    return judged(context, "scored")


def amend(context: Context) -> Tally:
    """From `pair_change` and `pair` to `scored`: void verdicts go, new and changed pairs are judged."""
    engine = context.engine
    engine.delete("scored", f"{_ENDS} FROM pair_change WHERE kind IN ('gone', 'again'))")
    wanted = f"SELECT * FROM pair WHERE {_ENDS} FROM pair_change WHERE kind IN ('new', 'again'))"
    engine.passing("pair_to_judge", wanted)
    tally = judged(context, "scored_now", "pair_to_judge")
    engine.append("scored", "FROM scored_now")
    engine.drop("pair_to_judge", "scored_now")
    return tally


def judged(context: Context, out: str = "judged", pairs: str = "pair") -> Tally:
    """From table `pairs` (schema PAIR) to table `out` (schema JUDGED): the verdict of every proposed pair."""
    engine = context.engine
    wanted = f'SELECT "left" AS rid FROM {pairs} UNION SELECT "right" FROM {pairs}'
    engine.passing("near_junk", _NEAR_JUNK.format(pairs=pairs))
    columns = ", ".join(["rid", *(_RESCUED.format(name) if name in RESCUING else name for name in COMPARED)])
    records = engine.read(f"SELECT {columns} FROM record WHERE rid IN ({wanted})").combine_chunks()
    engine.drop("near_junk")
    rids = np.asarray(records["rid"], np.int64)
    # Found by place, as rids are dense; places of rids that are not there are never looked up.
    place = np.empty(int(rids.max(initial=0)) + 1, np.int64)
    place[rids] = np.arange(len(rids))
    total = int(engine.read(f"SELECT count(*) AS n FROM {pairs}")["n"][0].as_py())

    def pieces() -> Iterator[pa.RecordBatch]:
        """Pairs by position in `records`."""
        for batch in engine.batches(f'SELECT "left", "right", rules FROM {pairs} ORDER BY "left", "right"'):
            ends = [pa.array(place[np.asarray(batch.column(name))]) for name in ("left", "right")]
            yield pa.RecordBatch.from_arrays([*ends, batch.column("rules")], schema=PAIR)

    def verdicts() -> Iterator[pa.RecordBatch]:
        """Verdicts by rid again."""
        done = 0
        for batch in score(records.drop_columns(["rid"]), pieces(), context.rules, context.threads):
            done += batch.num_rows
            context.progress.advance(done, total)
            ends = [pa.array(rids[np.asarray(batch.column(name))]) for name in ("left", "right")]
            yield pa.RecordBatch.from_arrays([*ends, *batch.columns[2:]], schema=JUDGED)

    rows = engine.write(out, JUDGED, verdicts())
    return Tally(total, rows, unit_in="pairs", unit_out="pairs")


def score(
    concepts: pa.Table, pairs: Iterable[pa.RecordBatch], rules: RuleSet, threads: int
) -> Iterator[pa.RecordBatch]:
    """Judge PAIR batches whose `left` and `right` are positions in `concepts`; JUDGED batches in the same order.

    NumPy, Arrow and RapidFuzz let go of the interpreter while they work, so threads share one copy of the columns.
    The result does not depend on the number of threads or on how the pairs are cut.
    """
    prepared = Concepts(concepts)
    nobody = Pairs(prepared, np.zeros(0, np.int64), np.zeros(0, np.int64))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        # Asked of no pairs, a question makes its columns ready, which the batches then share.
        list(pool.map(lambda name: QUESTIONS[name].ask(nobody, rules), sorted(read_policy(rules).questions)))
        waiting: list[Future[pa.RecordBatch]] = []
        for piece in _cut(pairs):
            waiting.append(pool.submit(_judge, prepared, piece, rules))
            if len(waiting) > 2 * threads:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _judge(concepts: Concepts, piece: pa.RecordBatch, rules: RuleSet) -> pa.RecordBatch:
    left, right = (np.asarray(piece.column(name)) for name in ("left", "right"))
    return judge(concepts, left, right, rules)


def _cut(pairs: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in pairs:
        for start in range(0, batch.num_rows, BATCH):
            yield batch.slice(start, BATCH)
