"""Which findings count: what a centre selects, ignores, allows and has on file, and how severe each is to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from dedup.check.baseline import Baseline, Entry
from dedup.check.model import Finding, Result, Severity
from dedup.codes import read_codes
from dedup.config import Allow, Checking, Config
from dedup.errors import InputError, nearest, problem
from dedup.rules import RuleSet

ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A finding that an `[[allow]]` lets stand."""

    finding: Finding
    allow: Allow


@dataclass(frozen=True, slots=True)
class Report:
    """What a check has to tell.

    `findings` count; `known` are on file in the baseline, `allowed` in the configuration; `ignored`: how many findings
    are of codes that are not asked for. `expired`: entries that hold no more and would have allowed a finding. `stale`:
    entries of the baseline that speak of records checked now and are no more found. `fails`: the findings that fail the
    check. `with_baseline`: there was one.
    """

    result: Result
    findings: tuple[Finding, ...]
    known: tuple[Finding, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    ignored: int = 0
    expired: tuple[Allow, ...] = ()
    stale: tuple[Entry, ...] = ()
    fails: int = 0
    with_baseline: bool = False


def checked_config(config: Config, rules: RuleSet) -> None:
    """Raises InputError for a code, a severity or an expiry that `[check]` and `[[allow]]` cannot have."""
    codes = list(read_codes(rules))
    said, place = config.check, f"{config.path} [check]"
    for name, words in (("select", said.select), ("ignore", said.ignore), ("severity", said.severity)):
        for word in words:
            _known(f"{place} {name}", word, codes)
    for word in (*said.severity.values(), *filter(None, [said.fail_on])):
        if word not in ORDER:
            remedy = nearest(word, [one.value for one in ORDER]) or "correct it"
            raise InputError(problem(place, f"severity {word!r}", f"one of {', '.join(ORDER)}", remedy))
    for allow in config.allow:
        _known(f"{config.path} [[allow]] {allow.number}", allow.code, codes)


def _known(place: str, word: str, codes: Iterable[str]) -> None:
    """A code, or the beginning of one."""
    if not word or not any(code.startswith(word) for code in codes):
        wanted = "a code such as Q02, or its beginning such as Q"
        raise InputError(problem(place, f"code {word!r}", wanted, nearest(word, codes) or "`dedup rule` lists them"))


def counted(result: Result, config: Config, baseline: Baseline | None, today: date) -> Report:
    """The findings that count. `today` decides which `[[allow]]` still hold: `expires` is the last day."""
    said = config.check
    asked = [one for one in result.findings if asked_for(one.code, said)]
    graded = _sorted([replace(one, severity=_severity(one, said)) for one in asked])
    open_ones: list[Finding] = []
    known: list[Finding] = []
    allowed: list[Allowed] = []
    expired: dict[int, Allow] = {}
    for finding in graded:
        fitting = [allow for allow in config.allow if fits(allow, finding.code, finding.record_id)]
        holding = [allow for allow in fitting if holds(allow, today)]
        if holding:
            allowed.append(Allowed(finding, holding[0]))
            continue
        expired |= {allow.number: allow for allow in fitting}
        (known if baseline and finding.fingerprint in baseline.fingerprints else open_ones).append(finding)
    least = ORDER.index(Severity(said.fail_on)) if said.fail_on else len(ORDER)
    return Report(
        result=result,
        findings=tuple(open_ones),
        known=tuple(known),
        allowed=tuple(allowed),
        ignored=len(result.findings) - len(asked),
        expired=tuple(expired[number] for number in sorted(expired)),
        stale=_stale(baseline, result, config) if baseline else (),
        fails=sum(ORDER.index(one.severity) <= least for one in open_ones),
        with_baseline=baseline is not None,
    )


def _sorted(findings: list[Finding]) -> list[Finding]:
    """Files in the order of the input, in each by place, the worst first."""
    files = {name: number for number, name in enumerate(dict.fromkeys(one.file for one in findings))}
    return sorted(
        findings,
        key=lambda one: (
            files[one.file],
            one.offset,
            one.record_id,
            ORDER.index(one.severity),
            one.code,
            one.field,
            one.found,
            one.fingerprint,
        ),
    )


def asked_for(code: str, said: Checking) -> bool:
    """Whether a code counts; the longer word wins: `ignore = ["Q"]` with `select = ["Q02"]` leaves Q02."""
    chosen = max((len(word) for word in said.select if code.startswith(word)), default=-1 if said.select else 0)
    refused = max((len(word) for word in said.ignore if code.startswith(word)), default=-1)
    return chosen > refused if refused >= 0 else chosen >= 0


def fits(allow: Allow, code: str, record_id: str) -> bool:
    """Whether an `[[allow]]` speaks of that code on that record."""
    return code.startswith(allow.code) and fnmatchcase(record_id, allow.record)


def holds(allow: Allow, today: date) -> bool:
    """Whether an `[[allow]]` still holds; `expires` is its last day."""
    return allow.expires is None or allow.expires >= today


def _severity(finding: Finding, said: Checking) -> Severity:
    """What the centre says of the code, else what the finding came with."""
    word = said.word_for(finding.code)
    return finding.severity if word is None else Severity(said.severity[word])


def _stale(baseline: Baseline, result: Result, config: Config) -> tuple[Entry, ...]:
    """Entries about the sources checked now, of codes asked for, that are found no more."""
    found = {one.fingerprint for one in result.findings}
    sources = {_source(name) for file in result.files for name in file.ids}
    return tuple(
        entry
        for entry in baseline.entries
        if entry.fingerprint not in found
        and _source(entry.record_id) in sources
        and asked_for(entry.code, config.check)
    )


def _source(record_id: str) -> str:
    return record_id.partition("/")[0]
