"""`dedup config`: which settings are in force, and where each comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from click.core import ParameterSource

from dedup.commands.language import VARIABLES, console_language
from dedup.commands.layout import padded, wide
from dedup.commands.settings import Settings
from dedup.effective import Origin, Setting, effective

_GIVEN = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


@click.group()
def config() -> None:
    """Settings: what is in force."""


@config.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT...]", type=click.Path(path_type=Path))
@click.option("--config", "given", type=click.Path(path_type=Path), help="Configuration file (TOML).")
@click.option("--origin", is_flag=True, help="Tell where each value comes from.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to show them."
)
@click.pass_context
def show(context: click.Context, /, inputs: tuple[Path, ...], given: Path | None, origin: bool, form: str) -> None:
    """Show every setting in force, for files or folders named as INPUT, else for this folder."""
    from dedup.check.counting import checked_config

    settings: Settings = context.obj
    found = settings.configuration(inputs, given)
    rules = settings.rule_set(found)
    checked_config(found, rules)
    asked = given or settings.config
    place = Setting("config", str(found.path) if found.path.is_file() else None, Origin.DEFAULT)
    if asked is not None:
        place = Setting("config", str(asked), Origin.OPTION, "--config")
    elif found.path.is_file():
        place = Setting("config", str(found.path), Origin.FILE, str(found.path))
    told = [place, *_around(context, str(rules.root)), *effective(found, rules)]
    click.echo(_as_json(told) if form == "json" else _as_text(told, origin))


def _around(context: click.Context, rules: str) -> Iterator[Setting]:
    """What stands before the command, and in the environment."""
    root = context.find_root()
    if root.get_parameter_source("rules") in _GIVEN:
        yield Setting("rules", rules, Origin.OPTION, "--rules")
    elif os.environ.get("DEDUP_RULES"):
        yield Setting("rules", rules, Origin.ENVIRONMENT, "DEDUP_RULES")
    else:
        yield Setting("rules", rules, Origin.DEFAULT)
    threads = int(root.params["threads"])
    if root.get_parameter_source("threads") in _GIVEN:
        yield Setting("threads", threads, Origin.OPTION, "--threads")
    else:
        yield Setting("threads", threads, Origin.DEFAULT)
    named = next((name for name in VARIABLES if os.environ.get(name)), "")
    yield Setting("language", console_language(), Origin.ENVIRONMENT if named else Origin.DEFAULT, named)
    plain = bool(os.environ.get("NO_COLOR"))
    colour = Origin.ENVIRONMENT if plain else Origin.DEFAULT
    yield Setting("color", "never" if plain else "auto", colour, "NO_COLOR" if plain else "")


def _as_json(settings: list[Setting]) -> str:
    return json.dumps({"settings": [asdict(one) for one in settings]}, ensure_ascii=False, indent=1)


def _as_text(settings: list[Setting], origin: bool) -> str:
    """A line for each setting, as it would stand in the file; where it comes from behind it."""
    lines = [
        f"{one.name} = {json.dumps(one.value, ensure_ascii=False) if one.value is not None else '-'}"
        for one in settings
    ]
    if not origin:
        return "\n".join(lines)
    room = min(max(map(wide, lines)), 60)
    places = [" ".join(filter(None, [one.origin.value, f"({one.place})" if one.place else ""])) for one in settings]
    return "\n".join(f"{padded(line, room)}  # {place}" for line, place in zip(lines, places, strict=True))
