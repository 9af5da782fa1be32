"""A batch of raw records whose columns are split into subfields on demand, once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dedup.normalise.subfield import Subfields, split


@dataclass(slots=True)
class RawBatch:
    """RECORD rows (see `dedup.tables`) with cached subfields per column."""

    batch: pa.RecordBatch
    _split: dict[str, Subfields] = field(default_factory=dict)

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

    @property
    def formats(self) -> npt.NDArray[np.int8]:
        """model.Format of each record."""
        return np.asarray(self.batch.column("format"))
