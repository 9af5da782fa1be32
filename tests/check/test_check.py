"""New records held against the catalogue: everything planted is found, and nothing else."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dedup import store
from dedup.check import Finding, Result, Severity
from dedup.codes import read_codes
from dedup.config import Config, SourceSetting
from dedup.errors import InputError, StoreError
from dedup.rules import RuleSet
from fixtures.line_text import iso2709, read_lines
from fixtures.make_fixtures import record_lines
from fixtures.make_new import SENDERS, read_new
from fixtures.make_new import made as made_files
from tests.check.conftest import NEW, ROOT

Check = Callable[..., Result]
GPO = ROOT.parent / "shared" / "data" / "gpo"
GOOD = """010   $a978-7-301-40002-9$dCNY128.00
100   $a20240420d2024
200 1 $a群岛与风$f林知远著
210   $a北京$c北京大学出版社$d2024
215   $a402页$d21cm
606 0 $a航海$x历史
690   $aU675-091$v5
701  0$a林知远$4著"""


def expected() -> list[dict[str, str]]:
    with (NEW / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(finding: Finding) -> tuple[str, str, str, str, frozenset[str]]:
    matches = frozenset(match.record_id for match in finding.matches)
    return (finding.record_id, finding.code, finding.verdict, finding.field, matches)


def record(control: str, text: str = GOOD, *instead: tuple[str, str]) -> bytes:
    """A record of the vendor SHU, with some of its lines changed."""
    for old, new in instead:
        assert old in text
        text = text.replace(old, new)
    lines = record_lines(f"SHU/{control}", text.splitlines(), SENDERS)
    return iso2709(read_lines(lines, "50"))


def written(path: Path, *records: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(records))
    return path


def codes(result: Result) -> list[tuple[str, str]]:
    return [(finding.record_id, finding.code) for finding in result.findings]


# ---------------------------------------------------------------- the fixtures


def test_the_files_of_new_records_are_what_their_stories_make() -> None:
    for name, content in made_files(NEW / "stories.txt").items():
        assert (NEW / name).read_bytes() == content, f"run: python fixtures/make_new.py ({name})"


def test_every_planted_fault_is_found_with_its_code_and_no_good_record_is_flagged(new: Result) -> None:
    wanted = {
        (
            row["record_id"],
            row["code"],
            row["verdict"],
            row["field"],
            frozenset(filter(None, row["matches"].split(";"))),
        )
        for row in expected()
        if row["code"] != "update"
    }
    found = [told(finding) for finding in new.findings]
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_good_records_stand_in_both_formats_among_the_new_ones() -> None:
    good = [one for one in read_new(NEW / "stories.txt") if not one.expected]
    assert {one.source for one in good} >= {"SHU", "AGT"}
    assert len(good) >= 8


def test_a_changed_record_is_an_update_and_no_duplicate(new: Result) -> None:
    wanted = {(row["record_id"], row["matches"]) for row in expected() if row["code"] == "update"}
    assert {(one.record_id, one.match.record_id) for one in new.updates} == wanted
    assert all(one.changed for one in new.updates)


def test_a_catalogue_that_is_sent_again_holds_updates_and_no_duplicate(checked: Check, catalogue: Path) -> None:
    result = checked(ROOT / "fixtures" / "marc", database=catalogue)
    assert result.records == len(result.updates) == 215
    assert not any(one.changed for one in result.updates)
    assert not [finding for finding in result.findings if finding.code.startswith("D")]
    assert any(finding.code.startswith("Q") for finding in result.findings)


# ---------------------------------------------------------------- no second logic


def pairs_of(folder: Path, sources: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
    """By new record what a run says of it: (partner, verdict), lawful pairs left out."""
    near: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    with (folder / "out" / "data" / "pairs.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["verdict"] not in ("different", "junk"):
                for one, other in ((row["left"], row["right"]), (row["right"], row["left"])):
                    if one.split("/")[0] in sources:
                        near[one].add((other, row["verdict"]))
    return near


def agrees_with_a_run(result: Result, near: dict[str, set[tuple[str, str]]], of: Iterable[str]) -> None:
    """What a check says is what a run says; a record that is there already has no other neighbours told."""
    said: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for finding in result.findings:
        if finding.verdict not in ("", "junk"):
            said[finding.record_id] |= {(match.record_id, finding.verdict) for match in finding.matches}
            for match in finding.matches:
                if match.new:
                    said[match.record_id].add((finding.record_id, finding.verdict))
    for name in of:
        wanted = near.get(name, set())
        if "same" in {verdict for _, verdict in wanted}:
            wanted = {pair for pair in wanted if pair[1] == "same"}
            assert {pair for pair in said[name] if pair[1] == "same"} == wanted, name
        else:
            assert said[name] == wanted, name


def test_a_check_says_of_new_records_what_a_run_over_all_would_say(
    new: Result, made: Callable[..., Path], tmp_path: Path
) -> None:
    files = [NEW / "marc" / "SHU.iso", NEW / "marc" / "AGT.mrc"]
    made(tmp_path, ROOT / "fixtures" / "marc", *files)
    names = [name for file in new.files for name in file.ids if name.split("/")[0] in ("SHU", "AGT")]
    agrees_with_a_run(new, pairs_of(tmp_path, ("SHU", "AGT")), names)


def test_keys_that_too_many_records_share_propose_the_pairs_that_a_run_proposes(
    checked: Check, made: Callable[..., Path], tmp_path: Path
) -> None:
    """Sixty numbers of one yearbook at one publisher: more than the caps of blocking allow, refined by year."""

    def year(control: str, at: int) -> bytes:
        title = ("200 1 $a群岛与风$f林知远著", f"200 1 $a渔业统计年鉴$e{at}$f渔业局编")
        return record(control, GOOD, title, ("010   $a978-7-301-40002-9$dCNY128.00\n", ""), ("d2024", f"d{at}"))

    old = written(tmp_path / "OLD.iso", *(year(f"o{at}", at) for at in range(1960, 2020)))
    fresh = written(tmp_path / "SHU.iso", *(year(f"n{at}", at) for at in (1960, 1977, 1978, 2019, 2023)))
    result = checked(fresh, database=made(tmp_path / "old", old))
    made(tmp_path / "both", old, fresh)
    agrees_with_a_run(result, pairs_of(tmp_path / "both", ("SHU",)), result.files[0].ids)
    twins = {finding.record_id: finding.matches[0].record_id for finding in result.findings if finding.code[0] == "D"}
    assert twins == {f"SHU/n{at}": f"OLD/o{at}" for at in (1960, 1977, 1978, 2019)}


def test_without_a_catalogue_records_are_held_against_each_other_alone(checked: Check, new: Result) -> None:
    alone = checked(NEW / "marc")
    assert alone.catalogue is None and new.catalogue is not None and new.catalogue.records == 215
    duplicates = {told(finding) for finding in alone.findings if finding.verdict not in ("", "junk")}
    assert ("SHU/d008", "D12", "same", "", frozenset({"SHU/d007"})) in duplicates
    assert all(match.new for finding in alone.findings for match in finding.matches)
    faults = {told(one) for one in new.findings if one.verdict == "" and not one.matches}
    assert faults <= {told(one) for one in alone.findings}


# ---------------------------------------------------------------- updates


@pytest.fixture(scope="module")
def sent(made: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of what SHU and OLD sent: the same good book of both, and another of SHU."""
    folder = tmp_path_factory.mktemp("sent")
    other = ("群岛与风", "高原邮路"), ("40002-9", "40003-6")
    files = [
        written(folder / "SHU.iso", record("s1"), record("s2", GOOD, *other)),
        written(folder / "OLD.iso", record("o1")),
    ]
    return made(folder / "db", *files)


def test_a_duplicate_that_was_known_before_is_not_new_when_one_of_the_two_is_changed(
    checked: Check, sent: Path, tmp_path: Path
) -> None:
    result = checked(written(tmp_path / "SHU.iso", record("s1", GOOD, ("402页", "403页"))), database=sent)
    assert [(one.record_id, one.changed) for one in result.updates] == [("SHU/s1", True)]
    assert codes(result) == []


def test_a_duplicate_that_only_a_change_makes_is_reported(checked: Check, sent: Path, tmp_path: Path) -> None:
    result = checked(written(tmp_path / "SHU.iso", record("s2")), database=sent)
    assert ("SHU/s2", "Q20") in codes(result)
    same = [finding for finding in result.findings if finding.verdict == "same"]
    assert [(one.record_id, {match.record_id for match in one.matches}) for one in same] == [
        ("SHU/s2", {"SHU/s1", "OLD/o1"})
    ]


def test_a_new_record_beside_an_update_of_the_same_book_is_told_of_once_and_as_the_new_one(
    checked: Check, sent: Path, tmp_path: Path
) -> None:
    first = record("a1")
    result = checked(written(tmp_path / "SHU.iso", first, record("s1", GOOD, ("402页", "403页"))), database=sent)
    assert [one.record_id for one in result.updates] == ["SHU/s1"]
    (finding,) = result.findings
    assert finding.record_id == "SHU/a1"
    assert {match.record_id: match.new for match in finding.matches} == {"SHU/s1": True, "OLD/o1": False}


def test_the_number_of_another_source_is_no_update(checked: Check, sent: Path, tmp_path: Path) -> None:
    result = checked(written(tmp_path / "NEW.iso", record("s1")), database=sent)
    assert result.updates == ()
    assert [(one.record_id, one.verdict) for one in result.findings] == [("NEW/s1", "same")]


def test_a_library_that_sends_its_records_in_a_file_of_another_name_is_known_by_its_items(
    checked: Check, made: Callable[..., Path], tmp_path: Path
) -> None:
    item = "\n999   $aU675/1$wASIS$c1$iN001$lSTACKS$mNKU$tBOOK"
    database = made(tmp_path / "db", written(tmp_path / "NKU.iso", record("n1", GOOD + item)))
    changed = record("n1", GOOD + item, ("402页", "404页"))
    result = checked(written(tmp_path / "export-2024-09.iso", changed), database=database)
    assert [(one.record_id, one.match.record_id) for one in result.updates] == [("export-2024-09/n1", "NKU/n1")]
    assert codes(result) == []


def test_a_file_that_is_mostly_what_a_source_sent_is_that_source_whatever_its_name(
    checked: Check, made: Callable[..., Path], tmp_path: Path
) -> None:
    """Some of its records have no items by which the library is known; they are updates all the same."""

    def delivery(price: str) -> list[bytes]:
        item = "\n999   $aU675/{0}$wASIS$c1$iN{0}$lSTACKS$mNKU$tBOOK"
        texts = [GOOD + item.format(at) if at % 3 else GOOD for at in range(15)]
        return [
            record(f"n{at}", text, ("群岛与风", f"第{at}号灯塔"), ("128.00", price), ("978-7-301-40002-9", "7-301-"))
            for at, text in enumerate(texts)
        ]

    database = made(tmp_path / "db", written(tmp_path / "NKU.iso", *delivery("128.00")))
    result = checked(written(tmp_path / "september.iso", *delivery("99.00")), database=database)
    assert len(result.updates) == 15
    assert {code for _, code in codes(result)} == {"Q03"}


def test_a_source_named_in_the_configuration_is_the_source_of_a_run(checked: Check, sent: Path, tmp_path: Path) -> None:
    path = written(tmp_path / "delivery.iso", record("s1", GOOD, ("402页", "403页")))
    config = Config(sources=(SourceSetting(path=path.resolve(), code="SHU"),))
    result = checked(path, database=sent, config=config)
    assert [one.record_id for one in result.updates] == ["SHU/s1"]


# ---------------------------------------------------------------- places, fingerprints, words


def test_a_finding_tells_file_number_and_bytes_of_its_record(new: Result) -> None:
    data = (NEW / "marc" / "SHU.iso").read_bytes()
    for finding in new.findings:
        if finding.record_id.startswith("SHU/"):
            assert finding.file == (NEW / "marc" / "SHU.iso").as_posix()
            assert data[: finding.offset].count(b"\x1d") == finding.number - 1
            assert data[finding.offset : finding.offset + finding.length].endswith(b"\x1d")


def test_files_are_named_as_the_user_named_them(
    checked: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "in" / "SHU.iso", record(""))
    with zipfile.ZipFile(tmp_path / "in" / "box.zip", "w") as box:
        box.writestr("part/a.iso", record(""))
    monkeypatch.chdir(tmp_path)
    result = checked(Path("in"))
    assert sorted(file.file for file in result.files) == ["in/SHU.iso", "in/box.zip!part/a.iso"]
    assert {finding.file for finding in result.findings} == {"in/SHU.iso", "in/box.zip!part/a.iso"}


def test_fingerprints_stay_when_records_move_and_differ_from_each_other(
    checked: Check, new: Result, catalogue: Path, tmp_path: Path
) -> None:
    data = (NEW / "marc" / "SHU.iso").read_bytes()
    moved = checked(written(tmp_path / "SHU.iso", record("first"), data), database=catalogue)
    marks = {finding.fingerprint for finding in new.findings if finding.record_id.startswith("SHU/")}
    assert {finding.fingerprint for finding in moved.findings} >= marks
    assert len({finding.fingerprint for finding in new.findings}) == len(new.findings)


def test_every_finding_says_in_both_languages_what_is_wrong_and_what_to_do(new: Result) -> None:
    for finding in new.findings:
        texts = (finding.message, finding.message_zh, finding.todo, finding.todo_zh)
        assert all(texts), finding
        assert not [text for text in texts if "{" in text or "\n" in text], finding
        assert any("一" <= sign <= "鿿" for sign in finding.message_zh)


def test_a_finding_has_the_severity_of_its_code_and_a_doubt_is_a_note(new: Result, rules: RuleSet) -> None:
    for finding in new.findings:
        if finding.verdict == "review":
            assert finding.severity is Severity.NOTE
        else:
            assert finding.severity is read_codes(rules)[finding.code].severity


def test_a_match_names_the_libraries_that_hold_the_book_and_its_group(new: Result) -> None:
    (finding,) = [one for one in new.findings if one.record_id == "SHU/d009"]
    libraries = {match.record_id: match.libraries for match in finding.matches}
    assert libraries["YHU/y3002"] == ("YHU",)
    assert all(match.group.startswith("G") for match in finding.matches)


# ---------------------------------------------------------------- faults of files


def test_a_record_of_the_wrong_format_is_known_by_its_file_and_its_language(checked: Check, tmp_path: Path) -> None:
    western = [
        "008 240115 s2024 ctu eng",
        "040   $aX$cX",
        "100 1 $aHarrow, Lena.",
        "245 10$aListening to the swell /$cLena Harrow.",
        "264  1$aNew Haven :$bYale University Press,$c2024.",
        "300   $a288 pages ;$c24 cm",
    ]
    mixed = iso2709(read_lines(["001 w1", *western]))
    names = ("山路", "河道", "海岸", "草原")
    chinese = [record(f"c{at}", GOOD, ("群岛与风", name)) for at, name in enumerate(names)]
    result = checked(written(tmp_path / "SHU.iso", mixed, *chinese))
    assert "Q21" not in {code for _, code in codes(result)}, "a Western book may well be in MARC 21"
    astray = [line.replace("eng", "chi") if line.startswith("008") else line for line in western]
    result = checked(written(tmp_path / "SHU.iso", iso2709(read_lines(["001 w1", *astray])), *chinese))
    assert ("SHU/w1", "Q21") in codes(result)


def test_input_without_one_record_cannot_be_checked(checked: Check, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        checked(tmp_path / "gone.mrc")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no file in it"):
        checked(tmp_path / "empty")
    with pytest.raises(InputError, match="bibliographic records"):
        checked(written(tmp_path / "letter.txt", b"Dear colleagues, please find enclosed nothing at all.\n"))
    with pytest.raises(InputError, match="bibliographic records"):
        checked(written(tmp_path / "nothing.mrc"))


def test_a_file_that_is_no_marc_beside_one_that_is_stands_among_the_findings(checked: Check, tmp_path: Path) -> None:
    written(tmp_path / "in" / "a.iso", record("a1"))
    written(tmp_path / "in" / "letter.txt", b"Dear colleagues, please find enclosed nothing at all.\n")
    assert [code for _, code in codes(checked(tmp_path / "in"))] == ["Q16"]


# ---------------------------------------------------------------- the catalogue is only read


def test_a_check_leaves_the_catalogue_as_it_is_and_waits_for_nobody(
    checked: Check, catalogue: Path, tmp_path: Path
) -> None:
    before = hashlib.sha256(catalogue.read_bytes()).digest()
    with store.locked(catalogue):
        result = checked(written(tmp_path / "SHU.iso", record("s1")), database=catalogue)
    assert result.catalogue is not None
    assert hashlib.sha256(catalogue.read_bytes()).digest() == before
    assert not catalogue.with_name(catalogue.name + ".wal").exists()


def test_a_database_that_is_none_is_refused(checked: Check, tmp_path: Path) -> None:
    path = written(tmp_path / "SHU.iso", record("s1"))
    with pytest.raises(StoreError, match="no such file"):
        checked(path, database=tmp_path / "gone.duckdb")
    with pytest.raises(StoreError):
        checked(path, database=written(tmp_path / "bad.duckdb", b"no database" * 100))


def test_the_catalogue_says_whether_other_rules_made_it(new: Result) -> None:
    assert new.catalogue is not None
    assert (new.catalogue.period, new.catalogue.other_rules) == ("2024-08", False)


# ---------------------------------------------------------------- real records


@pytest.mark.skipif(not GPO.is_dir(), reason="the real catalogues are not here")
def test_a_real_catalogue_that_comes_again_three_months_later_is_updates_without_false_alarms(
    checked: Check, made: Callable[..., Path], tmp_path: Path
) -> None:
    for month in ("2024-05", "2024-08"):
        for name in ("PAU", "TXU"):
            with gzip.open(GPO / month / f"{name}.mrc.gz") as file:
                data = file.read(3_000_000)
            written(tmp_path / month / f"{name}.mrc", data[: data.rfind(b"\x1d") + 1])
    result = checked(tmp_path / "2024-08", database=made(tmp_path / "db", tmp_path / "2024-05"))
    replaced = {one.record_id for one in result.updates}
    assert len(replaced) > 0.9 * result.records
    duplicates = [one for one in result.findings if one.verdict]
    assert not [one for one in duplicates if one.record_id in replaced]
    # What is left is one book in two records.
    assert {(one.verdict, len(one.matches)) for one in duplicates} <= {("same", 1)}
    assert len(duplicates) <= 3
