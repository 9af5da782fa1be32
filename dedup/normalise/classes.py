"""Class numbers of the record: CLC, LC, Dewey, UDC and kin."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import per_row, picked, picks
from dedup.rules import RuleSet

# Prime marks show where a Dewey number may be cut; brackets mark an optional number (MARC 21 field 082).
_MARKS = r"[\s/'\[\]]"


def classes_columns(batch: RawBatch, rules: RuleSet) -> dict[str, pa.Array]:
    """`classes`: every class number of the record in order, without blanks and Dewey's prime marks."""
    subfields = batch.subfields("subject")
    at = np.flatnonzero(picked(batch, "subject", picks(rules, "classes", "class")))
    values = pc.replace_substring_regex(subfields.taken(at), _MARKS, "")
    kept = pc.match_substring_regex(values, "[0-9A-Za-z]")
    row = subfields.row[at][np.asarray(kept)]
    return {"classes": per_row(row, values.filter(kept), len(batch), distinct=True)}
