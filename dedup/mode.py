"""Whether a run goes on from the last one or does all the work anew, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from dedup import __version__
from dedup.config import Config
from dedup.engine.base import Engine
from dedup.rules import RuleSet
from dedup.tables import RUN

LIBRARIES = ("duckdb", "numpy", "polars", "pyarrow", "rapidfuzz", "scipy")
"""Whose versions are told; a value may differ from one version to the next."""

REASONS: Mapping[str, str] = {
    "first": "首次运行 / first run of this database",
    "asked": "按要求全部重做 / asked for with --full",
    "older": "数据库由旧版程序建立 / the database was made by an older program",
    "rules_sha256": "规则表已改动 / the rule tables were changed",
    "program": "程序已更新 / the program was changed",
    "settings": "配置已改动 / dedup.toml was changed",
    "libraries": "程序库已更新 / libraries that values depend on were changed",
}
"""Why a run is a full one, in both languages."""

_ROOMS = ("compare", "engine", "marc", "normalise", "stages", "switches", "tables")
_SHAPING = ("codes.py", "model.py", "rules.py", *(f"{room}/**/*.py" for room in _ROOMS))
_FACTS = ("rules_sha256", "program", "settings", "libraries")
_SOURCES = """
SELECT source, file, path, bool_or(partial) OVER (PARTITION BY source) AS partial FROM input ORDER BY source, file
"""
_HELD = "SELECT source, sum(loaded)::BIGINT AS records FROM ledger GROUP BY source"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file of the last run: its place in the catalogue, and where it was. `partial`: its source came in parts."""

    source: str
    file: str
    path: Path
    partial: bool


@dataclass(slots=True)
class Mode:
    """What decides how a run goes: `facts` of this program; after `continues` whether it goes on, or `reason`.

    `loaded`: the files that the last run knew, of a run that must be a full one although nobody asked for it. `held`:
    how many records each source had then, unless a full run was asked for.
    """

    facts: Mapping[str, str]
    full: bool = False
    incremental: bool = False
    reason: str = "first"
    loaded: list[Loaded] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)

    def continues(self, old: Engine) -> bool:
        """Whether this run can go on from the database of the last one."""
        self.reason = "asked" if self.full else self._other(old)
        self.incremental = not self.reason
        if self.reason not in ("", "asked"):
            self.loaded = _loaded(old)
        if self.reason != "asked":
            self.held = _held(old)
        return self.incremental

    def _other(self, old: Engine) -> str:
        """What has changed since that run; '' for nothing."""
        was = old.read("FROM run").to_pylist() if old.has("run") else []
        if len(was) != 1 or not set(RUN.names) <= set(was[0]) or not old.has("record"):
            return "older"
        return next((name for name in _FACTS if was[0][name] != self.facts[name]), "")

    @property
    def told(self) -> str:
        """The reason for a full run in both languages; '' for an incremental one."""
        return REASONS.get(self.reason, "")


def mode_of(rules: RuleSet, config: Config, full: bool) -> Mode:
    """The mode of a run, before the database of the last one is looked at."""
    return Mode(facts_of(rules, config), full)


def facts_of(rules: RuleSet, config: Config) -> dict[str, str]:
    """What values depend on besides the files that are read."""
    told = (config.sources, dict(config.switches), config.off, dict(config.verdicts), config.centre)
    return {
        "rules_sha256": rules.sha256,
        "program": program_hash(),
        "settings": hashlib.sha256(repr(told).encode()).hexdigest(),
        "libraries": " ".join(f"{name} {version(name)}" for name in LIBRARIES),
    }


@cache
def program_hash() -> str:
    """Hash of those of the program's own files that values depend on: a checkout may change without its version."""
    made = hashlib.sha256(__version__.encode())
    root = Path(__file__).parent
    for path in sorted(path for pattern in _SHAPING for path in root.glob(pattern)):
        made.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()


def _held(old: Engine) -> dict[str, int]:
    rows = old.read(_HELD).to_pylist() if old.has("ledger") else []
    return {row["source"]: row["records"] for row in rows}


def _loaded(old: Engine) -> list[Loaded]:
    if not old.has("input"):
        return []
    if "partial" not in old.read("FROM input LIMIT 0").column_names:
        rows = old.read("SELECT source, file, path, false AS partial FROM input ORDER BY source, file").to_pylist()
    else:
        rows = old.read(_SOURCES).to_pylist()
    return [Loaded(row["source"], row["file"], Path(row["path"]), row["partial"]) for row in rows]
