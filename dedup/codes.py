"""The codes of findings: causes of duplicates (D), kinds of junk (J), faults inside one record (Q).

One table, `rules/causes.toml`, holds for each what it means, how it is known, what it is not, and the correction; it
serves the stages that find them, `dedup rule`, the legends of the reports and the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from dedup.errors import RuleError, problem
from dedup.rules import RuleSet

LANGUAGES = ("zh", "en")
_CODE = re.compile(r"([DJQ])\d\d")
_PLACE = re.compile(r"\{(\w+)\}")
_TEXTS = ("name", "means", "signature", "counter", "responsible")


class Kind(StrEnum):
    """What a code speaks of, by its letter."""

    CAUSE = "D"
    JUNK = "J"
    FAULT = "Q"


class Severity(StrEnum):
    """How much a finding matters: readers are misled, work to be done, or worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """One `[[code]]` of `rules/causes.toml`.

    Every text is a mapping `zh`, `en`. `corrections` maps the name of a situation (`merge`, `holder`, `rescue`, ...;
    `correct` where there is one only) to its text, in which `{name}` stands for a value of the records. `more` holds
    whatever else the row says for the stage that finds it.
    """

    id: str
    kind: Kind
    severity: Severity
    name: Mapping[str, str]
    means: Mapping[str, str]
    signature: Mapping[str, str]
    counter: Mapping[str, str]
    responsible: Mapping[str, str]
    corrections: Mapping[str, Mapping[str, str]]
    source: str
    more: Mapping[str, Any]

    @property
    def places(self) -> frozenset[str]:
        """The names in braces that any of its corrections asks for."""
        return frozenset(name for one in self.corrections.values() for text in one.values() for name in placed(text))


def placed(text: str) -> list[str]:
    """The names in braces of a correction text, in order."""
    return _PLACE.findall(text)


@cache
def read_codes(rules: RuleSet) -> Mapping[str, Code]:
    """Every code by its id, in the order of the table. Raises RuleError naming the row and what it lacks."""
    place = f"{rules.root / 'causes.toml'}"
    rows = rules.tables.get("causes", {}).get("code", [])
    if not rows:
        raise RuleError(problem(place, "no [[code]]", "the codes of findings", "restore the table"))
    for name, text in rules.tables["causes"].get("phrases", {}).items():
        _check_text(f"{place} [phrases] {name}", text, empty=True)
    made = [_code(place, number, row) for number, row in enumerate(rows, 1)]
    codes = {code.id: code for code in made}
    if len(codes) < len(made):
        twice = next(code.id for code in made if sum(other.id == code.id for other in made) > 1)
        raise RuleError(problem(place, f"{twice} twice", "each code once", "remove one"))
    return codes


def _code(place: str, number: int, row: Mapping[str, Any]) -> Code:
    place = f"{place} row {number} ({row.get('id', 'no id')})"
    letter = _CODE.fullmatch(str(row.get("id", "")))
    if letter is None:
        raise RuleError(problem(place, f"id {row.get('id')!r}", "D, J or Q and two digits", "correct it"))
    for key in (*_TEXTS, "correction", "source", "severity"):
        if not row.get(key):
            raise RuleError(problem(place, f"no {key}", "every key of a code", "add it"))
    corrections = row["correction"]
    for key in _TEXTS:
        _check_text(f"{place} {key}", row[key])
    for name, text in corrections.items():
        _check_text(f"{place} correction.{name}", text)
    if row["severity"] not in set(Severity):
        wanted = f"one of {', '.join(Severity)}"
        raise RuleError(problem(place, f"severity {row['severity']!r}", wanted, "correct it"))
    known = {"id", "correction", "source", "severity", *_TEXTS}
    return Code(
        id=row["id"],
        kind=Kind(letter[1]),
        severity=Severity(row["severity"]),
        **{key: row[key] for key in _TEXTS},
        corrections=corrections,
        source=row["source"],
        more={key: value for key, value in row.items() if key not in known},
    )


def _check_text(place: str, text: object, empty: bool = False) -> None:
    """A text stands in both languages, with the same values in both."""
    if not isinstance(text, dict) or not all(
        text.get(language) or (empty and language in text) for language in LANGUAGES
    ):
        raise RuleError(problem(place, repr(text), "a text in zh and in en", "write both"))
    if set(placed(text["zh"])) != set(placed(text["en"])):
        raise RuleError(problem(place, "values in one language only", "the same values in both languages", "mend one"))


def filled(text: str, values: Mapping[str, str]) -> str:
    """A correction text with its values put in. Raises KeyError for a value that is not given."""
    return _PLACE.sub(lambda match: values[match[1]], text)
