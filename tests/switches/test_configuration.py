"""`dedup.toml` says what its page says it may say, and a run does it."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.config import Centre, read_config
from dedup.errors import InputError
from dedup.rules import load_rules, read_rules
from dedup.switches import Switch, read_switches, switched
from fixtures.line_text import iso2709, read_lines

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "configuration.md"
RULES = load_rules()
BOOK = """LDR nam
001 {control}
008 990101 s1999 mau eng
020   $a0674000781
245 12$aA theory of justice /$cJohn Rawls.
260   $aCambridge, Mass. :$bBelknap Press of Harvard University Press,$c1999.
300   $axxii, 538 p. ;$c24 cm{disc}
100 1 $aRawls, John,$d1921-2002."""


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def row(switch: Switch) -> str:
    """A line of the table of switches in the page."""
    if switch.number is not None:
        values = f"{switch.default:g} ({switch.number.least:g} to {switch.number.most:g})"
    else:
        order = sorted(switch.choices.values(), key=lambda choice: choice.id != switch.default)
        values = "; ".join(f"`{choice.id}`: {choice.means['en']}" for choice in order)
    return f"| `{switch.id}` | {switch.means['en']} ({switch.means['zh']}) | {values} |"


def test_the_page_lists_every_switch_and_every_choice() -> None:
    """Write the lines that are wanted with `python -m tests.switches.test_configuration`."""
    assert PAGE.read_text(encoding="utf-8") == filled()


def filled() -> str:
    rows = "\n".join(row(switch) for switch in read_switches(RULES).values())
    table = f"<!-- switches -->\n| switch | about | values |\n| --- | --- | --- |\n{rows}\n<!-- /switches -->"
    return re.sub(
        r"<!-- switches -->.*<!-- /switches -->", lambda _: table, PAGE.read_text(encoding="utf-8"), flags=re.DOTALL
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example of the page and the files that it speaks of: one book, in one library with a disc."""
    folder = tmp_path_factory.mktemp("centre")
    (folder / "in" / "tju").mkdir(parents=True)
    (folder / "in" / "dedup.toml").write_text(example(), encoding="utf-8")
    for name, control, disc in (("NKU-west-2024-08.mrc", "1", ""), ("tju/2024.iso", "2", " +$e1 CD-ROM")):
        lines = BOOK.format(control=control, disc=disc).splitlines()
        (folder / "in" / name).write_bytes(iso2709(read_lines(lines)))
    (folder / "pairs.csv").write_text("left,right\nNKU-W/1,TJU/2\n", encoding="utf-8")
    (folder / "plain.toml").write_text(re.sub(r"(?s)\[switches\].*", "", example()).replace('path = "', 'path = "in/'))
    return folder


def dedup(place: Path, *words: str) -> str:
    command = [sys.executable, "-c", "from dedup.commands import main; main()", *words]
    done = subprocess.run(
        command,
        cwd=place,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_is_read_as_it_says(place: Path) -> None:
    config = read_config(place / "in" / "dedup.toml")
    assert [source.code for source in config.sources] == ["NKU-W", "TJU"]
    assert config.centre == Centre("天津高校联合目录", ("OUT01",))
    rules = switched(RULES, config)
    assert rules.tables["group"]["structure"]["level"] == "volumes" and rules.sha256 != RULES.sha256


def test_every_command_judges_by_the_centres_rules(place: Path) -> None:
    dedup(place, "run", "in", "--db", "c.duckdb", "--out", "out")
    summary = json.loads((place / "out" / "data" / "summary.json").read_text(encoding="utf-8"))
    assert summary["rules_sha256"] == switched(read_rules(RULES.root), read_config(place / "in" / "dedup.toml")).sha256
    [stored] = csv.DictReader((place / "out" / "data" / "pairs.csv").open(encoding="utf-8"))
    [judged] = csv.DictReader(io.StringIO(dedup(place, "judge", "in", "--pairs", "pairs.csv")))
    for one in (stored, judged):
        assert (one["left"], one["right"], one["verdict"]) == ("NKU-W/1", "TJU/2", "review")
        assert "本中心规定" in one["reason"] and "the rule of this centre" in one["reason"]
    [plain] = csv.DictReader(io.StringIO(dedup(place, "--config", "plain.toml", "judge", "in", "--pairs", "pairs.csv")))
    assert plain["verdict"] == "same"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[switch]", r"table 'switch'.*\[\[source\]\], \[switches\].*did you mean 'switches'"),
        ("switches = 3", r"switches = 3.*\[switches\]"),
        ("[[switches]]", r"\[\[switches\]\].*one table"),
        ("[switches]\nregion = true", "region = True"),
        ("[policy]\nof = []", r"\[policy\].*key 'of'.*did you mean 'off'"),
        ('[policy]\noff = "P1.isbn"', r"\[policy\] off.*a list of texts"),
        ('[policy.verdict]\nP1.isbn = "review"', "put the row id in quotation marks"),
        ("[policy]\nverdict = 1", r"\[policy\.verdict\].*write it as a table"),
        ('[centre]\noutsource = ["x"]', r"key 'outsource'.*did you mean 'outsourced'"),
        ("[centre]\noutsourced = [1]", r"\[centre\] outsourced.*a list of texts"),
        ("[centre]\nname = 1", r"\[centre\].*name = 1"),
    ],
)
def test_a_faulty_table_is_told_with_its_place_and_the_remedy(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_config(path)
    assert str(path) in str(error.value) and re.search(says, str(error.value)), error.value


if __name__ == "__main__":
    PAGE.write_text(filled(), encoding="utf-8")
