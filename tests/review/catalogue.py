"""A small union catalogue whose months a test can write, and the workbooks that its libraries are sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl

from dedup import pipeline, store
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.report import gather
from dedup.report.keys import unseal
from dedup.report.workbook import write_workbook
from dedup.rules import RuleSet
from dedup.stages.context import Progress, Tally
from fixtures.line_text import iso2709, read_lines
from tests.conftest import Quiet

_TITLES = {
    1: ("围城", "钱钟书", "人民文学出版社", "978-7-02-002475-9", 1991, 359),
    2: ("三体", "刘慈欣", "重庆出版社", "978-7-5366-9293-0", 2008, 302),
    3: ("活着", "余华", "作家出版社", "978-7-5063-6543-7", 2012, 191),
    4: ("边城", "沈从文", "北岳文艺出版社", "978-7-5378-2366-1", 2002, 210),
    5: ("茶馆", "老舍", "南海出版公司", "978-7-5442-4632-3", 2010, 150),
}
JUNK = "99"


class Nobody:
    """Follows no run."""

    def stage(self, name: str) -> Progress:
        return Quiet()

    def done(self, name: str, tally: Tally, seconds: float) -> None:
        """Look away."""

    def note(self, text: str) -> None:
        """Look away."""


def book(number: int, library: str, copy: int = 0, **changed: Any) -> list[str]:
    """A record of one of the five books as line text; `changed` may name title, year, pages, note."""
    title, author, house, isbn, year, pages = _TITLES[number]
    title, year, pages = changed.get("title", title), changed.get("year", year), changed.get("pages", pages)
    note = [f"300   $a{changed['note']}"] if "note" in changed else []
    return [
        "LDR nam0",
        f"001 {number + 10 * copy}",
        f"010   $a{isbn}$dCNY20.00",
        f"100   $a2013010{number}d{year}",
        "101 0 $achi",
        f"200 1 $a{title}$f{author}著",
        f"210   $a北京$c{house}$d{year}",
        f"215   $a{pages}页$d21cm",
        *note,
        f"701  0$a{author}$4著",
        f"999   $aI247.5/{number}$i{library}{number:04}{copy}$m{library}$u3/{number}/2013",
    ]


def junk(library: str) -> list[str]:
    """A record without a title that holds an item."""
    return [f"001 {JUNK}", "200 1 $a**REQUIRED FIELD**", f"999   $aTP/1$i{library}9999$m{library}$u3/1/2013"]


def month(folder: Path, libraries: Mapping[str, list[list[str]]]) -> Path:
    """Write one file for each library; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for library, records in libraries.items():
        made = [iso2709(read_lines(lines, "50")) for lines in records]
        (folder / f"{library}.iso").write_bytes(b"".join(made))
    return folder


def whole() -> dict[str, list[list[str]]]:
    """Two libraries that catalogued the same five books, each in a record of its own; one has a record of junk."""
    return {
        "NKU": [book(number, "NKU") for number in _TITLES],
        "TJU": [*(book(number, "TJU") for number in _TITLES), junk("TJU")],
    }


def run(place: Path, folder: Path, period: str, rules: RuleSet) -> dict[str, Any]:
    """A run into `place/c.duckdb` and `place/PERIOD`; returns the summary."""
    order = pipeline.Order((folder,), place / "c.duckdb", place / period, period, Config())
    return pipeline.run(order, rules, Nobody())


@contextmanager
def opened(place: Path) -> Iterator[DuckEngine]:
    """The database of the runs, to read."""
    engine = store.opened(place / "c.duckdb")
    try:
        yield engine
    finally:
        engine.close()


def rows(place: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    with opened(place) as engine:
        return list(engine.read(query).to_pylist())


def groups(place: Path) -> dict[str, frozenset[str]]:
    """The groups of duplicates: group id -> record ids."""
    query = "SELECT m.group_id, r.record_id FROM member m JOIN record r ON r.rid = m.rid WHERE m.verdict = 'same'"
    found: dict[str, set[str]] = {}
    for row in rows(place, query):
        found.setdefault(row["group_id"], set()).add(row["record_id"])
    return {group: frozenset(names) for group, names in found.items()}


def workbooks(place: Path, period: str, rules: RuleSet, lang: str = "zh") -> dict[str, Path]:
    """The workbook that every library is sent after a run."""
    copy = place / "for-books.duckdb"
    shutil.copy(place / "c.duckdb", copy)
    engine, made = DuckEngine(copy), {}
    try:
        for package in gather.packages(engine, rules):
            made[package.library] = place / f"{package.library}-{period}.xlsx"
            write_workbook(package, made[package.library], rules, period, lang)
    finally:
        engine.close()
        copy.unlink()
    return made


def answer(path: Path, answers: Mapping[str, tuple[str, ...]], saved_by: str = "") -> Path:
    """Answer rows as a person does: record id -> (answer, day, note), in whatever action sheet the record stands."""
    wb = openpyxl.load_workbook(path)
    left = set(answers)
    for sheet in wb.worksheets:
        heads = {str(cell.value).split("\n")[0]: cell.column for cell in sheet[1]}
        places = [heads.get(zh, heads.get(en)) for zh, en in _ANSWER_HEADS]
        if None in places or sheet.title in ("已确认非重复", "上月未处理"):
            continue
        for row in range(2, sheet.max_row + 1):
            seal = unseal(str(sheet.cell(row, places[-1]).value))
            if seal is not None and seal.record in answers:
                left.discard(seal.record)
                for column, text in zip(places, answers[seal.record], strict=False):
                    sheet.cell(row, column, text or None)
    assert not left, f"no row of {sorted(left)}"
    wb.properties.lastModifiedBy = saved_by or None
    wb.save(path)
    return path


_ANSWER_HEADS = (("处理结果", "Result"), ("完成日期", "Date done"), ("备注", "Note"), ("行标识", "key"))
