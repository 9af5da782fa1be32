"""Proposals for the records that a library keeps, as MARC files that its system can load, read again after writing.

ISO 2709 as long as a record fits into it, MARCXML for those that do not. Records of different sources or formats never
share a file: a system that is told one format would read the other wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import IO

from dedup.marc.reread import Expected, expected, faults
from dedup.marc.single import Whole
from dedup.marc.write import XML_FOOT, XML_HEAD, cleaned, iso2709, marcxml
from dedup.report.folders import folder_of
from dedup.report.originals import GONE, Original, Originals, read_originals
from dedup.report.proposal import Finding, Full, propose
from dedup.rules import RuleSet

STEM = "proposal"
_ISO, _XML = ".mrc", ".xml"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the proposals.

    `files`; `added`: kept record -> what was added; `aside`: record -> why its data is not in them; `gone`: source
    files that are not there any more; `blanked`: control characters that became blanks.
    """

    files: tuple[Path, ...] = ()
    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    blanked: int = 0


class Aside(StrEnum):
    """Why the data of a record is in no proposal."""

    GONE = "gone"
    CHANGED = "changed"
    TAG = "tag"
    UNPROVEN = "unproven"


@dataclass(slots=True)
class _Work:
    """What is to be written, files open for writing, what each must hold, and what is told in the end."""

    folder: Path
    findings: Mapping[str, Finding]
    originals: Originals
    rules: RuleSet
    labels: Mapping[str, str]
    held: ExitStack
    streams: dict[str, IO[bytes]] = field(default_factory=dict)
    wanted: dict[str, list[Expected]] = field(default_factory=dict)
    owners: dict[str, list[str]] = field(default_factory=dict)
    added: dict[str, tuple[str, ...]] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    blanked: int = 0


def write_proposals(folder: Path, findings: Mapping[str, Finding], originals: Originals, rules: RuleSet) -> Written:
    """Write the proposals for kept records (`findings`, by record id) into `folder`: `proposal.mrc`, `proposal.xml`.

    Records are taken from their source files, some hundred groups at a time. Raises OSError when `folder` cannot be
    written to.
    """
    forget_proposals(folder)
    labels = _labels([originals.records[name] for name in findings if name in originals.records])
    size = rules.tables["proposal"]["limits"]["groups_at_once"]
    with ExitStack() as held:
        work = _Work(folder, findings, originals, rules, labels, held)
        for names in _pieces(labels, size):
            _some(names, work)
        for name, stream in work.streams.items():
            stream.write(XML_FOOT.encode() if name.endswith(_XML) else b"")
    files = tuple(path for name in sorted(work.streams) if (path := _proven(folder / name, work)))
    gone = {originals.records[name].file for name, why in work.aside.items() if why == Aside.GONE}
    return Written(files, work.added, work.aside, tuple(sorted(gone)), work.blanked)


def forget_proposals(folder: Path) -> None:
    """Take away the proposals of an earlier run."""
    for old in folder.glob(f"{STEM}*"):
        if old.suffix in (_ISO, _XML):
            old.unlink()


def _pieces(names: Iterable[str], size: int) -> Iterator[list[str]]:
    ordered = iter(sorted(names))
    while piece := list(islice(ordered, size)):
        yield piece


def _labels(rows: Sequence[Original]) -> dict[str, str]:
    """By record the stem of its file: with its source where there are several, with its format where there are."""
    sources, formats = {row.source for row in rows}, {row.format for row in rows}
    labels = {}
    for row in rows:
        parts = [folder_of(row.source)] if len(sources) > 1 else []
        parts += [row.format.name.lower()] if len(formats) > 1 else []
        labels[row.record_id] = ".".join([STEM, *parts])
    return labels


def _some(names: Sequence[str], work: _Work) -> None:
    """The proposals for some kept records."""
    known, merged = work.originals.records, work.originals.merged
    wanted = {one for name in names for one in (name, *merged.get(name, ()))} & set(known)
    wholes = read_originals(work.originals, wanted, work.rules)
    for name in names:
        keep, *others = [_full(one, wholes.get(one), work) for one in (name, *merged.get(name, ())) if one in known]
        if keep is not None:
            _write(keep, [one for one in others if one is not None], work)


def _full(name: str, whole: Whole | None, work: _Work) -> Full | None:
    """A record ready to be compared; None, with the reason told, when it is not what the run saw."""
    row = work.originals.records[name]
    if whole is None:
        gone = row.kind == GONE or (row.at is None and not Path(row.path).is_file())
        work.aside[name] = Aside.GONE if gone else Aside.CHANGED
        return None
    try:
        clean = cleaned(whole.fields)
    except ValueError:
        work.aside[name] = Aside.TAG
        return None
    work.blanked += clean.blanked
    return Full(name, row.format, whole.leader, clean.fields, row.year, row.pages, frozenset(row.others))


def _write(keep: Full, others: Sequence[Full], work: _Work) -> None:
    """Add the proposal for one record to its file."""
    made = propose(keep, others, work.findings[keep.record_id], work.rules)
    if made is None:
        return
    data = iso2709(made.leader, made.fields)
    name = work.labels[keep.record_id] + (_XML if data is None else _ISO)
    if name not in work.streams:
        work.streams[name] = work.held.enter_context((work.folder / name).open("wb"))
        work.streams[name].write(XML_HEAD.encode() if name.endswith(_XML) else b"")
    work.streams[name].write(marcxml(made.leader, made.fields) if data is None else data)
    work.wanted.setdefault(name, []).append(expected(made.leader, made.fields, work.rules))
    work.owners.setdefault(name, []).append(keep.record_id)
    work.added[keep.record_id] = made.added


def _proven(path: Path, work: _Work) -> Path | None:
    """The file, when two readers read of it what was written; else it is taken away again."""
    if not faults(path, work.wanted[path.name], work.rules):
        return path
    path.unlink()
    for name in work.owners[path.name]:
        del work.added[name]
        work.aside[name] = Aside.UNPROVEN
    return None
