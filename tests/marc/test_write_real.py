"""Real records, sound and broken, in any encoding, read the same after they were written in UTF-8."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedup.marc.columns import left_out
from dedup.marc.many import read_many
from dedup.marc.reread import Expected, expected, faults
from dedup.marc.write import XML_FOOT, XML_HEAD, cleaned, iso2709, marcxml
from dedup.rules import load_rules
from tests.marc.test_many import spots

RULES = load_rules()
DATA = Path(__file__).parent.parent.parent.parent / "shared" / "data"
FILES = [
    "cnmarc/cnmarc_27_gb18030_crlf.iso",
    "cnmarc/sample_cnmarcxml.xml",
    "unimarc/rusmarc_koi8r.iso",
    "marc8/cjk1.marc",
]
FILES += ["broken/bad_oversize_field_bad_directory.mrc", "broken/bad_too_long_plus_2.mrc", "broken/badldr.usmarc"]
FILES += ["broken/chinese_mangled_multibyte.mrc", "broken/incomplete_esc_seq.mrc", "broken/utf8_with_bad_bytes.marc"]
FILES += ["broken/WPUbadrecords.mrc", "broken/messed_up_leader.xml", "broken/greekmissingcharsetchange.mrc"]


@pytest.mark.parametrize("name", FILES)
def test_every_record_that_can_be_read_can_be_written(tmp_path: Path, name: str) -> None:
    if not (DATA / name).is_file():
        pytest.skip(f"{DATA / name} is not on this machine")
    iso, xml = tmp_path / "a.mrc", tmp_path / "a.xml"
    wanted: dict[Path, list[Expected]] = {iso: [], xml: []}
    with iso.open("wb") as short, xml.open("wb") as any_length:
        any_length.write(XML_HEAD.encode())
        for member, some in spots(DATA / name).items():
            for _, whole in read_many(DATA / name, member, some, left_out(RULES)):
                assert whole is not None
                fields = cleaned(whole.fields).fields
                proof = expected(whole.leader, fields, RULES)
                if (data := iso2709(whole.leader, fields)) is not None:
                    short.write(data)
                    wanted[iso].append(proof)
                any_length.write(marcxml(whole.leader, fields))
                wanted[xml].append(proof)
        any_length.write(XML_FOOT.encode())
    assert wanted[xml]
    for path, proofs in wanted.items():
        assert not proofs or faults(path, proofs, RULES) == ""
