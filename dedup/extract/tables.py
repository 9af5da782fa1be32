"""The views of a run as Parquet or CSV files, each written aside and put in place as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.engine.base import Engine
from dedup.errors import InputError, problem
from dedup.extract.choice import Choice, check


class Form(StrEnum):
    """How a table is written."""

    PARQUET = "parquet"
    CSV = "csv"


def write_tables(engine: Engine, choices: Sequence[Choice], form: Form, out: Path) -> list[tuple[Path, int]]:
    """Write one file for each choice: into folder `out`, or as file `out` when that has the form's suffix.

    The same run gives the same rows in the same order; CSV is UTF-8 with LF and a head. Returns files with their rows.
    Raises InputError when the place cannot be written to, or is one file for several tables.
    """
    alone = out.suffix == f".{form}"
    if alone and len(choices) > 1:
        wanted = "a folder for several tables"
        raise InputError(problem(str(out), "one file", wanted, "name a folder, or choose one table with --what"))
    written = []
    for choice in choices:
        check(engine, choice)
        path = out if alone else out / f"{choice.what}.{form}"
        with aside(path) as part:
            if form is Form.CSV:
                rows = engine.export(choice.rows, part, choice.parameters)
            else:
                rows = _parquet(engine, choice, part)
        written.append((path, rows))
    return written


def _parquet(engine: Engine, choice: Choice, path: Path) -> int:
    reader = engine.batches(choice.rows, choice.parameters)
    rows = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]))
            rows += batch.num_rows
    return rows


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A place beside `path` that becomes it when the block ends well, and is gone when it does not.

    Raises InputError when it cannot be written to.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        yield part
        part.replace(path)
    except OSError as error:
        raise InputError(problem(str(path), str(error), "a place to write to", "name another --out")) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
