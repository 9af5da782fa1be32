"""Lines as records: a field for each thing that a line says, laid out as a record is read, and normalised like all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa

from dedup.check.orders.lines import APART
from dedup.check.orders.model import Line
from dedup.check.orders.settings import FieldShape, Settings
from dedup.model import Format, IsbnRole
from dedup.normalise.isbn_role import role_of
from dedup.rules import RuleSet
from dedup.stages.normalise import concepts
from dedup.tables import FIELD_MARK, RECORD, SUBFIELD_MARK

SOURCE = "orders"
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff]")
_UNFIT = str.maketrans(dict.fromkeys("\x1d\x1e\x1f\x00", " "))


def loaded(lines: Sequence[Line], first: int, settings: Settings, rules: RuleSet) -> pa.RecordBatch:
    """The lines as CONCEPT rows with `rid` from `first` on, in their order."""
    raw = pa.RecordBatch.from_pylist([_row(line, settings, rules) for line in lines], schema=RECORD)
    made = concepts(raw, rules)
    rids = pa.array(range(first, first + len(lines)), pa.int64())
    return pa.RecordBatch.from_arrays([rids, *made.columns], names=["rid", *made.schema.names])


def _row(line: Line, settings: Settings, rules: RuleSet) -> dict[str, object]:
    """One line as a RECORD row."""
    says = {name: text.translate(_UNFIT) if name != "isbn" else text for name, text in line.says.items()}
    kind = Format.CNMARC if _HAN.search(says.get("title", "")) else Format.MARC21
    said = _spelt(says, kind, settings, rules)
    row: dict[str, object] = {field.name: "" if pa.types.is_string(field.type) else 0 for field in RECORD}
    row |= {"source": SOURCE, "file": line.sheet, "offset": line.row, "format": int(kind), "leader": settings.leader}
    texts: dict[str, list[str]] = {}
    for shape in settings.fields[kind]:
        texts.setdefault(shape.column, []).extend(_fields(shape, said))
    return row | {column: FIELD_MARK.join(found) for column, found in texts.items()}


def _spelt(says: Mapping[str, str], kind: Format, settings: Settings, rules: RuleSet) -> dict[str, str]:
    """What a line says, as a cataloguer would write it: bare numbers with their words, names in their place."""
    said = dict(says)
    for name, pattern in settings.spelt[kind].items():
        if settings.patterns["volumes"].match(said.get(name, "")) or (name == "pages" and said.get(name, "").isdigit()):
            said[name] = pattern.format(said[name])
    said["medium"] = said.get("carrier", "")
    if role_of(said.get("binding", ""), rules) is IsbnRole.EBOOK:
        said["medium"] = said["medium"] or said["binding"]
    if kind is Format.MARC21 and "author" in said:
        people = [one.strip() for one in settings.patterns["names_apart"].split(said["author"]) if one.strip()]
        if people and all(settings.patterns["heading_order"].match(one) for one in people):
            said["heading"] = APART.join(people)
            del said["author"]
    return said


def _fields(shape: FieldShape, said: Mapping[str, str]) -> list[str]:
    """The fields of one shape: one for each ISBN or name, none when nothing that it needs is filled."""
    if not any(said.get(name) for name in shape.needs):
        return []
    repeats = max(said.get(name, "").count(APART) for _, name in shape.subfields) + 1
    made = []
    for number in range(repeats):
        content = "".join(
            f"{SUBFIELD_MARK}{code}{text}"
            for code, name in shape.subfields
            if (text := _nth(said.get(name, ""), number, repeats))
        )
        made.append(f"{shape.tag}{shape.indicators}{content}")
    return made


def _nth(text: str, number: int, repeats: int) -> str:
    """The value for one of several fields; a single value stands in each."""
    parts = text.split(APART)
    return parts[number] if len(parts) == repeats else parts[0]
