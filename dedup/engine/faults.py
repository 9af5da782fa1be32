"""What DuckDB says of damaged files, full disks and too little memory, in words a person can act on."""

from __future__ import annotations

import re

from dedup.errors import StoreError, problem

# Its texts, in small letters: what was wanted, and what to do. The first that is found counts.
_FAULTS = (
    (
        ("no space left", "failed to write", "max_temp_directory_size", "disk quota", "file too large"),
        ("space on the disk", "free some, or name another --db, --out or --temp-dir; the last finished run is intact"),
    ),
    (
        ("out of memory", "std::bad_alloc", "failed to allocate", "could not allocate"),
        ("enough memory", "give more with --memory, or --threads 1; the last finished run is intact"),
    ),
    (
        ("corrupt", "not a valid duckdb", "could not read enough bytes", "wal file", "checksum"),
        ("an undamaged database", "make it anew with `dedup run --full`, or put a copy in its place, or move it away"),
    ),
    (
        ("newer version", "older version", "storage version"),
        ("a database of this DuckDB", "use the program that made it, or a new --db"),
    ),
    (("read-only file system", "permission denied"), ("a file to write to", "change that, or name another --db")),
    (("lock on file", "being used by another"), ("a database nobody writes", "wait until the other program is done")),
)
# Where DuckDB names the file that it could not write, which need not be the database.
_FILE = re.compile(r"""file \\?"([^"\\]+)\\?": ([^"{}]+)""")
_OTHER = ("a working DuckDB database", "name another file with --db, or move this one away")


def is_fault(text: str) -> bool:
    """Whether an error tells of the file, the disk or the memory, and not of a mistake in a query."""
    return any(word in text.lower() for words, _ in _FAULTS for word in words)


def worded(path: str, text: str) -> StoreError:
    """An error of DuckDB for people, in one line."""
    lowered = text.lower()
    wanted, remedy = next((said for words, said in _FAULTS if any(word in lowered for word in words)), _OTHER)
    found = text.strip().splitlines()[0]
    if named := _FILE.search(text):
        path, found = named[1], named[2].strip()
    return StoreError(problem(path, found, wanted, remedy))
