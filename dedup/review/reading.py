"""Answered workbooks and CSV files as replies: every row that can be taken, and by name every one that cannot."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from dedup.errors import InputError, RuleError, nearest, problem
from dedup.report.keys import Seal, unseal
from dedup.review import workbook
from dedup.review.model import Answer, Refusal, Replies, Reply, Row
from dedup.rules import RuleSet

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_HEAD_PARTS = re.compile(r"[/|\n（）()]")
_PLAIN_KEY = re.compile(r"(G[A-Z2-7]{12}|J)\|.+", re.DOTALL)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_SHOWN = 60
_CONFIRMED = "confirmed"
# Day numbers of spreadsheets: 1 is the first of January 1900, after a day in 1900 that never was; or 1904.
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_LIKELY_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Words:
    """`rules/review.toml` made ready: folded words of answers and of column heads."""

    answers: Mapping[str, Answer]
    columns: Mapping[str, str]
    named: tuple[str, ...]
    """The first word of every answer, for people."""


@dataclass(slots=True)
class _Table:
    """What has been read of one sheet or file so far. `confirmed`: its rows were sent with the answer they have."""

    name: str
    plain_keys: bool = False
    from_1904: bool = False
    confirmed: bool = False
    columns: dict[str, int] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    blank: int = 0

    def place(self, row: Row) -> str:
        """Where a row stands, as a spreadsheet or an editor shows it."""
        return f"{self.name}!{row.number}" if self.name else f"line {row.number}"


def folded(text: str) -> str:
    """A word without what a hand adds to it: case, blanks, full width."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@cache
def read_words(rules: RuleSet) -> Words:
    """The words of the table. Raises RuleError for an unknown answer, or a word that stands twice."""
    table = rules.tables["review"]
    place = f"{rules.root / 'review.toml'}"
    answers: dict[str, Answer] = {}
    for row in table["answer"]:
        if row["id"] not in set(Answer):
            wanted = f"one of {', '.join(Answer)}"
            raise RuleError(problem(f"{place} [[answer]]", repr(row["id"]), wanted, nearest(row["id"], Answer)))
        for word in row["words"]:
            if folded(word) in answers:
                raise RuleError(problem(place, f"{word!r} twice", "each word in one row", "keep one"))
            answers[folded(word)] = Answer(row["id"])
    columns = {folded(word): name for name, words in table["columns"].items() for word in words}
    return Words(answers, columns, tuple(row["words"][0] for row in table["answer"]))


def read_replies(path: Path, rules: RuleSet) -> Replies:
    """All answers of one file, and what could not be taken. Raises InputError when the file cannot be read at all."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InputError(
            problem(str(path), error.strerror or str(error), "a readable file", "check the name")
        ) from error
    if start.startswith(_OLD):
        found = "an old .xls workbook, or one locked by a password"
        raise InputError(
            problem(str(path), found, "an .xlsx workbook or a CSV file", "save it as .xlsx without a password")
        )
    if start == _ZIP:
        return _from_workbook(path, rules)
    return _from_csv(path, rules)


def _from_workbook(path: Path, rules: RuleSet) -> Replies:
    tables = []
    with workbook.opened(path, int(rules.tables["review"]["reading"]["largest_megabytes"]) << 20) as book:
        for name, part in book.sheets:
            table = _Table(name, from_1904=book.from_1904, confirmed=name in _confirmed_sheets(rules))
            tables.append(table)
            try:
                _read(table, book.rows(part), rules)
            except workbook.FAULTS as error:
                found = f"a damaged sheet ({' '.join(str(error).split())}), read as far as it goes"
                table.refused.append(Refusal(name, found, "a whole sheet", "save the workbook again"))
        saved, saved_by = book.saved, book.saved_by
    return _together(path, tables, saved, saved_by)


def _confirmed_sheets(rules: RuleSet) -> frozenset[str]:
    """What the sheet of confirmed answers is called."""
    sheets = rules.tables.get("report", {}).get("sheet", [])
    return frozenset(name for sheet in sheets if sheet["id"] == _CONFIRMED for name in sheet["name"].values())


def _from_csv(path: Path, rules: RuleSet) -> Replies:
    settings = rules.tables["review"]["reading"]
    text = _decoded(path, settings["encodings"])
    table = _Table("", plain_keys=True)
    for delimiter in settings["delimiters"]:
        table = _Table("", plain_keys=True)
        try:
            _read(table, _csv_rows(text, delimiter), rules)
        except csv.Error as error:
            table.refused.append(Refusal(path.name, str(error), "a CSV file", "mend it, or save it again"))
        if "answer" in table.columns:
            break
    return _together(path, [table], "", "")


def _together(path: Path, tables: Iterable[_Table], saved: str, saved_by: str) -> Replies:
    tables = list(tables)
    refused = [one for table in tables for one in table.refused]
    if not any("answer" in table.columns for table in tables) and not refused:
        wanted = "the columns key and 处理结果 of a report"
        refused = [Refusal(path.name, "no column for answers", wanted, "answer the workbook that was sent")]
    replies = tuple(reply for table in tables for reply in table.replies)
    return Replies(path.name, saved, saved_by, replies, tuple(refused), sum(table.blank for table in tables))


def _decoded(path: Path, encodings: list[str]) -> str:
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16", *encodings]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    wanted = f"text in {' or '.join(encodings)}"
    raise InputError(problem(str(path), "bytes that are no text", wanted, "save it as CSV in UTF-8, or as .xlsx"))


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in lines:
        kept = {place: cell.strip() for place, cell in enumerate(cells) if cell.strip()}
        if kept:
            yield Row(lines.line_num, kept)


def _read(table: _Table, rows: Iterable[Row], rules: RuleSet) -> None:
    """Rows into a table: its head is looked for among the first rows; a table without one holds no answers."""
    words, head_rows = read_words(rules), int(rules.tables["review"]["reading"]["head_rows"])
    for nth, row in enumerate(rows):
        if table.columns:
            _take(table, row, words)
        elif nth < head_rows:
            found = _heads(row, words)
            # One word alone may stand anywhere, as in a sheet that explains the columns.
            table.columns.update(found if "answer" in found and {"key", "done"} & set(found) else {})
        else:
            return


def _heads(row: Row, words: Words) -> dict[str, int]:
    """Column name -> place, for the heads that a row holds; the first of a name counts."""
    found: dict[str, int] = {}
    for place, text in sorted(row.cells.items()):
        for part in (text, *_HEAD_PARTS.split(text)):
            name = words.columns.get(folded(part))
            if name:
                found.setdefault(name, place)
    return found


def _take(table: _Table, row: Row, words: Words) -> None:
    """One row below the head: a reply, a refusal, or a row that nobody answered."""
    key, said, done, note = (
        row.cells.get(table.columns.get(name, -1), "") for name in ("key", "answer", "done", "note")
    )
    if not said and not done and not note:
        table.blank += bool(key)
        return
    place = table.place(row)
    if not said:
        found = f"{_short(done or note)!r} without an answer"
        table.refused.append(Refusal(place, found, _choices(words), "choose one in 处理结果, or empty the row"))
        return
    answer = _answer(said, words)
    if answer is None:
        remedy = nearest(said, words.named) or "choose one of them"
        table.refused.append(Refusal(place, f"the answer {_short(said)!r}", _choices(words), remedy))
        return
    if table.confirmed and answer is Answer.DIFFERENT:
        table.blank += 1
        return
    seal = _sealed(key, table.plain_keys)
    if seal is None:
        found = f"the key {_short(key)!r}" if key else "no key"
        wanted = "the hidden key that the report was sent with"
        table.refused.append(Refusal(place, found, wanted, "copy the answer into the report as it was sent"))
        return
    table.replies.append(Reply(place, seal, answer, day(done, table.from_1904), note))


def _choices(words: Words) -> str:
    return f"one of {', '.join(words.named)}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _answer(text: str, words: Words) -> Answer | None:
    """The answer that a cell holds, in one language or in both; None when it is none, or two."""
    whole = words.answers.get(folded(text))
    if whole is not None:
        return whole
    parts = {words.answers.get(folded(part)) for part in _HEAD_PARTS.split(text) if part.strip()}
    return parts.pop() if len(parts) == 1 else None


def _sealed(text: str, plain: bool) -> Seal | None:
    """What a key names. A CSV file may be written by a program that knows groups and records but no seals."""
    if plain and _PLAIN_KEY.fullmatch(text):
        return Seal(text, "", "")
    return unseal(text)


def day(text: str, from_1904: bool = False) -> str:
    """A day as ISO 8601, from how people and spreadsheets write it; any other text as it was typed."""
    if match := _DAY.match(text):
        year, month, number = map(int, match.groups())
        try:
            return date(year, month, number).isoformat()
        except ValueError:
            return text
    try:
        counted = _EPOCHS[from_1904] + timedelta(days=int(float(text)))
    except (ValueError, OverflowError):
        return text
    return counted.isoformat() if counted.year in _LIKELY_YEARS else text
