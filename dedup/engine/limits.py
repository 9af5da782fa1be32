"""What a run may take of the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dedup.errors import InputError, problem

_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([KMGT]?)(i?)B?", re.IGNORECASE)
MEMORY = 800_000_000
"""Bytes DuckDB may hold unless told otherwise."""
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
SMALLEST = 100_000_000
"""Bytes below which DuckDB cannot sort a catalogue of any size, not even by way of the disk."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`threads`: cores to keep busy; `memory`: bytes DuckDB may hold before it uses the disk; `temp`: folder for what
    does not fit (None: beside the database).
    """

    threads: int = 2
    memory: int = MEMORY
    temp: Path | None = None


def read_size(text: str) -> int:
    """Bytes of a size as people write it: 800MB, 2GB, 1.5 GiB. Raises InputError for anything else or too little."""
    found = _SIZE.fullmatch(text.strip())
    wanted = f"a size of at least {SMALLEST // 1_000_000}MB, such as 800MB or 2GB"
    if found is None:
        raise InputError(problem("--memory", repr(text), wanted, "correct it"))
    number, unit, binary = found.groups()
    size = int(float(number) * (1024 if binary else 1000) ** _POWERS[unit.upper()])
    if size < SMALLEST:
        raise InputError(problem("--memory", repr(text), wanted, "give it more"))
    return size
