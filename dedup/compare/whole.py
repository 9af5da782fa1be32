"""The question about everything at once: whether two records hold the same description."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.lists import BETWEEN
from dedup.compare.pairs import Ints, Mask, Outcomes, Pairs, answer
from dedup.compare.question import question
from dedup.rules import RuleSet


@question("title", "display_statement", slow=True)
def identical(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Every element that tells one edition from another is equal, those that are absent too (D09, D12)."""
    open_ = np.arange(len(pairs))
    for name in rules.tables["policy"]["identical"]["columns"]:
        if not open_.size:
            break
        open_ = open_[_equal(pairs.subset(open_), name)]
    same = np.zeros(len(pairs), np.bool_)
    same[open_] = True
    return answer(same, ~same)


def _equal(pairs: Pairs, name: str) -> Mask:
    """Whether a column is equal on both sides; only the values of these few pairs are looked at."""
    kind = pairs.concepts.table.schema.field(name).type
    if pa.types.is_list(kind):
        left, right = (_as_text(pairs.concepts.table.column(name), side) for side in (pairs.left, pairs.right))
    elif pa.types.is_string(kind):
        left, right = pairs.texts(name)
    else:
        one, other = pairs.numbers(name)
        return np.asarray(one == other, np.bool_)
    return np.asarray(pc.equal(left, right).to_numpy(zero_copy_only=False), np.bool_)


def _as_text(column: pa.ChunkedArray, rows: Ints) -> pa.Array:
    """Lists of some records, each as one string."""
    lists = pc.take(column, pa.array(rows)).combine_chunks().cast(pa.list_(pa.string()))
    return pc.binary_join(pc.fill_null(lists, pa.scalar([], pa.list_(pa.string()))), BETWEEN)
