"""What is kept from one start to the next is what would be worked out anew."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dedup import kept as module
from dedup.kept import folder, kept

VALUE = {"words": ["书", "book"], "pair": (1, 2.5, None), "bytes": b"\x00\xff"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEDUP_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def never() -> object:
    raise AssertionError("made anew")


def count(place: Path) -> int:
    return len(list(place.glob("*.kept")))


def test_a_value_is_made_once_and_comes_back_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_written", lambda _: "")
    assert kept("words", "1", lambda: VALUE) == VALUE
    assert kept("words", "1", never) == VALUE


def test_another_key_another_name_and_another_version_of_the_code_are_other_values(place: Path) -> None:
    for name, key, value in (("a", "1", [1]), ("a", "2", [2]), ("b", "1", [3])):
        assert kept(name, key, lambda value=value: value) == value
    made = place.parent / "maker.py"
    for text in ("def make():\n    return 'old'\n", "def make():\n    return 'newer'\n"):
        made.write_text(text, encoding="utf-8")
        space: dict[str, object] = {}
        exec(compile(text, str(made), "exec"), space)
        assert kept("c", "1", space["make"]) == space["make"]()  # type: ignore[operator]


def test_a_damaged_file_is_made_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_written", lambda _: "")
    kept("words", "1", lambda: VALUE)
    (path,) = place.glob("*.kept")
    for data in (b"", path.read_bytes()[:-1], path.read_bytes()[:40] + b"x" + path.read_bytes()[41:]):
        path.write_bytes(data)
        assert kept("words", "1", lambda: VALUE) == VALUE
        assert kept("words", "1", never) == VALUE


def test_the_oldest_files_of_a_name_go_and_those_of_other_names_stay(place: Path) -> None:
    kept("other", "1", lambda: 1)
    for number in range(9):
        kept("words", str(number), lambda number=number: number)
        for path in place.glob("words-*"):
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 10**9))
    assert count(place) == 7


def test_nothing_is_kept_where_nothing_can_be_written_or_nothing_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("DEDUP_CACHE", str(tmp_path / "file" / "below"))
    assert kept("words", "1", lambda: VALUE) == VALUE
    monkeypatch.setenv("DEDUP_CACHE", "")
    assert folder() is None
    assert kept("words", "1", lambda: VALUE) == VALUE


def test_what_cannot_be_kept_is_made_every_time(place: Path) -> None:
    value = kept("words", "1", lambda: {Path("a")})
    assert value == {Path("a")}
    assert count(place) == 0


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other folders there")
def test_files_are_kept_in_the_users_folder_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEDUP_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert folder() == tmp_path / "dedup"
