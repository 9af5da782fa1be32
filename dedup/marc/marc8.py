"""MARC-8 to Unicode: Latin (ANSEL), Hebrew, Cyrillic, Greek, Arabic and East Asian (EACC) sets.

The code tables are pymarc's, which are the Library of Congress's
(https://www.loc.gov/marc/specifications/speccharmarc8.html). pymarc's own converter is not used: it drops what it
cannot read in silence, prints to stderr, and takes one byte at a time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import ModuleType

REPLACEMENT = "\ufffd"

_ASCII_SET, _ANSEL_SET, _EACC_SET = 0x42, 0x45, 0x31
_ESCAPE = 0x1B
# ESC, then the intermediate characters that name G0 or G1, or a one-letter short form (technique 1).
_DESIGNATION = re.compile(rb"\x1b(?:(\$[,)\-]?|[(,)\-])([ -/]?[0-Z])|([gbps]))")
_PLAIN = re.compile(rb"[\x20-\x7e]+")
_EDGES = (b"\x1d", b"\x1e", b"\x1f")
# From an escape or a high byte to the next mark.
_SPECIAL = re.compile(rb"[\x1b\x80-\xff][^\x1d-\x1f]*")
_G1_SIGNS = frozenset((b")", b"-", b"$)", b"$-"))


@cache
def _mapping() -> ModuleType:
    """The tables of pymarc, read when the first record in MARC-8 is met."""
    from pymarc import marc8_mapping

    found: ModuleType = marc8_mapping
    return found


@cache
def _code_set(final: int) -> dict[int, tuple[str, bool]]:
    """Byte (or EACC number) to (character, is a combining mark) of one set, reachable from G0 and G1 alike."""
    table = {code: (chr(uni), bool(mark)) for code, (uni, mark) in _mapping().CODESETS[final].items()}
    if final != _EACC_SET:
        table |= {code ^ 0x80: value for code, value in table.items() if code ^ 0x80 not in table}
    else:
        table |= {code: (chr(uni), False) for code, uni in _mapping().ODD_MAP.items() if code not in table}
    return table


@dataclass(slots=True)
class _Text:
    """Text being built: marks wait for the base letter that follows them in MARC-8 and precedes them in Unicode."""

    parts: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def put(self, character: str, is_mark: bool) -> None:
        """Add a character; marks that waited for it follow it."""
        if is_mark:
            self.waiting.append(character)
            return
        self.parts.append(character)
        if self.waiting:
            self.parts.extend(self.waiting)
            self.waiting.clear()

    def finish(self) -> str:
        """The text in NFC; a mark without a letter after it is shown as U+FFFD."""
        self.parts.extend(REPLACEMENT for _ in self.waiting)
        return unicodedata.normalize("NFC", "".join(self.parts))


def _designate(found: re.Match[bytes], sets: list[int]) -> None:
    """Switch G0 or G1 to the set that an escape sequence names; an unknown set is left alone."""
    signs, final, short = found.groups()
    if short is not None:
        sets[0] = _ASCII_SET if short == b"s" else short[0]
    elif final[-1] in _mapping().CODESETS:
        sets[1 if signs in _G1_SIGNS else 0] = final[-1]


def _east_asian(data: bytes, place: int, text: _Text) -> int:
    """Take one character while EACC stands in G0; give the place after it.

    A blank or a high byte is not part of EACC (its bytes run from 0x21 to 0x7E) and is read alone: real records
    put plain blanks between hanzi.
    """
    byte = data[place]
    if byte <= 0x20:
        text.put(" ", False)
        return place + 1
    triple = data[place : place + 3]
    if len(triple) < 3 or not all(0x21 <= one <= 0x7E for one in triple):
        text.put(REPLACEMENT, False)
        return place + (1 if byte > 0x7E else next((k for k, one in enumerate(triple) if not 0x21 <= one <= 0x7E), 3))
    character, is_mark = _code_set(_EACC_SET).get(int.from_bytes(triple, "big"), (REPLACEMENT, False))
    text.put(character, is_mark)
    return place + 3


def _single(byte: int, sets: list[int], text: _Text) -> None:
    """Take one byte of a one-byte set. Non-sorting marks and other control characters carry no text."""
    if byte in (0x09, 0x0A, 0x0D):
        text.put(" ", False)
    elif byte >= 0xA0 or 0x20 <= byte < 0x7F:
        final = sets[1] if byte >= 0x80 else sets[0]
        character, is_mark = _code_set(final).get(byte, (REPLACEMENT, False))
        text.put(character if byte != 0x20 else " ", is_mark and byte != 0x20)


def _convert(data: bytes) -> str:
    text = _Text()
    sets = [_ASCII_SET, _ANSEL_SET]
    place, end = 0, len(data)
    while place < end:
        byte = data[place]
        if byte == _ESCAPE:
            found = _DESIGNATION.match(data, place)
            if found:
                _designate(found, sets)
                place = found.end()
                continue
            text.put(REPLACEMENT, False)
            place += 1
        elif sets[0] == _ASCII_SET and 0x20 <= byte < 0x7F and not text.waiting:
            run = _PLAIN.match(data, place)
            assert run is not None
            text.parts.append(run.group().decode("ascii"))
            place = run.end()
        elif sets[0] == _EACC_SET and byte < 0x80:
            place = _east_asian(data, place, text)
        else:
            _single(byte, sets, text)
            place += 1
    return text.finish()


_convert_known = lru_cache(maxsize=1 << 16)(_convert)


def marc8_text(data: bytes) -> str:
    """MARC-8 bytes as NFC text; never raises, what has no meaning becomes U+FFFD.

    `data` may be one value, a field, or a whole record or file: at each 0x1D, 0x1E and 0x1F the sets in force go
    back to ASCII and ANSEL, as the standard asks, so that one unclosed escape sequence harms one subfield only.
    """
    if data.isascii() and _ESCAPE not in data:
        return data.decode("ascii")
    parts: list[str] = []
    done = 0
    for found in _SPECIAL.finditer(data):
        start = max(done - 1, *(data.rfind(edge, done, found.start()) for edge in _EDGES)) + 1
        parts += (data[done:start].decode("ascii"), _convert_known(data[start : found.end()]))
        done = found.end()
    return "".join([*parts, data[done:].decode("ascii")])
