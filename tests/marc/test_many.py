"""Records read again in one pass are the same as each read alone, whatever the container."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from dedup.marc.columns import left_out
from dedup.marc.many import Spot, can_seek, read_many
from dedup.marc.single import read_whole
from dedup.rules import load_rules
from tests.marc.test_single import FILES, found, place

OUTSIDE = left_out(load_rules())


def spots(path: Path, step: int = 1) -> dict[str, list[Spot]]:
    """Every so-manieth record of a file, by the member of the archive it stands in."""
    by_member: dict[str, list[Spot]] = {}
    for record in list(found(path))[::step]:
        one = place(path, record)
        spot = Spot(str(one.offset), one.offset, one.length, one.encoding)
        by_member.setdefault(one.member, []).append(spot)
    return by_member


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("step", [1, 7])
def test_every_record_is_read_as_if_alone(path: Path, step: int) -> None:
    alone = {str(one["offset"]): read_whole(place(path, one), OUTSIDE) for one in found(path)}
    (some,) = spots(path, step).values()
    read = list(read_many(path, "", some, OUTSIDE))
    assert [key for key, _ in read] == [spot.key for spot in some]
    assert all(whole is not None and whole == alone[key] for key, whole in read)
    assert can_seek(path) == (path.suffix != ".xml")


def test_archives_are_read_in_one_pass(tmp_path: Path) -> None:
    iso = next(path for path in FILES if path.suffix == ".iso")
    xml = next(path for path in FILES if path.suffix == ".xml")
    (tmp_path / "a.iso.gz").write_bytes(gzip.compress(iso.read_bytes()))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(iso, "1.iso")
        archive.write(xml, "2.xml")
    for path in (tmp_path / "a.iso.gz", tmp_path / "b.zip"):
        assert not can_seek(path)
        wanted = {str(one["fingerprint"]) for one in found(path)}
        read = [whole for member, some in spots(path).items() for _, whole in read_many(path, member, some, OUTSIDE)]
        assert {str(whole.fingerprint) for whole in read if whole is not None} == wanted and None not in read


def test_where_no_record_begins_there_is_none(tmp_path: Path) -> None:
    for path in FILES:
        (some,) = spots(path).values()
        moved = [Spot(spot.key, spot.offset + 3, spot.length, spot.encoding) for spot in some[:5]]
        alone = {str(whole.fingerprint) for _, whole in read_many(path, "", some, OUTSIDE) if whole}
        for _, whole in read_many(path, "", moved, OUTSIDE):
            assert whole is None or str(whole.fingerprint) not in alone
        assert [whole for _, whole in read_many(path, "no such member", some, OUTSIDE)] == [None] * len(some)
    with pytest.raises(OSError, match="gone"):
        list(read_many(tmp_path / "gone.mrc", "", [Spot("1", 0, 10, "utf-8")], OUTSIDE))
