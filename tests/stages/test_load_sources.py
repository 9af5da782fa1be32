from __future__ import annotations

from pathlib import Path

import pytest

from dedup.config import Config, find_config, read_config
from dedup.errors import InputError
from dedup.stages.sources import find_sources


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def named(*inputs: Path, config: Config | None = None) -> list[tuple[str, str]]:
    return [(file.source, file.name) for file in find_sources(inputs, config or Config())]


def test_each_file_of_a_folder_is_a_source_named_by_its_stem(tmp_path: Path) -> None:
    made(tmp_path, "TJU.iso", "NKU.mrc", "MTU.mrc.gz", "u8.old.marc")
    assert named(tmp_path) == [("MTU", "MTU.mrc.gz"), ("NKU", "NKU.mrc"), ("TJU", "TJU.iso"), ("u8.old", "u8.old.marc")]


def test_a_sub_folder_is_one_source_with_its_files_in_name_order(tmp_path: Path) -> None:
    made(tmp_path, "NKU/b.mrc", "NKU/a/z.mrc", "TJU.iso")
    assert named(tmp_path) == [("NKU", "a/z.mrc"), ("NKU", "b.mrc"), ("TJU", "TJU.iso")]


def test_hidden_files_and_the_configuration_are_no_input(tmp_path: Path) -> None:
    made(tmp_path, ".DS_Store", "dedup.toml", "NKU/.x", "NKU/.git/a", "NKU/1.mrc")
    assert named(tmp_path) == [("NKU", "1.mrc")]


def test_the_order_of_arguments_does_not_matter(tmp_path: Path) -> None:
    one, two = made(tmp_path / "1", "B.mrc"), made(tmp_path / "2", "A.mrc")
    assert named(one, two) == named(two, one) == [("A", "A.mrc"), ("B", "B.mrc")]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    made(tmp_path, "NKU.mrc")
    assert named(tmp_path, tmp_path / "NKU.mrc") == [("NKU", "NKU.mrc")]


def test_two_files_with_one_name_in_one_source_are_refused(tmp_path: Path) -> None:
    one, two = made(tmp_path / "1", "NKU.mrc"), made(tmp_path / "2", "NKU.mrc")
    with pytest.raises(InputError, match="give one of them another code"):
        find_sources((one, two), Config())


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=name):
        find_sources((tmp_path / name,), Config())


def test_the_configuration_may_give_codes_libraries_and_formats(tmp_path: Path) -> None:
    made(tmp_path, "2024/a.mrc", "x-1.iso", "x-2.iso")
    (tmp_path / "dedup.toml").write_text(
        '[[source]]\npath = "2024"\ncode = "NKU"\nlibrary = "南开"\nformat = "cnmarc"\n'
        '[[source]]\npath = "x-*.iso"\ncode = "TJU"\nencoding = "gb18030"\n',
        encoding="utf-8",
    )
    files = find_sources((tmp_path,), find_config(None, (tmp_path,)))
    assert [(file.source, file.name, file.library, file.format, file.encoding) for file in files] == [
        ("NKU", "a.mrc", "南开", "cnmarc", ""),
        ("TJU", "x-1.iso", "", "", "gb18030"),
        ("TJU", "x-2.iso", "", "", "gb18030"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[source]]\npath = "a"\ncode = "../b"', "code = '../b'"),
        ('[[source]]\ncode = "b"', "no path"),
        ('[[source]]\npath = "a"\nlibary = "b"', "key 'libary'"),
        ("[[source]]\npath = 1", "text"),
        ("[sources]", "table 'sources'"),
        ("[source]\npath = 'a'", "two brackets"),
        ("[[source", "a TOML table"),
    ],
)
def test_a_faulty_configuration_names_file_and_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "dedup.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_config(path)
    assert says in str(error.value) and "dedup.toml" in str(error.value)
