"""Find, read and check the rule tables; one frozen RuleSet with a sha256."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dedup.errors import RuleError, problem
from dedup.kept import kept

_TERMS = "terms/"


@dataclass(frozen=True, slots=True)
class Term:
    """One row of a term table: a class of words that mean one thing."""

    id: str
    table: str
    kind: str
    entries: tuple[str, ...]
    means: Mapping[str, str]
    source: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """All rule tables of one folder, checked. Compared and hashed by identity, so that compiled tables can be cached.

    `terms` maps a table name (`binding`) to its rows; `tables` maps every other file, by its path
    without ending (`policy`, `fields/marc21`), to its parsed content; `characters` maps one
    character to its replacement (traditional to simplified).
    """

    root: Path
    terms: Mapping[str, tuple[Term, ...]]
    tables: Mapping[str, Mapping[str, Any]]
    characters: Mapping[str, str]
    sha256: str

    def entries(self, table: str, kind: str) -> tuple[str, ...]:
        """All words of one kind in a term table, longest first, so that a longer term wins."""
        words = {entry for row in self.terms[table] if row.kind == kind for entry in row.entries}
        return tuple(sorted(words, key=lambda word: (-len(word), word)))


def find_rules(given: str | Path | None = None) -> Path:
    """The folder of rule tables: the one given, `$DEDUP_RULES`, the one in the package, the checkout's.

    Raises RuleError when none of them holds `policy.toml`.
    """
    here = Path(__file__).resolve().parent
    named = given or os.environ.get("DEDUP_RULES")
    tried = [Path(named)] if named else [here / "_rules", here.parent / "rules"]
    for folder in tried:
        if (folder / "policy.toml").is_file():
            return folder
    places = ", ".join(str(folder) for folder in tried)
    raise RuleError(problem(places, "no policy.toml", "a folder of rule tables", "name one with --rules"))


def _read_toml(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(problem(str(path), str(error), "a TOML table in UTF-8", "mend that line")) from error


def _terms(path: Path, table: Mapping[str, Any]) -> tuple[Term, ...]:
    rows = []
    for number, row in enumerate(table.get("row", []), 1):
        missing = [key for key in ("id", "kind", "entries", "means", "source", "yes", "no") if key not in row]
        if missing:
            place = f"{path} row {number} ({row.get('id', 'no id')})"
            raise RuleError(problem(place, f"no {', '.join(missing)}", "every key of a term row", "add them"))
        known = {"id", "kind", "entries", "means", "source", "yes", "no"}
        rows.append(
            Term(
                id=row["id"],
                table=path.stem,
                kind=row["kind"],
                entries=tuple(row["entries"]),
                means=row["means"],
                source=row["source"],
                yes=tuple(row["yes"]),
                no=tuple(row["no"]),
                more={key: value for key, value in row.items() if key not in known},
            )
        )
    _check_terms(path, rows)
    return tuple(rows)


def _check_terms(path: Path, rows: list[Term]) -> None:
    """Ids are unique, and no word stands in two rows of one table."""
    ids: set[str] = set()
    words: dict[str, str] = {}
    for row in rows:
        if row.id in ids:
            raise RuleError(problem(str(path), f"id {row.id!r} twice", "unique ids", "rename one"))
        ids.add(row.id)
        for entry in row.entries:
            if entry in words:
                both = f"{entry!r} in both {words[entry]} and {row.id}"
                raise RuleError(problem(str(path), both, "each word in one row", "keep one"))
            words[entry] = row.id


def _characters(path: Path, content: bytes) -> dict[str, str]:
    """Lines `from TAB to`, one character each; `#` starts a comment."""
    table: dict[str, str] = {}
    for number, line in enumerate(content.decode("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 2 or len(parts[0]) != 1:
            raise RuleError(problem(f"{path}:{number}", repr(line), "one character, a tab, its replacement", "mend it"))
        table[parts[0]] = parts[1]
    return table


def read_rules(folder: Path) -> RuleSet:
    """Read and check every table under a folder. Raises RuleError naming file, row and remedy."""
    digest = hashlib.sha256()
    contents: dict[str, tuple[Path, bytes]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".toml", ".tsv"}:
            name = path.relative_to(folder).with_suffix("").as_posix()
            contents[name] = (path, path.read_bytes())
            digest.update(name.encode() + b"\0" + contents[name][1] + b"\0")
    sha256 = digest.hexdigest()
    parsed, characters = kept("rules", sha256, lambda: _parsed(contents))
    terms = {
        Path(name).name: _terms(contents[name][0], table) for name, table in parsed.items() if name.startswith(_TERMS)
    }
    tables = {name: table for name, table in parsed.items() if not name.startswith(_TERMS)}
    return RuleSet(folder, terms, tables, characters, sha256)


def _parsed(contents: Mapping[str, tuple[Path, bytes]]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The tables by name, and the characters of all lists of such."""
    tables: dict[str, dict[str, Any]] = {}
    characters: dict[str, str] = {}
    for name, (path, content) in contents.items():
        if path.suffix == ".tsv":
            characters.update(_characters(path, content))
        else:
            tables[name] = _read_toml(path, content)
    return tables, characters


@cache
def load_rules(given: str | None = None) -> RuleSet:
    """The rule set in force, read once per process however its folder is named."""
    return _loaded(find_rules(given))


@cache
def _loaded(folder: Path) -> RuleSet:
    return read_rules(folder)
