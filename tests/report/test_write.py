"""All reports of a run: every library its folder, the centre its two files, whatever codes and workers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dedup import pipeline
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError
from dedup.report.folders import read_index
from dedup.report.write import CENTRE, LIBRARIES, PAGE, write_reports
from dedup.rules import RuleSet
from dedup.stages.context import Context
from tests.report.conftest import PERIOD, Nobody

Make = Callable[..., Context]
NAMES = {"BLU", "LTU", "MYU", "QSU", "WSU", "YHU"}
HOSTILE = {"BLU": "../x", "LTU": "CON", "MYU": "a/b"}


class Counted:
    """Remembers how far the work was."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def advance(self, done: int, total: int) -> None:
        self.seen.append((done, total))


@pytest.fixture
def context(run_engine: DuckEngine, rules: RuleSet, tmp_path: Path) -> Context:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Context(run_engine, rules, Config(), (), scratch, tmp_path / "data", Counted(), 1, PERIOD)


def test_every_library_is_given_its_folder_and_the_centre_its_workbook_and_page(
    context: Context, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tally = write_reports(context, out, "zh")
    assert {path.name for path in out.iterdir()} == {LIBRARIES, CENTRE, PAGE}
    assert {path.name for path in (out / LIBRARIES).iterdir() if path.is_dir()} == NAMES
    for name in NAMES:
        made = {path.name for path in (out / LIBRARIES / name).iterdir()}
        assert {f"重复数据报表_{name}_{PERIOD}.xlsx", PAGE, "corrections.csv", "letter.eml"} <= made
    assert tally.rows_out == len(NAMES) and not any(tally.aside.values())


def test_progress_is_told_library_by_library(context: Context, tmp_path: Path) -> None:
    write_reports(context, tmp_path / "out", "zh")
    seen = context.progress.seen  # type: ignore[attr-defined]
    assert seen == [(number, len(NAMES) + 1) for number in range(1, len(NAMES) + 1)]


def test_codes_that_cannot_name_a_folder_get_one_that_is_safe_and_an_index_that_leads_back(
    context: Context, tmp_path: Path
) -> None:
    engine = context.engine
    renamed = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in HOSTILE.items())
    one = f"CASE x {renamed} ELSE x END"
    engine.sql("record", f"SELECT * REPLACE (list_transform(libraries, lambda x: {one}) AS libraries) FROM record")
    engine.sql(
        "blame",
        f"SELECT * REPLACE ({one.replace(' x ', ' maker ').replace('ELSE x', 'ELSE maker')} AS maker) FROM blame",
    )
    out = tmp_path / "out"
    tally = write_reports(context, out, "zh")
    index = read_index(out / LIBRARIES)
    assert set(HOSTILE.values()) <= set(index.values())
    folders = {path.name for path in (out / LIBRARIES).iterdir() if path.is_dir()}
    assert folders == set(index) and not (tmp_path / "x").exists()
    assert sum(tally.aside.values()) == len(HOSTILE)
    for folder, code in index.items():
        [book] = (out / LIBRARIES / folder).glob("*.xlsx")
        assert str(load_workbook(book, read_only=True)["汇总"]["A1"].value).split(" ")[1] == code


def test_several_workers_write_what_one_writes(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.report.write._FEW", 0)
    write_reports(context, tmp_path / "one", "zh")
    write_reports(dataclasses.replace(context, threads=2), tmp_path / "two", "zh")
    files = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*") if path.is_file()}
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_a_folder_that_cannot_be_written_to_is_told_by_name(context: Context, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / LIBRARIES).mkdir(parents=True)
    (out / LIBRARIES / "QSU").write_text("in the way", encoding="utf-8")
    with pytest.raises(InputError, match="QSU"):
        write_reports(context, out, "zh")


def test_the_tables_of_reports_do_not_stay_in_the_database(context: Context, tmp_path: Path) -> None:
    def names() -> set[str]:
        return set(context.engine.read("SELECT table_name FROM information_schema.tables")["table_name"].to_pylist())

    before = names()
    write_reports(context, tmp_path / "out", "zh")
    assert names() == before


@pytest.fixture
def order(tmp_path: Path) -> pipeline.Order:
    marc = Path(__file__).parent.parent.parent / "fixtures" / "marc" / "BLU.iso"
    return pipeline.Order((marc,), tmp_path / "a.duckdb", tmp_path / "out", PERIOD, Config(), 1)


def writing(text: str) -> Callable[[Context, Path], pipeline.Tally]:
    def write(context: Context, out: Path) -> pipeline.Tally:
        (out / LIBRARIES / "BLU").mkdir(parents=True)
        (out / LIBRARIES / "BLU" / "a.txt").write_text(text, encoding="utf-8")
        return pipeline.Tally(1, 1)

    return write


def test_a_file_that_people_have_changed_is_kept_beside_the_new_one(order: pipeline.Order, rules: RuleSet) -> None:
    file = order.out / LIBRARIES / "BLU" / "a.txt"
    first = pipeline.run(dataclasses.replace(order, reports=writing("first")), rules, Nobody())
    assert file.read_text(encoding="utf-8") == "first" and first["kept"] == []
    again = pipeline.run(dataclasses.replace(order, reports=writing("second")), rules, Nobody())
    assert file.read_text(encoding="utf-8") == "second" and again["kept"] == []
    file.write_text("answered by a library", encoding="utf-8")
    third = pipeline.run(dataclasses.replace(order, reports=writing("third")), rules, Nobody())
    assert file.read_text(encoding="utf-8") == "third" and third["kept"] == [str(order.out / "kept-1")]
    kept = order.out / "kept-1" / LIBRARIES / "BLU" / "a.txt"
    assert kept.read_text(encoding="utf-8") == "answered by a library"


def test_a_run_that_fails_leaves_the_reports_of_the_last_one(order: pipeline.Order, rules: RuleSet) -> None:
    def failing(context: Context, out: Path) -> pipeline.Tally:
        (out / LIBRARIES).mkdir()
        raise InputError("no more space")

    pipeline.run(dataclasses.replace(order, reports=writing("first")), rules, Nobody())
    with pytest.raises(InputError, match="no more space"):
        pipeline.run(dataclasses.replace(order, reports=failing), rules, Nobody())
    assert (order.out / LIBRARIES / "BLU" / "a.txt").read_text(encoding="utf-8") == "first"
    assert not [path for path in order.out.iterdir() if "building" in path.name]


def test_data_files_alone_leave_the_reports_that_are_there(order: pipeline.Order, rules: RuleSet) -> None:
    pipeline.run(dataclasses.replace(order, reports=writing("first")), rules, Nobody())
    pipeline.run(order, rules, Nobody())
    assert (order.out / LIBRARIES / "BLU" / "a.txt").read_text(encoding="utf-8") == "first"
