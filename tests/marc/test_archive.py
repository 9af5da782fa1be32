from __future__ import annotations

import gzip
import io
import os
import zipfile

import pyarrow as pa
import pytest

from dedup.marc.archive import members, open_member
from dedup.marc.container import Container

DATA = b"".join(b"%05d record of some length %d\x1d" % (number, number * 7919) for number in range(20_000))
NOISE = os.urandom(300_000)


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def read_all(path):
    found = {}
    for member in members(path):
        if member.fault:
            found[member.name] = (b"", member.fault)
            continue
        with open_member(path, member) as stream:
            data = b""
            while piece := stream.read(1000):
                data += piece
            found[member.name] = (data, stream.fault)
    return found


@pytest.mark.parametrize(
    ("packed", "names"),
    [
        (DATA, [""]),
        (gzip.compress(DATA, mtime=0), [""]),
        (gzip.compress(DATA[:999], mtime=0) + gzip.compress(DATA[999:], mtime=0) + bytes(100), [""]),
        (zstd(DATA), [""]),
        (zipped({"a/b.mrc": DATA}), ["a/b.mrc"]),
        (zipped({"a.mrc": DATA, "馆藏.iso": DATA}, zipfile.ZIP_STORED), ["a.mrc", "馆藏.iso"]),
        (zipped({"a.mrc.gz": gzip.compress(DATA, mtime=0), "b.zst": zstd(DATA)}), ["a.mrc.gz", "b.zst"]),
        (zipped({"in.zip": zipped({"x.mrc": DATA})}), ["in.zip!x.mrc"]),
        (gzip.compress(zipped({"x.mrc": DATA})), ["x.mrc"]),
    ],
    ids=["plain", "gz", "gz of two", "zst", "zip", "stored", "packed in a zip", "zip in zip", "zip in gz"],
)
def test_every_archive_gives_back_what_was_packed(tmp_path, packed, names):
    path = tmp_path / "upload.bin"
    path.write_bytes(packed)
    assert read_all(path) == dict.fromkeys(names, (DATA, ""))


@pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gz", "zst"])
def test_a_truncated_archive_gives_its_beginning_and_a_reason(tmp_path, pack):
    path = tmp_path / "cut"
    packed = pack(NOISE)
    path.write_bytes(packed[: len(packed) * 2 // 3])
    ((data, fault),) = read_all(path).values()
    assert len(data) > len(NOISE) // 3
    assert NOISE.startswith(data)
    assert fault


def test_a_truncated_zip_gives_its_whole_files_and_the_beginning_of_the_last(tmp_path):
    path = tmp_path / "cut.zip"
    packed = zipped({"a.mrc": DATA, "b.mrc": NOISE})
    path.write_bytes(packed[: len(packed) - 150_000])
    found = read_all(path)
    assert found["a.mrc"] == (DATA, "")
    data, fault = found["b.mrc"]
    assert NOISE.startswith(data)
    assert len(data) > 100_000
    assert fault


def test_changed_bytes_in_an_archive_are_told(tmp_path):
    path = tmp_path / "changed.gz"
    packed = bytearray(gzip.compress(NOISE, compresslevel=0))
    packed[200_000] ^= 0xFF
    path.write_bytes(packed)
    ((data, fault),) = read_all(path).values()
    assert data[:199_000] == NOISE[:199_000]
    assert "incorrect data check" in fault


def test_a_bomb_is_stopped_by_its_ratio(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(30_000_000)))
    (member,) = members(path)
    with open_member(path, member) as stream:
        total = 0
        while piece := stream.read(1 << 20):
            total += len(piece)
        item = stream.unreadable()
    assert total < 30_000_000
    assert item is not None
    assert "swells" in item.reason


def test_archives_are_opened_two_deep_and_no_deeper(tmp_path):
    path = tmp_path / "deep.zip"
    path.write_bytes(zipped({"a.zip": zipped({"b.zip": zipped({"c.mrc": DATA})})}))
    (member,) = members(path)
    assert member.name == "a.zip!b.zip"
    assert "unpack it yourself" in member.fault


def test_an_encrypted_member_is_named_and_not_opened(tmp_path):
    packed = bytearray(zipped({"a.mrc": DATA}))
    central = packed.rfind(b"PK\x01\x02")
    packed[central + 8] |= 1
    path = tmp_path / "locked.zip"
    path.write_bytes(packed)
    (member,) = members(path)
    assert "encrypted" in member.fault


def test_a_name_that_climbs_out_of_the_archive_is_only_shown(tmp_path):
    path = tmp_path / "evil.zip"
    path.write_bytes(zipped({"../../evil.mrc": DATA}))
    before = set(tmp_path.parent.rglob("*"))
    assert read_all(path) == {"../../evil.mrc": (DATA, "")}
    assert set(tmp_path.parent.rglob("*")) == before


def test_a_zip_in_which_nothing_is_left_says_so(tmp_path):
    path = tmp_path / "empty.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(10))
    (member,) = members(path)
    assert "no file" in member.fault


def test_members_of_a_zip_know_how_they_are_reached(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.gz": gzip.compress(DATA)}))
    (member,) = members(path)
    assert [kind for kind, _ in member.path_in] == [Container.ZIP, Container.GZIP]
