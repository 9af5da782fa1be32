"""Labelled pairs as MARC files to judge: HathiTrust, Melinda, the forty hard pairs, and the project's own fixtures.

Each set is read in place (`../shared` beside the checkout) and written, as ISO 2709, into a working folder.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from fixtures.line_text import LineField, LineRecord, iso2709, read_lines
from fixtures.make_fixtures import LIBRARIES, read_stories, record_lines

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
_SHOWN = ("010", "020", "200", "205", "210", "215", "245", "250", "260", "264", "300")


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two record ids and what they are: a verdict, "not same" when only that is known, or "" without a label."""

    left: str
    right: str
    label: str
    cause: str = ""
    note: str = ""


@dataclass(slots=True)
class LabelledSet:
    """Inputs for one `judge` run, its pairs, and each record in short."""

    name: str
    inputs: list[Path]
    pairs: list[LabelledPair] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)


def short(record: LineRecord) -> str:
    """Number, title, edition, imprint and extent of a record in one line."""
    parts = []
    for one in record.fields:
        if one.tag in _SHOWN and one.subfields:
            parts.append(f"{one.tag} " + "".join(f"${code}{value}" for code, value in one.subfields))
    return " | ".join(parts)[:400]


def _from_json(record: dict[str, Any], control: str) -> LineRecord:
    """MARC-in-JSON (fields as objects of tag to value) or the Melinda form (fields with `tag`), under a new 001."""
    fields = [LineField("001", value=control)]
    for one in record["fields"]:
        tag, body = (one["tag"], one.get("value", one)) if "tag" in one else next(iter(one.items()))
        if tag == "001":
            continue
        if isinstance(body, str):
            fields.append(LineField(tag, value=body))
            continue
        subfields = tuple(_subfields(body["subfields"]))
        fields.append(LineField(tag, indicators=f"{body.get('ind1', ' ')}{body.get('ind2', ' ')}", subfields=subfields))
    return LineRecord(record["leader"].ljust(24)[:24], tuple(fields))


def _subfields(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if "code" in row:
            yield row["code"], row.get("value", "")
        else:
            yield from row.items()


def _write(folder: Path, source: str, records: list[tuple[str, LineRecord]], out: LabelledSet) -> None:
    """One source file; notes every record in short."""
    path = folder / f"{source}.mrc"
    path.write_bytes(b"".join(iso2709(record) for _, record in records))
    out.inputs.append(path)
    out.shown.update((f"{source}/{control}", short(record)) for control, record in records)


def hathitrust(folder: Path) -> LabelledSet:
    """10,208 pairs of English books, identifiers removed, labelled by machine."""
    base, out = SHARED / "gold" / "hathitrust_pairs", LabelledSet("hathitrust", [])
    with gzip.open(base / "records.jsonl.gz", "rt", encoding="utf-8") as lines:
        raw = [json.loads(line) for line in lines]
    controls = [next(one["001"] for one in record["fields"] if "001" in one) for record in raw]
    _write(folder, "HT", [(c, _from_json(r, c)) for c, r in zip(controls, raw, strict=True)], out)
    with (base / "pairs.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            label = "same" if row["label"] == "1" else "not same"
            out.pairs.append(LabelledPair(f"HT/{row['left']}", f"HT/{row['right']}", label))
    return out


def _json(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    return json.loads(path.read_text(encoding="utf-8"))


def melinda_validator(folder: Path) -> LabelledSet:
    """The match-validator cases: `merge` or `false`; cases without an expectation stay without a label."""
    out, firsts, seconds = LabelledSet("melinda-validator", []), [], []
    for case in sorted((SHARED / "gold" / "melinda" / "match-validator").iterdir()):
        control = re.sub(r"\W", "_", case.name)
        firsts.append((control, _from_json(_json(case / "inputRecordA.json"), control)))
        seconds.append((control, _from_json(_json(case / "inputRecordB.json"), control)))
        label = {"merge": "same", False: "not same"}.get(_json(case / "expectedResults.json").get("action"), "")
        note = _json(case / "metadata.json").get("description", "")
        out.pairs.append(LabelledPair(f"MVA/{control}", f"MVB/{control}", label, note=note))
    _write(folder, "MVA", firsts, out)
    _write(folder, "MVB", seconds, out)
    return out


def melinda_matching(folder: Path) -> LabelledSet:
    """The record-matching cases, match or no match; one case asks about two candidates."""
    out, firsts, seconds = LabelledSet("melinda-matching", []), [], []
    for case in sorted((SHARED / "gold" / "melinda" / "record-matching").iterdir()):
        about, candidates = _json(case / "metadata.json"), _json(case / "recordB.json")
        expected = about["expectedResults"]
        if isinstance(candidates, dict):
            candidates, expected = [candidates], [expected]
        firsts.append((case.name, _from_json(_json(case / "recordA.json"), case.name)))
        for number, (record, answer) in enumerate(zip(candidates, expected, strict=True), 1):
            control = f"{case.name}-{number}"
            seconds.append((control, _from_json(record, control)))
            label = "same" if answer["match"] else "not same"
            out.pairs.append(LabelledPair(f"MMA/{case.name}", f"MMB/{control}", label, note=about["description"]))
    _write(folder, "MMA", firsts, out)
    _write(folder, "MMB", seconds, out)
    return out


def _hard_record(lines: list[str], kind: str, control: str) -> tuple[bool, LineRecord]:
    """Whether a record of a hard pair is CNMARC, and the record."""
    marked = re.match(r"\[(CNMARC|MARC21)\] ", lines[0])
    chinese = (marked[1] if marked else kind) == "CNMARC"
    kept = [f"001 {control}"]
    for line in lines:
        plain = re.sub(r"^\[\w+\] ", "", line)
        year = re.fullmatch(r"008 date1=(\d{4})", plain)
        kept.append(f"008 {year[1][2:]}0101 s{year[1]} xxu eng" if year else plain)
    return chinese, read_lines([line for line in kept if not line.startswith("001 a")], "50" if chinese else "")


def hard_pairs(folder: Path) -> LabelledSet:
    """The forty hard pairs, each record in its format; the source names side and format."""
    out = LabelledSet("hard-pairs", [])
    files: dict[str, list[tuple[str, LineRecord]]] = {}
    for line in (SHARED / "cases" / "hard_pairs.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        ids = []
        for side in "ab":
            chinese, record = _hard_record(case[side], case["format"], case["id"])
            source = f"{'CN' if chinese else 'M21'}{side.upper()}"
            files.setdefault(source, []).append((case["id"], record))
            ids.append(f"{source}/{case['id']}")
        cause = case["cause"] if case["cause"] != "-" else ""
        out.pairs.append(LabelledPair(ids[0], ids[1], case["verdict"], cause, case["reason"]))
    for source, records in sorted(files.items()):
        _write(folder, source, records, out)
    return out


def fixtures(_folder: Path) -> LabelledSet:
    """The project's own catalogue: every pair inside a group of duplicates, and the look-alikes."""
    base = ROOT / "fixtures"
    out = LabelledSet("fixtures", [base / "marc"])
    stories = read_stories(base / "source")
    for record_id, lines in stories.lines.items():
        charset = LIBRARIES[record_id.split("/")[0]].charset
        out.shown[record_id] = short(read_lines(record_lines(record_id, lines), charset))
    for story in stories.stories:
        if story.verdict == "same":
            members = [record_id for record_id, _ in story.records]
            pairs = combinations(members, 2)
            out.pairs += [LabelledPair(left, right, "same", story.cause, story.text) for left, right in pairs]
    out.pairs += [LabelledPair(*pair) for pair in stories.pairs]
    return out


SETS: dict[str, Callable[[Path], LabelledSet]] = {
    "fixtures": fixtures,
    "hard-pairs": hard_pairs,
    "melinda-validator": melinda_validator,
    "melinda-matching": melinda_matching,
    "hathitrust": hathitrust,
}
