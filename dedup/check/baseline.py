"""Findings that are on file: a check reports only what is new beside them.

A baseline is JSON, one finding a line in the order of record, code and fingerprint, so that a change of it reads well
in a version control system.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dedup.check.model import Finding
from dedup.errors import InputError, problem
from dedup.model import CONTRACT_VERSION

KIND = "dedup check baseline"
_FINGERPRINT = re.compile("[0-9a-f]{32}")
_KEYS = ("code", "record_id", "fingerprint")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding on file."""

    record_id: str
    code: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file, sorted, each once."""

    entries: tuple[Entry, ...]
    fingerprints: frozenset[str]


def baseline_of(findings: Iterable[Finding]) -> Baseline:
    """The baseline in which all these findings are on file."""
    return _made(Entry(one.record_id, one.code, one.fingerprint) for one in findings)


def without(baseline: Baseline, stale: Iterable[Entry]) -> Baseline:
    """The baseline without some entries."""
    gone = set(stale)
    return _made(entry for entry in baseline.entries if entry not in gone)


def _made(entries: Iterable[Entry]) -> Baseline:
    kept = tuple(sorted(set(entries)))
    return Baseline(kept, frozenset(entry.fingerprint for entry in kept))


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Write a baseline; an old one is replaced in one step.

    Raises InputError when that cannot be done, or when something else than a baseline stands there.
    """
    if path.exists():
        read_baseline(path)
    rows = [
        json.dumps(
            {"code": entry.code, "record_id": entry.record_id, "fingerprint": entry.fingerprint}, ensure_ascii=False
        )
        for entry in baseline.entries
    ]
    listed = "".join(f"\n  {row}{',' if number < len(rows) else ''}" for number, row in enumerate(rows, 1))
    head = f'{{"kind": "{KIND}", "contract_version": {CONTRACT_VERSION}, "findings": ['
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_text(f"{head}{listed}\n]}}\n", encoding="utf-8", newline="\n")
        new.replace(path)
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError(problem(str(path), found, "a file that can be written", "name another")) from error


def read_baseline(path: Path) -> Baseline:
    """Read and check a baseline. Raises InputError naming the file and what is wrong."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        found = error.strerror or str(error)
        remedy = f"check the name, or make it with --write-baseline {path}"
        raise InputError(problem(str(path), found, "a baseline", remedy)) from error
    except ValueError as error:
        raise _foreign(path, f"no JSON ({error})") from error
    if not isinstance(said, dict) or said.get("kind") != KIND or not isinstance(said.get("findings"), list):
        raise _foreign(path, "something else")
    version = said.get("contract_version")
    if version != CONTRACT_VERSION:
        raise _foreign(path, f"contract_version {version!r}, not {CONTRACT_VERSION}")
    return _made(_entry(path, number, row) for number, row in enumerate(said["findings"], 1))


def _entry(path: Path, number: int, row: object) -> Entry:
    if (
        not isinstance(row, dict)
        or not all(isinstance(row.get(key), str) for key in _KEYS)
        or not _FINGERPRINT.fullmatch(row["fingerprint"])
    ):
        raise _foreign(path, f"finding {number} without code, record_id or fingerprint")
    return Entry(row["record_id"], row["code"], row["fingerprint"])


def _foreign(path: Path, found: str) -> InputError:
    wanted = "a baseline of `dedup check`"
    return InputError(problem(str(path), found, wanted, "move that file away, and make one with --write-baseline"))
