"""Raw records become concepts: the same record in another container or encoding is the same concept."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from dedup.marc.reader import Options, plan, run_task
from dedup.rules import load_rules
from dedup.stages.normalise import STEPS, concepts
from dedup.tables import CONCEPT

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared folder of real files is not here")
HAN = re.compile("[\u3400-\u9fff]")


def raw(path):
    tasks = plan([(path, path.name)], Options())
    return [portion.records for task in tasks for portion in run_task(task, load_rules()) if portion.records.num_rows]


def concepts_of(path):
    """Control number -> concept row."""
    batches = raw(path)
    rows = pa.Table.from_batches([concepts(batch, load_rules()) for batch in batches]).to_pylist()
    controls = [control for batch in batches for control in batch.column("control").to_pylist()]
    return dict(zip(controls, rows, strict=True))


@pytest.mark.parametrize("path", sorted((ROOT / "fixtures" / "marc").iterdir()), ids=lambda path: path.name)
def test_every_column_of_the_schema_is_filled_row_by_row(path):
    for batch in raw(path):
        made = concepts(batch, load_rules())
        assert made.schema.equals(CONCEPT) and made.num_rows == batch.num_rows
        made.validate(full=True)


def test_a_batch_cut_anywhere_gives_the_same_rows():
    batch = raw(ROOT / "fixtures" / "marc" / "QSU.iso")[0]
    whole = concepts(batch, load_rules()).to_pylist()
    for cut in (1, batch.num_rows // 2, batch.num_rows - 1):
        parts = [concepts(part, load_rules()).to_pylist() for part in (batch.slice(0, cut), batch.slice(cut))]
        assert parts[0] + parts[1] == whole


def test_a_batch_without_records_gives_no_rows():
    batch = raw(ROOT / "fixtures" / "marc" / "QSU.iso")[0]
    assert concepts(batch.slice(0, 0), load_rules()).num_rows == 0


def test_no_two_steps_fill_one_column():
    from dedup.normalise.batch import RawBatch

    batch = RawBatch(raw(ROOT / "fixtures" / "marc" / "WSU.mrc")[0])
    seen: dict[str, str] = {}
    for step in STEPS:
        for name in step(batch, load_rules()):
            assert name not in seen, (name, seen.get(name), step.__name__)
            seen[name] = step.__name__


@needs_shared
@pytest.mark.parametrize("name", ["nbs_monograph", "nist_technical_note"])
def test_three_serialisations_of_one_record_are_one_concept(name):
    folder = SHARED / "gpo" / "serialisations"
    utf8 = concepts_of(folder / f"{name}_utf8.mrc")
    assert concepts_of(folder / f"{name}_marc8.mrc") == utf8
    # The publisher's XML holds one title whose superscripts were mangled by the conversion, not by reading.
    mangled = {control for control, row in utf8.items() if "He¹" in row["display_title"]}
    xml = concepts_of(folder / f"{name}.xml")
    assert {control for control in utf8 if xml[control] != utf8[control]} <= mangled and len(mangled) <= 1


@needs_shared
def test_one_catalogue_in_three_encodings_is_one():
    forms = [concepts_of(SHARED / "cnmarc" / f"cnmarc_27_{form}.iso") for form in ("utf8", "gb18030", "gb18030_crlf")]
    assert len(forms[0]) == 27 and forms[0] == forms[1] == forms[2]


@needs_shared
@pytest.mark.parametrize("name", ["marc8/uva_001_2000.mrc", "unimarc/rusmarc_koi8r.iso"])
def test_no_chinese_is_invented_where_there_is_none(name):
    for control, row in concepts_of(SHARED / name).items():
        assert not HAN.search(row["title"] + row["display_title"] + "".join(row["authors"])), control
