"""The proposals of a library are files that its system can load, and what could not be written is told."""

from __future__ import annotations

import email
import email.policy
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pymarc
import pytest

from dedup import pipeline
from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.marc.write import MOST_BYTES
from dedup.report import gather, originals
from dedup.report.corrections import Job, Tally, write_files
from dedup.report.marcout import Aside
from dedup.report.model import Package
from dedup.report.originals import Originals
from dedup.rules import RuleSet
from fixtures.line_text import LineRecord, iso2709, marcxml, read_lines
from tests.report.conftest import MARC, PERIOD, Nobody

JOB = Job(PERIOD, "en")
Catalogue = Callable[..., "dict[str, tuple[Package, Originals]]"]
HEAD = ["200 1 $a三体$f刘慈欣著", "210 $a重庆$c重庆出版社$d2008", "215 $a302页$d23cm", "701  0$a刘慈欣$4著"]


def book(control: str, *lines: str, library: str = "NKU") -> LineRecord:
    """A record of one book with a copy in a library."""
    coded = "100 $a20080101d2008    em y0chiy0110    ea"
    return read_lines([f"001 {control}", coded, *lines, *HEAD, f"905 $a{library}$dI247.5$eL7$b{control}B"], "01")


def titled(record: LineRecord, title: str) -> LineRecord:
    """The record of another book by the same people."""
    new = replace(next(one for one in record.fields if one.tag == "200"), subfields=(("a", title),))
    return replace(record, fields=tuple(new if one.tag == "200" else one for one in record.fields))


def beside(engine: DuckEngine, package: Package, copies: Path) -> Originals:
    """What the source files hold of the records of a package."""
    lines = package.lines
    rows = originals.rows_of(engine, (line.group_id for line in lines), (line.record_id for line in lines))
    return originals.from_rows(rows, copies)


@pytest.fixture
def catalogue(rules: RuleSet, tmp_path: Path) -> Iterator[Catalogue]:
    """What the libraries of a small catalogue are given of it, by library."""
    engines = []

    def run(files: dict[str, bytes]) -> dict[str, tuple[Package, Originals]]:
        place = tmp_path / "in"
        place.mkdir()
        for name, content in files.items():
            (place / name).write_bytes(content)
        order = pipeline.Order((place,), tmp_path / "run.duckdb", tmp_path / "out", PERIOD, Config(), 1)
        pipeline.run(order, rules, Nobody())
        engine = DuckEngine(tmp_path / "run.duckdb")
        engines.append(engine)
        originals.prepare(engine, rules, tmp_path / "copies")
        given = list(gather.packages(engine, rules))
        return {one.library: (one, beside(engine, one, tmp_path / "copies")) for one in given}

    yield run
    for engine in engines:
        engine.close()


def read(path: Path) -> list[pymarc.Record]:
    if path.suffix == ".xml":
        return pymarc.parse_xml_to_array(str(path))
    with path.open("rb") as stream:
        return list(pymarc.MARCReader(stream, force_utf8=True))


def names(tally: Tally) -> set[str]:
    return {path.name for path in tally.files if path.suffix in (".mrc", ".xml")}


ONE = book("k1", "010 $a7-5366-9293-5", "099 $aCAL 1")
TWO = book("k2", "010 $a978-7-5366-9293-0$b精装$dCNY23.00")


@pytest.mark.parametrize("form", ["iso", "xml", "zip", "gbk"])
def test_the_kept_record_is_taken_from_any_container_and_encoding(
    catalogue: Catalogue, rules: RuleSet, tmp_path: Path, form: str
) -> None:
    encoding = "gb18030" if form == "gbk" else "utf-8"
    content = marcxml([ONE, TWO]) if form == "xml" else iso2709(ONE, encoding) + iso2709(TWO, encoding)
    files = {"NKU.xml" if form == "xml" else "NKU.iso": content}
    if form == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("deep/NKU.iso", content)
        files = {"NKU.zip": (tmp_path / "a.zip").read_bytes()}
    package, known = catalogue(files)["NKU"]
    tally = write_files(package, tmp_path / "NKU", rules, JOB, known)
    assert names(tally) == {"proposal.mrc"} and tally.proposals == 1
    (record,) = read(tmp_path / "NKU" / "proposal.mrc")
    assert record["001"].data == "k1" and record["200"]["a"] == "三体" and record["100"]["a"][26:30] == "50  "
    assert [field["a"] for field in record.get_fields("010")] == ["7-5366-9293-5", "978-7-5366-9293-0"]
    assert record.get_fields("010")[1]["b"] == "精装" and "未经核对" in record["830"]["a"]
    assert (tmp_path / "NKU" / "delete.txt").read_text("utf-8") == "k2\n"


def test_a_record_too_long_for_iso_2709_is_proposed_as_xml(
    catalogue: Catalogue, rules: RuleSet, tmp_path: Path
) -> None:
    long = book("k1", "010 $a7-5366-9293-5", "099 $aCAL 1", f"330 $a{'长' * 40_000}")
    other = titled(book("k3", "010 $a7-302-10853-6", "099 $aCAL 3", *["300 $a" + "附注" * 1_500] * 10), "算法导论")
    twin = titled(book("k4", "010 $a978-7-302-10853-5"), "算法导论")
    package, known = catalogue({"NKU.xml": marcxml([long, TWO, other, twin])})["NKU"]
    tally = write_files(package, tmp_path / "NKU", rules, JOB, known)
    assert names(tally) == {"proposal.mrc", "proposal.xml"} and tally.proposals == 2
    (whole,) = read(tmp_path / "NKU" / "proposal.xml")
    assert whole["001"].data == "k1" and whole["330"]["a"] == "长" * 40_000
    (short,) = read(tmp_path / "NKU" / "proposal.mrc")
    assert short["001"].data == "k3" and (tmp_path / "NKU" / "proposal.mrc").stat().st_size <= MOST_BYTES


def test_a_source_file_that_is_gone_or_changed_gives_no_marc_and_is_told(
    catalogue: Catalogue, rules: RuleSet, tmp_path: Path
) -> None:
    package, known = catalogue({"NKU.iso": iso2709(ONE) + iso2709(TWO)})["NKU"]
    source = tmp_path / "in" / "NKU.iso"
    source.write_bytes(source.read_bytes().replace("重庆".encode(), "北京".encode()))
    tally = write_files(package, tmp_path / "NKU", rules, JOB, known)
    assert not names(tally) and "changed" in " ".join(tally.messages["en"])
    source.unlink()
    tally = write_files(package, tmp_path / "NKU", rules, JOB, known)
    assert not names(tally) and "NKU.iso" in tally.messages["zh"][0] and "not where it was" in tally.messages["en"][0]
    letter = email.message_from_bytes((tmp_path / "NKU" / "letter.eml").read_bytes(), policy=email.policy.default)
    assert tally.messages["en"][0] in letter.get_content()  # type: ignore[attr-defined]
    gone = replace(known, records={name: replace(row, kind="gone") for name, row in known.records.items()})
    tally = write_files(package, tmp_path / "NKU", rules, JOB, gone)
    assert not names(tally) and all("NKU.iso" in tally.messages[one][0] for one in ("zh", "en"))
    assert tally.deletes == 1 and (tmp_path / "NKU" / "delete.txt").read_text("utf-8") == "k2\n"


def test_a_record_is_proposed_without_what_a_lost_file_would_have_added(
    catalogue: Catalogue, rules: RuleSet, tmp_path: Path
) -> None:
    third = book("t1", "010 $a978-7-5366-9293-0$b平装", "225 2 $a中国科幻基石丛书", library="TJU")
    given = catalogue({"NKU.iso": iso2709(ONE) + iso2709(TWO), "TJU.iso": iso2709(third)})
    package, known = given["NKU"]
    (tmp_path / "in" / "TJU.iso").unlink()
    tally = write_files(package, tmp_path / "NKU", rules, JOB, known)
    (record,) = read(tmp_path / "NKU" / "proposal.mrc")
    assert len(record.get_fields("010")) == 2 and not record.get_fields("225")
    assert "TJU/t1" in tally.messages["en"][0]


def test_records_of_two_formats_or_sources_never_share_a_file(
    packages: dict[str, Package], finished: Path, rules: RuleSet, tmp_path: Path
) -> None:
    engine = DuckEngine(shutil.copy(finished / "run.duckdb", tmp_path / "run.duckdb"))
    originals.prepare(engine, rules, tmp_path / "copies")
    lines = tuple(line for one in packages.values() for line in one.lines)
    everyone = Package("", tuple({line.key: line for line in lines}.values()))
    known = beside(engine, everyone, tmp_path / "copies")
    engine.close()
    tally = write_files(everyone, tmp_path / "all", rules, JOB, known)
    assert len(names(tally)) > 3
    for path in tally.files:
        if path.suffix == ".mrc":
            source = path.name.split(".")[1]
            assert all(f"{source}/{record['001'].data}" in known.records for record in read(path))
            kinds = {"cnmarc" if record.get_fields("200") else "marc21" for record in read(path)}
            assert kinds == {path.name.split(".")[2]}
        if path.name.startswith("delete"):
            source = path.name.split(".")[1]
            listed = path.read_text("utf-8").split("\n")[:-1]
            assert listed and all(f"{source}/{control}" in known.records for control in listed)


def test_what_was_proposed_before_does_not_stay_behind(catalogue: Catalogue, rules: RuleSet, tmp_path: Path) -> None:
    package, known = catalogue({"NKU.iso": iso2709(ONE) + iso2709(TWO)})["NKU"]
    write_files(package, tmp_path / "NKU", rules, JOB, known)
    assert (tmp_path / "NKU" / "proposal.mrc").exists()
    write_files(Package("NKU", ()), tmp_path / "NKU", rules, JOB, known)
    assert not (tmp_path / "NKU" / "proposal.mrc").exists()
    assert (tmp_path / "NKU" / "delete.txt").read_text("utf-8") == ""


def test_a_file_that_does_not_read_back_is_withdrawn(
    catalogue: Catalogue, rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, known = catalogue({"NKU.iso": iso2709(ONE) + iso2709(TWO)})["NKU"]
    monkeypatch.setattr("dedup.report.marcout.iso2709", lambda leader, fields: iso2709(TWO))
    tally = write_files(package, tmp_path / "NKU", rules, JOB, known)
    assert not names(tally) and tally.proposals == 0 and not (tmp_path / "NKU" / "proposal.mrc").exists()
    assert "NKU/k1" in tally.messages["zh"][0] and Aside.UNPROVEN in rules.tables["corrections"]["aside"]


def test_the_fixtures_have_a_proposal_wherever_a_library_keeps_the_poorer_record(
    packages: dict[str, Package], finished: Path, rules: RuleSet, tmp_path: Path
) -> None:
    engine = DuckEngine(shutil.copy(finished / "run.duckdb", tmp_path / "run.duckdb"))
    originals.prepare(engine, rules, tmp_path / "copies")
    proposed = {}
    for library, package in packages.items():
        known = beside(engine, package, tmp_path / "copies")
        tally = write_files(package, tmp_path / library, rules, JOB, known)
        assert tally.messages == {"zh": (), "en": ()}
        for path in tally.files:
            if path.suffix == ".mrc":
                proposed |= {f"{library}/{record['001'].data}": record for record in read(path)}
    engine.close()
    assert [field["a"] for field in proposed["QSU/a1001"].get_fields("010")][-1] == "978-7-208-06164-4"
    assert proposed["QSU/a1027"]["225"]["a"] == "百花学术文库" and MARC.is_dir()
    assert proposed["BLU/b2002"]["091"]["a"] and proposed["WSU/ocm43903327"]["590"]["a"]
