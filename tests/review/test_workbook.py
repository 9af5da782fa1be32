"""The reader of workbooks sees what a full reader sees, and what other programs write."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.review import workbook

# Signs that XML cannot hold stay out, and blanks at the ends: answers are trimmed.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=8
)
GRIDS = st.lists(st.lists(st.one_of(st.just(""), TEXTS, st.just("=1+1")), max_size=5), max_size=6)


def read(path: Path) -> list[dict[int, str]]:
    with workbook.opened(path, 1 << 24) as book:
        return [row.cells for _, part in book.sheets for row in book.rows(part)]


@settings(max_examples=40, deadline=None)
@given(GRIDS)
def test_rows_are_those_that_a_full_reader_sees(grid: list[list[str]]) -> None:
    """Against openpyxl, the slow twin."""
    wb = openpyxl.Workbook()
    for place, cells in enumerate(grid, 1):
        for column, text in enumerate(cells, 1):
            cell = wb.active.cell(place, column)
            cell.data_type, cell._value = "s", text
    with tempfile.TemporaryDirectory() as folder:
        wb.save(Path(folder) / "a.xlsx")
        found = read(Path(folder) / "a.xlsx")
        twin = openpyxl.load_workbook(Path(folder) / "a.xlsx", read_only=True)
        told = [{n: str(v).strip() for n, v in enumerate(row) if str(v or "").strip()} for row in twin.active.values]
        twin.close()
    assert found == [cells for cells in told if cells]


CONTENT = (
    '<sheetData><row><c t="inlineStr"><is><r><t>非</t></r><r><rPr/><t>重复</t></r><rPh><t>feichongfu</t></rPh></is></c>'
    '<c r="D1" t="s"><v>0</v></c><c t="n"><v>46056</v></c><c t="str"><f>A1</f><v>line_x000A_two</v></c>'
    '<c t="e"><v>#REF!</v></c><c t="s"><v>9</v></c></row><row r="7"><c r="AB7" t="b"><v>1</v></c></row></sheetData>'
)
WANTED = [{0: "非重复", 3: "已合并", 4: "46056", 5: "line\ntwo"}, {27: "1"}]
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


@pytest.mark.parametrize(
    ("main", "office"),
    [
        ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
        ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships"),
    ],
    ids=["transitional", "strict"],
)  # fmt: skip
def test_both_dialects_and_every_kind_of_cell_are_read(tmp_path: Path, main: str, office: str) -> None:
    """Parts elsewhere than usual, absolute targets, rows and cells that do not say where they stand."""

    def links(*rows: tuple[str, str, str]) -> str:
        made = "".join(f'<Relationship Id="{id}" Type="{office}/{kind}" Target="{to}"/>' for id, kind, to in rows)
        return f'<Relationships xmlns="{PACKAGE}">{made}</Relationships>'

    parts = {
        "_rels/.rels": links(("a", "officeDocument", "/book/main.xml")),
        "book/main.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><workbookPr date1904="1"/>'
        '<sheets><sheet name="合并" r:id="s"/></sheets></workbook>',
        "book/_rels/main.xml.rels": links(("s", "worksheet", "pages/one.xml"), ("t", "sharedStrings", "/book/t.xml")),
        "book/pages/one.xml": f'<worksheet xmlns="{main}">{CONTENT}</worksheet>',
        "book/t.xml": f'<sst xmlns="{main}"><si><t>已</t><phoneticPr/><r><t>合并</t></r></si></sst>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    (tmp_path / "a.xlsx").write_bytes(made.getvalue())
    assert read(tmp_path / "a.xlsx") == WANTED
    with workbook.opened(tmp_path / "a.xlsx", 1 << 20) as book:
        assert book.from_1904 and book.sheets == (("合并", "book/pages/one.xml"),)
        assert [row.number for row in book.rows("book/pages/one.xml")] == [1, 7]
