"""Findings put together and into words: duplicates, records without a title, faults, and updates beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import numpy as np

from dedup.check.facts import Facts, Row, by_record
from dedup.check.model import Finding, Match, Update
from dedup.check.reading import told
from dedup.codes import LANGUAGES, Severity, filled, read_codes
from dedup.compare.causes import coded
from dedup.model import Verdict
from dedup.rules import RuleSet

Text = Mapping[str, str]
_BESIDE_SAME = (Verdict.STRUCTURE, Verdict.REPAIR, Verdict.REVIEW)
_BETWEEN = {"zh": "；", "en": "; "}
_ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Said:
    """What becomes a finding, before the record is known: texts in both languages."""

    code: str
    message: Text
    todo: Text
    field: str = ""
    found: str = ""
    expected: str = ""
    verdict: str = ""
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts rows of facts into words. `first` is the rid of the first new record."""

    facts: Facts
    rules: RuleSet
    first: int

    @property
    def table(self) -> Mapping[str, Any]:
        """`rules/check.toml`."""
        return self.rules.tables["check"]

    def updates(self) -> Iterator[Update]:
        """The new records that replace one of the catalogue."""
        for row in self.facts.updates:
            new = self.facts.records[row["rid"]]
            number = self.facts.places[new["source"], new["file"], new["offset"]]
            yield Update(
                new["record_id"],
                self.facts.files[new["source"], new["file"]],
                number,
                new["offset"],
                new["control"],
                new["title"],
                self.match(row["other"], str(Verdict.SAME), "", 1.0),
                row["changed"],
            )

    def findings(self) -> list[Finding]:
        """All findings in the order of the input."""
        placed: list[tuple[tuple[str, str, int], Finding]] = []
        for rid, some in self._of_records():
            new = self.facts.records[rid]
            placed += [((new["source"], new["file"], new["offset"]), self._of(new, one)) for one in some]
        for row in self.facts.unreadable:
            placed.append(((row["source"], row["file"], row["offset"]), self._of(row, self._unreadable(row))))
        for row in self.facts.notes:
            for said in self._noted(row):
                new = row if row["rid"] is None else self.facts.records[row["rid"]]
                placed.append(((row["source"], row["file"], row["offset"]), self._of(new, said)))
        placed.sort(key=lambda one: (one[0], _ORDER[one[1].severity], one[1].code, one[1].field, one[1].found))
        return [finding for _, finding in placed]

    def _of_records(self) -> Iterator[tuple[int, list[Said]]]:
        near, junk, faults = (by_record(rows) for rows in (self.facts.near, self.facts.junk, self.facts.faults))
        others = by_record(self._others())
        for rid in sorted({*near, *junk, *faults, *others}):
            some = [*self._duplicates(rid, near.get(rid, [])), *map(self._junk, junk.get(rid, []))]
            some += [self._fault(row) for rows in (faults, others) for row in rows.get(rid, [])]
            yield rid, some

    # -- duplicates

    def _duplicates(self, rid: int, rows: Sequence[Row]) -> Iterator[Said]:
        """One for each verdict; a record that is there already needs no other word about its neighbours."""
        verdicts = {row["verdict"] for row in rows}
        if str(Verdict.SAME) in verdicts:
            verdicts -= set(map(str, _BESIDE_SAME))
        for verdict in sorted(verdicts):
            some = [row for row in rows if row["verdict"] == verdict]
            causes = reduce(or_, (row["causes"] for row in some))
            cause = coded(np.array([causes], np.int64), self.rules).column("cause")[0].as_py()
            yield self._duplicate(rid, cause or self.table["code"][verdict], some)

    def _duplicate(self, rid: int, code: str, rows: Sequence[Row]) -> Said:
        verdict = rows[0]["verdict"]
        # What the catalogue holds comes before what stands in the input, too.
        rows = sorted(rows, key=lambda row: row["other"] >= self.first)
        matches = tuple(self.match(row["other"], verdict, row["cause"], row["score"]) for row in rows)
        reasons = halves(rows[0]["reason"])
        name = read_codes(self.rules)[code].name
        kind = verdict if verdict != Verdict.SAME or not matches[0].new else "same_new"
        message = {
            language: filled(
                self.table["message"][kind][language],
                {"matches": self._listed(matches, language), "name": name[language], "reason": reasons[language]},
            )
            for language in LANGUAGES
        }
        return Said(code, message, self._todo(rid, code, kind, matches), verdict=verdict, matches=matches)

    def _todo(self, rid: int, code: str, kind: str, matches: Sequence[Match]) -> Text:
        correction = self.facts.corrections.get((rid, matches[0].verdict))
        if kind in self.table["todo"]:
            made = {language: self._kept(kind, code, rid, matches[0], language) for language in LANGUAGES}
        elif correction is not None:
            made = {language: correction[f"correction_{language}"] for language in LANGUAGES}
        else:
            made = dict(self.table["todo"]["other"])
        return made

    def _kept(self, kind: str, code: str, rid: int, keep: Match, language: str) -> str:
        """Which record stays, and what to take over from the new one."""
        text = filled(self.table["todo"][kind][language], {"keep": self._one(keep, language)})
        advice = self.table["advice"].get(code)
        numbers = list(dict.fromkeys(self.facts.records[rid]["isbn_text"]))
        if advice is None or ("{numbers}" in advice[language] and not numbers):
            return text
        joined = self.table["message"]["between"][language].join(numbers)
        between = "" if language == "zh" else " "
        return f"{text}{between}{filled(advice[language], {'numbers': joined})}"

    def match(self, rid: int, verdict: str, cause: str, confidence: float) -> Match:
        """A record beside a new one."""
        row = self.facts.records[rid]
        new = rid >= self.first
        return Match(
            row["record_id"],
            row["control"],
            tuple(row["libraries"]),
            row["title"],
            row["statement"],
            verdict,
            cause,
            confidence,
            self.facts.groups.get(rid, ""),
            new,
            self.facts.files[row["source"], row["file"]] if new else "",
            row["offset"] if new else -1,
        )

    def _one(self, match: Match, language: str) -> str:
        longest = self.table["title_letters"]
        title = match.title if len(match.title) <= longest else match.title[: longest - 1].rstrip() + "…"
        text = self.table["message"]["one" if title else "untitled"][language]
        libraries = self.table["message"]["between"][language].join(match.libraries)
        return filled(text, {"record": match.record_id, "title": title, "libraries": libraries})

    def _listed(self, matches: Sequence[Match], language: str) -> str:
        words = self.table["message"]
        some = [self._one(match, language) for match in matches[: self.table["listed"]]]
        if rest := len(matches) - len(some):
            some.append(filled(words["more"][language], {"count": str(rest)}))
        return str(words["between"][language].join(some))

    # -- records without a title, and faults

    def _junk(self, row: Row) -> Said:
        reasons = halves(row["reason"])
        message = {one: filled(self.table["message"]["junk"][one], {"reason": reasons[one]}) for one in LANGUAGES}
        todo = {one: row[f"correction_{one}"] for one in LANGUAGES}
        matches = () if row["other"] is None else (self.match(row["other"], str(Verdict.JUNK), "", 1.0),)
        return Said(row["code"], message, todo, verdict=str(Verdict.JUNK), matches=matches)

    def _others(self) -> Iterator[Row]:
        """The faults of files and control numbers, as rows of faults."""
        facts, control, leader = self.facts, self.table["control"]["field"], self.table["leader"]
        for row in facts.leaders:
            for column, part in (("record_type", leader["type"]), ("bib_level", leader["level"])):
                if not row[column] or row[column] not in part["codes"]:
                    shown = {"found": repr(row[column]), "codes": part["codes"]}
                    texts = {one: filled(leader["wanted"][one], shown) for one in LANGUAGES}
                    yield _fault(row, "Q17", part["place"], row[column], part["codes"]) | {"texts": texts}
        yield from (_fault(row, "Q18", control, "", control) for row in facts.unnumbered)
        for code, rows in (("Q19", facts.repeated), ("Q20", facts.reused)):
            yield from (_fault(row, code, control, row["control"], self._title(row["other"])) for row in rows)
        names = self.table["format"]["names"]
        yield from (_fault(row, "Q21", "", names[row["format"]], names[row["wanted"]]) for row in facts.formats)

    def _title(self, rid: int) -> str:
        return str(self.facts.records[rid]["title"])

    def _fault(self, row: Row) -> Said:
        other = row["other"]
        values = {name: row[name] for name in ("field", "found", "expected")}
        record = self.facts.records[row["rid"]]["record_id"]
        other_id = "" if other is None else self.facts.records[other]["record_id"]
        texts = row.get("texts", dict.fromkeys(LANGUAGES, row["found"]))
        matches = () if other is None else (self.match(other, str(Verdict.DIFFERENT), "", 0.0),)
        message, todo = self._worded(row["code"], values | {"record": record, "other": other_id}, texts)
        place = (values["field"], values["found"], values["expected"])
        return Said(row["code"], message, todo, place[0], place[1], place[2], matches=matches)

    def _worded(self, code: str, values: Mapping[str, str], found: Text) -> tuple[Text, Text]:
        """Message and correction of a fault; `found` may be worded in each language."""
        of = read_codes(self.rules)[code]
        message, todo = {}, {}
        for one in LANGUAGES:
            mine = {**values, "found": found[one]}
            reason = filled(of.more["reason"][one], mine)
            message[one] = filled(self.table["message"]["fault"][one], {"name": of.name[one], "reason": reason})
            todo[one] = filled(of.corrections["correct"][one], mine)
        return message, todo

    def _unreadable(self, row: Row) -> Said:
        _, texts = told(row["reason"], self.rules)
        message, todo = self._worded("Q16", {"field": "", "expected": "", "record": "", "other": ""}, texts)
        return Said("Q16", message, todo, found=row["reason"])

    def _noted(self, row: Row) -> Iterator[Said]:
        """A note of the reader may speak of several places."""
        places: dict[str, list[tuple[str, Text]]] = {}
        for part in row["reason"].split("; "):
            field, texts = told(part, self.rules)
            places.setdefault(field, []).append((part, texts))
        for field, parts in places.items():
            values = {"field": field, "expected": "", "record": "", "other": ""}
            texts = {one: _BETWEEN[one].join(text[one] for _, text in parts) for one in LANGUAGES}
            message, todo = self._worded("Q17", values, texts)
            yield Said("Q17", message, todo, field=field, found="; ".join(part for part, _ in parts))

    # -- the record at hand

    def _of(self, new: Row, said: Said) -> Finding:
        """A finding about a new record, or about bytes that are none (`new` is then a row of quarantine or notes)."""
        record_id = new.get("record_id") or f"{new['source']}/@{new['offset']}"
        severity = read_codes(self.rules)[said.code].severity
        if said.verdict == Verdict.REVIEW:
            severity = Severity(self.table["review"])
        return Finding(
            code=said.code,
            severity=severity,
            verdict=said.verdict,
            record_id=record_id,
            file=self.facts.files[new["source"], new["file"]],
            number=self.facts.places.get((new["source"], new["file"], new["offset"]), 0),
            offset=new["offset"],
            length=new["length"],
            control=new.get("control", ""),
            title=new.get("title", ""),
            field=said.field,
            found=said.found,
            expected=said.expected,
            matches=said.matches,
            message=_line(said.message["en"]),
            message_zh=_line(said.message["zh"]),
            todo=_line(said.todo["en"]),
            todo_zh=_line(said.todo["zh"]),
            fingerprint=fingerprint(said, _identity(new)),
        )


def _fault(row: Row, code: str, field: str, found: str, expected: str) -> Row:
    return {"rid": row["rid"], "code": code, "field": field, "found": found, "expected": expected} | {
        "other": row.get("other")
    }


def _line(text: str) -> str:
    return " ".join(text.split())


def _identity(new: Row) -> str:
    """What a record is known by from one check to the next: its id; without a control number what it says."""
    if new.get("control"):
        return str(new["record_id"])
    content = new.get("fingerprint")
    return f"{new['source']}/{new['length'] if content is None else content}"


def fingerprint(said: Said, identity: str) -> str:
    """32 hexadecimal digits that stay as long as the finding is the same."""
    matches: Iterable[str] = sorted(match.record_id for match in said.matches)
    parts = (said.code, identity, said.field, said.found, *matches)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def halves(text: str) -> dict[str, str]:
    """The Chinese and the English half of a text of the stages; a value with the sign between them stands in both."""
    parts = text.split(" / ")
    middle = (len(parts) + 1) // 2
    return {"zh": " / ".join(parts[:middle]), "en": " / ".join(parts[middle:]) or text}
