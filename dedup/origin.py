"""Where a setting stands in a TOML file: the line of each key, which `tomllib` does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def lines_of(path: Path) -> dict[str, int]:
    """The line of each key of a sound TOML file, by its dotted name: `check.severity.Q04`, `allow[2].record`.

    A table is named, too; tables of a list are counted from 1. Raises OSError when the file cannot be read.
    """
    found: dict[str, int] = {}
    table, counts = "", dict[str, int]()
    for number, statement in _statements(path.read_text(encoding="utf-8").splitlines()):
        said = tomllib.loads(statement)
        if not statement.lstrip().startswith("["):
            for name in _names(said):
                found.setdefault(f"{table}.{name}" if table else name, number)
            continue
        table = _header(said, counts)
        found.setdefault(table, number)
    return found


def _statements(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Each table head and each key with its value, however many lines it takes, with the number of its first line."""
    begun, held = 0, ""
    for number, line in enumerate(lines, 1):
        if not held and not line.split("#", 1)[0].strip():
            continue
        begun, held = begun or number, f"{held}{line}\n"
        try:
            tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue
        yield begun, held
        begun, held = 0, ""


def _header(said: Mapping[str, Any], counts: dict[str, int]) -> str:
    """The name of a table from its head alone; `counts` remembers the tables of each list."""
    name, inside = "", said
    while inside:
        key, value = next(iter(inside.items()))
        name = f"{name}.{key}" if name else key
        if isinstance(value, list):
            counts[name] = counts.get(name, 0) + 1
            return f"{name}[{counts[name]}]"
        if name in counts:
            name = f"{name}[{counts[name]}]"
        inside = value
    return name


def _names(said: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The dotted names of a statement: the key itself, and the keys of tables written in one line."""
    for key, value in said.items():
        yield f"{before}{key}"
        if isinstance(value, Mapping):
            yield from _names(value, f"{before}{key}.")
