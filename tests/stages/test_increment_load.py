from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.config import Config
from dedup.engine.base import Engine
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError
from dedup.marc.rawhash import NOTED, TOLD, byte_hashes
from dedup.rules import RuleSet
from dedup.stages import load, reload
from dedup.stages.context import Context
from dedup.stages.read import read_task
from dedup.tables import RUN
from tests.marc import plain

PLACE = ("rid", "file", "offset", "length")


def record(control: str, title: str) -> bytes:
    fields = [("001", control.encode())] if control else []
    return plain.iso2709(
        [*fields, ("008", b"010101s2001    nyu           000 0 eng d"), ("245", b"10\x1fa" + title.encode())]
    )


def miscounted(data: bytes) -> bytes:
    """The record with a directory that counts characters: longer fields than there are."""
    return data[:27] + b"0099" + data[31:]


CONTROLS = ["1", "2", "3", "4", "1#2", ""]
TITLES = ["linear algebra", "题名", "advances in computing"]
SOUND = [record(control, title) for control in CONTROLS for title in TITLES]
PIECES = [
    *SOUND,
    *(miscounted(one) for one in SOUND[:4]),
    b"\r\n" + SOUND[0],
    b" " * 12 + SOUND[1],
    b"this is no record at all, only noise\x1d",
    b"\x1d",
    SOUND[2][:-1],
    SOUND[3].replace(b"nam", b"nx ", 1),
]
File = list[bytes]
Month = dict[str, File]
files = st.lists(st.sampled_from(PIECES), max_size=8)
months = st.fixed_dictionaries(
    {}, optional={"A.mrc": files, "B/x.mrc": files, "B/y.mrc": files, "C.mrc.gz": files}
).filter(bool)


def written(folder: Path, month: Month) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for name, pieces in month.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = b"".join(pieces)
        path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    return folder


class Quiet:
    def advance(self, done: int, total: int) -> None:
        pass


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[DuckEngine, DuckEngine]]:
    made = DuckEngine(threads=1), DuckEngine(threads=1)
    yield made
    for engine in made:
        engine.close()


@pytest.fixture
def context(rules: RuleSet, engine: DuckEngine, tmp_path: Path) -> Context:
    return on(engine, rules, tmp_path)


def on(engine: DuckEngine, rules: RuleSet, folder: Path) -> Context:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True, parents=True)
    return Context(engine, rules, Config(), (), scratch, scratch, Quiet(), 1)


def first(context: Context, folder: Path) -> None:
    load.run(replace(context, inputs=(folder,)))
    _remember(context)


def then(context: Context, folder: Path, *, partial: bool = False) -> None:
    reload.run(replace(context, inputs=(folder,), incremental=True, partial=partial))
    _remember(context)


def _remember(context: Context) -> None:
    highest = context.engine.read("SELECT coalesce(max(rid) + 1, 0) AS n FROM record")["n"][0].as_py()
    row = dict.fromkeys(RUN.names, "") | {"next_rid": highest}
    context.engine.write("run", RUN, [pa.RecordBatch.from_pylist([row], RUN)])


def rows(engine: Engine, table: str, *without: str) -> list[tuple[Any, ...]]:
    found = engine.read(f"FROM {table}")
    kept = [name for name in found.column_names if name not in without]
    return sorted(tuple(map(repr, row.values())) for row in found.select(kept).to_pylist())


TABLES = {"record": ("rid",), "ledger": (), "quarantine": (), "quarantined": (), "note": (), "source": (), "input": ()}


def state(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    return {name: rows(engine, name, *without) for name, without in TABLES.items()}


def told(engine: Engine) -> dict[str, dict[str, Any]]:
    return {row["record_id"]: row for row in engine.read("FROM record").to_pylist()}


@given(history=st.lists(months, min_size=2, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_loading_month_after_month_gives_what_loading_the_last_month_gives(
    engines: tuple[DuckEngine, DuckEngine],
    rules: RuleSet,
    tmp_path_factory: pytest.TempPathFactory,
    history: list[Month],
) -> None:
    base = tmp_path_factory.getbasetemp()
    context, anew = on(engines[0], rules, base), on(engines[1], rules, base)
    first(context, written(base / "in", history[0]))
    final = dict(history[0])
    for month in history[1:]:
        before = told(context.engine)
        sources = {name.split("/")[0].split(".")[0] for name in month}
        final = {name: one for name, one in final.items() if name.split("/")[0].split(".")[0] not in sources} | month
        then(context, written(base / "in", month))
        _check_change(context.engine, before)
    written(base / "in", final)
    load.run(replace(anew, inputs=(base / "in",)))
    assert state(context.engine) == state(anew.engine)


def _check_change(engine: Engine, before: dict[str, dict[str, Any]]) -> None:
    """`change` names what is another record, and nothing else; rids stay with their record ids."""
    after = told(engine)
    change = {(row["rid"], row["kind"]) for row in engine.read("FROM change").to_pylist()}
    said = {name: {k: v for k, v in row.items() if k not in PLACE} for name, row in after.items()}
    was = {name: {k: v for k, v in row.items() if k not in PLACE} for name, row in before.items()}
    wanted = {(after[name]["rid"], "new") for name in after.keys() - before.keys()}
    wanted |= {(before[name]["rid"], "withdrawn") for name in before.keys() - after.keys()}
    wanted |= {(after[name]["rid"], "changed") for name in after.keys() & before.keys() if said[name] != was[name]}
    assert change == wanted
    assert all(after[name]["rid"] == before[name]["rid"] for name in after.keys() & before.keys())
    assert len({row["rid"] for row in after.values()}) == len(after)


def test_an_addition_replaces_and_adds_and_withdraws_nothing(context: Context, tmp_path: Path) -> None:
    first(
        context, written(tmp_path / "in", {"A/a.mrc": [record("1", "one"), record("2", "two"), record("", "nameless")]})
    )
    more = [record("", "another"), record("2", "zwei"), record("3", "three")]
    then(context, written(tmp_path / "in", {"A/b.mrc": more}), partial=True)
    found = {name: row["title"] for name, row in told(context.engine).items()}
    nameless = [name for name in found if "@" in name]
    assert sorted(found[name] for name in nameless) == ["another", "nameless"]
    assert {name: title for name, title in found.items() if name not in nameless} == {
        "A/1": "one", "A/2": "zwei", "A/3": "three",
    }  # fmt: skip
    then(context, tmp_path / "in", partial=True)
    assert context.engine.read("FROM change").num_rows == 0
    assert len(context.engine.read("FROM ledger").to_pylist()) == 2


def test_two_records_without_a_number_at_one_place_of_two_files_are_both_kept(context: Context, tmp_path: Path) -> None:
    first(context, written(tmp_path / "in", {"A/a.mrc": [record("", "nameless")]}))
    then(context, written(tmp_path / "in", {"A/b.mrc": [record("", "another")]}), partial=True)
    assert sorted(row["title"] for row in told(context.engine).values()) == ["another", "nameless"]
    then(context, tmp_path / "in", partial=True)
    assert len(told(context.engine)) == 2


def test_only_what_is_new_is_read(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [record(str(number), f"title {number}") for number in range(50)]
    first(context, written(tmp_path / "in", {"A.mrc": known, "B.mrc.gz": known}))
    read: list[int] = []
    original = read_task

    def counting(job: Any) -> Any:
        part = original(job)
        read.append(part.counts.records)
        return part

    monkeypatch.setattr("dedup.stages.load.read_task", counting)
    then(
        context, written(tmp_path / "in", {"A.mrc": [*known[:20], record("x", "new"), *known[20:]], "B.mrc.gz": known})
    )
    assert sum(read) == 1


def test_a_file_that_changes_while_it_is_read_is_refused(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "in", {"A.mrc": [record("1", "one")]})
    original = read_task

    def slow(job: Any) -> Any:
        part = original(job)
        with (folder / "A.mrc").open("ab") as file:
            file.write(record("2", "two"))
        return part

    monkeypatch.setattr("dedup.stages.load.read_task", slow)
    with pytest.raises(InputError, match="changed while it was read"):
        load.run(replace(context, inputs=(folder,)))


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6))
def test_the_hash_of_a_record_is_that_of_its_bytes_alone(pieces: list[bytes]) -> None:
    content = np.frombuffer(b"".join(pieces), np.uint8)
    ends = np.cumsum([len(piece) for piece in pieces])
    found = byte_hashes(content, ends - [len(piece) for piece in pieces], ends, 5)
    alone = [byte_hashes(np.frombuffer(one, np.uint8), np.array([0]), np.array([len(one)]), 5)[0] for one in pieces]
    assert found.tolist() == alone
    assert len(set(alone)) == len(set(pieces))
    assert not (found & (NOTED | TOLD)).any()


def test_words_that_change_places_in_a_record_change_its_hash() -> None:
    a, x, y = b"aaaaaaaa", b"xxxxxxxx", b"yyyyyyyy"
    one, other = (np.frombuffer(b"".join(parts), np.uint8) for parts in ((a, x, a, y, a), (a, y, a, x, a)))
    ends = np.array([40])
    assert byte_hashes(one, ends - 40, ends, 0)[0] != byte_hashes(other, ends - 40, ends, 0)[0]
