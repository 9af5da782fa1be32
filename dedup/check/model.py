"""What a check of new records gives: findings, updates, and what was read. How it is written is no matter here.

Texts stand in English and, with `_zh` at the end of the name, in Chinese. Places are those of the input as the user
named it; nothing is ever null, what is not known is '' (or 0, or -1 for an offset).
"""

from __future__ import annotations

from dataclasses import dataclass

from dedup.codes import Severity

__all__ = ["Catalogue", "FileRead", "Finding", "Match", "Result", "Severity", "Update"]


@dataclass(frozen=True, slots=True)
class Match:
    """A record that a finding or an update names beside the new one.

    `record_id`: SOURCE/CONTROL; `control`: its 001, as typed; `libraries`: codes of the libraries that hold it (without
    items that of its source), sorted, each once; `title` and `statement` (edition, imprint, extent) as typed;
    `verdict`: model.Verdict of the pair; `cause`: its code (D..), '' when none is known; `confidence`: 0 to 1, ranks
    inside a verdict; `group`: id of its group in the catalogue as the last run left it, '' when it is in none;
    `new`: it is one of the new records itself, then `file` (as in Finding) and `offset` tell where.
    """

    record_id: str
    control: str
    libraries: tuple[str, ...]
    title: str
    statement: str
    verdict: str
    cause: str
    confidence: float
    group: str = ""
    new: bool = False
    file: str = ""
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be put right, or looked at, in one new record, or in bytes that could not be read as one.

    `code`: D.. (duplicate), J.. (no usable title), Q.. (fault) of rules/causes.toml; `severity` as the table says.
    `verdict`: model.Verdict for a duplicate, `junk` for J.., '' for a fault inside one record (so in the JSON form).
    `record_id`: SOURCE/CONTROL[#n] or SOURCE/@OFFSET; `file`: path as the user named it, an archive's member after `!`;
    `number`: which record of its file it is, from 1, unreadable ones counted; `offset`, `length`: its bytes in the
    (uncompressed) file; `control`: its 001; `title` as typed.
    `field`: place of a fault in the record's own format, such as 020$a or 100$a/9-12; '' for a duplicate; `found` what
    stands there, `expected` what should, where it is known.
    `matches`: the records it is a duplicate of, or shares a number with, best first.
    `message`: what is wrong; `todo`: what to do. One or more sentences each, without line ends.
    `fingerprint`: 32 hexadecimal digits over code, identity of the record (its id; without 001 its content), field,
    found and the sorted ids of the matches. It does not depend on offsets, on other records, on texts or on severity.
    """

    code: str
    severity: Severity
    verdict: str
    record_id: str
    file: str
    number: int
    offset: int
    length: int
    control: str
    title: str
    field: str
    found: str
    expected: str
    matches: tuple[Match, ...]
    message: str
    message_zh: str
    todo: str
    todo_zh: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Update:
    """A new record that the catalogue holds already under its control number: it replaces `match`, and is no duplicate.

    `changed`: the record is not byte for byte the same beside 001 and 005.
    """

    record_id: str
    file: str
    number: int
    offset: int
    control: str
    title: str
    match: Match
    changed: bool


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file that was read, or member of an archive: `records` = `loaded` + `unreadable`.

    `ids`: the record ids of those that were loaded, in the order of the file.
    """

    file: str
    bytes: int
    records: int
    loaded: int
    unreadable: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The catalogue that new records were held against: `path` as named, its `records`, the month of its last run.

    `other_rules`: it was made by other rule tables than those in force now, so that some of its records may be read
    differently today.
    """

    path: str
    records: int
    period: str
    other_rules: bool


@dataclass(frozen=True, slots=True)
class Result:
    """All of a check. `records`: bibliographic records that were read; `files`, `findings` and `updates` in the order
    of the input (file, offset), the findings of one record by severity, then code, field, found.

    `catalogue`: None when new records were checked by themselves and against each other alone.
    """

    records: int
    files: tuple[FileRead, ...]
    findings: tuple[Finding, ...]
    updates: tuple[Update, ...]
    catalogue: Catalogue | None
    rules_sha256: str
