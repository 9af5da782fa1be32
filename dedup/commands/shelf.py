"""The commands by name, each read from its module when it is asked for: a short check must not wait for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TypeVar

import click

Default = TypeVar("Default")


class Shelf:
    """A mapping from the names of commands to them, as a `click.Group` asks for it; `places` are `module:attribute`."""

    def __init__(self, places: dict[str, str]) -> None:
        self._places = dict(places)
        self._taken: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._taken:
            module, _, attribute = self._places[name].partition(":")
            self._taken[name] = getattr(import_module(module), attribute)
        return self._taken[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name] = ""
        self._taken[name] = command

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, name: str, default: Default | None = None) -> click.Command | Default | None:
        """A command, or something else when there is none of that name."""
        return default if name not in self._places else self[name]

    def keys(self) -> list[str]:
        """All names."""
        return list(self)

    def values(self) -> list[click.Command]:
        """All commands."""
        return [self[name] for name in self]

    def items(self) -> list[tuple[str, click.Command]]:
        """All names with their commands."""
        return [(name, self[name]) for name in self]
