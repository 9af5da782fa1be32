"""What each library is given is what the data files say of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from dedup.codes import read_codes
from dedup.engine.duck import DuckEngine
from dedup.report import gather
from dedup.report.model import Line, Package, Part
from dedup.rules import RuleSet

Rows = Callable[[str], list[dict[str, str]]]
BY_VERDICT = {"same": {Part.MERGE, Part.EMPTY}, "structure": {Part.LEVEL}, "repair": {Part.CORRECT}}
BY_VERDICT |= {"review": {Part.REVIEW}, "junk": {Part.JUNK}}


def concerned(told: Rows) -> dict[str, set[str]]:
    """By library its groups, as groups.csv and findings.csv have it; and its junk records, as junk.csv has it."""
    groups: dict[str, set[str]] = defaultdict(set)
    for row in told("groups.csv"):
        for library in filter(None, f"{row['library']};{row['responsible']}".split(";")):
            groups[library].add(row["group_id"])
    for row in told("findings.csv"):
        groups[row["library"]].add(row["group_id"])
    for row in told("junk.csv"):
        for library in f"{row['library']};{row['responsible']}".split(";"):
            groups[library].add(f"J|{row['record_id']}")
    groups.pop("centre", None)
    return dict(groups)


def test_each_library_is_given_the_findings_that_concern_it_and_no_others(
    packages: dict[str, Package], told: Rows
) -> None:
    given = {name: {line.group_id or line.key for line in one.lines} for name, one in packages.items()}
    assert given == concerned(told)


def test_a_library_is_given_whole_groups(packages: dict[str, Package], told: Rows) -> None:
    members = defaultdict(set)
    for row in told("groups.csv"):
        members[row["group_id"]].add(row["record_id"])
    for one in packages.values():
        given = defaultdict(set)
        for line in one.lines:
            given[line.group_id].add(line.record_id)
        assert all(records == members[group] for group, records in given.items() if group)


def test_every_verdict_goes_into_its_part_and_empty_downloads_into_one_of_their_own(
    packages: dict[str, Package],
) -> None:
    for one in packages.values():
        for line in one.lines:
            assert line.part in BY_VERDICT[line.verdict]
            assert (line.part is Part.EMPTY) == (line.verdict == "same" and line.cause == "D09")


def test_every_correction_of_a_library_is_in_its_package(packages: dict[str, Package], told: Rows) -> None:
    given = {
        (one.library, line.group_id, line.record_id, line.action, line.correction["zh"], line.correction["en"])
        for one in packages.values()
        for line in one.lines
        if one.library in line.responsible.split("; ")
    }
    asked = {
        tuple(row[name] for name in ("library", "group_id", "record_id", "action", "correction_zh", "correction_en"))
        for row in told("findings.csv")
        if row["library"] != "centre"
    }
    assert asked <= given


def test_the_record_to_keep_comes_first_in_its_group_and_the_librarys_own_work_before_that_of_others(
    packages: dict[str, Package],
) -> None:
    for one in packages.values():
        for part in Part:
            seen: list[str] = []
            idle = False
            for line in one.of(part):
                name = line.group_id or line.key
                if name not in seen:
                    own = [own for own in one.lines if (own.group_id or own.key) == name]
                    works = any(
                        one.library in other.responsible.split("; ") and other.action not in ("keep", "leave")
                        for other in own
                    )
                    assert works <= (not idle), f"{one.library}: {name} comes after what others have to do"
                    idle = not works
                    assert line.keep or not any(other.keep for other in own)
                    seen.append(name)
                assert seen[-1] == name, "a group is torn apart"


def test_lines_say_of_a_record_what_the_data_files_say(packages: dict[str, Package], told: Rows) -> None:
    rows = {(row["group_id"], row["record_id"]): row for row in told("groups.csv")}
    for one in packages.values():
        for line in one.lines:
            if line.group_id:
                row = rows[line.group_id, line.record_id]
                assert (line.verdict, line.cause, line.secondary) == (row["verdict"], row["cause"], row["secondary"])
                assert (line.flags, str(int(line.keep)), line.confidence) == (
                    row["flags"],
                    row["keep"],
                    row["confidence"],
                )
                assert f"{line.reason['zh']} / {line.reason['en']}" == row["reason"]


def test_junk_names_its_kind_and_the_record_that_rescues_it(
    packages: dict[str, Package], told: Rows, rules: RuleSet
) -> None:
    rows = {row["record_id"]: row for row in told("junk.csv")}
    found: list[Line] = [line for one in packages.values() for line in one.of(Part.JUNK)]
    assert {line.record_id for line in found} == set(rows)
    for line in found:
        row = rows[line.record_id]
        assert (line.cause, line.keep_record, line.key) == (row["code"], row["rescue_record_id"], f"J|{line.record_id}")
        assert f"{line.reason['zh']} / {line.reason['en']}" == row["reason"]
        assert line.reason["en"].startswith(read_codes(rules)[line.cause].name["en"])


def test_values_are_shown_as_typed_and_in_their_own_columns(packages: dict[str, Package]) -> None:
    lines = {line.record_id: line for line in packages["YHU"].lines + packages["QSU"].lines}
    line = lines["QSU/a1007"]
    assert (line.title, line.responsibility, line.edition) == ("万历十五年", "(美)黄仁宇著", "")
    assert (line.publisher, line.year_transcribed, line.pages) == ("北京 生活·读书·新知三联书店", "1997", "320页 21cm")
    assert (line.isbn13, line.isbn10, line.level, line.locations) == ("", "7-108-00982-X", "single", "STACKS")


def test_differing_fields_are_those_in_which_the_records_of_the_group_differ(packages: dict[str, Package]) -> None:
    for one in packages.values():
        groups = defaultdict(list)
        for line in one.lines:
            groups[line.group_id or line.key].append(line)
        for lines in groups.values():
            for line in lines:
                assert line.differing == lines[0].differing
                for name in line.differing:
                    assert len({getattr(other, name) for other in lines}) > 1, (line.key, name)


def test_the_centre_is_given_every_finding_once(run_engine: DuckEngine, rules: RuleSet, told: Rows) -> None:
    lines = list(gather.centre(run_engine, rules))
    wanted = {f"{row['group_id']}|{row['record_id']}" for row in told("groups.csv")}
    wanted |= {f"J|{row['record_id']}" for row in told("junk.csv")}
    assert {line.key for line in lines} == wanted and len(lines) == len(wanted)
