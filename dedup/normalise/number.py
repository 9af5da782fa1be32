"""Standard numbers other than ISBN: 统一书号, source record numbers, LCCN, ISSN, standards, document numbers.

Source of the rules: domain facts 1.1, 1.2, P25; LoC, "Structure of the LC control number" (normalisation of LCCNs);
ISO 3297 (ISSN). Shapes and agency codes in `rules/number.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from dedup.rules import RuleSet

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))


@dataclass(frozen=True, slots=True)
class NumberShapes:
    """`rules/number.toml`, compiled."""

    unified: re.Pattern[str]
    issn: re.Pattern[str]
    typed: re.Pattern[str]
    bare: re.Pattern[str]
    own: re.Pattern[str]
    local_pattern: re.Pattern[str]
    standard: re.Pattern[str]
    whole_standard: re.Pattern[str]
    agency: dict[str, str]
    local: frozenset[str]
    local_typed: dict[str, str]
    own_agency: str
    lccn: str
    century: int


@cache
def number_shapes(rules: RuleSet) -> NumberShapes:
    """Compile `rules/number.toml`, once per rule set."""
    table = rules.tables["number"]
    source, standard = table["source"], table["standard"]

    def filled(key: str, bodies: str) -> re.Pattern[str]:
        """A pattern of `[standard]` with one of its lists of bodies."""
        listed = sorted(standard[bodies], key=lambda body: (-len(body), body))
        parts = {"bodies": "|".join(map(re.escape, listed)), "parts": standard["parts"], "year": standard["year"]}
        text: str = standard[key]
        for name, part in parts.items():
            text = text.replace("{" + name + "}", part)
        return re.compile(text)

    return NumberShapes(
        unified=re.compile(table["unified"]["pattern"]),
        issn=re.compile(table["issn"]["pattern"]),
        typed=re.compile(source["typed"]),
        bare=re.compile(source["bare"]),
        own=re.compile(source["own"], re.IGNORECASE),
        local_pattern=re.compile(source["local_pattern"]),
        standard=filled("pattern", "in_text"),
        whole_standard=filled("bare", "bodies"),
        agency=table["agency"],
        local=frozenset(source["local"]),
        local_typed=source["local_typed"],
        own_agency=source["own_agency"],
        lccn=source["lccn"],
        century=standard["century"],
    )


def unified_number(text: str, rules: RuleSet) -> str | None:
    """统一书号 as class and publisher, one dot, serial: `2017·366` gives 2017.366; None for anything else."""
    found = number_shapes(rules).unified.match(unicodedata.normalize("NFKC", text).strip())
    return f"{found[1]}.{found[2]}" if found else None


def lccn(text: str) -> str | None:
    """An LC control number normalised as LoC prescribes: prefix, year, serial of six digits; None for anything else.

    ` 85-2 ` gives 85000002, `n  78-890351 ` gives n78890351, `2001-000002` gives 2001000002; what follows / goes.
    """
    plain = re.sub(r"[\s^]", "", text).split("/")[0].lower()
    head, dash, serial = plain.partition("-")
    if dash:
        if not serial.isdigit() or len(serial) > 6:
            return None
        plain = head + serial.zfill(6)
    return plain if re.fullmatch("[a-z]{0,3}(?:[0-9]{8}|[0-9]{10})", plain) else None


def source_number(text: str, rules: RuleSet) -> str | None:
    """A source record number as PREFIX and number: `CAL 012000518979`, `(OCoLC)ocm00012345` (OCLC12345).

    None for keys of local systems, which say nothing elsewhere, and for what carries no agency.
    """
    shapes = number_shapes(rules)
    typed = shapes.typed.search(text)
    if typed:
        return _of_agency(typed[1].strip(), typed[2].strip(), shapes)
    plain = text.strip()
    own = shapes.own.match(plain)
    if own:
        return f"{shapes.own_agency}{own[1]}"
    bare = shapes.bare.match(plain)
    return _of_agency(bare[1], bare[2], shapes) if bare else None


def _of_agency(agency: str, number: str, shapes: NumberShapes) -> str | None:
    if agency in shapes.local:
        local = shapes.local_pattern.match(number)
        return _of_agency(shapes.local_typed[local[1]], local[2], shapes) if local else None
    prefix = shapes.agency.get(agency, agency.upper().replace(" ", ""))
    if prefix == shapes.own_agency:
        digits = re.sub("^[A-Za-z]*0*", "", number.strip())
        return f"{prefix}{digits}" if digits.isdigit() else None
    if prefix == shapes.lccn:
        normal = lccn(number)
        return f"{prefix}{normal}" if normal else None
    bare = re.sub(r"[^0-9A-Za-z]", "", number).upper()
    # CAL012000594459 typed inside the number again: (CAL)CAL 012000594459.
    return f"{prefix}{bare.removeprefix(prefix)}" if any(sign.isdigit() for sign in bare) else None


def issn(text: str, rules: RuleSet) -> str | None:
    """An ISSN with a right check digit as NNNN-NNNX; None for anything else."""
    found = number_shapes(rules).issn.search(unicodedata.normalize("NFKC", text).translate(_DASHES))
    if not found:
        return None
    digits = (found[1] + found[2]).upper()
    weighed = sum((8 - at) * int(digit) for at, digit in enumerate(digits[:7]))
    check = 10 if digits[7] == "X" else int(digits[7])
    return f"{digits[:4]}-{digits[4:]}" if (weighed + check) % 11 == 0 else None


def standard_numbers(text: str, rules: RuleSet, whole: bool = False) -> tuple[str, ...]:
    """Standards named in a text, body, number, year: `GB/T 5795-2006`, `ISO 9001:2015` (ISO 9001-2015).

    A year of two digits is of the last century. With `whole` (a field of standard numbers) the year may lack.
    """
    shapes = number_shapes(rules)
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).translate(_DASHES)).strip()
    first = shapes.whole_standard.match(plain.upper()) if whole else None
    matches = [first] if first else list(shapes.standard.finditer(plain))
    found = []
    for match in matches:
        body, number, year = match[1], match[2], match[3]
        century = shapes.century if year and len(year) == 2 else 0
        found.append(f"{body} {number}" + (f"-{int(year) + century}" if year else ""))
    return tuple(dict.fromkeys(found))


def document_number(text: str) -> str | None:
    """A report, document, publisher or music number with its blanks and case folded; None when it holds no digit."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip(" .,;:").upper()
    return re.sub(r" ?([/:.-]) ?", r"\1", plain) if any(sign.isdigit() for sign in plain) else None
