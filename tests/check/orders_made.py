"""Order lists made for tests: cells as people type them, written as text or as real workbooks."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from openpyxl import Workbook

from dedup.check.orders import Answer, OrderReport, check_orders
from dedup.rules import load_rules

ROOT = Path(__file__).parent.parent.parent
HEADS = ("ISBN", "题名", "责任者", "出版社", "出版年", "版次", "卷册", "装帧", "载体")
Cell = str | int | float | None


@cache
def catalogue() -> Path:
    """A database made of `fixtures/marc`, once for all tests."""
    place = Path(mkdtemp(prefix="dedup-orders-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    command = [sys.executable, str(ROOT / "cli.py"), "run", str(ROOT / "fixtures" / "marc"), "--no-reports"]
    command += ["--db", str(place / "c.duckdb"), "--out", str(place / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return place / "c.duckdb"


def workbook(path: Path, *sheets: tuple[str, Iterable[Sequence[Cell]]]) -> Path:
    """A workbook with these sheets, each with its name and rows."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def text(path: Path, rows: Iterable[Sequence[Cell]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """A text file with these rows; no cell is quoted."""
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def asked(path: Path) -> OrderReport:
    """The list held against the small catalogue."""
    return check_orders(path, catalogue(), load_rules(), 1)


def told(folder: Path, **cells: str) -> Answer:
    """The answer to one line, its cells by the names of HEADS."""
    row = [cells.get(head, "") for head in HEADS]
    path = text(folder / "one.txt", [HEADS, row], delimiter="\t")
    return asked(path).answers[0]
