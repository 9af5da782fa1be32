"""What records are to lines: the identity policy judges, and orders.toml says what its verdict means for an order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.check.orders.settings import Relation, Settings
from dedup.compare.judge import Answers, judge
from dedup.compare.pairs import Concepts, Ints, Pairs
from dedup.compare.policy import fitting
from dedup.model import Outcome
from dedup.rules import RuleSet

NONE = -1
Mask = npt.NDArray[np.bool_]


class Judged:
    """Some pairs of a line (left) and another record, by position in `concepts`, with the row that holds for each.

    `rows`: places in `Settings.relations`, NONE where nothing holds.
    """

    def __init__(self, concepts: Concepts, left: Ints, right: Ints, settings: Settings, rules: RuleSet) -> None:
        self.left, self.right = left, right
        self._pairs, self._settings, self._rules = Pairs(concepts, left, right), settings, rules
        self._replies = Answers(self._pairs, rules)
        self._said = judge(concepts, left, right, rules)
        self.rows = self._decided()

    def _decided(self) -> npt.NDArray[np.int64]:
        decided = np.full(len(self._pairs), NONE, np.int64)
        open_ = np.arange(len(self._pairs))
        works = fitting(*self._settings.work, open_, self._replies)
        for place, row in enumerate(self._settings.relations):
            held = open_[self._said_so(row)[open_]]
            held = np.intersect1d(held, works, assume_unique=True) if row.work else held
            held = fitting(row.when, row.unless, held, self._replies)
            decided[held] = place
            open_ = np.setdiff1d(open_, held, assume_unique=True)
        nothing = [place for place, row in enumerate(self._settings.relations) if row.status is None]
        decided[np.isin(decided, nothing)] = NONE
        return decided

    def _said_so(self, row: Relation) -> Mask:
        """The pairs of which the policy said what the row names, and whose line says what the row asks for."""
        fits = np.ones(len(self._pairs), np.bool_)
        for column, wanted in (("verdict", row.verdicts), ("veto", row.vetoes), ("row", row.rows)):
            if wanted:
                fits &= self._is_in(column, wanted)
        if row.rows_not:
            fits &= ~self._is_in("row", row.rows_not)
        for name in row.says:
            fits &= filled(self._pairs.concepts.table.column(name))[self.left]
        for name in row.silent:
            fits &= ~filled(self._pairs.concepts.table.column(name))[self.left]
        return fits

    def _is_in(self, column: str, values: frozenset[str]) -> Mask:
        found = pc.is_in(self._said.column(column), pa.array(sorted(values)))
        return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)

    def differing(self, among: Ints) -> Mapping[str, Ints]:
        """For each question of `[differences]` the pairs of `among` in which line and record are told apart by it."""
        return {
            question: among[self._replies.of(question, among) == Outcome.DIFFERS]
            for question, _ in self._settings.asked
            if len(among)
        }


def filled(column: pa.ChunkedArray) -> Mask:
    """Which records fill a column."""
    if pa.types.is_list(column.type):
        column = pc.list_value_length(column).combine_chunks()
        return np.asarray(pc.greater(column.fill_null(0), 0).to_numpy(zero_copy_only=False), np.bool_)
    if pa.types.is_string(column.type):
        return np.asarray(pc.not_equal(column.fill_null(""), "").to_numpy(), np.bool_)
    return np.asarray(column.is_valid().to_numpy(), np.bool_)
