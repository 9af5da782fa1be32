"""Clusters that respect what must not be joined: best edges first, no merge across a forbidden pair."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edge that was not accepted, and the forbidden pair that stood against it (itself: the cluster was full)."""

    edge: Pair
    because: Pair


@dataclass(slots=True)
class Clusters:
    """The clusters of some nodes while they grow; a node that was never named is alone."""

    forbidden: Mapping[int, frozenset[int]]
    largest: int
    leader: dict[int, int] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    against: dict[int, set[int]] = field(default_factory=dict)

    def _find(self, node: int) -> int:
        if node not in self.leader:
            self.leader[node] = node
            self.members[node] = {node}
            self.against[node] = set(self.forbidden.get(node, frozenset()))
        return self.leader[node]

    def join(self, edge: Pair) -> Refusal | None:
        """Merge the clusters of both ends, or say which forbidden pair between them stands against it."""
        one, other = self._find(edge[0]), self._find(edge[1])
        if one == other:
            return None
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        if len(self.members[one]) + len(self.members[other]) > self.largest:
            return Refusal(edge, edge)
        between = self.against[other] & self.members[one]
        if between:
            pairs = ((a, b) for a in between for b in self.forbidden[a] & self.members[other])
            return Refusal(edge, min((min(pair), max(pair)) for pair in pairs))
        for node in self.members[other]:
            self.leader[node] = one
        self.members[one] |= self.members.pop(other)
        self.against[one] |= self.against.pop(other)
        return None


def agglomerate(
    edges: Iterable[Pair], forbidden: Iterable[Pair], largest: int = sys.maxsize
) -> tuple[dict[int, int], list[Refusal]]:
    """Join nodes by edges in the order given, unless a forbidden pair or more than `largest` nodes would come together.

    Returns the lowest node of each node's cluster, and the refused edges whose ends stayed apart.
    """
    links: dict[int, set[int]] = {}
    for one, other in forbidden:
        links.setdefault(one, set()).add(other)
        links.setdefault(other, set()).add(one)
    clusters = Clusters({node: frozenset(others) for node, others in links.items()}, largest)
    refused = [refusal for edge in edges if (refusal := clusters.join(edge)) is not None]
    lowest = {leader: min(members) for leader, members in clusters.members.items()}
    return {node: lowest[leader] for node, leader in clusters.leader.items()}, refused
