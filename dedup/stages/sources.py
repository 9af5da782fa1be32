"""Which files come in, and which source each belongs to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from dedup.config import CONFIG_NAME, Config
from dedup.errors import InputError, problem

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""Endings of a packed file, left out of a source's name: `NKU.mrc.gz` is source NKU."""


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """One input file: `source` code, `name` below the source with /, and what `dedup.toml` says of it."""

    source: str
    name: str
    path: Path
    library: str = ""
    format: str = ""
    encoding: str = ""
    holdings: str = ""


class Known(Protocol):
    """A file of the last run: its place in the catalogue, and where it was. `partial`: its source came in parts."""

    @property
    def source(self) -> str:
        """Code of the source."""
        ...

    @property
    def file(self) -> str:
        """Its name below the source."""
        ...

    @property
    def path(self) -> Path:
        """Where it was."""
        ...

    @property
    def partial(self) -> bool:
        """Whether its source came in parts."""
        ...


def find_sources(inputs: tuple[Path, ...], config: Config) -> list[SourceFile]:
    """All input files in canonical order (source, name), whatever the order they were given in.

    A file is a source named by its stem; a folder's files are a source each, and each of its sub-folders is one
    source named by the folder. Hidden files and `dedup.toml` are no input. Raises InputError for a missing or
    empty input, and when two different files would get the same place in one source.
    """
    found: dict[tuple[str, str], SourceFile] = {}
    for given in inputs:
        files = list(_files(given))
        if not files:
            raise InputError(problem(str(given), "no file in it", "MARC files", "check the folder's name"))
        for code, name, path in files:
            entry = _with_settings(code, name, path, config)
            known = found.setdefault((entry.source, entry.name), entry)
            if known.path != entry.path:
                both = f"{known.path} and {entry.path} both as {entry.name!r} of source {entry.source!r}"
                remedy = f"give one of them another code in {CONFIG_NAME}"
                raise InputError(problem("input", both, "one file for each name in a source", remedy))
    return [found[key] for key in sorted(found)]


def _files(given: Path) -> Iterator[tuple[str, str, Path]]:
    """(source, name below the source, absolute path) of every file of one input."""
    if not given.exists():
        raise InputError(problem(str(given), "no such file or folder", "MARC files", "check the name"))
    root = given.resolve()
    if not root.is_dir():
        yield _stem(root), shown_name(root.name), root
        return
    for entry in sorted(root.iterdir()):
        if entry.name.startswith(".") or entry.name == CONFIG_NAME:
            continue
        if entry.is_dir():
            for path in _below(entry):
                yield shown_name(entry.name), shown_name(path.relative_to(entry).as_posix()), path
        else:
            yield _stem(entry), shown_name(entry.name), entry


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name != CONFIG_NAME:
                yield Path(parent) / name


def _stem(path: Path) -> str:
    named = path.with_suffix("") if path.suffix.lower() in PACKED and path.with_suffix("").suffix else path
    return shown_name(named.stem)


def shown_name(name: str | Path) -> str:
    """A file name or path as valid Unicode: bytes that are none are shown as hexadecimal."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _with_settings(code: str, name: str, path: Path, config: Config) -> SourceFile:
    said = config.of(path)
    if said is None:
        return SourceFile(code, name, path)
    return SourceFile(said.code or code, name, path, said.library, said.format, said.encoding, said.holdings)


def remembered(
    inputs: tuple[Path, ...], config: Config, loaded: Sequence[Known], partial: bool
) -> tuple[SourceFile, ...]:
    """The files of sources that the last run knew and the inputs do not name, where everything must be read again.

    Raises InputError when what those sources hold cannot be read from their files any more, or when `partial` inputs
    would meet nothing that they could add to.
    """
    if not loaded:
        return ()
    files = find_sources(inputs, config)
    named, read = {file.source for file in files}, {file.path for file in files}
    left = [one for one in loaded if one.source not in named and one.path not in read]
    lost = [one for one in left if one.partial or not one.path.is_file()]
    if partial or lost:
        sources = sorted({one.source for one in (lost or loaded)})
        found = f"everything must be read again, and of {', '.join(sources)} there is no whole export among the inputs"
        wanted, remedy = "the whole export of every source", "name them all, without --partial; or start anew by --full"
        raise InputError(problem("input", found, wanted, remedy))
    return tuple(
        replace(_with_settings(one.source, one.file, one.path, config), source=one.source, name=one.file)
        for one in left
    )
