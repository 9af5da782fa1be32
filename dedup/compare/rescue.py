"""Questions that lead from a record without a usable title to the good record of the same book."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.pairs import Concepts, Outcomes, Pairs, answer
from dedup.compare.question import limits, question
from dedup.rules import RuleSet


@question("pinyin")
def romanised(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """The titles in pinyin or another romanisation are equal; short ones say nothing, for many words sound alike."""
    agrees, both = pairs.same_text("pinyin")
    sizes = pairs.concepts.derived("pinyin letters", lambda: np.asarray(pc.utf8_length(pairs.concepts.text("pinyin"))))
    long = sizes[pairs.left] >= limits(rules, "romanised")["letters"]
    return answer(agrees & long, both & ~agrees)


@question("libraries", "barcodes")
def item(pairs: Pairs, rules: RuleSet) -> Outcomes:
    """One barcode of one library stands in both records: it is one copy of one book."""
    items = _items(pairs.concepts, pairs.left), _items(pairs.concepts, pairs.right)
    agrees = np.array([bool(one & other) for one, other in zip(*items, strict=True)], np.bool_)
    return answer(agrees, np.zeros(len(pairs), np.bool_))


def _items(concepts: Concepts, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[set[tuple[str, str]]]:
    """Library and barcode of every item of some records; lists of different length tell nothing."""
    libraries, barcodes = (
        concepts.table.column(name).take(pa.array(rows)).to_pylist() for name in ("libraries", "barcodes")
    )
    return [
        {(place, code) for place, code in zip(places, codes, strict=True) if place and code}
        if places and codes and len(places) == len(codes)
        else set()
        for places, codes in zip(libraries, barcodes, strict=True)
    ]
