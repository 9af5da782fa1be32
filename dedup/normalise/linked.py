"""Values in another script: MARC 21 fields 880, each linked by its $6 to the field that it repeats (`260-03`).

Source: MARC 21 appendix A, control subfield 6; domain facts P30.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.normalise.batch import RawBatch
from dedup.normalise.pick import picks
from dedup.normalise.subfield import Ints
from dedup.rules import RuleSet

_LINK = ord("6")
_DIGITS = 3


def linked_values(batch: RawBatch, rules: RuleSet, key: str) -> tuple[Ints, pa.StringArray]:
    """Records and values of the subfields in another script that `[linked]` of the format's field map picks.

    The tag of a pick is that of the field linked to; its indicators do not count. Records ascend.
    """
    parts = batch.subfields("linked")
    at = np.flatnonzero(parts.code == _LINK)
    if not len(at):
        return at, pa.array([], pa.string())
    begins = pc.utf8_slice_codeunits(parts.taken(at), 0, _DIGITS)
    mask = np.zeros(len(parts.row), np.bool_)
    for form, wanted in picks(rules, "linked", key).items():
        for pick in wanted:
            said = np.asarray(pc.equal(begins, f"{pick.tag:03d}")) & (batch.formats[parts.row[at]] == form)
            mask |= np.isin(parts.field, parts.field[at[said]]) & np.isin(parts.code, pick.codes)
    found = np.flatnonzero(mask)
    return parts.row[found], parts.taken(found)
