"""Find, explain and help to correct duplicate records in a union catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dedup.catalogue import Catalogue

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(path: str | Path, *, threads: int = 2, rules: str | Path | None = None) -> Catalogue:
    """The database of a finished run, to read only; close it, or use it in a `with` block.

    `rules`: a folder of rule tables instead of those of the run, for `Catalogue.explain`.
    Raises StoreError when there is no such database or it is damaged.
    """
    # What a catalogue needs is loaded when one is opened: importing dedup costs nothing.
    from dedup.catalogue import open_catalogue

    return open_catalogue(Path(path), threads, Path(rules) if rules else None)
