"""Connected components, and the weakest edge each needs: by SciPy, or by hand for the few edges of a small check.

SciPy takes as long to be loaded as all else that a check of one record needs. Both ways give the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
FEW = 500
"""Edges up to which it is done by hand."""


def components(nodes: int, low: Ints, high: Ints, few: int = FEW) -> Ints:
    """The lowest node of each node's connected component; nodes from 0, edges by their ends."""
    if len(low) <= few:
        lowest = np.arange(nodes)
        ends = _Ends()
        for one, other in zip(low.tolist(), high.tolist(), strict=True):
            ends.join(one, other)
        for node in ends.known():
            lowest[node] = ends.find(node)
        return lowest
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(low), np.int8), (low, high)), shape=(nodes, nodes))
    _, component = connected_components(graph, directed=False)
    lowest = np.full(nodes, nodes, np.int64)
    np.minimum.at(lowest, component, np.arange(nodes))
    return np.asarray(lowest[component], np.int64)


def weakest_needed(nodes: int, low: Ints, high: Ints, score: Floats, few: int = FEW) -> tuple[Ints, Floats]:
    """The edges of the strongest spanning forest: a node of each, and its score (0 to 1)."""
    if len(low) <= few:
        ends = _Ends()
        order = np.lexsort((high, low, -score)).tolist()
        pairs = list(zip(low.tolist(), high.tolist(), strict=True))
        chosen = np.array([at for at in order if ends.join(*pairs[at])], np.int64)
        return low[chosen], score[chosen]
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    graph = coo_array((2.0 - score.astype(np.float64), (low, high)), shape=(nodes, nodes))
    tree = minimum_spanning_tree(graph.tocsr()).tocoo()
    return tree.row.astype(np.int64), (2.0 - tree.data).astype(np.float32)


class _Ends:
    """Which nodes hang together; each set is known by its lowest node."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def known(self) -> Iterable[int]:
        """All nodes that were joined."""
        return self._parent

    def find(self, node: int) -> int:
        """The lowest node of a node's set."""
        root = node
        while (above := self._parent.setdefault(root, root)) != root:
            root = above
        while node != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def join(self, one: int, other: int) -> bool:
        """Put two sets together; False when they were one already."""
        low, high = sorted((self.find(one), self.find(other)))
        self._parent[high] = low
        return low != high
