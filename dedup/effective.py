"""Every setting in force, with its value and where that comes from: what `dedup config show` tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from dedup.codes import read_codes
from dedup.config import Config
from dedup.origin import lines_of
from dedup.rules import RuleSet
from dedup.switches import read_switches

Value = str | int | float | list[str] | None


class Origin(StrEnum):
    """Where a value comes from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `place`: `dedup.toml:12`, the variable, the option, the table of the default; '' = none of them."""

    name: str
    value: Value
    origin: Origin
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Lines:
    """A configuration file and the lines of its keys."""

    path: Path
    lines: Mapping[str, int]

    def setting(self, name: str, value: Value, default: str = "") -> Setting:
        """A setting as the file has it, else as the default is."""
        if name in self.lines:
            return Setting(name, value, Origin.FILE, f"{self.path}:{self.lines[name]}")
        return Setting(name, value, Origin.DEFAULT, default)


def effective(config: Config, rules: RuleSet) -> Iterator[Setting]:
    """The settings that `dedup.toml` may hold, in its order; `rules` are the tables as that file has switched them.

    Raises OSError when the file cannot be read any more.
    """
    read = lines_of(config.path) if config.path.is_file() else {}
    file = _Lines(config.path, read)
    for number, source in enumerate(config.sources, 1):
        for one in fields(source):
            value = getattr(source, one.name)
            yield file.setting(f"source[{number}].{one.name}", str(value), "")
    for name, switch in read_switches(rules).items():
        yield file.setting(f"switches.{name}", config.switches.get(name, switch.default), "rules/switches.toml")
    yield file.setting("policy.off", list(config.off))
    for row, verdict in config.verdicts.items():
        yield file.setting(f"policy.verdict.{row}", verdict)
    yield file.setting("centre.name", config.centre.name)
    yield file.setting("centre.outsourced", list(config.centre.outsourced))
    yield from _checking(config, rules, file)


def _checking(config: Config, rules: RuleSet, file: _Lines) -> Iterator[Setting]:
    said = config.check
    yield file.setting("check.select", list(said.select))
    yield file.setting("check.ignore", list(said.ignore))
    yield file.setting("check.fail_on", said.fail_on or rules.tables["check"]["fail_on"], "rules/check.toml")
    yield file.setting("check.help_base", said.help_base)
    for code in read_codes(rules).values():
        word = said.word_for(code.id)
        if word is None:
            yield Setting(f"check.severity.{code.id}", code.severity.value, Origin.DEFAULT, "rules/causes.toml")
        else:
            line = file.lines.get(f"check.severity.{word}", file.lines.get("check.severity", 0))
            place = f"{file.path}:{line}"
            yield Setting(f"check.severity.{code.id}", said.severity[word], Origin.FILE, place)
    for allow in config.allow:
        expires = allow.expires.isoformat() if allow.expires else None
        values: dict[str, Value] = {"record": allow.record, "code": allow.code, "reason": allow.reason}
        for name, value in (*values.items(), ("expires", expires)):
            yield file.setting(f"allow[{allow.number}].{name}", value)
