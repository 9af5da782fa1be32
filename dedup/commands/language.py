"""The language of what a command prints."""

from __future__ import annotations

import locale
import os
from collections.abc import Callable
from typing import Any

import click

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where the language of a console is looked for, in this order."""


def console_language() -> str:
    """`zh` when the console's language is Chinese, else `en`: the first of LC_ALL, LC_MESSAGES, LANG that is set."""
    named = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), None)
    if named is None:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def lang_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option `--lang`, which wins over the console's language."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        help="Language. [default: Chinese when LC_ALL, LC_MESSAGES or LANG says so, else English]",
    )(command)
