"""Named peers for the speed table, each on the same MARC files; one process, one figure.

    python benchmarks/peers.py columns|pymarc|rmarc|plain MARC_FOLDER [--write TABLE.parquet]
    SPLINK_PYTHON benchmarks/peers.py splink TABLE.parquet

* pymarc, rmarc: read every record and take the same columns as the project (rules/fields), nothing else.
* columns: the project's own reader alone, every column of `dedup.tables.RECORD`, one core, rules already loaded.
* plain: what most scripts do: pymarc, then one row after the other in Python: fold the title, reduce the ISBN, take
  year, pages, publisher and first author. `--write` keeps its rows for Splink.
* splink: link and cluster the rows of `plain`: blocking by ISBN, by title, by author and year; trained without labels.

Prints one JSON line: records, seconds (wall, without imports), cpu_seconds, peak_mb, and for splink the clusters.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_ISBN = re.compile(r"[\dXx-]{10,17}")
_YEAR = re.compile(r"(1[5-9]|20)\d\d")
_NUMBER = re.compile(r"\d+")
_NOT_WORD = re.compile(r"[\W_]+")


def _columns() -> dict[bool, dict[str, str]]:
    """Tag to column, for CNMARC (True) and MARC 21 (False), from rules/fields."""
    maps = {}
    for chinese, name in ((True, "cnmarc"), (False, "marc21")):
        table = tomllib.loads((ROOT / "rules" / "fields" / f"{name}.toml").read_text(encoding="utf-8"))
        maps[chinese] = {tag: column for column, tags in table["columns"].items() for tag in tags}
        maps[chinese] |= {tag: column for column in ("control", "updated", "fixed") for tag in table[column]}
    return maps


def records(folder: Path, reader: Callable[..., Any]) -> Iterator[dict[str, str]]:
    """Every record of a folder as columns of field text, by a pymarc-like reader."""
    maps = _columns()
    for path in sorted(folder.iterdir()):
        with path.open("rb") as data:
            for record in reader(data, force_utf8=True, to_unicode=True):
                row: dict[str, str] = {}
                columns = maps[bool(record.get_fields("200")) and not record.get_fields("245")]
                for field in record.fields:
                    column = columns.get(field.tag)
                    if column is None:
                        continue
                    if field.is_control_field():
                        text = field.tag + field.data
                    else:
                        marks = field.tag + field.indicators.first + field.indicators.second
                        text = marks + "".join(f"\x1f{one.code}{one.value}" for one in field.subfields)
                    row[column] = f"{row[column]}\x1e{text}" if column in row else text
                row["source"] = path.stem
                yield row


def _subfield(text: str, code: str) -> str:
    at = text.find("\x1f" + code)
    return re.split("[\x1e\x1f]", text[at + 2 :], maxsplit=1)[0] if at >= 0 else ""


def _core(text: str) -> str:
    found = _ISBN.search(_subfield(text, "a"))
    digits = found[0].replace("-", "") if found else ""
    return digits[3:12] if len(digits) == 13 else digits[:9]


def plain_row(row: dict[str, str]) -> dict[str, str]:
    """The usual normalisation, one row at a time."""
    title, imprint = row.get("title", ""), row.get("imprint", "")
    chinese = title.startswith("200")
    folded = unicodedata.normalize("NFKC", _subfield(title, "a") + " " + _subfield(title, "h" if chinese else "n"))
    year = _YEAR.search(_subfield(imprint, "d" if chinese else "c"))
    pages = _NUMBER.findall(_subfield(row.get("extent", ""), "a"))
    return {
        "unique_id": f"{row['source']}/{row.get('control', '')[3:]}",
        "title": _NOT_WORD.sub(" ", folded.casefold()).strip(),
        "author": _NOT_WORD.sub(" ", _subfield(row.get("name", ""), "a").casefold()).strip(),
        "publisher": _NOT_WORD.sub(" ", _subfield(imprint, "c" if chinese else "b").casefold()).strip(),
        "year": year[0] if year else "",
        "isbn": _core(row.get("isbn", "")),
        "pages": pages[-1] if pages else "",
        "edition": _NOT_WORD.sub(" ", _subfield(row.get("edition", ""), "a").casefold()).strip(),
    }


def _reader(name: str) -> Callable[..., Any]:
    """The reader of a peer, imported before the clock starts."""
    if name == "rmarc":
        from rmarc import MARCReader as Reader
    else:
        from pymarc import MARCReader as Reader
    reader: Callable[..., Any] = Reader
    return reader


def _columnar(folder: Path) -> Callable[[], int]:
    """The project's reader over a folder; loading and warming happen before it is called."""
    import sys

    sys.path.insert(0, str(ROOT))
    from dedup.marc.reader import Options, plan, run_task
    from dedup.rules import load_rules

    rules, files = load_rules(), [(path, path.name) for path in sorted(folder.iterdir())]
    for task in plan(files[:1], Options(), 1 << 20)[:1]:
        list(run_task(task, rules))

    def read() -> int:
        """Read everything once; how many records there were."""
        portions = (portion for task in plan(files, Options()) for portion in run_task(task, rules))
        return sum(portion.records.num_rows for portion in portions)

    return read


def _plain(folder: Path, reader: Callable[..., Any], target: Path | None) -> int:
    rows = [plain_row(row) for row in records(folder, reader)]
    if target:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), target)
    return len(rows)


def _splink(table: Path) -> dict[str, int]:
    """Deduplicate with Splink 5 on DuckDB: blocking, training, prediction, clusters at 0.95."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI()
    empty = ("title", "author", "publisher", "year", "isbn", "pages", "edition")
    columns = ", ".join(f"nullif({name}, '') AS {name}" for name in empty)
    api.duckdb_con.execute(f"CREATE TABLE book AS SELECT unique_id, {columns} FROM read_parquet(?)", [str(table)])
    keys = (("isbn",), ("title", "publisher"), ("title", "year"), ("author", "year", "pages"))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("title", [0.95, 0.85]),
            cl.JaroWinklerAtThresholds("author", [0.9]),
            cl.JaroWinklerAtThresholds("publisher", [0.9]),
            *(cl.ExactMatch(name) for name in ("year", "isbn", "pages", "edition")),
        ],
        blocking_rules_to_generate_predictions=[block_on(*names) for names in keys],
    )
    linker = Linker(api.register("book"), settings, log_level=40)
    linker.training.estimate_probability_two_random_records_match([block_on("isbn", "title")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("isbn"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("title", "publisher"))
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.95)
    count = api.duckdb_con.execute("SELECT count(*) FROM book").fetchall()[0][0]
    found = api.duckdb_con.execute(f"SELECT count(DISTINCT cluster_id) FROM {clusters.physical_name}").fetchall()[0][0]
    return {"records": count, "clusters": found}


def main() -> None:
    """Run one peer and print its figure."""
    options = argparse.ArgumentParser(description="Run one named peer.")
    options.add_argument("peer", choices=("columns", "pymarc", "rmarc", "plain", "splink"))
    options.add_argument("data", type=Path)
    options.add_argument("--write", type=Path)
    given = options.parse_args()
    reader = _reader(given.peer) if given.peer not in ("splink", "columns") else None
    columnar = _columnar(given.data) if given.peer == "columns" else None
    wall, cpu = time.perf_counter(), time.process_time()
    if columnar is not None:
        told = {"records": columnar()}
    elif reader is None:
        told = _splink(given.data)
    elif given.peer == "plain":
        told = {"records": _plain(given.data, reader, given.write)}
    else:
        told = {"records": sum(1 for _ in records(given.data, reader))}
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peer": given.peer, **told, "seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
