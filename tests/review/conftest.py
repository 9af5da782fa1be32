from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from dedup.engine.duck import DuckEngine
from dedup.tables import REPORTED

Finding = tuple[str, str, str, str]


def report(engine: DuckEngine, *findings: Finding) -> None:
    """Write findings as they were reported: (period, group, record, verdict)."""
    made = [
        {"period": period, "group_id": group, "record_id": record, "verdict": verdict, "cause": "D12"}
        | {"libraries": ["NKU"], "identity": number, "content": 100 + number}
        for number, (period, group, record, verdict) in enumerate(findings)
    ]
    engine.write("reported", REPORTED, pa.Table.from_pylist(made, REPORTED).to_batches())


@pytest.fixture
def reported(engine: DuckEngine) -> Iterator[Callable[..., DuckEngine]]:
    """A database in memory with some findings."""

    def write(*findings: Finding) -> DuckEngine:
        report(engine, *findings)
        return engine

    yield write
