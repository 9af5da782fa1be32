"""Safe mechanical corrections of new records: `dedup check --fix`. The input is never written to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dedup.check.counting import asked_for, fits, holds
from dedup.check.fix.fields import Corrected, Field, corrected
from dedup.check.fix.files import OVERSIZE, Change, Written, write
from dedup.check.fix.numbers import Kind
from dedup.check.fix.survey import Part, Seen, surveyed
from dedup.config import Config, SourceSetting
from dedup.errors import InputError, problem
from dedup.marc.container import Container
from dedup.marc.reader import READERS
from dedup.rules import RuleSet
from dedup.stages.sources import PACKED, find_sources

__all__ = ["Change", "Fixed", "Kind", "Written", "fix"]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What was corrected. `config`: the configuration under which the files written are known as those they came from;
    `paths`: these files.
    """

    files: tuple[Written, ...]
    config: Config

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that were written."""
        return tuple(path for one in self.files for path in (one.path, one.beside) if path is not None)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The records that were corrected, in the order of the input."""
        return tuple(change for one in self.files for change in one.changes)


@dataclass(frozen=True, slots=True)
class _Corrector:
    """What may be corrected: kinds whose code counts, and is not allowed on the record."""

    config: Config
    rules: RuleSet
    today: date

    def __call__(self, row: Seen, fields: tuple[Field, ...]) -> Corrected:
        """Correct one record."""
        codes = self.rules.tables["check_fix"]["codes"]
        kinds = [kind for kind in Kind if self._wanted(codes[kind.value], row.record_id)]
        return corrected(fields, row.encoding, row.format, kinds, self.rules)

    def _wanted(self, code: str, record_id: str) -> bool:
        allowed = any(fits(one, code, record_id) and holds(one, self.today) for one in self.config.allow)
        return asked_for(code, self.config.check) and not allowed


def fix(
    inputs: tuple[Path, ...], out: Path | None, rules: RuleSet, config: Config, protected: Sequence[Path] = ()
) -> Fixed:
    """Correct the records of some files, and write them to `out` (None: nowhere).

    `out` is a file for one file of input; for several it is a folder. `protected`: files that must not be written to
    besides the input. Raises InputError for input that cannot be read and for an `out` that is one of these files;
    StoreError for files that cannot be written or are not read again as they were meant (then they are not there).
    """
    files = find_sources(inputs, config)
    parts = [part for part in surveyed(files, rules) if _readable(part)]
    targets = _targets(parts, out)
    _check(targets, [*(file.path for file in files), *protected])
    correct = _Corrector(config, rules, date.today())
    written = tuple(write(part, path, correct, rules) for part, path in zip(parts, targets, strict=True))
    return Fixed(written, replace(config, sources=(*_settings(written), *config.sources)))


def _readable(part: Part) -> bool:
    container = part.tasks[0].container
    return container is Container.ISO2709 or container in READERS


def _targets(parts: Sequence[Part], out: Path | None) -> list[Path | None]:
    """Where each file goes. Raises InputError when `out` does not fit the number of files."""
    if not parts:
        raise InputError(problem("--fix", "no file with records", "MARC files", "check the names"))
    if out is None:
        return [None] * len(parts)
    if len(parts) == 1 and not out.is_dir():
        if not out.parent.is_dir():
            raise InputError(problem(str(out.parent), "no such folder", "a folder for --out", "make it first"))
        return [out]
    if out.exists() and not out.is_dir():
        found = f"a file, and {len(parts)} files to write"
        raise InputError(problem(str(out), found, "a folder", "name a folder with --out"))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(out), found, "a folder that can be made", "name another with --out")) from error
    names = [_name(part) for part in parts]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(problem(str(out), f"two files named {twice}", "each name once", "check them one by one"))
    return [out / name for name in names]


def _name(part: Part) -> str:
    """The name of a file in a folder: its own, unpacked; what was no ISO 2709 gets another ending."""
    name = Path(part.shown.replace("!", "/").rsplit("/", 1)[-1])
    while name.suffix.lower() in PACKED and name.stem:
        name = Path(name.stem)
    plain = part.tasks[0].container is Container.ISO2709 and name.suffix
    return name.name if plain else f"{name.stem}.mrc"


def _check(targets: Sequence[Path | None], protected: Sequence[Path]) -> None:
    """Raises InputError when a file to be written is one that must stay, under whatever name."""
    for path in (one for one in targets if one is not None):
        for target in (path, path.with_name(path.stem + OVERSIZE)):
            if any(_same(target, one) for one in protected):
                wanted = "a file of its own: what is checked is never written to"
                raise InputError(problem(str(target), "a file of the input", wanted, "name another with --out"))


def _same(one: Path, other: Path) -> bool:
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)


def _settings(written: Sequence[Written]) -> Iterator[SourceSetting]:
    """The files written count as the sources they came from."""
    for one in written:
        file = one.part.file
        plain = one.part.tasks[0].container is Container.ISO2709
        for path, encoding in ((one.path, file.encoding if plain else ""), (one.beside, "")):
            if path is not None:
                yield SourceSetting(path.resolve(), file.source, file.library, file.format, encoding, file.holdings)
