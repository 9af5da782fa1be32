"""`dedup check` with baselines and corrections, and the hooks that call it, end as they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from fluidattacks_core.sarif import SarifLog
from pre_commit.clientlib import load_manifest

from tests.commands.conftest import Result

ROOT = Path(__file__).parent.parent.parent
NEW = ROOT / "fixtures" / "new" / "marc" / "AGT.mrc"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
Dedup = Callable[..., Result]


@pytest.fixture(scope="module")
def checked(dedup: Dedup) -> Result:
    """A check with findings, as JSON."""
    return dedup("check", NEW, "--format", "json", "--lang", "en")


def fingerprints(text: str) -> list[str]:
    return [one["fingerprint"] for one in json.loads(text)["findings"]]


def test_what_is_put_on_file_is_not_reported_again(dedup: Dedup, checked: Result, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    assert checked.returncode == 1 and fingerprints(checked.stdout)
    made = dedup("check", NEW, "--write-baseline", path, "--quiet", "--lang", "en")
    assert made.returncode == 0 and not made.stderr
    again = dedup("check", NEW, "--baseline", path, "--format", "json", "--quiet")
    assert again.returncode == 0 and not fingerprints(again.stdout)
    assert len(json.loads(again.stdout)["known"]) == len(fingerprints(checked.stdout))


def test_stale_entries_are_told_and_taken_out_on_demand(dedup: Dedup, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    dedup("check", NEW, "--write-baseline", path)
    stale = '  {"code": "Q02", "record_id": "AGT/n001", "fingerprint": "' + "e" * 32 + '"},'
    head, *rest = path.read_text(encoding="utf-8").splitlines()
    whole = "\n".join([head, *rest]) + "\n"
    path.write_text("\n".join([head, stale, *rest]) + "\n", encoding="utf-8")
    told = dedup("check", NEW, "--baseline", path, "--quiet", "--lang", "en")
    assert told.returncode == 0 and "found no more: 1" in told.stderr and "e" * 32 in path.read_text(encoding="utf-8")
    dedup("check", NEW, "--baseline", path, "--prune-baseline", "--quiet")
    assert path.read_text(encoding="utf-8") == whole


def test_a_sarif_log_of_a_real_check_with_all_that_holds_findings_back_is_sound(dedup: Dedup, tmp_path: Path) -> None:
    config, path = tmp_path / "dedup.toml", tmp_path / "baseline.json"
    entries = "[[allow]]\nrecord = 'AGT/x005'\ncode = 'Q02'\nreason = 'as printed'\n"
    late = "[[allow]]\nrecord = 'AGT/x004'\ncode = 'Q01'\nreason = 'for now'\nexpires = 2020-01-31\n"
    config.write_text("[check]\nhelp_base = 'https://lib.example'\n" + entries + late, encoding="utf-8")
    dedup("check", NEW, "--config", config, "--select", "J", "--write-baseline", path)
    made = dedup("check", NEW, "--config", config, "--baseline", path, "--format", "sarif", "--quiet")
    SarifLog.model_validate_json(made.stdout, strict=True)
    results = json.loads(made.stdout)["runs"][0]["results"]
    assert {one["baselineState"] for one in results if one["ruleId"] == "J02"} == {"unchanged"}
    assert [one["suppressions"][0]["justification"] for one in results if "suppressions" in one] == ["as printed"]
    assert made.returncode == 1 and "2020-01-31" in made.stderr


def test_corrected_records_are_written_and_what_remains_is_reported(dedup: Dedup, tmp_path: Path) -> None:
    before, out = NEW.read_bytes(), tmp_path / "fixed.mrc"
    made = dedup("check", NEW, "--fix", "--out", out, "--format", "json", "--lang", "en")
    assert made.returncode == 1 and NEW.read_bytes() == before and "records corrected: 1" in made.stderr
    told = json.loads(made.stdout)["findings"]
    assert {one["file"] for one in told} == {str(out)} and {one["record_id"].split("/")[0] for one in told} == {"AGT"}
    again = dedup("check", out, "--fix", "--diff", "--lang", "en")
    assert again.returncode == 0 and not again.stdout and "nothing to correct" in again.stderr


def test_a_diff_stands_in_place_of_the_report_with_or_without_a_file(dedup: Dedup, tmp_path: Path) -> None:
    looked = dedup("check", NEW, "--fix", "--diff", "--quiet")
    assert looked.returncode == 1 and re.match(r"--- AGT\.mrc AGT/x002 @ \d+\n\+\+\+ ", looked.stdout)
    out = tmp_path / "fixed.mrc"
    both = dedup("check", NEW, "--fix", "--diff", "--out", out)
    assert out.is_file() and both.stdout.count("\n@@ ") == 1 and "Q02" not in both.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--diff",), "--diff goes with --fix"),
        (("--fix",), "--fix needs --out FILE"),
        (("--out", "x.mrc"), "--out goes with"),
        (("--prune-baseline",), "--prune-baseline goes with"),
        (("--fix", "--out", NEW), "never written to"),
        (("--fix", "--out", "nowhere/x.mrc"), "no such folder"),
        (("--baseline", "none.json"), "--write-baseline"),
        (("--baseline", NEW), "wanted a baseline"),
        (("--write-baseline", NEW), "wanted a baseline"),
        (("--config", "none.toml"), "none.toml"),
    ],
)
def test_what_does_not_go_together_ends_with_2_and_says_so(
    dedup: Dedup, tmp_path: Path, words: tuple[object, ...], says: str
) -> None:
    before = NEW.read_bytes()
    made = dedup("check", NEW, *words, cwd=tmp_path)
    assert made.returncode == 2 and not made.stdout and says in made.stderr
    assert not list(tmp_path.iterdir()) and NEW.read_bytes() == before


def test_the_hooks_are_a_manifest_that_pre_commit_accepts() -> None:
    hooks = load_manifest(HOOKS)
    assert [hook["id"] for hook in hooks] == ["dedup-check", "dedup-check-fix"]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert {hook["entry"].split()[0] for hook in hooks} <= set(scripts)
    for hook in hooks:
        for name in ("a.mrc", "in/NKU.MRC", "x.iso", "y.marcxml"):
            assert re.search(hook["files"], name)
        assert not re.search(hook["files"], "notes.md")


@pytest.mark.parametrize("number", [0, 1])
def test_the_entry_of_a_hook_runs_on_the_files_it_is_given(dedup: Dedup, number: int) -> None:
    hook = load_manifest(HOOKS)[number]
    words = [*hook["entry"].split()[1:], *hook["args"], str(NEW)]
    made = dedup(*words)
    assert made.returncode == 1 and "AGT/x00" in made.stdout and "Traceback" not in made.stderr


def test_the_manifest_is_accepted_by_the_command_of_pre_commit() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
