"""The switches of a centre: `rules/switches.toml` says what may be chosen, `dedup.toml` what was chosen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from dedup.config import Config
from dedup.errors import InputError, RuleError, nearest, problem
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.switches.rows import Means, PolicyRows, Selector

_ROW_KEYS = {"rows", "where", "verdict", "veto", "on", "means"}
_SET_KEYS = {"set", "to"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One position of a switch, and what it changes in the rule tables (rows of `change` in switches.toml)."""

    id: str
    means: Means
    changes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A switch that is a number from `least` to `most`; divided by `per` it stands at `place` in the tables."""

    least: float
    most: float
    place: str
    per: float


@dataclass(frozen=True, slots=True)
class Switch:
    """One setting on which practice differs; it has choices, or is a number."""

    id: str
    means: Means
    default: str | float
    source: str
    choices: Mapping[str, Choice]
    number: Number | None


@cache
def read_switches(rules: RuleSet) -> Mapping[str, Switch]:
    """Every switch by its id, in the order of the table. Raises RuleError naming the row and what it lacks."""
    switches: dict[str, Switch] = {}
    for number, row in enumerate(rules.tables.get("switches", {}).get("switch", []), 1):
        place = f"{rules.root / 'switches.toml'} switch {number} ({row.get('id', 'no id')})"
        missing = [key for key in ("id", "means", "default", "source") if key not in row]
        if missing or row["id"] in switches:
            raise RuleError(problem(place, f"no {missing}" if missing else "id twice", "a whole row", "mend the row"))
        switches[row["id"]] = _switch(place, row)
    return switches


def _switch(place: str, row: Mapping[str, Any]) -> Switch:
    choices = {
        one["id"]: Choice(one["id"], one["means"], tuple(one.get("change", ()))) for one in row.get("choice", ())
    }
    number = None
    if "set" in row:
        number = Number(row["least"], row["most"], row["set"], row.get("per", 1))
    elif row["default"] not in choices or choices[row["default"]].changes:
        found = f"default {row['default']!r}"
        raise RuleError(problem(place, found, "one of its choices, which changes nothing", "mend the row"))
    for choice in choices.values():
        for change in choice.changes:
            _check(f"{place} choice {choice.id}", change)
    return Switch(row["id"], row["means"], row["default"], row["source"], choices, number)


def _check(place: str, change: Mapping[str, Any]) -> None:
    """A change names rows and what becomes of them, or a value; what separates has a veto."""
    known = _ROW_KEYS if "rows" in change else _SET_KEYS
    strange = [key for key in change if key not in known]
    if strange:
        raise RuleError(problem(place, f"key {strange[0]!r}", f"one of {', '.join(sorted(known))}", "mend the row"))
    if "rows" not in change:
        return
    if ("verdict" in change) == (change.get("on") is False):
        raise RuleError(problem(place, str(dict(change)), "either a verdict or on = false", "mend the row"))
    if change.get("verdict", Verdict.SAME) not in set(Verdict) or (
        change.get("verdict") == Verdict.DIFFERENT and not change.get("veto")
    ):
        wanted = "a verdict, with the name of a veto when it is `different`"
        raise RuleError(problem(place, f"verdict {change['verdict']!r}", wanted, "mend the row"))


def switched(rules: RuleSet, config: Config) -> RuleSet:
    """The rules as a centre has set them: `rules` itself when nothing differs from the published tables.

    The sha256 of the new set covers what was chosen. Raises InputError for a switch, choice or row that does not
    exist, or a wish that would merge what the rules keep apart.
    """
    chosen = _chosen(rules, config)
    rows = PolicyRows(rules)
    place = f"{config.path} [policy]"
    for row in config.off:
        rows.switch_off(row, f"{place} off")
    for row, verdict in config.verdicts.items():
        rows.give_verdict(row, verdict, f"{place[:-1]}.verdict]")
    values: dict[str, Any] = {}
    for switch, value in chosen:
        if switch.number is not None:
            assert not isinstance(value, str)
            values[switch.number.place] = value / switch.number.per
            continue
        choice = switch.choices[str(value)]
        for change in choice.changes:
            if "set" in change:
                values[change["set"]] = change["to"]
            else:
                rows.change(Selector.of(change["rows"]), change, choice.means, switch.id)
    if not chosen and not rows.touched:
        return rules
    tables: dict[str, Mapping[str, Any]] = dict(rules.tables)
    tables["policy"] = {**tables["policy"], "row": rows.finished()}
    for target, value in values.items():
        _put(rules, tables, target, value)
    said = [{switch.id: value for switch, value in chosen}, rows.touched]
    digest = hashlib.sha256(rules.sha256.encode() + json.dumps(said, sort_keys=True).encode())
    return replace(rules, tables=tables, sha256=digest.hexdigest())


def _chosen(rules: RuleSet, config: Config) -> list[tuple[Switch, str | float]]:
    """What a centre has chosen other than the default, in the order of the switches."""
    switches = read_switches(rules)
    place = f"{config.path} [switches]"
    for name in config.switches:
        if name not in switches:
            wanted = f"one of {', '.join(switches)}"
            raise InputError(problem(place, f"switch {name!r}", wanted, nearest(name, switches) or "remove it"))
    chosen = []
    for name, switch in switches.items():
        value = config.switches.get(name, switch.default)
        _check_value(place, switch, value)
        if value != switch.default:
            chosen.append((switch, value))
    return chosen


def _check_value(place: str, switch: Switch, value: str | float) -> None:
    found = f"{switch.id} = {json.dumps(value, ensure_ascii=False)}"
    if switch.number is not None:
        low, high = switch.number.least, switch.number.most
        if isinstance(value, str) or not low <= value <= high:
            raise InputError(problem(place, found, f"a number from {low} to {high}", "choose another"))
    elif value not in switch.choices:
        wanted = f"one of {', '.join(switch.choices)}"
        remedy = nearest(str(value), switch.choices) or f"{switch.default} is the default"
        raise InputError(problem(place, found, wanted, remedy))


def _put(rules: RuleSet, tables: dict[str, Mapping[str, Any]], target: str, value: object) -> None:
    """Put a value into a copy of its table. Raises RuleError when there is no such place."""
    name, *keys, last = target.split(".")
    table = deepcopy(dict(tables.get(name, {})))
    tables[name] = table
    for key in keys:
        table = table.get(key, {})
    if last not in table:
        place = f"{rules.root / 'switches.toml'} set = {target!r}"
        raise RuleError(problem(place, "no such place in the tables", f"{last} in {name}.toml", "mend the row"))
    table[last] = value
