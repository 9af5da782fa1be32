"""Whatever people say of whatever the machine judged: their last word holds, in any order of the log, until undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engine.duck import DuckEngine
from dedup.rules import load_rules
from dedup.stages import answers, group
from dedup.stages.identity import identity_of
from dedup.tables import JUDGED, JUDGEMENT
from tests.strategies import concept, loaded

RULES = load_rules()
Row = dict[str, Any]
PAIRS = [(low, high) for high in range(5) for low in range(high)]
verdicts = st.dictionaries(st.sampled_from(PAIRS), st.sampled_from(["same", "same", "different", "review", "repair"]))
words = st.lists(
    st.tuples(
        st.sampled_from(PAIRS), st.sampled_from(["same", "same", "different", "review"]), st.sampled_from("王李")
    ),
    min_size=1,
    max_size=6,
)


@contextmanager
def worked(machine: dict[tuple[int, int], str], log: list[Row]) -> Iterator[DuckEngine]:
    """Five records A/0 to A/4, judged by the machine and by people, and grouped."""
    engine = DuckEngine(threads=1)
    try:
        table = loaded(*(concept() | {"fingerprint": number} for number in range(5)))
        engine.write("record", table.schema, table.to_batches())
        rows = [
            {
                "left": low,
                "right": high,
                "verdict": verdict,
                "row": "R",
                "veto": "",
                "score": (low + high) / 9,
                "reason": "",
            }
            for (low, high), verdict in sorted(machine.items())
        ]
        engine.write("scored", JUDGED, pa.Table.from_pylist(rows, JUDGED).to_batches())
        query = f"SELECT r.record_id, {identity_of(RULES)} AS identity, r.fingerprint AS content FROM record r"
        known = {row["record_id"]: row for row in engine.read(query).to_pylist()}
        for row in log:
            for side in ("left", "right"):
                one = known[row[f"{side}_record"]]
                row |= {f"{side}_identity": one["identity"], f"{side}_content": one["content"]}
        engine.write("judgement", JUDGEMENT, pa.Table.from_pylist(log, JUDGEMENT).to_batches())
        context: Any = type("Context", (), {"engine": engine, "rules": RULES, "threads": 1, "incremental": False})
        answers.run(context)
        group.run(context)
        yield engine
    finally:
        engine.close()


def entries(said: list[tuple[Any, ...]]) -> list[Row]:
    """One entry of the log a word, each later than the one before."""
    return [
        dict.fromkeys(JUDGEMENT.names, "")
        | {"id": f"e{number}", "libraries": [], "by": by, "answer": answer}
        | {
            "answered": f"2026-01-0{number + 1}T00:00:00Z",
            "left_record": f"A/{pair[0]}",
            "right_record": f"A/{pair[1]}",
        }
        for number, (pair, answer, by) in enumerate(said)
    ]


def undoing(rows: list[Row]) -> list[Row]:
    return [row | {"id": f"u{row['id']}", "answer": "undo", "undoes": row["id"]} for row in rows]


def told(engine: DuckEngine) -> list[list[Row]]:
    """All that grouping leaves."""
    tables = ("judged", "answered_pair", "member", "conflict")
    return [engine.read(f"SELECT * FROM {table} ORDER BY ALL").to_pylist() for table in tables]


def clusters(engine: DuckEngine) -> list[set[int]]:
    query = "SELECT list(rid) AS rids FROM member WHERE verdict = 'same' GROUP BY group_id"
    return [set(rids) for rids in engine.read(query)["rids"].to_pylist()]


@given(verdicts, words)
@settings(max_examples=20, deadline=None)
def test_the_last_word_of_people_holds(machine: dict[tuple[int, int], str], said: list[tuple[Any, ...]]) -> None:
    last = {pair: answer for pair, answer, _ in said}
    with worked(machine, entries(said)) as engine:
        together = clusters(engine)
        refused = {(row["left"], row["right"]) for row in engine.read("SELECT * FROM conflict").to_pylist()}
        judged = {(row["left"], row["right"]): row for row in engine.read("SELECT * FROM judged").to_pylist()}
    for pair, answer in last.items():
        assert (judged[pair]["verdict"], judged[pair]["row"]) == (answer, "judged")
        joined = any(set(pair) <= members for members in together)
        assert not joined if answer != "same" else joined or pair in refused
    # Two yeses that no no stands between bring all three together, or the refusal is named: see above. A single yes
    # that touches no other word always holds.
    alone = [
        pair for pair, answer in last.items() if answer == "same" and sum(bool(set(pair) & set(o)) for o in last) == 1
    ]
    assert all(any(set(pair) <= members for members in together) for pair in alone)


@given(verdicts, words, st.randoms())
@settings(max_examples=10, deadline=None)
def test_what_people_said_does_not_depend_on_the_order_in_which_the_log_has_it(
    machine: dict[tuple[int, int], str], said: list[tuple[Any, ...]], random: Any
) -> None:
    rows = entries(said)
    turned = rows[:]
    random.shuffle(turned)
    with worked(machine, rows) as engine, worked(machine, turned) as other:
        assert told(engine) == told(other)


@given(verdicts, words, st.data())
@settings(max_examples=10, deadline=None)
def test_undoing_what_came_last_leaves_what_was_before(
    machine: dict[tuple[int, int], str], said: list[tuple[Any, ...]], data: Any
) -> None:
    rows = entries(said)
    kept = data.draw(st.integers(0, len(rows)))
    with worked(machine, rows[:kept]) as before, worked(machine, rows + undoing(rows[kept:])) as after:
        assert told(before) == told(after)
        # The machine's verdicts are still there: what is laid over them can be taken off and put on again.
        found = told(after)
        answers.lay(after)
        group.run(type("Context", (), {"engine": after, "rules": RULES, "threads": 1, "incremental": False}))  # type: ignore[arg-type]
        assert told(after) == found
