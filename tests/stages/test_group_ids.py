"""A group keeps its id as long as its oldest remaining record is in a group; splits and joins are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest

from dedup.model import Verdict
from dedup.stages import group
from dedup.stages.context import Context
from dedup.stages.naming import group_id
from dedup.tables import JUDGED
from tests.strategies import concept, loaded


@dataclass(slots=True)
class Months:
    """One catalogue, month after month."""

    context: Context

    def load(self, *groups: str, verdict: str = "same", **entered: int) -> dict[str, str]:
        """Records named by letters; those of one word are pairs of the verdict. The word by the id of its group."""
        names = sorted({letter for word in groups for letter in word})
        rows = [concept(record_id=f"A/{name}", control=name, entered=entered.get(name)) for name in names]
        table = loaded(*rows)
        self.context.engine.write("record", table.schema, table.to_batches())
        place = {name: at for at, name in enumerate(names)}
        made = [
            {"left": place[a], "right": place[b], "verdict": verdict, "row": "", "veto": "", "score": 0.5, "reason": ""}
            for word in groups
            for a, b in combinations(sorted(word), 2)
        ]
        self.context.engine.write("judged", JUDGED, pa.Table.from_pylist(made, JUDGED).to_batches())
        group.run(self.context)
        found: dict[str, str] = {}
        query = "SELECT m.group_id, r.control FROM member m JOIN record r ON r.rid = m.rid ORDER BY r.control"
        for row in self.context.engine.read(query).to_pylist():
            found[row["group_id"]] = found.get(row["group_id"], "") + row["control"]
        return {word: name for name, word in found.items()}

    def regrouped(self) -> list[tuple[Any, ...]]:
        """What became of the groups of the month before."""
        return [tuple(row.values()) for row in self.context.engine.read("FROM regrouped").to_pylist()]


@pytest.fixture
def months(context_of: Callable[..., Context]) -> Iterator[Months]:
    yield Months(context_of())


def first(name: str, verdict: Verdict = Verdict.SAME, count: int = 1) -> str:
    """The id of a new group whose oldest record is named."""
    return group_id(verdict, f"A/{name}", count)


def test_a_new_group_is_named_after_its_oldest_record(months: Months) -> None:
    assert months.load("abc", a=2012, b=2010, c=2011) == {"abc": first("b")}


def test_of_records_entered_on_one_day_or_on_none_that_is_known_the_smaller_id_is_the_older(months: Months) -> None:
    assert months.load("ab", "xy", a=2010, b=2010) == {"ab": first("a"), "xy": first("x")}
    assert months.load("mn", n=2010) == {"mn": first("n")}


def test_a_record_that_joins_changes_no_name_though_it_is_older(months: Months) -> None:
    name = months.load("bc", b=2010, c=2011)["bc"]
    assert months.load("abc", a=1999, b=2010, c=2011) == {"abc": name}
    assert months.regrouped() == []


def test_a_group_outlives_its_oldest_record(months: Months) -> None:
    name = months.load("abc", a=2001, b=2002, c=2003)["abc"]
    assert months.load("bc", b=2002, c=2003) == {"bc": name}
    assert months.load("cd", c=2003, d=2000) == {"cd": name}
    assert months.regrouped() == []


def test_a_name_that_is_borne_on_is_not_given_to_a_second_group(months: Months) -> None:
    name = months.load("abc", a=2001, b=2002, c=2003)["abc"]
    months.load("bc", b=2002, c=2003)
    assert months.load("bc", "ad", a=2001, b=2002, c=2003, d=2004) == {"bc": name, "ad": first("a", count=2)}
    assert months.load("bc", "ad", a=2001, b=2002, c=2003, d=2004) == {"bc": name, "ad": first("a", count=2)}


def test_the_part_with_the_oldest_record_keeps_the_name_of_a_group_that_splits(months: Months) -> None:
    name = months.load("abcd", c=2001, a=2002, b=2003, d=2004)["abcd"]
    ids = months.load("ab", "cd", c=2001, a=2002, b=2003, d=2004)
    assert ids == {"cd": name, "ab": first("a")}
    assert sorted(months.regrouped()) == sorted(
        [(name, name, "split", "same", 2), (first("a"), name, "split", "same", 2)]
    )


def test_the_older_group_gives_its_name_when_two_join(months: Months) -> None:
    before = months.load("ab", "cd", c=2001, a=2002, b=2003, d=2004)
    assert months.load("abcd", c=2001, a=2002, b=2003, d=2004) == {"abcd": before["cd"]}
    assert sorted(months.regrouped()) == sorted(
        [(before["cd"], before["cd"], "join", "same", 2), (before["cd"], before["ab"], "join", "same", 2)]
    )


def test_the_age_of_what_remains_counts_not_of_what_is_gone(months: Months) -> None:
    before = months.load("ab", "cd", c=2001, a=2002, b=2003, d=2004)
    assert months.load("abd", a=2002, b=2003, d=2004) == {"abd": before["ab"]}


def test_a_record_that_leaves_alone_is_no_split(months: Months) -> None:
    name = months.load("abc", a=2001)["abc"]
    assert months.load("bc", a=2001) == {"bc": name}
    assert months.regrouped() == []


def test_groups_may_exchange_records(months: Months) -> None:
    before = months.load("abc", "xyz", a=2001, x=2002, b=2003, c=2004, y=2005, z=2006)
    now = months.load("ab", "cxyz", a=2001, x=2002, b=2003, c=2004, y=2005, z=2006)
    assert now == {"ab": before["abc"], "cxyz": before["xyz"]}
    kinds = {(was, kind) for _, was, kind, _, _ in months.regrouped()}
    assert kinds == {(before["abc"], "split"), (before["abc"], "join"), (before["xyz"], "join")}


def test_a_finding_of_another_verdict_is_another_group(months: Months) -> None:
    name = months.load("ab", a=2001)["ab"]
    doubt = months.load("ab", verdict="review", a=2001)["ab"]
    assert doubt == first("a", Verdict.REVIEW) != name
    assert months.load("ab", a=2001)["ab"] == name


def test_a_run_over_the_same_records_names_nothing(months: Months) -> None:
    before = months.load("abcd", a=2001)
    assert months.load("abcd", a=2001) == before
    assert months.regrouped() == []
