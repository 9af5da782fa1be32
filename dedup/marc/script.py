"""How well a stretch of bytes reads in each script: shares of high bytes that make sense, simple and explainable.

Each share is between 0 and 1. What counts as sense stands in `rules/encoding.toml`:
hanzi: pairs of bytes in the zone of frequent characters; Cyrillic: the sixteen most frequent letters, in words;
MARC-8 and ISO 5426: a combining mark before a letter that carries it in some language; Latin-1: letters beside letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from dedup.rules import load_rules

HIGH = bytes(range(0x80, 0x100))
_ASCII = bytes(range(0x80))
QUICK_BYTES = 200
_RUN = re.compile(rb"[\x80-\xff]+")
_CLUSTER = re.compile(rb"(?:[\x80-\xff]+[\x00-\x7f]{0,2})+")
_PAIR = re.compile(rb"[\x80-\xff]{2,}")


def encoding_table() -> Mapping[str, Any]:
    """The table `rules/encoding.toml`."""
    return load_rules().tables["encoding"]


def _byte_class(ranges: list[list[int]]) -> bytes:
    """A regular expression's class of bytes, without the brackets."""
    return b"".join(b"\\x%02x-\\x%02x" % (first, last) for first, last in ranges)


@cache
def _hanzi_pattern(encoding: str) -> re.Pattern[bytes]:
    """Group 1: a pair in the frequent zone; group 2: any other pair; else a byte that fits nowhere."""
    rule = encoding_table()[encoding]
    lead, trail = _byte_class(rule["lead"]), _byte_class(rule["trail"])
    weak_lead, weak_trail = _byte_class(rule["weak_lead"]), _byte_class(rule["weak_trail"])
    return re.compile(
        b"([" + lead + b"][" + trail + b"])|([" + weak_lead + b"][" + weak_trail + b"])|[\\x80-\\xff]", re.DOTALL
    )


@cache
def _marks_pattern(encoding: str) -> re.Pattern[bytes]:
    """Combining marks before a letter that carries them (a chain of marks counts by its last), or a lone sign."""
    rule = encoding_table()[encoding]
    marks, special = _byte_class(rule["marks"]), _byte_class(rule["special"])
    carried = b"|".join(
        b"\\x" + mark.encode() + b"[" + bases.encode() + b"]" for mark, bases in sorted(rule["bases"].items())
    )
    sign, opening = _byte_class(rule["sign"]), _byte_class(rule["opening"])
    alone = (
        b"(?<![\\x80-\\xff])(?:["
        + special
        + b"]|["
        + opening
        + b"](?=[A-Z])|(?<![^\\x1f][a-z])["
        + sign
        + b"]|["
        + sign
    )
    return re.compile(
        b"[" + marks + special + b"]{0,2}(?:" + carried + b")|" + alone + b"](?![A-Za-z]))(?![\\x80-\\xff])"
    )


@cache
def _latin_pattern() -> re.Pattern[bytes]:
    """Small accented letters beside a letter, capitals not after a small letter, signs alone."""
    rule = encoding_table()["cp1252"]
    small, capital, single = (_byte_class(rule[kind]) for kind in ("small", "capital", "single"))
    beside = b"(?<=[A-Za-z" + small + capital + b"])[" + small + b"]|[" + small + b"](?=[A-Za-z'\\s,.;:/])"
    upper = b"(?<![^\\x1f][a-z" + small + b"])[" + capital + b"]"
    return re.compile(beside + b"|" + upper + b"|(?<![\\x80-\\xff])[" + single + b"](?![\\x80-\\xff])")


@cache
def _runs_pattern(encoding: str) -> re.Pattern[bytes]:
    """Two pairs or more in a row, or one that touches no ASCII letter (a subfield code is none)."""
    rule = encoding_table()[encoding]
    pair = b"[" + _byte_class(rule["weak_lead"]) + b"][" + _byte_class(rule["weak_trail"]) + b"]"
    return re.compile(b"(?:" + pair + b"){2,}|(?<![^\\x1f][A-Za-z])" + pair + b"(?![A-Za-z])")


@cache
def _frequent_letters(codec: str) -> bytes:
    letters = str(encoding_table()["cyrillic"]["letters"])
    return (letters + letters.upper()).encode(codec)


@cache
def _common_hanzi() -> frozenset[str]:
    return frozenset(encoding_table()["hanzi"]["common"])


@dataclass(slots=True)
class Evidence:
    """Shares for one record, each computed when it is first asked for."""

    data: bytes
    high: int = 0
    _sample: bytes = b""
    _context: bytes = b""
    _shares: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = _RUN.search(self.data)
        start = max(first.start() - 2, 0) if first else 0
        self._sample = self.data[start : start + int(encoding_table()["sample"]["bytes"])]
        self.high = len(self._sample.translate(None, _ASCII))

        sample = self._sample
        spans = [one.span() for one in _CLUSTER.finditer(sample)]
        self._context = b"\0".join([sample[begin - 2 if begin > 2 else 0 : end] for begin, end in spans])

    def share(self, encoding: str) -> float:
        """The share of one encoding by name; 0 for a name that has no measure."""
        if encoding not in self._shares:
            self._shares[encoding] = self._measure(encoding)
        return self._shares[encoding]

    def _measure(self, encoding: str) -> float:
        if encoding in ("gb18030", "big5"):
            return self.hanzi(encoding)
        if encoding in ("marc-8", "iso-5426"):
            return self._explained(_marks_pattern(encoding))
        if encoding == "cp1252":
            return self._explained(_latin_pattern())
        if encoding in encoding_table()["cyrillic"]["codecs"]:
            return self._cyrillic(encoding)
        return 0.0

    def hanzi(self, encoding: str) -> float:
        """Share of byte pairs in the zone of frequent hanzi (GB level 1, Big5 level 1) and punctuation."""
        found = _hanzi_pattern(encoding).findall(self._sample)
        return sum(1 for frequent, _ in found if frequent) / max(len(found), 1)

    def _explained(self, pattern: re.Pattern[bytes]) -> float:
        """Share of high bytes inside matches of a pattern."""
        explained = b"".join(pattern.findall(self._context))
        return len(explained.translate(None, _ASCII)) / max(self.high, 1)

    def _cyrillic(self, codec: str) -> float:
        """Share of frequent Russian letters among the high bytes."""
        high = self._sample.translate(None, _ASCII)
        return 1 - len(high.translate(None, _frequent_letters(codec))) / max(self.high, 1)

    def best(self, leader09: str) -> str:
        """The encoding that explains the bytes best, without help from the rest of the file."""
        table = encoding_table()
        cyrillic = max(table["cyrillic"]["codecs"], key=self.share)
        if self.share(cyrillic) >= table["cyrillic"]["accept"] and self._is_words():
            return str(cyrillic)
        latin = self._best_latin(leader09)
        if latin == "marc-8" and self.share("marc-8") >= table["marc-8"]["sure"]:
            return latin
        return self._best_hanzi(latin) or latin or "cp1252"

    def _is_words(self) -> bool:
        """High bytes stand in words; and they are enough to speak of frequency, or runs are odd, as hanzi never are."""
        rule = encoding_table()["cyrillic"]
        if len(b"".join(_PAIR.findall(self._sample))) < self.high * rule["neighbours"]:
            return False
        return self.high >= int(rule["bytes"]) or any(len(run) % 2 for run in _RUN.findall(self._sample))

    def _best_hanzi(self, latin: str | None) -> str | None:
        """GB or Big5 if one fits, and its pairs stand in runs where a Latin encoding fits as well."""
        table = encoding_table()
        fits = [name for name in ("gb18030", "big5") if self.share(name) >= table[name]["accept"]]
        if not fits and self.high >= table["hanzi"]["bytes"]:
            fits = [name for name in ("gb18030", "big5") if self._common(name) >= table["hanzi"]["common_share"]]
        if latin:
            fits = [name for name in fits if self._in_runs(name) >= table["hanzi"]["runs"]]
        if len(fits) == 2 and abs(self.share(fits[0]) - self.share(fits[1])) < table["hanzi"]["margin"]:
            return max(fits, key=self._common)
        return max(fits, key=self.share, default=None)

    def _in_runs(self, encoding: str) -> float:
        """Share of pairs that stand next to another pair."""
        pairs = len(_hanzi_pattern(encoding).findall(self._sample))
        return len(b"".join(_runs_pattern(encoding).findall(self._sample))) / 2 / max(pairs, 1)

    def _common(self, encoding: str) -> float:
        """Share of the commonest hanzi of catalogues among the characters above ASCII when the text is read so."""
        text = self._sample.decode(encoding, "replace")
        high = sum(1 for one in text if one > "\x7f")
        return sum(1 for one in text if one in _common_hanzi()) / max(high, 1)

    def _best_latin(self, leader09: str) -> str | None:
        """MARC-8, ISO 5426 or Latin-1, None if none fits; where two are equal, the one that the leader declares."""
        table = encoding_table()
        declared = table["declared"].get(leader09)
        if self.share("marc-8") >= table["marc-8"]["accept"] and self.high >= table["marc-8"]["bytes"]:
            return "marc-8"
        order = ("marc-8", "cp1252", "iso-5426") if declared == "marc-8" else ("cp1252", "marc-8", "iso-5426")
        fits = [name for name in order if self.share(name) >= table[name]["accept"]]
        return max(fits, key=self.share, default=None)


@cache
def _zone(encoding: str, part: str) -> bytes:
    return b"".join(bytes(range(first, last + 1)) for first, last in encoding_table()[encoding][part])


def reads_quickly_as(data: bytes, encoding: str) -> bool:
    """Whether the first high bytes, taken two by two, are nearly all frequent hanzi: enough if the file is."""
    if encoding not in ("gb18030", "big5"):
        return False
    high = data.translate(None, _ASCII)[:QUICK_BYTES]
    leads, trails = high[::2], high[1::2]
    wanted = float(encoding_table()[encoding]["quick"]) * len(leads)
    good_leads = len(leads) - len(leads.translate(None, _zone(encoding, "lead")))
    good_trails = len(trails) - len(trails.translate(None, _zone(encoding, "trail")))
    return good_leads >= wanted and good_trails >= wanted


@cache
def _iso5426_characters() -> dict[int, str]:
    return {int(code, 16): character for code, character in encoding_table()["iso-5426"]["characters"].items()}


def iso5426_text(data: bytes) -> str:
    """ISO 5426 bytes as text (not normalised): marks move behind their base letter, unassigned bytes become U+FFFD."""
    characters = _iso5426_characters()
    out: list[str] = []
    marks: list[str] = []
    for byte in data:
        character = chr(byte) if byte < 0x80 else characters.get(byte, "\ufffd")
        if byte >= 0xC0 and byte < 0xE0 and character != "\ufffd":
            marks.append(character)
            continue
        out.append(character)
        if marks:
            out.extend(marks)
            marks.clear()
    return "".join([*out, *("\ufffd" for _ in marks)])
