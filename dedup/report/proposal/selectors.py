"""Subfields of a few records by the selectors of `rules/fields`: "TAG INDICATORS CODES", * any indicator, _ a blank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from dedup.marc.record import Field

Selectors = tuple[str, ...]
_ANY, _BLANK = "*", "_"


@lru_cache(maxsize=1 << 14)
def _codes(tag: str, indicators: str, selectors: Selectors) -> str:
    """The codes of a field that any selector names; few distinct ones are asked for."""
    found = ""
    for selector in selectors:
        wanted, signs, codes = selector.split()
        pairs = zip(signs, indicators.replace(" ", _BLANK), strict=False)
        if wanted == tag and all(one in (_ANY, sign) for one, sign in pairs):
            found += codes
    return found


def selected(fields: Sequence[Field], selectors: Selectors) -> Iterator[tuple[Field, int, str]]:
    """Each chosen subfield: its field, its place there, its text."""
    for field in fields:
        codes = _codes(field.tag, field.indicators, selectors)
        for at, (code, text) in enumerate(field.subfields):
            if code in codes and text.strip():
                yield field, at, text


def joined(fields: Sequence[Field], selectors: Selectors, between: str) -> Iterator[tuple[Field, str]]:
    """Each field with a chosen subfield, these as one text."""
    for field in fields:
        codes = _codes(field.tag, field.indicators, selectors)
        if texts := [text for code, text in field.subfields if code in codes and text.strip()]:
            yield field, between.join(texts)
