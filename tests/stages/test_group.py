from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import RuleError
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.stages import group, naming
from dedup.stages.clusters import agglomerate
from dedup.stages.context import Context
from dedup.stages.keep import keep_order
from dedup.tables import JUDGED
from tests.strategies import concept, loaded

Edge = tuple[str, str, str, float]


def grouped(
    context: Context, rows: list[dict[str, Any]], edges: list[Edge]
) -> tuple[dict[str, set[str]], list[dict[str, Any]]]:
    """Group records by judged pairs (left, right, verdict, score); (members by group id, member rows)."""
    table = loaded(*rows)
    rid = {name: number for number, name in enumerate(table["record_id"].to_pylist())}
    judged = [
        {
            "left": min(rid[left], rid[right]),
            "right": max(rid[left], rid[right]),
            "verdict": verdict,
            "row": "R1",
            "veto": "edition" if verdict == "different" else "",
            "score": score,
            "reason": "because",
        }
        for left, right, verdict, score in edges
    ]
    context.engine.write("record", table.schema, table.to_batches())
    context.engine.write("judged", JUDGED, pa.Table.from_pylist(judged, JUDGED).to_batches())
    group.run(context)
    query = "SELECT m.*, r.record_id FROM member m JOIN record r ON r.rid = m.rid ORDER BY group_id, r.record_id"
    members = context.engine.read(query).to_pylist()
    groups: dict[str, set[str]] = {}
    for member in members:
        groups.setdefault(member["group_id"], set()).add(member["record_id"])
    return groups, members


def books(*names: str, **values: Any) -> list[dict[str, Any]]:
    return [concept(record_id=name, control=name.split("/")[1], **values) for name in names]


def test_two_records_that_are_the_same_form_a_group_with_one_to_keep(context_of: Callable[..., Context]) -> None:
    groups, members = grouped(context_of(), books("A/1", "B/2", "C/3"), [("A/1", "B/2", "same", 0.9)])
    assert list(groups.values()) == [{"A/1", "B/2"}]
    assert [member["keep"] for member in members] == [True, False]
    assert members[0]["confidence"] == pytest.approx(0.9)


def test_a_weak_record_does_not_bring_two_editions_together(context_of: Callable[..., Context]) -> None:
    edges = [("A/1", "A/2", "same", 0.9), ("A/2", "A/3", "same", 0.8), ("A/1", "A/3", "different", 0.1)]
    context = context_of()
    groups, _ = grouped(context, books("A/1", "A/2", "A/3"), edges)
    assert {frozenset(names) for names in groups.values()} == {frozenset({"A/1", "A/2"}), frozenset({"A/2", "A/3"})}
    assert context.engine.read("SELECT * FROM conflict").to_pylist() == [
        {"left": 1, "right": 2, "because_left": 0, "because_right": 2, "veto": "edition"}
    ]


def test_a_pair_that_blocking_missed_is_judged_before_three_come_together(context_of: Callable[..., Context]) -> None:
    rows = books("A/1", "A/2", "A/3")
    rows[0]["edition_number"], rows[2]["edition_number"] = 2, 3
    context = context_of()
    grouped(context, rows, [("A/1", "A/2", "same", 0.9), ("A/2", "A/3", "same", 0.8)])
    asked = context.engine.read('SELECT verdict FROM judged WHERE "left" = 0 AND "right" = 2')["verdict"].to_pylist()
    assert len(asked) == 1 and asked[0] != "same"
    same = context.engine.read("SELECT rid FROM member WHERE verdict = 'same' ORDER BY rid")["rid"].to_pylist()
    assert same == [0, 1]


def test_levels_repairs_and_doubts_form_groups_of_their_own_without_a_record_to_keep(
    context_of: Callable[..., Context],
) -> None:
    edges = [
        ("A/1", "A/2", "same", 0.9),
        ("A/2", "A/3", "structure", 0.5),
        ("A/4", "A/5", "repair", 0.5),
        ("A/1", "A/6", "review", 0.4),
        ("A/6", "A/7", "review", 0.3),
    ]
    _, members = grouped(context_of(), books(*(f"A/{n}" for n in range(1, 8))), edges)
    by_verdict: dict[str, set[str]] = {}
    for member in members:
        by_verdict.setdefault(member["verdict"], set()).add(member["record_id"])
    assert by_verdict == {
        "same": {"A/1", "A/2"},
        "structure": {"A/2", "A/3"},
        "repair": {"A/4", "A/5"},
        "review": {"A/1", "A/6", "A/7"},
    }
    assert sum(member["keep"] for member in members) == 1


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"title_usable": True}, {"title_usable": False}),
        ({"format": 1, "languages": ["chi"]}, {"format": 0, "languages": ["chi"]}),
        ({"format": 0, "languages": ["eng"]}, {"format": 1, "languages": ["eng"]}),
        ({"source_numbers": ["CAL01"]}, {}),
        ({"libraries": ["A", "B"]}, {"libraries": ["A", "A", "A"]}),
        ({"fullness": 9}, {"fullness": 8}),
        ({"control": "99"}, {"control": "100"}),
    ],
)
def test_the_better_record_is_kept_wherever_it_stands(
    context_of: Callable[..., Context], better: dict[str, Any], worse: dict[str, Any]
) -> None:
    base = {"fullness": 5, "control": "5"}
    for names in (("A/1", "A/2"), ("A/2", "A/1")):
        rows = [concept(record_id=name, **base | more) for name, more in zip(names, (better, worse), strict=True)]
        _, members = grouped(context_of(), rows, [("A/1", "A/2", "same", 0.9)])
        assert [member["record_id"] for member in members if member["keep"]] == [names[0]]


def test_a_group_keeps_its_id_while_its_oldest_member_stays(context_of: Callable[..., Context]) -> None:
    context = context_of()
    small, _ = grouped(context, books("A/1", "B/2"), [("A/1", "B/2", "same", 0.9)])
    edges = [("A/1", "B/2", "same", 0.9), ("A/1", "C/3", "same", 0.9), ("B/2", "C/3", "same", 0.9)]
    large, _ = grouped(context, books("A/1", "B/2", "C/3"), edges)
    assert set(small) == set(large)


def test_an_unknown_criterion_names_the_table(rules: RuleSet) -> None:
    from dataclasses import replace

    bad = replace(rules, tables={**rules.tables, "group": {"keep": {"order": ["beauty"]}}})
    with pytest.raises(RuleError, match="beauty"):
        keep_order(bad)


_verdicts = st.sampled_from(["same", "same", "same", "different", "review", "structure"])


@st.composite
def catalogues(draw: st.DrawFn) -> tuple[list[str], list[Edge]]:
    names = [f"A/{n}" for n in range(draw(st.integers(2, 7)))]
    scores = st.integers(0, 4).map(lambda n: n / 4)
    return names, [(a, b, draw(_verdicts), draw(scores)) for a, b in combinations(names, 2)]


@given(catalogues(), st.integers(0, 10**6))
def test_forbidden_pairs_stay_apart_and_order_changes_nothing(made: tuple[list[str], list[Edge]], seed: int) -> None:
    names, edges = made
    shuffled_names, shuffled_edges = names[:], edges[:]
    random.Random(seed).shuffle(shuffled_names)
    random.Random(seed).shuffle(shuffled_edges)
    clusters = [_clusters(order, some) for order, some in ((names, edges), (shuffled_names, shuffled_edges))]
    assert clusters[0] == clusters[1]
    for left, right, verdict, _ in edges:
        if verdict in ("different", "structure", "repair"):
            assert not any({left, right} <= cluster for cluster in clusters[0])


def _clusters(names: list[str], edges: list[Edge]) -> set[frozenset[str]]:
    rid = {name: number for number, name in enumerate(names)}
    ordered = sorted(names)
    judged = pa.Table.from_pylist(
        [
            {"left": rid[a], "right": rid[b], "verdict": v, "row": "", "veto": "", "score": s, "reason": ""}
            for a, b, v, s in edges
        ],
        JUDGED,
    )
    rids = pa.array([rid[name] for name in ordered]).to_numpy()
    label = group.cluster(group.links_of(judged, rids)).label
    found: dict[int, set[str]] = {}
    for name, lowest in zip(ordered, label.tolist(), strict=True):
        found.setdefault(lowest, set()).add(name)
    return {frozenset(cluster) for cluster in found.values() if len(cluster) > 1}


def test_best_edges_win_and_a_refusal_names_the_pair_that_forbade_it() -> None:
    label, refused = agglomerate([(1, 2), (0, 1)], [(0, 2)])
    assert label == {0: 0, 1: 1, 2: 1}
    assert [(one.edge, one.because) for one in refused] == [((0, 1), (0, 2))]


def test_doubts_that_chain_do_not_make_one_group_of_everything(context_of: Callable[..., Context]) -> None:
    context = context_of()
    largest = context.rules.tables["group"]["review"]["largest"]
    names = [f"A/{n:03}" for n in range(3 * largest)]
    edges = [(a, b, "review", 0.5) for a, b in pairwise(names)]
    groups, members = grouped(context, books(*names), edges)
    assert max(len(group) for group in groups.values()) <= largest
    assert len({member["record_id"] for member in members}) == len(members) >= 2 * largest


def test_group_ids_tell_verdicts_apart() -> None:
    assert naming.group_id(Verdict.SAME, "A/1") != naming.group_id(Verdict.REVIEW, "A/1")
