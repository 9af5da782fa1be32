"""The console: how wide it is, and text laid out for it."""

from __future__ import annotations

import shutil

from dedup.layout import indented, padded, side_by_side, thirds, wide, wrapped

__all__ = ["console_width", "indented", "padded", "side_by_side", "thirds", "wide", "wrapped"]
_LEAST, _USUAL, _MOST = 80, 120, 200


def console_width() -> int:
    """Letters in a line: those of the terminal, within reason."""
    return min(max(shutil.get_terminal_size((_USUAL, 24)).columns, _LEAST), _MOST)
