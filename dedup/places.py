"""Where a run reads and writes: places that would come into each other's way are refused before anything is touched."""

from __future__ import annotations

from pathlib import Path

from dedup.errors import InputError, problem

REPLACED = ("data", "libraries", "centre.xlsx", "index.html")
"""What a run puts in the place of what stood in its folder of results."""


def check_places(inputs: tuple[Path, ...], database: Path, out: Path, temp: Path | None) -> None:
    """Raise InputError for a folder that is a file and the like, or a place inside another that must stand apart."""
    if out.exists() and not out.is_dir():
        raise InputError(problem(f"--out {out}", "a file", "a folder", "name another --out"))
    if database.is_dir():
        raise InputError(problem(f"--db {database}", "a folder", "a DuckDB file to make", "name a file in it"))
    if temp is not None and temp.exists() and not temp.is_dir():
        raise InputError(problem(f"--temp-dir {temp}", "a file", "a folder", "name another --temp-dir"))
    written = {"--db": database, "--out": out} | ({} if temp is None else {"--temp-dir": temp})
    for given in inputs:
        _apart_from(given, written)
        _not_replaced(f"INPUT {given}", given, out)
    _not_replaced(f"--db {database}", database, out)


def _apart_from(given: Path, written: dict[str, Path]) -> None:
    """What a run writes into its own input would be read as records by the next one."""
    whole = given.resolve()
    for option, place in written.items():
        if place.resolve().is_relative_to(whole):
            found = f"it inside the input {given}" if given.is_dir() else "the input itself"
            raise InputError(
                problem(f"{option} {place}", found, "a place apart from all input", f"name another {option}")
            )


def _not_replaced(name: str, place: Path, out: Path) -> None:
    whole, results = place.resolve(), out.resolve()
    for part in REPLACED:
        if whole.is_relative_to(results / part):
            found = f"it inside {out / part}, which the run replaces"
            raise InputError(problem(name, found, "a place that stays", "move it, or name another --out"))
