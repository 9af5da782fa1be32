"""The file pairs.csv: the one with a row for every judged pair that is told of, most of them held apart by a veto.

Its millions of lines are made of few parts: two names and one of a few hundred endings. So names and endings are put
into CSV once each, pairs are sorted as numbers, and lines are put together at the end.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.engine.base import Engine
from dedup.normalise.arrow import EMPTY, glued, text
from dedup.stages.answers import JUDGED_ROW

COLUMNS = ("left", "right", "verdict", "cause", "secondary", "score", "veto", "reason")
_LINES_AT_ONCE = 200_000
# The database also quotes the sign that begins a comment in some CSV; all files are to write one record id alike.
_QUOTED = '[",#\n\r]'

# The record ids in their order, which is that of the lines.
_NAMES = "SELECT rid, record_id FROM record ORDER BY record_id"

_TOLD = """
SELECT e."left", e."right", e.verdict, CASE WHEN NOT e.refused THEN nullif(c.cause, '') END AS cause,
       CASE WHEN NOT e.refused THEN nullif(c.secondary, '') END AS secondary, e.score::VARCHAR AS score,
       nullif(e.veto, '') AS veto, nullif(e.reason, '') AS reason
FROM edge e LEFT JOIN cause c ON c."left" = e."left" AND c."right" = e."right"
"""

# Lawful separate records that a veto of the machine holds apart: all pairs of one row of the policy read alike.
_APART = f"""
verdict = 'different' AND veto <> '' AND score = 0 AND row <> '{JUDGED_ROW}'
"""
_PLAIN = f'SELECT "left", "right", row FROM judged WHERE {_APART}'
_ROWS = f"""
SELECT row, 'different' AS verdict, NULL::VARCHAR AS cause, NULL::VARCHAR AS secondary, '0.0000' AS score,
       any_value(veto) AS veto, nullif(any_value(reason), '') AS reason
FROM judged WHERE {_APART} GROUP BY row ORDER BY row
"""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines in the making: `first` and `second` are places in `names`, `ending` in `endings`; all in CSV already."""

    names: pa.StringArray
    endings: pa.StringArray
    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    ending: npt.NDArray[np.int32]

    def piece(self, begin: int) -> pa.Buffer:
        """The bytes of some lines."""
        part = slice(begin, begin + _LINES_AT_ONCE)
        ends = [self.names.take(pa.array(side[part])) for side in (self.first, self.second)]
        made = glued(*ends, self.endings.take(pa.array(self.ending[part])), separator=",")
        _, offsets, data = made.buffers()
        edges = np.frombuffer(offsets, np.int32)
        begin, end = int(edges[made.offset]), int(edges[made.offset + len(made)])
        return data.slice(begin, end - begin)


def write_pairs(engine: Engine, path: Path) -> int:
    """Write pairs.csv from `judged`, `edge`, `cause` and `record`, sorted by the names of both records. Returns rows.

    Table `edge` must have been made by `dedup.stages.edges`. Raises OSError when the file cannot be written.
    """
    lines = _sorted(engine)
    starts = range(0, len(lines.first), _LINES_AT_ONCE)
    with path.open("wb") as file, ThreadPoolExecutor(engine.threads) as pool:
        file.write((",".join(COLUMNS) + "\n").encode())
        for at in range(0, len(starts), engine.threads):
            for piece in pool.map(lines.piece, starts[at : at + engine.threads]):
                file.write(piece)
    return len(lines.first)


def _sorted(engine: Engine) -> _Lines:
    """All lines in the order of the file."""
    named = engine.read(_NAMES)
    place = np.zeros(int(pc.max(named["rid"]).as_py() or 0) + 1, np.int32)
    place[np.asarray(named["rid"])] = np.arange(named.num_rows)
    told, rows = engine.read(_TOLD), engine.read(_ROWS)
    number = {row: at for at, row in enumerate(rows["row"].to_pylist())}
    left, right, ending = [], [], []
    for batch in engine.batches(_PLAIN):
        coded = batch.column(2).dictionary_encode()
        codes = np.array([number[row] for row in coded.dictionary.to_pylist()], np.int32)
        left.append(place[np.asarray(batch.column(0))])
        right.append(place[np.asarray(batch.column(1))])
        ending.append(codes[np.asarray(coded.indices)])
    for ends, name in ((left, "left"), (right, "right")):
        ends.append(place[np.asarray(told[name])])
    ending.append(len(number) + np.arange(told.num_rows, dtype=np.int32))
    one, other = np.concatenate(left), np.concatenate(right)
    first, second = np.minimum(one, other), np.maximum(one, other)
    order = np.argsort(first.astype(np.int64) * len(place) + second)
    endings = pa.concat_arrays([_endings(rows), _endings(told)])
    return _Lines(_in_csv(named["record_id"]), endings, first[order], second[order], np.concatenate(ending)[order])


def _endings(rows: pa.Table) -> pa.StringArray:
    """All behind the two names, up to the end of the line."""
    if not rows.num_rows:
        return pa.array([], pa.string())
    columns = [_in_csv(rows[name]) for name in COLUMNS[2:]]
    return glued(glued(*columns, separator=","), text("\n"))


def _in_csv(column: pa.ChunkedArray) -> pa.StringArray:
    """Values as RFC 4180 has them: quoted where the other data files quote, nothing for null."""
    values: pa.StringArray = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
    odd = pc.fill_null(pc.match_substring_regex(values, _QUOTED), False)
    if pc.any(odd).as_py():
        quoted = glued(text('"'), pc.replace_substring(values.filter(odd), '"', '""'), text('"'))
        values = pc.replace_with_mask(values, odd, quoted)
    return pc.fill_null(values, EMPTY)
