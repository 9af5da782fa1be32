"""The switches of a centre: what `rules/switches.toml` offers, as `dedup.toml` has chosen."""

from __future__ import annotations

from dedup.switches.choose import Choice, Number, Switch, read_switches, switched

__all__ = ["Choice", "Number", "Switch", "read_switches", "switched"]
