"""Group: records that are the same come together, unless two of them are known to be different."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.engine.base import Engine
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.stages.answers import JUDGED_ROW
from dedup.stages.clusters import agglomerate
from dedup.stages.context import Context, Tally
from dedup.stages.graph import components, weakest_needed
from dedup.stages.keep import keep_order
from dedup.stages.naming import name_groups
from dedup.tables import COMPARED, CONFLICT, JUDGED, MEMBER

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_APART = (Verdict.DIFFERENT, Verdict.STRUCTURE, Verdict.REPAIR)
_LOOSE = (Verdict.STRUCTURE, Verdict.REPAIR, Verdict.REVIEW)
_JUDGED_AT_ONCE = 200_000

_NODES = """
SELECT r.rid, r.record_id FROM record r
WHERE r.rid IN (SELECT "left" FROM judged WHERE verdict <> 'different' UNION ALL
                SELECT "right" FROM judged WHERE verdict <> 'different')
"""

# A pair of which one record has no part in any group tells nothing here: most pairs are of that kind.
_LINKED = """
SELECT "left", "right", verdict, row, score FROM judged
WHERE "left" IN (SELECT rid FROM node) AND "right" IN (SELECT rid FROM node)
"""

_GROUPED = pa.schema([pa.field("number", pa.int64()), *list(MEMBER)[1:]])

_CONFLICT = """
SELECT c.*, coalesce(j.veto, '') AS veto FROM refused c
LEFT JOIN judged j ON j."left" = least(c.because_left, c.because_right)
                  AND j."right" = greatest(c.because_left, c.because_right)
"""

_KEPT = """
SELECT n.group_id, m.rid, m.verdict,
       m.verdict = 'same' AND row_number() OVER (PARTITION BY m.number ORDER BY {order}) = 1 AS keep, m.confidence
FROM grouped m JOIN group_name n ON n.number = m.number JOIN record r ON r.rid = m.rid ORDER BY n.group_id, m.rid
"""


@dataclass(slots=True)
class Links:
    """Judged pairs between nodes; nodes are records numbered by record id, so that no order of input shows through.

    Arrays of one length, `low` < `high`; `pairs` the two in one number, ascending. `must`: people said that they are
    the same, which goes before every other edge.
    """

    nodes: int
    low: Ints
    high: Ints
    score: Floats
    same: Mask
    apart: Mask
    loose: dict[Verdict, Mask]
    must: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    pairs: Ints = field(init=False)

    def __post_init__(self) -> None:
        if len(self.must) != len(self.low):
            self.must = np.zeros(len(self.low), np.bool_)
        self.pairs = self.low * self.nodes + self.high
        order = np.argsort(self.pairs, kind="stable")
        for name in ("low", "high", "score", "same", "apart", "must", "pairs"):
            setattr(self, name, getattr(self, name)[order])
        self.loose = {verdict: mask[order] for verdict, mask in self.loose.items()}

    def known(self, low: Ints, high: Ints) -> Mask:
        """Which of some pairs have been judged."""
        wanted = low * self.nodes + high
        place = np.searchsorted(self.pairs, wanted)
        return np.asarray(np.append(self.pairs, -1)[place] == wanted)

    def with_more(self, more: Links) -> Links:
        """These links and some new ones."""
        loose = {verdict: np.concatenate((mask, more.loose[verdict])) for verdict, mask in self.loose.items()}
        return Links(
            self.nodes,
            np.concatenate((self.low, more.low)),
            np.concatenate((self.high, more.high)),
            np.concatenate((self.score, more.score)),
            np.concatenate((self.same, more.same)),
            np.concatenate((self.apart, more.apart)),
            loose,
            np.concatenate((self.must, more.must)),
        )


@dataclass(frozen=True, slots=True)
class Grouping:
    """`label`: the lowest node of each node's cluster. `refused`: rows (low, high, because_low, because_high)."""

    label: Ints
    refused: Ints


def run(context: Context) -> Tally:
    """From `judged` to `member` (schema MEMBER) and `conflict` (schema CONFLICT); adds to `judged` what it asked.

    Also `named` and `regrouped`, see `dedup.stages.naming`.
    """
    engine = context.engine
    engine.passing("node", _NODES)
    rids = np.asarray(engine.read("SELECT rid FROM node ORDER BY record_id")["rid"], np.int64)
    links = links_of(engine.read(_LINKED), rids)
    asked: list[pa.RecordBatch] = []
    grouping = cluster(links)
    while len(missing := unjudged(grouping.label, links)):
        more = _ask(engine, context.rules, rids, missing)
        asked.extend(more.to_batches())
        links = links.with_more(links_of(more, rids))
        grouping = cluster(links)
    if asked:
        engine.write("asked", JUDGED, asked)
        engine.append("judged", 'FROM asked ORDER BY "left", "right"')
        engine.drop("asked")
    _store(context, grouping, links, rids)
    engine.drop("node")
    groups = engine.read("SELECT count(DISTINCT group_id) AS n FROM member")["n"][0].as_py()
    aside = {"refused merges": len(grouping.refused), "pairs asked for": sum(batch.num_rows for batch in asked)}
    return Tally(int(links.same.sum()), int(groups), aside, unit_in="same pairs", unit_out="groups")


def links_of(judged: pa.Table, rids: Ints) -> Links:
    """The judged pairs of which both records are nodes; `rids` in node order."""
    order = np.argsort(rids)
    ends = []
    for name in ("left", "right"):
        values = np.asarray(judged[name], np.int64)
        place = np.minimum(np.searchsorted(rids[order], values), max(len(rids) - 1, 0))
        ends.append(np.where(rids[order][place] == values, order[place], -1) if len(rids) else np.full(len(values), -1))
    inside = (ends[0] >= 0) & (ends[1] >= 0)
    verdicts = judged["verdict"].combine_chunks().filter(pa.array(inside)).to_numpy(zero_copy_only=False)
    left, right = ends[0][inside], ends[1][inside]
    spoken = pc.equal(judged["row"], JUDGED_ROW).combine_chunks().filter(pa.array(inside))
    by_people = np.asarray(spoken.to_numpy(zero_copy_only=False), np.bool_)
    # What people want to see as a doubt must not vanish inside a group.
    apart = np.isin(verdicts, [str(verdict) for verdict in _APART]) | (by_people & (verdicts == str(Verdict.REVIEW)))
    return Links(
        len(rids),
        np.minimum(left, right),
        np.maximum(left, right),
        np.asarray(judged["score"], np.float32)[inside],
        verdicts == str(Verdict.SAME),
        apart,
        {verdict: verdicts == str(verdict) for verdict in _LOOSE},
        by_people & (verdicts == str(Verdict.SAME)),
    )


def cluster(links: Links) -> Grouping:
    """Whole components where nothing is forbidden inside; elsewhere edges best first, see `dedup.stages.clusters`.

    What people said to be the same comes before all other edges.
    """
    label = components(links.nodes, links.low[links.same], links.high[links.same])
    forbidden = links.apart & (label[links.low] == label[links.high])
    torn = np.zeros(links.nodes, np.bool_)
    torn[label[links.low[forbidden]]] = True
    edges = np.flatnonzero(links.same & torn[label[links.low]])
    best_first = edges[np.lexsort((links.high[edges], links.low[edges], -links.score[edges], ~links.must[edges]))]
    clusters, refused = agglomerate(_pairs(links, best_first), _pairs(links, np.flatnonzero(forbidden)))
    label[torn[label]] = np.flatnonzero(torn[label])
    for node, lowest in clusters.items():
        label[node] = lowest
    # An edge refused early may still end up inside one cluster through none: forbidden pairs stay apart for good.
    rows = np.array([(*refusal.edge, *refusal.because) for refusal in refused], np.int64).reshape(-1, 4)
    return Grouping(label, rows)


def _pairs(links: Links, chosen: Ints) -> list[tuple[int, int]]:
    return list(zip(links.low[chosen].tolist(), links.high[chosen].tolist(), strict=True))


def unjudged(label: Ints, links: Links) -> Ints:
    """Pairs (rows of two nodes, low first) inside clusters above two that nobody has judged yet."""
    counts = np.bincount(label, minlength=links.nodes)
    inside = np.flatnonzero(counts[label] > 2)
    order = inside[np.argsort(label[inside], kind="stable")]
    sizes = counts[np.unique(label[inside])]
    found = []
    for size in np.unique(sizes):
        starts = (np.cumsum(sizes) - sizes)[sizes == size]
        one, other = np.triu_indices(int(size), 1)
        low, high = order[starts[:, None] + one].ravel(), order[starts[:, None] + other].ravel()
        new = ~links.known(low, high)
        found.append(np.column_stack((low[new], high[new])))
    return np.concatenate(found) if found else np.zeros((0, 2), np.int64)


def _ask(engine: Engine, rules: RuleSet, rids: Ints, missing: Ints) -> pa.Table:
    """Judge pairs of nodes; JUDGED rows with rids, the smaller left."""
    wanted = np.unique(rids[missing])
    table = pa.table({"rid": wanted})
    engine.write("wanted", table.schema, table.to_batches())
    columns = ", ".join(COMPARED)
    records = engine.read(f"SELECT {columns} FROM record WHERE rid IN (SELECT rid FROM wanted) ORDER BY rid")
    engine.drop("wanted")
    ends = np.sort(rids[missing], axis=1)
    place = np.searchsorted(wanted, ends)
    concepts, made = Concepts(records), []
    for start in range(0, len(place), _JUDGED_AT_ONCE):
        part = slice(start, start + _JUDGED_AT_ONCE)
        batch = judge(concepts, place[part, 0], place[part, 1], rules)
        rows = [pa.array(ends[part, 0]), pa.array(ends[part, 1]), *batch.columns[2:]]
        made.append(pa.RecordBatch.from_arrays(rows, schema=JUDGED))
    return pa.Table.from_batches(made, JUDGED)


def _store(context: Context, grouping: Grouping, links: Links, rids: Ints) -> None:
    inside = links.same & (grouping.label[links.low] == grouping.label[links.high])
    parts = [_members(Verdict.SAME, grouping.label, _weakest(links, grouping.label, inside), rids)]
    for verdict, mask in links.loose.items():
        parts.append(_loose_members(verdict, mask, grouping, links, rids, context.rules))
    context.engine.write("grouped", _GROUPED, [part for part in parts if part.num_rows])
    name_groups(context.engine)
    context.engine.sql("member", _KEPT.format(order=", ".join(keep_order(context.rules))))
    context.engine.drop("grouped", "group_name")
    refused = np.column_stack([np.sort(rids[grouping.refused[:, at : at + 2]], axis=1) for at in (0, 2)])
    schema = pa.schema(list(CONFLICT)[:4])
    batch = pa.RecordBatch.from_arrays([pa.array(np.ascontiguousarray(refused[:, i])) for i in range(4)], schema=schema)
    context.engine.write("refused", schema, [batch])
    context.engine.sql("conflict", _CONFLICT)
    context.engine.drop("refused")


def _bounded(nodes: int, low: Ints, high: Ints, score: Floats, largest: int) -> Ints:
    """Components; one that is larger than allowed is made anew from its strongest edges."""
    label = components(nodes, low, high)
    torn = np.bincount(label, minlength=nodes) > largest
    edges = np.flatnonzero(torn[label[low]])
    ends = np.sort(np.column_stack((low[edges], high[edges])), axis=1)
    best_first = ends[np.lexsort((ends[:, 1], ends[:, 0], -score[edges]))]
    clusters, _ = agglomerate(map(tuple, best_first.tolist()), (), largest)
    for node, lowest in clusters.items():
        label[node] = lowest
    return label


def _loose_members(
    verdict: Verdict, mask: Mask, grouping: Grouping, links: Links, rids: Ints, rules: RuleSet
) -> pa.RecordBatch:
    """Groups of records joined by pairs of one verdict; records of one `same` group count as one."""
    low, high, score = links.low[mask], links.high[mask], links.score[mask]
    if verdict is Verdict.REVIEW:
        low = np.concatenate((low, grouping.refused[:, 0]))
        high = np.concatenate((high, grouping.refused[:, 1]))
        score = np.concatenate((score, np.zeros(len(grouping.refused), np.float32)))
    apart = grouping.label[low] != grouping.label[high]
    low, high, score = low[apart], high[apart], score[apart]
    largest = int(rules.tables["group"]["review"]["largest"]) if verdict is Verdict.REVIEW else links.nodes
    bound = _bounded(links.nodes, grouping.label[low], grouping.label[high], score, largest)
    kept = bound[grouping.label[low]] == bound[grouping.label[high]]
    low, high, score = low[kept], high[kept], score[kept]
    label = np.full(links.nodes, -1, np.int64)
    for ends in (low, high):
        label[ends] = bound[grouping.label[ends]]
    weakest = np.full(links.nodes, np.inf, np.float32)
    np.minimum.at(weakest, label[low], score)
    return _members(verdict, label, weakest, rids)


def _weakest(links: Links, label: Ints, inside: Mask) -> Floats:
    """By cluster label: the weakest edge that is needed to hold the cluster together."""
    nodes, scores = weakest_needed(links.nodes, links.low[inside], links.high[inside], links.score[inside])
    weakest = np.full(links.nodes, np.inf, np.float32)
    np.minimum.at(weakest, label[nodes], scores)
    return weakest


def _members(verdict: Verdict, label: Ints, weakest: Floats, rids: Ints) -> pa.RecordBatch:
    """Rows (schema _GROUPED) of every label that two or more nodes bear; a negative label is none."""
    counts = np.bincount(label[label >= 0], minlength=len(label))
    chosen = np.flatnonzero((label >= 0) & (counts[label] > 1))
    numbers = list(Verdict).index(verdict) * len(rids) + label[chosen]
    columns = [
        pa.array(numbers),
        pa.array(rids[chosen]),
        pa.array([str(verdict)] * len(chosen), pa.string()),
        pa.array(np.zeros(len(chosen), np.bool_)),
        pa.array(weakest[label[chosen]]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_GROUPED)
