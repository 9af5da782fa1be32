"""What the cells of a workbook say: the columns of an action sheet, their heads, and texts that a cell can hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dedup.codes import filled, read_codes
from dedup.errors import RuleError, problem
from dedup.report.model import Line, Part
from dedup.rulebook import Words, read_legend
from dedup.rulebook.words import as_words
from dedup.rules import RuleSet

BOTH = "both"
LANGUAGES = ("zh", "en", BOTH)
# Signs that a workbook cannot hold, or that turn the order of what follows: shown as signs that can be seen.
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_UNSEEN = re.compile("[\x80-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
_UNSTORABLE = re.compile("[\ufffe\uffff\ud800-\udfff]")
_WIDE = 0xFFFF


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the action sheets: what it is called, how wide it is, and how its text is made of a line."""

    id: str
    name: Words
    width: float
    text: Callable[[Line], Words]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: a part, or `summary`, `notes`."""

    id: str
    name: Words
    means: Words


@dataclass(frozen=True, slots=True, eq=False)
class BookWords:
    """Everything that workbooks say, in both languages: `rules/report.toml` with the names of legend and causes."""

    sheets: tuple[Sheet, ...]
    columns: tuple[Column, ...]
    answers: tuple[Column, ...]
    choices: Mapping[str, Words]
    texts: Mapping[str, Words]
    summary: Mapping[str, Words]
    bands: Mapping[str, Words]
    look: Mapping[str, Any]
    names: Mapping[str, Mapping[str, Words]]
    means: Mapping[str, Mapping[str, Words]]

    def text(self, name: str, **values: str) -> Words:
        """A text with the same values put in for both languages."""
        words = self.texts[name]
        return Words(filled(words.zh, values), filled(words.en, values))


def said(words: Words, language: str, between: str = "\n") -> str:
    """Words in `zh`, in `en`, or in both where they differ."""
    if language != BOTH:
        return words.of(language)
    return words.zh if words.zh == words.en else f"{words.zh}{between}{words.en}"


def clean(text: str) -> str:
    """Text without signs that XML or the order of reading forbids: controls as pictures (␀ ␊), others as ⟨U+202E⟩."""
    plain = text.translate(_PICTURES)
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", plain) if _UNSEEN.search(plain) else plain


def storable(text: str) -> str:
    """A key as it is, but for signs that no workbook can hold: better a key that is refused than a broken file."""
    return _UNSTORABLE.sub("�", text) if _UNSTORABLE.search(text) else text


def cut(text: str, longest: int, mark: str) -> str:
    """Text that a cell can hold, counted as Excel does (a sign beyond U+FFFF is two); what is left out is marked."""
    if len(text) <= longest // 2 or _length(text) <= longest:
        return text
    room = longest - _length(mark)
    kept = text[:room]
    while _length(kept) > room:
        kept = kept[: len(kept) - (_length(kept) - room + 1) // 2]
    return kept + mark


def _length(text: str) -> int:
    return len(text) + sum(ord(sign) > _WIDE for sign in text)


@cache
def read_words(rules: RuleSet) -> BookWords:
    """Raises RuleError when report.toml names an unknown sheet or column, or says something in one language only."""
    table, place = rules.tables["report"], f"{rules.root / 'report.toml'}"
    legend = read_legend(rules)
    codes = {code.id: code for code in read_codes(rules).values()}
    names = {**legend.names, "code": {id: Words(**code.name) for id, code in codes.items()}}
    means = {**legend.means, "code": {id: Words(**code.means) for id, code in codes.items()}}
    texts = _words(table, "text", place)
    levels = _words(table, "level_name", place)
    fields = {row["id"]: as_words(row["name"], f"{place} [[column]] {row['id']}") for row in table["column"]}
    makers = _makers(names, texts, levels, fields)
    return BookWords(
        sheets=tuple(_sheet(row, place) for row in table["sheet"]),
        columns=tuple(_column(row, place, makers) for row in table["column"]),
        answers=tuple(
            Column(row["id"], as_words(row["name"], place), row["width"], _nothing) for row in table["answer_column"]
        ),
        choices={row["id"]: as_words(row["name"], f"{place} [[choice]] {row['id']}") for row in table["choice"]},
        texts=texts,
        summary=_words(table, "summary", place),
        bands={row["id"]: as_words(row["name"], f"{place} [[band]] {row['id']}") for row in table["band"]},
        look=table["look"],
        names=names,
        means=means,
    )


def _words(table: Mapping[str, Any], name: str, place: str) -> dict[str, Words]:
    return {id: as_words(text, f"{place} [{name}] {id}") for id, text in table[name].items()}


def _sheet(row: Mapping[str, Any], place: str) -> Sheet:
    place = f"{place} [[sheet]] {row['id']}"
    known = {*map(str, Part), "summary", "notes"}
    if row["id"] not in known:
        raise RuleError(problem(place, f"id {row['id']!r}", f"one of {', '.join(sorted(known))}", "correct it"))
    means = as_words(row["means"], place) if "means" in row else Words("", "")
    return Sheet(row["id"], as_words(row["name"], place), means)


def _column(row: Mapping[str, Any], place: str, makers: Mapping[str, Callable[[Line], Words]]) -> Column:
    place, id = f"{place} [[column]] {row['id']}", row["id"]
    if id not in makers and id not in Line.__dataclass_fields__:
        wanted = f"a field of a line, or one of {', '.join(makers)}"
        raise RuleError(problem(place, f"id {id!r}", wanted, "correct it"))
    return Column(id, as_words(row["name"], place), row["width"], makers.get(id) or _plain(id))


def _nothing(line: Line) -> Words:
    return Words("", "")


def _plain(field: str) -> Callable[[Line], Words]:
    def of(line: Line) -> Words:
        """The field as it is."""
        text = clean(getattr(line, field))
        return Words(text, text)

    return of


def _makers(
    names: Mapping[str, Mapping[str, Words]],
    texts: Mapping[str, Words],
    levels: Mapping[str, Words],
    fields: Mapping[str, Words],
) -> dict[str, Callable[[Line], Words]]:
    """The columns that are more than a field of the line."""

    def named(kind: str, id: str) -> Words:
        """What something is called; its own id when no table knows it."""
        return names[kind].get(id, Words(id, id))

    def explained(line: Line) -> Words:
        """The cause by name, its flags, further causes and the evidence."""
        return _joined(_explained(line, named, texts), Words("；", "; "))

    def correction(line: Line) -> Words:
        """What to do, in both languages."""
        return Words(clean(line.correction["zh"]), clean(line.correction["en"]))

    def cause(line: Line) -> Words:
        """The code, and those of further causes."""
        text = ";".join(filter(None, (line.cause, line.secondary)))
        return Words(text, text)

    return {
        "verdict": lambda line: named("verdict", line.verdict),
        "cause": cause,
        "explained": explained,
        "action": lambda line: named("action", line.action),
        "record_id": lambda line: Words("", "") if line.keep else _plain("record_id")(line),
        "level": lambda line: levels.get(line.level, Words(line.level, line.level)),
        "differing": lambda line: _joined((fields[name] for name in line.differing), Words("、", ", ")),
        "correction": correction,
    }


def _explained(line: Line, named: Callable[[str, str], Words], texts: Mapping[str, Words]) -> Sequence[Words]:
    parts = [named("code", line.cause)] if line.cause else []
    parts += [named("flag", flag) for flag in line.flags.split(";") if flag]
    also = [named("code", code) for code in line.secondary.split(";") if code]
    if also:
        listed = _joined(also, Words("、", ", "))
        parts.append(_filled(texts["also"], causes=listed))
    reason = Words(clean(line.reason.get("zh", "")), clean(line.reason.get("en", "")))
    if reason.zh or reason.en:
        parts.append(_filled(texts["reason"], reason=reason))
    return parts


def _joined(words: Iterable[Words], between: Words) -> Words:
    listed = list(words)
    return Words(between.zh.join(one.zh for one in listed), between.en.join(one.en for one in listed))


def _filled(text: Words, **values: Words) -> Words:
    return Words(
        filled(text.zh, {name: value.zh for name, value in values.items()}),
        filled(text.en, {name: value.en for name, value in values.items()}),
    )
