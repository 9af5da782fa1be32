"""`dedup check` as a pipeline uses it: exit codes, what stands on which stream, consoles that lack letters."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from dedup import store
from dedup.commands import dedup as program
from dedup.commands.check import FORMS, fitting
from dedup.commands.ending import ended
from fixtures.line_text import iso2709, read_lines

Result = subprocess.CompletedProcess[str]
Dedup = Callable[..., Result]
NEW = Path(__file__).parent.parent.parent / "fixtures" / "new" / "marc"
ROOT = NEW.parent.parent.parent
GOOD = [
    "001 g1",
    "008 240115 s2024 ctu eng",
    "020   $a9780300299120",
    "040   $aAGT$cAGT",
    "100 1 $aHarrowgate, Lena.",
    "245 10$aListening to the long swell /$cLena Harrowgate.",
    "264  1$aNew Haven :$bYale University Press,$c2024.",
    "300   $a288 pages ;$c24 cm",
]


def made(path: Path, *lines: str) -> Path:
    path.write_bytes(iso2709(read_lines(list(lines))))
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return made(tmp_path / "good.mrc", *GOOD)


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """A book of 2016 with the ten-digit form of its number alone: worth a note, no more."""
    short = [line.replace("9780300299120", "0300299125") for line in GOOD]
    return made(tmp_path / "noted.mrc", *[line.replace("2024.", "2016.").replace("s2024", "s2016") for line in short])


def run(*words: object, **environment: str) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output, standard error."""
    done = CliRunner().invoke(program, ["check", *map(str, words)], env={"LC_ALL": "C", **environment})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


# ---------------------------------------------------------------- exit codes


def test_a_clean_file_ends_with_0_and_one_with_findings_with_1(good: Path) -> None:
    code, out, _ = run(good)
    assert code == 0 and "no findings" in out
    assert run(NEW / "AGT.mrc")[0] == 1


def test_notes_alone_do_not_fail_a_check_unless_that_is_asked_for(noted: Path) -> None:
    code, out, _ = run(noted, "--format", "json")
    assert [one["code"] for one in json.loads(out)["findings"]] == ["Q04"]
    assert code == 0
    assert run(noted, "--fail-on", "note")[0] == 1
    assert run(noted, "--fail-on", "error")[0] == 0


def test_the_configuration_says_from_which_severity_on_a_check_fails(noted: Path) -> None:
    (noted.parent / "dedup.toml").write_text('[check]\nfail_on = "note"\n', encoding="utf-8")
    assert run(noted.parent)[0] == 1
    assert run(noted.parent, "--fail-on", "warning")[0] == 0


def test_codes_can_be_selected_and_ignored(noted: Path) -> None:
    assert run(noted, "--fail-on", "note", "--ignore", "Q04")[0] == 0
    assert run(noted, "--fail-on", "note", "--select", "D")[0] == 0
    assert run(noted, "--fail-on", "note", "--select", "Q")[0] == 1


def wrong_calls(folder: Path, good: Path) -> dict[str, list[object]]:
    """What cannot be checked, by the words that its one line must hold."""
    (folder / "empty").mkdir()
    (folder / "text").mkdir()
    (folder / "text" / "letter.txt").write_text("Dear colleagues, nothing is enclosed.", encoding="utf-8")
    (folder / "broken.duckdb").write_bytes(b"no database at all" * 500)
    (folder / "bad.toml").write_text("[check\n", encoding="utf-8")
    (folder / "odd.toml").write_text('[check]\nselect = ["X99"]\n', encoding="utf-8")
    return {
        "gone.mrc: found no such file": [folder / "gone.mrc"],
        "empty: found no file in it": [folder / "empty"],
        "text: found": [folder / "text"],
        "broken.duckdb: found": [good, "--db", folder / "broken.duckdb"],
        "none.duckdb: found no such file": [good, "--db", folder / "none.duckdb"],
        "bad.toml: found": [good, "--config", folder / "bad.toml"],
        "X99": [good, "--config", folder / "odd.toml"],
        "none.toml: found": [good, "--config", folder / "none.toml"],
        "none.json: found": [good, "--baseline", folder / "none.json"],
        "no policy.toml": [good, "--rules", folder / "empty"],
    }


def test_what_cannot_be_checked_ends_with_2_and_one_line_that_names_it(
    tmp_path: Path, good: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, call in wrong_calls(tmp_path, good).items():
        code = ended(lambda call=call: program.main(["check", *map(str, call), "--quiet"], standalone_mode=False))
        out, err = capsys.readouterr()
        assert (code, out) == (2, ""), (call, err)
        (line,) = err.splitlines()
        assert line.startswith("dedup: ") and words in line, line


def test_a_missing_file_ends_the_process_with_2(dedup: Dedup, tmp_path: Path) -> None:
    done = dedup("check", tmp_path / "gone.mrc")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dedup: ") and done.stderr.count("\n") == 1


def test_a_call_without_input_ends_with_2(dedup: Dedup) -> None:
    done = dedup("check")
    assert (done.returncode, done.stdout) == (2, "")


# ---------------------------------------------------------------- streams


def read_back(form: str, out: str) -> int:
    """How many findings a report holds, read by whatever reads its form."""
    if form == "json":
        return len(json.loads(out)["findings"])
    if form == "jsonl":
        return len([json.loads(line) for line in out.splitlines()])
    if form == "sarif":
        return len(json.loads(out)["runs"][0]["results"])
    if form == "junit":
        return len(list(ElementTree.fromstring(out).iter("failure")))
    if form == "csv":
        return len(list(csv.DictReader(io.StringIO(out))))
    return out.count("::") // 2 if form == "github" else out.count("→")


@pytest.mark.parametrize("form", FORMS)
def test_standard_output_holds_the_report_and_nothing_else(form: str) -> None:
    loud = run(NEW, "--format", form, "--lang", "en")
    quiet = run(NEW, "--format", form, "--lang", "en", "--quiet")
    assert loud[:2] == quiet[:2]
    assert (quiet[0], quiet[2]) == (1, "")
    assert read_back(form, quiet[1]) > 15


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_gbk_console_gets_every_report(form: str) -> None:
    """Letters that GBK lacks are shown by their number; what programs read means the same as ever."""
    done = subprocess.run(
        [sys.executable, "cli.py", "check", str(NEW), "--format", form, "--lang", "zh", "-q"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"},
        capture_output=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    gbk, (_, utf8, _) = done.stdout.decode("gbk"), run(NEW, "--format", form, "--lang", "zh")
    assert read_back(form, gbk) == read_back(form, utf8)
    if form == "json":
        told = [[(one["message_zh"], one["title"]) for one in json.loads(text)["findings"]] for text in (gbk, utf8)]
        assert told[0] == told[1]
    if form == "text":
        assert "题名" in gbk


def test_letters_beyond_the_basic_plane_stay_json_and_xml_on_any_console() -> None:
    text = json.dumps({"title": "𠮷野家 é"}, ensure_ascii=False)
    assert json.loads(fitting(text, "json", "gbk").encode("gbk")) == {"title": "𠮷野家 é"}
    assert ElementTree.fromstring(fitting("<a>𠮷é</a>", "junit", "ascii")).text == "𠮷é"
    assert fitting(text, "json", "UTF-8") == text


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_reader_that_has_gone_does_not_change_how_a_check_ends(good: Path) -> None:
    for path, wanted in ((NEW, 1), (good, 0)):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "cli.py", "check", str(path), "--quiet"],
            cwd=ROOT,
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=120,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (wanted, b"")


def test_colours_are_for_terminals_or_for_those_who_ask(good: Path) -> None:
    assert "\x1b[" not in run(good)[1]
    assert "\x1b[" in run(good, "--color", "always")[1]
    assert "\x1b[" in run(good, "--color", "always", NO_COLOR="1")[1]
    assert "\x1b[" not in run(good, "--color", "never")[1]
    assert "\x1b[" not in run(good, "--color", "always", "--format", "json")[1]


def test_the_language_is_that_of_the_console_unless_one_is_named(good: Path) -> None:
    assert "未发现问题" in run(good, LC_ALL="zh_CN.UTF-8")[1]
    assert "no findings" in run(good, "--lang", "en", LC_ALL="zh_CN.UTF-8")[1]


# ---------------------------------------------------------------- the catalogue


def test_a_check_against_a_catalogue_of_a_run_finds_the_duplicates(
    dedup: Dedup, first: tuple[Path, Result], tmp_path: Path
) -> None:
    database = first[0] / "c.duckdb"
    with store.locked(database):
        done = dedup("check", NEW / "SHU.iso", "--db", database, "--format", "json", "--quiet")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["contract_version"] == 1
    assert report["records"] == 27
    keys = {"code", "severity", "verdict", "record_id", "file", "offset", "field", "matches", "message"}
    assert all(keys | {"message_zh", "fingerprint"} <= set(finding) for finding in report["findings"])
    told = {(one["record_id"], one["code"]): one["matches"] for one in report["findings"]}
    assert told["SHU/d001", "D12"] == ["YHU/y3017"]


def test_a_catalogue_made_by_other_rules_is_warned_of(dedup: Dedup, first: tuple[Path, Result], tmp_path: Path) -> None:
    config = tmp_path / "dedup.toml"
    config.write_text('[switches]\nmultivolume = "set"\n', encoding="utf-8")
    done = dedup("check", NEW / "BLU.iso", "--db", first[0] / "c.duckdb", "--config", config, "--lang", "en", "-q")
    assert done.returncode == 1
    assert "other rule tables" in done.stderr
