"""What the documentation says is there, is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from dedup.commands import dedup
from dedup.stages.export import FILES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "rules").rglob("*.md")])
LINK = re.compile(r"\[[^\]]+\]\(([^)#:]+)\)")
STRAY = re.compile(r"(?<![\w.])/(?:work|tmp|home|root)/")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_readme_has_exactly_two_commands() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", text(ROOT / "README.md"), re.DOTALL)
    assert len(blocks) == 2 and all(len(block.strip().splitlines()) == 1 for block in blocks)
    assert "dedup run fixtures/marc" in blocks[0] and blocks[1].strip().endswith("pytest")


def test_the_check_of_every_change_takes_its_test_command_from_the_readme() -> None:
    script = text(ROOT / ".ci" / "run")
    found = [line for line in text(ROOT / "README.md").splitlines() if re.search("pytest$", line)]
    assert "grep -m1 -- 'pytest$' README.md" in script and len(found) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere_and_no_page_speaks_of_a_developers_machine(page: Path) -> None:
    for target in LINK.findall(text(page)):
        assert (page.parent / target).exists(), f"{page.name}: {target}"
    assert not STRAY.search(text(page))


@pytest.mark.parametrize("command", [dedup, *dedup.commands.values()], ids=lambda command: str(command.name))
def test_every_command_and_option_has_help(command: click.Command) -> None:
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{command.name} {option.opts[0]}"


@pytest.mark.parametrize("name", sorted(set(dedup.commands)))
def test_the_readme_names_every_command(name: str) -> None:
    assert f"`dedup {name}" in text(ROOT / "README.md")


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_readme_names_every_result(name: str) -> None:
    assert f"`{name}`" in text(ROOT / "README.md")


def test_the_map_names_every_module_of_the_line() -> None:
    page = text(ROOT / "ARCHITECTURE.md")
    for module in (ROOT / "dedup" / "stages").glob("*.py"):
        if module.stem not in ("__init__", "context"):
            assert f"`{module.stem}`" in page or f"stages/{module.name}`" in page, module.name


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
