"""Judge exactly the pairs that somebody names, without blocking, and compare the verdicts with their labels."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from dedup.compare.causes import diagnose
from dedup.compare.judge import judge
from dedup.compare.pairs import Concepts
from dedup.config import Config
from dedup.engine.base import Engine
from dedup.engine.duck import DuckEngine
from dedup.errors import InputError, problem
from dedup.model import Verdict
from dedup.rules import RuleSet
from dedup.stages import load
from dedup.stages.context import Context, Progress
from dedup.stages.material import material, telling
from dedup.tables import JUDGED

COLUMNS = ("left", "right", "verdict", "cause", "secondary", "score", "veto", "reason")
_SAME_LABELS = {"1": True, "0": False}
_AT_ONCE = 200_000
Found = tuple[str, str, str, float, str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """One line of a pairs file, as typed; `label` '' when there is none."""

    left: str
    right: str
    label: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A named pair and what it was found to be. `score` is None when a record could not be found."""

    pair: Named
    verdict: str
    cause: str
    secondary: str
    score: float | None
    veto: str
    reason: str

    @property
    def row(self) -> tuple[str, ...]:
        """The columns of pairs.csv."""
        score = "" if self.score is None else f"{self.score:.4f}"
        ends = (self.pair.left, self.pair.right)
        return (*ends, self.verdict, self.cause, self.secondary, score, self.veto, self.reason)


@dataclass(frozen=True, slots=True)
class Report:
    """How verdicts agree with labels. `agreeing` of `labelled` pairs; the three measures are of `same`."""

    labelled: int
    precision: float
    recall: float
    f1: float
    disagreements: tuple[Judgement, ...]


def read_pairs(path: Path) -> list[Named]:
    """The pairs of a CSV file with `left,right` and perhaps `label`. Raises InputError naming the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"left", "right"} <= set(reader.fieldnames or ()):
                found = f"the columns {reader.fieldnames}"
                raise InputError(problem(str(path), found, "left,right[,label]", "add the header row"))
            return [_named(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise InputError(
            problem(str(path), error.strerror or str(error), "a readable file", "check the name")
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(problem(str(path), str(error), "CSV in UTF-8", "save it as UTF-8")) from error


def _named(path: Path, line: int, row: dict[str, str | None]) -> Named:
    left, right, label = ((row.get(name) or "").strip() for name in ("left", "right", "label"))
    if not left or not right:
        raise InputError(problem(f"{path}:{line}", "an empty left or right", "two record ids", "complete the line"))
    if label and label not in _SAME_LABELS and label not in set(Verdict):
        wanted = f"1, 0 or one of {', '.join(Verdict)}"
        raise InputError(problem(f"{path}:{line}", f"label {label!r}", wanted, "correct it"))
    return Named(left, right, label)


@dataclass(frozen=True, slots=True)
class Material:
    """Where the records of the named pairs are: files, what is known of them, and who watches them being read."""

    inputs: tuple[Path, ...]
    config: Config
    progress: Progress
    threads: int = 2


def judge_pairs(pairs: Sequence[Named], material: Material, rules: RuleSet) -> list[Judgement]:
    """Load the records, judge every named pair, in the order given.

    A pair of which a record is not there, or is named by a control number that several sources have, is kept as
    `review` with that reason. Raises InputError when not one pair could be found.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
        engine = DuckEngine(threads=material.threads)
        try:
            scratch = Path(folder)
            load.run(
                Context(
                    engine,
                    rules,
                    material.config,
                    material.inputs,
                    scratch,
                    scratch,
                    material.progress,
                    material.threads,
                )
            )
            return _judged(pairs, engine, rules)
        finally:
            engine.close()


def _judged(pairs: Sequence[Named], engine: Engine, rules: RuleSet) -> list[Judgement]:
    known = _known(engine)
    places = [(known.get(pair.left), known.get(pair.right)) for pair in pairs]
    usable = [number for number, (left, right) in enumerate(places) if isinstance(left, int) and isinstance(right, int)]
    if pairs and not usable:
        wanted = "record ids (SOURCE/CONTROL) or control numbers of the input"
        raise InputError(problem("pairs", f"{pairs[0].left!r}, unknown like all others", wanted, "check INPUT"))
    ends = np.array([places[number] for number in usable], np.int64).reshape(-1, 2)
    verdicts = _verdicts(engine, rules, ends)
    found = dict(zip(usable, verdicts, strict=True))
    return [_judgement(pair, found.get(number), known) for number, pair in enumerate(pairs)]


def _known(engine: Engine) -> dict[str, int | str]:
    """The rid by record id, and by control number where one record has it; else why the name cannot be used."""
    table = engine.read("SELECT record_id, control FROM record ORDER BY rid")
    ids, controls = table["record_id"].to_pylist(), table["control"].to_pylist()
    counts = Counter(controls)
    known: dict[str, int | str] = {}
    for rid, control in enumerate(controls):
        many = f"control number {control!r} stands in {counts[control]} records: write SOURCE/CONTROL"
        known[control] = rid if counts[control] == 1 else many
    known.update(zip(ids, range(len(ids)), strict=True))
    known.pop("", None)
    return known


def _verdicts(engine: Engine, rules: RuleSet, ends: npt.NDArray[np.int64]) -> list[Found]:
    telling(engine, rules)
    concepts = Concepts(material(engine))
    rows: list[Found] = []
    for start in range(0, len(ends), _AT_ONCE):
        part = ends[start : start + _AT_ONCE]
        judged = judge(concepts, part[:, 0], part[:, 1], rules)
        why = diagnose(concepts, judged, rules)
        columns = [why.column("cause"), why.column("secondary")]
        columns[0:0] = [judged.column(JUDGED.get_field_index("verdict"))]
        columns += [judged.column(JUDGED.get_field_index(name)) for name in ("score", "veto", "reason")]
        rows.extend(zip(*(column.to_pylist() for column in columns), strict=True))
    return rows


def _judgement(pair: Named, found: Found | None, known: dict[str, int | str]) -> Judgement:
    if found is not None:
        return Judgement(pair, *found)
    reasons = [
        place if isinstance(place, str) else f"no record {name!r} in the input"
        for name in (pair.left, pair.right)
        if not isinstance(place := known.get(name), int)
    ]
    return Judgement(pair, str(Verdict.REVIEW), "", "", None, "", "; ".join(reasons))


def write_pairs(judgements: Iterable[Judgement], out: TextIO) -> None:
    """Every pair as a row of pairs.csv, in the order given."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(judgement.row for judgement in judgements)


def measure(judgements: Iterable[Judgement]) -> Report | None:
    """Precision, recall and F1 of `same` over the labelled pairs; None when there is no label."""
    labelled = [judgement for judgement in judgements if judgement.pair.label]
    if not labelled:
        return None
    said = [judgement.verdict == Verdict.SAME for judgement in labelled]
    meant = [_SAME_LABELS.get(one.pair.label, one.pair.label == Verdict.SAME) for one in labelled]
    both = sum(a and b for a, b in zip(said, meant, strict=True))
    precision, recall = both / max(sum(said), 1), both / max(sum(meant), 1)
    f1 = 2 * both / max(sum(said) + sum(meant), 1)
    apart = tuple(one for one, same in zip(labelled, meant, strict=True) if not _agrees(one, same))
    return Report(len(labelled), precision, recall, f1, apart)


def _agrees(judgement: Judgement, meant_same: bool) -> bool:
    if judgement.pair.label in _SAME_LABELS:
        return (judgement.verdict == Verdict.SAME) == meant_same
    return judgement.verdict == judgement.pair.label
