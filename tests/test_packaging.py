"""What is built is what is used: the wheel holds program and rules, and runs away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place], cwd=ROOT, check=True)
    [built] = place.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_every_rule_table_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dedup").rglob("*.py")}
    modules |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "dedup" / "report" / "templates").iterdir()}
    modules.add("dedup/py.typed")
    tables = {path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").rglob("*") if path.is_file()}
    assert modules | {f"dedup/_rules/{name}" for name in tables} == {
        name for name in names if "__pycache__" not in name
    }


def test_the_installed_program_finds_its_rules_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from dedup.rules import find_rules; print(find_rules())"
    # -P leaves the current folder out of the search path; an editable install must not win over the wheel.
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(found) == tmp_path / "dedup" / "_rules"


def test_the_installed_program_finds_the_templates_of_its_pages_away_from_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "from dedup.report import page; "
        "[page.environment('zh').get_template(f'{n}.html') for n in ('library', 'centre')]"
    )
    code += "; print(page.__file__, len(page.asset('page.js')))"
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    file, letters = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    assert Path(file).is_relative_to(tmp_path) and int(letters) > 1000


def test_the_version_stands_in_one_place_twice_at_most() -> None:
    from dedup import __version__

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__ and project["scripts"] == {"dedup": "dedup.commands:main"}


def test_every_library_that_the_program_imports_is_a_dependency() -> None:
    import ast

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {text.split(">")[0].split("[")[0].strip() for text in project["dependencies"]}
    used = set()
    for path in (ROOT / "dedup").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add(str(node.module).split(".")[0])
    outside = {name for name in used if name not in sys.stdlib_module_names} - {"dedup"}
    assert outside == named
