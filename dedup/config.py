"""`dedup.toml`: what a centre says about its sources, its rules and itself, read and checked.

`docs/configuration.md` describes every table; whether a switch or a row of the policy exists is asked of the rule
tables, by `dedup.switches`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dedup.errors import InputError, nearest, problem

CONFIG_NAME = "dedup.toml"
_CODE = re.compile(r"[^\W_][\w.@+-]{0,63}")
_TABLES = {
    "source": "[[source]]",
    "switches": "[switches]",
    "policy": "[policy]",
    "centre": "[centre]",
    "check": "[check]",
    "allow": "[[allow]]",
}


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
class Centre:
    """`[centre]`: the centre's name, and the agencies (codes in 801 / 040) that catalogue for it under contract."""

    name: str = ""
    outsourced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checking:
    """`[check]`: which findings of `dedup check` count, and how much.

    `select`, `ignore`: codes, or their beginnings (`Q`, `D0`); nothing selected = all. `severity`: code or beginning ->
    error, warning, note. `fail_on`: from which severity on a finding fails the check; '' = any. `help_base`: address in
    front of the page of a code, for reports that link to it.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    fail_on: str = ""
    help_base: str = ""

    def word_for(self, code: str) -> str | None:
        """The word of `severity` that speaks of a code: the longest of its beginnings; None when there is none."""
        return max((word for word in self.severity if code.startswith(word)), key=len, default=None)


@dataclass(frozen=True, slots=True)
class Allow:
    """One `[[allow]]`: a finding that may stand. `record`: a record id, in which * and ? stand for any signs.

    `code`: a code or its beginning; `expires`: the last day on which it holds, None = for good; `number`: which of the
    file it is, from 1.
    """

    record: str
    code: str
    reason: str
    expires: date | None
    number: int


@dataclass(frozen=True, slots=True)
class Config:
    """All of one `dedup.toml`; an empty one when there is no file.

    `switches` maps a switch to the choice made; `off` and `verdicts` speak of single rows of the policy. `check` and
    `allow` are what `dedup check` is told.
    """

    sources: tuple[SourceSetting, ...] = ()
    switches: Mapping[str, str | float] = field(default_factory=dict)
    off: tuple[str, ...] = ()
    verdicts: Mapping[str, str] = field(default_factory=dict)
    centre: Centre = Centre()
    path: Path = Path(CONFIG_NAME)
    check: Checking = Checking()
    allow: tuple[Allow, ...] = ()

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
    for name in tables:
        if name not in _TABLES:
            wanted = f"one of {', '.join(_TABLES.values())}"
            raise InputError(problem(str(path), f"table {name!r}", wanted, nearest(name, _TABLES) or "remove it"))
    policy = _table(path, tables, "policy", ("off", "verdict"))
    return Config(
        sources=tuple(_source(path, number, row) for number, row in _rows(path, tables, "source")),
        switches=_choices(path, _table(path, tables, "switches")),
        off=_words(f"{path} [policy] off", policy.get("off", [])),
        verdicts=_verdicts(path, policy.get("verdict", {})),
        centre=_centre(path, _table(path, tables, "centre", ("name", "outsourced"))),
        path=path,
        check=_checking(path, _table(path, tables, "check", [one.name for one in fields(Checking)])),
        allow=tuple(_allow(path, number, row) for number, row in _rows(path, tables, "allow")),
    )


def _rows(path: Path, tables: Mapping[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The tables `[[name]]` of the file with their numbers, from 1."""
    rows = tables.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(problem(str(path), f"[{name}]", f"[[{name}]]", "write two brackets"))
    yield from enumerate(rows, 1)


def _table(path: Path, tables: Mapping[str, Any], name: str, keys: Iterable[str] = ()) -> dict[str, Any]:
    """One table of the file; empty when it is not there. `keys` are those it may have; none = any."""
    table = tables.get(name, {})
    if not isinstance(table, dict):
        found = f"[[{name}]]" if isinstance(table, list) else f"{name} = {table!r}"
        raise InputError(problem(str(path), found, f"[{name}]", "write it as one table"))
    for key in table:
        if keys and key not in keys:
            remedy = nearest(key, keys) or "correct its spelling"
            raise InputError(problem(f"{path} [{name}]", f"key {key!r}", f"one of {', '.join(keys)}", remedy))
    return table


def _choices(path: Path, table: Mapping[str, Any]) -> dict[str, str | float]:
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            place, found = f"{path} [switches]", f"{name} = {value!r}"
            raise InputError(problem(place, found, "a choice in quotation marks, or a number", "correct it"))
    return dict(table)


def _words(place: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(problem(place, repr(value), 'a list of texts, such as ["a", "b"]', "correct it"))
    return tuple(value)


def _verdicts(path: Path, table: object) -> dict[str, str]:
    place, wanted = f"{path} [policy.verdict]", '"row id" = "verdict"'
    if not isinstance(table, dict):
        raise InputError(problem(place, repr(table), wanted, "write it as a table"))
    for row, verdict in table.items():
        if not isinstance(verdict, str):
            # Without quotation marks the dot of a row id makes a table within the table.
            raise InputError(problem(place, f"{row} = {verdict!r}", wanted, "put the row id in quotation marks"))
    return dict(table)


def _centre(path: Path, table: Mapping[str, Any]) -> Centre:
    name = table.get("name", "")
    if not isinstance(name, str):
        raise InputError(problem(f"{path} [centre]", f"name = {name!r}", "text", "put it in quotation marks"))
    return Centre(name, _words(f"{path} [centre] outsourced", table.get("outsourced", [])))


def _checking(path: Path, table: Mapping[str, Any]) -> Checking:
    place = f"{path} [check]"
    severity = table.get("severity", {})
    if not isinstance(severity, dict) or not all(isinstance(one, str) for one in severity.values()):
        raise InputError(problem(place, f"severity = {severity!r}", 'code = "error"', "write it as [check.severity]"))
    return Checking(
        select=_words(f"{place} select", table.get("select", [])),
        ignore=_words(f"{place} ignore", table.get("ignore", [])),
        severity=dict(severity),
        fail_on=_text(place, table, "fail_on"),
        help_base=_text(place, table, "help_base"),
    )


def _text(place: str, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise InputError(problem(place, f"{key} = {value!r}", "text", "put it in quotation marks"))
    return value


def _allow(path: Path, number: int, row: Mapping[str, Any]) -> Allow:
    place = f"{path} [[allow]] {number}"
    known = ("record", "code", "reason", "expires")
    for key in row:
        if key not in known:
            remedy = nearest(key, known) or "correct its spelling"
            raise InputError(problem(place, f"key {key!r}", f"one of {', '.join(known)}", remedy))
    for key in known[:3]:
        if not _text(place, row, key).strip():
            raise InputError(problem(place, f"no {key}", "record, code and reason", f'add {key} = "..."'))
    return Allow(row["record"].strip(), row["code"].strip(), row["reason"].strip(), _day(place, row), number)


def _day(place: str, row: Mapping[str, Any]) -> date | None:
    """The day of `expires`, written as a date or as text."""
    value = row.get("expires")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        found = f"expires = {value!r}"
        raise InputError(problem(place, found, "a day, such as 2026-12-31", "correct it")) from error


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
    """The configuration in force: the file given, else the nearest one upward from an input, else from this folder."""
    if given is not None:
        return read_config(given)
    for start in (*inputs, Path()):
        for folder in _upward(start):
            if (folder / CONFIG_NAME).is_file():
                return read_config(folder / CONFIG_NAME)
    return Config()


def _upward(start: Path) -> Iterator[Path]:
    """The folder of a file or a folder itself, then what it lies in; as named at first, so that messages are short."""
    folder = start if start.is_dir() else start.parent
    if folder.is_dir():
        yield folder
        yield from folder.resolve().parents
