"""What the stories of the small union catalogue tell, what a run found, and where the two differ."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "fixtures"
sys.path.insert(0, str(ROOT))

from fixtures.line_text import LineRecord, iso2709, read_lines  # noqa: E402
from fixtures.make_fixtures import LIBRARIES, record_lines  # noqa: E402
from fixtures.stories import Stories, read_stories  # noqa: E402

STORIES: Stories = read_stories(FIXTURES / "source")
CENTRE = "centre"
Row = Mapping[str, str]


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file with a header row."""
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@dataclass(frozen=True, slots=True)
class Found:
    """The data files of one run, records under the ids that the stories give them, all others left out."""

    groups: tuple[Row, ...]
    pairs: tuple[Row, ...]
    junk: tuple[Row, ...]
    faults: tuple[Row, ...]
    strangers: tuple[str, ...] = ()

    def members(self) -> dict[str, list[Row]]:
        """The rows of groups.csv by group."""
        by: dict[str, list[Row]] = {}
        for row in self.groups:
            by.setdefault(row["group_id"], []).append(row)
        return by

    def judged(self) -> dict[frozenset[str], Row]:
        """The rows of pairs.csv by the two records."""
        return {frozenset((row["left"], row["right"])): row for row in self.pairs}


def read_found(data: Path, named: Mapping[str, str]) -> Found:
    """The data folder of a run; `named` maps record ids of the run to those of the stories."""

    def renamed(name: str, *columns: str) -> tuple[list[Row], list[Row]]:
        """Rows about records of the stories alone, and rows that bring one together with a stranger."""
        own: list[Row] = []
        mixed: list[Row] = []
        for row in rows(data / name):
            known = [named.get(row[column], "") for column in columns]
            if all(known):
                own.append({**row, **dict(zip(columns, known, strict=True))})
            elif any(known):
                mixed.append(row)
        return own, mixed

    groups, _ = renamed("groups.csv", "record_id")
    pairs, mixed = renamed("pairs.csv", "left", "right")
    junk = [
        {**row, "rescue_record_id": named.get(row["rescue_record_id"], row["rescue_record_id"])}
        for row in renamed("junk.csv", "record_id")[0]
    ]
    strangers = [f"{row['left']} {row['right']} {row['verdict']}" for row in mixed if row["verdict"] != "different"]
    return Found(
        tuple(groups), tuple(pairs), tuple(junk), tuple(renamed("records.csv", "record_id")[0]), tuple(strangers)
    )


# ---------------------------------------------------------------- where told and found differ


def wrong_groups(found: Found) -> list[str]:
    """Groups of `same` that were told and not found as told, and groups found of which no story tells."""
    same = [story for story in STORIES.stories if story.verdict == "same"]
    told = {frozenset(rid for rid, _ in story.records): story.group for story in same}
    made = {
        frozenset(row["record_id"] for row in group)
        for group in found.members().values()
        if group[0]["verdict"] == "same"
    }
    missing = [f"{told[group]}: {sorted(group)} not found so" for group in told.keys() - made]
    return sorted([*missing, *(f"{sorted(group)} was not told" for group in made - told.keys())])


def wrong_pairs(found: Found) -> list[str]:
    """Look-alikes with another verdict or cause than told, and pairs of which no story tells."""
    judged, out = found.judged(), []
    told: dict[frozenset[str], tuple[str, str]] = {frozenset(pair[:2]): (pair[2], pair[3]) for pair in STORIES.pairs}
    for story in STORIES.stories:
        if story.verdict == "same":
            told |= {frozenset(two): ("same", "") for two in combinations((rid for rid, _ in story.records), 2)}
    for two, (verdict, cause) in told.items():
        row = judged.get(two, {"verdict": "different", "cause": "", "reason": "not proposed, or without a veto"})
        ends = " ".join(sorted(two))
        if row["verdict"] != verdict:
            out.append(f"{ends}: told {verdict}, found {row['verdict']} ({row['reason']})")
        elif cause and row["cause"] != cause:
            out.append(f"{ends}: told {verdict} {cause}, found {row['cause'] or 'no cause'}")
    out += [
        f"{row['left']} {row['right']}: found {row['verdict']} ({row['reason']}), which no story tells"
        for two, row in judged.items()
        if two not in told and row["verdict"] not in {"different", "junk"}
    ]
    return sorted(out)


def _found_group(found: Found, records: Iterable[str], verdict: str) -> list[Row]:
    wanted = set(records)
    for group in found.members().values():
        if group[0]["verdict"] == verdict and wanted <= {row["record_id"] for row in group}:
            return group
    return []


def _groups_told(found: Found) -> Iterator[tuple[str, str, str, tuple[tuple[str, bool], ...], list[Row]]]:
    """Group, cause, whose job, records, and what was found; groups that were not found have no rows."""
    for story in STORIES.stories:
        if story.verdict in {"same", "structure", "repair"}:
            group = _found_group(found, (rid for rid, _ in story.records), story.verdict)
            yield story.group, story.cause, story.responsible, tuple(story.records), group


def wrong_causes(found: Found) -> list[str]:
    """Groups found with another cause than told, or not at all."""
    out = []
    for name, cause, _, _, group in _groups_told(found):
        causes = {row["cause"] for row in group} or {"no such group"}
        if causes != {cause}:
            out.append(f"{name}: told {cause}, found {'; '.join(sorted(causes))}")
    return out


def wrong_keeps(found: Found) -> list[str]:
    """Groups of which another record is to be kept than told."""
    out = []
    for name, _, _, records, group in _groups_told(found):
        told = {rid for rid, keep in records if keep}
        kept = {row["record_id"] for row in group if row["keep"] == "1"}
        if group and kept != told:
            out.append(f"{name}: told to keep {sorted(told)}, found {sorted(kept)}")
    return out


def wrong_responsible(found: Found) -> list[str]:
    """Groups for which other libraries are to act than told."""
    out = []
    for name, _, whose, _, group in _groups_told(found):
        if not group:
            continue
        names = {one for row in group for one in row.get("responsible", "").split(";") if one}
        made = {CENTRE if CENTRE in one else one for one in names}
        if made != set(whose.split(";")):
            out.append(f"{name}: told {whose}, found {';'.join(sorted(made)) or 'nobody'}")
    return out


def wrong_flags(found: Found) -> list[str]:
    """Groups with other flags than told; those of mixed levels have none."""
    out = []
    flags = {story.group: story.flags for story in STORIES.stories if story.verdict in {"same", "repair"}}
    for name, _, _, _, group in _groups_told(found):
        made = {row["flags"] for row in group}
        if group and name in flags and made != {flags[name]}:
            out.append(f"{name}: told {flags[name] or 'no flag'}, found {' / '.join(sorted(made)) or 'none'}")
    return out


def wrong_junk(found: Found) -> list[str]:
    """Junk records that were not found as told: kind, holdings, rescue; and good records taken for junk."""
    told = {
        rid: (code, str(int(_owned(rid))), "" if rescue == "-" else rescue) for rid, code, rescue, _ in STORIES.junk
    }
    made = {row["record_id"]: (row["code"], row["has_holdings"], row["rescue_record_id"]) for row in found.junk}
    names = sorted(told.keys() | made.keys())
    return [f"{rid}: told {told.get(rid)}, found {made.get(rid)}" for rid in names if told.get(rid) != made.get(rid)]


def wrong_junk_owners(found: Found) -> list[str]:
    """Junk records that are not laid at the door of the library told."""
    whose = {rid: story.responsible for story in STORIES.stories if story.verdict == "junk" for rid, _ in story.records}
    return [
        f"{row['record_id']}: told {whose[row['record_id']]}, found {row['library']}"
        for row in found.junk
        if row["record_id"] in whose and row["library"] != whose[row["record_id"]]
    ]


def wrong_faults(found: Found, serious: frozenset[str]) -> list[str]:
    """Planted faults that were not found with code and field, and serious codes where none was planted.

    Junk is left out of the second: whatever else is wrong with it is no story.
    """
    made = {(row["record_id"], row["code"], row["field"][:3]) for row in found.faults}
    told = {(rid, code, place[:3]) for rid, code, place, _ in STORIES.faults}
    junk = {rid for rid, *_ in STORIES.junk}
    out = [f"{' '.join(one)} not found" for one in told - made]
    out += [f"{' '.join(one)} was not planted" for one in made - told if one[1] in serious and one[0] not in junk]
    return sorted(out)


def all_wrong(found: Found) -> list[str]:
    """Everything about groups, look-alikes and junk that does not depend on which library a source belongs to."""
    checks = (wrong_groups, wrong_pairs, wrong_causes, wrong_keeps, wrong_responsible, wrong_junk)
    return [difference for check in checks for difference in check(found)]


def _owned(record_id: str) -> bool:
    return any(line.startswith(("item ", "999 ")) for line in STORIES.lines[record_id])


# ---------------------------------------------------------------- the same records, arranged otherwise


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A folder of files, the configuration that says whose they are, and the new record ids by their old ones."""

    folder: Path
    config: Path
    named: Mapping[str, str]


def all_records() -> dict[str, LineRecord]:
    """Every record of the stories by its id."""
    return {
        rid: read_lines(record_lines(rid, lines), LIBRARIES[rid.split("/")[0]].charset)
        for rid, lines in STORIES.lines.items()
    }


def arranged(folder: Path, source_of: Mapping[str, tuple[str, str]], order: Iterable[str]) -> Arrangement:
    """Write the records in the order given, each into the source that `source_of` names with its library."""
    records = all_records()
    files: dict[str, list[bytes]] = {}
    named: dict[str, str] = {}
    owners: dict[str, str] = {}
    for rid in order:
        source, library = source_of[rid]
        control = rid.split("/", 1)[1]
        files.setdefault(source, []).append(iso2709(records[rid]))
        named[f"{source}/{control}"] = rid
        owners[source] = library
    place = folder / "marc"
    place.mkdir(parents=True)
    settings = []
    for source, parts in files.items():
        (place / f"{source}.mrc").write_bytes(b"".join(parts))
        whose = f'library = "{owners[source]}"\n' if owners[source] else ""
        settings.append(f'[[source]]\npath = "marc/{source}.mrc"\ncode = "{source}"\n{whose}')
    config = folder / "dedup.toml"
    config.write_text("\n".join(settings), encoding="utf-8")
    return Arrangement(place, config, named)


def as_told() -> dict[str, str]:
    """The records under their own names."""
    return {rid: rid for rid in STORIES.lines}


def exchanged(folder: Path) -> Arrangement:
    """Every file backwards, and the sources in the opposite order."""
    codes = {code: f"R{at}" for at, code in enumerate(sorted(LIBRARIES, reverse=True), 1)}
    return arranged(folder, {rid: (codes[_home(rid)], _home(rid)) for rid in STORIES.lines}, reversed(STORIES.lines))


def each_alone(folder: Path) -> Arrangement:
    """Each record in a source of its own."""
    alone = {rid: (f"S{at:03d}", _home(rid)) for at, rid in enumerate(STORIES.lines, 1)}
    return arranged(folder, alone, STORIES.lines)


def all_in_one(folder: Path) -> Arrangement:
    """All records in one file, both formats mixed."""
    return arranged(folder, dict.fromkeys(STORIES.lines, ("ALL", "")), sorted(STORIES.lines, key=lambda rid: rid[4:]))


def _home(record_id: str) -> str:
    return record_id.split("/")[0]
