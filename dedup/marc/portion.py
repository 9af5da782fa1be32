"""What was read of a file: record batches, bytes set aside, notes and counts that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa

from dedup.marc.columns import RECORD_WITHOUT_SOURCE, Origin, record_batch
from dedup.marc.exact import Aside, Note
from dedup.marc.tokens import Tokens, take
from dedup.rules import RuleSet
from dedup.tables import QUARANTINE

QUARANTINE_WITHOUT_SOURCE = pa.schema([column for column in QUARANTINE if column.name != "source"])
_TYPE = 6


@dataclass(slots=True)
class Counts:
    """Sums of a stretch of a file: bytes = record + quarantined + padding bytes, records = loaded + quarantined,
    loaded = bibliographic + holdings + authority.
    """

    bytes: int = 0
    record_bytes: int = 0
    quarantined_bytes: int = 0
    padding_bytes: int = 0
    records: int = 0
    loaded: int = 0
    quarantined: int = 0
    bibliographic: int = 0
    holdings: int = 0
    authority: int = 0

    def add(self, other: Counts) -> None:
        """Add up, field by field."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of the records of a task. `records`: bibliographic records as RECORD without `source`; `quarantine`:
    QUARANTINE without `source`, its bytes in `contents`; `notes`: the same columns for records that were read although
    something in them was wrong.
    """

    records: pa.RecordBatch
    quarantine: pa.RecordBatch
    contents: list[bytes]
    notes: pa.RecordBatch
    counts: Counts


@dataclass(slots=True)
class Gathered:
    """Records on their way to a portion."""

    origin: Origin
    rules: RuleSet
    batches: list[pa.RecordBatch] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def rows(self) -> int:
        """Records and items set aside so far."""
        return self.counts.records

    def set_aside(self, one: Aside) -> None:
        """Keep bytes that could not be read."""
        self.aside.append(one)
        self.counts.add(Counts(quarantined_bytes=one.length, records=1, quarantined=1))

    def take_in(self, tokens: Tokens) -> None:
        """Count records by kind and keep the bibliographic ones; their content must be UTF-8."""
        kinds = self.rules.tables["sniff"]["kinds"]
        types = tokens.leader[:, _TYPE]
        holdings = np.isin(types, np.frombuffer(kinds["holdings"].encode(), np.uint8))
        authority = np.isin(types, np.frombuffer(kinds["authority"].encode(), np.uint8))
        other = int(holdings.sum()) + int(authority.sum())
        self.counts.add(
            Counts(
                record_bytes=int(tokens.length.sum()),
                records=len(tokens),
                loaded=len(tokens),
                bibliographic=len(tokens) - other,
                holdings=int(holdings.sum()),
                authority=int(authority.sum()),
            )
        )
        if other:
            tokens = take(tokens, np.flatnonzero(~(holdings | authority)))
        if len(tokens):
            self.batches.append(record_batch(tokens, self.origin, self.rules))

    def portion(self) -> Portion:
        """Everything so far as one portion; starts anew."""
        file = self.origin.file
        records = pa.concat_batches(self.batches) if self.batches else _no_records()
        aside = [(one.offset, one.length, one.reason) for one in self.aside]
        notes = [(one.offset, one.length, one.reason) for one in self.notes]
        contents = [one.content for one in self.aside]
        done = Portion(records, _places(aside, file), contents, _places(notes, file), self.counts)
        self.batches, self.aside, self.notes, self.counts = [], [], [], Counts()
        return done


def _no_records() -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], RECORD_WITHOUT_SOURCE)


def _places(rows: Sequence[tuple[int, int, str]], file: str) -> pa.RecordBatch:
    offset, length, reason = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.RecordBatch.from_pydict(
        {"file": [file] * len(rows), "offset": offset, "length": length, "reason": reason},
        schema=QUARANTINE_WITHOUT_SOURCE,
    )
