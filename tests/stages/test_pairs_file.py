"""pairs.csv is put together by hand: its bytes are those that the database would write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engine.duck import DuckEngine
from dedup.rules import load_rules
from dedup.stages.context import Context
from dedup.stages.edges import edges
from dedup.stages.pairs_file import write_pairs
from dedup.tables import CAUSE, CONFLICT, JUDGED
from tests.strategies import concept, loaded

# As plain as can be: every judged pair with both names, in the order of the names.
_PLAIN = """
SELECT least(a.record_id, z.record_id) AS "left", greatest(a.record_id, z.record_id) AS "right",
       CASE WHEN f."left" IS NULL THEN j.verdict ELSE 'review' END AS verdict,
       CASE WHEN f."left" IS NULL THEN nullif(c.cause, '') END AS cause,
       CASE WHEN f."left" IS NULL THEN nullif(c.secondary, '') END AS secondary,
       round(j.score, 4)::DECIMAL(6, 4) AS score,
       nullif(CASE WHEN f."left" IS NULL THEN j.veto ELSE f.veto END, '') AS veto,
       nullif(CASE WHEN f."left" IS NULL THEN j.reason
                   ELSE concat($refused, ': ', least(b.record_id, e.record_id), ', ',
                               greatest(b.record_id, e.record_id)) END, '') AS reason
FROM judged j JOIN record a ON a.rid = j."left" JOIN record z ON z.rid = j."right"
LEFT JOIN cause c ON c."left" = j."left" AND c."right" = j."right"
LEFT JOIN conflict f ON f."left" = j."left" AND f."right" = j."right"
LEFT JOIN record b ON b.rid = f.because_left LEFT JOIN record e ON e.rid = f.because_right
WHERE j.verdict <> 'different' OR j.veto <> '' ORDER BY 1, 2
"""
_names = st.lists(st.text('ab,"\n\r #中é', min_size=1, max_size=6), min_size=2, max_size=7, unique=True)
# A row of the policy has one veto and one reason.
_ROWS: dict[str, dict[str, Any]] = {
    "P1": {"verdict": "different", "veto": "carrier", "reason": "载体不同, / another carrier", "score": 0.0},
    "P2": {"verdict": "different", "veto": "volume", "reason": 'one says "2"', "score": 0.0},
    "P3": {"verdict": "different", "veto": "", "reason": "", "score": 0.0},
    "same": {"verdict": "same", "veto": "", "reason": "all agrees", "score": 0.87654321},
    "doubt": {"verdict": "review", "veto": "", "reason": "a\nb", "score": 1.0},
    "judged": {"verdict": "different", "veto": "judged", "reason": "王, 2026", "score": 0.0},
}


def both_ways(names: list[str], rows: list[str], refused: list[bool]) -> tuple[bytes, bytes]:
    """The file as it is made, and as the database writes it."""
    engine, rules = DuckEngine(threads=2), load_rules()
    records = loaded(*(concept(record_id=name) for name in names))
    engine.write("record", records.schema, records.to_batches())
    ends = [(low, high) for low in range(len(names)) for high in range(low + 1, len(names))]
    told = [{"left": a, "right": b, "row": row} | _ROWS[row] for (a, b), row in zip(ends, rows, strict=False)]
    causes = [
        {"left": one["left"], "right": one["right"], "cause": "D01", "secondary": "D04;D12"}
        for one in told
        if one["verdict"] != "different"
    ]
    apart = [
        {"left": one["left"], "right": one["right"], "because_left": 1, "because_right": 0, "veto": "volume"}
        for one, is_refused in zip(told, refused, strict=False)
        if is_refused and one["row"] == "same"
    ]
    for name, schema, made in (("judged", JUDGED, told), ("cause", CAUSE, causes), ("conflict", CONFLICT, apart)):
        engine.write(name, schema, pa.Table.from_pylist(made, schema).to_batches())
    edges(engine, rules)
    means = rules.tables["group"]["refused"]["means"]
    return _written(engine, f"{means['zh']} / {means['en']}")


def _written(engine: DuckEngine, refused: str) -> tuple[bytes, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        made, plain = Path(folder) / "made.csv", Path(folder) / "plain.csv"
        count = write_pairs(engine, made)
        assert count == engine.export(_PLAIN, plain, {"refused": refused})
        engine.close()
        return made.read_bytes(), plain.read_bytes()


@given(_names, st.lists(st.sampled_from(sorted(_ROWS)), max_size=21), st.lists(st.booleans(), max_size=21))
@settings(max_examples=25, deadline=None)
def test_any_pairs_are_written_as_the_database_would(names: list[str], rows: list[str], refused: list[bool]) -> None:
    made, plain = both_ways(names, rows, refused)
    assert made == plain


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_the_cuts_between_pieces_do_not_show(
    lines: int, monkeypatch: pytest.MonkeyPatch, context_of: Callable[..., Context]
) -> None:
    monkeypatch.setattr("dedup.stages.pairs_file._LINES_AT_ONCE", lines)
    names, rows = ["A/1", "A/2", "B/1", "B/2"], ["P1", "same", "P2", "doubt", "judged", "P1"]
    made, plain = both_ways(names, rows, [False] * 6)
    assert made == plain and made.count(b"\n") == 8
