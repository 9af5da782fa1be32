"""The folder of each library: a name that every system can make, and the index that leads back to the code.

A library code is read from holdings fields and may be anything: `../x`, `CON`, an empty text. A code that is safe
names its folder itself; any other gets what is readable of it, and a digest, so that two codes never share a folder.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dedup.codes import filled
from dedup.report.cells import escaped, read_csv, unescaped, write_csv
from dedup.rules import load_rules

INDEX = "libraries.csv"
_COLUMNS = ("library", "folder")
_APART = "~"


@cache
def _shapes() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = load_rules().tables["folders"]
    return re.compile(table["plain"]), re.compile(table["kept"])


def folder_of(code: str) -> str:
    """The name of a library's folder: the code itself where any system can make such a folder, else one made of it.

    Distinct codes give names that are distinct also where capital and small letters are one (Windows, macOS).
    """
    table = load_rules().tables["folders"]
    plain, kept = _shapes()
    device = code.partition(".")[0] in table["devices"] or code in table["taken"]
    if plain.fullmatch(code) and not device:
        return code
    readable = "".join(sign if kept.fullmatch(sign) else "_" for sign in code[: table["readable"]].upper())
    digest = base64.b32encode(hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()).decode("ascii")
    return f"{readable[: table['readable']].lstrip('-') or table['empty']}{_APART}{digest[: table['digest']]}"


def write_index(libraries: Iterable[str], folder: Path, language: str = "en") -> tuple[str, ...]:
    """Write `libraries.csv` into `folder`: which code each folder stands for, sorted; signs not seen are spelt out.

    Returns one message for each code that does not name its folder itself.
    """
    codes = sorted(set(libraries))
    write_csv(folder / INDEX, _COLUMNS, ((escaped(code), folder_of(code)) for code in codes))
    return tuple(message for code in codes if (message := folder_message(code, language)))


def folder_message(code: str, language: str = "en") -> str:
    """What a person is told whose library's folder has another name than its code; '' where it has not."""
    name = folder_of(code)
    text = load_rules().tables["folders"]["message"][language]
    return "" if name == code else filled(text, {"library": escaped(code), "folder": name})


def read_index(folder: Path) -> dict[str, str]:
    """Folder name -> library code, as `write_index` wrote it."""
    return {row["folder"]: unescaped(row["library"]) for row in read_csv(folder / INDEX)}
