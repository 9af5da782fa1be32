"""The files of a library that programs load, and the letter: CSV of its corrections, lists of control numbers, MARC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dedup.codes import LANGUAGES, filled
from dedup.model import Verdict
from dedup.report.cells import write_csv
from dedup.report.folders import folder_of
from dedup.report.keys import seal
from dedup.report.letter import Letter, write_letter
from dedup.report.marcout import Written, forget_proposals, write_proposals
from dedup.report.model import Line, Package, Part
from dedup.report.originals import Original, Originals
from dedup.report.proposal import Finding
from dedup.rules import RuleSet

CORRECTIONS, KEEP, REDIRECTS, DELETE, LETTER = (
    "corrections.csv",
    "keep.csv",
    "redirects.csv",
    "delete.txt",
    "letter.eml",
)
BETWEEN = "; "
_UNSEALED = {"key", "part", "differing", "correction", "reason"}
_PLAIN = tuple(name for name in Line.__slots__ if name not in _UNSEALED)
_SPOKEN = tuple(f"{name}_{language}" for name in ("correction", "reason") for language in LANGUAGES)
# What the library fills in, under heads that `dedup replies` knows.
_ANSWER = ("result", "completed", "note")
_COLUMNS = ("key", "part", "mine", *_PLAIN, "differing", *_SPOKEN, *_ANSWER)
_KEPT = ("group_id", "record_id", "source", "control", "control_is_unique", "merged", "proposal", "title")
_REDIRECTED = (
    "group_id",
    "deleted_record",
    "deleted_source",
    "deleted_control",
    "deleted_source_numbers",
    "kept_record",
    "kept_source",
    "kept_control",
    "kept_source_numbers",
    "action",
    "mine",
)


@dataclass(frozen=True, slots=True)
class Job:
    """What all packages of a run share: the month, the language of letters (zh, en, both), the centre's name."""

    period: str
    language: str = "zh"
    centre: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was written for one library, and what a person must be told of it, in both languages."""

    files: tuple[Path, ...]
    deletes: int = 0
    proposals: int = 0
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def is_mine(package: Package, line: Line) -> bool:
    """Whether the library of a package is the one to act on a line; the centre looks after all of them."""
    return not package.library or package.library in line.responsible.split(BETWEEN)


def _open(package: Package) -> Iterator[Line]:
    """The lines of findings that have not been answered with "no duplicate"; one left over from a month before once."""
    now = {line.key for line in package.lines if line.part not in (Part.OPEN, Part.CONFIRMED)}
    for line in package.lines:
        if line.part not in (Part.OPEN, Part.CONFIRMED) or (line.part is Part.OPEN and line.key not in now):
            yield line


def write_files(
    package: Package,
    folder: Path,
    rules: RuleSet,
    job: Job,
    originals: Originals | None = None,
    workbook: Path | None = None,
) -> Tally:
    """Write all files of a library but its workbook and page into `folder`; the letter attaches `workbook`.

    `originals` come from `dedup.report.originals.from_rows`; without them control numbers are read off record ids and
    there is no MARC. Raises OSError when the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = originals or Originals()
    _write_corrections(package, folder / CORRECTIONS, job)
    deletes, files, unnumbered = _write_deletes(package, folder, known, rules)
    marc = _write_marc(package, folder, known, (rules, job))
    _write_kept(package, folder / KEEP, known, marc)
    _write_redirects(package, folder / REDIRECTS, known, rules)
    notes = {language: tuple(_notes(marc, unnumbered, rules, language)) for language in LANGUAGES}
    letter = Letter(
        mine=sum(is_mine(package, line) for line in package.lines),
        deletes=deletes,
        delete_files=tuple(path.name for path in files),
        proposals=len(marc.added),
        proposal_files=tuple(path.name for path in marc.files),
        workbook=workbook if workbook is not None and workbook.is_file() else None,
        notes=notes,
    )
    write_letter(package, folder / LETTER, rules, (job.period, job.language, job.centre), letter)
    lists = tuple(folder / name for name in (CORRECTIONS, KEEP, REDIRECTS, LETTER))
    return Tally((*lists, *files, *marc.files), deletes, len(marc.added), notes)


def _write_corrections(package: Package, path: Path, job: Job) -> None:
    rows = (
        [
            seal(line.key, package.library, job.period),
            str(line.part),
            str(int(is_mine(package, line))),
            *(_plain(getattr(line, name)) for name in _PLAIN),
            BETWEEN.join(line.differing),
            *(texts[language] for texts in (line.correction, line.reason) for language in LANGUAGES),
            *("" for _ in _ANSWER),
        ]
        for line in package.lines
    )
    write_csv(path, _COLUMNS, rows, as_is=("key",))


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _numbered(record_id: str, known: Originals) -> Original | None:
    """A record whose control number names it and no other."""
    row = known.records.get(record_id)
    return row if row is not None and row.control and not row.shared and row.control.isprintable() else None


def _source_and_control(record_id: str, known: Originals) -> tuple[str, str]:
    row = known.records.get(record_id)
    if row is not None:
        return row.source, row.control
    source, _, control = record_id.partition("/")
    return source, "" if control.startswith("@") else control


def _write_deletes(
    package: Package, folder: Path, known: Originals, rules: RuleSet
) -> tuple[int, tuple[Path, ...], tuple[str, ...]]:
    """One list of control numbers for each source: how many, the files, and the records that cannot be listed.

    A record that is kept in any finding is not listed, nor one whose number another record has, too.
    """
    actions = rules.tables["corrections"]["actions"]["delete"]
    kept = {line.record_id for line in package.lines if line.keep}
    wanted = {
        line.record_id
        for line in _open(package)
        if line.action in actions and not line.keep and is_mine(package, line) and line.record_id not in kept
    }
    by_source: dict[str, list[str]] = {}
    left = []
    for record_id in sorted(wanted):
        row = _numbered(record_id, known)
        if row is None:
            left.append(record_id)
        else:
            by_source.setdefault(row.source, []).append(row.control)
    for old in folder.glob("delete*.txt"):
        old.unlink()
    files = []
    for source, controls in sorted(by_source.items()) or [("", [])]:
        name = DELETE if len(by_source) < 2 else DELETE.replace(".", f".{folder_of(source)}.")
        (folder / name).write_text("".join(f"{one}\n" for one in controls), encoding="utf-8", newline="\n")
        files.append(folder / name)
    return sum(map(len, by_source.values())), tuple(files), tuple(left)


def _write_marc(package: Package, folder: Path, known: Originals, how: tuple[RuleSet, Job]) -> Written:
    """The proposals for the records that this library keeps."""
    rules, job = how
    actions = rules.tables["corrections"]["actions"]["keep"]
    findings = {
        line.record_id: Finding(line.group_id, frozenset([line.cause, *line.secondary.split(";")]), job.period)
        for line in _open(package)
        if line.keep and line.action in actions and line.record_id in known.merged and is_mine(package, line)
    }
    if not findings:
        forget_proposals(folder)
        return Written()
    return write_proposals(folder, findings, known, rules)


def _write_kept(package: Package, path: Path, known: Originals, marc: Written) -> None:
    beside = Counter(line.group_id for line in _open(package) if not line.keep and line.verdict == Verdict.SAME)
    rows = (
        [
            line.group_id,
            line.record_id,
            *_source_and_control(line.record_id, known),
            str(int(_numbered(line.record_id, known) is not None)),
            str(beside[line.group_id]),
            BETWEEN.join(marc.added.get(line.record_id, ())),
            line.title,
        ]
        for line in _open(package)
        if line.keep
    )
    write_csv(path, _KEPT, rows)


def _write_redirects(package: Package, path: Path, known: Originals, rules: RuleSet) -> None:
    actions = rules.tables["corrections"]["actions"]["redirect"]
    rows = (
        [
            line.group_id,
            *_named(line.record_id, known),
            *_named(line.keep_record, known),
            line.action,
            str(int(is_mine(package, line))),
        ]
        for line in _open(package)
        if not line.keep and line.keep_record and line.action in actions
    )
    write_csv(path, _REDIRECTED, rows)


def _named(record_id: str, known: Originals) -> tuple[str, ...]:
    row = known.records.get(record_id)
    return (record_id, *_source_and_control(record_id, known), row.source_numbers if row else "")


def _notes(marc: Written, unnumbered: Sequence[str], rules: RuleSet, language: str) -> Iterator[str]:
    """What could not be done, each reason with some of the records it holds for."""
    table = rules.tables["corrections"]
    by_reason: dict[str, list[str]] = {}
    for record_id, why in sorted(marc.aside.items()):
        by_reason.setdefault(why, []).append(record_id)
    if unnumbered:
        by_reason["unnumbered"] = list(unnumbered)
    shown = table["limits"]["records"]
    for why, records in by_reason.items():
        values = {"count": str(len(records)), "files": _some(marc.gone, shown), "records": _some(records, shown)}
        yield filled(table["aside"][why][language], values)
    if marc.blanked:
        yield filled(table["aside"]["blanked"][language], {"count": str(marc.blanked)})


def _some(names: Iterable[str], most: int) -> str:
    """Names in one line, cut to what a sentence can hold."""
    listed = list(names)
    return BETWEEN.join(listed[:most]) + (" …" if len(listed) > most else "")
