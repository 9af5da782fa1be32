"""The letter that sends a library its package: a draft that any mail program opens, and no server is asked for.

Source: RFC 5322 (messages), RFC 2046 (attachments); `X-Unsent: 1` makes Outlook and Thunderbird open it for editing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from dedup.codes import LANGUAGES, filled
from dedup.report.cells import escaped
from dedup.report.model import Package, Part
from dedup.rules import RuleSet

_WORKBOOK_TYPE = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_MEGABYTE = 1 << 20
_BOUNDARY = "=_dedup_letter_="
BOTH = "both"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter tells beside the totals of the package: lines to act on, files, and what could not be done."""

    mine: int = 0
    deletes: int = 0
    delete_files: tuple[str, ...] = ()
    proposals: int = 0
    proposal_files: tuple[str, ...] = ()
    workbook: Path | None = None
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write_letter(package: Package, path: Path, rules: RuleSet, told: tuple[str, str, str], letter: Letter) -> None:
    """Write the draft of a letter. `told`: the period, the language (zh, en, both), the centre's name ('' = none).

    Raises OSError when it cannot be written.
    """
    path.write_bytes(compose(package, rules, told, letter).as_bytes(policy=SMTP))


def compose(package: Package, rules: RuleSet, told: tuple[str, str, str], letter: Letter) -> EmailMessage:
    """The letter as a message without sender and receiver, which whoever sends it fills in."""
    period, language, centre = told
    languages = LANGUAGES if language == BOTH else (language,)
    table = rules.tables["corrections"]["letter"]
    message = EmailMessage()
    subjects = [filled(table["subject"][one], _names(package, rules, told, one)) for one in languages]
    message["Subject"] = " / ".join(subjects)
    message["X-Unsent"] = "1"
    largest = rules.tables["corrections"]["limits"]["attached_megabytes"] * _MEGABYTE
    book = letter.workbook
    attached = book is not None and book.stat().st_size <= largest
    texts = ["\n".join(_lines(package, rules, (period, one, centre), letter, attached)) for one in languages]
    message.set_content(f"\n{'-' * 60}\n".join(texts), cte="base64")
    if book is not None and attached:
        main, sub = _WORKBOOK_TYPE
        message.add_attachment(book.read_bytes(), maintype=main, subtype=sub, filename=book.name)
        message.set_boundary(_BOUNDARY)
    return message


def _names(package: Package, rules: RuleSet, told: tuple[str, str, str], language: str) -> dict[str, str]:
    """Names as they can stand in one line, whatever signs a code holds, and however many."""
    period, _, centre = told
    table, most = rules.tables["corrections"]["letter"], rules.tables["corrections"]["limits"]["name_letters"]
    library = escaped(package.library[:most]) or table["nameless"][language]
    named = escaped(centre[:most]) or table["centre"][language]
    return {"library": library, "period": escaped(period), "centre": named}


def _lines(
    package: Package, rules: RuleSet, told: tuple[str, str, str], letter: Letter, attached: bool
) -> Iterator[str]:
    """The lines of a letter in one language."""
    table, language = rules.tables["corrections"]["letter"], told[1]
    names = _names(package, rules, told, language)

    def said(line: str, **values: object) -> str:
        """A line of the table with its values and the names put in."""
        return filled(table[line][language], names | {key: str(value) for key, value in values.items()})

    groups = len({line.group_id or line.key for line in package.lines})
    yield from (said("greeting"), "")
    if package.lines:
        yield said("opening", groups=groups, records=len(package.lines), own=letter.mine)
        for part in Part:
            if lines := package.of(part):
                count = len({line.group_id or line.key for line in lines})
                yield said("total", name=table["part"][part][language], groups=count, records=len(lines))
        yield from ("", said("todo"))
        for number, step in enumerate(_steps(table, letter, language), 1):
            yield f"{number}. {step}"
    else:
        yield said("nothing")
    notes = list(letter.notes.get(language, ()))
    if letter.workbook is not None and not attached:
        notes.append(said("too_large", file=letter.workbook.name))
    if notes:
        yield from ("", said("notes"), *(f"* {escaped(note)}" for note in notes))
    yield from ("", said("thanks"), "", said("signature"))


def _steps(table: Mapping[str, Any], letter: Letter, language: str) -> Iterator[str]:
    """What the library is asked to do, with the files that there are."""
    files = {
        "always": "corrections.csv",
        "workbook": letter.workbook.name if letter.workbook else "",
        "delete": ", ".join(letter.delete_files) if letter.deletes else "",
        "proposal": ", ".join(letter.proposal_files),
    }
    counts = {"deletes": str(letter.deletes), "proposals": str(letter.proposals)}
    for step in table["step"]:
        if files[step["when"]]:
            yield filled(step[language], {"file": files[step["when"]], **counts})
