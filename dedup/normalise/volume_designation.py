"""Multi-volume designations: what `第三卷 上册`, `v. 1-2`, `全三册` or `Bd. 2` say.

One designation becomes a `Volume`; a designation at the end of a title is cut off by `strip_volume`.
Source: domain facts 1.3, 5.8, P14-P16.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from dedup.model import Level
from dedup.normalise.numerals import chinese_number
from dedup.normalise.text import fold
from dedup.normalise.volume_words import VolumeWords, plain, tidy, volume_words
from dedup.rules import RuleSet
from dedup.tables import SUBFIELD_MARK

_LARGEST = 2**31 - 1
# Titles remembered by one worker.
_MOST_TITLES = 200_000
_HAN = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_OPENING = " .,;:/=-–—(（[【〔《〈·•+"

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """What a designation says.

    `unit` is the id of the last unit named (`ce`, `volume`) or empty. `first` and `last` are equal for one volume;
    null when no number is known; -1 is "the last one" (下) of an unknown total. A hierarchy gives one number: t. 2,
    vol. 1 is 2001 (`hierarchy_step` in rules/volume.toml). `total` is the number of volumes of the set when stated.
    `label` is the designation folded, without its unit words. `level` is SINGLE for an empty text.
    """

    unit: str = ""
    first: int | None = None
    last: int | None = None
    total: int | None = None
    label: str = ""
    level: Level = Level.SINGLE


def parse_volume(text: str, rules: RuleSet) -> Volume:
    """Read one designation, such as a 200$h or 245$n. Any text gives a result; one without a number keeps its label.

    Several levels in subfields of their own are parted by the subfield mark (0x1F).
    """
    words = volume_words(rules)
    parts = [tidy(part, rules) for part in text.split(SUBFIELD_MARK)]
    wholes = [_total(part, words) for part in parts if part]
    total = next((total for _, total in wholes if total), None)
    rests = [rest for rest, _ in wholes if rest]
    if not rests:
        several = Level.SET if (total or 0) > 1 else Level.SINGLE
        return Volume(total=total, label=fold(text, rules) if total else "", level=several)
    steps = [step for rest in rests for step in _steps(rest, words)]
    if not steps:
        return Volume(total=total, label=fold(text, rules), level=Level.VOLUME)
    if len(steps) == 1 and steps[0].run in words.wholes:
        return Volume(steps[0].unit, total=words.wholes[steps[0].run], label=steps[0].label, level=Level.SET)
    return resolved(_composed(steps, words, total))


def is_designation(text: str, rules: RuleSet) -> bool:
    """Whether a text is a designation with a number and nothing else: 上册, [Ч.] 1-2, Part 2; not Ohio River basin."""
    words = volume_words(rules)
    rest, total = _total(tidy(text, rules), words)
    if not rest:
        return total is not None
    return bool(words.patterns["designation"].fullmatch(rest)) and any(True for _ in _steps(rest, words))


def opening_designation(text: str, rules: RuleSet) -> str:
    """The Western designation that begins a text and is set apart by a mark: Part third, for advanced scholars.

    Empty when there is none, or when more designations follow: those are contents.
    """
    words = volume_words(rules)
    low = plain(text, rules)
    found = words.patterns["opening"].match(low)
    if not found or sum(1 for _ in words.patterns["designation"].finditer(low)) > 1:
        return ""
    return found["d"]


def is_number(text: str, rules: RuleSet) -> bool:
    """Whether a text is a designation or a mere number: v. 1; 2; not Fieldiana Zoology v. 7, no. 9."""
    bare = volume_words(rules).patterns["bare"].fullmatch(tidy(text, rules))
    return bool(bare) or is_designation(text, rules)


def resolved(volume: Volume) -> Volume:
    """Put the number in place of "the last one" when the total is known: 下 of two is 2, of three is 3 (P16)."""
    if not volume.total:
        return volume
    first = volume.total if volume.first == -1 else volume.first
    return replace(volume, first=first, last=volume.total if volume.last == -1 else volume.last)


def _total(text: str, words: VolumeWords) -> tuple[str, int | None]:
    """Take a statement of the whole (全三册; 3 v.) out of a tidied text."""
    found = words.patterns["total"].search(text) or words.patterns["plural"].fullmatch(text)
    if not found:
        return text, None
    total = words.value(found["total"])
    if total is None or not 0 < total <= words.settings["total_limit"]:
        return text, None
    return f"{text[: found.start()]} {text[found.end() :]}".strip(), total


@dataclass(frozen=True, slots=True)
class _Step:
    """One level of a hierarchy: its unit, its run of signs when ordered, its numbers, its label."""

    unit: str
    run: str
    numbers: tuple[Path, ...]
    label: str


def _steps(text: str, words: VolumeWords) -> Iterator[_Step]:
    """The designations in a tidied text, from the highest level down."""
    found = list(words.patterns["designation"].finditer(text))
    if not found:
        whole = words.patterns["bare"].fullmatch(text)
        labelled = words.patterns["labelled"].fullmatch(text)
        run = (whole["han"] or whole["latin"]) if whole else labelled["n"] if labelled else ""
        yield from _step(run, "", words)
    for one in found:
        parts = {name[0] + name[1:]: value for name, value in one.groupdict().items() if value is not None}
        run = next(value for name, value in parts.items() if name[0] in "sn")
        unit = next((value for name, value in parts.items() if name[0] == "u"), "")
        yield from _step(run, words.units.get(unit, ""), words)
        yield from _step(parts.get("below", ""), "", words)


def _step(run: str, unit: str, words: VolumeWords) -> Iterator[_Step]:
    """The numbers of one run (`1-2`, `上、中`, `43a-43b`); nothing when it holds only years."""
    tokens = _tokens(run, words)
    numbers: list[Path] = []
    labels: list[str] = []
    for token in tokens:
        path = _path(token, words)
        if not path:
            continue
        # 6-A is the part A of 6, and H-170 is 170 of H: no ranges.
        if numbers and _mixed(labels[-1], token):
            numbers[-1] += path
            labels[-1] += f" {token}"
            continue
        numbers.append(path)
        value = chinese_number(token)
        labels.append(token if value is None else str(value))
    if numbers:
        yield _Step(unit, "".join(tokens), tuple(numbers), "-".join(labels))


def _mixed(label: str, token: str) -> bool:
    """Whether one is an arabic number and the other begins with or is a letter that is no Roman numeral beside it."""
    lone = [part for part in (label, token) if len(part) == 1 and part.isascii() and part.isalpha()]
    return bool(lone) and (label[:1].isdigit() != token[:1].isdigit())


def _tokens(run: str, words: VolumeWords) -> list[str]:
    """The numerals of a run; ordered signs one by one."""
    found = words.patterns["token"].findall(run)
    return [part for token in found for part in (token if set(token) <= set(words.numbers) else [token])]


def _path(token: str, words: VolumeWords) -> Path:
    """A number, or number and letter (43a, iib); empty for a year."""
    value = words.value(token)
    if value is not None:
        return (value,)
    head = words.value(token[:-1]) if len(token) > 1 and token[-1].isascii() and token[-1].isalpha() else None
    return () if head is None else (head, ord(token[-1]) - ord("a") + 1)


def _composed(steps: list[_Step], words: VolumeWords, total: int | None) -> Volume:
    """One volume from the steps of a hierarchy. All steps but the last count with their first number."""
    above = tuple(part for step in steps[:-1] for part in step.numbers[0])
    last = steps[-1]
    ends = [_number(above + path, words) for path in last.numbers]
    label = " ".join(step.label for step in steps)
    known = [end for end in ends if end is not None]
    if not known:
        return Volume(last.unit, total=total, label=label, level=Level.VOLUME)
    # The last volume (-1) closes a range, whatever its number.
    ascending = sorted(known, key=lambda end: (end == -1, end))
    level = Level.RANGE if ascending[0] != ascending[-1] else Level.VOLUME
    return Volume(last.unit, ascending[0], ascending[-1], total, label, level)


def _number(path: Path, words: VolumeWords) -> int | None:
    """A hierarchy as one number; null when it would be larger than a column holds."""
    step = words.settings["hierarchy_step"]
    if len(path) == 1:
        return path[0] if path[0] <= _LARGEST else None
    value = 0
    for part in path:
        value = value * step + (step - 1 if part < 0 else part)
    return value if value <= _LARGEST else None


def strip_volume(title: str, rules: RuleSet) -> tuple[str, str]:
    """Cut a volume designation off the end of a title: the title without it, and the designation ('' when none).

    Give the title as typed, with its marks. The title comes back in NFKC with single spaces, its case kept. A title
    that is nothing but a designation stays whole. A bare number ends a Western title as part of it (Advances in X 16);
    after a Chinese title it must be set apart (大学英语. 3): for 三体2 see `weak_volume`.
    """
    known = _stripped(rules)
    found = known.get(title)
    if found is None:
        if len(known) > _MOST_TITLES:
            known.clear()
        found = known[title] = _strip(title, rules)
    return found


@cache
def _stripped(rules: RuleSet) -> dict[str, tuple[str, str]]:
    """Titles looked at before: key, volume and series columns ask for the same ones."""
    return {}


def _strip(title: str, rules: RuleSet) -> tuple[str, str]:
    words = volume_words(rules)
    typed = " ".join(unicodedata.normalize("NFKC", title).split())
    low = plain(typed, rules)
    typed = typed if len(typed) == len(low) else low
    found: list[str] = []
    while len(found) < 3:
        cut = _cut(low, words, bool(found))
        if cut is None:
            break
        start, designation = cut
        rest = low[:start].rstrip(_OPENING)
        if not any(sign.isalnum() for sign in rest):
            break
        found.insert(0, designation)
        low, typed = rest, typed[: len(rest)]
    return typed, " ".join(found)


def _cut(low: str, words: VolumeWords, again: bool) -> tuple[int, str] | None:
    """Where a designation at the end of a lowered title begins, and the designation."""
    for name in ("attached", "apart", "western"):
        found = words.patterns[name].search(low)
        if found and found.start() > 0:
            groups = found.groupdict()
            designation = groups["d"] or groups.get("d2") or ""
            if name != "western" and not _HAN.search(low[: found.start()]):
                continue
            if any(True for _ in _steps(designation, words)) or _total(designation, words)[1]:
                return found.start(), designation
    return None if again else _lone(low, words)


def _lone(low: str, words: VolumeWords) -> tuple[int, str] | None:
    """A number or 上 中 下 without a unit, set apart from a Chinese title by marks; or Roman signs right after it."""
    found = words.patterns["lone"].search(low)
    if found and found.start() > 0:
        before, designation = low[found.start() - 1], found["d"]
        numbers = [path[0] for step in _steps(designation, words) for path in step.numbers]
        limit = words.settings["weak_limit" if not found["s"].strip() else "lone_limit"]
        counted = numbers and all(one == -1 or 0 < one <= limit for one in numbers)
        if counted and _HAN.match(before) and before not in words.settings["numerals"]:
            return found.start(), designation
    found = words.patterns["number"].search(low)
    if found and found.start() > 0 and found["d"].isalpha() and found["d"] not in words.settings["not_roman"]:
        before = low[: found.start()].rstrip()[-1:]
        if _HAN.match(before) and words.value(found["d"]) is not None:
            return found.start(), found["d"]
    return None


def weak_volume(title: str, rules: RuleSet) -> int | None:
    """The number right at the end of a Chinese title (三体2): perhaps a volume, and part of the title all the same."""
    words = volume_words(rules)
    low = plain(title, rules)
    found = words.patterns["number"].search(low)
    if not found or not found["d"].isdecimal() or not _HAN.match(low[: found.start()][-1:]):
        return None
    value = int(found["d"])
    return value if 0 < value <= words.settings["weak_limit"] else None
