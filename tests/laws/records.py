"""The records of the stories in fixtures/source as fields, as raw columns and as concepts; and their pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa

from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts, Ints
from dedup.model import Format
from dedup.rules import load_rules
from dedup.stages.normalise import concepts
from dedup.tables import FIELD_MARK, RAW_COLUMNS, SUBFIELD_MARK
from fixtures.line_text import LineField, LineRecord, read_lines
from fixtures.stories import read_stories
from tests.normalise.raw import batch

RULES = load_rules()
SOURCE = Path(__file__).resolve().parents[2] / "fixtures" / "source"
WESTERN = ("WSU/", "MYU/")
_CHINESE = ("101 0 $achi", "102   $aCN$b110000")
_NO_MARC = ("item ", "bare", "garbled")


@dataclass(frozen=True, slots=True)
class Told:
    """One record of a story: its id, its format and its fields."""

    name: str
    form: Format
    record: LineRecord

    def with_fields(self, fields: Sequence[LineField]) -> Told:
        """The same record with other fields."""
        return Told(self.name, self.form, LineRecord(self.record.leader, tuple(fields)))


@cache
def told() -> dict[str, Told]:
    """Every record of the stories whose text is not spoilt."""
    found = {}
    for name, lines in read_stories(SOURCE).lines.items():
        if any(line.startswith("garbled") for line in lines):
            continue
        form = Format.MARC21 if name.startswith(WESTERN) else Format.CNMARC
        marc = [line for line in lines if not line.startswith(_NO_MARC)]
        usual = [] if form is Format.MARC21 or "bare" in lines else list(_CHINESE)
        marc += [line for line in usual if not any(one.startswith(line[:3]) for one in marc)]
        found[name] = Told(name, form, read_lines(marc, "" if form is Format.MARC21 else "50"))
    return found


@cache
def named_pairs() -> tuple[tuple[str, str], ...]:
    """Pairs inside every group of the stories, the look-alikes, and neighbours that have nothing in common."""
    stories = read_stories(SOURCE)
    groups = [[name for name, _ in story.records] for story in stories.stories if story.group]
    pairs = {pair for group in groups for pair in combinations(group, 2)}
    pairs |= {(left, right) for left, right, *_ in stories.pairs}
    names = sorted(told())
    pairs |= set(zip(names, names[7:], strict=False))
    return tuple(sorted((left, right) for left, right in pairs if left in told() and right in told()))


@cache
def _columns(form: Format) -> dict[str, str]:
    """Tag -> raw column."""
    table = RULES.tables[f"fields/{form.name.lower()}"]
    return {tag: column for column, tags in table["columns"].items() for tag in tags}


def raw_columns(one: Told) -> dict[str, str]:
    """The RECORD columns of one record, as the reader lays them out."""
    table = RULES.tables[f"fields/{one.form.name.lower()}"]
    parts: dict[str, list[str]] = {name: [] for name in RAW_COLUMNS}
    parts["leader"] = [one.record.leader]
    for field in one.record.fields:
        if field.tag in table["control"]:
            parts["control"].append(field.value)
        elif field.tag in table["fixed"] and not parts["fixed"]:
            parts["fixed"].append(dict(reversed(field.subfields)).get("a", field.value))
        elif field.tag in _columns(one.form):
            body = "".join(f"{SUBFIELD_MARK}{code}{value}" for code, value in field.subfields)
            text = f"{field.tag}{field.indicators}{body}" if field.subfields else f"{field.tag}{field.value}"
            parts[_columns(one.form)[field.tag]].append(text)
    return {name: FIELD_MARK.join(values) for name, values in parts.items()}


def normalised(records: Sequence[Told]) -> pa.RecordBatch:
    """CONCEPT rows of some records."""
    rows = batch([raw_columns(one) for one in records]).batch
    forms = pa.array([one.form for one in records], pa.int8())
    return concepts(rows.set_column(rows.schema.get_field_index("format"), "format", forms), RULES)


@cache
def all_records() -> pa.Table:
    """CONCEPT rows of all records, in the order of `told`."""
    return pa.Table.from_batches([normalised(list(told().values()))])


@cache
def ends() -> tuple[Ints, Ints]:
    """The pairs by position in `all_records`."""
    place = {name: at for at, name in enumerate(told())}
    left, right = zip(*((place[one], place[other]) for one, other in named_pairs()), strict=True)
    return np.array(left), np.array(right)


@cache
def published() -> list[dict[str, object]]:
    """What the pairs are, as the stories write the records."""
    found: list[dict[str, object]] = judge(Concepts(all_records()), *ends(), RULES).to_pylist()
    return found


def beside(changed: pa.Table, both: bool = True) -> Iterator[list[dict[str, object]]]:
    """What the pairs are when the left record, the right one, or `both` are written otherwise."""
    left, right = ends()
    known, rows = Concepts(pa.concat_tables([all_records(), changed])), len(all_records())
    yield judge(known, left + rows, right, RULES).to_pylist()
    yield judge(known, left, right + rows, RULES).to_pylist()
    if both:
        yield judge(known, left + rows, right + rows, RULES).to_pylist()


def rewritten(change: Callable[[Told], Told]) -> pa.Table:
    """CONCEPT rows of all records after a change."""
    return pa.Table.from_batches([normalised([change(one) for one in told().values()])])
