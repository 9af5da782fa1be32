"""Why a duplicate exists: the causes D01 to D12 of judged pairs, told by the answers to questions about them.

The signatures stand in `rules/causes.toml`, in the language of the policy. The order of that table says which cause is
the first; the others are secondary. A pair to repair or of mixed levels has the cause that its policy row names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from dedup.codes import Kind, read_codes
from dedup.compare.asked import QUESTIONS
from dedup.compare.judge import Answers
from dedup.compare.pairs import Concepts, Ints, Mask, Pairs
from dedup.compare.policy import Conditions, Replies, conditions, holding, read_policy
from dedup.errors import RuleError, problem
from dedup.model import Outcome, Verdict
from dedup.rules import RuleSet
from dedup.tables import CONCEPT, TRACED

CAUSES = pa.schema(
    [("cause", pa.string()), ("secondary", pa.string()), ("causes", pa.int32()), ("single_search", pa.bool_())]
)
_CERTAIN = 16
"""In the set of causes a cause known for certain has a second bit, so many places above the first."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How one cause is known: any of `when` holds, none of `unless`; `also` suffices for a secondary cause.

    `default` is the cause that remains when no other is found.
    """

    id: str
    verdicts: frozenset[str]
    when: tuple[Conditions, ...]
    also: tuple[Conditions, ...]
    unless: tuple[Conditions, ...]

    @property
    def default(self) -> bool:
        """Whether the cause holds where no other does."""
        return not self.when and not self.also


@cache
def read_signatures(rules: RuleSet) -> tuple[Signature, ...]:
    """The causes in their order. Raises RuleError when the order and the rows do not fit."""
    place = f"{rules.root / 'causes.toml'}"
    known = {code.id: code for code in read_codes(rules).values() if code.kind is Kind.CAUSE}
    order = rules.tables["causes"].get("order", [])
    if sorted(order) != sorted(known):
        wanted = "each D code once"
        raise RuleError(problem(f"{place} order", f"{order}", wanted, "add or remove codes"))
    return tuple(_signature(id, known[id].more, f"{place} {id}") for id in order)


@cache
def columns_needed(rules: RuleSet) -> tuple[str, ...]:
    """The columns of TRACED (and `held`) that the signatures may ask for, in that order.

    Found by asking every question about no pairs at all: a question then makes its columns ready (as before scoring).
    """
    signatures = read_signatures(rules)
    tables = [table for one in signatures for table in (*one.when, *one.also, *one.unless)]
    asked = {name for table in tables for name in table} | {"isbn_form", "isbn_in_one"}
    nothing = pa.schema([*(CONCEPT.field(name) for name in TRACED), pa.field("held", pa.int8())]).empty_table()
    concepts = Concepts(nothing)
    nobody = Pairs(concepts, np.zeros(0, np.int64), np.zeros(0, np.int64))
    for name in sorted(asked):
        QUESTIONS[name].ask(nobody, rules)
    used = concepts.used | (
        frozenset(rules.tables["policy"]["identical"]["columns"]) if "identical" in asked else set()
    )
    return tuple(name for name in nothing.column_names if name in used)


def _signature(id: str, row: Mapping[str, object], place: str) -> Signature:
    def tables(key: str) -> tuple[Conditions, ...]:
        """The condition tables under one key."""
        listed = row.get(key, [])
        if not isinstance(listed, list):
            raise RuleError(problem(f"{place} {key}", repr(listed), "a list of tables", "put it in brackets"))
        return tuple(conditions(one, f"{place} {key}") for one in listed)

    verdicts = row.get("verdicts", [])
    if not isinstance(verdicts, list) or not verdicts or not set(verdicts) <= set(Verdict):
        raise RuleError(problem(place, f"verdicts {verdicts!r}", f"some of {', '.join(Verdict)}", "correct them"))
    return Signature(id, frozenset(verdicts), tables("when"), tables("also"), tables("unless"))


def diagnose(concepts: Concepts, judged: pa.RecordBatch, rules: RuleSet) -> pa.RecordBatch:
    """The causes of judged pairs (schema JUDGED, with positions in `concepts`), row by row as given.

    Returns `cause`, `secondary` (codes joined by `;`), `causes` (a set to be gathered over a group: see `first_of`) and
    `single_search`: no ISBN of the two is found by searching for one of the other. Nothing for lawful separate
    records. `concepts` must hold the columns `tables.TRACED`, and `held`: whether a record has items (1),
    has none though its source tells of items (0), or nobody knows (null). The answer does not depend on which record
    is left (tested).
    """
    signatures = read_signatures(rules)
    verdicts = judged.column("verdict").to_numpy(zero_copy_only=False)
    named = _named(judged, signatures, rules)
    found, certain = np.zeros((2, judged.num_rows), np.int64)
    asked = np.flatnonzero((named < 0) & (verdicts != str(Verdict.DIFFERENT)))
    left, right = (np.asarray(judged.column(name))[asked] for name in ("left", "right"))
    replies = Answers(Pairs(concepts, left, right), rules)
    for place, signature in enumerate(signatures):
        among = np.flatnonzero(np.isin(verdicts[asked], list(signature.verdicts)))
        if signature.default:
            continue
        exempt = _any(signature.unless, among, replies)
        sure = np.setdiff1d(_any(signature.when, among, replies), exempt)
        perhaps = np.setdiff1d(_any(signature.also, among, replies), exempt)
        certain[asked[sure]] |= 1 << place
        found[asked[sure]] |= 1 << place
        found[asked[perhaps]] |= 1 << place
    found[named >= 0] = certain[named >= 0] = 1 << named[named >= 0]
    default = next(place for place, one in enumerate(signatures) if one.default and Verdict.SAME in one.verdicts)
    found[(found == 0) & (verdicts == str(Verdict.SAME))] = 1 << default
    named_once = coded(certain << _CERTAIN | found, rules)
    return named_once.append_column("single_search", pa.array(_single_search(replies, asked, judged.num_rows)))


def _single_search(replies: Replies, asked: Ints, rows: int) -> Mask:
    """No number as typed in common, though at least one of the two carries an ISBN."""
    single = np.zeros(rows, np.bool_)
    every = np.arange(len(asked))
    by_form, by_any = replies.of("isbn_form", every), replies.of("isbn_in_one", every)
    single[asked] = (by_form != Outcome.AGREES) & (by_any != Outcome.UNKNOWN)
    return single


def _named(judged: pa.RecordBatch, signatures: tuple[Signature, ...], rules: RuleSet) -> Ints:
    """The place of the cause that the deciding row names; -1 where it names none."""
    place = {signature.id: number for number, signature in enumerate(signatures)}
    by_row = {row.id: place.get(row.cause, -1) for row in read_policy(rules).rows}
    rows = judged.column("row").dictionary_encode()
    codes = np.array([by_row.get(row, -1) for row in rows.dictionary.to_pylist()] or [-1], np.int64)
    places: Ints = codes[np.asarray(rows.indices)]
    return places


def _any(tables: tuple[Conditions, ...], among: Ints, replies: Replies) -> Ints:
    """Those of the pairs for which one of the tables holds."""
    found: Mask = np.zeros(int(among.max(initial=-1)) + 1, np.bool_)
    for table in tables:
        found[holding(table, among, replies)] = True
    return np.flatnonzero(found)


def _first(sets: Ints) -> Ints:
    """The lowest bit of each set; -1 for an empty one."""
    lowest = np.full(len(sets), -1, np.int64)
    some = sets != 0
    lowest[some] = np.round(np.log2((sets[some] & -sets[some]).astype(np.float64))).astype(np.int64)
    return lowest


def coded(sets: Ints, rules: RuleSet) -> pa.RecordBatch:
    """Sets of causes as `cause`, the first that is certain or else the first at all, and `secondary`, in their order.

    Sets of several pairs put together by a bitwise or are the set of their group.
    """
    ids = [signature.id for signature in read_signatures(rules)]
    found = sets & ((1 << _CERTAIN) - 1)
    first = _first(np.where(sets >> _CERTAIN != 0, sets >> _CERTAIN, found))
    both, place = np.unique(np.stack((first, found)), axis=1, return_inverse=True)
    names = pa.array([ids[one] if one >= 0 else "" for one in both[0]], pa.string())
    others = pa.array([_others(int(one), int(several), ids) for one, several in both.T], pa.string())
    take = pa.array(place.reshape(-1))
    return pa.RecordBatch.from_arrays(
        [names.take(take), others.take(take), pa.array(sets, pa.int32())], names=CAUSES.names[:3]
    )


def _others(first: int, found: int, ids: list[str]) -> str:
    return ";".join(id for place, id in enumerate(ids) if found >> place & 1 and place != first)
