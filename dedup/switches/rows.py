"""The rows of the policy as a centre changes them: other verdicts, rows passed over, narrower rows before a row.

The order of the rows is never changed, and a narrower row only takes pairs that its row would have taken: so a change
reaches the pairs it speaks of and no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from dedup.errors import InputError, RuleError, nearest, problem
from dedup.model import Verdict
from dedup.rules import RuleSet

Means = Mapping[str, str]
_Row = dict[str, Any]
_MERGEABLE = (Verdict.SAME, Verdict.REVIEW)
_NEGATION = "not "


@dataclass(frozen=True, slots=True)
class Selector:
    """Which rows of the published policy are meant: those with an id, or with a source and a verdict."""

    ids: tuple[str, ...]
    source: str
    verdict: str

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Selector:
        """From `{ id = [...] }` or `{ source = "P7", verdict = "same" }`."""
        return cls(tuple(table.get("id", ())), table.get("source", ""), table.get("verdict", ""))

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a published row is meant; the source as whole words."""
        if self.ids:
            return row["id"] in self.ids
        if self.verdict and row["verdict"] != self.verdict:
            return False
        return not self.source or re.search(rf"(?<![\w.]){re.escape(self.source)}(?![\w.])", row["source"]) is not None


class PolicyRows:
    """The rows of one policy under change. `touched` tells what single rows were said to be, by id."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._published: list[_Row] = rules.tables["policy"]["row"]
        self._rows: list[_Row] = deepcopy(self._published)
        self._texts: Mapping[str, Any] = rules.tables.get("switches", {}).get("texts", {})
        self._vetoes_off: list[_Row] = []
        self.touched: dict[str, str] = {}

    def switch_off(self, row_id: str, place: str) -> None:
        """Pass a row over. Raises InputError for a row that does not exist, or the last one."""
        row = self._named(row_id, place)
        if row is self._rows[-1]:
            found, wanted = f"{row_id!r}, the last row", "a row above it: the last takes every pair that is left"
            raise InputError(problem(place, found, wanted, "remove it"))
        if row.get("on", True):
            self.touched[row_id] = "off"
            self._pass_over(row)

    def give_verdict(self, row_id: str, verdict: str, place: str) -> None:
        """Give a row another verdict. Raises InputError for no such row or verdict, or to merge what is kept apart."""
        row = self._named(row_id, place)
        found = f"{row_id!r} = {verdict!r}"
        allowed = [str(one) for one in Verdict if one is not Verdict.JUNK]
        if verdict not in allowed:
            remedy = nearest(verdict, allowed) or "choose one of them"
            raise InputError(problem(place, found, f"one of {', '.join(allowed)}", remedy))
        if row_id in self.touched:
            raise InputError(problem(place, f"{found}, which is also off", "one or the other", "remove one"))
        if verdict == Verdict.SAME and row["verdict"] not in _MERGEABLE:
            kind = f"the veto `{row['veto']}`" if row.get("veto") else f"the verdict {row['verdict']}"
            wanted = f"review at most: the row has {kind}, and its pairs must not be merged unseen"
            raise InputError(problem(place, found, wanted, 'write "review"'))
        if verdict != row["verdict"]:
            self.touched[row_id] = verdict
            self._decide(row, verdict, self._texts["veto"])
            row["means"] = self._worded("verdict", row["means"], verdict=verdict)

    def change(self, selector: Selector, change: Mapping[str, Any], choice: Means, switch: str) -> None:
        """Do what one change of switches.toml says; rows that the centre has named itself are left alone."""
        meant = [row["id"] for row in self._published if selector.fits(row)]
        if not meant or set(selector.ids) - set(meant):
            place = f"{self._rules.root / 'switches.toml'} switch {switch}"
            found = f"rows {sorted(set(selector.ids) - set(meant)) or selector}"
            raise RuleError(problem(place, found, "rows that stand in policy.toml", "mend the change"))
        rows = {row["id"]: row for row in self._rows}
        for row in (rows[name] for name in meant if name not in self.touched and rows[name].get("on", True)):
            if change.get("on") is False:
                self._pass_over(row)
                continue
            if "where" in change:
                row = self._put_before(row, f"{row['id']}/{switch}", _narrowed(row, change["where"]))
            self._decide(row, change["verdict"], change.get("veto", ""))
            row["means"] = change.get("means") or self._worded("chosen", row["means"], choice=choice)

    def finished(self) -> list[_Row]:
        """All rows, in order; what a veto that is off kept apart is still not merged without the book."""
        for veto in self._vetoes_off:
            behind = self._rows[self._place(veto) + 1 :]
            for row in [one for one in behind if one["verdict"] == Verdict.SAME and one.get("on", True)]:
                copy = self._put_before(row, f"{row['id']}/{veto['id']}", _narrowed_by_row(row, veto))
                self._decide(copy, Verdict.REVIEW, "")
                copy["means"] = self._worded("off", veto["means"])
        return self._rows

    def _named(self, row_id: str, place: str) -> _Row:
        known = {row["id"]: row for row in self._rows}
        if row_id not in known:
            wanted = "the id of a row of policy.toml"
            raise InputError(
                problem(place, f"row {row_id!r}", wanted, nearest(row_id, known) or "correct its spelling")
            )
        return known[row_id]

    def _pass_over(self, row: _Row) -> None:
        row["on"] = False
        if row["verdict"] not in _MERGEABLE:
            self._vetoes_off.append(row)

    def _put_before(self, row: _Row, row_id: str, made: _Row) -> _Row:
        made["id"] = row_id
        self._rows.insert(self._place(row), made)
        return made

    def _place(self, row: _Row) -> int:
        return next(at for at, one in enumerate(self._rows) if one is row)

    def _decide(self, row: _Row, verdict: str, veto: str) -> None:
        row["verdict"] = str(verdict)
        row["veto"] = (row.get("veto") or veto) if verdict == Verdict.DIFFERENT else ""
        if verdict in (Verdict.SAME, Verdict.DIFFERENT):
            # The cause of a lawful pair is none, that of a duplicate is told by its records.
            row.pop("cause", None)

    def _worded(self, text: str, row: Means, choice: Means | None = None, verdict: str = "") -> dict[str, str]:
        patterns = self._texts[text]
        return {
            language: patterns[language].format(
                row=row[language], choice=choice[language] if choice else "", verdict=verdict
            )
            for language in ("zh", "en")
        }


def _negated(outcomes: str) -> str:
    """`not differs` for `differs`, and the reverse."""
    return outcomes.removeprefix(_NEGATION) if outcomes.startswith(_NEGATION) else _NEGATION + outcomes


def _narrowed(row: Mapping[str, Any], where: Mapping[str, str]) -> _Row:
    """A copy of a row that holds only where these conditions hold as well."""
    made = deepcopy(dict(row))
    made["when"] = dict(made.get("when", {}))
    unless = made.get("unless", [])
    made["unless"] = list(unless) if isinstance(unless, list) else [unless]
    for question, outcomes in where.items():
        if question in made["when"]:
            made["unless"].append({question: _negated(outcomes)})
        else:
            made["when"][question] = outcomes
    return made


def _narrowed_by_row(row: Mapping[str, Any], other: Mapping[str, Any]) -> _Row:
    """A copy of a row that holds only where another row holds as well."""
    made = _narrowed(row, other.get("when", {}))
    unless = other.get("unless", [])
    made["unless"] += deepcopy(unless) if isinstance(unless, list) else [deepcopy(unless)]
    scores = [one["least_score"] for one in (row, other) if "least_score" in one]
    return made | ({"least_score": max(scores)} if scores else {})
