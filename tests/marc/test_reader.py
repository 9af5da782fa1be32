"""Files of every form are planned, read in worker processes' way (tasks pickled) and accounted for."""

from __future__ import annotations

import gzip
import pickle
import zipfile
from pathlib import Path

import pytest

from dedup.marc.reader import Options, plan
from dedup.model import Format
from tests.marc import plain
from tests.marc.test_ledger import NUMBERS, RECORDS, WHOLE

OPTIONS = Options()


def test_a_file_of_many_ranges_gives_the_rows_of_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.iso"
    path.write_bytes(WHOLE * 50)
    tasks = plan([(path, "a.iso")], OPTIONS, chunk=1000)
    assert len(tasks) == -(-len(WHOLE) * 50 // 1000)
    ranged, whole = plain.read_tasks(pickle.loads(pickle.dumps(tasks))), plain.read_file(path)
    plain.check_sums(ranged, len(WHOLE) * 50)
    assert ranged.rows.equals(whole.rows)
    assert ranged.rows.column("control").to_pylist() == NUMBERS * 50


def test_an_archive_gives_the_rows_of_the_file_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.iso"
    path.write_bytes(WHOLE)
    packed, zipped = tmp_path / "a.iso.gz", tmp_path / "a.zip"
    packed.write_bytes(gzip.compress(WHOLE))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(path, "inner/b.iso")
        archive.write(path, "inner/c.iso")
    rows = plain.read_file(path).rows.drop_columns(["file"])
    tasks = pickle.loads(pickle.dumps(plan([(packed, "a.iso.gz")], OPTIONS)))
    assert plain.read_tasks(tasks).rows.drop_columns(["file"]).equals(rows)
    both = plain.read_file(zipped)
    plain.check_sums(both, 2 * len(WHOLE))
    assert set(both.rows.column("file").to_pylist()) == {"a.zip!inner/b.iso", "a.zip!inner/c.iso"}
    assert both.rows.slice(0, len(RECORDS)).drop_columns(["file"]).equals(rows)


def test_a_cut_off_archive_gives_what_was_in_it_and_says_so(tmp_path: Path) -> None:
    packed = tmp_path / "a.iso.gz"
    packed.write_bytes(gzip.compress(WHOLE * 40)[:-30])
    read = plain.read_file(packed)
    plain.check_sums(read, read.counts.bytes)
    assert read.rows.num_rows > 0
    assert read.aside[-1][1] == 0
    assert read.aside[-1][2]


def test_holdings_and_authority_records_are_counted_apart(tmp_path: Path) -> None:
    fields = [("001", b"1"), ("245", b"10\x1faTitle")]
    kinds = "axyzuvz"
    data = b"".join(plain.iso2709(fields, f"00000n{kind}m a2200000 a 4500") for kind in kinds)
    read = plain.read_bytes(data, tmp_path)
    plain.check_sums(read, len(data))
    assert (read.counts.bibliographic, read.counts.holdings, read.counts.authority) == (1, 4, 2)
    assert read.rows.num_rows == 1


def test_the_user_may_name_format_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.iso"
    path.write_bytes(plain.iso2709([("001", b"1"), ("200", b"1 \x1fa" + "Основы".encode("koi8-r"))]))
    tasks = plan([(path, "a.iso")], Options("koi8-r", Format.UNIMARC))
    row = plain.read_tasks(tasks).rows.to_pylist()[0]
    assert (row["format"], row["encoding"], row["title"]) == (Format.UNIMARC, "koi8-r", "2001 \x1faОсновы")


@pytest.mark.parametrize(
    ("content", "records"), [(b"", 0), (b"\r\n \r\n", 0), (b"Dear colleague, see below", 1), (b"%PDF-1.7 x", 1)]
)
def test_a_file_without_records_is_padding_or_set_aside_whole(content: bytes, records: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    read = plain.read_file(path)
    plain.check_sums(read, len(content))
    assert read.counts.records == records
    assert [kept for *_, kept in read.aside] == [content] * records


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_a_file_in_another_encoding_gives_the_same_text(encoding: str, tmp_path: Path) -> None:
    titles = ["中國地理", "圖書館學概論", "高等數學教程", "紅樓夢研究資料", "經濟學原理"]
    data = b"".join(
        plain.iso2709([("001", str(n).encode()), ("200", f"1 \x1fa{title}\x1ff作者編著".encode(encoding))])
        for n, title in enumerate(titles)
    )
    path = tmp_path / "a.iso"
    path.write_bytes(data)
    rows = plain.read_file(path).rows
    assert rows.column("encoding").to_pylist() == [encoding] * len(titles)
    assert rows.column("title").to_pylist() == [f"2001 \x1fa{title}\x1ff作者編著" for title in titles]


def test_marks_written_apart_from_their_letters_are_composed(tmp_path: Path) -> None:
    data = plain.iso2709([("001", b"1"), ("245", "10\x1faCafe\u0301".encode())], "00000nam a2200000 a 4500")
    assert plain.read_bytes(data, tmp_path).rows.column("title").to_pylist() == ["24510\x1faCafé"]
