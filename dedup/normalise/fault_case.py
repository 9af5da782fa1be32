"""What a check for faults inside one record is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.model import Format
from dedup.normalise.batch import RawBatch
from dedup.normalise.subfield import Subfields
from dedup.normalise.window import among
from dedup.rules import RuleSet

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NONE = -1
SHOWN = 60
DIALECTS = {int(Format.MARC21): "marc21", int(Format.CNMARC): "cnmarc", int(Format.UNIMARC): "cnmarc"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the record's row in its batch, code, place in the record's format, what stands there, what should.

    `expected` is empty when only the book in hand can tell.
    """

    row: int
    code: str
    field: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Case:
    """A batch as it came in, the CONCEPT columns made of it, and the rules."""

    batch: RawBatch
    columns: Mapping[str, pa.Array]
    rules: RuleSet

    def settings(self, section: str) -> Mapping[str, Any]:
        """One section of `rules/faults.toml`."""
        found: Mapping[str, Any] = self.rules.tables["faults"][section]
        return found

    def numbers(self, name: str) -> Ints:
        """A column of numbers, -1 for null."""
        column = self.columns[name]
        filled = column.fill_null(NONE) if column.null_count else column
        return np.asarray(filled).astype(np.int64)

    def counts(self, name: str) -> Ints:
        """How many values each list of a column holds."""
        return np.asarray(pc.list_value_length(self.columns[name])).astype(np.int64)

    def flag(self, name: str) -> Mask:
        """A column of booleans."""
        return np.asarray(self.columns[name].fill_null(False)).astype(np.bool_)

    def level(self, letters: str) -> Mask:
        """Records whose leader/07 is one of some letters."""
        return among(self.batch.window("leader")[:, 7], letters)

    def kind(self, letters: str) -> Mask:
        """Records whose leader/06 is one of some letters."""
        return among(self.batch.window("leader")[:, 6], letters)

    def values(self, name: str, rows: Ints) -> list[Any]:
        """The values of a column at some rows."""
        found: list[Any] = self.columns[name].take(pa.array(rows)).to_pylist()
        return found

    def text(self, name: str, row: int) -> str:
        """One raw column of one record, as field text."""
        return str(self.batch.text(name)[row].as_py() or "")

    def content(self, column: str) -> bytes:
        """All bytes of a raw column of fields, one after the other: to look once whether a sign is there at all."""

        def joined() -> bytes:
            """The bytes that the subfields point into."""
            data = self.batch.subfields(column).cut.buffers()[2]
            return b"" if data is None else bytes(data.to_pybytes())

        return self.batch.derived(f"content {column}", joined)

    def dialect(self, row: int) -> str:
        """`marc21` or `cnmarc`: how places are named in the record's format; UNIMARC names them as CNMARC does."""
        return DIALECTS[int(self.batch.formats[row])]

    def in_dialect(self, by_dialect: Mapping[str, Any], row: int) -> str:
        """The value that a table gives for the record's format."""
        return str(by_dialect[self.dialect(row)])


def places_of(parts: Subfields, at: Ints) -> list[str]:
    """Some subfields as cataloguers name them: `020$a`."""
    kinds = parts.kinds[parts.kind[at]].tolist()
    return [f"{tag:03d}${chr(code)}" for tag, _, _, code in kinds]


def shown(text: str) -> str:
    """What a report shows of a value: one line, cut short."""
    return " ".join(text.split())[:SHOWN]
