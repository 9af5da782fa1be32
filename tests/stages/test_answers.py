"""What people said keeps records apart while these are what they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.engine.duck import DuckEngine
from dedup.errors import RuleError
from dedup.rules import RuleSet, load_rules
from dedup.stages import answers, group
from dedup.stages.context import Context
from dedup.stages.identity import identity_of
from dedup.tables import JUDGED, JUDGEMENT, LOADED
from tests.strategies import concept, concepts, loaded

IDENTITY = frozenset(load_rules().tables["review"]["identity"]["columns"])
WHERE = ("rid", "record_id", "source", "file", "offset", "length", "fingerprint", "control")
Row = dict[str, Any]


def put_records(engine: DuckEngine, *rows: Row) -> None:
    """Records A/0, A/1, ...; a record's content is its number unless it is given."""
    full = [{"fingerprint": number} | row for number, row in enumerate(rows)]
    table = loaded(*full)
    engine.write("record", table.schema, table.to_batches())


def put_judged(engine: DuckEngine, *pairs: tuple[int, int]) -> None:
    """These pairs as the same."""
    made = [
        {"left": low, "right": high, "verdict": "same", "row": "R", "veto": "", "score": 0.9, "reason": "alike"}
        for low, high in pairs
    ]
    engine.write("judged", JUDGED, pa.Table.from_pylist(made, JUDGED).to_batches())


def put_log(engine: DuckEngine, rules: RuleSet, *said: Row) -> None:
    """Answers about records as they are now, by left and right record (`A/n`; right '' = none)."""
    query = f"SELECT r.record_id, {identity_of(rules)} AS identity, r.fingerprint AS content FROM record r"
    known = {row["record_id"]: row for row in engine.read(query).to_pylist()}
    made = []
    for number, row in enumerate(said):
        full = dict.fromkeys(JUDGEMENT.names, "") | {
            "id": f"{number}",
            "by": "王",
            "libraries": [],
            "period": "2026-01",
        }
        full |= {"answer": "different", "group_id": "G", "file": "NKU.xlsx"} | row
        for side in ("left", "right"):
            one = known.get(full[f"{side}_record"], {})
            full |= {f"{side}_identity": one.get("identity"), f"{side}_content": one.get("content")}
        made.append(full)
    engine.write("judgement", JUDGEMENT, pa.Table.from_pylist(made, JUDGEMENT).to_batches())


def apart(engine: DuckEngine) -> set[tuple[int, int]]:
    rows = engine.read('SELECT "left", "right" FROM answered_pair').to_pylist()
    return {(row["left"], row["right"]) for row in rows}


def no(left: int, right: int, **more: Any) -> Row:
    return {"left_record": f"A/{left}", "right_record": f"A/{right}"} | more


def test_without_a_log_nothing_is_touched(context_of: Callable[..., Context]) -> None:
    context = context_of()
    tally = answers.run(context)
    assert (tally.rows_in, tally.rows_out) == (0, 0) and not context.engine.has("judged")


def test_a_no_becomes_a_veto_that_grouping_respects(context_of: Callable[..., Context], rules: RuleSet) -> None:
    context = context_of()
    engine = context.engine
    put_records(engine, *(concept() for _ in range(4)))
    put_judged(engine, (0, 1), (1, 2), (2, 3))
    # 1 and 3 were not even compared in this run.
    put_log(engine, rules, no(1, 0), no(3, 1))
    tally = answers.run(context)
    assert (tally.rows_in, tally.rows_out) == (2, 2)
    kept = engine.read("SELECT * FROM judged WHERE veto = 'judged' ORDER BY \"left\"").to_pylist()
    assert [(row["left"], row["right"], row["verdict"], row["row"], row["score"]) for row in kept] == [
        (0, 1, "different", "judged", 0.0),
        (1, 3, "different", "judged", 0.0),
    ]
    assert kept[0]["reason"].startswith("已由人工确认非重复（王，2026-01） / confirmed by people")
    group.run(context)
    groups = engine.read(
        "SELECT group_id, list(rid ORDER BY rid) AS rids FROM member WHERE verdict = 'same' GROUP BY 1"
    )
    assert not [rids for rids in groups["rids"].to_pylist() if {0, 1} <= set(rids) or {1, 3} <= set(rids)]


def test_the_last_answer_of_a_voice_counts_and_a_no_of_anybody_stands(
    context_of: Callable[..., Context], rules: RuleSet
) -> None:
    context = context_of()
    put_records(context.engine, *(concept() for _ in range(4)))
    put_judged(context.engine)
    first, later = {"answered": "2026-01-05T00:00:00Z"}, {"answered": "2026-01-09T00:00:00Z"}
    put_log(
        context.engine, rules,
        no(0, 1, library="NKU", **later, answer="unsure"), no(0, 1, library="NKU", **first),
        no(0, 2, library="NKU", **first, answer="unsure"), no(0, 2, library="NKU", **later),
        no(0, 3, library="NKU", **later, answer="unsure"), no(0, 3, library="TJU", **first),
    )  # fmt: skip
    answers.run(context)
    assert apart(context.engine) == {(0, 2), (0, 3)}


def test_of_two_answers_at_one_time_the_more_cautious_counts(
    context_of: Callable[..., Context], rules: RuleSet
) -> None:
    context = context_of()
    put_records(context.engine, concept(), concept())
    put_judged(context.engine)
    put_log(context.engine, rules, no(0, 1, id="z", answer="unsure"), no(0, 1, id="a"))
    answers.run(context)
    assert apart(context.engine) == set()


def test_answers_about_records_that_are_gone_do_no_harm(context_of: Callable[..., Context], rules: RuleSet) -> None:
    context = context_of()
    put_records(context.engine, concept(), concept())
    put_judged(context.engine, (0, 1))
    put_log(context.engine, rules, no(0, 7), no(8, 9), {"left_record": "A/7", "right_record": ""})
    assert answers.run(context).rows_out == 0
    assert context.engine.read("SELECT verdict FROM judged")["verdict"].to_pylist() == ["same"]


def changed(value: Any, kind: pa.DataType) -> Any:
    """Another value of a column."""
    if pa.types.is_list(kind):
        return [*(value or []), 7 if pa.types.is_integer(kind.value_type) else "7"]
    if pa.types.is_boolean(kind):
        return not value
    return (value or 0) + 1 if pa.types.is_integer(kind) else f"{value or ''}7"


@pytest.mark.parametrize("name", [name for name in LOADED.names if name not in WHERE])
def test_a_judgement_lapses_exactly_when_an_identity_column_of_a_judged_record_changes(
    context_of: Callable[..., Context], rules: RuleSet, name: str
) -> None:
    context = context_of()
    put_records(context.engine, concept(), concept())
    put_judged(context.engine, (0, 1))
    put_log(context.engine, rules, no(0, 1))
    other = concept()
    other[name] = changed(other.get(name), LOADED.field(name).type)
    put_records(context.engine, concept(), other | {"fingerprint": 99})
    tally = answers.run(context)
    lapsed = name in IDENTITY
    assert apart(context.engine) == (set() if lapsed else {(0, 1)})
    assert list(tally.aside.values()) == [int(lapsed)]


def test_a_record_that_nobody_touched_is_what_it_was_though_the_tables_read_it_otherwise(
    context_of: Callable[..., Context], rules: RuleSet
) -> None:
    context = context_of()
    put_records(context.engine, concept(), concept())
    put_judged(context.engine, (0, 1))
    put_log(context.engine, rules, no(0, 1))
    put_records(context.engine, concept(), concept(title="read by newer tables"))
    answers.run(context)
    assert apart(context.engine) == {(0, 1)}


@settings(max_examples=20, deadline=None)
@given(concepts(), concepts(), st.sets(st.sampled_from(sorted(IDENTITY | {"series", "headings"})), max_size=2))
def test_two_records_have_one_identity_exactly_when_their_identity_columns_agree(
    one: Row, another: Row, mixed: set[str]
) -> None:
    other = one | {name: another.get(name) for name in mixed}
    engine = DuckEngine(threads=1)
    try:
        put_records(engine, one, other)
        found = engine.read(f"SELECT {identity_of(load_rules())} AS i FROM record r ORDER BY rid")["i"].to_pylist()
    finally:
        engine.close()
    alike = all((one.get(name) or None) == (other.get(name) or None) for name in IDENTITY - {"level", "year", "pages"})
    numbers = all(one.get(name) == other.get(name) for name in ("level", "year", "pages"))
    assert (found[0] == found[1]) == (alike and numbers)


def test_an_unknown_identity_column_is_told(rules: RuleSet) -> None:
    from dataclasses import replace

    review = {**rules.tables["review"], "identity": {"columns": ["titel"]}}
    with pytest.raises(RuleError, match="did you mean 'title'"):
        identity_of(replace(rules, tables={**rules.tables, "review": review}))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(0, 3), st.sampled_from(["different", "merged", "unsure"]),
            st.sampled_from(["NKU", "TJU"]), st.sampled_from(["", "2026-01-05", "2026-01-09"]),
        ).filter(lambda said: said[0] != said[1]),
        max_size=8,
        unique=True,
    ),
    st.randoms(),
)  # fmt: skip
def test_what_holds_does_not_depend_on_the_order_of_the_log(said: list[tuple[Any, ...]], random: Any) -> None:
    rules = load_rules()
    rows = [
        no(
            left,
            right,
            answer=answer,
            library=library,
            answered=answered,
            id=f"{left}{right}{answer}{library}{answered}",
        )
        for left, right, answer, library, answered in said
    ]

    def found(order: list[Row]) -> list[Any]:
        engine = DuckEngine(threads=1)
        try:
            put_records(engine, *(concept() for _ in range(4)))
            put_judged(engine, (0, 1), (1, 2))
            put_log(engine, rules, *order)
            context: Any = type("Context", (), {"engine": engine, "rules": rules})
            answers.run(context)
            tables = ("said", "judged", "answered_pair")
            return [engine.read(f"SELECT * FROM {table} ORDER BY ALL").to_pylist() for table in tables]
        finally:
            engine.close()

    turned = rows[:]
    random.shuffle(turned)
    assert found(rows) == found(turned)
