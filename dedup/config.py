"""`dedup.toml`: what a centre says about its sources, read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dedup.errors import InputError, problem

CONFIG_NAME = "dedup.toml"
_CODE = re.compile(r"[^\W_][\w.@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """One `[[source]]`: which files it speaks of and what is known about them; '' = read it from the bytes.

    `path` is absolute and may hold `*`; `library` is the member library of records without holdings;
    `holdings` names a preset of `rules/holdings.toml`.
    """

    path: Path
    code: str = ""
    library: str = ""
    format: str = ""
    encoding: str = ""
    holdings: str = ""

    def covers(self, file: Path) -> bool:
        """Whether a file is the one named, lies below the folder named, or matches the pattern."""
        if file == self.path or self.path in file.parents:
            return True
        return "*" in str(self.path) and file.match(str(self.path))


@dataclass(frozen=True, slots=True)
class Config:
    """All of one `dedup.toml`; an empty one when there is no file."""

    sources: tuple[SourceSetting, ...] = ()

    def of(self, file: Path) -> SourceSetting | None:
        """The first `[[source]]` that speaks of a file."""
        return next((source for source in self.sources if source.covers(file)), None)


def read_config(path: Path) -> Config:
    """Read and check one configuration file. Raises InputError naming file, place and remedy."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            problem(str(path), error.strerror or str(error), "a readable file", "check the name")
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(problem(str(path), str(error), "a TOML table in UTF-8", "mend that line")) from error
    unknown = sorted(set(tables) - {"source"})
    if unknown:
        raise InputError(problem(str(path), f"table {unknown[0]!r}", "only [[source]]", "remove it"))
    rows = tables.get("source", [])
    if not isinstance(rows, list):
        raise InputError(problem(str(path), "[source]", "[[source]]", "write two brackets"))
    return Config(tuple(_source(path, number, row) for number, row in enumerate(rows, 1)))


def _source(path: Path, number: int, row: Mapping[str, Any]) -> SourceSetting:
    place = f"{path} [[source]] {number}"
    known = [field.name for field in fields(SourceSetting)]
    for key, value in row.items():
        if key not in known:
            raise InputError(problem(place, f"key {key!r}", f"one of {', '.join(known)}", "correct its spelling"))
        if not isinstance(value, str):
            raise InputError(problem(place, f"{key} = {value!r}", "text", "put it in quotation marks"))
    if not row.get("path"):
        raise InputError(problem(place, "no path", "the file or folder it speaks of", 'add path = "..."'))
    for key in ("code", "library"):
        if row.get(key) and not _CODE.fullmatch(row[key]):
            wanted = "letters, digits and . _ - @ +, at most 64, a letter or digit first"
            raise InputError(problem(place, f"{key} = {row[key]!r}", wanted, "choose another"))
    return SourceSetting(**{**row, "path": (path.parent.resolve() / row["path"])})


def find_config(given: Path | None, inputs: tuple[Path, ...]) -> Config:
    """The configuration in force: the file given, else the one in an input folder, else the one in this folder."""
    if given is not None:
        return read_config(given)
    for folder in (*(path for path in inputs if path.is_dir()), Path()):
        if (folder / CONFIG_NAME).is_file():
            return read_config(folder / CONFIG_NAME)
    return Config()
