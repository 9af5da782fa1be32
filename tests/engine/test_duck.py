from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from dedup.engine.base import BATCH_ROWS
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError, StoreError
from dedup.tables.shape import Packing, packed, schema

ROWS = pa.schema([("shelf", pa.int64()), ("title", pa.string())])
ROWS_EXPLAINED = schema(("shelf", pa.int64(), "where it stands"), ("title", pa.string(), "its title"))


def rows(*pairs: tuple[int, str]) -> list[pa.RecordBatch]:
    return [pa.RecordBatch.from_pylist([{"shelf": shelf, "title": title} for shelf, title in pairs], ROWS)]


def test_what_is_written_is_read_back_in_its_order(engine: DuckEngine) -> None:
    assert engine.write("book", ROWS, rows((2, "红楼梦"), (1, "étude"))) == 2
    assert engine.read("SELECT title FROM book")["title"].to_pylist() == ["红楼梦", "étude"]


def test_a_query_takes_bound_values_only_as_values(engine: DuckEngine) -> None:
    engine.write("book", ROWS, rows((1, "x' OR 1=1"), (2, "y")))
    assert engine.sql("found", "SELECT * FROM book WHERE title = $title", {"title": "x' OR 1=1"}) == 1


def test_a_function_over_batches_keeps_their_order_whatever_the_threads(engine: DuckEngine) -> None:
    engine.sql("number", f"SELECT i AS shelf, i::VARCHAR AS title FROM range({3 * BATCH_ROWS + 7}) g(i)")
    seen = engine.map_batches("SELECT * FROM number ORDER BY shelf", "copied", lambda batch: batch, ROWS)
    assert seen == 3 * BATCH_ROWS + 7
    broken = "SELECT count(*) AS n FROM (SELECT shelf - lag(shelf) OVER () AS step FROM copied) WHERE step <> 1"
    assert engine.read(broken)["n"][0].as_py() == 0


def test_a_group_is_never_torn_between_two_batches(engine: DuckEngine) -> None:
    engine.sql("number", f"SELECT i // 50000 AS shelf, i::VARCHAR AS title FROM range({2 * BATCH_ROWS}) g(i)")
    counted = pa.schema([("shelf", pa.int64()), ("n", pa.int64())])

    def count(batch: pa.RecordBatch) -> pa.RecordBatch:
        table = pa.Table.from_batches([batch]).group_by("shelf").aggregate([("title", "count")])
        return pa.RecordBatch.from_arrays(
            [table["shelf"].combine_chunks(), table["title_count"].combine_chunks()], schema=counted
        )

    engine.map_groups("SELECT * FROM number", "counted", ["shelf", "title"], count, counted)
    sizes = engine.read("SELECT shelf, n FROM counted ORDER BY shelf")["n"].to_pylist()
    assert sizes == [50_000] * 4 + [2 * BATCH_ROWS - 200_000]


def test_csv_is_utf8_with_line_feeds_and_quotes_only_where_needed(engine: DuckEngine, tmp_path: Path) -> None:
    engine.write("book", ROWS, rows((1, 'says "yes", twice'), (2, "三体")))
    assert engine.export("SELECT * FROM book ORDER BY shelf", tmp_path / "book.csv") == 2
    assert (tmp_path / "book.csv").read_bytes() == 'shelf,title\n1,"says ""yes"", twice"\n2,三体\n'.encode()


@pytest.mark.parametrize("columns", [ROWS, packed(ROWS_EXPLAINED, "zstd", "title")])
def test_an_error_of_the_maker_of_batches_comes_through_as_it_is_and_the_table_stays(
    engine: DuckEngine, columns: pa.Schema
) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield from rows((1, "a"))
        raise InputError("the file vanished")

    engine.write("book", columns, rows((7, "as it was")))
    with pytest.raises(InputError, match="vanished"):
        engine.write("book", columns, failing())
    assert engine.read("FROM book")["title"].to_pylist() == ["as it was"]
    assert engine.write("book", columns, rows((8, "anew"))) == 1


@pytest.mark.parametrize(("packing", "stored"), [("zstd", "ZSTD"), ("uncompressed", "Uncompressed")])
def test_a_column_is_packed_as_its_schema_wishes(tmp_path: Path, packing: Packing, stored: str) -> None:
    file = DuckEngine(tmp_path / "x.duckdb", 1)
    texts = [(number, f"{number % 7} {'红楼梦' * 9}") for number in range(5_000)]
    file.write("book", packed(ROWS_EXPLAINED, packing, "title"), rows(*texts))
    file.settle()
    assert [tuple(row.values()) for row in file.read("FROM book").to_pylist()] == texts
    told = file.read("SELECT DISTINCT compression FROM pragma_storage_info('book') WHERE segment_type = 'VARCHAR'")
    assert told["compression"].to_pylist() == [stored]
    file.close()


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="wanted a working DuckDB database"):
        DuckEngine(tmp_path / "none" / "x.duckdb")


def test_rows_leave_a_table_and_others_come_whatever_the_order_of_their_columns(engine: DuckEngine) -> None:
    engine.write("book", ROWS, rows((1, "a"), (2, "b"), (3, "c")))
    assert engine.delete("book", "shelf >= $least", {"least": 2}) == 2
    assert engine.append("book", "SELECT 'd' AS title, 4 AS shelf") == 1
    assert engine.read("FROM book ORDER BY shelf").to_pylist() == [
        {"shelf": 1, "title": "a"},
        {"shelf": 4, "title": "d"},
    ]


def test_tables_beside_are_of_their_own_and_can_be_read_until_they_are_forgotten(engine: DuckEngine) -> None:
    engine.write("book", ROWS, rows((1, "a"), (2, "b")))
    beside = engine.aside("part")
    engine.sql("part.book", "SELECT * FROM book WHERE shelf = 1")
    assert beside.read("FROM book")["title"].to_pylist() == ["a"]
    assert beside.map_batches("FROM book", "copied", lambda batch: batch, ROWS) == 1
    assert beside.has("copied") and not engine.has("copied")
    assert engine.aside("part").has("copied") and engine.count("book") == 2
    engine.forget("part")
    assert not engine.aside("part").has("book")


def stored(engine: DuckEngine) -> int:
    """Rows of table `book` in the file, deleted ones among them."""
    return int(engine.read("SELECT estimated_size AS n FROM duckdb_tables() WHERE table_name = 'book'")["n"][0].as_py())


@pytest.mark.parametrize(("kept", "packed"), [(99, False), (50, True)])
def test_a_table_is_packed_when_much_of_it_was_deleted(tmp_path: Path, kept: int, packed: bool) -> None:
    engine = DuckEngine(tmp_path / "catalogue.duckdb")
    rows = 4 * BATCH_ROWS
    engine.sql("book", f"SELECT i AS shelf, i::VARCHAR AS title FROM range({rows}) g(i)")
    engine.settle()
    gone = engine.delete("book", f"shelf % 100 >= {kept}")
    engine.settle()
    assert engine.count("book") == rows - gone
    assert (stored(engine) < rows) == packed
    engine.close()


@pytest.mark.parametrize("name", ["catalogue.duckdb", "书目 'a' \"b\", c.d.duckdb", "part.duckdb"])
def test_a_table_that_passes_is_found_by_its_name_and_never_comes_into_the_file(tmp_path: Path, name: str) -> None:
    engine = DuckEngine(tmp_path / name)
    engine.sql("book", "SELECT 1 AS shelf")
    assert engine.passing("found", "SELECT shelf + 1 AS shelf FROM book") == 1
    assert engine.sql("kept", "SELECT f.shelf FROM found f JOIN book b ON f.shelf > b.shelf") == 1
    assert engine.passing("found", "SELECT * FROM kept UNION ALL SELECT * FROM book") == 2
    engine.drop("found", "book")
    engine.settle()
    engine.close()
    again = DuckEngine(tmp_path / name, read_only=True)
    assert again.read("SELECT table_name FROM duckdb_tables()")["table_name"].to_pylist() == ["kept"]
    again.close()
