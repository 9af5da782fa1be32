"""The house rules that can be read off the syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dedup"
FILES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py"))

# Rooms from the bottom up. A room may import itself and everything below; equal numbers do not see each other
# unless SIDEWAYS says so.
FLOORS = {
    "errors": 0,
    "kept": 0,
    "model": 0,
    "tables": 0,
    "rules": 1,
    "codes": 2,
    "config": 1,
    "origin": 1,
    "journal": 1,
    "lock": 2,
    "places": 1,
    "layout": 1,
    "addresses": 1,
    "switches": 2,
    "effective": 3,
    "normalise": 2,
    "engine": 2,
    "compare": 3,
    "marc": 3,
    "stages": 4,
    "store": 4,
    "views": 5,
    "results": 4,
    "mode": 3,
    "summary": 5,
    "amend": 5,
    "pipeline": 6,
    "pairwise": 6,
    "rulebook": 6,
    "explain": 7,
    "report": 7,
    "review": 8,
    "catalogue": 8,
    "extract": 8,
    "check": 9,
    "commands": 10,
}
DOORS = {
    "click": ("dedup/commands/",),
    "duckdb": ("dedup/engine/duck.py", "dedup/store.py"),
    "pymarc": ("dedup/marc/",),
    "isbnlib": ("dedup/normalise/isbn.py",),
    "rapidfuzz": ("dedup/compare/",),
    "scipy": ("dedup/stages/graph.py",),
    "pyspark": ("dedup/engine/spark.py",),
    "xlsxwriter": ("dedup/report/",),
    "jinja2": ("dedup/report/",),
}
# Modules that are stages, each with a `run` that the pipeline calls, and what is a library of one of them.
STAGE_MODULES = {"load", "reload", "block", "reblock", "answers", "group", "export", "score", "diagnose", "follow"}
SQL_DISTANCE = re.compile(r"levenshtein|jaro|jaccard|damerau|hamming|mismatches|editdist", re.IGNORECASE)
FILE_LINES, FUNCTION_LINES, PARAMETERS = 320, 60, 5


def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def imported(name: str) -> Iterator[str]:
    """The full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    """`dedup.stages.load.run` -> `stages`; '' for the package itself (its version)."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOORS else ""


@pytest.mark.parametrize("name", FILES)
def test_imports_run_one_way(name: str) -> None:
    here = room(name.removesuffix(".py").replace("/", "."))
    for module in imported(name):
        if module.split(".")[0] != "dedup" or not here:
            continue
        there = room(module)
        assert not there or there == here or FLOORS[there] < FLOORS[here], f"{name} must not import {module}"


def test_every_room_has_a_floor() -> None:
    rooms = {
        path.stem for path in PACKAGE.iterdir() if path.name not in ("__init__.py", "py.typed", "__pycache__", "_rules")
    }
    assert rooms <= set(FLOORS)


@pytest.mark.parametrize("name", FILES)
def test_each_library_has_one_door(name: str) -> None:
    for module in imported(name):
        doors = DOORS.get(module.split(".")[0])
        assert doors is None or name.startswith(doors), f"{name} must not import {module}"


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("dedup/stages/")])
def test_a_stage_sees_the_protocol_of_engines_only_and_calls_no_other_stage(name: str) -> None:
    for module in imported(name):
        parts = module.split(".")
        assert parts[:2] != ["dedup", "engine"] or parts[2] == "base", f"{name} imports {module}"
        other = parts[2] if parts[:2] == ["dedup", "stages"] else ""
        if other in STAGE_MODULES and other != Path(name).stem:
            assert parts[3] not in ("run", other), f"{name} calls stage {other}"


@pytest.mark.parametrize("name", FILES)
def test_no_string_distance_is_asked_of_sql(name: str) -> None:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"\bSELECT\b", node.value):
            assert not SQL_DISTANCE.search(node.value), f"{name}:{node.lineno}: DuckDB's distances count bytes"


@pytest.mark.parametrize("name", FILES)
def test_files_and_functions_are_of_a_size_to_be_read(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").count("\n") <= FILE_LINES, name
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            place = f"{name}:{node.lineno} {node.name}"
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES, f"{place} is too long"
            if "click" not in {module.split(".")[0] for module in imported(name)}:
                assert len(node.args.args) + len(node.args.kwonlyargs) <= PARAMETERS + 1, f"{place}: parameters"


@pytest.mark.parametrize("name", FILES)
def test_every_public_function_and_class_says_what_it_does(name: str) -> None:
    for node in tree(name).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name}:{node.lineno} {node.name} has no docstring"
            if isinstance(node, ast.FunctionDef):
                assert node.returns is not None, f"{name}:{node.lineno} {node.name} has no return type"


@pytest.mark.parametrize("name", FILES)
def test_classes_inherit_from_nothing_but_exceptions_enums_and_protocols(name: str) -> None:
    allowed = {
        "Protocol",
        "StrEnum",
        "IntEnum",
        "Enum",
        "IntFlag",
        "Exception",
        "DedupError",
        "TypedDict",
        "NamedTuple",
    }
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).split("[")[0].rsplit(".", 1)[-1] for base in node.bases}
            assert bases <= allowed, f"{name}:{node.lineno} {node.name}({', '.join(sorted(bases - allowed))})"


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("dedup/commands/")])
def test_only_commands_print(name: str) -> None:
    calls = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert not [node.lineno for node in calls if node.func.id == "print"], name  # type: ignore[attr-defined]
