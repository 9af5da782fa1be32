"""How often the verdicts are right: labelled pairs through `dedup judge`, or a made catalogue's run against its truth.

Usage: python benchmarks/accuracy.py [--only NAME ...] [--results DIR]
       python benchmarks/accuracy.py made [--records 200000] [--seeds 1,2,3] [--results DIR]
       python benchmarks/accuracy.py --made DIR --run OUT [--results DIR]

Writes RESULTS/accuracy-NAME.csv (every disagreement, with what was compared), puts the figures into
RESULTS/accuracy.json beside those of other sets, prints a table.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.labelled import SETS, LabelledPair, LabelledSet  # noqa: E402
from benchmarks.made_runs import run_seeds  # noqa: E402
from benchmarks.made_truth import compare_run  # noqa: E402

_DISAGREEMENT = ("left", "right", "label", "verdict", "expected_cause", "cause", "veto", "reason", "note")


@dataclass(frozen=True, slots=True)
class Measure:
    """Precision, recall and F1 of `same`, with the counts they come from."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def judge(labelled: LabelledSet, folder: Path) -> list[dict[str, str]]:
    """The rows of `dedup judge` for the set's pairs, in order. Raises RuntimeError with its message when it fails."""
    pairs, out = folder / "pairs.csv", folder / "judged.csv"
    with pairs.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("left", "right"))
        writer.writerows((pair.left, pair.right) for pair in labelled.pairs)
    command = [sys.executable, str(ROOT / "cli.py"), "judge", *map(str, labelled.inputs)]
    done = subprocess.run([*command, "--pairs", str(pairs), "--out", str(out)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"dedup judge ended with {done.returncode}: {done.stderr.strip()}")
    with out.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def measure(pairs: Iterable[LabelledPair], verdicts: Iterable[str]) -> Measure:
    """Precision and recall of `same` over the labelled pairs."""
    answered = zip(pairs, verdicts, strict=True)
    counts = Counter((pair.label == "same", verdict == "same") for pair, verdict in answered if pair.label)
    return Measure(counts[True, True], counts[False, True], counts[True, False])


def agrees(pair: LabelledPair, verdict: str) -> bool:
    """Whether a verdict answers the label: a full verdict must be met, "not same" by anything but `same`."""
    return not pair.label or (verdict != "same" if pair.label == "not same" else verdict == pair.label)


def disagreements(labelled: LabelledSet, judged: list[dict[str, str]]) -> list[dict[str, str]]:
    """Every pair judged otherwise than labelled, then those judged so for another cause, with both records in short."""
    rows: list[dict[str, str]] = []
    only_cause: list[dict[str, str]] = []
    for pair, row in zip(labelled.pairs, judged, strict=True):
        other_cause = bool(pair.cause) and row["cause"] != pair.cause
        right = agrees(pair, row["verdict"])
        if right and not other_cause:
            continue
        more = {"label": pair.label, "expected_cause": pair.cause, "note": pair.note}
        shown = {"left_record": labelled.shown.get(pair.left, ""), "right_record": labelled.shown.get(pair.right, "")}
        (only_cause if right else rows).append({**row, **more, **shown})
    return rows + only_cause


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    known = list(_DISAGREEMENT)
    names = known + [name for name in (rows[0] if rows else {}) if name not in known]
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, names, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def run_set(name: str, results: Path) -> dict[str, Any]:
    """Judge one labelled set, write its disagreements, return its figures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "marc").mkdir()
        labelled = SETS[name](folder / "marc")
        judged = judge(labelled, folder)
    one = measure(labelled.pairs, [row["verdict"] for row in judged])
    wrong = disagreements(labelled, judged)
    _write_rows(results / f"accuracy-{name}.csv", wrong)
    answered = zip(labelled.pairs, judged, strict=True)
    counts = Counter(f"{pair.label or 'no label'} -> {row['verdict']}" for pair, row in answered)
    figures = {"precision": one.precision, "recall": one.recall, "f1": one.f1, "wrong": one.wrong, "missed": one.missed}
    verdicts = dict(sorted(counts.items()))
    return {"pairs": len(labelled.pairs), **figures, "disagreements": len(wrong), "verdicts": verdicts}


def _print(name: str, figures: dict[str, Any]) -> None:
    head = "  ".join(f"{key} {figures[key]:.4f}" for key in ("precision", "recall", "f1"))
    print(f"{name:18s} {figures['pairs']:7d} pairs  {head}  wrong {figures['wrong']}  missed {figures['missed']}")
    for key, count in figures.get("verdicts", figures.get("lowest_recall", {})).items():
        print(f"    {key:28s} {count}")


def _keep(path: Path, figures: dict[str, Any]) -> None:
    """Put figures into the file, beside those of sets that were not run now."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    told = json.dumps({**kept, **figures}, ensure_ascii=False, indent=1)
    path.write_text(told + "\n", encoding="utf-8")


def main() -> None:
    """Run the sets asked for, made catalogues, or compare one made catalogue's run with its truth."""
    options = argparse.ArgumentParser(description="Measure verdicts and causes against what is known.")
    options.add_argument("what", nargs="?", choices=("labelled", "made"), default="labelled")
    options.add_argument("--records", type=int, default=200_000, help="of each made catalogue")
    options.add_argument("--seeds", type=lambda text: [int(one) for one in text.split(",")], default=[1, 2, 3])
    options.add_argument("--only", nargs="+", choices=sorted(SETS), default=list(SETS))
    options.add_argument("--made", type=Path, help="folder written by make_records.py")
    options.add_argument("--run", type=Path, help="what `dedup run` wrote for DIR/marc")
    options.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = options.parse_args()
    given.results.mkdir(parents=True, exist_ok=True)
    if given.what == "made":
        figures = {"made": run_seeds(given.records, given.seeds, given.results)}
    elif given.made and given.run:
        figures = {"made": compare_run(given.made / "truth", given.run / "data", given.results / "accuracy-made.csv")}
    else:
        figures = {name: run_set(name, given.results) for name in given.only}
    for name, one in figures.items():
        _print(name, one.get("together", one))
    _keep(given.results / "accuracy.json", figures)


if __name__ == "__main__":
    main()
