"""A notebook reads a finished run: what it gets is what the run wrote, and nothing can be changed by it."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import isbnlib
import polars as pl
import pyarrow as pa
import pytest

import dedup
from dedup import pipeline, store
from dedup.config import Config
from dedup.errors import InputError, StoreError
from dedup.model import Verdict
from dedup.rules import load_rules
from dedup.tables import VIEWS
from tests.review.catalogue import Nobody

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over the small catalogue of six libraries."""
    made = tmp_path_factory.mktemp("run")
    order = pipeline.Order((ROOT / "fixtures" / "marc",), made / "c.duckdb", made / "out", "2024-08", Config())
    pipeline.run(order, load_rules(), Nobody())
    return made


@pytest.fixture(scope="module")
def catalogue(place: Path) -> Iterator[Any]:
    with dedup.open(place / "c.duckdb") as opened:
        yield opened


def rows(place: Path, name: str) -> list[dict[str, str]]:
    with (place / "out" / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_text(row: dict[str, Any]) -> dict[str, str]:
    """A row as a CSV file has it."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


def test_to_import_dedup_costs_nothing() -> None:
    heavy = "{'duckdb', 'pyarrow', 'polars', 'numpy', 'click'}"
    code = f"import sys, dedup; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_views_have_the_columns_that_are_written_down_with_a_comment_on_each(catalogue: Any) -> None:
    for name, (schema, means) in VIEWS.items():
        found = catalogue.sql(
            "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = $name ORDER BY column_index",
            name=name,
        ).to_pylist()
        assert [row["column_name"] for row in found] == schema.names
        assert [row["comment"] for row in found] == [field.metadata[b"means"].decode() for field in schema]
        [view] = catalogue.sql("SELECT comment FROM duckdb_views() WHERE view_name = $name", name=name).to_pylist()
        assert view["comment"] == means


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_the_page_about_the_views_describes_every_column(name: str) -> None:
    page = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    section = page.split(f"## `{name}`")[1].split("\n## ")[0]
    for field in VIEWS[name][0]:
        assert f"| `{field.name}` | {field.metadata[b'means'].decode()} |" in section, field.name


def test_findings_groups_and_pairs_are_those_of_the_data_files(catalogue: Any, place: Path) -> None:
    assert [as_text(row) for row in catalogue.findings().to_pylist()] == rows(place, "findings.csv")
    groups = catalogue.groups().to_pylist()
    for row, wanted in zip(groups, rows(place, "groups.csv"), strict=True):
        row["keep"], row["confidence"] = int(row["keep"]), wanted["confidence"]
        told = as_text(row)
        assert {name: told[name] for name in wanted} == wanted
    pairs = catalogue.pairs().to_pylist()
    for row, wanted in zip(pairs, rows(place, "pairs.csv"), strict=True):
        names = ["left", "right", "verdict", "cause", "secondary", "veto"]
        names += [] if row["because_left"] else ["reason"]
        assert {name: as_text(row)[name] for name in names} == {name: wanted[name] for name in names}


def test_a_record_is_told_in_words(catalogue: Any) -> None:
    every = catalogue.records()
    assert every.num_rows == catalogue.run_info().records == len(set(every["record_id"].to_pylist()))
    assert set(every["format"].to_pylist()) <= {"marc21", "cnmarc", "unimarc"}
    assert set(every["level"].to_pylist()) >= {"single", "volume", "set"}
    [one] = catalogue.records(record_id="BLU/b2001").to_pylist()
    assert (one["title"], one["year"], one["isbn"]) == ("追风筝的人", 2006, "978-7-208-06164-4")
    numbers = [isbn for row in every["isbn13"].to_pylist() if row for isbn in row.split(";")]
    assert len(numbers) > 100 and all(isbnlib.is_isbn13(isbn) for isbn in numbers)


def test_conditions_choose_rows_and_one_of_several_values_is_enough(catalogue: Any) -> None:
    assert catalogue.records(isbn13="9787208061644", year=2006).num_rows > 0
    shared = [row for row in catalogue.records().to_pylist() if ";" in (row["library"] or "")]
    library = shared[0]["library"].split(";")[1]
    assert shared[0]["record_id"] in catalogue.records(library=library)["record_id"].to_pylist()
    assert set(catalogue.groups(verdict="repair")["verdict"].to_pylist()) == {"repair"}
    with pytest.raises(InputError, match="did you mean 'year'"):
        catalogue.records(yaer=2006)
    assert catalogue.records(title="'; DROP TABLE record; --").num_rows == 0


def test_queries_of_ones_own_are_bound_and_read_only(catalogue: Any) -> None:
    frame = catalogue.frame("SELECT record_id FROM record_view WHERE year = $year", year=2006)
    assert isinstance(frame, pl.DataFrame) and len(frame) == catalogue.records(year=2006).num_rows
    assert isinstance(catalogue.sql("SELECT 1 AS one"), pa.Table)
    with pytest.raises(Exception, match="read-only"):
        catalogue.sql("DELETE FROM record")


def test_a_pair_is_explained_as_the_run_judged_it(catalogue: Any) -> None:
    pair = catalogue.pairs(verdict="same").to_pylist()[0]
    about = catalogue.explain(pair["left"], pair["right"])
    assert about.verdict is Verdict.SAME and not about.differences and not about.rules_changed


def test_the_run_tells_of_itself(catalogue: Any, place: Path) -> None:
    told = catalogue.run_info()
    assert (told.period, told.version, told.config) == ("2024-08", dedup.__version__, "")
    assert told.rules_sha256 == load_rules().sha256 and told.sources == 6
    assert told.findings == len(rows(place, "findings.csv")) and told.junk == len(rows(place, "junk.csv"))
    assert told.groups["same"] == len(
        {row["group_id"] for row in rows(place, "groups.csv") if row["verdict"] == "same"}
    )


def test_a_database_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="start with `dedup run`"):
        dedup.open(tmp_path / "none.duckdb")


def test_a_reader_does_not_hold_up_a_writer(place: Path) -> None:
    with dedup.open(place / "c.duckdb"), store.locked(place / "c.duckdb"):
        pass
