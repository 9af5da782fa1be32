"""How soon `dedup check` answers: one record, ten thousand records, an order list, against a catalogue of any size.

Usage: python benchmarks/checking.py [--records 1000000] [--new 10000] [--lines 1000] [--rounds 3] [--threads 2]
                                     [--results DIR] [--work DIR] [--keep DIR]

The catalogue is made, and loaded by `dedup run`, which is not measured. Half of the new records are copies of records
of the catalogue, half are others made the same way; the order list is made of them. Every figure is that of a whole
process, from its start to its end, imports included; medians of interleaved rounds, the first thrown away. The plain
peer reads the new records with pymarc and looks their ISBNs up with DuckDB in a table that holds nothing else: what a
script would do, without a judgement. `--keep` leaves the catalogue there, and finds it there the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pymarc
import xlsxwriter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.made.part import Plan  # noqa: E402
from benchmarks.make_records import libraries, make_catalogue  # noqa: E402
from benchmarks.speed import Figure, median_of, run_command  # noqa: E402

_CLI = [sys.executable, str(ROOT / "cli.py")]
_FOUND = (0, 1)
_END = b"\x1d"
_HEADS = ("ISBN", "题名", "责任者", "出版社", "出版年")
_PEER = "peer"


@dataclass(frozen=True, slots=True)
class Things:
    """What is checked against what."""

    database: Path
    numbers: Path
    one: Path
    many: Path
    orders: Path


def prepare(records: int, new: int, lines: int, work: Path, threads: int) -> Things:
    """Make whatever is not there yet."""
    things = Things(*(work / name for name in ("c.duckdb", "isbn.duckdb", "one.mrc", "many.mrc", "orders.xlsx")))
    if not things.database.exists():
        make_catalogue(Plan(1, records, libraries(6, "utf-8")), work / "made", os.cpu_count() or 1)
        options = ["--db", str(things.database), "--out", str(work / "out"), "--no-reports", "--threads", str(threads)]
        run_command([*_CLI, "run", str(work / "made" / "marc"), *options])
    if not things.many.exists():
        others = replace(Plan(2, new - new // 2, libraries(6, "utf-8")), libraries=_renamed())
        make_catalogue(others, work / "others", os.cpu_count() or 1)
        held = list(_some(work / "made" / "marc", new // 2, records))
        fresh = [one for path in sorted((work / "others" / "marc").iterdir()) for one in _records(path)]
        things.many.write_bytes(b"".join([*held, *fresh]))
        things.one.write_bytes(fresh[0])
        _write_orders(things.orders, [*held[: lines // 2], *fresh[: lines - lines // 2]])
    if not things.numbers.exists():
        with duckdb.connect(str(things.numbers)) as connection:
            connection.execute(f"ATTACH '{things.database}' AS c (READ_ONLY)")
            unnested = "SELECT record_id, unnest(isbn || isbn_weak || isbn_set || isbn_part) AS core FROM c.record"
            connection.execute(f"CREATE TABLE number AS {unnested} ORDER BY core")
    return things


def _renamed() -> tuple[Any, ...]:
    return tuple(replace(one, code=f"N{one.code}") for one in libraries(6, "utf-8"))


def _records(path: Path) -> Iterator[bytes]:
    """The records of an ISO 2709 file, each with its end."""
    yield from (one + _END for one in path.read_bytes().split(_END) if one.strip())


def _some(folder: Path, count: int, records: int) -> Iterator[bytes]:
    """`count` records, evenly out of all files."""
    step, at = max(records // max(count, 1), 1), 0
    for path in sorted(folder.iterdir()):
        for one in _records(path):
            if at % step == 0 and at // step < count:
                yield one
            at += 1


def _field(record: pymarc.Record, *places: str) -> str:
    """The first value of `tag code` places."""
    for place in places:
        for field in record.get_fields(place[:3]):
            if found := field.get_subfields(*place[3:]):
                return str(found[0]).strip(" /:,;.")
    return ""


def _write_orders(path: Path, found: list[bytes]) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, _HEADS)
    for at, content in enumerate(found, 1):
        record = next(iter(pymarc.MARCReader(content, to_unicode=True, force_utf8=True)))
        author = _field(record, "200f") or _field(record, "100a")
        cells = (_field(record, "010a", "020a").split(" ")[0], _field(record, "200a", "245a"), author)
        cells += (_field(record, "210c", "260b", "264b"), _field(record, "210d", "260c", "264c"))
        for place, cell in enumerate(cells):
            sheet.write_string(at, place, cell)
    book.close()


def peer(new: Path, numbers: Path) -> int:
    """Read with pymarc, look up with DuckDB: how many of the new records share an ISBN with the catalogue."""
    rows: list[tuple[int, int]] = []
    with new.open("rb") as file:
        for at, record in enumerate(pymarc.MARCReader(file, to_unicode=True, force_utf8=True)):
            if record is None:
                continue
            for field in record.get_fields("010", "020"):
                for value in field.get_subfields("a"):
                    digits = "".join(sign for sign in value.split(" ")[0] if sign.isalnum())
                    core = digits[3:12] if len(digits) == 13 else digits[:9]
                    if len(digits) in (10, 13) and core.isdigit():
                        rows.append((at, int(core)))
    table = pa.table({"at": [at for at, _ in rows], "core": [core for _, core in rows]})
    with duckdb.connect(str(numbers), read_only=True) as connection:
        connection.register("wanted", table)
        query = "SELECT count(DISTINCT w.at) FROM wanted w JOIN number n ON n.core = w.core"
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def commands(things: Things, threads: int) -> dict[str, list[str]]:
    """What is measured, by name."""
    check = [*_CLI, "--threads", str(threads), "check", "--db", str(things.database), "--format", "json"]
    alone = [sys.executable, str(Path(__file__)), _PEER]
    return {
        "check one record": [*check, str(things.one)],
        "plain peer, one record": [*alone, str(things.one), str(things.numbers)],
        "check new records": [*check, str(things.many)],
        "plain peer, new records": [*alone, str(things.many), str(things.numbers)],
        "check order list": [*check, "--orders", str(things.orders)],
        "python -c pass": [sys.executable, "-c", "pass"],
    }


def measure(things: Things, rounds: int, threads: int) -> dict[str, Any]:
    """Medians by name, with the quickest and the slowest round."""
    asked = commands(things, threads)
    figures: dict[str, list[Figure]] = {name: [] for name in asked}
    for number in range(rounds + 1):
        for name, command in asked.items():
            figure, _ = run_command(command, _FOUND)
            if number:
                figures[name].append(figure)
    told: dict[str, Any] = {}
    for name, some in figures.items():
        seconds = [one.seconds for one in some]
        spread = {"least": min(seconds), "most": max(seconds), "rounds": len(seconds)}
        told[name] = {key: value for key, value in asdict(median_of(some)).items() if key != "stages"} | spread
    return told


def main() -> None:
    """Prepare, measure, write the figures, print them."""
    options = argparse.ArgumentParser(description="Speed of `dedup check`.")
    options.add_argument("--records", type=int, default=1_000_000)
    options.add_argument("--new", type=int, default=10_000)
    options.add_argument("--lines", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    options.add_argument("--work", type=Path, help="where a catalogue is put that is not kept")
    options.add_argument("--keep", type=Path, help="folder of the catalogue, made if it is empty")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.work) as temporary:
        work = given.keep or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        things = prepare(given.records, given.new, given.lines, work, given.threads)
        figures = measure(things, given.rounds, given.threads)
    machine = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
    # Other work on the machine makes wall time longer than it is: the load tells by how much.
    machine["load"] = round(os.getloadavg()[0], 1)
    told = {"machine": machine, "python": platform.python_version(), "threads": given.threads}
    told |= {"records": given.records, "new": given.new, "lines": given.lines, "figures": figures}
    given.results.mkdir(parents=True, exist_ok=True)
    (given.results / "checking.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{'':28s}{'seconds':>9s}{'least':>9s}{'CPU s':>9s}{'peak MB':>9s}")
    for name, row in figures.items():
        cost = f"{row['seconds']:9.2f}{row['least']:9.2f}{row['cpu_seconds']:9.2f}{row['peak_mb']:9.0f}"
        print(f"{name:28s}{cost}")


if __name__ == "__main__":
    if sys.argv[1:2] == [_PEER]:
        print(peer(Path(sys.argv[2]), Path(sys.argv[3])))
    else:
        main()
