"""Whatever its code, a library gets a folder of its own that every system can make, and the index leads back."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.report.cells import cell, escaped, uncell, unescaped
from dedup.report.folders import INDEX, folder_message, folder_of, read_index, write_index

HOSTILE = [
    "",
    ".",
    "..",
    "../x",
    "/etc",
    "a/b",
    "a\\b",
    "CON",
    "con",
    "NUL.TXT",
    "COM1",
    "lpt9",
    "aux.",
    "A.",
    "A ",
    " A",
    "A",
]
HOSTILE += [
    "A" * 300,
    "A" * 299 + "B",
    "~",
    "C:",
    "C:x",
    "x\0y",
    "x\ny",
    "=1+1",
    "-rf",
    "*",
    "?",
    "NKU",
    "nku",
    "Nku",
    "LIBRARIES.CSV",
]
HOSTILE += [
    "libraries.csv",
    "南开",
    "南開",
    "é",
    "e\u0301",
    "\u202eUKN",
    "K",
    "ſ",
    "ß",
    "SS",
    "\ud800",
    "CON~X",
    "a\\u0041",
    "..\\..\\x",
]
WINDOWS_FORBIDS = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])(\..*)?")
codes = st.text(max_size=60) | st.sampled_from(HOSTILE) | st.text("aAbB.~ /\\CON", max_size=8)


def is_safe(name: str) -> bool:
    return (
        0 < len(name.encode("utf-8")) <= 200
        and not WINDOWS_FORBIDS.search(name)
        and not DEVICE.fullmatch(name)
        and name not in (".", "..")
        and name[-1] not in ". "
        and name[0] not in " -."
        and PureWindowsPath(name).name == name
        and unicodedata.normalize("NFC", name) == name
        and name.isprintable()
    )


def as_windows_sees(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


@given(codes)
def test_every_code_gives_a_name_that_can_be_made_anywhere(code: str) -> None:
    assert is_safe(folder_of(code))


@given(st.lists(codes, max_size=20, unique=True))
def test_two_codes_never_share_a_folder(some: list[str]) -> None:
    assert len({as_windows_sees(folder_of(code)) for code in some}) == len(some)


def test_hostile_codes_get_folders_of_their_own_that_can_be_made_here(tmp_path: Path) -> None:
    assert len({as_windows_sees(folder_of(code)) for code in HOSTILE}) == len(set(HOSTILE))
    for code in set(HOSTILE):
        (tmp_path / folder_of(code)).mkdir()
        assert (tmp_path / folder_of(code)).parent == tmp_path
    write_index(HOSTILE, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*map(folder_of, HOSTILE), INDEX}


@pytest.mark.parametrize("code", ["NKU", "LIB-A", "12", "南开大学", "TJ.1", "A_B", "A+B", "X@Y"])
def test_a_plain_code_names_its_folder_itself(code: str) -> None:
    assert folder_of(code) == code and not folder_message(code)


@given(st.lists(codes, max_size=20))
def test_the_index_leads_from_folder_to_code(tmp_path_factory: pytest.TempPathFactory, some: list[str]) -> None:
    folder = tmp_path_factory.mktemp("index")
    messages = write_index(some, folder)
    assert read_index(folder) == {folder_of(code): code for code in some}
    assert len(messages) == len({code for code in some if folder_of(code) != code})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_code_that_cannot_name_a_folder_is_told_with_the_folder(language: str) -> None:
    told = folder_message("../x\u202e", language)
    assert "../x\\u202e" in told and folder_of("../x\u202e") in told and "\u202e" not in told


@given(st.text())
def test_a_cell_is_no_formula_and_leads_back_to_its_text(text: str) -> None:
    made = cell(text)
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert not re.search("[\x00-\x1f\x7f]", made)
    seen = "".join(chr(0x2400 + ord(sign)) if sign < " " else "\u2421" if sign == "\x7f" else sign for sign in text)
    assert uncell(made) == seen.encode("utf-8", "replace").decode("utf-8")
    assert unescaped(escaped(text)) == text
