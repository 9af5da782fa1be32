"""How alike two texts are, for many pairs at once, by characters (never bytes)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz import process

from dedup.compare.pairs import Mask


def alike(left: Sequence[str], right: Sequence[str], scorer: Callable[..., float], least: float) -> Mask:
    """Whether two texts are at least so similar (more than 0 of 100 by `scorer`), pair by pair."""
    if len(left) == 0:
        return np.zeros(0, np.bool_)
    # RapidFuzz says 0 of what cannot reach the least, which it finds out sooner.
    found = process.cpdist(left, right, scorer=scorer, score_cutoff=least, dtype=np.float32, workers=1)
    mask: Mask = np.asarray(found) > 0
    return mask
