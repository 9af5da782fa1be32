"""What an incremental run gives is what one full run over the final state gives, table by table and byte by byte.

Many small worlds that know nothing of each other live in one catalogue, as the stages take their time for each table
and not for each record: an example here is a world.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from dedup.engine.duck import DuckEngine
from tests.laws.increments import (
    Catalogue,
    assert_equal,
    changes,
    say,
    score_pairs,
    with_history,
    work,
)
from tests.strategies import concept

WORLDS, STEPS = 20, 2
Row = dict[str, Any]
Act = tuple[str, int, int, Row]
World = tuple[list[tuple[int, Row]], list[list[Act]]]

_library = st.sampled_from([[], ["NKU"], ["TJU"], ["NKU", "PUL"], ["TJU", "TJU"]])


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The usual value, now and then another: records must be alike in most things to be taken for the same."""
    return st.sampled_from([usual] * 5 * len(others) + list(others))


@st.composite
def books(draw: st.DrawFn) -> Row:
    """One of two works in one of its editions, or a record without a title; numbers are those of its world."""
    libraries, work = draw(_library), draw(mostly(1, 2))
    rows = len(libraries)
    row = concept(
        title_key=f"book{work}",
        isbn=draw(mostly([work], [work, 9], [], [9])),
        isbn_typed=draw(mostly([10 * work], [10 * work + 1])),
        year=draw(mostly(1999, 2004)),
        transcribed_year=draw(mostly(1999, 2004)),
        pages=draw(mostly(538, 600, None)),
        edition_number=draw(mostly(None, 2, 3)),
        binding=draw(mostly([], ["hard"], ["paper"])),
        level=draw(mostly(0, 1, 3)),
        volume_from=draw(mostly(None, 1, 2)),
        entered=draw(st.sampled_from([None, 20100101, 20110505, 20120101])),
        agencies=draw(st.sampled_from([[], ["TJU"], ["PUL"], ["WHU"]])),
        source_numbers=draw(mostly([], [1], [2])),
        publishers=draw(mostly(["harvard university"], ["belknap"])),
        authors=draw(mostly(["rawls j"], ["euler l"])),
        faults=draw(mostly([], ["Q01\t100$a\tx\ty"])),
        libraries=libraries,
        call_numbers=draw(st.lists(st.sampled_from("XY"), min_size=rows, max_size=rows)),
        barcodes=draw(st.lists(st.sampled_from(["1", "2", ""]), min_size=rows, max_size=rows)),
        item_dates=[""] * rows,
        locations=[""] * rows,
        display_title=f"Book {work}",
        junk="",
    )
    if draw(mostly(False, True)):
        row |= {"title_key": "another", "publishers": ["belknap"], "authors": ["euler l"], "isbn": [1, 2]}
    if draw(mostly(False, True)):
        row |= {"title_usable": False, "junk": "J02", "title": "", "title_key": "", "display_title": ""}
    return row


_acts = st.sampled_from(
    ["put"] * 4 + ["change"] * 6 + ["take"] * 3 + ["same", "different", "review"] * 2 + ["undo", "junk"]
)
_act = st.tuples(_acts, st.integers(0, 99), st.integers(0, 99), books())
_world = st.tuples(
    st.lists(st.tuples(st.integers(0, 19), books()), min_size=3, max_size=7, unique_by=lambda placed: placed[0]),
    st.lists(st.lists(_act, min_size=1, max_size=3), min_size=STEPS, max_size=STEPS),
)


def name_of(world: int, number: int) -> str:
    """A record of a world; even ones are in one source, odd ones in the other."""
    return f"{'AB'[number % 2]}/{world}.{number:02}"


def placed(world: int, row: Row) -> Row:
    """A record with numbers and titles that no other world has."""
    named: Row = {
        "isbn": [100 * world + number for number in row["isbn"]],
        "isbn_typed": [100 * world + number for number in row["isbn_typed"]],
        "source_numbers": [f"OCLC{world}{number}" for number in row["source_numbers"]],
    }
    if row["title_key"]:
        named |= {"title_key": f"{row['title_key']}of{world}", "title": f"{row['title_key']} of {world}"}
    return row | named


def happened(catalogue: Catalogue, world: int, acts: list[Act]) -> list[Row]:
    """What happens in a world between two runs: the catalogue changes; returns what people say of it as it was."""
    said = []
    before = sorted(name for name in catalogue.records if name.split("/")[1].startswith(f"{world}."))
    for what, first, second, row in acts:
        mine = [name for name in before if name in catalogue.records]
        if what == "put":
            catalogue.put(name_of(world, first % 20), placed(world, row))
        elif what == "undo":
            said.append({"answer": "undo", "undoes": f"J{first % 12}"})
        elif mine and what == "change":
            catalogue.put(mine[first % len(mine)], placed(world, row))
        elif mine and what == "take":
            catalogue.take(mine[first % len(mine)])
        elif before:
            right = "" if what == "junk" else before[second % len(before)]
            answer = "different" if what == "junk" else what
            said.append({"left_record": before[first % len(before)], "right_record": right, "answer": answer})
    return said


def step(engine: DuckEngine, catalogue: Catalogue, acts: list[list[Act]], out: Path, period: str) -> None:
    """Let things happen, then work the changes alone, and everything anew beside it: both must be equal."""
    before, pairs = copy.deepcopy(catalogue), set(catalogue.pairs())
    said = [entry for world, some in enumerate(acts) for entry in happened(catalogue, world, some)]
    # Withdrawn and sent again within one month a record never was away: its number stays with its id.
    catalogue.numbers |= {name: before.numbers[name] for name in before.records.keys() & catalogue.records.keys()}
    if said:
        say(engine, said)
    whole = with_history(engine)
    score_pairs(engine, catalogue)
    changes(engine, before, catalogue, pairs)
    files, _ = work(engine, out, period, in_part=True)
    score_pairs(whole, catalogue.anew())
    wanted, _ = work(whole, out, period, in_part=False)
    assert_equal(engine, whole)
    assert files == wanted
    whole.close()


@pytest.mark.parametrize("number", range(8))
def test_an_incremental_run_gives_what_a_full_run_over_the_final_state_gives(number: int, tmp_path: Path) -> None:
    @seed(number)
    # Twenty worlds are not shrunk in a time that anybody waits.
    @settings(
        max_examples=2,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(_world, min_size=WORLDS, max_size=WORLDS))
    def law(worlds: list[World]) -> None:
        catalogue, engine = Catalogue(), DuckEngine(threads=1)
        for world, (records, _) in enumerate(worlds):
            for place, row in records:
                catalogue.put(name_of(world, place), placed(world, row))
        score_pairs(engine, catalogue)
        work(engine, tmp_path, "2026-01", in_part=False)
        for month in range(STEPS):
            step(engine, catalogue, [acts[month] for _, acts in worlds], tmp_path, f"2026-{month + 1:02}")
        engine.close()

    law()
