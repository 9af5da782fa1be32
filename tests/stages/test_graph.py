"""Both ways to find what hangs together give the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.stages.graph import components, weakest_needed

NODES = 12
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 1000)).filter(
        lambda edge: edge[0] < edge[1]
    ),
    max_size=30,
    unique_by=lambda edge: edge[:2],
)


def columns(edges: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = np.array(edges, np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], (table[:, 2] / 1000).astype(np.float32)


@settings(deadline=None)
@given(EDGES)
def test_components_are_the_same_by_hand_and_by_library(edges: list[tuple[int, int, int]]) -> None:
    low, high, _ = columns(edges)
    by_hand, by_library = (components(NODES, low, high, few) for few in (1000, -1))
    assert by_hand.tolist() == by_library.tolist()
    assert all(by_hand[one] == by_hand[other] for one, other, _ in edges)
    assert all(lowest <= node for node, lowest in enumerate(by_hand))


@settings(deadline=None)
@given(EDGES)
def test_the_weakest_edge_that_a_cluster_needs_is_the_same_by_hand_and_by_library(
    edges: list[tuple[int, int, int]],
) -> None:
    low, high, score = columns(edges)
    label = components(NODES, low, high)
    found = []
    for few in (1000, -1):
        weakest = np.full(NODES, np.inf, np.float32)
        nodes, scores = weakest_needed(NODES, low, high, score, few)
        np.minimum.at(weakest, label[nodes], scores)
        found.append(weakest.tolist())
    assert found[0] == found[1]
