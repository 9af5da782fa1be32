"""Text for cells of CSV files: never a formula, one line each, and back again."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

# What a spreadsheet may take for the beginning of a formula, also full-width and behind signs that are not seen
# (OWASP, CSV Injection); apostrophes in front are counted in, so that a guard can be told from a typed one.
_FORMULA = re.compile("'*[\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\\-@|%＝＋－＠\\t\\r\\n]")
_GUARD = "'"
# A cell that begins with none of these, and whose every sign can be seen, needs no second look.
_SUSPECT = frozenset(" '=+-@|%＝＋－＠")
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff\\\\]")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


def cell(text: str) -> str:
    """Text as a cell: control characters as their pictures (␀ ␊), an apostrophe before what looks like a formula."""
    if not text or (text[0] not in _SUSPECT and text.isprintable()):
        return text
    plain = text.translate(_PICTURES).encode("utf-8", "replace").decode("utf-8")
    return _GUARD + plain if _FORMULA.match(plain) else plain


def uncell(text: str) -> str:
    """The text that `cell` made a cell of; pictures of control characters stay."""
    return text[1:] if text.startswith(_GUARD) and _FORMULA.match(text) else text


def escaped(text: str) -> str:
    """Text whose every sign is seen: controls, marks of direction, backslashes by number; `unescaped` gives it back."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def unescaped(text: str) -> str:
    """The text that `escaped` made visible."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], as_is: Collection[str] = ()) -> int:
    """Write a CSV file (UTF-8 with byte order mark, RFC 4180), one line a row, every cell guarded. Returns its rows.

    `as_is` names columns of the program's own making, which nothing may change.
    """
    plain = [name in as_is for name in header]
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for row in rows:
            writer.writerow([value if kept else cell(value) for value, kept in zip(row, plain, strict=True)])
            count += 1
    return count


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a file that `write_csv` wrote, as they were given to it but for control characters."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{name: uncell(value) for name, value in row.items()} for row in csv.DictReader(stream)]
