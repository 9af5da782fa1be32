"""No group holds two records that are known to be different, whatever was judged and in whatever order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.stages.group import Links, cluster, links_of, unjudged
from tests.laws.records import RULES, all_records
from tests.strategies import concepts, table

APART = ("different", "structure", "repair")


def grouped(known: Concepts, rows: int, proposed: np.ndarray) -> tuple[Links, np.ndarray]:
    """Group records by the verdicts of some pairs, asking for the pairs inside a group as the stage does."""
    rids = np.arange(rows)

    def judged(ends: np.ndarray) -> Links:
        return links_of(_table(judge(known, ends[:, 0], ends[:, 1], RULES)), rids)

    links = judged(proposed)
    label = cluster(links).label
    while len(missing := unjudged(label, links)):
        links = links.with_more(judged(missing))
        label = cluster(links).label
    return links, label


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def pairs_of(rows: int) -> np.ndarray:
    return np.column_stack(np.triu_indices(rows, 1))


def assert_lawful(known: Concepts, links: Links, label: np.ndarray) -> None:
    low, high = pairs_of(len(label)).T
    inside = label[low] == label[high]
    for found in judge(known, low[inside], high[inside], RULES).to_pylist():
        assert found["verdict"] not in APART, found
    assert not (links.apart & (label[links.low] == label[links.high])).any()
    assert (label <= np.arange(len(label))).all() and (label[label] == label).all()


@given(st.lists(concepts(), min_size=2, max_size=9), st.data())
@settings(max_examples=30, deadline=None)
def test_no_group_of_any_records_holds_a_forbidden_pair(records: list[dict[str, object]], data: st.DataObject) -> None:
    every = pairs_of(len(records))
    proposed = data.draw(st.lists(st.sampled_from(every.tolist()), min_size=1, unique_by=tuple))
    known = Concepts(table(*records))
    assert_lawful(known, *grouped(known, len(records), np.array(sorted(proposed))))


@given(st.integers(0, 10**6))
@settings(max_examples=4, deadline=None)
def test_no_group_of_the_stories_holds_a_forbidden_pair_whatever_blocking_missed(seed: int) -> None:
    records = all_records()
    every = pairs_of(len(records))
    chosen = every[np.random.default_rng(seed).random(len(every)) < 0.7]
    known = Concepts(records)
    links, label = grouped(known, len(records), chosen)
    assert not (links.apart & (label[links.low] == label[links.high])).any()
    whole = _table(judge(known, every[:, 0], every[:, 1], RULES))
    apart = np.isin(whole["verdict"].to_numpy(), APART)
    assert not (apart & (label[every[:, 0]] == label[every[:, 1]])).any()


_verdict = st.sampled_from(["same", "same", "same", "review", *APART])


@given(st.integers(2, 9), st.data())
@settings(max_examples=100, deadline=None)
def test_no_group_of_any_graph_holds_a_forbidden_pair(nodes: int, data: st.DataObject) -> None:
    every = pairs_of(nodes)
    said = np.array(data.draw(st.lists(_verdict, min_size=len(every), max_size=len(every))))
    known = np.array(data.draw(st.lists(st.booleans(), min_size=len(every), max_size=len(every))))
    scores = np.array(data.draw(st.lists(st.integers(0, 4), min_size=len(every), max_size=len(every)))) / 4
    low, high, said = every[known, 0], every[known, 1], said[known]
    loose = {verdict: said == verdict for verdict in ("structure", "repair", "review")}
    links = Links(nodes, low, high, scores[known].astype(np.float32), said == "same", np.isin(said, APART), loose)
    grouping = cluster(links)
    label = grouping.label
    assert not (links.apart & (label[links.low] == label[links.high])).any()
    # Two records come together through `same` pairs only, and every `same` pair left open was refused for a reason.
    inside = links.same & (label[links.low] == label[links.high])
    for node in range(nodes):
        others = np.flatnonzero((label == label[node]) & (np.arange(nodes) != node))
        touched = np.concatenate([links.low[inside], links.high[inside]])
        assert not len(others) or node in touched
    open_ = {(int(a), int(b)) for a, b in zip(links.low, links.high, strict=True) if label[a] != label[b]}
    same = {(int(a), int(b)) for a, b in zip(links.low[links.same], links.high[links.same], strict=True)}
    assert {(int(a), int(b)) for a, b, _, _ in grouping.refused} == open_ & same
