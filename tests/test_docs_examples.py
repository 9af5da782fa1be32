"""Every example of the documentation runs, and prints what the page says.

Fenced blocks: `console` (lines `$ command`, each followed by what it prints), `python` (with `>>>` as a doctest, else
as a script) and `sql` (must give rows). The blocks of one page run in order in one folder: fixtures/marc beside the
database of a run over it. `...` stands for anything. Before a block, `<!-- exits with N -->` tells how its commands end
when not with 0, and `<!-- not run: REASON -->` leaves it out.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import dedup
from dedup.commands import main

ROOT = Path(__file__).parent.parent
EVERY = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [page for page in EVERY if "```" in page.read_text(encoding="utf-8")]
BLOCK = re.compile(
    r"(?:<!-- (?P<marker>not run: [^>]+|exits with \d+) -->\s*\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
RUN = ("console", "python", "sql")
SHOWN = ("json", "text", "csv", "diff", "yaml", "xml")
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PLAIN = re.compile(r"dedup [^|<>&;$`*?()]*")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it stands, what it holds, how its commands end, why it is not run ('' = it is)."""

    place: str
    language: str
    text: str
    code: int = 0
    left_out: str = ""


@dataclass(slots=True)
class Place:
    """Where the blocks of one page run, and the names that its Python blocks share."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict)


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text"))
        marker = found["marker"] or ""
        code = int(marker.split()[-1]) if marker.startswith("exits") else 0
        reason = marker.partition("not run: ")[2]
        yield Block(f"{page.name}:{line}", found["language"], found["text"], code, reason)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small catalogue, a list of orders, and the run over it that every page begins with."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "fixtures" / "marc", folder / "fixtures" / "marc")
    shutil.copytree(ROOT / "fixtures" / "new", folder / "fixtures" / "new")
    shutil.copy(ROOT / "fixtures" / "orders.csv", folder / "fixtures")
    told = command(folder, "dedup run fixtures/marc --out reports/first --no-reports --period 2024-08")
    assert told[0] == 0, told
    return folder


@pytest.fixture
def place(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A copy of it for one page."""
    shutil.copytree(begun, tmp_path / "page")
    monkeypatch.chdir(tmp_path / "page")
    return Place(tmp_path / "page", {"__name__": "__main__"})


def command(folder: Path, line: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command; plain ones of `dedup` without a process of their own."""
    surroundings = {"LC_ALL": "C.UTF-8", "COLUMNS": "120", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    if PLAIN.fullmatch(line):
        return inside(folder, shlex.split(line)[1:], surroundings)
    shim = f'dedup() {{ {shlex.quote(sys.executable)} -c "from dedup.commands import main; main()" "$@"; }}\n'
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    done = subprocess.run(
        ["bash", "-c", shim + line], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=100,
        env={**os.environ, **surroundings, "PYTHONPATH": path}, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def inside(folder: Path, words: list[str], surroundings: dict[str, str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        for name, value in surroundings.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["dedup", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def agrees(wanted: str, got: str) -> bool:
    """Whether an output is what the page shows; `...` inside a line or alone on one stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in wanted.rstrip().split("..."))
    return re.fullmatch(pattern, got.rstrip(), re.DOTALL) is not None


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command with the output that the page shows."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        while line.endswith("\\"):
            more, _, shown = shown.partition("\n")
            line = f"{line[:-1]} {more.lstrip()}"
        yield line.strip(), shown


def run_console(block: Block, place: Place) -> None:
    listed = list(commands(block))
    assert listed, f"{block.place}: no line begins with `$ `"
    for line, shown in listed:
        code, out, err = command(place.folder, line)
        assert code == block.code, f"{block.place}: `{line}` ends with {code}\n{out}{err}"
        if shown.strip():
            assert agrees(shown, out or err), f"{block.place}: `{line}` prints\n{out or err}\nthe page shows\n{shown}"


def run_python(block: Block, place: Place) -> None:
    if ">>>" not in block.text:
        exec(compile(block.text, block.place, "exec"), place.names)
        return
    told: list[str] = []
    test = doctest.DocTestParser().get_doctest(block.text, place.names, block.place, block.place, 0)
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    runner.run(test, out=told.append, clear_globs=False)
    place.names.update(test.globs)
    assert not runner.failures, "".join(told)


def run_sql(block: Block, place: Place) -> None:
    with dedup.open(place.folder / "dedup.duckdb") as catalogue:
        for query in filter(str.strip, block.text.split(";\n")):
            assert catalogue.sql(query.strip().rstrip(";")).num_rows, f"{block.place}: no rows"


RUNNERS = {"console": run_console, "python": run_python, "sql": run_sql}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_run_and_print_what_it_shows(page: Path, place: Place) -> None:
    for block in blocks(page):
        if block.language in RUN and not block.left_out:
            RUNNERS[block.language](block, place)
        elif block.language == "toml":
            tomllib.loads(block.text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_is_left_out_silently(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = list(blocks(page))
    assert len(found) * 2 == len(re.findall("^```", text, re.MULTILINE)), "a block that this test does not see"
    for block in found:
        known = block.language in (*RUN, *SHOWN, "toml") or block.left_out
        assert known, f"{block.place}: {block.language!r} is neither run nor marked `<!-- not run: REASON -->`"
        assert not (block.language in SHOWN and re.search(r"^\$ ", block.text, re.MULTILINE)), f"{block.place}: console"


def test_there_are_examples_of_every_kind() -> None:
    languages = [block.language for page in PAGES for block in blocks(page) if not block.left_out]
    assert all(languages.count(language) >= 3 for language in RUN)


@pytest.mark.parametrize(
    ("wanted", "got", "agreed"),
    [
        ("a ... c\n", "a b c\n", True),
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a ... d\n", "a b c\n", False),
        ("1 row\n", "2 rows\n", False),
        ("(1+1)\n", "(1+1)\n", True),
    ],
)
def test_an_output_must_be_what_is_shown(wanted: str, got: str, agreed: bool) -> None:
    assert agrees(wanted, got) is agreed


def test_a_page_that_shows_something_else_is_found_out(place: Place) -> None:
    with pytest.raises(AssertionError, match="the page shows"):
        run_console(Block("x:1", "console", "$ dedup decisions\nsomething\n"), place)
    with pytest.raises(AssertionError, match="ends with 2"):
        run_console(Block("x:1", "console", "$ dedup explain no such\n"), place)
    with pytest.raises(AssertionError, match="Expected"):
        run_python(Block("x:1", "python", ">>> 1 + 1\n3\n"), place)
    with pytest.raises(AssertionError, match="no rows"):
        run_sql(Block("x:1", "sql", "SELECT 1 WHERE false;\n"), place)
