"""What every command is given besides its own options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dedup.config import Config, find_config
from dedup.rules import RuleSet, load_rules
from dedup.switches import switched


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that stand before the command (or after it, where a command repeats them)."""

    rules: Path | None
    config: Path | None
    threads: int

    def rule_set(self, config: Config | None = None) -> RuleSet:
        """The rule tables in force, as the centre has set them in its `dedup.toml`.

        `config` is what `configuration` gave; without it, the file named before the command or in this folder counts.
        """
        rules = load_rules(str(self.rules) if self.rules else None)
        return switched(rules, self.configuration(()) if config is None else config)

    def configuration(self, inputs: tuple[Path, ...], given: Path | None = None) -> Config:
        """The `dedup.toml` in force; `given` after the command wins."""
        return find_config(given or self.config, inputs)
