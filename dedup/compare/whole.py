"""The question about everything at once: whether two records hold the same description."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.pairs import Outcomes, Pairs, answer
from dedup.compare.question import question
from dedup.rules import RuleSet


@question("title", "display_statement", slow=True)
def identical(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """Every element that tells one edition from another is equal, those that are absent too (D09, D12)."""
    open_ = np.arange(len(pairs))
    schema = pairs.concepts.table.schema
    for name in rules.tables["policy"]["identical"]["columns"]:
        part = pairs.subset(open_)
        kind = schema.field(name).type
        if pa.types.is_string(kind):
            codes = part.concepts.codes(name)
            equal = codes[part.left] == codes[part.right]
        elif pa.types.is_list(kind):
            equal = _same_lists(part, name)
        else:
            left, right = part.numbers(name)
            equal = left == right
        open_ = open_[equal]
    same = np.zeros(len(pairs), np.bool_)
    same[open_] = True
    return answer(same, ~same)


def _same_lists(pairs: Pairs, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    left, right = pairs.joined(name)
    return np.asarray(pc.equal(left, right).to_numpy(zero_copy_only=False), np.bool_)
