"""A batch of raw records whose columns are split into subfields on demand, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.normalise.subfield import Subfields, split
from dedup.normalise.window import window

T = TypeVar("T")
# Positions of a leader or a fixed field that have a meaning (008 of MARC 21 is the longest).
_FIXED_WIDTH = 40


@dataclass(slots=True)
class RawBatch:
    """RECORD rows (see `dedup.tables`) with cached subfields per column."""

    batch: pa.RecordBatch
    _split: dict[str, Subfields] = field(default_factory=dict)
    _derived: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.batch.num_rows)

    def text(self, name: str) -> pa.StringArray:
        """One raw column as it is, field text or plain."""
        return self.batch.column(name)

    def subfields(self, name: str) -> Subfields:
        """The subfields of one column of field text."""
        if name not in self._split:
            self._split[name] = split(self.batch.column(name))
        return self._split[name]

    def window(self, name: str) -> npt.NDArray[np.uint8]:
        """The first bytes of each leader or fixed field as rows of a matrix, zeros behind the end; read only."""
        return self.derived(f"window {name}", lambda: window(self.batch.column(name), _FIXED_WIDTH)[0])

    def derived(self, name: str, build: Callable[[], T]) -> T:
        """What several columns are made from, built once for this batch and rule set."""
        if name not in self._derived:
            self._derived[name] = build()
        found: T = self._derived[name]
        return found

    @property
    def present(self) -> npt.NDArray[np.int8]:
        """The formats that occur, ascending."""
        return self.derived("formats present", lambda: np.unique(self.formats))

    @property
    def formats(self) -> npt.NDArray[np.int8]:
        """model.Format of each record."""
        return np.asarray(self.batch.column("format"))
